"""What the engine says while it builds: which step it is at, and how a failed one ended."""

from __future__ import annotations

import re
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from polykernel_builder.errors import BuildFailedError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

LAST_LINES = 20
CACHED = " ---> Using cache"
TIDYING = ("Removing intermediate container ", "Successfully built ", "Successfully tagged ")

_STEP = re.compile(r"Step (\d+)/(\d+) : (.*)")
_IMAGE = re.compile(r" ---> ([0-9a-f]{12})")
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")


def follow(
    image: str,
    messages: Iterable[dict[str, Any]],
    on_step: Callable[[str], None],
    on_line: Callable[[str], None] = lambda _: None,
    on_image: Callable[[str], None] = lambda _: None,
) -> str:
    """Read `messages` to their end and return the image's id; tell of steps that are not cached.

    `on_image` is told the short id of the image that each step makes, or takes from the cache.
    Raises BuildFailedError with the failing step and its last lines.
    """
    step, announced, base = "before its first step", "", False
    lines: deque[str] = deque(maxlen=LAST_LINES)
    result = _Result()
    for line in _lines(messages, result):
        if match := _STEP.match(line):
            step = f"at step {match[1]} of {match[2]}: {match[3]}"
            base = match[3].startswith("FROM ")
            announced = "" if base else f"{match[1]}/{match[2]} {match[3]}"
            lines.clear()
        elif line.startswith(" --->"):
            if (match := _IMAGE.fullmatch(line)) and not base:
                on_image(match[1])
            # The first such line tells whether the step was done before.
            if announced and line != CACHED:
                on_step(announced)
            announced = ""
        elif line.strip() and not line.startswith(TIDYING):
            lines.append(line.rstrip())
            on_line(line.rstrip())
    if result.error:
        raise BuildFailedError(_failure(image, step, lines, result.error))
    if not result.image_id:
        raise BuildFailedError(f"{image}: the engine ended the build without an image")
    return result.image_id


@dataclass
class _Result:
    image_id: str = ""
    error: str = ""


def _lines(messages: Iterable[dict[str, Any]], result: _Result) -> Iterator[str]:
    """Whole lines, which messages may hold parts of.

    All messages are read, also after an error: else the connection would be left open.
    """
    rest = ""
    for message in messages:
        result.error = result.error or str(message.get("error", ""))
        result.image_id = (message.get("aux") or {}).get("ID", result.image_id)
        *whole, rest = (rest + _COLOUR.sub("", str(message.get("stream", "")))).split("\n")
        yield from whole
    if rest:
        yield rest


def _failure(image: str, step: str, lines: Iterable[str], error: str) -> str:
    shown = "".join(f"  | {line}\n" for line in lines)
    return f"{image} could not be built; it failed {step}\n{shown}{error.strip()}"
