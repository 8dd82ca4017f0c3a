"""From a Jupyter MIME bundle to the record that shows the most of it.

https://jupyter-client.readthedocs.io/en/stable/messaging.html#display-data
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from polykernel_runner.protocol import Html, Media, Output, Record

# Richest first. Images come as base64 from the kernel; of the others `data` is the text.
_IMAGES = ("image/png", "image/jpeg", "image/gif", "image/webp")
_TEXTS = ("application/x-sorna-drawing", "text/markdown", "text/latex")


def to_record(bundle: Mapping[str, object]) -> Record | None:
    """Return the one record that shows a bundle best, or None for an empty one."""
    if isinstance(svg := bundle.get("image/svg+xml"), str):
        return Media("image/svg+xml", svg)
    for kind in _IMAGES:
        if isinstance(data := bundle.get(kind), str):
            return Media(kind, f"data:{kind};base64,{''.join(data.split())}")
    if isinstance(html := bundle.get("text/html"), str):
        return Html(html)
    for kind in _TEXTS:
        if isinstance(text := bundle.get(kind), str):
            return Media(kind, text)
    if "application/json" in bundle:
        return Media("application/json", json.dumps(bundle["application/json"], ensure_ascii=False))
    if isinstance(plain := bundle.get("text/plain"), str):
        return Output("stdout", f"{plain}\n".encode("utf-8", "replace"))
    return None
