"""Which images have passed their tests: by id, in the clone's cache."""

from __future__ import annotations

import json
import os
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime, timezone
from typing import TYPE_CHECKING

from docker.errors import DockerException

from polykernel_builder.console import console
from polykernel_builder.engine import connect
from polykernel_builder.images import built_on

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from polykernel_builder.catalog import Target, Tree

# With it some tests may have been left out.
NARROWING = "PYTEST_ADDOPTS"


@dataclass(frozen=True, kw_only=True)
class Passed:
    """`by` names the command whose tests passed; `at` is RFC 3339."""

    image: str
    by: str
    at: str


class TestRecord:
    """A file for each image id. An image that was built anew has another id, and no file."""

    __test__ = False

    def __init__(self, tree: Tree) -> None:
        self._directory = tree.cache / "tested"

    def add(self, image: str, image_id: str, by: str) -> None:
        """The tests of `image`, which had this id from their begin to their end, have passed."""
        at = datetime.now(tz=timezone.utc).isoformat(timespec="seconds")
        path = self._path(image_id)
        path.parent.mkdir(parents=True, exist_ok=True)
        passed = Passed(image=image, by=by, at=at)
        path.write_text(json.dumps(asdict(passed), indent=1) + "\n", encoding="utf-8")

    def find(self, image_id: str) -> Passed | None:
        try:
            return Passed(**json.loads(self._path(image_id).read_text(encoding="utf-8")))
        # Whatever else it is, it is no proof.
        except (OSError, ValueError, TypeError):
            return None

    def _path(self, image_id: str) -> Path:
        return self._directory / f"{image_id.partition(':')[2]}.json"


@dataclass
class Outcome:
    """The exit code of tests; they have passed when it is 0."""

    code: int = 1


@contextmanager
def recorded(tree: Tree, targets: Sequence[Target], by: str) -> Iterator[Outcome]:
    """Around the tests of `targets`: those passed, they and all they build on are on record.

    Only what had the same id before and after; nothing where the environment leaves out tests.
    """
    names = sorted(target.image for target in built_on(tree, targets))
    before, outcome = _ids(names), Outcome()
    yield outcome
    if outcome.code != 0:
        return
    if os.environ.get(NARROWING):
        console.print(f"{NARROWING} is set: that these tests passed is not put on record")
        return
    record, after = TestRecord(tree), _ids(names)
    for name, image_id in before.items():
        if after.get(name) == image_id:
            record.add(name, image_id, by)


def _ids(names: Sequence[str]) -> dict[str, str]:
    client, found = connect().client, {}
    for name in names:
        try:
            found[name] = str(client.images.get(f"{name}:latest").id)
        except DockerException:
            continue
    client.close()
    return found
