"""Commands as clients of the original decode them: base64 of msgpack."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

import msgpack

if TYPE_CHECKING:
    from collections.abc import Sequence


def encode_commands(commands: Sequence[Sequence[Any]]) -> str:
    """Encode lists of a canvas's number, a command's name and its operands."""
    return base64.b64encode(msgpack.packb(commands)).decode("ascii")


def decode_commands(data: str) -> list[list[Any]]:
    """Decode what `encode_commands` made."""
    commands: list[list[Any]] = msgpack.unpackb(base64.b64decode(data))
    return commands
