"""`--lang LANG`: of tests that are made for each language, only LANG's are run."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--lang", help="of tests made for each language, run only this language's")


def pytest_configure() -> None:
    # What a shell starts in the background ignores SIGINT, and so would all that tests start.
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    lang = config.getoption("--lang")
    if not lang:
        return
    kept = [item for item in items if _language(item) in {None, lang}]
    config.hook.pytest_deselected(items=[item for item in items if item not in kept])
    items[:] = kept


def _language(item: pytest.Item) -> str | None:
    """What the test's parameter `lang` says; a parameter may be anything that str() names."""
    call = getattr(item, "callspec", None)
    return str(call.params["lang"]) if call is not None and "lang" in call.params else None
