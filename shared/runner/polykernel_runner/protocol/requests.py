"""What a client asks, and its frames."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from polykernel_runner.errors import ProtocolError
from polykernel_runner.protocol import jobs
from polykernel_runner.protocol.frames import Step, check_count, check_run_id
from polykernel_runner.protocol.jobs import Job


@dataclass(frozen=True, slots=True)
class RunStep:
    """One batch step: a shell command, `""` to skip it, `*` for the language's own way."""

    step: Step
    command: str


@dataclass(frozen=True, slots=True)
class RunQuery:
    """Evaluate source text."""

    code: str


@dataclass(frozen=True, slots=True)
class RunJob:
    """One whole job of part 2."""

    job: Job


@dataclass(frozen=True, slots=True)
class Reset:
    """Forget the query state."""


@dataclass(frozen=True, slots=True)
class Input:
    """Text for the program that waits, or typed ahead."""

    text: str


@dataclass(frozen=True, slots=True)
class InputEof:
    """Close the program's standard input."""


@dataclass(frozen=True, slots=True)
class Interrupt:
    """Stop what runs now."""


@dataclass(frozen=True, slots=True)
class Cancel:
    """Stop the run of that id, queued or running."""

    run_id: bytes


@dataclass(frozen=True, slots=True)
class GetStatus:
    """Ask for liveness."""


@dataclass(frozen=True, slots=True)
class SayHello:
    """Ask what this kernel is."""


Request: TypeAlias = (
    RunStep
    | RunQuery
    | RunJob
    | Reset
    | Input
    | InputEof
    | Interrupt
    | Cancel
    | GetStatus
    | SayHello
)


def _command(payload: bytes) -> str:
    if b"\0" in payload:
        raise ProtocolError("a shell command has no NUL")
    return payload.decode()


_REQUESTS: Mapping[bytes, Callable[[bytes], Request]] = {
    b"clean": lambda payload: RunStep("clean", _command(payload)),
    b"build": lambda payload: RunStep("build", _command(payload)),
    b"exec": lambda payload: RunStep("exec", _command(payload)),
    b"code": lambda payload: RunQuery(payload.decode()),
    b"run": lambda payload: RunJob(jobs.decode(payload)),
    b"reset": lambda _: Reset(),
    b"input": lambda payload: Input(payload.decode()),
    b"input-eof": lambda _: InputEof(),
    b"interrupt": lambda _: Interrupt(),
    b"cancel": lambda payload: Cancel(check_run_id(payload)),
    b"status": lambda _: GetStatus(),
    b"hello": lambda _: SayHello(),
}
# The requests that are answered by an ending record even when they do not parse.
_ENDED_BY: Mapping[bytes, Step] = {
    b"clean": "clean",
    b"build": "build",
    b"exec": "exec",
    b"code": "exec",
    b"run": "exec",
}


def decode_request(frames: Sequence[bytes]) -> Request:
    """Parse the frames of a request; its run id is told by `run_id_of`.

    Raises:
        ProtocolError: unknown type, wrong frame count, bad run id, bad UTF-8 or bad job. Its
            `step` is that of the ending record which the sender waits for, if any.
    """
    step = _ENDED_BY.get(frames[0]) if frames else None
    try:
        check_count(frames)
        parse = _REQUESTS.get(frames[0])
        if parse is None:
            shown = frames[0][:40].decode("ascii", "backslashreplace")
            raise ProtocolError(f"unknown request type {shown!r}")
        return parse(frames[1])
    except UnicodeDecodeError as error:
        name = frames[0].decode()
        raise ProtocolError(f"the payload of {name!r} is not UTF-8: {error}", step) from None
    except ProtocolError as error:
        raise ProtocolError(str(error), step) from None


def encode_request(request: Request, run_id: bytes | None = None) -> list[bytes]:
    """Return the frames of a request."""
    frames = [*_request_frames(request)]
    if run_id is not None:
        frames.append(check_run_id(run_id))
    return frames


def _request_frames(request: Request) -> tuple[bytes, bytes]:
    match request:
        case RunStep():
            return request.step.encode(), request.command.encode()
        case RunQuery():
            return b"code", request.code.encode()
        case RunJob():
            return b"run", jobs.encode(request.job)
        case Input():
            return b"input", request.text.encode()
        case Cancel():
            return b"cancel", check_run_id(request.run_id)
        case Reset():
            return b"reset", b""
        case InputEof():
            return b"input-eof", b""
        case Interrupt():
            return b"interrupt", b""
        case GetStatus():
            return b"status", b""
        case SayHello():
            return b"hello", b""
