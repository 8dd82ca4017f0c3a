"""The payload of records that show something."""

from __future__ import annotations

import contextlib
import json
import re

from polykernel_runner.errors import ProtocolError
from polykernel_runner.protocol.json_object import MOST_JSON, JsonObject, encode_json, parse_json
from polykernel_runner.protocol.records import Media

# What the original's clients take as JSON and not as a text of it. A record has the text.
_JSON_MEDIA = ("application/vnd.sorna.gitgraph",)
# So a large record begins; what follows is the text.
_MEDIA_START = re.compile(r'\s*\{\s*"type"\s*:\s*"([^"\\]*)"\s*,\s*"data"\s*:\s*"')


def encode(record: Media) -> bytes:
    """Return the payload of a record."""
    data: object = record.data
    if record.type in _JSON_MEDIA:
        with contextlib.suppress(ValueError, RecursionError):
            data = json.loads(record.data)
    return encode_json({"type": record.type, "data": data})


def decode(payload: bytes) -> Media:
    """Parse the payload of a record; ValueError where it does not fit."""
    if len(payload) > MOST_JSON:
        return _decode_large_media(payload)
    body = JsonObject("'media'", parse_json("media", payload))
    kind = body.text("type")
    if kind in _JSON_MEDIA and (data := body.structure("data")) is not None:
        return Media(kind, json.dumps(data, ensure_ascii=False))
    return Media(kind, body.text("data"))


def _decode_large_media(payload: bytes) -> Media:
    """Read a type and then a text.

    Whatever else might be in it is not even made: objects take twenty times as much as their JSON.
    """
    text = payload.decode()
    start = _MEDIA_START.match(text)
    if start is None:
        raise ProtocolError(f"'media' of more than {MOST_JSON} bytes is a type, then a text")
    data, end = json.JSONDecoder().raw_decode(text, start.end() - 1)
    if text[end:].strip() != "}":
        raise ProtocolError("'media' goes on behind its 'data'")
    if not data.isascii():
        data.encode()
    return Media(start[1], data)
