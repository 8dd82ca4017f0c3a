"""What the runner leaves out while it loads is there when it is asked for."""

from __future__ import annotations

import subprocess
import sys

import pytest

from polykernel_builder.catalog import Tree

RUNNER = str(Tree.here().root / "shared" / "runner")
LOADED = """
import sys
sys.path += sys.argv[1:]  # pyzmq and msgpack are found where the tests have them
from polykernel_runner import __main__ as loading
with loading._postponed():
    from polykernel_runner import command
"""
# (What needs `ast` at once depends on the version of Python.)
SELDOM = ("asyncio.sslproto", "locale", "random", "ssl", "tokenize")


def run(check: str) -> None:
    """Load the runner in a Python that has loaded nothing else, and see what holds then."""
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", LOADED + check, RUNNER, *sys.path],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr


def test_the_runner_loads_without_what_it_seldom_needs() -> None:
    run(f"assert not {{*{SELDOM}}} & {{*sys.modules}}, {{*{SELDOM}}} & {{*sys.modules}}")


@pytest.mark.parametrize(
    "use",
    [
        "import inspect; assert str(inspect.signature(len)) == '(obj, /)'",
        "import inspect; assert inspect.getsource(inspect.unwrap).startswith('def unwrap')",
        "import subprocess; assert subprocess.getoutput('echo x') == 'x'",
        "import zmq; assert zmq.Context().socket(zmq.PULL).bind_to_random_port('tcp://127.0.0.1')",
        "from asyncio import base_events; assert base_events.sslproto.SSLProtocol",
        "import random; assert random.Random(1).random() < 1",
        "import ssl; assert ssl.OPENSSL_VERSION",
        "import logging\ntry: 1 / 0\nexcept ZeroDivisionError: logging.exception('as expected')",
    ],
)
def test_it_is_there_for_who_asks(use: str) -> None:
    run(use)
