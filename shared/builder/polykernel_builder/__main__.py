"""What ./quickstart and ./test call once there is an environment to run in."""

from __future__ import annotations

import argparse
import sys

from polykernel_builder import base_image, commands, engine
from polykernel_builder.catalog import Tree
from polykernel_builder.console import console, guarded


def main(arguments: list[str] | None = None) -> int:
    """Run one command; the result is the exit code."""
    parser = argparse.ArgumentParser(prog="polykernel_builder", description=__doc__)
    names = parser.add_subparsers(dest="command", required=True)
    names.add_parser("engine", help="print the address of the Docker engine that answers")
    base = names.add_parser("base", help="find, pull or make the image that all others build on")
    base.add_argument("--no-pull", dest="pull", action="store_false")
    base.add_argument("--no-make", dest="make", action="store_false")
    tour = names.add_parser("quickstart", help="build an image and run its example")
    tour.add_argument("lang")
    check = names.add_parser("check", help="linters, types and tests")
    check.add_argument("--fast", action="store_true", help="only what needs no engine")
    check.add_argument("--lang", help="of the integration tests only those of this language")
    options = parser.parse_args(arguments)
    tree = Tree.here()
    with guarded():
        if options.command == "engine":
            sys.stdout.write(f"{engine.connect().host}\n")
        elif options.command == "base":
            found = engine.connect()
            base_image.ensure(tree, found, console.print, pull=options.pull, make=options.make)
        elif options.command == "check":
            return commands.check(tree, fast=options.fast, lang=options.lang)
        else:
            # The client is imported only where a kernel is started.
            from polykernel_builder.quickstart import quickstart

            return quickstart(tree, options.lang)
    return 0


if __name__ == "__main__":
    sys.exit(main())
