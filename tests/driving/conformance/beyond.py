"""What not every language has: state, completion, pictures."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

from driving.conformance.control import interrupt
from driving.conformance.subject import is_fine

if TYPE_CHECKING:
    from driving.conformance.subject import Subject
    from polykernel import Media


async def state(subject: Subject) -> None:
    programs = subject.conformance.state
    assert programs is not None

    async def is_there() -> None:
        result = await subject.kernel.query(programs.then, stdin="")
        is_fine(result, "42\n")
        assert result.state == "kept"

    await subject.kernel.reset()
    first = await subject.kernel.query(programs.first, stdin="")
    assert (first.verdict, first.state) == ("ok", "kept"), first.stderr.decode()
    await is_there()
    wrong = await subject.run("error")
    assert (wrong.verdict, wrong.state) == ("error", "kept")
    await is_there()
    await interrupt(subject)
    await is_there()
    await subject.kernel.reset()
    assert (await subject.kernel.query(programs.then, stdin="")).verdict == "error"


async def completion(subject: Subject) -> None:
    asked = subject.conformance.completion
    assert asked is not None
    await subject.run("hello")  # a question does not wait long for what must start first
    answer = await subject.kernel.complete(asked.code)

    assert asked.has in answer.suggestions
    assert answer.end == len(asked.code)


async def picture(subject: Subject) -> None:
    result = await subject.run("picture")

    assert result.verdict == "ok", result.stderr.decode()
    assert any(map(_is_picture, result.media)), [media.type for media in result.media]


def _is_picture(media: Media) -> bool:
    if media.type == "image/svg+xml":
        return "<svg" in media.data
    form, _, data = media.data.partition(",")
    return (media.type, form) == ("image/png", "data:image/png;base64") and base64.b64decode(
        data
    ).startswith(b"\x89PNG\r\n")
