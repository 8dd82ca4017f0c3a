from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from support.pythons import make_python

if TYPE_CHECKING:
    from pathlib import Path

    from support.pythons import Python


@pytest.fixture
def python(tmp_path: Path) -> Python:
    return make_python(tmp_path, user_site=False)


@pytest.fixture
def python_with_user_site(tmp_path: Path) -> Python:
    return make_python(tmp_path, user_site=True)


@pytest.fixture
def wheels(tmp_path: Path) -> Path:
    """The directory that `install` finds packages in."""
    return tmp_path / "wheels"
