"""Records that show pictures, sounds and documents, from their bytes."""

from __future__ import annotations

from polykernel_runner.protocol import Html, Media, Output, Record

_SUFFIXES = {
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".gif": "image/gif",
    ".webp": "image/webp",
    ".svg": "image/svg+xml",
    ".html": "text/html",
}
_AS_TEXT = ("image/svg+xml", "application/json", "application/xml")
_BINARY = ("image/", "audio/", "video/", "application/")


def type_of(name: str) -> str | None:
    """Return the MIME type of a file that is shown, by its name; None for any other file."""
    return next((kind for end, kind in _SUFFIXES.items() if name.lower().endswith(end)), None)


def to_record(kind: str, data: bytes) -> Record:
    """Return the record that shows `data` of MIME type `kind`."""
    if kind == "text/plain":
        return Output("stdout", data)
    if kind == "text/html":
        return Html(data.decode("utf-8", "replace"))
    # What Backend.AI's clients take as text has a type of their own tree.
    is_text = kind in _AS_TEXT or kind.startswith("application/vnd.sorna.")
    if kind.startswith(_BINARY) and not is_text:
        import base64  # few programs show a picture

        return Media(kind, f"data:{kind};base64,{base64.b64encode(data).decode()}")
    return Media(kind, data.decode("utf-8", "replace"))
