"""What may be restored, and what is refused: each refusal says why and what to do, and changes nothing."""

import json
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from zipfile import ZipFile

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select

from lti_tool.access import Role
from lti_tool.app import open_database
from lti_tool.boards import Thread
from lti_tool.core.db import Database
from lti_tool.core.settings import Settings
from lti_tool.journal import JournalLine, seal_all, verify
from lti_tool.operations import archive as format_of_archives
from lti_tool.operations import commands
from lti_tool.operations.archive import MANIFEST, SIGNATURE, Manifest
from lti_tool.operations.backup import take_backup
from tests.conftest import make_settings
from tests.factories.house import House

_BACKUP, RESTORE, *_ = commands


@pytest.fixture
def archive(house: House, tmp_path: Path) -> Path:
    """An archive of a house in which something was said, with a file."""
    trust = house.trust()
    course = house.course(trust)
    tutor = house.person(trust, "Dr Helen Marsh", {course.id: Role.TUTOR})
    house.question(tutor, course, house.board(course, tutor, moderated=False), title="Kept")
    seal_all(house.database)
    (tmp_path / "files" / "ab").mkdir(parents=True)
    (tmp_path / "files" / "ab" / "picture").write_bytes(b"a picture")
    target = tmp_path / "house.zip"
    said: list[Manifest] = []
    take_backup(house.database, target, said.append)
    assert said[0].parts.keys() == {"database/grand-round.db", "database/grand-round.db-wal", "files/ab/picture"}
    return target


@pytest.fixture
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("elsewhere") / "var"


def run(var_dir: Path, *words: str, **changed: str) -> Result:
    settings = make_settings(var_dir, **changed)
    return CliRunner().invoke(RESTORE, list(words), obj=lambda: open_database(settings))


def titles(var_dir: Path) -> list[str]:
    database = open_database(make_settings(var_dir))
    with database.reading() as db:
        found = list(db.scalars(select(Thread.title)))
    database.close()
    return found


def test_elsewhere_everything_is_there(archive: Path, elsewhere: Path) -> None:
    done = run(elsewhere, str(archive))
    assert done.exit_code == 0, done.output
    assert "The journal is whole" in done.output
    assert titles(elsewhere) == ["Kept"]
    assert (elsewhere / "files" / "ab" / "picture").read_bytes() == b"a picture"
    assert elsewhere.stat().st_mode & 0o777 == 0o700
    database = open_database(make_settings(elsewhere))
    with database.reading() as db:
        assert db.scalars(select(JournalLine.verb)).all()[-2:] == ["backup.begun", "backup.restored"]
    database.close()
    assert not (elsewhere / ".restoring").exists()


def test_a_house_with_something_in_it_is_not_overwritten(archive: Path, house: House, tmp_path: Path) -> None:
    house.trust("Written since")
    house.database.close()
    done = run(tmp_path, str(archive))
    assert done.exit_code == 1
    assert "not empty" in done.output
    assert "--replace" in done.output
    done = run(tmp_path, str(archive), "--replace")
    assert done.exit_code == 0, done.output
    assert "grand-round.db.before-restore" in done.output
    with closing(sqlite3.connect(tmp_path / "grand-round.db.before-restore")) as old:
        assert ("Written since",) in old.execute("SELECT name FROM trusts").fetchall()
    assert (tmp_path / "files.before-restore" / "ab" / "picture").exists()
    done = run(tmp_path, str(archive), "--replace")
    assert done.exit_code == 1
    assert "from the last time" in done.output


def test_a_house_that_is_running_is_not_replaced(archive: Path, house: House, tmp_path: Path) -> None:
    with house.database.reading() as db:
        assert db.scalars(select(Thread.title)).all() == ["Kept"]
    done = run(tmp_path, str(archive), "--replace")
    assert done.exit_code == 1
    assert "Grand Round is running here. Stop it" in done.output
    assert titles(tmp_path) == ["Kept"]


def test_a_broken_database_can_be_replaced(archive: Path, house: House, tmp_path: Path) -> None:
    house.database.close()
    (tmp_path / "grand-round.db").write_bytes(b"not a database any more" * 1000)
    assert "not empty" in run(tmp_path, str(archive)).output
    done = run(tmp_path, str(archive), "--replace")
    assert done.exit_code == 0, done.output
    assert titles(tmp_path) == ["Kept"]


def test_fresh_tables_are_nothing(archive: Path, elsewhere: Path, empty_database_file: Path) -> None:
    elsewhere.mkdir()
    shutil.copy(empty_database_file, elsewhere / "grand-round.db")
    done = run(elsewhere, str(archive))
    assert done.exit_code == 0, done.output
    assert titles(elsewhere) == ["Kept"]


def test_an_archive_under_another_secret_key(archive: Path, elsewhere: Path) -> None:
    done = run(elsewhere, str(archive), secret_key="another-key-that-is-also-long-enough")
    assert done.exit_code == 1
    assert "another secret_key" in done.output
    assert not (elsewhere / "grand-round.db").exists()


def rewritten(archive: Path, change: Callable[[dict[str, bytes]], None]) -> Path:
    """The archive with other members."""
    with ZipFile(archive) as old:
        members = {name: old.read(name) for name in old.namelist()}
    change(members)
    target = archive.with_name("changed.zip")
    with ZipFile(target, "w") as new:
        for name, content in members.items():
            new.writestr(name, content)
    return target


