"""One launch at a time in each web process, where the database is SQLite.

Python computes in one thread at a time anyway. A launch that is being read takes the interpreter away, at every
statement, from the one that writes, while those of all other processes wait for that one's turn at the database. So a
launch that has begun is ended before the next begins. Who must wait for the network steps aside.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


class Gate:
    """A gate that is not shut lets everybody through: a database server's statements are waited for side by side."""

    def __init__(self, *, is_shut: bool) -> None:
        self._lock = threading.Lock() if is_shut else None
        self._inside = threading.local()

    def __enter__(self) -> None:
        if self._lock is not None:
            self._lock.acquire()
            self._inside.is_here = True

    def __exit__(self, *_: Any) -> None:
        if self._lock is not None:
            self._inside.is_here = False
            self._lock.release()

    @contextmanager
    def aside(self) -> Iterator[None]:
        """Let others through while the block waits for something; for who is not inside, nothing happens."""
        if not getattr(self._inside, "is_here", False):
            yield
            return
        self.__exit__()
        try:
            yield
        finally:
            self.__enter__()
