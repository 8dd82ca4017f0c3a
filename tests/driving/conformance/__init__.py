"""What each case of the conformance suite does, and what must come of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from driving.conformance import beyond, control, programs

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from driving.conformance.subject import Subject

TRIALS: Mapping[str, Callable[[Subject], Awaitable[None]]] = {
    "hello": programs.hello,
    "args": programs.arguments,
    "stdin-given": programs.stdin_given,
    "stdin-live": programs.stdin_live,
    "stdin-ended": programs.stdin_ended,
    "exit": programs.exit_code,
    "error": programs.error,
    "interrupt": control.interrupt,
    "cancel": control.cancel,
    "time-limit": control.time_limit,
    "cpu-limit": control.cpu_limit,
    "memory-limit": control.memory_limit,
    "output-limit": control.output_limit,
    "binary": programs.binary,
    "utf-8": programs.utf_8,
    "utf-8-name": programs.utf_8_name,
    "modules": programs.modules,
    "no-leftovers": programs.no_leftovers,
    "state": beyond.state,
    "completion": beyond.completion,
    "picture": beyond.picture,
}
