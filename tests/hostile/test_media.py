"""What lies in POLYKERNEL_MEDIA is shown within bounds, and nobody waits for the rest of it."""

from __future__ import annotations

import base64
import logging
from typing import TYPE_CHECKING

import pytest

from driving.hostile import MIB, ROOMY, victim

if TYPE_CHECKING:
    from driving.hostile import Attack
    from polykernel import Media

# Of one run.
MOST_PICTURES = 256
MOST_BYTES = 64 * MIB

IN_C = r"""
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
static void make(const char *pattern, int count, off_t size) {
    char name[64];
    for (int n = 0; n < count; n++) {
        snprintf(name, sizeof name, pattern, n);
        int fd = creat(name, 0600);
        if (fd < 0 || (size && ftruncate(fd, size))) { perror(name); exit(1); }
        close(fd);
    }
}
int main(int argc, char **argv) {
    const char *what = argc > 1 ? argv[1] : "";
    if (chdir(getenv("POLYKERNEL_MEDIA"))) return 1;
    if (!strcmp(what, "files")) make("%d", 60000, 0);
    if (!strcmp(what, "empty")) make("%d.png", 60000, 0);
    if (!strcmp(what, "sparse")) make("%d.png", 500, 60L << 20);
    if (!strcmp(what, "deep"))
        for (int n = 0; n < 30000; n++)
            if (mkdir("d.png", 0700) || chdir("d.png")) return 2;
    if (!strcmp(what, "kinds")) {
        mkfifo("fifo.png", 0600);
        mkdir("directory.png", 0);
        if (symlink("/dev/zero", "zero.png") || symlink("/dev/stdin", "stdin.png") ||
            symlink("/etc/passwd", "passwd.png") || symlink("loop.png", "loop.png"))
            return 3;
        close(creat("closed.png", 0));
        if (link("closed.png", "hard.png")) return 4;
    }
    puts("made");
}
"""
IN_PYTHON = {
    "empty": """
import os
for n in range(20_000):
    os.close(os.open(f"{os.environ['POLYKERNEL_MEDIA']}/{n}.svg", os.O_CREAT))
print("made")
""",
    "sparse": """
import os
for n in range(500):
    with open(f"{os.environ['POLYKERNEL_MEDIA']}/{n}.png", "w") as file:
        file.truncate(60 << 20)
print("made")
""",
}
ATTACKS = [
    *(("c", name) for name in ("files", "empty", "sparse", "deep")),
    *(("python", name) for name in IN_PYTHON),
]


def program(lang: str, name: str) -> dict[str, str]:
    return {"main.c": IN_C} if lang == "c" else {"main.py": IN_PYTHON[name]}


def shown(attack: Attack) -> int:
    """The bytes of all pictures that were shown."""
    return sum(len(_bytes(media)) for media in attack.media)


def _bytes(media: Media) -> bytes:
    _, marker, encoded = str(media.data).partition(";base64,")
    return base64.b64decode(encoded) if marker else str(media.data).encode()


@pytest.mark.parametrize(("lang", "name"), ATTACKS)
async def test_too_much_is_left_out_and_nobody_waits_for_it(
    lang: str, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, logger="polykernel.log")
    async with victim(lang, memory=ROOMY) as it:
        attack = await it.attack(program(lang, name), args=[name], wall_time=10, verdicts=["ok"])
        print(f"{len(attack.media)} pictures, {shown(attack) / MIB:.0f} MiB")  # noqa: T201
        await it.recovers()

    assert attack.text == "made\n"
    assert len(attack.media) <= MOST_PICTURES
    assert shown(attack) <= MOST_BYTES
    if name in {"empty", "sparse"}:
        told = [text for text in caplog.messages if "left out" in text or "picture" in text]
        assert told, f"no log record says what was left out: {caplog.messages}"


@pytest.mark.parametrize("lang", ["c"])
async def test_what_only_has_a_pictures_name_is_not_shown(lang: str) -> None:
    async with victim(lang) as it:
        attack = await it.attack(program(lang, "kinds"), args=["kinds"], verdicts=["ok"])
        await it.recovers()

    assert attack.text == "made\n"
    assert attack.media == []
