"""What a reader does with threads: react, see what is new, follow, bookmark; and that no row names them."""

import re
from datetime import timedelta
from html import unescape

import pytest
import time_machine
from sqlalchemy import inspect, select, text

from lti_tool.access import Duty, Role
from lti_tool.boards import count_wrong_tallies, followers_after, mend_tallies, readers_of
from lti_tool.boards.marks import KEEP_MARKS_FOR, forget_marks
from lti_tool.boards.reader_models import PostReaction, PostTally, ReadMark
from lti_tool.core import clock
from tests.factories.house import House

pytestmark = pytest.mark.sql


class Ward:
    """A course with three trainees and a tutor, and a board whose posts appear at once."""

    def __init__(self, house: House, *, pseudonymous: bool = False, moderated: bool = False, trust: str = "A") -> None:
        self.house = house
        self.trust = house.trust(trust)
        self.inside = house.database.within(self.trust.id)
        self.course = house.course(self.trust)
        learner, here = Role.LEARNER, self.course.id
        self.sam = house.person(self.trust, "Sam Okafor", {here: learner})
        self.priya = house.person(self.trust, "Priya Nadar", {here: learner})
        self.tom = house.person(self.trust, "Tom Ashdown", {here: learner})
        self.helen = house.person(self.trust, "Dr Helen Marsh", {here: Role.TUTOR})
        self.board = house.board(self.course, self.helen, pseudonymous=pseudonymous, moderated=moderated)
        self.question = house.question(self.sam, self.course, self.board, "When to stop clopidogrel?")
        self.thread = house.facts(self.sam, self.course, self.question).thread_public_id

    def at(self, person):
        return self.house.browser(person, self.course)

    def read(self, person) -> str:
        """The thread as this person reads it."""
        return words(self.at(person).get(f"/threads/{self.thread}"))

    def board_as(self, person, show: str = "all") -> str:
        return words(self.at(person).get(f"/boards/{self.board}?show={show}"))

    def answer(self, person, text: str = "Because of the stent.") -> str:
        return self.house.answer(person, self.course, self.question, text)

    def press(self, person, post: str, word: str, **options):
        form = {"react": f"{post}:{word}"}
        return self.at(person).post(f"/threads/{self.thread}/reactions", form, **options)

    def rows(self, statement):
        with self.inside.reading() as db:
            return db.execute(statement).all()


def words(answer) -> str:
    assert answer.status_code == 200, answer.get_data(as_text=True)[-800:]
    return re.sub(r"\s+", " ", unescape(answer.get_data(as_text=True)))


def button(page: str, post: str, word: str) -> str:
    found = re.search(rf'<button[^>]*id="{word}-{post}"[^>]*>([^<]*)</button>', page)
    return found.group(0) if found else ""


def test_one_tap_says_useful_and_another_takes_it_back(house, engine):
    ward = Ward(house)
    done = ward.press(ward.priya, ward.question, "useful")
    assert done.status_code == 303
    assert done.location.endswith(f"/threads/{ward.thread}#{ward.question}")
    page = ward.read(ward.priya)
    pressed = button(page, ward.question, "useful")
    assert 'aria-pressed="true"' in pressed
    assert ">Useful 1<" in pressed
    assert f'value="{ward.question}:"' in pressed, "pressed again it says: none"
    ward.press(ward.priya, ward.question, "")
    assert ">Useful<" in button(ward.read(ward.priya), ward.question, "useful")


def test_a_slow_hand_that_taps_twice_is_counted_once_and_a_new_word_takes_the_place_of_the_old(house, engine):
    ward = Ward(house)
    ward.press(ward.priya, ward.question, "useful")
    ward.press(ward.priya, ward.question, "useful")
    ward.press(ward.tom, ward.question, "same")
    ward.press(ward.priya, ward.question, "explain")
    page = ward.read(ward.tom)
    assert ">Please explain 1<" in button(page, ward.question, "explain")
    assert ">Same for me 1<" in button(page, ward.question, "same")
    assert ">Useful<" in button(page, ward.question, "useful")
    (tally,) = ward.rows(select(PostTally.useful, PostTally.agree, PostTally.same, PostTally.explain))
    assert tuple(tally) == (0, 0, 1, 1)


