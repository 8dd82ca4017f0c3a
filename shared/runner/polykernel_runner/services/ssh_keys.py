"""The keys of a kernel's sshd: its own, and one that may log in."""

from __future__ import annotations

import socket
import subprocess
from collections.abc import Iterable
from pathlib import Path


def make_host_key(directory: Path) -> None:
    """Have `host_key` there, as dropbear writes keys, and the public one in `host_key.pub`.

    Raises:
        ValueError: there is something else of that name.
        CalledProcessError: it cannot be made.
    """
    key = directory / "host_key"
    if not key.exists():
        _make_key(key)
    (directory / "host_key.pub").write_text(_public_key(key))


def make_login_key(directory: Path) -> str:
    """Have `login_key` there, as OpenSSH writes keys; return the line for authorized_keys.

    Raises:
        ValueError, CalledProcessError: as above.
    """
    key, internal = directory / "login_key", directory / "login_key.dropbear"
    if not (key.exists() and internal.exists()):
        internal.unlink(missing_ok=True)
        _make_key(internal)
        _run("dropbearconvert", "dropbear", "openssh", str(internal), str(key))
    return f"{_public_key(internal)} polykernel@{socket.gethostname()}"


def with_keys(old: str, keys: Iterable[str]) -> str:
    """Return the lines of an authorized_keys, with those keys that are not there yet."""
    there = {word for line in old.splitlines() if line[:1] != "#" for word in line.split()}
    missing = [key for key in keys if key.split()[1] not in there]
    if missing and old and not old.endswith("\n"):
        old += "\n"
    return old + "".join(f"{key}\n" for key in missing)


def _make_key(path: Path) -> None:
    _run("dropbearkey", "-t", "ed25519", "-f", str(path))


def _public_key(path: Path) -> str:
    for line in _run("dropbearkey", "-y", "-f", str(path)).splitlines():
        kind, _, rest = line.partition(" ")
        if kind == "ssh-ed25519":
            return f"{kind} {rest.split()[0]}"
    raise ValueError(f"{path} is no key that can be used; remove it")


def _run(*argv: str) -> str:
    return subprocess.run(argv, check=True, text=True, capture_output=True).stdout
