"""Wheels of a lock file for the images' Python, downloaded once into the clone's cache."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from typing import TYPE_CHECKING

from polykernel_builder.errors import BuilderError
from polykernel_builder.platforms import MACHINES, PLATFORMS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# Debian trixie's.
PYTHON = "3.13"
GLIBC_MINOR = 41
OLDEST_GLIBC_MINOR = 5


class WheelCache:
    """`directory(lock)` holds every wheel of `lock` for one kind of machine."""

    def __init__(self, cache: Path, machine: str, ca_bundle: Path | None) -> None:
        if machine not in MACHINES:
            known = " and ".join(platform.machine for platform in PLATFORMS)
            raise BuilderError(f"images can be built on {known}, not on {machine}")
        self._cache = cache / "wheels"
        self._machine = MACHINES[machine]
        self._ca_bundle = ca_bundle

    def directory(self, lock: Path) -> Path:
        """Download what is not there yet. Raises BuilderError with pip's own last lines."""
        try:
            key = hashlib.sha256(lock.read_bytes()).hexdigest()[:16]
        except OSError as error:
            raise BuilderError(f"{lock}: cannot be read: {error.strerror}") from error
        done = self._cache / f"{key}-{self._machine}"
        if not done.is_dir():
            self._download(lock, done)
        return done

    def _download(self, lock: Path, done: Path) -> None:
        done.parent.mkdir(parents=True, exist_ok=True)
        partial = done.with_name(f"{done.name}.partial")
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
        command += ["--require-hashes", "--only-binary=:all:", "--requirement", str(lock)]
        command += ["--dest", str(partial), "--python-version", PYTHON, "--implementation", "cp"]
        for abi in ("cp" + PYTHON.replace(".", ""), "abi3", "none"):
            command += ["--abi", abi]
        for platform in platforms(self._machine):
            command += ["--platform", platform]
        if self._ca_bundle is not None:
            command += ["--cert", str(self._ca_bundle)]
        result = subprocess.run(command, capture_output=True, text=True, check=False)
        if result.returncode != 0:
            last = "\n".join(result.stderr.strip().splitlines()[-10:])
            raise BuilderError(f"the wheels of {lock} could not be downloaded; pip says:\n{last}")
        partial.rename(done)


def platforms(machine: str) -> Iterator[str]:
    """Platform tags of wheels that run in an image, the newest first, as pip wants them."""
    legacy = {17: "manylinux2014", 12: "manylinux2010", 5: "manylinux1"}
    for minor in range(GLIBC_MINOR, OLDEST_GLIBC_MINOR - 1, -1):
        yield f"manylinux_2_{minor}_{machine}"
        if minor in legacy:
            yield f"{legacy[minor]}_{machine}"
    yield f"linux_{machine}"
