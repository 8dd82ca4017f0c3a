"""The command `polykernel`, as it is typed."""

from __future__ import annotations

import signal
import subprocess
from typing import TYPE_CHECKING

import pytest

from driving.client_process import gone
from driving.command import COMMAND
from polykernel.owner import this_process

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.parametrize("lang", ["python"])

GREET = """\
import sys
print("args", sys.argv[1:])
print("name?", end=" ", flush=True)
print("hello", sys.stdin.buffer.readline().decode().strip())
print("rest", sys.stdin.buffer.read(), file=sys.stderr)
sys.exit(3)
"""


def polykernel(*words: str, stdin: bytes = b"") -> tuple[int, bytes, bytes]:
    done = subprocess.run(
        [*COMMAND, *words], input=stdin, capture_output=True, check=False, timeout=60
    )
    return done.returncode, done.stdout, done.stderr


def test_run_passes_everything_through(lang: str, tmp_path: Path) -> None:
    tmp_path.joinpath("main.py").write_text(GREET)

    code, out, err = polykernel("run", lang, f"{tmp_path}/main.py", "-x", "y z", stdin=b"Ada\n\xff")

    assert (code, out) == (3, b"args ['-x', 'y z']\nname? hello Ada\n")
    assert err == b"rest b'\\xff'\n"


def test_run_sends_whole_directories_and_more_files(lang: str, tmp_path: Path) -> None:
    program = tmp_path / "program"
    program.joinpath("part").mkdir(parents=True)
    program.joinpath("main.py").write_text("from part import x; print(x, open('extra').read())")
    program.joinpath("part", "__init__.py").write_text("x = 5")
    tmp_path.joinpath("extra").write_text("more")

    ran = polykernel("run", "--file", f"{tmp_path}/extra", lang, str(program))

    assert ran == (0, b"5 more\n", b"")


def test_a_program_from_stdin(lang: str) -> None:
    assert polykernel("run", lang, "-", stdin=b"print(6 * 7)") == (0, b"42\n", b"")


def test_query(lang: str) -> None:
    assert polykernel("query", lang, "6 * 7") == (0, b"42\n", b"")


def test_what_a_limit_did_is_said(lang: str, tmp_path: Path) -> None:
    tmp_path.joinpath("main.py").write_text("while True: pass")

    code, _, err = polykernel("run", "--limit", "wallTime=0.5", lang, f"{tmp_path}/main.py")

    assert code == 128 + signal.SIGKILL
    assert err.startswith(b"polykernel: time-limit")


def test_hello_and_images(lang: str) -> None:
    code, out, _ = polykernel("hello", lang)
    assert code == 0
    assert f'"language": "{lang}"'.encode() in out

    code, out, _ = polykernel("images")
    assert code == 0
    assert f"polykernel/{lang}:latest".encode() in out


def test_a_language_without_an_image_is_one_line_of_advice(lang: str, tmp_path: Path) -> None:
    assert lang
    tmp_path.joinpath("x").touch()

    code, out, err = polykernel("run", "nonesuch", f"{tmp_path}/x")

    assert (code, out) == (125, b"")
    assert err.startswith(b"polykernel: there is no image polykernel/nonesuch:latest: build it")
    assert err.count(b"\n") == 1


def test_ctrl_c_interrupts_the_program_and_nothing_stays(lang: str, tmp_path: Path) -> None:
    tmp_path.joinpath("main.py").write_text(
        "import time\nprint('up', flush=True)\n"
        "try: time.sleep(1000)\nexcept KeyboardInterrupt: print('cleaned up'); raise SystemExit(9)"
    )
    process = subprocess.Popen(
        [*COMMAND, "run", lang, f"{tmp_path}/main.py"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == b"up\n"

    process.send_signal(signal.SIGINT)
    out, _ = process.communicate(timeout=30)

    assert (process.returncode, out) == (9, b"cleaned up\n")
    assert gone((this_process() or "").rpartition("/")[0])
