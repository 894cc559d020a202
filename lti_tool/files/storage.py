"""Where the bytes of files lie: a folder under `var_dir`. Six calls, so that another store can take its place.

A name is 16 random letters and digits, with `.small` behind it for a thumbnail; it tells neither who sent the file nor
what it was called. What is written is on the disk before the name is there, and the name before `put` returns. Backups
take the folder with the database (`operations/backup.py`), so an unfinished file lies outside it.
"""

import os
import re
import secrets
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from lti_tool.core.settings import Settings

_NAME = re.compile(r"[A-Za-z0-9_-]{16}(?:\.small)?")
FOLDER, UNFINISHED = "files", "files.unfinished"


class Storage:
    """The files of an installation, by name."""

    def __init__(self, var_dir: Path) -> None:
        self._folder, self._unfinished = var_dir / FOLDER, var_dir / UNFINISHED

    def put(self, name: str, data: bytes) -> None:
        """Keep these bytes under a new name, on the disk when this returns."""
        path = self._path(name)
        for folder in (path.parent, self._unfinished):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        partial = self._unfinished / secrets.token_hex(16)
        descriptor = os.open(partial, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_NOFOLLOW, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        partial.rename(path)
        _sync(path.parent)

    def get(self, name: str) -> bytes | None:
        """The bytes, or None when there are none under this name."""
        try:
            return self._path(name).read_bytes()
        except FileNotFoundError:
            return None

    def has(self, name: str) -> bool:
        """Whether there is something under this name."""
        return self._path(name).is_file()

    def delete(self, name: str) -> None:
        """Forget it; nothing happens when it is gone already."""
        self._path(name).unlink(missing_ok=True)

    def names(self) -> Iterator[tuple[str, datetime]]:
        """Every name that there is, and since when."""
        for path in self._folder.glob("??/*"):
            if _NAME.fullmatch(path.name) and not path.is_symlink():
                yield path.name, datetime.fromtimestamp(path.stat().st_mtime, UTC)

    def clear_unfinished(self, before: datetime) -> None:
        """Remove what a process left that was killed while it wrote."""
        for path in self._unfinished.glob("*"):
            if path.stat().st_mtime < before.timestamp():
                path.unlink(missing_ok=True)

    def _path(self, name: str) -> Path:
        if not _NAME.fullmatch(name):
            raise ValueError("This is no name of a file of ours.")
        return self._folder / name[:2].lower() / name


def storage_of(settings: Settings) -> Storage:
    """The store that the settings name; `core.settings` has refused any that we do not know."""
    return Storage(Path(settings.var_dir))


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
