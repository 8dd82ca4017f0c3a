"""`--lang LANG`: of tests that are made for each language, only LANG's are run; may be repeated.

Tests marked `uid` are for root, or for anybody else: those of the other kind are left out.
"""

from __future__ import annotations

import os
import signal

import pytest

# What they assert is explained as in a test.
pytest.register_assert_rewrite("driving", "support")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--lang",
        action="append",
        default=[],
        help="of tests made for each language, run only this language's; may be repeated",
    )


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "uid(who): for 'root' only, or for 'other' users only")
    # What a shell starts in the background ignores SIGINT, and so would all that tests start.
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    langs = config.getoption("--lang")
    me = "root" if os.geteuid() == 0 else "other"
    kept = [item for item in items if _is_for(item, me) and _is_of(item, langs)]
    config.hook.pytest_deselected(items=[item for item in items if item not in kept])
    items[:] = kept


def _is_for(item: pytest.Item, user: str) -> bool:
    return all(user in mark.args for mark in item.iter_markers("uid"))


def _is_of(item: pytest.Item, langs: list[str]) -> bool:
    return not langs or _language(item) in {None, *langs}


def _language(item: pytest.Item) -> str | None:
    """What the test's parameter `lang` says; a parameter may be anything that str() names."""
    call = getattr(item, "callspec", None)
    return str(call.params["lang"]) if call is not None and "lang" in call.params else None
