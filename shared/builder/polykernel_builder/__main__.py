"""What ./quickstart and ./test call once there is an environment to run in."""

from __future__ import annotations

import argparse
import sys

from polykernel_builder import base_image, engine
from polykernel_builder.catalog import Tree
from polykernel_builder.console import console, guarded


def main(arguments: list[str] | None = None) -> int:
    """Run one command; the result is the exit code."""
    parser = argparse.ArgumentParser(prog="polykernel_builder", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("engine", help="print the address of the Docker engine that answers")
    commands.add_parser("base", help="find, pull or make the image that all others build on")
    quickstart = commands.add_parser("quickstart", help="build an image and run its example")
    quickstart.add_argument("lang")
    check = commands.add_parser("check", help="linters, types and tests")
    check.add_argument("--fast", action="store_true", help="only what needs no engine")
    check.add_argument("--lang", help="of the integration tests only those of this language")
    options = parser.parse_args(arguments)
    tree = Tree.here()
    with guarded():
        if options.command == "engine":
            sys.stdout.write(f"{engine.connect().host}\n")
        elif options.command == "base":
            base_image.ensure(tree, engine.connect(), console.print)
        elif options.command == "quickstart":
            from polykernel_builder.quickstart import quickstart as run

            return run(tree, options.lang)
        else:
            from polykernel_builder.checks import check as run_checks

            return run_checks(tree, fast=options.fast, lang=options.lang)
    return 0


if __name__ == "__main__":
    sys.exit(main())
