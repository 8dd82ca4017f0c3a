"""What programs can leave in a container's memory does not take it from the runner."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractAsyncContextManager

    from polykernel import Kernel

    Fresh = Callable[..., AbstractAsyncContextManager[Kernel]]

pytestmark = pytest.mark.parametrize("lang", ["c"])

# All that outlives a program: the bytes and the files of each tmpfs, and System V's IPC.
GREEDY = r"""
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <unistd.h>

static char block[1 << 16];

static long fill(const char *directory) {
    char path[64];
    long written = 0;
    ssize_t count;
    snprintf(path, sizeof path, "%s/full", directory);
    int file = open(path, O_CREAT | O_WRONLY, 0600);
    while ((count = write(file, block, sizeof block)) > 0) written += count;
    int error = errno;
    for (int number = 0; file >= 0; number++) {
        snprintf(path, sizeof path, "%s/empty-%d", directory, number);
        close(file);
        file = open(path, O_CREAT | O_WRONLY, 0600);
    }
    printf("%s: %s, then %s\n", directory, strerror(error), strerror(errno));
    return written;
}

static long share(void) {
    long size = 0;
    for (long piece = 1 << 24; piece >= 4096; piece /= 2) {
        int id;
        while ((id = shmget(IPC_PRIVATE, piece, IPC_CREAT | 0600)) >= 0) {
            memset(shmat(id, NULL, 0), 1, piece);
            size += piece;
        }
    }
    int queue;
    while ((queue = msgget(IPC_PRIVATE, IPC_CREAT | 0600)) >= 0) {
        struct { long type; char text[4096]; } message = { .type = 1 };
        while (msgsnd(queue, &message, sizeof message.text, IPC_NOWAIT) == 0) size += 4096;
    }
    while (semget(IPC_PRIVATE, 250, IPC_CREAT | 0600) >= 0) size += 250 * 64;
    return size;
}

int main(void) {
    memset(block, 'x', sizeof block);
    long held = share();
    const char *places[] = { "/dev/shm", "/var/tmp", "/tmp", "/home/work" };
    for (int place = 0; place < 4; place++) held += fill(places[place]);
    printf("%ld\n", held);
    return 0;
}
"""


@pytest.mark.parametrize("memory", [256 << 20, 512 << 20])
async def test_who_fills_all_that_can_be_filled_does_not_end_the_kernel(
    fresh: Fresh, memory: int
) -> None:
    async with fresh(memory=memory) as kernel:
        greedy = await kernel.run({"main.c": GREEDY})
        assert greedy.verdict == "ok", greedy.stderr.decode()
        *places, held = greedy.text.splitlines()

        # It is all still there, and yet the next one runs.
        left = await kernel.execute("exec", "df --output=pcent /tmp | tail -n 1; ipcs -m | wc -l")
        after = await kernel.run({"main.c": 'int puts(const char *); int main() { puts("hi"); }'})

    assert places == [
        f"{place}: No space left on device, then No space left on device"
        for place in ("/dev/shm", "/var/tmp", "/tmp", "/home/work")
    ]
    assert 0.7 * memory < int(held) < 0.8 * memory
    assert left.text.split()[0] == "100%"
    assert after.text == "hi\n"
