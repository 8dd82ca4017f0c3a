from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from support.trees import small_tree

if TYPE_CHECKING:
    from pathlib import Path

    from polykernel_builder.catalog import Tree


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    return small_tree(tmp_path)
