"""Batch runs: the steps clean, build and exec, by a shell command or the language's own way."""

from __future__ import annotations

from collections.abc import Iterable
from signal import SIGINT

from polykernel_runner import plan
from polykernel_runner.errors import JobRefused
from polykernel_runner.evaluation import RecordSink
from polykernel_runner.foreground import Foreground
from polykernel_runner.identity import acting_as
from polykernel_runner.launch import Command
from polykernel_runner.pictures import Pictures
from polykernel_runner.plan import Plan, Tree
from polykernel_runner.protocol import Finished, Job, Limits, Step
from polykernel_runner.protocol.verdict import NOTHING_TO_RUN, Ending, finished, not_run
from polykernel_runner.runtime import Runtime
from polykernel_runner.task_log import TaskLog

BUILD_FAILED = "the build failed, so there is nothing to run"
# By which a program of Backend.AI's users knows that it is no query.
BATCH_MODE = {"_BACKEND_BATCH_MODE": "1"}
# Seconds that a build may take at least, where a job limits the time of its run.
BUILD_TIME = 60.0


class Batch:
    """Does batch steps, and knows whether the last build failed."""

    def __init__(self, runtime: Runtime, foreground: Foreground) -> None:
        self._runtime = runtime
        self._foreground = foreground
        self._build_failed = False
        self._log = TaskLog(runtime)
        self._pictures = Pictures(runtime.workspace)

    async def step(self, step: Step, command: str, job: Job, sink: RecordSink) -> Finished | None:
        """Do one step: a shell command, `*` for the language's own way, or `""` to skip it.

        Returns None for a build in the language's own way where it has none.

        Raises:
            JobRefused: the language has no way for what is in the work directory.
            LaunchError: a program could not be started.
        """
        stopped_by = self._foreground.stopped_by
        if stopped_by is not None and command:
            return finished(step, Ending(wait_status=SIGINT, stopped_by=stopped_by), Limits())
        # A job's own command that asked for no build needs nothing of what was to be built.
        needs_build = command == "*" or job.build is not False
        if step == "exec" and self._build_failed and command and needs_build:
            await sink.output("stderr", f"{BUILD_FAILED}\n".encode())
            return not_run(step, "skipped", NOTHING_TO_RUN, BUILD_FAILED)
        if step != "exec":
            self._build_failed = False
        if not command:
            return not_run(step, "skipped", 0)
        try:
            try:
                commands = self._commands(step, command, job)
            except JobRefused:
                if step != "clean":
                    raise
                commands = []  # where nothing is, nothing is to be cleaned
            if not commands:
                return None
            with self._log.beside(sink) as both:
                ending = await self._foreground.run(commands, both)
            if step == "exec":
                await self._pictures.show(sink, job.limits)
        except BaseException:
            # Where nothing can be built, each request is refused for the same reason.
            self._build_failed = step == "build" and bool(self._runtime.language.projects)
            raise
        limits = job.limits if step == "exec" else Limits()
        if step == "build":
            self._build_failed = ending.wait_status != 0 or ending.stopped_by is not None
        return finished(step, ending, limits)

    def _commands(self, step: Step, command: str, job: Job) -> list[Command]:
        runtime = self._runtime
        env = job.env
        if step == "exec":
            env = {**BATCH_MODE, **self._pictures.env(), **job.env}
        if command != "*":
            argv = ("/bin/sh", "-c", command, "sh", *job.args)
            limits = job.limits if step == "exec" else _build_limits(job.limits)
            return [runtime.command(argv, stdin=job.stdin, limits=limits, env=env)]
        recognised = self._plan(job)
        if step == "exec":
            argv = recognised.run(job.args)
            return [runtime.command(argv, stdin=job.stdin, limits=job.limits, env=env)]
        project = recognised.project
        steps = project.build if step == "build" else project.clean
        return [
            runtime.command(argv, limits=_build_limits(job.limits), env=job.env)
            for argv in recognised.commands(steps)
        ]

    def _plan(self, job: Job) -> Plan:
        runtime = self._runtime
        words = runtime.words(runtime.workspace.private("build"), env=job.env)
        with acting_as(runtime.workspace.user):
            return plan.make(
                runtime.language, Tree(str(runtime.config.work), _names(job.files)), words
            )


def _names(files: Iterable[str]) -> list[str] | None:
    return list(files) or None


def _build_limits(limits: Limits) -> Limits:
    """What a compiler may use: a limit on the program's memory, say, is none on its compiler's."""
    if limits.wall_time is None:
        return Limits(output=limits.output, output_action=limits.output_action)
    return Limits(
        wall_time=max(limits.wall_time, BUILD_TIME),
        output=limits.output,
        output_action=limits.output_action,
    )
