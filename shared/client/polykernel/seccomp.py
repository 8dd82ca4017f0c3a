"""Which system calls a container may make: the profile that it is started with.

`seccomp.json` is ours. It follows Docker's default profile (`profiles/seccomp/default.json` of
moby/moby, Apache-2.0): what that refuses without capabilities, this refuses. It also refuses
io_uring, modify_ldt, memfd_secret, every socket but those of Unix, IP and netlink, and all calls of
other ABIs (32 bits, x32), which end the process. Names that an engine does not know yet it skips,
and calls newer than all that it knows fail with ENOSYS.
"""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from polykernel.errors import OptionError

if TYPE_CHECKING:
    import os

OURS = "default"
THE_ENGINES = "engine"


@cache
def our_profile() -> str:
    """Return the JSON text of the profile that a container gets if nothing else is said."""
    return _compact(files("polykernel").joinpath("seccomp.json").read_text(encoding="utf-8"))


def read_profile(choice: str | os.PathLike[str]) -> str | None:
    """Return a profile's JSON text, or None for the engine's own.

    Raises:
        OptionError: there is no such file, or it holds no profile.
    """
    if choice == OURS:
        return our_profile()
    if choice == THE_ENGINES:
        return None
    path = Path(choice)
    known = f"give {OURS!r}, {THE_ENGINES!r}, or the path of a profile as Docker takes it"
    try:
        return _compact(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise OptionError(f"seccomp {path} cannot be read: {error.strerror}; {known}") from None
    except (ValueError, RecursionError) as error:
        raise OptionError(f"seccomp {path} is no profile: {error}; {known}") from None


def _compact(text: str) -> str:
    profile = json.loads(text)
    if not isinstance(profile, dict) or not isinstance(profile.get("defaultAction"), str):
        raise ValueError("it lacks a 'defaultAction'")  # noqa: TRY004  as json.loads does
    return json.dumps(profile, separators=(",", ":"))
