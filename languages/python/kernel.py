"""Starts the IPython kernel, in the user's Python.

The kernel leaves descriptors 1 and 2 alone, so what child processes and C libraries write is
passed on as it is, and none of it is late. What Python printed before must not come behind that.
"""

import sys

from ipykernel.kernelapp import IPKernelApp

_STARTS_A_PROCESS = {"os.fork", "os.forkpty", "os.posix_spawn", "os.system", "subprocess.Popen"}


def _flush(event: str, _arguments: tuple[object, ...]) -> None:
    if event in _STARTS_A_PROCESS:
        sys.stdout.flush()
        sys.stderr.flush()


sys.addaudithook(_flush)
IPKernelApp.launch_instance(capture_fd_output=False)
