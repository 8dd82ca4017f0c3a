"""Progress of long work: a live line for each image on a terminal, plain lines elsewhere."""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.progress import Progress as RichProgress
from rich.progress import SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import Console


class ImageReport:
    """What one image's build says."""

    def __init__(self, name: str, live: RichProgress, console: Console) -> None:
        self._name = name
        self._live = live
        self._console = console
        self._task = live.add_task(name, detail="")

    def step(self, text: str) -> None:
        """A step begins; every one is shown."""
        line = Text(f"{self._name}: {' '.join(text.split())}")
        if self._console.is_terminal:
            line.truncate(self._console.width, overflow="ellipsis")
        self._console.print(line)

    def detail(self, text: str) -> None:
        """A line of a step's output; only the last is shown, and only on a terminal."""
        self._live.update(self._task, detail=text)

    def close(self) -> None:
        self._live.remove_task(self._task)


class Progress:
    """Shows the steps of images, which may be built at the same time."""

    def __init__(self, live: RichProgress, console: Console) -> None:
        self._live = live
        self._console = console

    @contextmanager
    def image(self, name: str, done: str = "built") -> Iterator[ImageReport]:
        """Around the build of one image, or what else is `done` with it."""
        started = time.monotonic()
        report = ImageReport(name, self._live, self._console)
        try:
            yield report
        finally:
            report.close()
        report.step(f"{done} in {time.monotonic() - started:.1f} s")


@contextmanager
def progress(console: Console) -> Iterator[Progress]:
    """Around the whole work."""
    live = RichProgress(
        SpinnerColumn(),
        TextColumn("{task.description}", style="bold"),
        TimeElapsedColumn(),
        TextColumn("{task.fields[detail]}", style="dim", markup=False),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )
    with live:
        yield Progress(live, console)
