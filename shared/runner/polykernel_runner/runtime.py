"""What it takes to make a command of the user's: whom to run as, where, in which environment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field

from polykernel_runner import cgroup
from polykernel_runner.config import Config
from polykernel_runner.dataclass import dataclass
from polykernel_runner.language import Argv, Language
from polykernel_runner.launch import Command, Rulesets
from polykernel_runner.plan import Words
from polykernel_runner.protocol import Limits
from polykernel_runner.workspace import Workspace

_NO_LIMITS = Limits()


@dataclass(frozen=True, slots=True)
class Runtime:
    """A kernel's language and the user's side of its container.

    `ceiling` and `rulesets` are as in `Command`.
    """

    config: Config
    language: Language
    workspace: Workspace
    ceiling: int = field(default_factory=cgroup.ceiling)
    rulesets: Rulesets | None = None

    def env(self, live: bool, extra: Mapping[str, str]) -> dict[str, str]:
        """Return a program's environment; `live` where a person types its input."""
        own = {**self.language.env, **(self.language.live_env if live else {})}
        return {**own, **self.config.user_env, **extra}

    def command(
        self,
        argv: Argv,
        *,
        stdin: bytes | None = b"",
        limits: Limits = _NO_LIMITS,
        env: Mapping[str, str] | None = None,
        cwd: str | None = None,
        renewable_input: bool = False,
        removes_ipc: bool = False,
    ) -> Command:
        """Return a command of the user's, in the work directory unless told otherwise."""
        return Command(
            argv=argv,
            env=self.env(stdin is None, env or {}),
            cwd=cwd or str(self.config.work),
            launcher=str(self.config.launcher),
            user=self.workspace.user,
            stdin=stdin,
            limits=limits,
            renewable_input=renewable_input,
            rulesets=self.rulesets,
            ceiling=self.ceiling,
            removes_ipc=removes_ipc,
        )

    def words(
        self,
        build: str,
        *,
        main: str = "",
        connection_file: str = "",
        socket: str = "",
        args: Argv = (),
        env: Mapping[str, str] | None = None,
    ) -> Words:
        """Return what the language's words stand for here."""
        return Words(
            env=self.env(False, env or {}),
            work=str(self.config.work),
            build=build,
            main=main,
            connection_file=connection_file,
            socket=socket,
            args=args,
        )
