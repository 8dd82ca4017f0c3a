"""Makes ready what sshd needs, as the user: `python -m polykernel_runner.services.ssh_home`.

Prints the path of a directory that is the user's alone. However often this is run, it has there

    host_key, host_key.pub  of this kernel, the first as dropbear writes keys
    login_key               a private key of this kernel that may log in, as OpenSSH writes keys
    authorized_keys         a link to the user's, which gets that key and the cluster's
    passwd, group           what sshd takes for those of /etc, by nss_wrapper
    environment             the variables of a session, as commands of a shell
    session-passwd          what a session takes for /etc/passwd, where that lacks the user

The user may have a uid of which /etc/passwd, not to be written, knows nothing. And in `passwd` this
directory is the user's home, since sshd lets nobody in whose home somebody else owns or may write
to: right on a machine with other users, no matter in a container, and often so there.
"""

from __future__ import annotations

import os
import pwd
import re
import shlex
import shutil
import stat
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

from polykernel_runner.services import ssh_cluster, ssh_keys
from polykernel_runner.services.ssh_cluster import USER

SHELL = "/opt/polykernel/bin/ssh-shell"
# What belongs to a session itself, or to the process that writes the others down.
_NOT_PASSED_ON = frozenset({"TERM", "SHLVL", "PWD", "OLDPWD", "_"})


def prepare(home: Path, cluster: Path, environ: Mapping[str, str]) -> Path:
    """Write what is missing, and return the directory; `cluster` may have keys of a cluster.

    Raises:
        ValueError: what is there cannot be used.
        OSError, CalledProcessError: something cannot be written or made.
    """
    private = _private_directory()
    ssh_keys.make_host_key(private)
    keys = [ssh_keys.make_login_key(private), *ssh_cluster.public_keys(cluster)]
    ssh = home / ".ssh"
    ssh.mkdir(mode=0o700, exist_ok=True)
    _restrict(ssh, 0o700)
    _rewrite(ssh / "authorized_keys", lambda old: ssh_keys.with_keys(old, keys))
    hosts = ssh_cluster.client_config(cluster, environ)
    _rewrite(ssh / "config", lambda old: ssh_cluster.with_block(old, hosts))
    link = private / "authorized_keys"
    link.unlink(missing_ok=True)
    link.symlink_to(ssh / "authorized_keys")
    (private / "passwd").write_text(_account(private, SHELL))
    shutil.copyfile("/etc/group", private / "group")
    text = session_environment({**environ, **_name(private, home)})
    (private / "environment").write_bytes(text.encode(errors="surrogateescape"))
    return private


def session_environment(environ: Mapping[str, str]) -> str:
    """Return the commands that give a shell the variables of the kernel, and bash as SHELL."""
    kept = {
        name: value
        for name, value in environ.items()
        if re.fullmatch(r"[A-Za-z_]\w*", name, re.ASCII) and name not in _NOT_PASSED_ON
    }
    kept["SHELL"] = "/bin/bash"
    return "".join(f"export {name}={shlex.quote(value)}\n" for name, value in sorted(kept.items()))


def _name(private: Path, home: Path) -> Mapping[str, str]:
    """Return the variables by which a session's programs find the user's name, where need be.

    scp and sftp, for two, do nothing for a user without one.
    """
    with suppress(KeyError):
        pwd.getpwuid(os.getuid())
        return {}
    lines = Path("/etc/passwd").read_text().splitlines(keepends=True)
    others = [line for line in lines if not line.startswith(f"{USER}:")]
    passwd = private / "session-passwd"
    passwd.write_text("".join([*others, _account(home, "/bin/bash")]))
    return {
        "LD_PRELOAD": "libnss_wrapper.so",
        "NSS_WRAPPER_PASSWD": str(passwd),
        "NSS_WRAPPER_GROUP": str(private / "group"),
    }


def _account(home: Path, shell: str) -> str:
    return f"{USER}:x:{os.getuid()}:{os.getgid()}::{home}:{shell}\n"


def _private_directory() -> Path:
    private = Path(tempfile.gettempdir()).resolve() / f"polykernel-ssh-{os.getuid()}"
    with suppress(FileExistsError):
        private.mkdir(mode=0o700)
    about = private.lstat()
    if not stat.S_ISDIR(about.st_mode) or about.st_uid != os.getuid() or about.st_mode & 0o077:
        raise ValueError(f"{private} is no directory of this user's alone; remove it")
    return private


def _rewrite(path: Path, change: Callable[[str], str]) -> None:
    """Change a file that only its owner shall read, at once; a link to one stays a link."""
    path = path.resolve()
    try:
        old = path.read_text(errors="surrogateescape")
    except FileNotFoundError:
        old = ""
    new = change(old)
    if new != old:
        with tempfile.NamedTemporaryFile(
            "w", dir=path.parent, errors="surrogateescape", delete=False
        ) as file:
            file.write(new)
        os.replace(file.name, path)
    if path.exists():
        _restrict(path, 0o600)


def _restrict(path: Path, mode: int) -> None:
    # What somebody else owns is theirs to restrict.
    with suppress(PermissionError):
        path.chmod(mode)


def main() -> int:
    """Prepare; print the directory, or what is wrong and what to do."""
    if os.getuid() == 0:
        sys.stderr.write(
            "sshd cannot serve root here; start the container with the capabilities SETUID, "
            "SETGID and KILL, or as another user (docker run --user)\n"
        )
        return 1
    os.umask(0o077)
    try:
        home = Path(os.environ["HOME"])
        sys.stdout.write(str(prepare(home, Path("/home/config/ssh"), os.environ)))
    except subprocess.CalledProcessError as error:
        sys.stderr.write(f"{error.cmd[0]} failed: {error.stderr}\n")
        return 1
    except (OSError, ValueError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
