"""The tools that the platforms launch into. Ours is put in at one place: `ours`."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol
from wsgiref.types import StartResponse, WSGIApplication

from werkzeug.serving import make_server

from tests.benchmarks import pylti1p3_tool
from tests.conformance.peers.platforms import Platform, ToolAddresses


class Tool(Protocol):
    """A running tool that can be told of a platform."""

    base_url: str

    def register_platform(self, platform: Platform) -> None:
        """Make the platform known, so that its launches are accepted."""


@dataclass(frozen=True)
class StandIn:
    """The smallest pylti1p3 tool; it reads its platforms from a file at each request."""

    base_url: str
    platforms: Path

    def register_platform(self, platform: Platform) -> None:
        """Add the platform to the file."""
        known = json.loads(self.platforms.read_text(encoding="utf-8"))
        known[platform.issuer] = {
            "client_id": platform.client_id,
            "auth_login_url": platform.auth_url,
            "auth_token_url": platform.token_url,
            "key_set_url": platform.jwks_url,
            "deployment_ids": [platform.deployment_id],
        }
        self.platforms.write_text(json.dumps(known), encoding="utf-8")


@contextmanager
def served(make_app: Callable[[str], WSGIApplication]) -> Iterator[str]:
    """Serve an app, made for its address, from threads of this process on a free port of loopback."""
    server = make_server("127.0.0.1", 0, _not_made_yet, threaded=True)
    address = f"http://127.0.0.1:{server.server_port}"
    server.app = make_app(address)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield address
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _not_made_yet(environ: dict[str, Any], start_response: StartResponse) -> list[bytes]:
    start_response("503 Service Unavailable", [])
    return []


@contextmanager
def stand_in(folder: Path) -> Iterator[Tool]:
    """Run the smallest pylti1p3 tool."""
    platforms = folder / "platforms.json"
    platforms.write_text("{}", encoding="utf-8")
    environ = {
        "PEER_PLATFORMS": str(platforms),
        "PEER_DATABASE": str(folder / "cache"),
        "PEER_SECRET": "only-for-the-tests",
    }
    with served(lambda _address: pylti1p3_tool.create_app(environ)) as address:
        yield StandIn(address, platforms)


def addresses_of(tool: Tool) -> ToolAddresses:
    """Return the addresses that our public contract promises."""
    return ToolAddresses(f"{tool.base_url}/lti/login", f"{tool.base_url}/lti/launch", f"{tool.base_url}/lti/jwks.json")