def test_on_ones_own_post_there_is_a_count_and_nothing_to_press(house, engine):
    ward = Ward(house)
    assert ward.press(ward.sam, ward.question, "useful").status_code == 403
    ward.press(ward.priya, ward.question, "useful")
    page = ward.read(ward.sam)
    assert "<span>Useful 1</span>" in page
    assert not button(page, ward.question, "useful")


def test_htmx_gets_the_line_alone_and_is_told_where_it_belongs(house, engine):
    ward = Ward(house)
    answer = ward.press(ward.priya, ward.question, "agree", headers={"HX-Request": "true"})
    assert answer.headers["HX-Retarget"] == f"#re-{ward.question}"
    line = words(answer)
    assert "<html" not in line
    assert ">Agree 1<" in button(line, ward.question, "agree")


def test_a_reaction_to_what_one_may_not_see_or_by_an_unknown_word_is_refused(house, engine):
    ward = Ward(house)
    assert ward.press(ward.priya, "A" * 16, "useful").status_code == 404
    assert ward.press(ward.priya, ward.question, "rubbish").status_code == 400
    waiting = Ward(house, moderated=True, trust="B")
    assert waiting.press(waiting.priya, waiting.question, "useful").status_code == 404
    elsewhere = house.question(ward.sam, ward.course, ward.board, "Another?")
    assert ward.press(ward.priya, elsewhere, "useful").status_code == 404, "a post of another thread"


def test_a_tally_that_is_wrong_is_found_and_counted_anew(house, engine):
    ward = Ward(house)
    ward.press(ward.priya, ward.question, "useful")
    reply = ward.answer(ward.sam)
    ward.press(ward.tom, reply, "agree")
    with ward.inside.transaction() as db:
        assert count_wrong_tallies(db) == 0
        db.execute(text("UPDATE post_tallies SET useful = useful + 3"))
        assert count_wrong_tallies(db) == 2
        assert mend_tallies(db) == 2
        assert count_wrong_tallies(db) == 0
        db.execute(text("DELETE FROM post_tallies"))
        assert mend_tallies(db) == 2
    assert ">Agree 1<" in button(ward.read(ward.tom), reply, "agree")


def test_new_replies_stand_out_once(house, engine):
    ward = Ward(house)
    assert "Unread:" in ward.board_as(ward.priya)
    assert "New since you were here" not in ward.read(ward.priya), "a first visit"
    assert "Unread:" not in ward.board_as(ward.priya)
    ward.answer(ward.tom)
    assert "Unread:" in ward.board_as(ward.priya)
    assert "When to stop clopidogrel?" in ward.board_as(ward.priya, "new")
    page = ward.read(ward.priya)
    assert "New since you were here" in page
    assert "1 new reply" in page
    assert "New since you were here" not in ward.read(ward.priya), "seen"
    assert "No question fits." in ward.board_as(ward.priya, "new")


def test_ones_own_question_is_no_news_and_ones_own_reply_does_not_stand_out(house, engine):
    ward = Ward(house)
    assert "Unread:" not in ward.board_as(ward.sam)
    ward.read(ward.priya)
    ward.answer(ward.priya)
    assert "New since you were here" not in ward.read(ward.priya)


