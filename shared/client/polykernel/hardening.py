"""What a container may do: little."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from polykernel.options import (
    DEFAULT_CPUS,
    DEFAULT_MEMORY,
    DEFAULT_PROCESSES,
    DEFAULT_TMPFS,
    parse_size,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from polykernel.options import StartOptions

HOME = "/home/work"
# The runner takes another uid for programs (SETUID, SETGID), and ends them (KILL).
CAPABILITIES = ("SETUID", "SETGID", "KILL")
LABELS = "ai.polykernel.container."


def host_config(
    options: StartOptions, labels: Mapping[str, str], *, cpus_there: int
) -> dict[str, Any]:
    """Return the host configuration; what `options` leave open the image's labels say, or we.

    `cpus_there` is how many the engine has.
    """
    memory = options.memory or parse_size(labels.get(f"{LABELS}memory", DEFAULT_MEMORY))
    processes = options.processes or int(labels.get(f"{LABELS}processes", DEFAULT_PROCESSES))
    return {
        "auto_remove": True,
        "read_only": True,
        "cap_drop": ["ALL"],
        "cap_add": list(CAPABILITIES),
        "security_opt": ["no-new-privileges"],
        "mem_limit": memory,
        "memswap_limit": memory,
        "nano_cpus": int((options.cpus or min(DEFAULT_CPUS, cpus_there)) * 1e9),
        "pids_limit": processes,
        "mounts": _mounts(options),
        "tmpfs": _tmpfs(options, labels.get(f"{LABELS}tmpfs", DEFAULT_TMPFS)),
        # The container's log comes over the tether.
        "log_config": {"Type": "none"},
    }


def _mounts(options: StartOptions) -> list[dict[str, object]]:
    if options.workdir is None:
        return []
    return [{"Type": "bind", "Source": str(options.workdir.resolve()), "Target": HOME}]


def _tmpfs(options: StartOptions, size: str) -> dict[str, str]:
    # Docker's own default is noexec, and programs are built here.
    common = "rw,exec,nosuid,nodev"
    mounts = {
        "/tmp": f"{common},size={size},mode=1777",  # noqa: S108  the container's
        "/var/tmp": f"{common},size={size},mode=1777",  # noqa: S108
        "/run": "rw,noexec,nosuid,nodev,size=16m,mode=755",
    }
    if options.workdir is None:
        uid, gid = options.program_user
        mounts[HOME] = f"{common},size={size},mode=755,uid={uid},gid={gid}"
    return mounts
