"""The command line as it is typed."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

from polykernel.errors import OptionError
from polykernel.options import Transport, parse_size
from polykernel_runner.protocol import Limits

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

LIMITS: dict[str, tuple[str, Callable[[str], Any]]] = {
    "wallTime": ("wall_time", float),
    "cpuTime": ("cpu_time", float),
    "memory": ("memory", parse_size),
    "output": ("output", parse_size),
    "processes": ("processes", int),
    "fileSize": ("file_size", parse_size),
    "outputAction": ("output_action", str),
}
EXIT_CODES = """\
exit codes: the program's own; 128+N when signal N ended it; 2 for wrong usage;
125 when polykernel itself failed
"""


def parser() -> argparse.ArgumentParser:
    """Return the parser of the whole command line."""
    top = argparse.ArgumentParser(
        prog="polykernel",
        description="Run programs in language kernels: hardened containers, removed at the end.",
        epilog=EXIT_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = top.add_subparsers(dest="command", metavar="COMMAND", required=True)
    _add_run(commands.add_parser("run", help="build and run a program"))
    query = commands.add_parser("query", help="evaluate code")
    query.add_argument("language", metavar="LANG")
    query.add_argument("code", metavar="CODE", help="source text; - reads it from stdin")
    _add_job_options(query)
    terminal = commands.add_parser("terminal", help="sit down before a kernel's terminal")
    terminal.add_argument("language", metavar="LANG")
    _add_container_options(terminal)
    app = commands.add_parser("app", help="start an app, such as jupyterlab, and say where it is")
    app.add_argument("language", metavar="LANG")
    app.add_argument("name", metavar="APP", help="one of the image's; another word lists them")
    _add_container_options(app)
    hello = commands.add_parser("hello", help="start a kernel and print what it is, as JSON")
    hello.add_argument("language", metavar="LANG")
    _add_container_options(hello)
    commands.add_parser("images", help="list the kernels' images that are here")
    return top


def _add_run(run: argparse.ArgumentParser) -> None:
    run.add_argument("language", metavar="LANG")
    run.add_argument(
        "file", metavar="FILE", help="a program; a directory with one; - reads it from stdin"
    )
    run.add_argument(
        "args", metavar="ARGS", nargs=argparse.REMAINDER, help="all that follows is the program's"
    )
    run.add_argument(
        "--file",
        dest="more",
        metavar="EXTRA",
        action="append",
        default=[],
        help="another file or directory to send along; repeatable",
    )
    _add_job_options(run)


def _add_job_options(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--limit",
        metavar="NAME=VALUE",
        action="append",
        default=[],
        help=f"a limit of the run, of {', '.join(LIMITS)}; seconds, or sizes like 64m",
    )
    command.add_argument(
        "--env", metavar="NAME=VALUE", action="append", default=[], help="for the program"
    )
    _add_container_options(command)


def _add_container_options(command: argparse.ArgumentParser) -> None:
    group = command.add_argument_group("the container")
    group.add_argument("--image", help="instead of polykernel/LANG:latest")
    group.add_argument("--transport", choices=get_args(Transport), default="auto")
    group.add_argument("--network", action="store_true", help="let it reach the network")
    group.add_argument("--memory", metavar="SIZE", help="like 512m")
    group.add_argument("--cpus", metavar="N", type=float)
    group.add_argument("--processes", metavar="N", type=int)
    group.add_argument("--runtime", metavar="NAME", help="like runsc, if the engine has it")
    group.add_argument("--workdir", metavar="DIR", type=Path, help="mounted at /home/work")


def container_options(args: argparse.Namespace) -> dict[str, Any]:
    """Return what `Kernel.start` takes, of the parsed line."""
    names = ("image", "transport", "network", "memory", "cpus", "processes", "runtime", "workdir")
    return {name: getattr(args, name) for name in names}


def limits(words: Sequence[str]) -> Limits:
    """Return the limits of `NAME=VALUE` words."""
    given: dict[str, Any] = {}
    for word, (name, value) in zip(words, map(_pair, words), strict=True):
        if name not in LIMITS:
            raise OptionError(f"--limit {word}: it is one of {', '.join(LIMITS)}")
        key, convert = LIMITS[name]
        try:
            given[key] = convert(value)
        except OptionError as error:
            raise OptionError(f"--limit {word}: {error}") from None
        except ValueError:
            raise OptionError(f"--limit {word}: {value!r} is no number that fits") from None
    if given.get("output_action", "kill") not in ("kill", "truncate"):
        raise OptionError("--limit outputAction is kill or truncate")
    return Limits(**given)


def environment(words: Sequence[str]) -> dict[str, str]:
    """Return the variables of `NAME=VALUE` words."""
    return dict(map(_pair, words))


def _pair(word: str) -> tuple[str, str]:
    name, equals, value = word.partition("=")
    if not (name and equals):
        raise OptionError(f"{word!r} is not NAME=VALUE")
    return name, value
