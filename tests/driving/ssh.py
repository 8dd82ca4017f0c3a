"""OpenSSH's own programs: who they are, and the server that they know."""

from __future__ import annotations

import asyncio
import subprocess
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

# Nothing of this machine's user: no configuration, no keys, no agent.
OPTIONS = {
    "IdentitiesOnly": "yes",
    "IdentityAgent": "none",
    "BatchMode": "yes",
    "StrictHostKeyChecking": "yes",
    "GlobalKnownHostsFile": "/dev/null",
    "LogLevel": "ERROR",
    "ConnectTimeout": "20",
}


@dataclass(frozen=True, kw_only=True)
class Login:
    """A place to log in at, and as whom."""

    host: str
    port: int
    user: str
    options: Mapping[str, str]

    @classmethod
    def by(cls, credentials: Mapping[str, str], host: str, port: int, directory: Path) -> Login:
        """Log in with the credentials that a start of sshd gave; `directory` gets files of it."""
        key = directory / "key"
        key.touch(mode=0o600)
        key.write_text(credentials["private_key"])
        known = directory / "known_hosts"
        known.write_text(f"[{host}]:{port} {credentials['host_key']}\n")
        files = {"IdentityFile": str(key), "UserKnownHostsFile": str(known)}
        return cls(host=host, port=port, user=credentials["username"], options={**OPTIONS, **files})

    def but(self, **options: str) -> Login:
        """The same with other options of ssh."""
        return replace(self, options={**self.options, **options})

    async def run(self, command: str) -> str:
        """What a command prints. Raises CalledProcessError, with what ssh or it complained of."""
        return await _run("ssh", *self._words("-p"), f"{self.user}@{self.host}", command)

    async def refusal(self) -> str:
        """What ssh says of a login that fails."""
        try:
            await self.run("true")
        except subprocess.CalledProcessError as error:
            return str(error.stderr)
        raise AssertionError(f"{self.user} could log in")

    async def type(self, lines: str) -> str:
        """What a terminal shows into which lines are typed, the last of which ends the session."""
        target = f"{self.user}@{self.host}"
        ssh = await _start("ssh", "-tt", *self._words("-p"), target)
        assert ssh.stdin is not None
        assert ssh.stdout is not None
        # Left open: a person's terminal does not end when nothing is typed.
        ssh.stdin.write(lines.encode())
        shown = await ssh.stdout.read()
        ssh.stdin.close()
        await ssh.wait()
        return shown.decode()

    async def scp(self, source: Path | str, target: Path | str) -> None:
        """Copy a file; a text is a path in the kernel."""
        here, there = self._place(source), self._place(target)
        await _run("scp", *self._words("-P"), here, there)

    async def sftp(self, commands: str) -> str:
        """What sftp prints that is told these commands."""
        words = ("-b", "-", *self._words("-P"), f"{self.user}@{self.host}")
        return await _run("sftp", *words, given=commands)

    def _words(self, port_flag: str) -> list[str]:
        options = [word for item in self.options.items() for word in ("-o", "=".join(item))]
        return ["-F", "none", port_flag, str(self.port), *options]

    def _place(self, path: Path | str) -> str:
        return f"{self.user}@{self.host}:{path}" if isinstance(path, str) else str(path)


async def make_key(path: Path) -> str:
    """Make a key of one's own; return the line for an authorized_keys."""
    await _run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "own", "-f", str(path))
    return path.with_suffix(".pub").read_text().strip()


async def _run(*argv: str, given: str = "") -> str:
    program = await _start(*argv)
    output, errors = await program.communicate(given.encode())
    assert program.returncode is not None
    if program.returncode:
        raise subprocess.CalledProcessError(
            program.returncode, argv, output.decode(), errors.decode()
        )
    return output.decode()


async def _start(*argv: str) -> asyncio.subprocess.Process:
    pipe = asyncio.subprocess.PIPE
    return await asyncio.create_subprocess_exec(*argv, stdin=pipe, stdout=pipe, stderr=pipe)
