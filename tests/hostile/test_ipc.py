"""What programs say to each other by System V and POSIX means is gone for the next job."""

from __future__ import annotations

import pytest

from driving.hostile import victim

SYSTEM_V = r"""
#include <stdio.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>
int main(void) {
    struct { long kind; char text[16]; } message = {1, "left behind"};
    int memory = shmget(0x1234, 1 << 20, IPC_CREAT | 0666);
    strcpy(shmat(memory, NULL, 0), message.text);
    int queue = msgget(0x1234, IPC_CREAT | 0666);
    int sent = msgsnd(queue, &message, sizeof message.text, 0);
    int semaphores = semget(0x1234, 8, IPC_CREAT | 0666);
    for (int n = 0; n < 200; n++) msgget(IPC_PRIVATE, 0);
    for (int n = 0; n < 50; n++) shmget(IPC_PRIVATE, 4096, 0);
    puts(memory < 0 || queue < 0 || sent || semaphores < 0 ? "refused" : "left");
}
"""
POSIX = r"""
#include <fcntl.h>
#include <mqueue.h>
#include <semaphore.h>
#include <stdio.h>
#include <sys/mman.h>
int main(void) {
    /* Small: all users of one number share what there is of such memory. */
    struct mq_attr small = {.mq_maxmsg = 1, .mq_msgsize = 16};
    mqd_t queue = mq_open("/left", O_CREAT | O_RDWR, 0666, &small);
    int sent = mq_send(queue, "left behind", 12, 1);
    sem_t *semaphore = sem_open("/left", O_CREAT, 0666, 1);
    int memory = shm_open("/memory", O_CREAT | O_RDWR, 0666);
    if (queue < 0 || sent) perror("mqueue");
    puts(queue < 0 || sent || semaphore == SEM_FAILED || memory < 0 ? "refused" : "left");
}
"""
FROM_PYTHON = """
import ctypes, os
libc = ctypes.CDLL(None, use_errno=True)
memory = libc.shmget(0x1234, 1 << 20, 0o1666)
queue = libc.msgget(0x1234, 0o1666)
semaphores = libc.semget(0x1234, 8, 0o1666)
small = (ctypes.c_long * 8)(0, 1, 16)  # flags, messages, bytes of each
posix = libc.mq_open(b"/left", os.O_CREAT | os.O_RDWR, 0o666, small)
sent = libc.mq_send(posix, b"left behind", 11, 1)
print("refused" if min(memory, queue, semaphores, posix, sent) < 0 else "left")
"""
# A kernel need not allow what nobody needs.
LEFT_OR_REFUSED = ("left\n", "refused\n")


@pytest.mark.parametrize(
    ("lang", "files"),
    [
        pytest.param("c", {"main.c": SYSTEM_V}, id="c-system-v"),
        pytest.param("c", {"main.c": POSIX}, id="c-posix"),
        pytest.param("python", {"main.py": FROM_PYTHON}, id="python-both"),
    ],
)
async def test_the_next_job_finds_no_message_of_the_one_before(
    lang: str, files: dict[str, str]
) -> None:
    async with victim(lang) as it:
        attack = await it.attack(files, verdicts=["ok"])
        await it.recovers()

    assert attack.text in LEFT_OR_REFUSED


@pytest.mark.parametrize("lang", ["python"])
async def test_a_job_finds_no_message_of_a_session_that_was_reset(lang: str) -> None:
    look = "tail -q -n +2 /proc/sysvipc/*; ls /dev/mqueue"
    async with victim(lang) as it:
        attack = await it.attack_session(FROM_PYTHON, verdicts=["ok"])
        await it.kernel.reset()
        found = await it.kernel.run({"empty": ""}, build=False, exec=look)
        await it.answers_right()

    assert attack.text in LEFT_OR_REFUSED
    assert found.text == ""
