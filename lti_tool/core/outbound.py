"""The one door through which Grand Round calls other machines (VLEs, their keys and services, gateways).

An address that someone typed, or that a VLE sent, could point at a machine inside the hospital that nobody meant to be
reached (server-side request forgery). Every outgoing HTTP call therefore passes here, and here only:

1. **https**. Plain http only where `allow_http_loopback` is set (development), and then only to this machine.
2. **The name is resolved once** and the connection goes to the address that was checked: a name server cannot show
   one address to the check and another to the connection (DNS rebinding). The certificate is still checked by name.
3. **The address must be public.** Private ones (10/8, 192.168/16, loopback …) are reached only for hosts that the
   administrator listed in `allow_private_hosts`; link-local, multicast and reserved ones never.
4. **No redirects**, no cookies, no compression, no proxies from the environment.
5. **Bounds**: 3 s to connect, 5 s in all (a timer cuts the connection, so a server that drips one byte a second gains
   nothing), 512 KB of answer. The caller may ask for other bounds, never for none.

Every failure is one exception, `OutboundError`, whose text a person can read.
"""

import os
import socket
import ssl
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from http.client import HTTPException
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from pathlib import Path
from typing import Self
from urllib.parse import SplitResult, urlsplit

from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError

from lti_tool.core.settings import Settings

CONNECT_SECONDS = 3.0
TOTAL_SECONDS = 5.0
LIMIT_BYTES = 512 * 1024
USER_AGENT = "GrandRound (LTI tool)"

_NAT64 = IPv6Network("64:ff9b::/96")
_Address = IPv4Address | IPv6Address


class OutboundError(Exception):
    """Another machine could not be reached, or must not be. The text says why in plain words."""


@dataclass(frozen=True)
class Answer:
    """What the other machine said. Names of `headers` are in lower case; repeated ones are joined by commas."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class Guard:
    """What the settings allow. `allow_private_hosts` holds host names in lower case."""

    allow_http_loopback: bool = False
    allow_private_hosts: frozenset[str] = frozenset()
    ca_file: Path | None = None

    def fetch(
        self,
        url: str,
        *,
        method: str = "GET",
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
        limit_bytes: int = LIMIT_BYTES,
        total_seconds: float = TOTAL_SECONDS,
    ) -> Answer:
        """Make one call and return the answer whatever its status, unless it is a redirect. Raises OutboundError."""
        deadline = time.monotonic() + total_seconds
        parts = _checked_url(url, self)
        addresses = _allowed_addresses(parts, self, deadline)
        connection = _connection(parts, addresses, self, deadline)
        sent = {"User-Agent": USER_AGENT, "Accept-Encoding": "identity", **(headers or {})}
        with _Cutter(connection, deadline) as cutter:
            try:
                connection.request(method, _target(parts), body, sent, preload_content=False, decode_content=False)
                answer = _read(connection, limit_bytes)
            except (HTTPError, HTTPException, OSError, ValueError) as error:
                reason = "it took too long to answer" if cutter.is_late() else _plain(error)
                raise OutboundError(f"{parts.hostname} could not be reached: {reason}.") from error
            if cutter.is_late():  # an answer without a stated length looks complete when it was cut
                raise OutboundError(f"{parts.hostname} could not be reached: it took too long to answer.")
            return answer


def guard_from(settings: Settings) -> Guard:
    """The guard of this installation."""
    hosts = frozenset(host.lower() for host in settings.allow_private_hosts)
    return Guard(settings.allow_http_loopback, hosts, Path(settings.ca_file) if settings.ca_file else None)


def is_private_host(host: str) -> bool:
    """Whether a name leads to an address that is not public. One that is not known leads nowhere, and so is not."""
    try:
        found = _resolve(host, time.monotonic() + CONNECT_SECONDS)
    except OutboundError:
        return False
    return not all(_unwrapped(address).is_global for address in found)


def _checked_url(url: str, guard: Guard) -> SplitResult:
    """The parts of an address that may be called. Control characters are refused first, because urlsplit drops them."""
    if not all("!" <= character <= "~" for character in url):
        raise OutboundError("The address holds a character that no web address may hold.")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise OutboundError("The address is not a web address.") from error
    if parts.scheme not in ("https", "http") or not parts.hostname or port == 0:
        raise OutboundError("The address must begin with https:// and name a host.")
    if parts.username is not None or parts.password is not None:
        raise OutboundError("The address must not hold a user name or password.")
    if parts.scheme == "http" and not guard.allow_http_loopback:
        raise OutboundError("The address must begin with https://.")
    return parts


def _allowed_addresses(parts: SplitResult, guard: Guard, deadline: float) -> list[_Address]:
    """The addresses of the host that may be called, in the resolver's order."""
    host = parts.hostname or ""
    found = _resolve(host, deadline)
    allowed = [address for address in found if _may_reach(address, host, parts.scheme, guard)]
    if not allowed:
        raise OutboundError(
            f"{host} is on a private network. If it is your VLE, add its name to the setting allow_private_hosts."
        )
    return allowed


def _may_reach(address: _Address, host: str, scheme: str, guard: Guard) -> bool:
    address = _unwrapped(address)
    if address.is_loopback and guard.allow_http_loopback:
        return True
    if scheme == "http":
        return False
    if address.is_multicast or address.is_link_local or address.is_unspecified or _is_reserved(address):
        return False
    return address.is_global or host.lower() in guard.allow_private_hosts


def _is_reserved(address: _Address) -> bool:
    """Reserved by IANA. Python counts loopback ::1 among the reserved, which a listed host may well be."""
    return address.is_reserved and not address.is_loopback


