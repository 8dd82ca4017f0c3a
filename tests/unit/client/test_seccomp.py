from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from polykernel import Kernel, OptionError
from polykernel.hardening import host_config
from polykernel.options import StartOptions
from polykernel.seccomp import our_profile, read_profile

if TYPE_CHECKING:
    from pathlib import Path

REFUSED = """
    add_key bpf chroot delete_module fanotify_init finit_module fsconfig fsmount fsopen fspick
    init_module io_uring_enter io_uring_register io_uring_setup ioperm iopl kcmp kexec_file_load
    kexec_load keyctl memfd_secret modify_ldt mount mount_setattr move_mount open_by_handle_at
    open_tree open_tree_attr perf_event_open pivot_root process_madvise quotactl reboot request_key
    setns settimeofday socketcall swapon syslog umount umount2 unshare userfaultfd
"""
FILTERING = {"NCPU": 1, "SecurityOptions": ["name=apparmor", "name=seccomp,profile=default"]}


def rules(profile: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(profile)["syscalls"]
    return found


def allowed(profile: str) -> list[str]:
    return [
        name
        for rule in rules(profile)
        if rule["action"] == "SCMP_ACT_ALLOW"
        for name in rule["names"]
    ]


def test_what_reaches_deep_into_the_kernel_is_not_allowed() -> None:
    assert set(REFUSED.split()) & set(allowed(our_profile())) == set()
    assert json.loads(our_profile())["defaultAction"] == "SCMP_ACT_ERRNO"


def test_a_call_that_depends_on_its_arguments_is_nowhere_allowed_without() -> None:
    dependent = {
        name for rule in rules(our_profile()) if rule.get("args") for name in rule["names"]
    }

    assert dependent == {"socket", "clone", "personality"}
    for rule in rules(our_profile()):
        assert rule.get("args") or not dependent & set(rule["names"])


def test_no_call_is_in_two_groups() -> None:
    names = [
        name for rule in rules(our_profile()) for name in rule["names"] if not rule.get("args")
    ]

    assert sorted(names) == sorted(set(names))


def test_clone3_is_said_not_to_exist_so_that_libraries_use_clone() -> None:
    (rule,) = (rule for rule in rules(our_profile()) if "clone3" in rule["names"])

    assert (rule["action"], rule["errnoRet"]) == ("SCMP_ACT_ERRNO", 38)


def test_no_other_abi_gets_past_the_names() -> None:
    for item in json.loads(our_profile())["archMap"]:
        assert item["subArchitectures"] == []


def test_the_container_gets_the_profile_or_leaves_the_engine_its_own(tmp_path: Path) -> None:
    path = tmp_path / "p.json"
    path.write_text('{"defaultAction": "SCMP_ACT_ALLOW"}')
    for choice, said in (
        ("default", [f"seccomp={our_profile()}"]),
        ("engine", []),
        (path, ['seccomp={"defaultAction":"SCMP_ACT_ALLOW"}']),
    ):
        options = StartOptions(language="c", seccomp=read_profile(choice))
        config = host_config(options, {}, FILTERING)
        assert config["security_opt"] == ["no-new-privileges", *said]


def test_an_engine_that_cannot_filter_says_so_and_not_when_nothing_is_asked() -> None:
    there = {"NCPU": 1, "SecurityOptions": None}

    with pytest.raises(OptionError, match="use seccomp='engine' to do without"):
        host_config(StartOptions(language="c"), {}, there)
    assert host_config(StartOptions(language="c", seccomp=None), {}, there)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "cannot be read: No such file"),
        (b"{", "is no profile"),
        (b"\xff", "is no profile"),
        (b"[]", "lacks a 'defaultAction'"),
        (b"{}", "lacks a 'defaultAction'"),
        (b"[" * 100_000, "is no profile"),
    ],
)
def test_a_profile_that_is_none_is_refused_with_what_to_give(
    tmp_path: Path, content: bytes | None, said: str
) -> None:
    path = tmp_path / "profile.json"
    if content is not None:
        path.write_bytes(content)

    with pytest.raises(OptionError, match=f"{said}.*; give 'default', 'engine'"):
        Kernel.start("c", seccomp=path)