def said_anew(settings: Settings, members: dict[str, bytes], **said: object) -> None:
    """Change what the list says, and sign it as only the installation itself could."""
    members[MANIFEST] = json.dumps(json.loads(members[MANIFEST]) | said).encode()
    members[SIGNATURE] = format_of_archives._signature(settings, members[MANIFEST])


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda m: m.__setitem__("files/ab/picture", b"another"), "is not what was put in"),
        (lambda m: m.__setitem__(MANIFEST, m[MANIFEST].replace(b'"sealed": ', b'"sealed": 1')), "its list was changed"),
        (lambda m: m.__setitem__("files/more", b"more"), "something else than its list says"),
        (lambda m: m.pop("files/ab/picture"), "something else than its list says"),
        (lambda m: m.pop(MANIFEST), "not an archive of Grand Round"),
        (lambda m: m.__setitem__(MANIFEST, b"[1]"), "its list cannot be read"),
    ],
)
def test_a_changed_archive(archive: Path, elsewhere: Path, change: Callable[..., None], words: str) -> None:
    done = run(elsewhere, str(rewritten(archive, change)))
    assert done.exit_code == 1
    assert words in done.output
    assert not (elsewhere / "grand-round.db").exists()


@pytest.mark.parametrize(
    "name", ["../../evil", "files/../../evil", "files//evil", "/evil", "files/a\\..\\evil", "evil"]
)
def test_a_name_that_leads_out(archive: Path, elsewhere: Path, settings: Settings, name: str) -> None:
    """Even when the list is signed: what is signed was never meant to write anywhere else."""

    def add(members: dict[str, bytes]) -> None:
        members[name] = b"evil"
        parts = json.loads(members[MANIFEST])["parts"]
        said_anew(settings, members, parts=parts | {name: {"bytes": 4, "sha256": "0" * 64}})

    done = run(elsewhere, str(rewritten(archive, add)))
    assert done.exit_code == 1
    assert "leads out of the folder" in done.output
    assert not list(elsewhere.parent.rglob("*evil*"))


def test_an_archive_of_a_newer_version(archive: Path, elsewhere: Path, settings: Settings) -> None:
    for said in ({"revision": "9999"}, {"format": 2}):
        done = run(elsewhere, str(rewritten(archive, lambda m, said=said: said_anew(settings, m, **said))))
        assert done.exit_code == 1
        assert "Install that version" in done.output


def test_a_longer_member_than_was_said(archive: Path, elsewhere: Path, settings: Settings) -> None:
    """A zip bomb stops at the length that the list names."""

    def blow_up(members: dict[str, bytes]) -> None:
        members["files/ab/picture"] = bytes(50_000_000)

    done = run(elsewhere, str(rewritten(archive, blow_up)))
    assert done.exit_code == 1
    assert "is not what was put in" in done.output


def test_files_that_are_no_archives(elsewhere: Path, tmp_path: Path) -> None:
    assert "There is no file" in run(elsewhere, str(tmp_path / "nothing")).output
    (tmp_path / "notes.txt").write_text("notes")
    assert "not an archive of Grand Round" in run(elsewhere, str(tmp_path / "notes.txt")).output
    with ZipFile(tmp_path / "other.zip", "w") as other:
        other.writestr("holiday.txt", "pictures")
    assert "not an archive of Grand Round" in run(elsewhere, str(tmp_path / "other.zip")).output


def test_an_archive_that_was_cut_off(archive: Path, elsewhere: Path) -> None:
    archive.write_bytes(archive.read_bytes()[:-200])
    done = run(elsewhere, str(archive))
    assert done.exit_code == 1
    assert "cut off" in done.output


def test_a_journal_that_does_not_verify(house: House, tmp_path: Path, elsewhere: Path) -> None:
    house.trust()
    target = tmp_path / "changed.zip"
    take_backup(house.database, target, lambda _manifest: None)
    seal_all(house.database)
    with house.database.transaction() as db:
        db.connection().exec_driver_sql("UPDATE journal_lines SET verb = 'never.happened'")
        assert verify(db).first_broken == 1
    take_backup(house.database, target, lambda _manifest: None)
    done = run(elsewhere, str(target))
    assert done.exit_code == 1
    assert "does not verify" in done.output
    assert not (elsewhere / "grand-round.db").exists()


def backup(database: Database, target: Path) -> Result:
    return CliRunner().invoke(_BACKUP, [str(target)], obj=lambda: database)


def test_where_a_backup_may_not_go(house: House, tmp_path: Path) -> None:
    over = backup(house.database, tmp_path / "grand-round.db")
    assert over.exit_code == 1
    assert "is not overwritten" in over.output
    assert "Make it first" in backup(house.database, tmp_path / "nowhere" / "house.zip").output


def test_a_disk_without_room(house: House, tmp_path: Path) -> None:
    (tmp_path / "files").mkdir()
    with (tmp_path / "files" / "huge").open("wb") as huge:
        huge.truncate(shutil.disk_usage(tmp_path).free + 1)
    done = backup(house.database, tmp_path / "house.zip")
    assert done.exit_code == 1
    assert "Make room there" in done.output
    assert not list(tmp_path.glob("house.zip*"))


def test_an_installation_without_tables_has_nothing_to_back_up(tmp_path: Path) -> None:
    settings = replace(make_settings(tmp_path), var_dir=str(tmp_path / "new"))
    done = backup(open_database(settings), tmp_path / "house.zip")
    assert done.exit_code == 1
    assert "nothing to back up" in done.output
