"""The guard of outgoing calls, tried against servers that misbehave in every way we could think of."""

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from lti_tool.core.outbound import Guard, OutboundError
from tests.factories.platform import rsa_key

DEMO = Guard(allow_http_loopback=True)
OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"
Script = Callable[[socket.socket, bytes], None]


@contextmanager
def server(script: Script, tls: ssl.SSLContext | None = None) -> Iterator[int]:
    """A server on loopback that answers each connection by the script, which gets what was asked."""
    listener = socket.create_server(("127.0.0.1", 0))
    listener.settimeout(0.1)
    is_over = threading.Event()

    def answer(connection: socket.socket) -> None:
        try:
            with tls.wrap_socket(connection, server_side=True) if tls else connection as talk:
                script(talk, talk.recv(65536))
        except OSError:
            return

    def listen() -> None:
        while not is_over.is_set():
            try:
                connection, _ = listener.accept()
            except OSError:
                continue
            threading.Thread(target=answer, args=(connection,), daemon=True).start()

    thread = threading.Thread(target=listen, daemon=True)
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        is_over.set()
        thread.join()
        listener.close()


def says(*chunks: bytes, each: float = 0.0) -> Script:
    def script(connection: socket.socket, _asked: bytes) -> None:
        for chunk in chunks:
            connection.sendall(chunk)
            time.sleep(each)

    return script


def fetch(script: Script, guard: Guard = DEMO, **bounds: float) -> object:
    with server(script) as port:
        return guard.fetch(f"http://127.0.0.1:{port}/keys?a=1", **bounds)  # type: ignore[arg-type]  # seconds or bytes


def resolving(monkeypatch: pytest.MonkeyPatch, *answers: list[str]) -> list[str]:
    """Make the name server give these answers one after another; returns the names that were asked for."""
    asked: list[str] = []
    left = list(answers)

    def getaddrinfo(host: str, *_: object, **__: object) -> list[object]:
        asked.append(host)
        return [(2, 1, 6, "", (address, 0)) for address in (left.pop(0) if left else answers[-1])]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    return asked


class TestAnswers:
    def test_a_good_one(self) -> None:
        seen: list[bytes] = []

        def script(connection: socket.socket, asked: bytes) -> None:
            seen.append(asked)
            connection.sendall(OK)

        with server(script) as port:
            answer = DEMO.fetch(f"http://127.0.0.1:{port}/keys?a=1", headers={"Accept": "application/json"})
        assert (answer.status, answer.body, answer.headers["content-type"]) == (200, b"{}", "application/json")
        assert seen[0].startswith(b"GET /keys?a=1 HTTP/1.1\r\n")
        assert b"User-Agent: GrandRound (LTI tool)" in seen[0]
        assert b"Accept-Encoding: identity" in seen[0]

    def test_a_post(self) -> None:
        seen: list[bytes] = []

        def script(connection: socket.socket, asked: bytes) -> None:
            seen.append(asked if b"grant" in asked else asked + connection.recv(100))
            connection.sendall(OK)

        with server(script) as port:
            DEMO.fetch(f"http://127.0.0.1:{port}/token", method="POST", body=b"grant=x")
        assert seen[0].startswith(b"POST /token")
        assert seen[0].endswith(b"grant=x")

    def test_a_refusal_of_theirs_is_an_answer(self) -> None:
        answer = fetch(says(b"HTTP/1.1 500 Oh\r\nContent-Length: 2\r\n\r\nno"))
        assert answer.status == 500  # type: ignore[attr-defined]  # an Answer

    def test_repeated_headers_are_joined(self) -> None:
        answer = fetch(says(b"HTTP/1.1 200 OK\r\nLink: <a>\r\nlink: <b>\r\nContent-Length: 0\r\n\r\n"))
        assert answer.headers["link"] == "<a>, <b>"  # type: ignore[attr-defined]  # an Answer


