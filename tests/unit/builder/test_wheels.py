from __future__ import annotations

import hashlib
import zipfile
from typing import TYPE_CHECKING

import pytest

from polykernel_builder.errors import BuilderError
from polykernel_builder.wheels import WheelCache, platforms

if TYPE_CHECKING:
    from pathlib import Path

WHEEL = "tiny-1.0-py3-none-manylinux_2_28_aarch64.whl"


@pytest.fixture
def lock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A lock of one package, which pip finds in a directory and nowhere else."""
    index = tmp_path / "index"
    index.mkdir()
    with zipfile.ZipFile(index / WHEEL, "w") as wheel:
        wheel.writestr(
            "tiny-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: tiny\nVersion: 1.0\n"
        )
        wheel.writestr("tiny-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\n")
        wheel.writestr("tiny-1.0.dist-info/RECORD", "")
    digest = hashlib.sha256((index / WHEEL).read_bytes()).hexdigest()
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(index))
    path = tmp_path / "requirements.lock"
    path.write_text(f"tiny==1.0 --hash=sha256:{digest}\n")
    return path


def test_wheels_are_those_of_the_images_machine(lock: Path, tmp_path: Path) -> None:
    cache = WheelCache(tmp_path / "cache", "arm64", None)
    directory = cache.directory(lock)
    assert [path.name for path in directory.iterdir()] == [WHEEL]
    with pytest.raises(BuilderError, match="No matching distribution"):
        WheelCache(tmp_path / "cache", "x86_64", None).directory(lock)


def test_wheels_are_downloaded_once(
    lock: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache = WheelCache(tmp_path / "cache", "aarch64", None)
    directory = cache.directory(lock)
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path / "nowhere"))
    assert cache.directory(lock) == directory


def test_other_bytes_than_locked_are_refused_and_not_kept(lock: Path, tmp_path: Path) -> None:
    lock.write_text(f"tiny==1.0 --hash=sha256:{'0' * 64}\n")
    cache = WheelCache(tmp_path / "cache", "aarch64", None)
    for _ in range(2):
        with pytest.raises(BuilderError) as caught:
            cache.directory(lock)
        assert str(caught.value).startswith(f"the wheels of {lock} could not be downloaded")
        assert "0" * 64 in str(caught.value)


def test_a_machine_that_images_are_not_made_for_is_named(tmp_path: Path) -> None:
    with pytest.raises(BuilderError, match="not on riscv64"):
        WheelCache(tmp_path, "riscv64", None)


def test_newer_wheels_are_preferred_and_old_ones_taken() -> None:
    tags = list(platforms("aarch64"))
    assert tags[0] == "manylinux_2_41_aarch64"
    assert tags.index("manylinux_2_17_aarch64") < tags.index("manylinux2014_aarch64")
    assert "manylinux1_aarch64" in tags