def test_home_lists_what_is_new_by_board_and_one_button_marks_it_read(house, engine):
    ward = Ward(house)
    home = f"/courses/{ward.course.public_id}/"
    front = words(ward.at(ward.priya).get(home))
    section = front[front.index("New for me") :]
    assert "When to stop clopidogrel?" in section
    until = re.search(r'name="until" value="(\d+)"', front).group(1)
    later = house.question(ward.tom, ward.course, ward.board, "Asked after the page was drawn?")
    done = ward.at(ward.priya).post(f"{home}read", {"until": until})
    assert done.status_code == 303
    front = words(ward.at(ward.priya).get(home))
    section = front[front.index("New for me") : front.index("Nobody has answered yet")]
    assert "When to stop clopidogrel?" not in section
    assert "Asked after the page was drawn?" in section, later
    assert ward.at(ward.priya).post(f"{home}read", {"until": "soon"}).status_code == 400


def test_a_correction_finds_who_read_the_post_and_nobody_else(house, engine):
    ward = Ward(house)
    ward.read(ward.priya)
    reply = ward.answer(ward.tom)
    with ward.inside.reading() as db:
        assert readers_of(db, ward.question) == [ward.priya.id]
        assert readers_of(db, reply) == []
    ward.read(ward.helen)
    with ward.inside.reading() as db:
        assert readers_of(db, reply) == [ward.helen.id]
        assert set(readers_of(db, ward.question)) == {ward.priya.id, ward.helen.id}
        assert readers_of(db, "A" * 16) == []
    runs_education = house.person(
        ward.trust, "Ruth", {house.course(ward.trust, "F1").id: Role.READER}, Duty.EDUCATION_ADMINISTRATOR
    )
    ward.read(runs_education)
    with ward.inside.reading() as db:
        assert set(readers_of(db, reply)) == {ward.helen.id, runs_education.id}, "somebody of another course"


def test_a_mark_is_erased_after_ninety_days_and_its_thread_is_not_new_again(house, engine):
    ward = Ward(house)
    ward.read(ward.priya)
    later = clock.now() + KEEP_MARKS_FOR
    with house.database.transaction() as db:
        forget_marks(db, later)
    assert ward.rows(select(ReadMark.reader)), "not a day too early"
    with house.database.transaction() as db:
        forget_marks(db, later + timedelta(days=1))
    assert not ward.rows(select(ReadMark.reader))
    with time_machine.travel(later + timedelta(days=1, minutes=1)):
        assert "Unread:" not in ward.board_as(ward.priya)


def test_no_row_of_marks_or_reactions_names_a_person(house, engine):
    for table in (ReadMark, PostReaction, PostTally):
        columns = inspect(table).columns
        assert not any(key.column.table.name == "persons" for column in columns for key in column.foreign_keys)


def test_where_names_are_hidden_writing_leaves_no_mark_and_a_waiting_question_none_at_all(house, engine):
    ward = Ward(house, pseudonymous=True, moderated=True)
    ward.read(ward.sam)
    ward.read(ward.helen)
    assert not ward.rows(select(ReadMark.reader)), "a mark before others can read would tell who asked"
    open_ward = Ward(house, pseudonymous=True, trust="B")
    open_ward.answer(open_ward.tom)
    assert not open_ward.rows(select(ReadMark.reader))
    open_ward.press(open_ward.priya, open_ward.question, "useful")
    (row,) = open_ward.rows(select(PostReaction.reactor))
    tags = open_ward.rows(text("SELECT author_tag FROM posts WHERE author_tag IS NOT NULL"))
    assert bytes(row.reactor) not in {bytes(tag.author_tag) for tag in tags}


