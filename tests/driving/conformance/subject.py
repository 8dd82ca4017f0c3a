"""A language in one of its modes, to be tried."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from polykernel import Kernel, Result, Run
    from polykernel_builder.conformance import Conformance
    from polykernel_builder.manifest import Mode

# What the programs must print.
HELLO = "Hello, World!\n"
UTF_8 = "größer ≥ 東京 🙂\n"
BYTES = bytes(range(256))


@dataclass(frozen=True)
class Subject:
    """A kernel, the mode that is tried, and the language's programs."""

    kernel: Kernel
    mode: Mode
    conformance: Conformance

    @property
    def keeps(self) -> bool:
        """Whether what is run finds what was run before."""
        return self.mode == "query" and self.conformance.state is not None

    def is_kept(self, result: Result) -> bool:
        """Whether the state is told to be what it must be where nothing harms it."""
        return self.mode == "batch" or result.state == ("kept" if self.keeps else "none")

    def start(self, program: str, *, name: str | None = None, **options: Any) -> Run:  # noqa: ANN401
        """Start a program of the language's, where somebody types unless there is `stdin`."""
        text = self.conformance.programs[self.mode][program]
        if self.mode == "query":
            return self.kernel.query(text, **options)
        return self.kernel.run({name or self.conformance.file: text}, **options)

    async def run(self, program: str, **options: Any) -> Result:  # noqa: ANN401
        """The same to its end, where nobody types."""
        return await self.start(program, **{"stdin": "", **options})


def is_fine(result: Result, printed: str) -> None:
    assert (result.text, result.verdict, result.exit_code) == (printed, "ok", 0), (
        result.stderr.decode(errors="replace")
    )