def _unwrapped(address: _Address) -> _Address:
    """The IPv4 address inside an IPv6 one (mapped, 6to4, Teredo, NAT64), because that is where a packet would end."""
    if isinstance(address, IPv4Address):
        return address
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    inner = address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else None)
    return inner or address


def _resolve(host: str, deadline: float) -> list[_Address]:
    """Ask the name server once. It runs in a thread of its own, because a resolver has no time limit we could set."""
    answers: list[_Address] = []

    def ask() -> None:
        try:
            found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError):
            return
        answers.extend(ip_address(str(entry[4][0]).partition("%")[0]) for entry in found)

    asker = threading.Thread(target=ask, name="resolve", daemon=True)
    asker.start()
    asker.join(max(0.0, min(CONNECT_SECONDS, deadline - time.monotonic())))
    if asker.is_alive():
        raise OutboundError(f"Looking up the name {host} took too long.")
    if not answers:
        raise OutboundError(f"The name {host} is not known.")
    return list(dict.fromkeys(answers))


class _Pinned:
    """Makes urllib3 connect to addresses that were checked, in place of asking the name server again."""

    port: int
    addresses: list[_Address]
    deadline: float
    handle: socket.socket | None = None

    def _new_conn(self) -> socket.socket:
        error: OSError = TimeoutError("timed out")
        for address in self.addresses:
            left = min(CONNECT_SECONDS, self.deadline - time.monotonic())
            if left <= 0:
                break
            try:
                connected = _connected(address, self.port, left)
            except OSError as refused:
                error = refused
                continue
            connected.settimeout(max(0.01, self.deadline - time.monotonic()))
            self.handle = socket.socket(fileno=os.dup(connected.fileno()))
            return connected
        raise error


def _connected(address: _Address, port: int, seconds: float) -> socket.socket:
    """A connection to this very address; no name is looked up again."""
    family = socket.AF_INET6 if address.version == 6 else socket.AF_INET
    connected = socket.socket(family, socket.SOCK_STREAM)
    try:
        connected.settimeout(seconds)
        connected.connect((str(address), port))
        connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    except OSError:
        connected.close()
        raise
    return connected


class _PinnedHttp(_Pinned, HTTPConnection):
    pass


class _PinnedHttps(_Pinned, HTTPSConnection):
    pass


def _connection(
    parts: SplitResult, addresses: list[_Address], guard: Guard, deadline: float
) -> _PinnedHttp | _PinnedHttps:
    host = parts.hostname or ""
    seconds = max(0.01, deadline - time.monotonic())
    connection: _PinnedHttp | _PinnedHttps
    if parts.scheme == "http":
        connection = _PinnedHttp(host, parts.port or 80, timeout=seconds)
    else:
        connection = _PinnedHttps(host, parts.port or 443, timeout=seconds, ssl_context=_tls(guard.ca_file))
    connection.addresses = addresses
    connection.deadline = deadline
    return connection


@lru_cache(maxsize=4)
def _tls(ca_file: Path | None) -> ssl.SSLContext:
    """The certificates of the system, and the trust's own authority beside them. Loading takes ~20 ms: once."""
    context = ssl.create_default_context()
    if ca_file is not None:
        context.load_verify_locations(cafile=str(ca_file))
    return context


def _target(parts: SplitResult) -> str:
    return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")


class _Cutter:
    """Cuts the connection when the time is up, in whatever stage it is: handshake, headers or body.

    It holds a second handle on the same connection, so the TLS object of the reading thread stays untouched.
    """

    def __init__(self, connection: _PinnedHttp | _PinnedHttps, deadline: float) -> None:
        self._connection = connection
        self._is_cut = False
        self._deadline = deadline
        self._timer = threading.Timer(max(0.0, deadline - time.monotonic()), self._cut)
        self._timer.daemon = True

    def __enter__(self) -> Self:
        self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()
        self._connection.close()
        if self._connection.handle is not None:
            self._connection.handle.close()

    def is_late(self) -> bool:
        return self._is_cut or time.monotonic() >= self._deadline

    def _cut(self) -> None:
        self._is_cut = True
        if self._connection.handle is not None:
            with suppress(OSError):  # the other side was quicker, or the reading thread has just finished
                self._connection.handle.shutdown(socket.SHUT_RDWR)


def _read(connection: _PinnedHttp | _PinnedHttps, limit_bytes: int) -> Answer:
    response = connection.getresponse()
    if 300 <= response.status < 400:
        raise OutboundError(f"{connection.host} sent us on to another address, which is not followed.")
    if response.headers.get("Content-Encoding", "identity").lower() not in ("identity", ""):
        raise OutboundError(f"{connection.host} sent a compressed answer, which was not asked for.")
    body = bytearray()
    for chunk in response.stream(16 * 1024, decode_content=False):
        body += chunk
        if len(body) > limit_bytes:
            raise OutboundError(f"{connection.host} sent more than {limit_bytes // 1024} KB.")
    headers = {name.lower(): value for name, value in response.headers.itermerged()}
    return Answer(response.status, headers, bytes(body))


def _plain(error: Exception) -> str:
    """A reason a person can act on; the technical one stays in the chain of exceptions."""
    chain: BaseException | None = error
    while chain is not None:
        if isinstance(chain, ssl.SSLCertVerificationError):
            return f"its certificate was not accepted ({chain.verify_message})"
        if isinstance(chain, ssl.SSLError):
            return "a secure connection could not be made"
        if isinstance(chain, TimeoutError):
            return "it did not answer in time"
        if isinstance(chain, ConnectionRefusedError):
            return "it refused the connection"
        chain = chain.__cause__ or chain.__context__
    return "the connection broke"
