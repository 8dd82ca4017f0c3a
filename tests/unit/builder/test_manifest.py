from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from polykernel_builder.errors import DefinitionError
from polykernel_builder.manifest import Manifest, load_manifest
from polykernel_builder.services import ServicePort

if TYPE_CHECKING:
    from pathlib import Path

    from polykernel_builder.catalog import Tree


def edited(tree: Tree, old: str, new: str) -> Path:
    path = tree.language("tiny").directory / "language.toml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return path


def with_port(tree: Tree, **keys: object) -> Path:
    values = {"name": '"web"', "protocol": '"http"', "ports": "[8080]", **keys}
    lines = "\n".join(f"{key} = {value}" for key, value in values.items())
    return edited(tree, "[runtime]", f"[[service-ports]]\n{lines}\n\n[runtime]")


def refusal(path: Path) -> str:
    with pytest.raises(DefinitionError) as caught:
        load_manifest(path)
    text = str(caught.value)
    assert text.startswith(f"{path}: ")
    return text.removeprefix(f"{path}: ")


def test_what_is_left_out_has_defaults(tree: Tree) -> None:
    manifest: Manifest = tree.language("tiny").manifest
    assert not manifest.jupyter
    assert manifest.service_ports == ()
    assert manifest.builtin_services == ("sshd", "ttyd")
    assert manifest.resources.core_count_env == ()
    container = manifest.container
    assert (container.memory, container.processes, container.tmpfs) == ("1g", 256, "512m")


def test_an_image_may_have_services_only(tree: Tree) -> None:
    assert load_manifest(edited(tree, '"batch", "query"', "")).modes == ()


def test_ports_are_read(tree: Tree) -> None:
    manifest = load_manifest(with_port(tree, ports="[8080, 8081]"))
    assert manifest.service_ports == (ServicePort(name="web", protocol="http", ports=(8080, 8081)),)


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ("title =", "titel =", "title: is missing"),
        ('title = "Tiny"', 'title = ""', "title: must not be empty"),
        ('title = "Tiny"', "title = 3", "title: must be a text, not 3"),
        ('title = "Tiny"', 'title = "Tiny"\ncolour = "red"', "colour: unknown key"),
        ('"batch", "query"', '"batch", "batch"', "modes: "),
        ('"batch", "query"', '"batch", "dance"', "modes: "),
        ("[version]", 'builtin-services = ["cron"]\n[version]', "builtin-services: may name each"),
        (
            "[version]",
            'builtin-services = ["ttyd", "ttyd"]\n[version]',
            "builtin-services: may name each of sshd and ttyd once",
        ),
        ("min-cpu = 1", "min-cpu = 0", "resources.min-cpu: must be 1 or more"),
        ("min-cpu = 1", "min-cpu = true", "resources.min-cpu: must be a whole number"),
        ('"256m"', '"256 MB"', "resources.min-memory: must be like 256m"),
        ("min-cpu = 1", "min-cpu = 1\nmax-cpu = 2", "resources.max-cpu: unknown key"),
        (r"'tiny (\S+)'", "'tiny'", "version.pattern: must have one group"),
        (r"'tiny (\S+)'", "'tiny ('", "version.pattern: is not a regular expression"),
        ('["tiny", "--version"]', "[]", "version.command: "),
        ('["tiny", "--version"]', "[1]", "version.command: must be a list of texts; 1 is not"),
        ('"/usr/bin/tiny"', '"tiny"', "runtime.path: must be absolute"),
        ("[runtime]", "[container]\nprocesses = 0\n[runtime]", "container.processes: "),
        ("[runtime]", "[container]\nswap = 0\n[runtime]", "container.swap: unknown key"),
        ("[runtime]", "runtime = ", "not valid TOML"),
    ],
)
def test_a_wrong_key_is_named(tree: Tree, old: str, new: str, named: str) -> None:
    assert refusal(edited(tree, old, new)).startswith(named)


@pytest.mark.parametrize("port", [1024, 65535, 0, 2000, 2003, 2200, 7681])
def test_a_port_that_is_not_to_be_had_is_named(tree: Tree, port: int) -> None:
    text = refusal(with_port(tree, ports=f"[{port}]"))
    assert text.startswith(f"service-ports[0].ports: {port} ")


@pytest.mark.parametrize("port", [1025, 65534, 1999, 2004])
def test_a_port_at_the_edge_is_taken(tree: Tree, port: int) -> None:
    (service,) = load_manifest(with_port(tree, ports=f"[{port}]")).service_ports
    assert service.ports == (port,)


def test_a_port_serves_once(tree: Tree) -> None:
    with_port(tree, name='"other"', ports="[8080]")
    text = refusal(with_port(tree, ports="[9000, 8080]"))
    assert text.startswith("service-ports[1].ports: 8080 is named twice")


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("protocol", '"udp"'),
        ("name", '"a:b"'),
        ("name", '""'),
        ("name", '"sshd"'),
        ("ports", "[]"),
        ("ports", '["8080"]'),
        ("colour", "1"),
    ],
)
def test_a_wrong_service_port_is_named(tree: Tree, key: str, value: str) -> None:
    assert refusal(with_port(tree, **{key: value})).startswith(f"service-ports[0].{key}: ")


def test_two_services_of_one_name_are_refused(tree: Tree) -> None:
    with_port(tree)
    assert re.match(r"service-ports\[1\]\.name: 'web'", refusal(with_port(tree, ports="[9000]")))


def test_a_missing_manifest_is_named(tmp_path: Path) -> None:
    assert refusal(tmp_path / "language.toml") == "the file is missing"
