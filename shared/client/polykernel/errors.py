"""What can go wrong in the client. Every text says what failed and what to do about it.

PolykernelError
├── OptionError               an argument that cannot be used; nothing was started
├── EngineError               the Docker engine refused something
│   ├── EngineNotFoundError   no engine answers
│   └── ImageNotFoundError    the engine has no such image
└── KernelError               a kernel that was started, or that we connected to
    ├── KernelTimeoutError    it did not answer in time
    ├── ServiceError          an app did not start
    ├── RecordError           it sent what cannot be taken
    ├── OutputError           a run printed more than is to be kept in memory
    ├── KernelDiedError       its container has ended; `log` holds the last lines it wrote
    └── KernelClosedError     it was used after its `async with` had been left

A program that fails is not an error of these: its `Result` says how it ended.
"""

from __future__ import annotations

from typing import ClassVar


class PolykernelError(Exception):
    """Base of all. `exit_code` is that of the command line when this ends it."""

    exit_code: ClassVar[int] = 125


class OptionError(PolykernelError, ValueError):
    """An argument has a value that cannot be used."""

    exit_code = 2


class EngineError(PolykernelError):
    """The Docker engine refused something."""


class EngineNotFoundError(EngineError):
    """No Docker engine answers."""


class ImageNotFoundError(EngineError):
    """The engine does not have the image."""


class KernelError(PolykernelError):
    """A kernel does not do what it should. `log` holds the last lines that its container wrote."""

    def __init__(self, text: str, log: tuple[str, ...] = ()) -> None:
        said = "".join(f"\n  | {line}" for line in log)
        super().__init__(f"{text}\nthe container's last words:{said}" if said else text)
        self.log = log


class KernelTimeoutError(KernelError, TimeoutError):
    """The kernel did not answer in time."""


class ServiceError(KernelError):
    """An app did not start, or cannot be."""


class RecordError(KernelError):
    """The kernel sent a record that does not parse, or one that is too large."""


class OutputError(KernelError):
    """A run printed more than `most_output`, and was not iterated over."""


class KernelDiedError(KernelError):
    """The kernel's container has ended."""


class KernelClosedError(KernelError):
    """The kernel was used after its `async with` had been left."""
