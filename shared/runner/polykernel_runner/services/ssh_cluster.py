"""What a host tells of the other nodes of a cluster: their key, and where they listen.

In its directory lie `id_cluster` and `id_cluster.pub`, which all nodes have, and where the nodes
are reached by ports of their hosts `port-mapping.json`: `{"name": ["address", port], ...}`. Without
it a node is reached by its name, a role of the cluster with a number, at sshd's usual port.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

USER = "work"
BEGIN = "# >>> nodes of this cluster, written by polykernel >>>"
END = "# <<< nodes of this cluster <<<"
PORT = 2200

_BLOCK = re.compile(rf"^{re.escape(BEGIN)}\n.*?^{re.escape(END)}\n", re.MULTILINE | re.DOTALL)
_WORD = re.compile(r"[\w.:*-]+", re.ASCII)


def public_keys(cluster: Path) -> list[str]:
    """Return the lines of `id_cluster.pub`; none where it is not there.

    Raises:
        ValueError: it has something else.
    """
    path = cluster / "id_cluster.pub"
    try:
        lines = [line.strip() for line in path.read_text().splitlines() if line.strip()]
    except FileNotFoundError:
        return []
    for line in lines:
        if not re.match(r"[a-z][\w.@-]+ AAAA[\w+/=]+( |$)", line, re.ASCII):
            raise ValueError(f"{path} has a line that is no public key: {line!r:.60}")
    return lines


def client_config(cluster: Path, environ: Mapping[str, str]) -> str:
    """Return how ssh reaches the nodes, for the user's configuration of ssh; "" without a cluster.

    Raises:
        ValueError: `port-mapping.json` is not as said above.
    """
    if not (cluster / "id_cluster").exists():
        return ""
    common = [
        f"User {USER}",
        f"IdentityFile {cluster / 'id_cluster'}",
        # Each node has made its host key just now; nobody can know it.
        "StrictHostKeyChecking no",
        "UserKnownHostsFile /dev/null",
        "LogLevel ERROR",
    ]
    lines: list[str] = []
    for host, settings in _nodes(cluster / "port-mapping.json", environ):
        lines += [f"Host {host}", *(f"    {setting}" for setting in (*settings, *common))]
    return "\n".join([BEGIN, *lines, END, ""])


def with_block(old: str, block: str) -> str:
    """Return a configuration with the block in place of the one it has, or else at its end."""
    if _BLOCK.search(old):
        return _BLOCK.sub(lambda _: block, old, count=1)
    if block and old and not old.endswith("\n"):
        old += "\n"
    return old + block


def _nodes(mapping: Path, environ: Mapping[str, str]) -> Iterator[tuple[str, list[str]]]:
    try:
        nodes = json.loads(mapping.read_text())
    except FileNotFoundError:
        for replica in environ.get("BACKENDAI_CLUSTER_REPLICAS", "main:1").split(","):
            role = replica.rpartition(":")[0].strip()
            if _WORD.fullmatch(role):
                yield f"{role}*", [f"Port {PORT}"]
        return
    except ValueError as error:
        raise ValueError(f"{mapping} is not JSON: {error}") from error
    for name, place in nodes.items() if isinstance(nodes, dict) else [("", nodes)]:
        match place:
            case [str(address), int(port)] if _WORD.fullmatch(name) and _WORD.fullmatch(address):
                yield name, [f"HostName {address}", f"Port {port}"]
            case _:
                raise ValueError(
                    f'{mapping}: {name!r:.60}: {place!r:.60} is not like "name": ["address", port]'
                )
