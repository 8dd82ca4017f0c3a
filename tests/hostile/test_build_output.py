"""What was built is what runs later, whatever a program did to it."""

from __future__ import annotations

import pytest

from driving.hostile import victim

# The first argument says what to do to the program itself.
TAMPERS = r"""
#define _GNU_SOURCE
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
static const char evil[] = "#!/bin/sh\necho evil\n";
static void put(const char *path) {
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0755);
    if (fd < 0 || write(fd, evil, sizeof evil - 1) < 0) perror(path);
    close(fd);
}
int main(int argc, char **argv) {
    char own[PATH_MAX] = {0}, other[PATH_MAX + 16];
    puts("original");
    if (argc < 2 || readlink("/proc/self/exe", own, sizeof own - 1) < 0) return 0;
    if (!strcmp(argv[1], "replace")) { unlink(own); put(own); }
    if (!strcmp(argv[1], "move")) {
        char *directory = dirname(strdup(own));
        snprintf(other, sizeof other, "%s.old", directory);
        if (rename(directory, other) || mkdir(directory, 0755)) perror(directory);
        put(own);
    }
    if (!strcmp(argv[1], "beside")) {
        char *directory = dirname(dirname(strdup(own)));
        for (int n = 0; n < 3; n++) {
            snprintf(other, sizeof other, "%s/left-%d", directory, n);
            put(other);
        }
        snprintf(other, sizeof other, "%s/left", dirname(strdup(own)));
        put(other);
    }
    if (!strcmp(argv[1], "close")) chmod(dirname(strdup(own)), 0);
    if (!strcmp(argv[1], "remove")) unlink(own);
    return 0;
}
"""


@pytest.mark.parametrize("lang", ["c"])
@pytest.mark.parametrize("how", ["replace", "move", "beside", "close", "remove"])
async def test_a_program_cannot_change_what_was_built(lang: str, how: str) -> None:
    async with victim(lang) as it:
        first = await it.attack({"main.c": TAMPERS}, args=[how], verdicts=["ok"])
        again = await it.kernel.run(build=False, stdin="")
        await it.recovers()

    assert first.text == "original\n"
    assert (again.text, again.verdict) == ("original\n", "ok"), again.reason


RUST = r"""
use std::{env, fs, os::unix::fs::PermissionsExt};
fn main() {
    println!("original");
    if env::args().count() > 1 {
        let own = env::current_exe().unwrap();
        let _ = fs::remove_file(&own);
        let _ = fs::write(&own, "#!/bin/sh\necho evil\n");
        let _ = fs::set_permissions(&own, fs::Permissions::from_mode(0o755));
    }
}
"""


@pytest.mark.parametrize("lang", ["rust"])
async def test_a_rust_program_cannot_either(lang: str) -> None:
    async with victim(lang) as it:
        first = await it.attack({"main.rs": RUST}, args=["replace"], verdicts=["ok"])
        again = await it.kernel.run(build=False, stdin="")
        await it.answers_right()

    assert (first.text, again.text) == ("original\n", "original\n")
