"""What the container was started with: the only reader of the environment and of mounts at start.

    POLYKERNEL_AUTH=none    serve tcp in the clear
    POLYKERNEL_TETHER=stdin end when the runner's own standard input ends
    POLYKERNEL_DEBUG=1      log more
    POLYKERNEL_LOG=json     log a JSON object a line
    POLYKERNEL_BOOTSTRAP_TIME=60    seconds that the user's bootstrap.sh may take
    BACKENDAI_KERNEL_ID     what the kernel is called where Backend.AI started it
    LOCAL_USER_ID, LOCAL_GROUP_ID   who user code is, where the runner may choose

The paths of the image contract can be moved with POLYKERNEL_LANGUAGE, POLYKERNEL_LAUNCHER,
POLYKERNEL_WORK, POLYKERNEL_SCRATCH, POLYKERNEL_RUN, POLYKERNEL_CONFIG and POLYKERNEL_SERVICE_DEFS
(directories with colons between, as SCRATCH), for a runner without a container.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import field
from pathlib import Path
from typing import Literal

from polykernel_runner.config_mount import PORTS, ConfigMount, Dotfile
from polykernel_runner.dataclass import dataclass
from polykernel_runner.errors import ConfigError
from polykernel_runner.identity import Identity, acting_as, owner_of, separate_user

SCRATCH = "/tmp:/var/tmp:/dev/shm"  # noqa: S108 - the container's own
SERVICE_DEFS = "/etc/polykernel/service-defs:/etc/backend.ai/service-defs"
BOOTSTRAP_TIME = 60.0  # seconds
MOST_SECONDS = 1e9

KERNEL_ID = "BACKENDAI_KERNEL_ID"
LOG_FORMATS = ("text", "json")

HOW_TO_CHOOSE = (
    "nobody was told how to reach this kernel; choose one: mount a directory at {run} for ipc "
    "sockets, put CURVE keys into {run}/curve (server.key_secret, clients/*.key), or set "
    "POLYKERNEL_AUTH=none to serve tcp in the clear"
)
NOT_SEPARATED = (
    "user code would have the uid that owns {run} and could open the sockets there; start the "
    "container as root with the capabilities SETUID, SETGID and KILL and a LOCAL_USER_ID that is "
    "not the directory's owner, or use CURVE keys in {run}/curve, or set POLYKERNEL_AUTH=none"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """Who may speak: by ipc sockets in a directory, by tcp with keys or in the clear."""

    ipc_directory: Path | None = None
    tcp: Literal["none", "curve", "clear"] = "none"
    curve_directory: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """All that the runner is told at start. `user` is None where user code has the runner's uid.

    `has_cluster`: other nodes shall be able to log in, so sshd starts with the kernel.
    `kernel_id` is Backend.AI's, 32 hexadecimal digits; `bootstrap_time` is seconds; `scratch` are
    the directories beside the work directory that everybody may write to.
    """

    access: Access
    language_file: Path
    launcher: Path
    work: Path
    scratch: tuple[Path, ...] = ()
    user: Identity | None = None
    ports: Mapping[str, int] = field(default_factory=lambda: PORTS)
    user_env: Mapping[str, str] = field(default_factory=dict)
    service_defs: tuple[Path, ...] = ()
    dotfiles: tuple[Dotfile, ...] = ()
    has_cluster: bool = False
    kernel_id: str | None = None
    bootstrap_time: float = BOOTSTRAP_TIME
    tether: bool = False
    complaints: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LogConfig:
    """How the container's own log is written; it is opened before the rest is read."""

    debug: bool = False
    json: bool = False


def load_log(environ: Mapping[str, str]) -> LogConfig:
    """Read what the environment says of the log.

    Raises:
        ConfigError: that is not known.
    """
    return LogConfig(
        debug=_choice(environ, "POLYKERNEL_DEBUG", ("", "0", "1")) == "1",
        json=_choice(environ, "POLYKERNEL_LOG", ("", *LOG_FORMATS)) == "json",
    )


