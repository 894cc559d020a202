"""Reading files. Who may read those that hang on a text has been decided where the text was read."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, exists, literal, or_, select
from sqlalchemy.orm import Session

from lti_tool.access import Actor
from lti_tool.files.models import File, FileUse
from lti_tool.files.rules import LIGHT_BYTES, small_size, weight
from lti_tool.files.storage import Storage


@dataclass(frozen=True, slots=True)
class FileLine:
    """A file and what it shows, in the words of whoever sent it. `is_sent`: it hangs on a text."""

    public_id: str
    kind: str
    size: int
    width: int
    height: int
    is_doubtful: bool
    is_sent: bool
    alt: str

    @property
    def is_picture(self) -> bool:
        """Whether pages can show it."""
        return self.kind != "pdf"

    @property
    def is_light(self) -> bool:
        """Whether it is shown as it is: a larger one is shown small, and whole when somebody asks."""
        return self.size <= LIGHT_BYTES

    @property
    def weight(self) -> str:
        """Its size as people say it."""
        return weight(self.size)

    @property
    def small(self) -> tuple[int, int]:
        """Width and height of its thumbnail."""
        return small_size(self.width, self.height)


def _files(alt: Any) -> Select[*tuple[Any, ...]]:
    facts = (File.public_id, File.kind, File.size, File.width, File.height, File.is_doubtful, File.person_id.is_(None))
    return select(*facts, alt).where(File.gone_at.is_(None))


def files_of(db: Session, versions: Mapping[int, int]) -> dict[int, tuple[FileLine, ...]]:
    """The files of these versions (text → revision) that the caller has been allowed to read, in their order."""
    rows = db.execute(
        _files(FileUse.alt)
        .add_columns(FileUse.text_id, FileUse.number)
        .join(FileUse, FileUse.file_id == File.id)
        .where(FileUse.text_id.in_(list(versions)))
        .order_by(FileUse.text_id, FileUse.number, FileUse.position)
    )
    found: dict[int, list[FileLine]] = {}
    for *facts, text_id, number in rows:
        if versions[text_id] == number:
            found.setdefault(text_id, []).append(FileLine(*facts))
    return {text_id: tuple(lines) for text_id, lines in found.items()}


def find_file(db: Session, text_id: int, numbers: Iterable[int], public_id: str) -> FileLine | None:
    """A file of one of these revisions, all of which the caller has been allowed to read."""
    here = (FileUse.text_id == text_id, FileUse.number.in_(list(numbers)), File.public_id == public_id)
    found = _files(FileUse.alt).join(FileUse, FileUse.file_id == File.id).where(*here)
    row = db.execute(found.order_by(FileUse.number.desc())).first()
    return FileLine(*row) if row else None


def files_for(db: Session, actor: Actor, public_ids: Sequence[str], text_id: int | None = None) -> list[FileLine]:
    """Those of these files that the actor may send: their own that hang nowhere yet, and those of their own text."""
    if not public_ids:
        return []
    mine = File.person_id == actor.person_id
    of_text = exists().where(FileUse.file_id == File.id, FileUse.text_id == text_id)
    rows = db.execute(_files(literal("")).where(File.public_id.in_(public_ids), or_(mine, of_text)))
    found = {row.public_id: FileLine(*row) for row in rows}
    return [found[public_id] for public_id in public_ids if public_id in found]


def find_own(db: Session, actor: Actor, public_id: str) -> FileLine | None:
    """A file of the actor's own that hangs nowhere yet."""
    row = db.execute(_files(literal("")).where(File.public_id == public_id, File.person_id == actor.person_id)).first()
    return FileLine(*row) if row else None


def count_missing(db: Session, storage: Storage) -> int:
    """How many files have rows and no bytes, for `lti-tool db check`."""
    rows = db.execute(select(File.public_id, File.kind).where(File.gone_at.is_(None)))
    wanted = (name for public_id, kind in rows for name in names_of(public_id, kind))
    return sum(not storage.has(name) for name in wanted)


def names_of(public_id: str, kind: str) -> tuple[str, ...]:
    """Under which names the bytes of a file lie."""
    return (public_id,) if kind == "pdf" else (public_id, f"{public_id}.small")
