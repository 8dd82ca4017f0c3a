"""What the runner is told at start."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from polykernel_runner import config
from polykernel_runner.config import Access, LogConfig
from polykernel_runner.errors import ConfigError
from polykernel_runner.identity import Identity
from support.users import as_anyone_else, as_root


@pytest.fixture
def env(tmp_path: Path) -> dict[str, str]:
    """A container of which nobody said how to reach it; `run` is where a mount would be."""
    (tmp_path / "config").mkdir()
    return {
        "POLYKERNEL_RUN": str(tmp_path / "run"),
        "POLYKERNEL_CONFIG": str(tmp_path / "config"),
        "LOCAL_USER_ID": "12345",
        "LOCAL_GROUP_ID": "23456",
    }


def mounted(env: dict[str, str]) -> Path:
    run = Path(env["POLYKERNEL_RUN"])
    run.mkdir(mode=0o700, exist_ok=True)
    return run


def keys(env: dict[str, str]) -> Path:
    curve = mounted(env) / "curve"
    curve.mkdir()
    (curve / "server.key_secret").write_text("a key")
    return curve


def test_nobody_said_how_to_reach_it(env: dict[str, str]) -> None:
    with pytest.raises(ConfigError) as caught:
        config.load(env)
    for way in ("ipc", "CURVE", "POLYKERNEL_AUTH=none", env["POLYKERNEL_RUN"]):
        assert way in str(caught.value)


def test_a_directory_that_the_image_has_itself_is_no_mount() -> None:
    with pytest.raises(ConfigError, match="choose one"):
        config.load({})


def test_in_the_clear(env: dict[str, str]) -> None:
    assert config.load(env | {"POLYKERNEL_AUTH": "none"}).access == Access(tcp="clear")


@as_root
def test_ipc(env: dict[str, str]) -> None:
    run = mounted(env)
    loaded = config.load(env)
    assert loaded.access == Access(ipc_directory=run)
    assert loaded.user == Identity(12345, 23456)


@as_root
def test_ipc_where_user_code_owns_the_directory(env: dict[str, str]) -> None:
    os.chown(mounted(env), 12345, 12345)
    with pytest.raises(ConfigError, match=r"could open the sockets.*LOCAL_USER_ID"):
        config.load(env)


@as_anyone_else
def test_ipc_where_user_code_has_the_runner_s_uid(env: dict[str, str]) -> None:
    mounted(env)
    with pytest.raises(ConfigError, match="could open the sockets"):
        config.load(env)


def test_curve(env: dict[str, str]) -> None:
    curve = keys(env)
    access = config.load(env).access
    assert (access.tcp, access.curve_directory) == ("curve", curve)
    assert access.ipc_directory == (mounted(env) if os.geteuid() == 0 else None)


def test_keys_contradict_no_keys(env: dict[str, str]) -> None:
    curve = keys(env)
    with pytest.raises(
        ConfigError, match=f"POLYKERNEL_AUTH=none contradicts the CURVE keys in {curve}"
    ):
        config.load(env | {"POLYKERNEL_AUTH": "none"})


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("POLYKERNEL_AUTH", "off", "POLYKERNEL_AUTH=off is not known; it may be none"),
        ("POLYKERNEL_TETHER", "yes", "POLYKERNEL_TETHER=yes is not known; it may be stdin"),
    ],
)
def test_a_choice_that_is_none_is_said(
    env: dict[str, str], name: str, value: str, says: str
) -> None:
    with pytest.raises(ConfigError, match=says):
        config.load({"POLYKERNEL_AUTH": "none", **env, name: value})


@pytest.mark.parametrize(("value", "tether"), [("", False), ("stdin", True)])
def test_a_tether(env: dict[str, str], *, value: str, tether: bool) -> None:
    given = {"POLYKERNEL_AUTH": "none", "POLYKERNEL_TETHER": value}
    assert config.load(env | given).tether == tether


@pytest.mark.parametrize(
    ("debug", "form", "told"),
    [
        ("", "", LogConfig()),
        ("0", "text", LogConfig()),
        ("1", "json", LogConfig(debug=True, json=True)),
    ],
)
def test_how_the_log_is_written(debug: str, form: str, told: LogConfig) -> None:
    assert config.load_log({"POLYKERNEL_DEBUG": debug, "POLYKERNEL_LOG": form}) == told
    assert config.load_log({}) == LogConfig()


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [("POLYKERNEL_DEBUG", "2", "0 or 1"), ("POLYKERNEL_LOG", "xml", "text or json")],
)
def test_a_log_that_is_none_is_said(name: str, value: str, says: str) -> None:
    with pytest.raises(ConfigError, match=f"{name}={value} is not known; it may be {says}"):
        config.load_log({name: value})


@pytest.mark.parametrize(("value", "seconds"), [("", 60), ("0.5", 0.5), ("3600", 3600)])
def test_how_long_a_bootstrap_may_take(env: dict[str, str], value: str, seconds: float) -> None:
    given = {"POLYKERNEL_AUTH": "none", "POLYKERNEL_BOOTSTRAP_TIME": value}
    assert config.load(env | given).bootstrap_time == seconds


@pytest.mark.parametrize("value", ["0", "-1", "1m", "nan", "inf"])
def test_a_time_that_is_none_is_said(env: dict[str, str], value: str) -> None:
    given = {"POLYKERNEL_AUTH": "none", "POLYKERNEL_BOOTSTRAP_TIME": value}
    with pytest.raises(ConfigError, match=f"POLYKERNEL_BOOTSTRAP_TIME={value} is not a number of"):
        config.load(env | given)


@as_root
@pytest.mark.parametrize("name", ["LOCAL_USER_ID", "LOCAL_GROUP_ID"])
@pytest.mark.parametrize("value", ["0", "-1", "work", "1.5", "4294967295", " 5"])
def test_a_user_who_is_none_is_refused(env: dict[str, str], name: str, value: str) -> None:
    with pytest.raises(ConfigError, match=f"{name}={value} is not the number of an ordinary"):
        config.load(env | {"POLYKERNEL_AUTH": "none", name: value})


@as_root
def test_without_a_word_user_code_is_1000(env: dict[str, str]) -> None:
    del env["LOCAL_USER_ID"], env["LOCAL_GROUP_ID"]
    assert config.load(env | {"POLYKERNEL_AUTH": "none"}).user == Identity(1000, 1000)


def test_what_user_code_sees_of_the_environment(env: dict[str, str]) -> None:
    (Path(env["POLYKERNEL_CONFIG"]) / "environ.txt").write_text("COLOUR=green\nHOME=/else\n")
    given = {"POLYKERNEL_AUTH": "none", "COLOUR": "red", "PATH": "/bin", "HOME": "/root"}
    loaded = config.load(env | given)
    assert loaded.user_env == {
        "LOCAL_USER_ID": "12345", "LOCAL_GROUP_ID": "23456", "COLOUR": "green", "PATH": "/bin",
        "HOME": "/home/work", "USER": "work", "LOGNAME": "work",
    }  # fmt: skip


def test_what_backend_ai_calls_the_kernel(env: dict[str, str]) -> None:
    name = "0123AbCd-89ab-cdef-0123-456789abcdef"
    env |= {"POLYKERNEL_AUTH": "none", "BACKENDAI_KERNEL_ID": name}
    assert config.load(env).kernel_id == name.replace("-", "").lower()
    (Path(env["POLYKERNEL_CONFIG"]) / "environ.txt").write_text("BACKENDAI_KERNEL_ID=../../etc\n")
    loaded = config.load(env)
    assert loaded.kernel_id is None
    assert loaded.complaints == ("BACKENDAI_KERNEL_ID=../../etc is no UUID and is left out",)


def test_paths_are_those_of_the_image(env: dict[str, str]) -> None:
    loaded = config.load(env | {"POLYKERNEL_AUTH": "none"})
    assert loaded.language_file == Path("/opt/polykernel/language.py")
    assert loaded.launcher == Path("/opt/polykernel/bin/polykernel-launch")
    assert loaded.work == Path("/home/work")
    assert loaded.service_defs == (
        Path("/etc/polykernel/service-defs"),
        Path("/etc/backend.ai/service-defs"),
    )


def test_service_definitions_can_be_elsewhere(env: dict[str, str]) -> None:
    given = {"POLYKERNEL_AUTH": "none", "POLYKERNEL_SERVICE_DEFS": "/a/b::/c"}
    assert config.load(env | given).service_defs == (Path("/a/b"), Path("/c"))
