from __future__ import annotations

import re

import pytest

from polykernel_builder.errors import UsageError
from polykernel_builder.platforms import parse_platform


@pytest.mark.parametrize(
    ("text", "machine", "debian"),
    [
        ("linux/amd64", "x86_64", "amd64"),
        ("linux/arm64", "aarch64", "arm64"),
        ("linux/arm64/v8", "aarch64", "arm64"),
    ],
)
def test_platforms_have_dockers_names(text: str, machine: str, debian: str) -> None:
    platform = parse_platform(text)
    assert (platform.machine, platform.debian) == (machine, debian)
    assert str(platform) == text.removesuffix("/v8")


@pytest.mark.parametrize("text", ["", "arm64", "linux", "linux/riscv64", "windows/amd64"])
def test_other_platforms_are_named_and_the_known_ones_told(text: str) -> None:
    message = f"--platform {text}: images can be built for linux/amd64 and linux/arm64"
    with pytest.raises(UsageError, match=f"^{re.escape(message)}$"):
        parse_platform(text)
