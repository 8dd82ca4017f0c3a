"""What sshd is prepared with, as far as it takes no sshd; the rest is in tests/integration."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING

import pytest

from polykernel_runner.services import ssh_cluster
from polykernel_runner.services.ssh_home import session_environment
from polykernel_runner.services.ssh_keys import with_keys

if TYPE_CHECKING:
    from pathlib import Path

OURS = "ssh-ed25519 AAAAours polykernel@here"
CLUSTER = "ssh-rsa AAAAcluster work@cluster.local"
MAPPING = {"main1": ["10.0.0.1", 10022], "sub1": ["node-2.example", 10023]}
REPLICAS = {"BACKENDAI_CLUSTER_REPLICAS": "main:1,sub:2"}


@pytest.fixture
def cluster(tmp_path: Path) -> Path:
    (tmp_path / "id_cluster").write_text("private")
    (tmp_path / "id_cluster.pub").write_text(f"{CLUSTER}\n")
    return tmp_path


def hosts(text: str) -> dict[str, dict[str, str]]:
    """What ssh makes of a configuration, by host."""
    found: dict[str, dict[str, str]] = {}
    for line in text.splitlines():
        if not line.startswith("#"):
            key, _, value = line.strip().partition(" ")
            if key == "Host":
                found[value] = {}
            else:
                found[list(found)[-1]][key] = value
    return found


def test_keys_are_added_once_and_those_that_are_there_stay() -> None:
    mine = '# mine\ncommand="date" ssh-ed25519 AAAAmine me@home'
    once = with_keys(mine, [OURS, CLUSTER])
    assert once == f"{mine}\n{OURS}\n{CLUSTER}\n"
    assert with_keys(once, [OURS, CLUSTER]) == once


def test_a_key_that_is_there_under_another_name_is_not_added() -> None:
    old = "restrict ssh-rsa AAAAcluster somebody\n"
    assert with_keys(old, [CLUSTER]) == old
    assert with_keys(f"#{old}", [CLUSTER]) == f"#{old}{CLUSTER}\n"


def test_a_session_has_the_kernels_variables_as_they_are() -> None:
    environ = {"QUOTED": "it's $HOME\n`x`", "PATH": "/a b:/c", "not a name": "x", "TERM": "dumb"}
    script = session_environment(environ) + 'printf "%s|" "$QUOTED" "$PATH" "$SHELL" "$TERM"'
    shown = subprocess.run(
        ["/bin/sh", "-c", script], env={"TERM": "xterm"}, capture_output=True, text=True, check=True
    )
    assert shown.stdout == "it's $HOME\n`x`|/a b:/c|/bin/bash|xterm|"


def test_defect_28_the_nodes_of_a_cluster_are_written_once(cluster: Path) -> None:
    (cluster / "port-mapping.json").write_text(json.dumps(MAPPING))
    mine = "Host example\n    Port 1"
    once = ssh_cluster.with_block(mine, ssh_cluster.client_config(cluster, {}))
    again = ssh_cluster.with_block(once, ssh_cluster.client_config(cluster, {}))
    assert once == again
    assert list(hosts(once)) == ["example", "main1", "sub1"]
    assert hosts(once)["sub1"] == {
        "HostName": "node-2.example",
        "Port": "10023",
        "User": "work",
        "IdentityFile": str(cluster / "id_cluster"),
        "StrictHostKeyChecking": "no",
        "UserKnownHostsFile": "/dev/null",
        "LogLevel": "ERROR",
    }


def test_defect_28_the_nodes_are_named_by_their_roles(cluster: Path) -> None:
    found = hosts(ssh_cluster.client_config(cluster, REPLICAS))
    assert list(found) == ["main*", "sub*"]
    assert {node["Port"] for node in found.values()} == {"2200"}


def test_nodes_that_moved_replace_those_before_them_and_what_follows_stays(cluster: Path) -> None:
    mapping = cluster / "port-mapping.json"
    mapping.write_text(json.dumps(MAPPING))
    old = ssh_cluster.with_block("", ssh_cluster.client_config(cluster, {})) + "Host after\n"
    mapping.write_text(json.dumps({"sub1": ["10.0.0.9", 1]}))
    new = ssh_cluster.with_block(old, ssh_cluster.client_config(cluster, {}))
    assert list(hosts(new)) == ["sub1", "after"]
    assert hosts(new)["sub1"]["HostName"] == "10.0.0.9"
    assert ssh_cluster.with_block(new, "") == "Host after\n"


def test_without_a_cluster_nothing_is_said(tmp_path: Path) -> None:
    assert ssh_cluster.public_keys(tmp_path) == []
    assert ssh_cluster.client_config(tmp_path, REPLICAS) == ""


def test_a_clusters_key_is_read(cluster: Path) -> None:
    assert ssh_cluster.public_keys(cluster) == [CLUSTER]


@pytest.mark.parametrize("text", ["-----BEGIN OPENSSH PRIVATE KEY-----", "ssh-rsa", 'a "AAAA'])
def test_what_is_no_public_key_is_refused(cluster: Path, text: str) -> None:
    (cluster / "id_cluster.pub").write_text(text)
    with pytest.raises(ValueError, match=r"id_cluster\.pub has a line that is no public key"):
        ssh_cluster.public_keys(cluster)


@pytest.mark.parametrize(
    "mapping",
    ["{", "[1]", '{"a": "b:1"}', '{"a": ["b"]}', '{"a b": ["c", 1]}', '{"a": ["b\\nUser x", 1]}'],
)
def test_a_mapping_that_cannot_be_used_is_named(cluster: Path, mapping: str) -> None:
    (cluster / "port-mapping.json").write_text(mapping)
    with pytest.raises(ValueError, match=r"port-mapping\.json"):
        ssh_cluster.client_config(cluster, {})