def load(environ: Mapping[str, str]) -> Config:
    """Read the environment, the mounts and the files of the image contract.

    Raises:
        ConfigError: the kernel could not be reached, or by the wrong ones.
    """
    run = Path(environ.get("POLYKERNEL_RUN", "/run/polykernel"))
    mount = ConfigMount(Path(environ.get("POLYKERNEL_CONFIG", "/home/config")))
    work = Path(environ.get("POLYKERNEL_WORK", "/home/work"))
    user = separate_user(environ)
    user_env = _user_env(environ, work, mount.environ())
    kernel_id = _kernel_id(user_env, mount.complaints)
    return Config(
        access=_access(environ, run, user),
        language_file=Path(environ.get("POLYKERNEL_LANGUAGE", "/opt/polykernel/language.py")),
        launcher=Path(environ.get("POLYKERNEL_LAUNCHER", "/opt/polykernel/bin/polykernel-launch")),
        work=work,
        scratch=_paths(environ.get("POLYKERNEL_SCRATCH", SCRATCH)),
        user=user,
        ports=mount.ports(),
        user_env=user_env,
        dotfiles=mount.dotfiles(),
        service_defs=_paths(environ.get("POLYKERNEL_SERVICE_DEFS", SERVICE_DEFS)),
        has_cluster=mount.has_cluster(),
        kernel_id=kernel_id,
        bootstrap_time=_seconds(environ, "POLYKERNEL_BOOTSTRAP_TIME", BOOTSTRAP_TIME),
        tether=_choice(environ, "POLYKERNEL_TETHER", ("", "stdin")) == "stdin",
        complaints=tuple(mount.complaints),
    )


def _paths(text: str) -> tuple[Path, ...]:
    return tuple(Path(part) for part in text.split(":") if part)


def _choice(environ: Mapping[str, str], name: str, known: tuple[str, ...]) -> str:
    value = environ.get(name, "")
    if value not in known:
        raise ConfigError(
            f"{name}={value} is not known; it may be {' or '.join(filter(None, known))}"
        )
    return value


def _seconds(environ: Mapping[str, str], name: str, default: float) -> float:
    value = environ.get(name, "") or str(default)
    try:
        seconds = float(value)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds < MOST_SECONDS:
        raise ConfigError(f"{name}={value} is not a number of seconds such as {default:g}")
    return seconds


def _access(environ: Mapping[str, str], run: Path, user: Identity | None) -> Access:
    in_the_clear = _choice(environ, "POLYKERNEL_AUTH", ("", "none")) == "none"
    curve = run / "curve"
    with_keys = _exists(curve / "server.key_secret")
    # The image has no such directory: where it is, somebody mounted it, for ipc or for the keys.
    mounted = run.is_dir() and (os.path.ismount(run) or "POLYKERNEL_RUN" in environ)
    if in_the_clear and with_keys:
        raise ConfigError(f"POLYKERNEL_AUTH=none contradicts the CURVE keys in {curve}; drop one")
    if not (in_the_clear or with_keys or mounted):
        raise ConfigError(HOW_TO_CHOOSE.format(run=run))
    separated = user is not None and mounted and run.stat().st_uid != user.uid
    ipc = run if mounted and (separated or in_the_clear) else None
    if ipc is None and not (in_the_clear or with_keys):
        raise ConfigError(NOT_SEPARATED.format(run=run))
    return Access(
        ipc_directory=ipc,
        tcp="curve" if with_keys else "clear" if in_the_clear else "none",
        curve_directory=curve if with_keys else None,
    )


def _exists(file: Path) -> bool:
    try:
        owner = owner_of(file.parent)
    except OSError:
        return False
    with acting_as(owner):
        return os.path.exists(file)


def _user_env(environ: Mapping[str, str], work: Path, told: Mapping[str, str]) -> Mapping[str, str]:
    """Return the variables of user code: the container's, then environ.txt's, home and name."""
    env = {name: value for name, value in environ.items() if not name.startswith("POLYKERNEL_")}
    return {**env, **told, "HOME": str(work), "USER": "work", "LOGNAME": "work"}


def _kernel_id(user_env: Mapping[str, str], complaints: list[str]) -> str | None:
    given = user_env.get(KERNEL_ID)
    if not given:
        return None
    digits = given.replace("-", "").lower()
    if not re.fullmatch("[0-9a-f]{32}", digits):
        complaints.append(f"{KERNEL_ID}={given} is no UUID and is left out")
        return None
    return digits
