"""A whole job of the protocol's part 2: its types, its wire form, and what is refused."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import field, fields
from pathlib import PurePosixPath
from typing import Any

import msgpack

from polykernel_runner.dataclass import dataclass
from polykernel_runner.errors import ProtocolError
from polykernel_runner.protocol import limits
from polykernel_runner.protocol.limits import Limits, refuse_unknown


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One whole job: a query when it has `code`, else a build step and a run.

    `files` maps names inside the work directory to contents. `stdin` is given at once and then
    ended; None leaves stdin open for `input`. `build` and `exec` are True for the language's own
    way, False to leave the step out, or a shell command. `keep` says that nothing is taken away:
    without it a job with `files` finds neither those of the job before, nor what that made.
    """

    files: Mapping[str, bytes] = field(default_factory=dict)
    code: str | None = None
    args: tuple[str, ...] = ()
    stdin: bytes | None = None
    env: Mapping[str, str] = field(default_factory=dict)
    limits: Limits = field(default_factory=Limits)
    build: bool | str = True
    exec: bool | str = True
    keep: bool = False


_JOB_KEYS = tuple(item.name for item in fields(Job))


def encode(job: Job) -> bytes:
    """Return the msgpack form of a job; keys with their default value are left out."""
    default = Job()
    body: dict[str, object] = {}
    for name in _JOB_KEYS:
        value = getattr(job, name)
        if name == "limits":
            body[name] = limits.encode(value)
        elif value != getattr(default, name):
            body[name] = dict(value) if isinstance(value, Mapping) else value
    packed: bytes = msgpack.packb(body)
    return packed


def decode(payload: bytes) -> Job:
    """Parse a job from msgpack or JSON.

    Raises:
        ProtocolError: neither form, an unknown key, a value of a wrong type, or a bad file name.
    """
    body = _unpack(payload)
    if not isinstance(body, dict):
        raise ProtocolError("a job is a map")
    refuse_unknown("a job", body, _JOB_KEYS)
    return Job(
        files=_files(_take(body, "files", dict) or {}),
        code=_take(body, "code", str),
        args=_args(_take(body, "args", list) or []),
        stdin=_bytes("stdin", body.get("stdin")),
        env=_env(_take(body, "env", dict) or {}),
        limits=limits.decode(_take(body, "limits", dict) or {}),
        build=_step(body, "build"),
        exec=_step(body, "exec"),
        keep=_take(body, "keep", bool) or False,
    )


def _unpack(payload: bytes) -> Any:
    try:
        # A map of msgpack never begins with the byte of "{", which is the number 123 there.
        if payload.lstrip()[:1] == b"{":
            body = json.loads(payload.decode())
            # Half a surrogate pair can be written as \uD800, and is no text.
            json.dumps(body, ensure_ascii=False).encode()
            return body
        return msgpack.unpackb(payload)
    except (ValueError, RecursionError, msgpack.UnpackException) as error:
        raise ProtocolError(f"a job is msgpack or JSON: {error}") from None


def _take(body: Mapping[str, Any], key: str, kind: type) -> Any:
    value = body.get(key)
    if value is not None and not isinstance(value, kind):
        raise ProtocolError(f"{key!r} of a job is a {kind.__name__}, not {type(value).__name__}")
    return value


def _bytes(name: str, value: object) -> bytes | None:
    if value is None or isinstance(value, bytes):
        return value
    if isinstance(value, str):
        return value.encode()
    raise ProtocolError(f"{name!r} of a job is bytes or text, not {type(value).__name__}")


def _files(files: Mapping[Any, Any]) -> dict[str, bytes]:
    return {
        _file_name(name): _bytes(f"files[{name!r}]", data) or b"" for name, data in files.items()
    }


def _file_name(name: object) -> str:
    if not isinstance(name, str) or not name or "\0" in name:
        raise ProtocolError(f"{name!r} is not a file name")
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or not path.parts:
        raise ProtocolError(f"file name {name!r} leaves the work directory; give a path inside it")
    return str(path)


def _args(args: list[Any]) -> tuple[str, ...]:
    for arg in args:
        if not isinstance(arg, str) or "\0" in arg:
            raise ProtocolError(f"'args' of a job are texts without NUL, not {arg!r}")
    return tuple(args)


def _env(env: Mapping[Any, Any]) -> dict[str, str]:
    for key, value in env.items():
        fit = isinstance(key, str) and key and "=" not in key and "\0" not in key
        if not fit or not isinstance(value, str) or "\0" in value:
            raise ProtocolError(f"'env' of a job maps names to texts, not {key!r} to {value!r}")
    return dict(env)


def _step(body: Mapping[str, Any], key: str) -> bool | str:
    value = body.get(key, True)
    if isinstance(value, bool) or (isinstance(value, str) and "\0" not in value):
        return value
    raise ProtocolError(f"{key!r} of a job is true, false or a shell command, not {value!r}")
