"""What R prints, passed on as it becomes known."""

from __future__ import annotations

from typing import IO


class Console:
    """Prints to `stream` what R has printed, and none of it twice."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self._printed = ""
        # What the server told last, and last of the execution before: until one begins it goes on
        # telling that.
        self._told = self._earlier = ""

    def begin(self, *, new_session: bool = False) -> None:
        """Expect another execution's."""
        self._printed = ""
        self._told = self._earlier = "" if new_session else self._told

    def update(self, text: str) -> None:
        """Print what is new, while there may be more to come."""
        if text != self._earlier:
            # Half the end of a line.
            self._print(text.removesuffix("\r"))
            self._told = text

    def finish(self, text: str) -> None:
        """Print what is left."""
        self._print(text)
        self._told = text

    def _print(self, text: str) -> None:
        text = text.replace("\r\n", "\n")
        self._stream.write(text.removeprefix(self._printed).encode(errors="replace"))
        self._printed = text
        self._stream.flush()
