"""A request for speech, as JSON, and what Polly's own parameters for it are."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

EXAMPLE = '{"text": "Hello", "voiceId": "Joanna"}'
_NEEDED = ("text", "voiceId")
_DEFAULTS = {"textType": "text", "outputFormat": "ogg_vorbis"}


class RequestError(Exception):
    """A request that cannot be made. The text says what is wrong, and what to send instead."""


def parse(code: str) -> dict[str, Any]:
    """Return the parameters of `SynthesizeSpeech` that a query asks for.

    Raises:
        RequestError: it is no such request.
    """
    try:
        asked = json.loads(code)
    except (ValueError, RecursionError) as error:
        raise RequestError(f"the request is not JSON: {error}; send one like {EXAMPLE}") from None
    if not isinstance(asked, dict):
        raise RequestError(f"the request is no JSON object; send one like {EXAMPLE}")
    for key in asked:
        if key not in _KEYS:
            raise RequestError(f"a request has no {key!r}; it has {', '.join(_KEYS)}{_hint(key)}")
    for key in _NEEDED:
        if key not in asked:
            raise RequestError(f"the request lacks {key!r}; send one like {EXAMPLE}")
    return {
        f"{key[0].upper()}{key[1:]}": _KEYS[key](key, value)
        for key, value in {**_DEFAULTS, **asked}.items()
    }


def _hint(key: str) -> str:
    secret = any(word in key.lower() for word in ("access", "secret", "token", "credential"))
    return "; credentials are the kernel's, from its environment or role" if secret else ""


def _text(key: str, value: object) -> str:
    if not isinstance(value, str):
        raise RequestError(f"{key!r} must be a text, not {value!r:.80}")
    return value


def _number(key: str, value: object) -> str:
    """Polly's numbers are texts."""
    return str(value) if type(value) is int else _text(key, value)


def _texts(key: str, value: object) -> list[str]:
    if not isinstance(value, list):
        raise RequestError(f"{key!r} must be a list of texts, not {value!r:.80}")
    return [_text(key, item) for item in value]


_KEYS: Mapping[str, Callable[[str, object], Any]] = {
    "text": _text,
    "voiceId": _text,
    "textType": _text,
    "outputFormat": _text,
    "engine": _text,
    "languageCode": _text,
    "sampleRate": _number,
    "lexiconNames": _texts,
}
