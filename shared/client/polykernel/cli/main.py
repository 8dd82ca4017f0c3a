"""From the command line to an exit code."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import signal
import sys
from contextlib import closing
from dataclasses import asdict
from typing import TYPE_CHECKING

from polykernel.cli.app import serve
from polykernel.cli.arguments import container_options, environment, limits, parser
from polykernel.cli.output import complain
from polykernel.cli.session import converse
from polykernel.engine import Engine
from polykernel.errors import OptionError, PolykernelError
from polykernel.files import read_program
from polykernel.kernel import Kernel

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence
    from contextlib import AbstractAsyncContextManager
    from typing import Any


def main(argv: Sequence[str] | None = None) -> int:
    """Do what the command line says; return the exit code."""
    _open_standard_streams()
    args = parser().parse_args(argv)
    _tell_errors_of_kernels()
    commands = {
        "run": _run,
        "query": _query,
        "terminal": _terminal,
        "app": _app,
        "hello": _hello,
        "images": _images,
    }
    try:
        return commands[args.command](args)
    except PolykernelError as error:
        complain(str(error))
        return error.exit_code
    except BrokenPipeError:
        return 128 + signal.SIGPIPE
    except KeyboardInterrupt:
        return 128 + signal.SIGINT


def _tell_errors_of_kernels() -> None:
    """Show what a kernel logs as an error, such as which process was killed and why."""
    handler = logging.StreamHandler()
    handler.setLevel(logging.ERROR)
    handler.setFormatter(logging.Formatter("polykernel: %(message)s"))
    log = logging.getLogger("polykernel.log")
    if not log.handlers:
        log.addHandler(handler)


def _open_standard_streams() -> None:
    # Where one was closed by our parent, the next file to be opened would be taken for it.
    for descriptor in (0, 1, 2):
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, os.O_RDWR)


def _run(args: argparse.Namespace) -> int:
    words = args.args[1:] if args.args[:1] == ["--"] else args.args
    if args.file == "-":
        return _evaluate(args, "-", words)
    files = _files([args.file, *args.more])
    given = _given(args)
    return converse(
        _starting(args),
        lambda kernel, stdin: kernel.run(files, args=words, stdin=stdin, **given),
    )


def _query(args: argparse.Namespace) -> int:
    return _evaluate(args, args.code, ())


def _evaluate(args: argparse.Namespace, code: str, words: Sequence[str]) -> int:
    source = sys.stdin.read() if code == "-" else code
    given = _given(args)
    return converse(
        _starting(args),
        lambda kernel, stdin: kernel.query(source, args=words, stdin=stdin, **given),
    )


def _starting(args: argparse.Namespace) -> AbstractAsyncContextManager[Kernel]:
    return Kernel.start(args.language, **container_options(args))


def _given(args: argparse.Namespace) -> dict[str, Any]:
    return {"env": environment(args.env), "limits": limits(args.limit)}


def _files(paths: Sequence[str]) -> dict[str, bytes]:
    files: dict[str, bytes] = {}
    for path in paths:
        for name, content in read_program(path).items():
            if name in files:
                raise OptionError(f"two files would be {name!r}; give their directory instead")
            files[name] = content
    return files


def _terminal(args: argparse.Namespace) -> int:
    from polykernel.cli.terminal import sit_down  # not on every system

    return sit_down(_starting(args))


def _app(args: argparse.Namespace) -> int:
    starting = Kernel.start(args.language, services=[args.name], **container_options(args))
    return serve(starting, args.name)


def _hello(args: argparse.Namespace) -> int:
    async def ask() -> str:
        async with _starting(args) as kernel:
            return json.dumps(asdict(await kernel.hello()), indent=2)

    sys.stdout.write(f"{asyncio.run(ask())}\n")
    return 0


def _images(_: argparse.Namespace) -> int:
    with closing(Engine()) as engine:
        images = engine.kernel_images()
    if not images:
        complain("there is no image of a kernel here; build one: invoke build --lang rust")
    width = max((len(image.name) for image in images), default=0)
    for image in images:
        megabytes = image.size / 1e6
        sys.stdout.write(f"{image.name:{width}}  {image.version:10}  {megabytes:6.0f} MB\n")
    return 0
