"""Whatever comes over the wire, it is understood or it is a ProtocolError."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from polykernel_runner.errors import ProtocolError
from polykernel_runner.protocol import decode_record, decode_request, encode_request, run_id_of
from support.fuzz import RECORD_TYPES, REQUEST_TYPES, Fuzz
from support.types import misfits

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

ROUNDS = 20_000


@pytest.mark.parametrize(
    ("decode", "types"),
    [(decode_request, REQUEST_TYPES), (decode_record, RECORD_TYPES)],
    ids=["requests", "records"],
)
@pytest.mark.parametrize("seed", [1, 2])
def test_random_frames_never_raise_anything_else(
    decode: Callable[[Sequence[bytes]], Any], types: Sequence[bytes], seed: int
) -> None:
    fuzz = Fuzz(seed, types)
    understood = 0
    for _ in range(ROUNDS):
        frames = fuzz.frames()
        run_id_of(frames)
        try:
            decoded = decode(frames)
        except ProtocolError as error:
            assert str(error)  # noqa: PT017 - most frames raise, and some do not
        except Exception as error:
            raise AssertionError(f"{error!r} for {frames!r}") from error
        else:
            understood += 1
            assert misfits(decoded) == [], frames
            if decode is decode_request:
                assert decode_request(encode_request(decoded)) == decoded
    assert understood > ROUNDS / 20, "the frames are too wild to test much"
