"""What programs cannot ask of the machine's kernel, and what they still can."""

from __future__ import annotations

import errno
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractAsyncContextManager
    from pathlib import Path

    from polykernel import Kernel

    Fresh = Callable[..., AbstractAsyncContextManager[Kernel]]

REFUSED = (errno.EPERM, errno.ENOSYS)

# The numbers are those of x86-64 where an architecture has others.
IN_C = r"""
#define _GNU_SOURCE
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static char zeros[256];

static void tell(const char *name, long result) {
    printf("%s %d\n", name, result == -1 ? errno : 0);
}

int main(void) {
    setvbuf(stdout, NULL, _IONBF, 0);
    tell("io_uring_setup", syscall(SYS_io_uring_setup, 1, zeros));
    tell("vsock", socket(40, SOCK_STREAM, 0));
    tell("vsock-with-a-high-half", syscall(SYS_socket, 0x100000028UL, SOCK_STREAM, 0));
    tell("af_alg", socket(AF_ALG, SOCK_SEQPACKET, 0));
#ifdef SYS_modify_ldt
    tell("modify_ldt", syscall(SYS_modify_ldt, 1, zeros, 16));
#endif
    tell("add_key", syscall(SYS_add_key, "user", "name", "x", 1, -2));
    tell("request_key", syscall(SYS_request_key, "user", "name", NULL, -2));
    tell("keyctl", syscall(SYS_keyctl, 0, -2, 1));
    tell("unshare", unshare(CLONE_NEWUSER));
    tell("clone-user", syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0));
    tell("clone3", syscall(SYS_clone3, zeros, 64));
    tell("userfaultfd", syscall(SYS_userfaultfd, 1));
    tell("bpf", syscall(SYS_bpf, 0, zeros, sizeof zeros));
    tell("perf_event_open", syscall(SYS_perf_event_open, zeros, 0, -1, -1, 0));
    tell("no-random-addresses", syscall(SYS_personality, 0x40000));
    tell("mount", syscall(SYS_mount, "none", "/tmp", "tmpfs", 0, NULL));
    tell("fsopen", syscall(SYS_fsopen, "tmpfs", 0));
    tell("open_by_handle_at", syscall(SYS_open_by_handle_at, -100, zeros, 0));
    tell("process_madvise", syscall(SYS_process_madvise, -1, zeros, 1, 0, 0));
    puts("--");
    tell("fork", fork() == 0 ? (_exit(0), 0) : 0);
    wait(NULL);
    tell("inet", socket(AF_INET, SOCK_STREAM, 0));
    tell("netlink", socket(AF_NETLINK, SOCK_RAW, 0));
    tell("close_range", syscall(SYS_close_range, 100, 200, 0));
    long landlock = syscall(SYS_landlock_create_ruleset, NULL, 0, 1);
    tell("landlock", landlock == -1 && errno == EPERM ? -1 : 0);
    tell("pidfd_open", syscall(SYS_pidfd_open, getpid(), 0));
    pid_t child = fork();
    if (child == 0) {
        pause();
    }
    tell("ptrace", ptrace(PTRACE_ATTACH, child, NULL, NULL));
    kill(child, SIGKILL);
    return 0;
}
"""
IN_PYTHON = """
import ctypes, platform, socket
libc = ctypes.CDLL(None, use_errno=True)
zeros = ctypes.create_string_buffer(256)
x86 = platform.machine() == "x86_64"

def tell(name, result):
    print(name, ctypes.get_errno() if result == -1 else 0)

tell("io_uring_setup", libc.syscall(425, 1, zeros))
tell("vsock", libc.socket(40, 1, 0))
tell("add_key", libc.syscall(248 if x86 else 217, b"user", b"name", b"x", 1, -2))
tell("unshare", libc.unshare(0x10000000))
if x86:
    tell("modify_ldt", libc.syscall(154, 1, zeros, 16))
"""


def told(text: str) -> dict[str, int]:
    return {name: int(number) for name, number in map(str.split, text.strip().splitlines())}


@pytest.mark.parametrize("lang", ["c"])
async def test_a_program_is_refused_what_it_need_not_have(kernel: Kernel) -> None:
    result = await kernel.run({"main.c": IN_C})
    assert result.verdict == "ok", result.stderr.decode()
    refused, fine = map(told, result.text.split("--\n"))

    assert {name: code for name, code in refused.items() if code not in REFUSED} == {}
    assert refused["clone3"] == refused["io_uring_setup"] == errno.ENOSYS
    assert len(refused) >= 18
    assert {name: code for name, code in fine.items() if code} == {}


@pytest.mark.parametrize("lang", ["python"])
async def test_a_query_is_refused_the_same(kernel: Kernel) -> None:
    for result in (await kernel.query(IN_PYTHON), await kernel.run({"main.py": IN_PYTHON})):
        refused = told(result.text)
        assert len(refused) >= 4, result.stderr.decode()
        assert {name: code for name, code in refused.items() if code not in REFUSED} == {}


@pytest.mark.parametrize("lang", ["c"])
async def test_a_call_of_another_abi_ends_the_process(kernel: Kernel) -> None:
    # getpid by the gate of 32-bit programs; elsewhere there is no such gate.
    gate = 'int main() { int r; __asm__("int $0x80" : "=a"(r) : "a"(20)); return r > 0 ? 0 : 9; }'
    machine = await kernel.execute("exec", "uname -m")
    result = await kernel.run({"main.c": gate})

    if machine.text == "x86_64\n":
        assert (result.verdict, result.signal) == ("signal", "SIGSYS")
    else:
        assert result.build is not None
        assert result.build.verdict == "error"


@pytest.mark.parametrize("lang", ["c"])
async def test_another_profile_can_be_given(fresh: Fresh, tmp_path: Path) -> None:
    profile = tmp_path / "profile.json"
    profile.write_text(
        '{"defaultAction": "SCMP_ACT_ALLOW",'
        ' "syscalls": [{"names": ["sethostname"], "action": "SCMP_ACT_ERRNO", "errnoRet": 99}]}'
    )
    program = "int sethostname(const char *, long); extern int *__errno_location(void);"
    program += 'int main() { return sethostname("x", 1) ? *__errno_location() : 0; }'

    async with fresh(seccomp=profile) as kernel:
        mine = await kernel.run({"main.c": program})
    async with fresh(seccomp="engine") as kernel:
        engines = await kernel.run({"main.c": program})

    assert (mine.exit_code, engines.exit_code) == (99, errno.EPERM)
