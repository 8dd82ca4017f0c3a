from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import pytest

from polykernel_builder.context import packed
from polykernel_builder.errors import DefinitionError
from polykernel_builder.vendor import FILE_TIME, vendor
from support.trees import write

if TYPE_CHECKING:
    from pathlib import Path

    from polykernel_builder.catalog import Tree

DEFINITIONS = "rootfs/etc/polykernel/service-defs"


@pytest.fixture
def wheels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("wheels")
    (directory / "a-1-py3-none-any.whl").write_bytes(b"wheel")
    return directory


def vendored(tree: Tree, wheels: Path, ca: Path | None = None) -> dict[str, bytes]:
    target = tree.language("tiny")
    vendor(target, lambda _: wheels, ca)
    return {
        path.relative_to(target.vendor).as_posix(): path.read_bytes()
        for path in target.vendor.rglob("*")
        if path.is_file()
    }


def context_hash(tree: Tree) -> str:
    with packed(tree.language("tiny").directory) as stream:
        return hashlib.sha256(stream.read()).hexdigest()


def test_the_runner_and_the_language_are_laid_out_as_in_the_image(tree: Tree, wheels: Path) -> None:
    home = "rootfs/opt/polykernel"
    assert set(vendored(tree, wheels)) == {
        f"{home}/lib/polykernel_runner/__init__.py",
        f"{home}/lib/polykernel_runner/part/__init__.py",
        f"{home}/entrypoint.sh",
        f"{home}/start.py",
        f"{home}/language.py",
        f"{home}/language.toml",
        f"{DEFINITIONS}/web.json",
        f"{DEFINITIONS}/sshd.json",
        f"{DEFINITIONS}/ttyd.json",
    }
    entrypoint = tree.language("tiny").vendor / home / "entrypoint.sh"
    assert entrypoint.stat().st_mode & 0o777 == 0o755
    assert entrypoint.stat().st_mtime == FILE_TIME


def test_who_builds_on_a_language_has_its_services_too(tree: Tree) -> None:
    base = "FROM polykernel/base:latest AS other\nFROM polykernel/tiny:latest\n"
    own = {"other.json": "{}", "web.json": '{"command": ["web"]}'}
    write(tree.root, {"languages/child/Dockerfile": base})
    write(tree.root, {f"languages/child/service-defs/{name}": own[name] for name in own})
    found = {path.name: path.read_text() for path in tree.language("child").service_definitions}

    assert found == own
    (tree.root / "languages/child/service-defs/web.json").unlink()
    paths = tree.language("child").service_definitions
    assert [path.parts[-3] for path in sorted(paths)] == ["child", "tiny"]


def test_the_same_source_gives_the_same_context(tree: Tree, wheels: Path) -> None:
    vendored(tree, wheels)
    before = context_hash(tree)
    path = tree.runner / "polykernel_runner" / "__init__.py"
    path.touch()
    path.chmod(0o600)
    write(tree.root, {"languages/tiny/examples/tour/program/other.tiny": "not in the context"})
    vendored(tree, wheels)
    assert context_hash(tree) == before
    path.write_text("changed = True\n")
    vendored(tree, wheels)
    assert context_hash(tree) != before


def test_what_is_unchanged_is_not_written(tree: Tree, wheels: Path) -> None:
    target = tree.language("tiny")
    assert vendor(target, lambda _: wheels, None) == 9
    inodes = {path: path.stat().st_ino for path in target.vendor.rglob("*")}
    assert vendor(target, lambda _: wheels, None) == 0
    assert {path: path.stat().st_ino for path in target.vendor.rglob("*")} == inodes


def test_what_is_gone_from_the_source_goes(tree: Tree, wheels: Path) -> None:
    write(tree.root, {"languages/tiny/requirements.lock": "a==1\n"})
    assert "wheels/user/a-1-py3-none-any.whl" in vendored(tree, wheels)
    (tree.root / "languages/tiny/requirements.lock").unlink()
    (tree.root / "languages/tiny/service-defs/web.json").unlink()
    (tree.runner / "polykernel_runner/part/__init__.py").unlink()
    write(tree.root, {"shared/runner/polykernel_runner/part.py": ""})
    left = vendored(tree, wheels)
    assert not [name for name in left if "wheels" in name or "part/" in name or "web" in name]
    vendor_directory = tree.language("tiny").vendor
    assert (vendor_directory / "rootfs/etc/polykernel/service-defs").is_dir()


