"""Starts the IPython kernel, in the user's Python.

The kernel leaves descriptors 1 and 2 alone, so what child processes and C libraries write is
passed on as it is, and none of it is late. What Python printed before must not come behind that.

What is printed goes out in pieces, and who prints waits while too many of them have not been
taken. By itself ipykernel keeps what it has not sent, its publisher drops what it cannot send, and
IPython keeps a copy of everything.
"""

import contextlib
import sys

import zmq
from ipykernel import iostream, kernelapp
from IPython.core.interactiveshell import InteractiveShell

_STARTS_A_PROCESS = {"os.fork", "os.forkpty", "os.posix_spawn", "os.system", "subprocess.Popen"}
_PIECE = 32 * 1024
_PIECES_UNDER_WAY = 32
_FOR_EVER = 1e6


class _OutStream(iostream.OutStream):
    flush_timeout = _FOR_EVER
    _unsent = 0

    def write(self, string: str) -> int | None:
        if not isinstance(string, str) or self._unsent + len(string) <= _PIECE:
            written = super().write(string)
            self._unsent += len(string)
            return written
        for start in range(0, len(string), _PIECE):
            super().write(string[start : start + _PIECE])
            self.flush()
        return len(string)

    def flush(self) -> None:
        self._unsent = 0
        super().flush()


class IPKernelApp(kernelapp.IPKernelApp):
    """The same, whose publisher waits for who reads."""

    def init_iopub(self, context: zmq.Context[zmq.Socket[bytes]]) -> None:
        """Bind the socket."""
        context.setsockopt(zmq.SNDHWM, _PIECES_UNDER_WAY)
        super().init_iopub(context)
        # It is for the sockets made from now on: the others shall have what they always have.
        del context.sockopts[zmq.SNDHWM]
        self.iopub_thread.socket.setsockopt(zmq.XPUB_NODROP, 1)


def _flush(event: str, _arguments: tuple[object, ...]) -> None:
    if event in _STARTS_A_PROCESS:
        sys.stdout.flush()
        sys.stderr.flush()


def _keep_no_copy(*_: object, **__: object) -> contextlib.nullcontext[None]:
    return contextlib.nullcontext()


sys.addaudithook(_flush)
iostream.OutStream = _OutStream  # what the option `outstream_class` names
InteractiveShell._tee = _keep_no_copy  # noqa: SLF001 - there is no option for it
IPKernelApp.launch_instance(capture_fd_output=False)
