"""What can go wrong in the runner.

RunnerError
├── ConfigError      the container was started in a way that cannot be served; the runner exits
├── ProtocolError    a message that cannot be understood; answered by a `log` record
├── CleaningError    what a program left cannot be removed; verdict `internal`, and the kernel ends
├── JobRefused       a job that is understood and will not be run; verdict `refused`
├── ServiceError     an app that cannot be started; status `failed`
├── SessionBroken    a session that does not keep to its protocol; it is ended, the state is lost
└── LaunchError      a program that could not be started; verdict `internal`
"""

from __future__ import annotations

from typing import Literal


class RunnerError(Exception):
    """Base of all; its text says what is wrong and what to do."""


class ConfigError(RunnerError):
    """The environment, a mount or the language module cannot be used."""


class ProtocolError(RunnerError):
    """Frames that fit neither part of the protocol, or a payload that does not parse.

    `step` is that of the ending record which the sender waits for, if any.
    """

    def __init__(self, text: str, step: Literal["clean", "build", "exec"] | None = None) -> None:
        super().__init__(text)
        self.step: Literal["clean", "build", "exec"] | None = step


class JobRefused(RunnerError):
    """A request that asks for what this kernel does not do or does not have."""


class CleaningError(RunnerError):
    """What a program left cannot be removed: no other one may find it."""


class ServiceError(RunnerError):
    """A service definition that is none, or a start that failed; the text is its answer."""


class LaunchError(RunnerError):
    """The launcher itself failed; the user's program is not to blame."""


class SessionBroken(RunnerError):
    """What a session sent, or did not read; the text goes on from "the session"."""
