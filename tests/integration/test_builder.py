"""Building, seen by someone who changes the tree: in a copy of it, on the real engine."""

from __future__ import annotations

import os
import pty
import re
import shutil
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest
from rich.console import Console

from driving.containers import remove_images
from driving.copies import copied, invoking
from polykernel_builder import engine
from polykernel_builder.catalog import Tree
from polykernel_builder.errors import BuildFailedError, DefinitionError
from polykernel_builder.images import Builder, Options
from polykernel_builder.progress import progress

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from docker import DockerClient

pytestmark = [pytest.mark.parametrize("lang", ["c"]), pytest.mark.deadline(180)]

REBUILD_LIMIT = 10.0


@pytest.fixture
def client() -> Iterator[DockerClient]:
    client = engine.connect().client
    yield client
    client.close()


@pytest.fixture
def copy(tmp_path: Path, lang: str, client: DockerClient) -> Iterator[Tree]:
    """In it is the language `trial`, the same as `lang`."""
    tree = copied(tmp_path / "copy")
    shutil.copytree(tree.root / "languages" / lang, tree.root / "languages" / "trial")
    yield tree
    remove_images(client, "polykernel/trial")


@pytest.fixture
def build(copy: Tree, client: DockerClient) -> Callable[[], str]:
    """Builds the language `trial`; returns the image's id."""

    def build_trial(options: Options = Options()) -> str:  # noqa: B008
        with progress(Console(stderr=True)) as shown:
            Builder(copy, client, shown, options).build([copy.language("trial")])
        return str(client.images.get("polykernel/trial:latest").id)

    return build_trial


def test_a_change_of_the_runner_is_in_the_image_within_seconds(
    copy: Tree, build: Callable[[], str], client: DockerClient
) -> None:
    build()
    path = copy.runner / "polykernel_runner" / "language.py"
    with path.open("a", encoding="utf-8") as file:
        file.write("CHANGED = 'by a test'\n")
    started = time.monotonic()
    image = build()
    assert time.monotonic() - started < REBUILD_LIMIT
    code = "from polykernel_runner.language import CHANGED; print(CHANGED)"
    command = ["/opt/polykernel/env/bin/python", "-I", "-c", code]
    output = client.containers.run(image, entrypoint=command, command=[], remove=True)
    assert output == b"by a test\n"


def test_the_same_source_gives_the_same_layers(
    copy: Tree, build: Callable[[], str], client: DockerClient
) -> None:
    first = build()
    assert build() == first
    (copy.runner / "polykernel_runner" / "language.py").touch()
    shutil.rmtree(copy.language("trial").vendor)
    layers = [client.images.get(image).attrs["RootFS"]["Layers"] for image in (first, build())]
    assert layers[0] == layers[1]


def test_labels_and_tags_are_there(build: Callable[[], str], client: DockerClient) -> None:
    image = client.images.get(build())
    assert image.labels["ai.polykernel.language"] == "trial"
    assert image.labels["ai.polykernel.toolchain-version"][0].isdigit()
    assert image.labels["org.opencontainers.image.base.name"] == "polykernel/base:latest"
    base = client.images.get("polykernel/base:latest")
    assert image.labels["org.opencontainers.image.base.digest"] == base.id
    version = image.labels["org.opencontainers.image.version"]
    assert set(image.tags) == {"polykernel/trial:latest", f"polykernel/trial:{version}"}


def test_a_failed_step_is_shown_with_its_last_lines(copy: Tree, build: Callable[[], str]) -> None:
    path = copy.language("trial").directory / "Dockerfile"
    with path.open("a", encoding="utf-8") as file:
        file.write("RUN seq 1 100 && echo alas && false\n")
    with pytest.raises(BuildFailedError) as caught:
        build()
    text = str(caught.value)
    assert "polykernel/trial could not be built; it failed at step" in text
    assert "RUN seq 1 100" in text
    assert "  | 99\n  | 100\n  | alas\n" in text
    assert "  | 1" not in text.splitlines()


@pytest.mark.parametrize(("key", "value"), [("pattern", "'no (such) text'"), ("command", "['no']")])
def test_a_version_that_cannot_be_asked_is_named(
    copy: Tree, build: Callable[[], str], client: DockerClient, key: str, value: str
) -> None:
    path = copy.language("trial").directory / "language.toml"
    text = path.read_text(encoding="utf-8")
    path.write_text(re.sub(rf"^{key} = .*", f"{key} = {value}", text, flags=re.MULTILINE))
    with pytest.raises(DefinitionError) as caught:
        build()
    assert str(caught.value).startswith(f"{path}: version.{key}: 'no")
    assert client.images.list("polykernel/trial") == []


def test_certificates_are_seen_by_a_build_stage_only(
    copy: Tree, build: Callable[[Options], str], client: DockerClient
) -> None:
    ca = copy.root / "ca.pem"
    ca.write_text("the host's certificates\n")
    path = copy.language("trial").directory / "Dockerfile"
    stage = "FROM debian:trixie-slim AS get\nCOPY vendor/ca /ca\nRUN wc -c < /ca/host.crt > /size\n"
    with path.open("a", encoding="utf-8") as file:
        file.write("COPY --from=get /size /size\n")
    path.write_text(stage + path.read_text(encoding="utf-8"), encoding="utf-8")
    image = build(Options(ca_bundle=ca))
    command = ["sh", "-c", "cat /size && test ! -e /ca"]
    output = client.containers.run(image, entrypoint=command, command=[], remove=True)
    assert output.split() == [b"24"]


def test_a_shell_is_on_the_terminal_of_who_asks(lang: str) -> None:
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "invoke", "shell", "--lang", lang]
    root = Tree.here().root
    with subprocess.Popen(command, cwd=root, stdin=theirs, stdout=theirs, stderr=theirs) as shell:
        os.write(ours, b"echo $((6 * 7)) as $(whoami) in $PWD; exit 3\n")
        try:
            assert shell.wait(timeout=30) == 3
        finally:
            shell.kill()
    output = os.read(ours, 65536).decode()
    os.close(ours)
    os.close(theirs)
    assert "42 as work in /home/work" in output


def test_a_new_language_builds_passes_and_runs(copy: Tree) -> None:
    shutil.rmtree(copy.language("trial").directory)

    def invoke(*words: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
        with invoking(copy, *words) as process:
            out, err = process.communicate(stdin)
        return subprocess.CompletedProcess(words, process.returncode, out, err)

    made = invoke("new", "--lang", "trial")
    assert made.returncode == 0, made.stderr
    assert "made languages/trial" in made.stderr
    built = invoke("build", "--lang", "trial")
    assert built.returncode == 0, built.stderr
    tested = invoke("test", "--lang", "trial")
    assert tested.returncode == 0, tested.stdout + tested.stderr
    assert " passed" in tested.stdout
    program = copy.root / "my program.sh"
    program.write_text('printf "%s|" "$@"; cat; exit 7\n')
    ran = invoke("run", "--lang", "trial", str(program), "a b", "--n=3", "-x", stdin="typed\n")
    assert (ran.returncode, ran.stdout) == (7, "a b|--n=3|-x|typed\n"), ran.stderr
    read = invoke("run", "--lang", "trial", "-", stdin="echo from stdin")
    assert (read.returncode, read.stdout) == (0, "from stdin\n"), read.stderr
