"""Small HTTP servers of loopback, in a thread of the test that needs them."""

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Listener(ThreadingHTTPServer):
    """A server to whom a client that hangs up is no error.

    Nothing is printed of it, because Python before 3.11.8 parses source while it prints a traceback, and a parser that
    runs in another thread of the same process at that moment fails of it
    (https://github.com/python/cpython/issues/106905).
    """

    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


@contextmanager
def listening(handler: type[BaseHTTPRequestHandler], host: str = "127.0.0.1", port: int = 0) -> Iterator[str]:
    """Serve while the block lasts, on a free port if none is named; returns the address."""
    server = Listener((host, port), handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield f"http://{host}:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
