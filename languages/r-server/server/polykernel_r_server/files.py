"""Files that an execution has changed: copied here, and pictures among them shown."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from polykernel_r_server.errors import RServerError

if TYPE_CHECKING:
    from collections.abc import Callable

    from polykernel_r_server.api import Api

PICTURES = {
    ".gif": "image/gif",
    ".jpeg": "image/jpeg",
    ".jpg": "image/jpeg",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".webp": "image/webp",
}


class Files:
    """`show` shows a picture, `tell` says why a file is not here."""

    def __init__(
        self,
        api: Api,
        session: str,
        show: Callable[[str, bytes], None],
        tell: Callable[[str], None],
    ) -> None:
        self._api = api
        self._session = session
        self._show = show
        self._tell = tell

    def fetch(self, names: object) -> None:
        """Copy them into the working directory, as the server names them."""
        for name in names if isinstance(names, list) else []:
            if isinstance(name, str):
                self._fetch(name)

    def _fetch(self, name: str) -> None:
        if name in {"", ".", ".."} or any(character in name for character in "/\\\0"):
            self._tell(f"The file {name!r} stays on the R Server: it is in no place of this one's.")
            return
        path, partial = Path(name), Path(f".{name}.part")
        try:
            with partial.open("wb") as file:
                self._api.fetch(self._session, name, file)
            partial.replace(path)
            if kind := PICTURES.get(path.suffix.lower()):
                self._show(kind, path.read_bytes())
        except (OSError, RServerError) as error:
            self._tell(f"The file {name!r} stays on the R Server: {error}")
        finally:
            partial.unlink(missing_ok=True)