def test_followers_are_told_of_replies_and_authors_as_before(house, engine):
    ward = Ward(house)
    inbox = f"/courses/{ward.course.public_id}/inbox"
    for person in (ward.priya, ward.sam, ward.tom):
        assert ward.at(person).post(f"/threads/{ward.thread}/follow", {"follow": "on"}).status_code == 303
    assert "Stop following" in ward.read(ward.priya)
    ward.answer(ward.tom)
    house.work()
    house.work()
    assert "A new reply to a question that you follow" in words(ward.at(ward.priya).get(inbox))
    to_author = words(ward.at(ward.sam).get(inbox))
    assert "A new reply to your question" in to_author
    assert "that you follow" not in to_author, "nobody is told twice"
    assert "that you follow" not in words(ward.at(ward.tom).get(inbox)), "of one's own reply nobody is told"
    ward.at(ward.priya).post(f"/threads/{ward.thread}/follow", {"follow": "off"})
    ward.answer(ward.tom, "And of the bleeding.")
    house.work()
    assert words(ward.at(ward.priya).get(inbox)).count("that you follow") == 1


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE enrolments SET left_at = '2026-01-01 00:00:00+00:00' WHERE person_id = {priya}",
        "UPDATE threads SET gate = 'commit'",
        "INSERT INTO thread_holds SELECT id, 'privacy', trust_id, created_at FROM threads",
    ],
    ids=["left the course", "stands before its gate", "the thread is held"],
)
def test_a_follower_who_may_not_read_the_reply_is_not_told(house, engine, change):
    ward = Ward(house)
    ward.at(ward.priya).post(f"/threads/{ward.thread}/follow", {"follow": "on"})
    ward.answer(ward.tom)
    with ward.inside.transaction() as db:
        db.execute(text("DELETE FROM inbox_entries"))
        assert followers_after(db, ward.thread, 0, 9) == ([ward.priya.id], None)
        db.execute(text(change.format(priya=ward.priya.id)))
        assert followers_after(db, ward.thread, 0, 9)[0] == []
    house.work()
    assert not ward.rows(text(f"SELECT id FROM inbox_entries WHERE person_id = {ward.priya.id}"))


NEW_QUESTION = "A new question on a board or a topic that you follow"


class Topics(Ward):
    """The same, on a board with tags."""

    def __init__(self, house: House, **given) -> None:
        super().__init__(house, **given)
        self.at(self.helen).post(f"/boards/{self.board}/tags", {"tags": "Sepsis\nStroke"})
        house.work()  # of the question that is there already nobody is to be told

    def follow(self, person, tag: str = "", follow: str = "on") -> int:
        form = {"follow": follow, "tag": tag}
        return self.at(person).post(f"/boards/{self.board}/follow", form).status_code

    def ask(self, person, *tags: str, title: str = "Which fluid first?") -> None:
        form = {"title": title, "text": "Tell me.", "tag": list(tags)}
        assert self.at(person).post(f"/boards/{self.board}/ask", form).status_code == 303
        self.house.work()

    def told(self, person) -> int:
        return words(self.at(person).get(f"/courses/{self.course.public_id}/inbox")).count(NEW_QUESTION)


@pytest.mark.parametrize("pseudonymous", [False, True], ids=["named", "hidden names"])
def test_who_follows_a_board_or_a_tag_is_told_once_of_each_new_question(house, engine, pseudonymous):
    ward = Topics(house, pseudonymous=pseudonymous)
    for person, tag in ((ward.priya, "Sepsis"), (ward.priya, ""), (ward.tom, "Sepsis"), (ward.sam, "Stroke")):
        assert ward.follow(person, tag) == 303
    ward.ask(ward.helen, "Sepsis", title="Which fluid first?")
    assert [ward.told(person) for person in (ward.priya, ward.tom, ward.sam)] == [1, 1, 0]
    ward.ask(ward.tom, title="Where is the ECG machine?")
    assert [ward.told(person) for person in (ward.priya, ward.tom, ward.sam)] == [2, 1, 0]
    assert ward.follow(ward.tom, "Sepsis", "off") == 303
    ward.ask(ward.sam, "Sepsis", "Stroke", title="And which second?")
    assert [ward.told(person) for person in (ward.priya, ward.tom, ward.sam)] == [3, 1, 0], "nobody of their own"
    assert "And which second?" in words(ward.at(ward.priya).get(f"/courses/{ward.course.public_id}/inbox"))


