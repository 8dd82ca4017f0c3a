"""The platforms that images are built for, and whether an engine can run programs of one."""

from __future__ import annotations

import io
import struct
import tarfile
from dataclasses import dataclass
from typing import TYPE_CHECKING

from docker.errors import DockerException

from polykernel_builder.errors import EngineError, UsageError
from polykernel_builder.image_archive import load_layer

if TYPE_CHECKING:
    import docker

WAY_OUT = (
    "either, as root on the engine's machine: apt-get install qemu-user-static binfmt-support; "
    "or build on a machine of that kind, or with buildx: docs/multi-arch.md"
)
PROBE = "polykernel/probe"


@dataclass(frozen=True, kw_only=True)
class Platform:
    """`machine` is the kernel's name of it, `debian` Debian's and Docker's.

    `elf` is its number in a program's header, `exit` are instructions that end a program with 0.
    """

    machine: str
    debian: str
    elf: int
    exit: bytes

    def __str__(self) -> str:
        return f"linux/{self.debian}"


PLATFORMS = (
    # mov $60, %eax; xor %edi, %edi; syscall
    Platform(machine="x86_64", debian="amd64", elf=62, exit=bytes.fromhex("b83c00000031ff0f05")),
    # mov x0, 0; mov x8, 93; svc 0
    Platform(
        machine="aarch64", debian="arm64", elf=183, exit=bytes.fromhex("000080d2a80b80d2010000d4")
    ),
)
MACHINES = {name: it.machine for it in PLATFORMS for name in (it.machine, it.debian)}
_NAMES = {str(it): it for it in PLATFORMS} | {"linux/arm64/v8": PLATFORMS[1]}


def parse_platform(text: str) -> Platform:
    """What `--platform` says. Raises UsageError, which lists the known ones."""
    if text not in _NAMES:
        known = " and ".join(map(str, PLATFORMS))
        raise UsageError(f"--platform {text}: images can be built for {known}")
    return _NAMES[text]


def engine_platform(client: docker.DockerClient) -> Platform:
    """The engine's own. Raises EngineError for one that images are not built for."""
    machine = str(client.info()["Architecture"])
    for platform in PLATFORMS:
        if machine in {platform.machine, platform.debian}:
            return platform
    known = " and ".join(platform.machine for platform in PLATFORMS)
    raise EngineError(f"images can be built on {known}, not on {machine}")


def check_runs(client: docker.DockerClient, platform: Platform) -> None:
    """Raise EngineError where the engine cannot run programs of `platform`.

    Only trying tells: a kernel may run them, or have them run by an emulator.
    """
    try:
        load_layer(client, _probe_layer(platform), f"{PROBE}:{platform.debian}", platform.debian)
        try:
            client.containers.run(
                f"{PROBE}:{platform.debian}",
                ["/probe"],
                platform=str(platform),
                network_mode="none",
                remove=True,
            )
        finally:
            client.images.remove(f"{PROBE}:{platform.debian}", force=True)
    except DockerException as error:
        if "exec format error" in str(error):
            raise EngineError(f"this engine cannot run programs of {platform}; {WAY_OUT}") from None
        raise EngineError(f"this engine cannot run a program of {platform}: {error}") from error


def _probe_layer(platform: Platform) -> io.BytesIO:
    """A layer with a program that ends at once: an ELF header, one segment, and its code."""
    header, segment, address = 64, 56, 0x400000
    code = header + segment
    size = code + len(platform.exit)
    program = struct.pack("<16s", b"\x7fELF\x02\x01\x01")
    program += struct.pack(
        "<HHIQQQIHHHHHH",
        *(2, platform.elf, 1, address + code, header, 0, 0, header, segment, 1, 0, 0, 0),
    )
    program += struct.pack("<IIQQQQQQ", 1, 5, 0, address, address, size, size, 0x10000)
    program += platform.exit
    entry = tarfile.TarInfo("probe")
    entry.mode, entry.size = 0o755, len(program)
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as archive:
        archive.addfile(entry, io.BytesIO(program))
    stream.seek(0)
    return stream