def test_a_language_has_the_built_in_services_that_it_does_not_leave_out(
    tree: Tree, wheels: Path
) -> None:
    manifest = tree.language("tiny").directory / "language.toml"
    text = manifest.read_text()
    for names, there in (('["ttyd"]', {"ttyd", "web"}), ("[]", {"web"})):
        manifest.write_text(f"builtin-services = {names}\n{text}")
        files = vendored(tree, wheels)
        assert {name for name in files if name.startswith(DEFINITIONS)} == {
            f"{DEFINITIONS}/{name}.json" for name in there
        }


def test_a_languages_own_definition_wins_over_a_built_in_one(tree: Tree, wheels: Path) -> None:
    own = '{"command": ["other-ttyd"]}'
    write(tree.root, {"languages/tiny/service-defs/ttyd.json": own})
    files = vendored(tree, wheels)
    assert files[f"{DEFINITIONS}/ttyd.json"] == own.encode()
    assert files[f"{DEFINITIONS}/sshd.json"] == b'{"command": ["dropbear"]}'


def test_a_directory_gives_way_to_a_file_of_its_name(tree: Tree, wheels: Path) -> None:
    obstacle = tree.language("tiny").vendor / "rootfs/opt/polykernel/language.py"
    write(obstacle, {"deep/er": ""})
    assert vendored(tree, wheels)["rootfs/opt/polykernel/language.py"] == b'name = "tiny"\n'


def test_jupyter_is_vendored_for_languages_that_ask(tree: Tree, wheels: Path) -> None:
    lock = "shared/runner/requirements-jupyter.lock"
    manifest = tree.language("tiny").directory / "language.toml"
    write(tree.root, {lock: "a==1\n"})
    assert not [name for name in vendored(tree, wheels) if name.startswith("wheels")]
    manifest.write_text("jupyter = true\n" + manifest.read_text())
    files = vendored(tree, wheels)
    assert files["wheels/jupyter/a-1-py3-none-any.whl"] == b"wheel"
    assert files["wheels/jupyter/requirements.lock"] == b"a==1\n"


def test_certificates_come_only_where_a_build_stage_asks(tree: Tree, wheels: Path) -> None:
    ca = tree.root / "host.pem"
    ca.write_text("certificates")
    assert "ca/host.crt" not in vendored(tree, wheels, ca)
    write(
        tree.root,
        {"languages/tiny/Dockerfile": "FROM a AS get\nCOPY vendor/ca /ca\nFROM polykernel/base\n"},
    )
    assert vendored(tree, wheels, ca)["ca/host.crt"] == b"certificates"
    assert "ca/host.crt" not in vendored(tree, wheels, None)
    assert (tree.language("tiny").vendor / "ca").is_dir()


def test_an_image_gets_the_files_it_names(tree: Tree, wheels: Path) -> None:
    text = 'title = "x"\ndescription = "y"\n[vendor]\nfiles = ["shared/runner/*.sh"]\n'
    write(tree.root, {"images/base/image.toml": text})
    image = tree.images["base"]
    vendor(image, lambda _: wheels, None)
    assert [path.name for path in image.vendor.iterdir()] == ["entrypoint.sh"]
    write(tree.root, {"images/base/image.toml": text.replace("*.sh", "*.rs")})
    with pytest.raises(DefinitionError, match=r"vendor\.files: nothing matches 'shared/runner/"):
        vendor(tree.images["base"], lambda _: wheels, None)


def test_a_missing_source_is_named(tree: Tree, wheels: Path) -> None:
    (tree.runner / "entrypoint.sh").unlink()
    with pytest.raises(DefinitionError, match=r"entrypoint\.sh: cannot be read: No such file"):
        vendored(tree, wheels)
