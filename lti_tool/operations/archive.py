"""What an archive is: one zip with a signed list of all that is in it, the database, and the folder of files.

The list (`manifest.json`) names every part with its length and SHA-256, and is itself signed under the installation's
secret key, so nothing in an archive can be changed or added unseen. The key is not in it, only its fingerprint: whoever
finds an archive cannot open what is sealed in it, and whoever restores it must bring the key.
"""

import hashlib
import hmac
import json
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import IO, Any
from zipfile import ZIP_DEFLATED, BadZipFile, ZipFile, is_zipfile

from lti_tool.core.errors import Invalid
from lti_tool.core.settings import Settings

FORMAT = 1
MANIFEST = "manifest.json"
SIGNATURE = "manifest.sig"
MOST_MANIFEST_BYTES = 256 * 1024 * 1024
CHUNK_BYTES = 1024 * 1024
QUICKLY = 1  # zlib's level: the disk waits for no better one

SQLITE_FILE = "database/grand-round.db"
SQLITE_LOG = "database/grand-round.db-wal"
POSTGRES_DUMP = "database/postgresql.dump"
FILES = "files/"
_SEGMENT = re.compile(r"(?!\.{1,2}$)[A-Za-z0-9._ -]{1,200}")


@dataclass(frozen=True, slots=True)
class Part:
    """One member of the zip."""

    bytes: int
    sha256: str


@dataclass(slots=True)
class Manifest:
    """What an archive says of itself. `sealed`, `unsealed` and `head` are the journal's at the moment of its end."""

    engine: str
    revision: str
    key: str
    taken_at: str = ""
    sealed: int = 0
    unsealed: int = 0
    head: str = ""
    parts: dict[str, Part] = field(default_factory=dict)
    version: str = field(default_factory=lambda: version("grand-round"))
    format: int = FORMAT


def key_fingerprint(settings: Settings) -> str:
    """Tells one secret key from another, and nothing else about it."""
    return settings.key_for("backup fingerprint").hex()[:32]


def _signature(settings: Settings, manifest: bytes) -> bytes:
    return hmac.new(settings.key_for("backup manifest"), manifest, hashlib.sha256).hexdigest().encode()


class ArchiveWriter:
    """Writes the parts of an archive as they come, and the list of them last."""

    def __init__(self, file: IO[bytes], manifest: Manifest) -> None:
        self._zip = ZipFile(file, "w", ZIP_DEFLATED, compresslevel=QUICKLY)
        self._file = file
        self.manifest = manifest

    def sync(self) -> None:
        """Bring to the disk what is written so far, so that little is left for later."""
        self._file.flush()
        os.fsync(self._file.fileno())

    def add(self, name: str, source: IO[bytes]) -> None:
        """Take in a part, to its end."""
        sha, length = hashlib.sha256(), 0
        with self._zip.open(name, "w", force_zip64=True) as target:
            while chunk := source.read(CHUNK_BYTES):
                target.write(chunk)
                sha.update(chunk)
                length += len(chunk)
        self.manifest.parts[name] = Part(length, sha.hexdigest())

    def finish(self, settings: Settings, now: datetime) -> None:
        """Write the list and the zip's own table."""
        self.manifest.taken_at = now.isoformat(timespec="microseconds")
        written = json.dumps(asdict(self.manifest), sort_keys=True, indent=1).encode()
        self._zip.writestr(MANIFEST, written)
        self._zip.writestr(SIGNATURE, _signature(settings, written))
        self._zip.close()


class Archive:
    """An archive that is ours and complete in its list; each part is checked when it is unpacked."""

    def __init__(self, opened: ZipFile, manifest: Manifest) -> None:
        self._zip = opened
        self.manifest = manifest

    def unpack(self, folder: Path) -> None:
        """Put every part under `folder`, which is empty. Raises Invalid for one that is not as the list says."""
        for name, part in self.manifest.parts.items():
            target = folder.joinpath(*name.split("/"))
            target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with target.open("xb") as file:
                self._unpack_part(name, part, file)

    def _unpack_part(self, name: str, part: Part, file: IO[bytes]) -> None:
        sha, length = hashlib.sha256(), 0
        try:
            with self._zip.open(name) as source:
                while length <= part.bytes and (chunk := source.read(CHUNK_BYTES)):
                    file.write(chunk)
                    sha.update(chunk)
                    length += len(chunk)
        except (BadZipFile, OSError, EOFError, ValueError) as error:
            raise _broken(f"{name} cannot be read") from error
        if (length, sha.hexdigest()) != (part.bytes, part.sha256):
            raise _broken(f"{name} is not what was put in")


@contextmanager
def open_archive(path: Path, settings: Settings) -> Iterator[Archive]:
    """An archive of this installation, or of another one with the same secret key. Raises Invalid with what to do."""
    if not path.is_file():
        raise Invalid(f"There is no file {path}.")
    if not is_zipfile(path):
        raise Invalid(f"{path} is not an archive of Grand Round, or it was cut off while it was copied.")
    try:
        opened = ZipFile(path)
    except (BadZipFile, OSError, ValueError) as error:
        raise _broken("its table cannot be read") from error
    with opened:
        yield Archive(opened, _read_manifest(opened, settings))


def _read_manifest(opened: ZipFile, settings: Settings) -> Manifest:
    try:
        if opened.getinfo(MANIFEST).file_size > MOST_MANIFEST_BYTES:
            raise _broken("its list is too long")
        written, signature = opened.read(MANIFEST), opened.read(SIGNATURE)
        said = json.loads(written)
        if said["format"] != FORMAT:
            raise Invalid(
                f"Grand Round {said['version']} made this archive, which is newer. Install that version first."
            )
        said["parts"] = {name: Part(**part) for name, part in said["parts"].items()}
        manifest = Manifest(**said)
    except KeyError as error:
        raise Invalid("This zip is not an archive of Grand Round: it has no list of what is in it.") from error
    except (BadZipFile, ValueError, TypeError, AttributeError, OSError, RuntimeError) as error:
        raise _broken("its list cannot be read") from error
    if manifest.key != key_fingerprint(settings):
        raise Invalid(
            "This archive was made under another secret_key. Set secret_key to the one that the house had then"
            " (it is wherever your secrets are kept, never in the archive), and restore again."
        )
    if not hmac.compare_digest(signature, _signature(settings, written)):
        raise _broken("its list was changed")
    _check_names(opened, manifest)
    return manifest


def _check_names(opened: ZipFile, manifest: Manifest) -> None:
    """The zip holds what the list says, once, and every name stays inside the folder in which it is unpacked."""
    found = [name for name in opened.namelist() if name not in (MANIFEST, SIGNATURE)]
    if sorted(found) != sorted(manifest.parts):
        raise _broken("it holds something else than its list says")
    for name in found:
        is_ours = name in (SQLITE_FILE, SQLITE_LOG, POSTGRES_DUMP) or is_file_name(name)
        if not is_ours:
            raise _broken("one of its names leads out of the folder")


def is_file_name(name: str) -> bool:
    """Whether this names something under `files/` and nowhere else."""
    return name.startswith(FILES) and all(_SEGMENT.fullmatch(part) for part in name.removeprefix(FILES).split("/"))


def _broken(why: str) -> Invalid:
    return Invalid(f"This archive is damaged: {why}. Nothing was changed. Fetch it again, or take the one before it.")


def say(manifest: Manifest) -> dict[str, Any]:
    """What a person may want to note of an archive."""
    return {name: getattr(manifest, name) for name in ("taken_at", "engine", "revision", "sealed", "unsealed", "head")}
