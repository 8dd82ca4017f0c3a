from __future__ import annotations

import socket
from typing import TYPE_CHECKING

import pytest

from polykernel_builder import engine
from polykernel_builder.errors import EngineError

if TYPE_CHECKING:
    from pathlib import Path


def problem(monkeypatch: pytest.MonkeyPatch, host: str) -> str:
    monkeypatch.setenv("DOCKER_HOST", host)
    with pytest.raises(EngineError) as caught:
        engine.connect()
    return str(caught.value)


def test_an_engine_that_is_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    host = f"unix://{tmp_path}/none.sock"
    text = problem(monkeypatch, host)
    assert f"{host}: no engine is listening there" in text
    assert "https://docs.docker.com/engine/install/" in text


def test_a_socket_that_nobody_serves(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket(socket.AF_UNIX) as bound:
        bound.bind(f"{tmp_path}/s")
    assert "the connection was refused" in problem(monkeypatch, f"unix://{tmp_path}/s")


def test_an_address_that_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "nonsense" in problem(monkeypatch, "nonsense://x")
