"""Moodle's protection of its own calls: hosts and ports that it does not call, whoever asks.

A real Moodle blocks all private addresses from the start, and every port but 80 and 443, so that a tool inside a
hospital is refused until the administrator says otherwise. Here both lists begin empty, because the demo lives on this
machine.
"""

import ipaddress
import socket
from dataclasses import dataclass
from urllib.parse import urlsplit

# What a new Moodle 4.5 has in its two fields.
MOODLES_HOSTS = "127.0.0.0/8\n192.168.0.0/16\n10.0.0.0/8\n172.16.0.0/12\n0.0.0.0\nlocalhost\n169.254.169.254\n0000::1"
MOODLES_PORTS = "443\n80"
DEFAULT_PORTS = {"http": "80", "https": "443"}


@dataclass(frozen=True)
class Fence:
    """The two fields of "HTTP security", a line each entry. An empty list of ports allows them all."""

    hosts: str = ""
    ports: str = ""

    def stops(self, address: str) -> bool:
        """Whether the VLE may not call this address."""
        parts = urlsplit(address)
        port = str(parts.port) if parts.port else DEFAULT_PORTS.get(parts.scheme, "")
        allowed = self.ports.split()
        return bool(allowed and port not in allowed) or _is_blocked(parts.hostname or "", self.hosts.split())


def problems_in(fence: Fence) -> list[str]:
    """What Moodle says of entries that it cannot use."""
    bad_ports = [port for port in fence.ports.split() if not port.isdecimal() or int(port) > 65_535]
    bad_hosts = [host for host in fence.hosts.split() if "/" in host and _network(host) is None]
    return [f"Invalid entries: {', '.join(bad)}" for bad in (bad_hosts, bad_ports) if bad]


def _is_blocked(host: str, entries: list[str]) -> bool:
    if not entries:
        return False
    if host.lower() in (entry.lower() for entry in entries):
        return True
    networks = [network for entry in entries if (network := _network(entry)) is not None]
    return any(address in network for address in _addresses_of(host) for network in networks)


def _network(entry: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network | None:
    try:
        return ipaddress.ip_network(entry, strict=False)
    except ValueError:
        return None


def _addresses_of(host: str) -> list[ipaddress.IPv4Address | ipaddress.IPv6Address]:
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return []
    return [ipaddress.ip_address(str(one[4][0]).partition("%")[0]) for one in found]