def test_nobody_is_told_of_a_question_before_others_can_read_it_or_after_they_have_left(house, engine):
    ward = Topics(house, moderated=True)
    ward.follow(ward.priya), ward.follow(ward.tom)
    ward.ask(ward.sam)
    assert ward.told(ward.priya) == 0
    with ward.inside.transaction() as db:
        db.execute(text(f"UPDATE enrolments SET left_at = '2026-01-01 00:00:00+00:00' WHERE person_id = {ward.tom.id}"))
        post = db.execute(text("SELECT public_id FROM posts ORDER BY id DESC LIMIT 1")).scalar_one()
    waiting = f"/courses/{ward.course.public_id}/waiting/{post}"
    assert ward.at(ward.helen).post(waiting, {"verb": "approve", "seen": "1"}).status_code == 303
    house.work()
    assert ward.told(ward.priya) == 1
    assert not ward.rows(text(f"SELECT id FROM inbox_entries WHERE person_id = {ward.tom.id}"))


def test_what_one_follows_is_listed_and_can_be_left_there(house, engine):
    ward = Topics(house)
    course = f"/courses/{ward.course.public_id}"
    ward.follow(ward.priya, "Sepsis"), ward.follow(ward.priya)
    ward.at(ward.priya).post(f"/threads/{ward.thread}/follow", {"follow": "on"})
    assert "Stop following Sepsis" in words(ward.at(ward.priya).get(f"/boards/{ward.board}?tag=Sepsis"))
    assert "Follow Stroke: tell me" in words(ward.at(ward.priya).get(f"/boards/{ward.board}?tag=Stroke"))
    page = words(ward.at(ward.priya).get(f"{course}/bookmarks"))
    for said in ("New questions with this tag", "When to stop clopidogrel?", "New replies"):
        assert said in page
    here = {"follow": "off", "course": ward.course.public_id}
    for path in (f"/boards/{ward.board}/follow", f"/threads/{ward.thread}/follow"):
        assert ward.at(ward.priya).post(path, here).location.endswith("/bookmarks")
    assert ward.at(ward.helen).post(f"/boards/{ward.board}/tags", {"tags": "Stroke"}).status_code == 303
    assert "what is new reaches your inbox" in words(ward.at(ward.priya).get(f"{course}/bookmarks"))
    gone = ward.at(ward.priya).post(f"/boards/{ward.board}/follow", {"follow": "on", "tag": "Sepsis"})
    assert gone.status_code == 400
    assert "does not have that tag any more" in gone.text


def test_a_bookmark_has_a_note_for_oneself_and_can_be_removed(house, engine):
    ward = Ward(house)
    course, mark = f"/courses/{ward.course.public_id}", f"/threads/{ward.thread}/bookmark"
    priya = ward.at(ward.priya)
    assert priya.post(mark, {"note": "Read before my clinic"}).status_code == 303
    assert "Your note: Read before my clinic" in ward.read(ward.priya)
    assert "1 question to find again" in words(priya.get(f"{course}/"))
    page = words(priya.get(f"{course}/bookmarks"))
    assert "When to stop clopidogrel?" in page
    assert "Read before my clinic" in page
    assert "Read before" not in ward.read(ward.helen), "a tutor sees nothing of it"
    assert "Nothing yet." in words(ward.at(ward.helen).get(f"{course}/bookmarks"))
    assert priya.post(mark, {"do": "remove", "course": ward.course.public_id}).location.endswith("/bookmarks")
    assert "Nothing yet." in words(priya.get(f"{course}/bookmarks"))


@pytest.mark.parametrize("note", ["NHS number 999 000 0000", "x" * 141])
def test_a_note_that_names_a_patient_or_is_too_long_comes_back(house, engine, note):
    ward = Ward(house)
    answer = ward.at(ward.priya).post(f"/threads/{ward.thread}/bookmark", {"note": note})
    assert answer.status_code == 400
    assert note in answer.get_data(as_text=True)
