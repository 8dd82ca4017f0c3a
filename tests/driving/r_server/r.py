"""As much of R as tests ask for, a statement on each line."""

from __future__ import annotations

import base64
import re
import threading
from dataclasses import dataclass, field

# One point; what draws it need not be R.
PICTURE = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


class RError(Exception):
    """What ends an execution without success."""


@dataclass
class Session:
    """A session and what is in it; `console` is what the last execution printed, or prints."""

    variables: dict[str, float] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)
    console: str = ""
    busy: threading.Lock = field(default_factory=threading.Lock)
    cancelled: threading.Event = field(default_factory=threading.Event)
    killed: threading.Event = field(default_factory=threading.Event)
    # Some code cannot be cancelled.
    stubborn: bool = False

    def kill(self) -> None:
        """End it, whatever it does."""
        self.cancelled.set()
        self.killed.set()

    def execute(self, code: str) -> dict[str, object]:
        """Execute code and say what came of it, as the server does."""
        with self.busy:
            self.cancelled.clear()
            self.console, message = "", ""
            before = dict(self.files)
            try:
                for statement in _parse(code):
                    self._statement(statement)
            except RError as error:
                message = f"Error: {error}\n"
            changed = [name for name, data in self.files.items() if before.get(name) is not data]
            return {
                "success": not message,
                "errorMessage": message,
                "outputParameters": [],
                "consoleOutput": self.console,
                "changedFiles": changed,
            }

    def _statement(self, statement: str) -> None:
        if match := re.fullmatch(r"(\w+) <- (\d+)", statement):
            self.variables[match[1]] = float(match[2])
        elif match := re.fullmatch(r"(\w+) \+ (\w+)", statement):
            # Windows, where these servers mostly are, ends lines so.
            self.console += f"[1] {self._value(match[1]) + self._value(match[2]):g}\r\n"
        elif match := re.fullmatch(r'cat\("(.*)"\)', statement):
            self.console += match[1].replace("\\n", "\n")
        elif match := re.fullmatch(r'cat\((\w+) \+ (\w+), "\\n", sep = ""\)', statement):
            self.console += f"{self._value(match[1]) + self._value(match[2]):g}\n"
        elif match := re.fullmatch(r'stop\("(.*)"\)', statement):
            raise RError(match[1])
        elif match := re.fullmatch(r'(?:png|writeLines\("(.*)", )\(?"(.*)"\)', statement):
            self.files[match[2]] = PICTURE if match[1] is None else f"{match[1]}\n".encode()
        elif match := re.fullmatch(r"Sys\.sleep\((.*)\)", statement):
            self._sleep(float(match[1]))
        elif statement in {"plot(1)", "invisible(dev.off())"}:
            pass
        elif statement == "repeat {}":
            self._sleep(float("inf"))
        else:
            raise RError(f"could not find function {statement!r}")

    def _value(self, text: str) -> float:
        if text.isdigit():
            return float(text)
        if text not in self.variables:
            raise RError(f"object '{text}' not found")
        return self.variables[text]

    def _sleep(self, seconds: float) -> None:
        event = self.killed if self.stubborn else self.cancelled
        if event.wait(min(seconds, threading.TIMEOUT_MAX)):
            raise RError("the execution was cancelled")


def _parse(code: str) -> list[str]:
    statements = [line.strip() for line in code.splitlines() if line.strip()]
    for statement in statements:
        if statement.count("(") != statement.count(")"):
            raise RError(f"unexpected end of input: {statement}")
    return statements
