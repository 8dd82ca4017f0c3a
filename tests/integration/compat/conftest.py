"""Agents before kernels."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from integration.compat import environment
from integration.compat.agent import Agent, Agents

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def agents() -> Iterator[Agents]:
    interpreter = environment.find_python() or pytest.skip(environment.NOT_FOUND)
    every = Agents(environment.AGENT.ensure(interpreter))
    yield every
    every.close()


@pytest.fixture
def agent(agents: Agents, lang: str) -> Agent:
    """The agent before the kernel of `lang` that tests share."""
    return agents.get(lang)
