"""What an image says of itself: how its containers start, its labels, how it was made."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

SETTINGS = (
    *("Cmd", "Entrypoint", "Env", "ExposedPorts", "Healthcheck", "OnBuild", "Shell"),
    *("StopSignal", "User", "Volumes", "WorkingDir"),
)

_SHELL = re.compile(r"^(?:RUN )?/bin/sh -c (?P<nop>#\(nop\) +)?(?P<command>.*)$", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Step:
    """One line of an image's history; `empty` made no layer."""

    command: str
    empty: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageConfig:
    """`settings` are such as `Cmd` and `Env`, in JSON; what is not set is not there."""

    settings: Mapping[str, str]
    labels: Mapping[str, str]
    history: tuple[Step, ...]

    def layer_commands(self, count: int) -> list[str]:
        """The command of each of `count` layers; empty texts where the history does not fit."""
        commands = [step.command for step in self.history if not step.empty]
        return commands if len(commands) == count else [""] * count


def read_config(document: Mapping[str, Any]) -> ImageConfig:
    """Read the configuration that lies beside the layers of a saved image."""
    config = document.get("config") or {}
    settings = {key: json.dumps(config[key], sort_keys=True) for key in SETTINGS if config.get(key)}
    settings |= {key: str(document[key]) for key in ("architecture", "os") if key in document}
    history = document.get("history") or ()
    return ImageConfig(
        settings=settings,
        labels=config.get("Labels") or {},
        history=tuple(
            Step(instruction(step), bool(step.get("empty_layer", False))) for step in history
        ),
    )


def instruction(step: Mapping[str, Any]) -> str:
    """A step of a history as its Dockerfile has it, on one line."""
    text = str(step.get("created_by") or step.get("comment") or "")
    text = " ".join(text.removesuffix("# buildkit").split())
    match = _SHELL.match(text)
    if match is None:
        return text
    return match["command"] if match["nop"] else f"RUN {match['command']}"
