"""A history as clients of the original know it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from polykernel_git.history import Commit

MEDIA_TYPE = "application/vnd.sorna.gitgraph"


def encode(commits: Sequence[Commit]) -> bytes:
    """Return JSON, parents before their children."""
    branches = {commit.id: commit.branch for commit in commits}
    data = [
        {
            "oid": commit.short_id,
            "parent_ids": list(commit.short_parents),
            "author": commit.author,
            "message": commit.subject,
            "branch": commit.branch,
            "parent_branches": [branches.get(parent) for parent in commit.parents],
        }
        for commit in reversed(commits)
    ]
    return json.dumps(data, ensure_ascii=False).encode("utf-8", "replace")
