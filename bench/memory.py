"""What the processes of a container hold, as this machine's /proc has it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from bench.errors import BenchError

if TYPE_CHECKING:
    from bench.containers import Engine

RUNNER = ("/opt/polykernel/start.py", "-m ai.backend.kernel")


def resident(engine: Engine, container: str) -> tuple[int, int]:
    """Return bytes resident, and those in proportion to who shares them, of all its processes."""
    texts = [_read(pid, "smaps_rollup") for pid in engine.pids(container)]
    return sum(_field(text, "Rss") for text in texts), sum(_field(text, "Pss") for text in texts)


def runner(engine: Engine, container: str, field: str = "VmHWM") -> int:
    """Return bytes of a runner's status: the most that it ever had resident."""
    pids = [
        pid for pid, args in engine.pids(container).items() if any(name in args for name in RUNNER)
    ]
    if not pids:
        raise BenchError(f"no runner is to be seen in the container {container}")
    # Its children, which have its name until they have become others, come later.
    return _field(_read(min(pids), "status"), field)


def _read(pid: int, name: str) -> str:
    try:
        return Path(f"/proc/{pid}/{name}").read_text()
    except PermissionError:
        raise BenchError(
            "what containers' processes hold can be read by root alone: run invoke bench as root"
        ) from None
    except OSError as error:
        raise BenchError(
            f"a container's process cannot be seen here ({error}); is the engine on this machine?"
        ) from error


def _field(text: str, name: str) -> int:
    for line in text.splitlines():
        key, _, value = line.partition(":")
        if key == name:
            return int(value.split()[0]) * 1024
    raise BenchError(f"the kernel of this machine does not tell {name}")
