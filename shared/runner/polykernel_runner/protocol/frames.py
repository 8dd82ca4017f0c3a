"""What requests and records share: steps, frames and run ids."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, TypeAlias

from polykernel_runner.errors import ProtocolError

PROTOCOL_VERSION = 2
MAX_RUN_ID = 64
# What the terminal draws, as a frame of its own, when its shell has ended.
SHELL_ENDED = b"\r\n[the shell has ended; any key starts another]\r\n"

Step: TypeAlias = Literal["clean", "build", "exec"]


def check_run_id(run_id: bytes) -> bytes:
    """Return a run id that may stand in a frame; ProtocolError for any other."""
    if not 1 <= len(run_id) <= MAX_RUN_ID:
        raise ProtocolError(f"a run id has 1 to {MAX_RUN_ID} bytes, this one {len(run_id)}")
    return run_id


def run_id_of(frames: Sequence[bytes]) -> bytes | None:
    """Return the run id that frames carry, if they carry a fit one."""
    if len(frames) == 3 and 1 <= len(frames[2]) <= MAX_RUN_ID:
        return frames[2]
    return None


def check_count(frames: Sequence[bytes]) -> None:
    """Raise ProtocolError unless frames are `[type, payload]` or `[type, payload, run id]`."""
    if len(frames) not in (2, 3):
        raise ProtocolError(f"a message has two or three frames, this one {len(frames)}")
    if len(frames) == 3:
        check_run_id(frames[2])
