"""Starts the IPython kernel, in the user's Python.

What is printed goes to the process's own stdout and stderr (unbuffered: `python3 -u`), like what
child processes and C libraries write: in one order, unchanged, with backpressure, and not lost
when the process dies. ipykernel would publish it, by a thread that is late and a socket that drops.
What is displayed is published; so that it keeps its place, the runner is asked to say when it has
been shown.
"""

from __future__ import annotations

import contextlib
import sys
import threading

from ipykernel.ipkernel import IPythonKernel
from ipykernel.kernelapp import IPKernelApp
from ipykernel.zmqshell import ZMQDisplayPublisher, ZMQInteractiveShell
from IPython.core.error import StdinNotImplementedError
from traitlets import Type

# A prompt that no program writes: the runner answers it when all before it has been passed on.
SHOWN = "\0shown"


class DisplayPublisher(ZMQDisplayPublisher):
    """Publishes in step with what is printed."""

    def publish(self, data: object, *more: object, **options: object) -> None:
        """Publish, and wait until it has been shown."""
        super().publish(data, *more, **options)
        if threading.current_thread() is threading.main_thread():
            # Outside a cell there may be nobody to ask, and nothing to keep in step with.
            with contextlib.suppress(StdinNotImplementedError):
                self.shell.kernel.raw_input(SHOWN)


class Shell(ZMQInteractiveShell):
    """Keeps no copy of all that is printed, for which IPython has no option."""

    display_pub_class = Type(DisplayPublisher)

    def _tee(self, *_: object, **__: object) -> contextlib.nullcontext[None]:
        return contextlib.nullcontext()


class Kernel(IPythonKernel):
    """With the shell above."""

    shell_class = Type(Shell)


class KernelApp(IPKernelApp):
    """Leaves stdout and stderr alone."""

    outstream_class = ""


for stream in (sys.stdout, sys.stderr):
    stream.reconfigure(errors="backslashreplace")
KernelApp.launch_instance(kernel_class=Kernel)