class TestMischief:
    @pytest.mark.parametrize(
        ("answer", "reason"),
        [
            (b"HTTP/1.1 302 Found\r\nLocation: http://10.0.0.1/\r\nContent-Length: 0\r\n\r\n", "another address"),
            (b"HTTP/1.1 304 Same\r\n\r\n", "another address"),
            (b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\n{}", "compressed"),
            (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{}", "the connection broke"),
            (b"hello", "the connection broke"),
            (b"", "the connection broke"),
            (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "the connection broke"),
        ],
    )
    def test_strange_answers(self, answer: bytes, reason: str) -> None:
        with pytest.raises(OutboundError, match=reason):
            fetch(says(answer))

    @pytest.mark.parametrize("head", [b"Content-Length: 9999999", b"X: y"])
    def test_a_huge_answer(self, head: bytes) -> None:
        with pytest.raises(OutboundError, match="more than 512 KB"):
            fetch(says(b"HTTP/1.1 200 OK\r\n" + head + b"\r\n\r\n", *[b"x" * 65536] * 20))

    @pytest.mark.parametrize(
        "script",
        [
            says(b"", each=9),
            says(*[b"H"] * 50, each=0.1),
            says(b"HTTP/1.1 200 OK\r\n", *[b"X-Drip: y\r\n"] * 50, each=0.1),
            says(b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n", *[b"x"] * 50, each=0.1),
            says(b"HTTP/1.1 200 OK\r\n\r\n", *[b"x"] * 50, each=0.1),
            says(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", *[b"1\r\nx\r\n"] * 50, each=0.1),
        ],
        ids=["status", "status dripping", "headers", "body", "body without length", "chunks"],
    )
    def test_a_slow_one_is_cut(self, script: Script) -> None:
        started = time.monotonic()
        with pytest.raises(OutboundError, match=r"took too long|in time"):
            fetch(script, total_seconds=0.6)
        assert time.monotonic() - started < 1.5

    def test_silence_after_connecting_to_tls(self) -> None:
        with server(says(b"", each=3)) as port:
            started = time.monotonic()
            with pytest.raises(OutboundError, match=r"took too long|in time"):
                DEMO.fetch(f"https://127.0.0.1:{port}/", total_seconds=0.5)
            assert time.monotonic() - started < 1.2

    def test_nobody_there(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as listener:
            port = listener.getsockname()[1]
        with pytest.raises(OutboundError, match="refused the connection"):
            DEMO.fetch(f"http://127.0.0.1:{port}/")

    def test_a_name_server_that_hangs(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def hang(*_: object, **__: object) -> list[object]:
            time.sleep(3)
            return []

        monkeypatch.setattr(socket, "getaddrinfo", hang)
        with pytest.raises(OutboundError, match="Looking up"):
            Guard().fetch("https://vle.example/", total_seconds=0.2)

    def test_an_unknown_name(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def unknown(*_: object, **__: object) -> list[object]:
            raise socket.gaierror("no such name")

        monkeypatch.setattr(socket, "getaddrinfo", unknown)
        with pytest.raises(OutboundError, match="not known"):
            Guard().fetch("https://vle.example/")


class TestAddresses:
    @pytest.mark.parametrize(
        "url",
        [
            "http://vle.example/",
            "ftp://vle.example/",
            "file:///etc/passwd",
            "//vle.example/",
            "https://",
            "https://user:word@vle.example/",
            "https://vle.example:0/",
            "https://vle.example:99999/",
            "https://vle.example/\nHost: other",
            "https://vle.example/é",
            "https://[::1",
            "",
        ],
    )
    def test_never_called(self, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
        asked = resolving(monkeypatch, ["93.184.216.34"])
        with pytest.raises(OutboundError, match=r"^The address"):
            Guard().fetch(url)
        assert not asked

    @pytest.mark.parametrize(
        "address",
        [
            "127.0.0.1",
            "10.1.2.3",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "0.0.0.0",
            "224.0.0.1",
            "255.255.255.255",
            "240.0.0.1",
            "::1",
            "::",
            "fe80::1%eth0",
            "fd00::1",
            "ff02::1",
            "::ffff:10.0.0.1",
            "64:ff9b::a00:1",
            "2002:a00:1::",
        ],
    )
    def test_private_addresses(self, address: str, monkeypatch: pytest.MonkeyPatch) -> None:
        resolving(monkeypatch, [address])
        with pytest.raises(OutboundError, match="private network"):
            Guard().fetch("https://vle.example/")

    @pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "2130706433", "0x7f.1", "[::1]", "[::ffff:127.0.0.1]"])
    def test_loopback_in_disguise(self, host: str) -> None:
        with pytest.raises(OutboundError):
            Guard().fetch(f"https://{host}/")

    def test_http_reaches_nothing_but_this_machine(self, monkeypatch: pytest.MonkeyPatch) -> None:
        resolving(monkeypatch, ["93.184.216.34"])
        with pytest.raises(OutboundError, match="private network"):
            DEMO.fetch("http://vle.example/")

    @pytest.mark.parametrize("address", ["169.254.169.254", "224.0.0.1", "0.0.0.0", "fe80::1"])
    def test_a_listed_host_opens_no_other_doors(self, address: str, monkeypatch: pytest.MonkeyPatch) -> None:
        resolving(monkeypatch, [address])
        with pytest.raises(OutboundError, match="private network"):
            Guard(allow_private_hosts=frozenset({"vle.example"})).fetch("https://vle.example/")

    def test_the_name_is_asked_for_once_and_that_answer_is_called(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """DNS rebinding: the second answer, which would be the inner one, is never asked for."""
        with server(says(OK)) as port:
            asked = resolving(monkeypatch, ["127.0.0.1"], ["10.0.0.1"])
            assert DEMO.fetch(f"http://vle.example:{port}/").status == 200
        assert asked == ["vle.example"]

    def test_of_several_addresses_only_the_allowed_are_called(self, monkeypatch: pytest.MonkeyPatch) -> None:
        with server(says(OK)) as port:
            resolving(monkeypatch, ["10.0.0.1", "127.0.0.1"])
            assert DEMO.fetch(f"http://vle.example:{port}/").status == 200


class TestCertificates:
    def authority(self, folder: Path, *names: str) -> tuple[ssl.SSLContext, Path]:
        key = rsa_key("certificate")
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Trust authority")])
        now = datetime.now(UTC)
        alternatives = [x509.IPAddress(ip_address(host)) if host[0].isdigit() else x509.DNSName(host) for host in names]
        certificate = (
            x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), now, now + timedelta(1))
            .add_extension(x509.SubjectAlternativeName(alternatives), critical=False)
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .sign(key, SHA256())
        )
        public, private = folder / "public.pem", folder / "private.pem"
        public.write_bytes(certificate.public_bytes(Encoding.PEM))
        private.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(public, private)
        return context, public

    def test_the_trusts_own_authority(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        context, public = self.authority(tmp_path, "vle.example")
        resolving(monkeypatch, ["127.0.0.1"])
        listed = frozenset({"vle.example"})
        with server(says(OK), context) as port:
            url = f"https://vle.example:{port}/"
            assert Guard(allow_private_hosts=listed, ca_file=public).fetch(url).status == 200
            with pytest.raises(OutboundError, match="certificate was not accepted"):
                Guard(allow_private_hosts=listed).fetch(url)

    def test_a_certificate_of_another_name(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        context, public = self.authority(tmp_path, "other.example", "127.0.0.1")
        resolving(monkeypatch, ["127.0.0.1"])
        guard = Guard(allow_private_hosts=frozenset({"vle.example"}), ca_file=public)
        with server(says(OK), context) as port, pytest.raises(OutboundError, match="certificate was not accepted"):
            guard.fetch(f"https://vle.example:{port}/")

    def test_a_slow_body_over_tls_is_cut(self, tmp_path: Path) -> None:
        context, public = self.authority(tmp_path, "127.0.0.1")
        drip = says(b"HTTP/1.1 200 OK\r\n\r\n", *[b"x"] * 50, each=0.1)
        with server(drip, context) as port:
            started = time.monotonic()
            with pytest.raises(OutboundError, match="took too long"):
                Guard(allow_http_loopback=True, ca_file=public).fetch(f"https://127.0.0.1:{port}/", total_seconds=0.6)
            assert time.monotonic() - started < 1.5
