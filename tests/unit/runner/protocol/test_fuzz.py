"""Whatever comes over the wire, it is understood or it is a ProtocolError."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given

from polykernel_runner.errors import ProtocolError
from polykernel_runner.protocol import decode_record, decode_request, encode_request, run_id_of
from support import fuzz
from support.types import misfits

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

EXAMPLES = 1500


@pytest.mark.parametrize(
    ("decode", "types"),
    [(decode_request, fuzz.REQUEST_TYPES), (decode_record, fuzz.RECORD_TYPES)],
    ids=["requests", "records"],
)
def test_random_frames_never_raise_anything_else(
    decode: Callable[[Sequence[bytes]], Any], types: Sequence[bytes]
) -> None:
    understood = set[bytes]()

    @fuzz.settings(EXAMPLES)
    @given(frames=fuzz.frames(types))
    def look(frames: list[bytes]) -> None:
        run_id_of(frames)
        try:
            decoded = decode(frames)
        except ProtocolError as error:
            assert str(error)  # noqa: PT017 - most frames raise, and some do not
            return
        understood.add(frames[0])
        assert misfits(decoded) == []
        if decode is decode_request:
            assert decode_request(encode_request(decoded)) == decoded

    look()
    assert len(understood) >= 8, "the frames are too wild to test much"
