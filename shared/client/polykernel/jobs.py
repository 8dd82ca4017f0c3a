"""Jobs of the protocol, from what people write."""

from __future__ import annotations

from typing import TYPE_CHECKING

from polykernel_runner.protocol import Job, Limits

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


def make_job(
    *,
    files: Mapping[str, bytes | str] | None = None,
    code: str | None = None,
    args: Sequence[str] = (),
    stdin: bytes | str | None = None,
    env: Mapping[str, str] | None = None,
    limits: Limits | None = None,
    build: bool | str = True,
    exec: bool | str = True,  # noqa: A002  the protocol's word
    keep: bool = False,
) -> Job:
    """Return a job; texts that are to be bytes become UTF-8."""
    return Job(
        files={name: _bytes(content) for name, content in (files or {}).items()},
        code=code,
        args=tuple(args),
        stdin=None if stdin is None else _bytes(stdin),
        env=env or {},
        limits=limits or Limits(),
        build=build,
        exec=exec,
        keep=keep,
    )


def _bytes(content: bytes | str) -> bytes:
    return content.encode() if isinstance(content, str) else content
