"""Every image goes to a registry, and comes from there to another machine's engine, running."""

from __future__ import annotations

import asyncio
import json
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from docker import DockerClient

from driving.examples import start_example
from driving.publishing import push
from driving.registries import registry
from driving.second_engine import network, second_engine
from polykernel import Kernel
from polykernel_builder.catalog import Tree
from polykernel_builder.conformance import load_conformance
from polykernel_builder.publish.tags import usual_tags
from polykernel_builder.quickstart import to_show

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from driving.registries import Registry
    from polykernel_builder.catalog import Language

TREE = Tree.here()

# Making another network and an engine in it is root's business.
pytestmark = [pytest.mark.uid("root"), pytest.mark.deadline(300)]


@dataclass(frozen=True)
class Elsewhere:
    """A registry, and an engine that knows nothing but the way there."""

    registry: Registry
    client: DockerClient
    host: str


@pytest.fixture(scope="module")
def elsewhere() -> Iterator[Elsewhere]:
    with network() as address, registry(address=address) as started, second_engine() as engine:
        client = DockerClient(base_url=engine.host, timeout=300)
        yield Elsewhere(started, client, engine.host)
        client.close()


@pytest.mark.parametrize("lang", TREE.languages)
async def test_an_image_that_was_pushed_runs_where_it_is_pulled(
    lang: str, elsewhere: Elsewhere, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    language = TREE.language(lang)
    digests = tmp_path / "digests.json"
    words = ["--lang", lang, "--registry", elsewhere.registry.host, "--untested"]
    done = await asyncio.to_thread(push, *words, "--digests", str(digests))
    assert done.code == 0, done.err
    told = json.loads(digests.read_text())["images"][lang]

    repository = f"{elsewhere.registry.outside}/polykernel/{lang}"
    pulled = elsewhere.client.images.pull(f"{repository}@{told['digest']}")
    assert pulled.id == told["image_id"]
    toolchain = usual_tags(pulled.labels)[2]
    assert elsewhere.client.images.pull(repository, tag=toolchain).id == pulled.id

    monkeypatch.setitem(os.environ, "DOCKER_HOST", elsewhere.host)
    async with Kernel.start(lang, image=f"{repository}@{told['digest']}") as kernel:
        await _try(language, kernel)


async def _try(language: Language, kernel: Kernel) -> None:
    conformance = load_conformance(language)
    if "hello" in {case for _, case in conformance.waived} or not language.manifest.modes:
        # Of those that need another server, or have services alone.
        assert (await kernel.hello()).language == language.name
        return
    example, _ = to_show(language)
    result = await start_example(kernel, example, example.modes[0])
    assert (result.exit_code, result.text) == (example.exit_code, example.stdout)
