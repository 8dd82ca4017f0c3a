"""What a container may do: little."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from polykernel.errors import OptionError
from polykernel.options import (
    DEFAULT_CPUS,
    DEFAULT_MEMORY,
    DEFAULT_PROCESSES,
    DEFAULT_TMPFS,
    parse_size,
)
from polykernel.room import HOME, system_v, tmpfs

if TYPE_CHECKING:
    from collections.abc import Mapping

    from polykernel.options import StartOptions

# The runner takes another uid for programs (SETUID, SETGID), and ends them (KILL).
CAPABILITIES = ("SETUID", "SETGID", "KILL")
LABELS = "ai.polykernel.container."


def host_config(
    options: StartOptions, labels: Mapping[str, str], info: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the host configuration; what `options` leave open the image's labels say, or we.

    `info` is what the engine tells of itself.

    Raises:
        OptionError: the engine cannot do what is asked for.
    """
    memory = options.memory or parse_size(labels.get(f"{LABELS}memory", DEFAULT_MEMORY))
    wanted = parse_size(labels.get(f"{LABELS}tmpfs", DEFAULT_TMPFS))
    processes = options.processes or int(labels.get(f"{LABELS}processes", DEFAULT_PROCESSES))
    return {
        "auto_remove": True,
        "read_only": True,
        "cap_drop": ["ALL"],
        "cap_add": list(CAPABILITIES),
        "security_opt": _security(options, info),
        "runtime": _runtime(options, info),
        "mem_limit": memory,
        "memswap_limit": memory,
        "nano_cpus": int((options.cpus or min(DEFAULT_CPUS, info["NCPU"])) * 1e9),
        "pids_limit": processes,
        "mounts": _mounts(options),
        "tmpfs": tmpfs(memory, wanted, owner=_owner_in_memory(options)),
        # An engine of a user's own may not set them, up to Linux 5.18.
        "sysctls": {} if _has(info, "rootless") else system_v(memory),
        # The container's log comes over the tether.
        "log_config": {"Type": "none"},
    }


def _security(options: StartOptions, info: Mapping[str, Any]) -> list[str]:
    if options.seccomp is None:
        return ["no-new-privileges"]
    if not _has(info, "seccomp"):
        raise OptionError(
            "the engine cannot filter system calls; use seccomp='engine' to do without"
        )
    return ["no-new-privileges", f"seccomp={options.seccomp}"]


def _runtime(options: StartOptions, info: Mapping[str, Any]) -> str | None:
    known = info.get("Runtimes") or {}
    if options.runtime is not None and options.runtime not in known:
        raise OptionError(
            f"the engine has no runtime {options.runtime!r}; it knows {', '.join(sorted(known))}."
            " Add it to the engine's daemon.json, under runtimes"
        )
    return options.runtime


def _mounts(options: StartOptions) -> list[dict[str, object]]:
    if options.workdir is None:
        return []
    return [{"Type": "bind", "Source": str(options.workdir.resolve()), "Target": HOME}]


def _owner_in_memory(options: StartOptions) -> tuple[int, int] | None:
    return None if options.workdir else options.program_user


def _has(info: Mapping[str, Any], feature: str) -> bool:
    """Whether the engine tells of something that concerns its security."""
    told = (option.split(",")[0] for option in info["SecurityOptions"] or ())
    return f"name={feature}" in told
