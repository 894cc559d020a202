"""Pictures and PDFs in posts, as people meet them: added without a script, described, read by the right people."""

import re
from datetime import timedelta
from zipfile import ZipFile

import pytest
import time_machine
from sqlalchemy import select, text

from lti_tool.access import Role
from lti_tool.app import jobs
from lti_tool.boards import Post
from lti_tool.core import clock
from lti_tool.files import storage_of
from lti_tool.files.models import File, FileUse
from lti_tool.moderation.actions import decide, remove
from lti_tool.moderation.forms import DecisionDraft, ReportDraft
from lti_tool.moderation.rules import Verb
from lti_tool.operations.backup import take_backup
from lti_tool.operations.checking import check_house
from lti_tool.operations.finding import State
from lti_tool.texts import all_drafts
from tests.factories.cases import Room
from tests.factories.files import NAME, PDF, add, files_in, heavy_photo, photo, screenshot, send
from tests.factories.house import House
from tests.functional.test_statements import statements

pytestmark = pytest.mark.sql


class Ward:
    """A course with a named, an open and a pseudonymous board, and people."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.trust = house.trust()
        self.rows = house.database.within(self.trust.id)
        self.course = house.course(self.trust)
        here = self.course.id
        self.sam = house.person(self.trust, "Sam Okafor", {here: Role.LEARNER})
        self.priya = house.person(self.trust, "Priya Nadar", {here: Role.LEARNER})
        self.helen = house.person(self.trust, "Dr Helen Marsh", {here: Role.TUTOR})
        self.board = house.board(self.course, self.helen)
        self.open = house.board(self.course, self.helen, moderated=False)
        self.sealed = house.board(self.course, self.helen, pseudonymous=True, moderated=False)

    def at(self, person):
        """A browser of this person."""
        return self.house.browser(person, self.course)

    def asked(self, board: str, data: bytes, who=None, **fields: str) -> tuple[str, str]:
        """A question with this file; returns the post's and the file's public ids."""
        browser = self.at(who or self.sam)
        path = f"/boards/{board}/ask"
        (file,) = files_in(add(browser, path, data).text)
        assert send(browser, path, [file], **fields).status_code == 303
        with self.rows.transaction() as db:
            post = db.scalars(select(Post).order_by(Post.id.desc())).first()
            return post.public_id, file

    def decide(self, post: str, verb: Verb = Verb.APPROVE) -> None:
        facts = self.house.facts(self.helen, self.course, post)
        with self.house.database.transaction() as db:
            actor = self.house.actor(db, self.helen, self.course)
            decide(db, actor, facts, DecisionDraft(verb, facts.latest, "spam", "No."))

    def work(self, name: str, later: timedelta = timedelta()) -> None:
        """Run a recurring job."""
        job = next(job for job in jobs() if job.name == name)
        with time_machine.travel(clock.now() + later, tick=False):
            if job.reach == "outside":
                job.run(self.house.database, clock.now())
            else:
                with self.house.database.transaction() as db:
                    job.run(db, clock.now())

    def store(self):
        return storage_of(self.house.app.extensions["settings"])

    def thread(self, who, post: str) -> str:
        facts = self.house.facts(who, self.course, post)
        answer = self.at(who).get(f"/threads/{facts.thread_public_id}")
        assert answer.status_code == 200
        return answer.text


@pytest.fixture
def ward(house: House) -> Ward:
    return Ward(house)


def status(ward: Ward, who, post: str, file: str) -> int:
    return ward.at(who).get(f"/posts/{post}/files/{file}").status_code


def test_a_picture_is_added_described_and_sent_without_a_script(ward):
    sam, path = ward.at(ward.sam), f"/boards/{ward.open}/ask"
    page = add(sam, path, photo(), text="Words that I typed.").text
    (file,) = files_in(page)
    assert "Words that I typed." in page
    assert "What does picture 1 show?" in page
    assert sam.get(f"/drafts/files/{file}?size=small").mimetype == "image/webp"
    refused = send(sam, path, [file], alt="")
    assert refused.status_code == 400
    assert "Say what picture 1 shows." in refused.text
    assert files_in(refused.text) == [file]
    assert send(sam, path, [file], alt="ECG <b>with</b> ST elevation").status_code == 303
    with ward.rows.transaction() as db:
        post = db.scalars(select(Post)).one().public_id
    page = ward.thread(ward.priya, post)
    assert 'alt="ECG &lt;b&gt;with&lt;/b&gt; ST elevation"' in page
    answer = ward.at(ward.priya).get(f"/posts/{post}/files/{file}")
    assert answer.mimetype == "image/jpeg"
    assert NAME.encode() not in answer.data
    assert b"Exif" not in answer.data


def test_the_draft_keeps_the_file_and_its_words(ward):
    sam, path = ward.at(ward.sam), f"/boards/{ward.open}/ask"
    (file,) = files_in(add(sam, path, photo()).text)
    saved = {"title": "T", "text": "W", "files": file, f"alt-{file}": "An ECG", "do": "draft"}
    assert sam.post(path, saved).status_code == 303
    page = sam.get(path).text
    assert files_in(page) == [file]
    assert 'value="An ECG"' in page
    taken = sam.post(path, {"title": "T", "text": "W", "files": file, "drop": file})
    assert taken.status_code == 200
    assert files_in(taken.text) == files_in(sam.get(path).text) == []
    assert sam.get(f"/drafts/files/{file}").status_code == 404


def test_a_file_that_was_chosen_and_not_added_is_not_lost_when_send_is_pressed(ward):
    sam, path = ward.at(ward.sam), f"/boards/{ward.open}/ask"
    page = add(sam, path, photo(), do="send").text
    assert len(files_in(page)) == 1
    with ward.rows.transaction() as db:
        assert db.scalars(select(Post)).all() == []


def test_sent_twice_it_is_one_post_with_one_file(ward):
    sam, path = ward.at(ward.sam), f"/boards/{ward.open}/ask"
    (file,) = files_in(add(sam, path, photo()).text)
    for _time in range(2):
        assert send(sam, path, [file], once="A" * 16).status_code == 303
    with ward.rows.transaction() as db:
        assert len(db.scalars(select(Post)).all()) == len(db.scalars(select(FileUse)).all()) == 1


def test_nobody_else_sees_what_is_not_sent(ward):
    sam, path = ward.at(ward.sam), f"/boards/{ward.open}/ask"
    (file,) = files_in(add(sam, path, photo()).text)
    assert ward.at(ward.helen).get(f"/drafts/files/{file}").status_code == 404
    stolen = send(ward.at(ward.priya), path, [file])
    assert stolen.status_code == 400
    assert "not here any more" in stolen.text
    assert sam.get(f"/drafts/files/{file}").status_code == 200


def test_what_waits_is_seen_by_its_author_and_the_moderators_only(ward):
    post, file = ward.asked(ward.board, photo())
    assert status(ward, ward.sam, post, file) == status(ward, ward.helen, post, file) == 200
    assert status(ward, ward.priya, post, file) == 404
    item = ward.at(ward.helen).get(f"/courses/{ward.course.public_id}/waiting/{post}")
    assert f"/posts/{post}/files/{file}" in item.text
    ward.decide(post)
    assert status(ward, ward.priya, post, file) == 200


@pytest.mark.parametrize("verb", [Verb.REJECT, Verb.RETURN])
def test_what_is_turned_down_is_seen_by_its_author_only(ward, verb):
    post, file = ward.asked(ward.board, photo())
    ward.decide(post, verb)
    assert status(ward, ward.sam, post, file) == 200
    assert status(ward, ward.helen, post, file) == status(ward, ward.priya, post, file) == 404


def test_a_file_is_found_through_its_own_post_only(ward):
    open_post, open_file = ward.asked(ward.open, photo())
    post, file = ward.asked(ward.board, photo())
    assert status(ward, ward.priya, open_post, open_file) == 200
    assert status(ward, ward.priya, open_post, file) == 404
    assert status(ward, ward.priya, post, open_file) == 404
    elsewhere = ward.house.trust("Another trust")
    course = ward.house.course(elsewhere)
    eve = ward.house.person(elsewhere, "Eve", {course.id: Role.TUTOR})
    assert ward.house.browser(eve, course).get(f"/posts/{open_post}/files/{open_file}").status_code == 404
    assert ward.house.app.test_client().get(f"/posts/{open_post}/files/{open_file}").status_code == 401


def test_a_change_waits_with_its_files_and_what_was_approved_stands(ward):
    post, old = ward.asked(ward.board, photo())
    ward.decide(post)
    sam, path = ward.at(ward.sam), f"/posts/{post}/edit"
    page = sam.get(path).text
    assert files_in(page) == [old]
    more = add(sam, path, screenshot(), files=old, seen="1", **{f"alt-{old}": "An ECG"}).text
    (_old, new) = files_in(more)
    sam.post(path, {"title": "T", "text": "W", "seen": "1", "files": f"{old} {new}", "drop": old})
    assert send(sam, path, [new], alt="Another one", seen="1").status_code == 303
    assert status(ward, ward.priya, post, old) == 200
    assert status(ward, ward.priya, post, new) == 404
    assert status(ward, ward.helen, post, new) == status(ward, ward.helen, post, old) == 200
    assert "Another one" not in ward.thread(ward.priya, post)
    ward.decide(post)
    assert status(ward, ward.priya, post, new) == 200
    assert status(ward, ward.priya, post, old) == 404
    ward.work("forget_files")
    ward.work("erase_files")
    assert not ward.store().has(old)
    assert ward.store().has(new)


@pytest.mark.parametrize("name", [f"John {NAME}.jpg", "sarah_jones_ecg.jpg"])
def test_a_name_in_a_files_name_is_not_kept_and_a_moderator_looks(ward, name):
    sam, path = ward.at(ward.sam), f"/boards/{ward.open}/ask"
    page = add(sam, path, photo(), name=name).text
    assert "looks like somebody’s name" in page
    assert NAME not in page
    send(sam, path, files_in(page))
    with ward.rows.transaction() as db:
        assert db.scalars(select(Post.state)).one() == "pending"


@pytest.mark.parametrize(
    "name", ["IMG_20241103_101112.jpg", "Screenshot 2024-11-03.png", "../../etc/passwd", "‮gpj.exe", "a.svg"]
)
def test_other_names_say_nothing_and_are_nowhere(ward, name):
    sam, path = ward.at(ward.sam), f"/boards/{ward.open}/ask"
    page = add(sam, path, photo(), name=name).text
    assert "looks like" not in page
    send(sam, path, files_in(page))
    with ward.rows.transaction() as db:
        assert db.scalars(select(Post.state)).one() == "published"


def test_words_of_a_picture_are_checked_like_the_text(ward):
    sam, path = ward.at(ward.sam), f"/boards/{ward.open}/ask"
    files = files_in(add(sam, path, photo()).text)
    stopped = send(sam, path, files, alt="ECG of NHS number 999 000 0000")
    assert stopped.status_code == 400
    assert "An NHS number" in stopped.text
    warned = send(sam, path, files, alt=f"ECG of Mrs {NAME}")
    assert warned.status_code == 400
    mended = send(sam, path, files, alt=f"ECG of Mrs {NAME}", accept="all")
    assert 'value="ECG of the patient"' in mended.text
    assert NAME not in mended.text


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", "SVG"),
        (b"PK\x03\x04word/document.xml", "Office files"),
        (photo()[:3000], "damaged"),
        (b"\x00" * 128 + b"DICM", "DICOM"),
        (b"just words", "no picture that we know"),
        (b"", "empty"),
        (b"\xff\xd8" + bytes(13 * 1024 * 1024), "larger than 12 MB"),
    ],
    ids=["svg", "office", "cut", "dicom", "text", "empty", "large"],
)
def test_what_is_no_picture_is_refused_in_words_and_the_text_comes_back(ward, data, words):
    answer = add(ward.at(ward.sam), f"/boards/{ward.open}/ask", data, text="Words that I typed.")
    assert answer.status_code == 400
    assert words in answer.text
    assert "Words that I typed." in answer.text
    with ward.rows.transaction() as db:
        assert db.scalars(select(File)).all() == []


def test_a_form_that_is_far_too_large_is_refused_before_it_is_read(ward):
    answer = add(ward.at(ward.sam), f"/boards/{ward.open}/ask", bytes(17 * 1024 * 1024))
    assert answer.status_code == 413
    assert "larger than 16 MB" in answer.text


def test_other_forms_are_as_small_as_before(ward):
    answer = ward.at(ward.helen).post(f"/boards/{ward.open}/settings", {"title": "x" * 600_000})
    assert answer.status_code == 413


def test_a_pdf_is_saved_never_shown_and_runs_nothing(ward):
    post, file = ward.asked(ward.open, PDF, alt='Sepsis guideline "2026"; filename=x.exe\r\n')
    answer = ward.at(ward.priya).get(f"/posts/{post}/files/{file}")
    assert answer.data == PDF
    assert answer.headers["Content-Disposition"] == 'attachment; filename="sepsis-guideline-2026-filename-x-exe.pdf"'
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"].endswith("; sandbox")


def test_a_pdf_is_refused_where_names_are_hidden_by_whatever_way(ward):
    sam = ward.at(ward.sam)
    refused = add(sam, f"/boards/{ward.sealed}/ask", PDF)
    assert refused.status_code == 400
    assert "A PDF cannot be sent here" in refused.text
    carried = files_in(add(sam, f"/boards/{ward.open}/ask", PDF).text)
    assert send(sam, f"/boards/{ward.sealed}/ask", carried).status_code == 400
    with ward.rows.transaction() as db:
        assert db.scalars(select(Post)).all() == []


def test_where_names_are_hidden_no_row_and_no_byte_says_whose_a_picture_is(ward):
    post, file = ward.asked(ward.sealed, photo())
    with ward.rows.transaction() as db:
        row = db.scalars(select(File)).one()
        assert row.person_id is None
        names = db.execute(text("SELECT * FROM file_quotas")).mappings().one()
        assert set(names) == {"tag", "trust_id", "day", "files", "size"}
        lines = db.execute(text("SELECT actor, subject, details FROM journal_lines")).all()
        assert not any(ward.sam.public_id in line.actor and file in str(line) for line in lines)
    page = ward.thread(ward.priya, post)
    assert "Okafor" not in page
    answer = ward.at(ward.priya).get(f"/posts/{post}/files/{file}")
    assert "Okafor" not in str(answer.headers)


def test_a_board_of_words_takes_no_files(ward):
    helen = ward.at(ward.helen)
    helen.post(f"/boards/{ward.open}/settings", {"title": "Words", "checked": "off", "files": "no"})
    sam, path = ward.at(ward.sam), f"/boards/{ward.open}/ask"
    assert "Add a picture" not in sam.get(path).text
    assert "This board takes no files." in add(sam, path, photo()).text
    (file,) = files_in(add(sam, f"/boards/{ward.board}/ask", photo()).text)
    assert send(sam, path, [file]).status_code == 400


def test_four_files_and_no_more(ward):
    sam, path = ward.at(ward.sam), f"/boards/{ward.open}/ask"
    files: list[str] = []
    for _each in range(4):
        files = files_in(add(sam, path, screenshot(), files=" ".join(files)).text)
    fifth = add(sam, path, screenshot(), files=" ".join(files))
    assert fifth.status_code == 400
    assert "4 files at most" in fifth.text
    assert files_in(fifth.text) == files


def test_a_person_has_a_day_and_not_more(ward, monkeypatch):
    monkeypatch.setattr("lti_tool.files.actions.MOST_A_DAY", 1)
    sam, path = ward.at(ward.sam), f"/boards/{ward.open}/ask"
    add(sam, path, screenshot())
    second = add(sam, path, screenshot(), text="Words that I typed.")
    assert second.status_code == 400
    assert "many files today" in second.text
    assert "Words that I typed." in second.text


def test_a_heavy_picture_is_shown_small_and_whole_when_asked_for(ward):
    post, file = ward.asked(ward.open, heavy_photo())
    thread = ward.house.facts(ward.priya, ward.course, post).thread_public_id
    page = ward.at(ward.priya).get(f"/threads/{thread}").text
    (small,) = re.findall(r'src="([^"]*files[^"]*)"', page)
    assert small.endswith("size=small")
    asked = re.search(r'href="([^"]*picture=[^"#]*)#', page)[1].replace("&amp;", "&")
    assert "Show it large" in page
    whole = ward.at(ward.priya).get(asked).text
    assert f'src="/posts/{post}/files/{file}"' in whole
    priya = ward.at(ward.priya)
    assert (
        len(priya.get(small.replace("&amp;", "&")).data) < 20_000 < len(priya.get(f"/posts/{post}/files/{file}").data)
    )


def test_bytes_go_with_what_is_withdrawn(ward):
    post, file = ward.asked(ward.open, photo())
    assert ward.at(ward.sam).post(f"/posts/{post}/withdraw").status_code == 303
    assert status(ward, ward.priya, post, file) == 404
    ward.work("forget_files")
    ward.work("erase_files")
    assert ward.store().has(file), "for a day its author may still copy it"
    ward.work("forget_files", timedelta(days=2))
    ward.work("erase_files")
    assert not ward.store().has(file)
    assert not ward.store().has(f"{file}.small")
    assert status(ward, ward.sam, post, file) == 404
    with ward.rows.transaction() as db:
        assert db.scalars(select(File)).all() == []
    assert "An ECG" not in ward.thread(ward.sam, post)


def test_bytes_stay_a_month_with_what_is_removed_because_the_decision_may_be_turned(ward):
    post, file = ward.asked(ward.open, photo())
    facts = ward.house.facts(ward.helen, ward.course, post)
    with ward.rows.transaction() as db:
        remove(db, ward.house.actor(db, ward.helen, ward.course), facts, ReportDraft("spam", ""))
    assert status(ward, ward.priya, post, file) == status(ward, ward.helen, post, file) == 404
    ward.work("forget_files", timedelta(days=20))
    ward.work("erase_files")
    assert ward.store().has(file)
    ward.work("forget_files", timedelta(days=31))
    ward.work("erase_files")
    assert not ward.store().has(file)


def test_what_was_never_sent_and_what_no_row_names_is_erased(ward):
    sam, path = ward.at(ward.sam), f"/boards/{ward.open}/ask"
    (file,) = files_in(add(sam, path, photo()).text)
    ward.store().put("straystraystray0", b"x")
    ward.work("erase_files")
    assert ward.store().has(file)
    assert ward.store().has("straystraystray0"), "its transaction may not have come to its end yet"
    ward.work("erase_files", timedelta(days=31))
    ward.work("erase_files", timedelta(days=31))
    assert list(ward.store().names()) == []


def test_a_draft_that_is_thrown_away_takes_its_file_along(ward):
    sam, path = ward.at(ward.sam), f"/boards/{ward.open}/ask"
    (file,) = files_in(add(sam, path, photo(), title="", text="").text)
    with ward.rows.transaction() as db:
        drafts = all_drafts(db, ward.house.actor(db, ward.sam, ward.course))
        assert [draft.fields["files"] for draft in drafts] == [file], "a file alone is worth keeping"
    sam.post(f"/courses/{ward.course.public_id}/drafts/drop", {"place": f"ask:{ward.open}"})
    assert sam.get(f"/drafts/files/{file}").status_code == 404
    ward.work("erase_files")
    assert not ward.store().has(file)


def test_a_thread_asks_once_more_where_there_are_files_and_not_otherwise(ward):
    bare = ward.house.question(ward.sam, ward.course, ward.open)
    pictured = [ward.asked(ward.open, screenshot())[0], ward.asked(ward.open, screenshot())[0]]
    priya, asked = ward.at(ward.priya), []
    for post in (bare, pictured[0]):
        path = f"/threads/{ward.house.facts(ward.priya, ward.course, post).thread_public_id}"
        priya.get(path)
        asked.append(statements(ward.house, lambda path=path: priya.get(path))[0])
    assert len(asked[1]) == len(asked[0]) + 1


def test_a_backup_brings_files_back_and_the_check_finds_one_that_is_missing(ward, tmp_path):
    _post, file = ward.asked(ward.open, photo())
    database = ward.house.database
    assert not [finding for finding in check_house(database, mend=False) if finding.state != State.OK]
    data = ward.store().get(file)
    if database.engine.dialect.name == "sqlite":
        target = tmp_path / "one.zip"
        take_backup(database, target, lambda _manifest: None)
        with ZipFile(target) as archive:
            names = [name for name in archive.namelist() if name.startswith("files/")]
            assert len(names) == 2
            assert data in [archive.read(name) for name in names]
    ward.store().delete(file)
    (missing,) = [finding for finding in check_house(database, mend=False) if finding.state != State.OK]
    assert "1 pictures or PDFs are named by texts" in missing.says


def test_the_discussion_of_a_case_takes_no_files(ward):
    room = Room(ward.house, ward.course)
    thread = room.facts(ward.helen, room.publish(ward.sam, ward.helen)).thread_public_id
    helen, path = ward.at(ward.helen), f"/threads/{thread}/reply"
    assert "Add a picture" not in helen.get(f"/threads/{thread}").text
    for data in (photo(), PDF):
        refused = add(helen, path, data, text="Words that I typed.")
        assert refused.status_code == 400
        assert "This board takes no files." in refused.text
        assert "Words that I typed." in refused.text
