"""A light load generator: requests are bytes made beforehand, sent on raw keep-alive sockets by a few threads.

It does so little for a request (0.1 to 0.2 ms of CPU) that on two cores the tool, not the generator, is measured.
"""

import socket
import statistics
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

import psutil

TIMEOUT_SECONDS = 20.0


@dataclass(frozen=True)
class Answer:
    """An HTTP answer, as far as a launch needs it."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes

    def header(self, name: str) -> str:
        """Return the first header of that name, or an empty string."""
        return next((value for key, value in self.headers if key == name), "")

    def cookies(self) -> str:
        """Return what a browser would send back as its Cookie header."""
        return "; ".join(value.partition(";")[0] for key, value in self.headers if key == "set-cookie")


@dataclass(frozen=True)
class Load:
    """What one round of requests took."""

    requests: int
    seconds: float
    server_cpu_seconds: float
    generator_cpu_seconds: float
    latencies_ms: tuple[float, ...]

    def figures(self) -> dict[str, float]:
        """Return the round as the figures that are reported."""
        percentiles = statistics.quantiles(self.latencies_ms, n=100, method="inclusive")
        return {
            "per_second": self.requests / self.seconds,
            "cpu_ms": 1000 * self.server_cpu_seconds / self.requests,
            "p50_ms": percentiles[49],
            "p99_ms": percentiles[98],
            "generator_cpu_ms": 1000 * self.generator_cpu_seconds / self.requests,
        }


class Connection:
    """A keep-alive connection to one host; opened again when the server closes it."""

    def __init__(self, url: str) -> None:
        """Remember where to; the socket is opened by the first request."""
        where = urlsplit(url)
        self._address = (where.hostname or "127.0.0.1", where.port or 80)
        self._socket: socket.socket | None = None

    def ask(self, request: bytes) -> Answer:
        """Send the request and read the whole answer."""
        if self._socket is None:
            self._socket = socket.create_connection(self._address, TIMEOUT_SECONDS)
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket.sendall(request)
        answer = self._read(self._socket)
        if answer.header("connection").lower() == "close":
            self.close()
        return answer

    def close(self) -> None:
        """Close the socket, if open."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def _read(self, connected: socket.socket) -> Answer:
        received = bytearray()
        while (end := received.find(b"\r\n\r\n")) < 0:
            _receive(connected, received)
        first, *lines = received[:end].decode("latin-1").split("\r\n")
        pairs = (line.partition(":") for line in lines)
        headers = tuple((name.lower(), value.strip()) for name, _, value in pairs)
        answer = Answer(int(first.split()[1]), headers, b"")
        if "chunked" in answer.header("transfer-encoding").lower():
            while not received.endswith(b"0\r\n\r\n"):
                _receive(connected, received)
        else:
            length = int(answer.header("content-length") or 0)
            while len(received) < end + 4 + length:
                _receive(connected, received)
        return Answer(answer.status, headers, bytes(received[end + 4 :]))


def _receive(connected: socket.socket, received: bytearray) -> None:
    part = connected.recv(65536)
    if not part:
        raise ConnectionError(f"the server closed the connection after {bytes(received[:200])!r}")
    received += part


def request_bytes(method: str, url: str, *, cookies: str = "", form: str = "") -> bytes:
    """Return a request as it goes over the wire."""
    where = urlsplit(url)
    path = f"{where.path or '/'}?{where.query}" if where.query else where.path or "/"
    lines = [f"{method} {path} HTTP/1.1", f"Host: {where.netloc}", "User-Agent: benchmark", "Accept: text/html"]
    if cookies:
        lines.append(f"Cookie: {cookies}")
    if form:
        lines += ["Content-Type: application/x-www-form-urlencoded", f"Content-Length: {len(form)}"]
    return ("\r\n".join(lines) + "\r\n\r\n" + form).encode("ascii")


def tree_cpu_seconds(pid: int) -> float:
    """Return the user and system time of a process and all its living children."""
    root = psutil.Process(pid)
    times = [process.cpu_times() for process in (root, *root.children(recursive=True))]
    return sum(each.user + each.system for each in times)


def run(url: str, requests: Sequence[bytes], pid: int, clients: int, expected: frozenset[int]) -> Load:
    """Send all requests from as many concurrent clients; any answer that is not expected ends the run."""
    latencies: list[float] = []
    faults: list[str] = []
    start = threading.Barrier(clients + 1)

    def client(own: Sequence[bytes]) -> None:
        connection, mine = Connection(url), []
        start.wait(TIMEOUT_SECONDS)
        try:
            for request in own:
                began = time.perf_counter()
                answer = connection.ask(request)
                mine.append(1000 * (time.perf_counter() - began))
                if answer.status not in expected:
                    faults.append(f"{answer.status} from {url}: {answer.body[:500]!r}")
                    return
        except OSError as error:
            faults.append(f"{url}: {error}")
        finally:
            connection.close()
            latencies.extend(mine)

    threads = [threading.Thread(target=client, args=(requests[n::clients],), daemon=True) for n in range(clients)]
    for thread in threads:
        thread.start()
    server, generator = tree_cpu_seconds(pid), time.process_time()
    start.wait(TIMEOUT_SECONDS)
    began = time.perf_counter()
    for thread in threads:
        thread.join()
    seconds, generator = time.perf_counter() - began, time.process_time() - generator
    time.sleep(0.2)  # what a tool still does after its answer belongs to the launch
    if faults:
        raise RuntimeError(faults[0])
    return Load(len(requests), seconds, tree_cpu_seconds(pid) - server, generator, tuple(latencies))
