"""Files in the directory `POLYKERNEL_MEDIA` come back as media."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from polykernel_runner.protocol import Finished, Html, Log, Media, Output, decode_record

if TYPE_CHECKING:
    from polykernel_runner.protocol import Record
    from support.kernels import Kernel, Kernels

DRAW = """
cd "$POLYKERNEL_MEDIA"; ls -A; printf PNG > 2.PNG; printf '<svg/>' > 1.svg; printf '<b>' > 3.html
echo no picture > notes.txt; ln -s /etc/hostname 4.png; mkfifo 5.png; mkdir 6.png; echo drawn
"""
SHOWN = [
    Media("image/svg+xml", "<svg/>"),
    Media("image/png", "data:image/png;base64,UE5H"),
    Html("<b>"),
]


@pytest.fixture(scope="module")
def kernel(launcher_kernels: Kernels) -> Kernel:
    return launcher_kernels.start()


def records(kernel: Kernel, **job: object) -> list[Record]:
    kernel.seen.clear()
    kernel.run(**job)
    return [decode_record(frames) for frames in kernel.seen]


@pytest.mark.parametrize(
    "job",
    [{"files": {"main.sh": DRAW}}, {"exec": DRAW}, {"code": DRAW}],
    ids=["batch", "command", "query"],
)
def test_pictures_come_by_name_behind_the_output_and_are_gone(
    kernel: Kernel, job: dict[str, object]
) -> None:
    for _ in range(2):
        got = [item for item in records(kernel, **job) if not isinstance(item, Log)]
        assert got[:4] == [Output("stdout", b"drawn\n"), *SHOWN]
        assert isinstance(got[-1], Finished)
        assert got[-1].verdict == "ok"


def test_a_program_that_failed_shows_what_it_had(kernel: Kernel) -> None:
    got = records(kernel, exec='printf "<svg/>" > "$POLYKERNEL_MEDIA/a.svg"; exit 3')
    assert SHOWN[0] in got


def test_pictures_count_as_output(kernel: Kernel) -> None:
    draw = 'head -c 2000 /dev/zero > "$POLYKERNEL_MEDIA/a.png"'
    got = records(kernel, exec=draw, limits={"output": 1000})
    assert not any(isinstance(item, Media) for item in got)
    assert any("'a.png' is larger than limits.output" in line for line in kernel.logged())
