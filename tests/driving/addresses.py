"""Where containers reach this machine."""

from __future__ import annotations

from ipaddress import ip_network
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from docker import DockerClient


def host_address(client: DockerClient) -> str:
    """This machine's address for containers on the engine's usual network.

    An engine names the gateway of that network from its second start on only; where it does not,
    the gateway is the first address of the subnet.
    """
    (pool,) = client.networks.get("bridge").attrs["IPAM"]["Config"]
    return str(pool.get("Gateway") or next(ip_network(pool["Subnet"]).hosts()))
