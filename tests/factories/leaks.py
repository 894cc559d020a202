"""A board on which nobody may know who wrote what: an author with a name that is nobody else's, everything that she can
do there, the people who might find out, and a crawler that reads all that each of them can reach.

The author's number is made large, so that it can be looked for in pages and rows like her name.
"""

import base64
import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import inspect, select, update

from lti_tool.access import Duty, Role
from lti_tool.boards import BoardDraft, BoardPolicy, Post, make_board, tag_of
from lti_tool.boards.models import Board, BoardAlias, Thread
from lti_tool.core import clock
from lti_tool.core.db import Base
from lti_tool.people import Course, CourseLine, Person, enrol, make_person, state_rotation
from tests.factories.files import add, drawing, files_in, send, written
from tests.factories.house import Browser, House

NAME, FIRST, LAST = "Dr Zephyrine Quillfeather", "Zephyrine", "Quillfeather"
NUMBER = 918_273_645
GRADE, SITE = "Clinical fellow", "Wexcombe"
FILE_NAME = f"{FIRST}_{LAST}_ECG.jpg"
WORDS = ("okapi", "narwhal", "wombat", "axolotl", "pangolin", "quokka", "dugong", "tapir")
"""A word for each text of hers that stands in no other text of the house."""

PAGES_A_PERSON = 250
_LINKS = re.compile(r'(?:href|src|hx-get)="([^"]+)"')
_LEADS_AWAY = re.compile(r"^(?:https?:|mailto:|data:|webcal:|#|/static/)|/finish|/keys|/teaching[?]")
_INITIALS = re.compile(r"(?<![\w-])Z\.? ?Q\.?(?![\w-])")


@dataclass(frozen=True)
class Seen:
    """One answer that somebody got: its address, its head, and its body as bytes and as a person reads it."""

    who: str
    path: str
    head: str
    data: bytes

    @property
    def text(self) -> str:
        return html.unescape(self.data.decode("utf-8", "replace"))


def photo_of_hers() -> bytes:
    """A picture that names her in its EXIF and its comment."""
    picture = drawing(320, 200)
    exif = picture.getexif()
    exif[0x013B] = NAME
    return written(picture, "JPEG", exif=exif, comment=NAME.encode())


class Scene:
    """The course, its people, and what the author has done. `names` is "hidden" (an alias) or "nobody" (Somebody)."""

    def __init__(self, house: House, names: str, **given: Any) -> None:
        self.house, self.names = house, names
        self.trust = house.trust()
        self.course, self.elsewhere = house.course(self.trust), house.course(self.trust, "Renal ST3")
        here = {self.course.id: Role.LEARNER}
        self.author = self._author()
        self.peer = house.person(self.trust, "Sam Okafor", here)
        self.helen = house.person(self.trust, "Dr Helen Marsh", {self.course.id: Role.TUTOR})
        self.rhys = house.person(self.trust, "Dr Rhys Pennant", {self.course.id: Role.TUTOR})
        office = {self.elsewhere.id: Role.READER}
        self.ruth = house.person(self.trust, "Ruth Hale", office, Duty.EDUCATION_ADMINISTRATOR)
        self.jon = house.person(self.trust, "Jon Adeyemi", {self.elsewhere.id: Role.LEARNER})
        self.watchers = {"peer": self.peer, "tutor": self.helen, "second tutor": self.rhys,
                         "education administrator": self.ruth, "of another course": self.jon}  # fmt: skip
        self.board = self.new_board("Ask without fear", **given)

    def _author(self) -> Person:
        with self.house.database.within(self.trust.id).transaction() as db:
            number = make_person(db, self.trust.id, NAME, clock.now()).id
            db.execute(update(Person).where(Person.id == number).values(id=NUMBER))
            db.expire_all()
            author = db.get_one(Person, NUMBER)
            enrol(db, author.id, db.get_one(Course, self.course.id), Role.LEARNER, clock.now())
            state_rotation(db, author, GRADE, SITE, "", date(2026, 1, 1), "self")
            return author

    def new_board(self, title: str, *, moderated: bool = True, named: bool = False, **given: Any) -> str:
        """A board of the course; returns its public id."""
        nameless = self.names == "nobody" and not named
        policy = BoardPolicy.ALL if moderated else BoardPolicy.OFF
        draft = BoardDraft(title, "", not named, policy, is_nameless=nameless, allows_private=True, **given)
        line = CourseLine.of(self.course)
        with self.house.database.within(self.trust.id).transaction() as db:
            return make_board(db, self.house.actor(db, self.helen, self.course), line, draft).public_id

    def at(self, person: Person) -> Browser:
        """The person at a browser, in the course from which they come."""
        return self.house.browser(person, self.elsewhere if person in (self.jon, self.ruth) else self.course)

    # What the author and the others do, by the forms that they use.

    def ask(self, title: str, text: str, who: Person | None = None, board: str = "", **fields: str) -> str:
        """Ask; returns the address of the thread."""
        path = f"/boards/{board or self.board}/ask"
        answer = self.at(who or self.author).post(path, {"title": title, "text": text, "do": "send", **fields})
        assert answer.status_code == 303, answer.text
        return answer.location

    def reply(self, thread: str, text: str, who: Person | None = None, **fields: str) -> str:
        """Reply; returns the post."""
        answer = self.at(who or self.author).post(f"{thread}/reply", {"text": text, "do": "send", **fields})
        assert answer.status_code == 303, answer.text
        return self.newest()

    def newest(self) -> str:
        """The post that came last."""
        with self.house.database.within(self.trust.id).reading() as db:
            return db.scalars(select(Post.public_id).order_by(Post.id.desc()).limit(1)).one()

    def decide(self, post: str, verb: str, who: Person | None = None, **fields: str) -> Any:
        """A tutor decides on what waits; returns what they are shown next."""
        path = f"/courses/{self.course.public_id}/waiting/{post}"
        seen = str(self.house.facts(self.helen, self.course, post).latest)
        form = {"verb": verb, "seen": seen, "asked": "yes", **fields}
        answer = self.at(who or self.helen).post(path, form, follow_redirects=True)
        assert answer.status_code == 200, answer.text
        return answer

    def play(self) -> None:
        """Everything that can become of what somebody writes, each text with a word of its own."""
        author = self.at(self.author)
        self.thread = self.ask(f"Who has met an {WORDS[0]} on the ward?", f"I mean a real {WORDS[0]}.")
        self.question = self.newest()
        self.decide(self.question, "approve")
        mine = self.reply(self.thread, f"To add to it: the {WORDS[1]}, @tutors.")
        self.decide(mine, "approve")
        self.theirs = self.reply(self.thread, "It is only a shadow.", self.peer)
        self.decide(self.theirs, "approve")
        self.answer = self.reply(self.thread, f"Thank you, so is the {WORDS[2]}.", parent=self.theirs)
        self.decide(self.answer, "approve")
        for number, verb in ((3, "return"), (4, "reject")):
            post = self.reply(self.thread, f"And the {WORDS[number]}?")
            self.decide(post, verb, reason="topic", note="Say more of it, so that others learn.")
        edit = {"title": f"Who has met an {WORDS[0]} on the ward?", "text": f"A real {WORDS[0]}, I mean.", "seen": "1"}
        assert author.post(f"/posts/{self.question}/edit", edit).status_code == 303
        self.decide(self.question, "approve")
        self.picture = self.ask_with_picture()
        gone = self.reply(self.thread, f"Never mind the {WORDS[6]}.")
        self.decide(gone, "approve")
        assert author.post(f"/posts/{gone}/withdraw").status_code == 303
        reported = self.reply(self.thread, f"The {WORDS[7]} again.")
        self.decide(reported, "approve")
        self.at(self.peer).post(f"/posts/{reported}/report", {"reason": "patient", "note": "Perhaps."})
        self.read_and_react()
        self.house.work()

    def ask_with_picture(self) -> str:
        """A question with a picture that names her, approved; returns the file's address."""
        path, author = f"/boards/{self.board}/ask", self.at(self.author)
        page = add(author, path, photo_of_hers(), name=FILE_NAME, title=f"Is this a {WORDS[5]}?", text="Look.")
        files = files_in(page.text)
        again = {"title": f"Is this a {WORDS[5]}?", "text": "Look.", "options": "Yes\nNo"}
        answer = send(author, path, files, **again, do="review")
        assert answer.status_code == 303, answer.text
        self.shown, post = answer.location, self.newest()
        self.decide(post, "approve")
        return f"/posts/{post}/files/{files[0]}"

    def read_and_react(self) -> None:
        """What readers do, the author among them."""
        author, peer = self.at(self.author), self.at(self.peer)
        peer.get(self.thread)
        author.get(self.thread)
        author.post(f"{self.thread}/reactions", {"react": f"{self.theirs}:useful"})
        peer.post(f"{self.thread}/reactions", {"react": f"{self.question}:same"})
        for voter, choice in ((author, "0"), (peer, "1")):
            voter.post(f"{self.shown}/vote", {"choice": choice})

    # What is looked for.

    def marks(self) -> set[str]:
        """What is hers: her words, her posts, the threads that she opened, and her alias where she has one."""
        with self.house.database.within(self.trust.id).reading() as db:
            tag = tag_of(db, NUMBER, db.scalars(select(Board.id).where(Board.public_id == self.board)).one())
            rows = db.execute(
                select(Post.public_id, Post.is_first, Thread.public_id)
                .join(Thread, Thread.id == Post.thread_id)
                .where(Post.author_tag == tag)
            ).all()
            aliases = set(db.scalars(select(BoardAlias.alias).where(BoardAlias.tag == tag)))
        assert rows
        return {post for post, _, _ in rows} | {thread for _, first, thread in rows if first} | aliases | set(WORDS)

    def traces(self) -> dict[str, str]:
        """What would say who she is."""
        with self.house.database.within(self.trust.id).reading() as db:
            boards = [*db.scalars(select(Board.id)), self.course.id, self.elsewhere.id]
            tags = [tag_of(db, NUMBER, board) for board in boards]
        ways = {"hex": bytes.hex, "base64": lambda tag: base64.b64encode(tag).decode().rstrip("="),
                "in addresses": lambda tag: base64.urlsafe_b64encode(tag).decode().rstrip("=")}  # fmt: skip
        told = {f"tag {number}, {way}": write(tag) for number, tag in enumerate(tags) for way, write in ways.items()}
        told |= {"first name": FIRST, "surname": LAST, "number": str(NUMBER), "site": SITE, "grade": GRADE}
        return told | {"public id": self.author.public_id, "file name": FILE_NAME}

    def told_by(self, text: str) -> list[str]:
        """Which traces stand in this text."""
        lower = text.lower()
        told = [what for what, trace in self.traces().items() if trace.lower() in lower]
        return told + (["initials"] if _INITIALS.search(text) else [])

    # Who might find out.

    def all_seen(self) -> Iterator[Seen]:
        """Everything that each watcher reaches from the front page of the course."""
        for who, person in self.watchers.items():
            yield from crawl(self.at(person), who, [f"/courses/{self.course.public_id}/", *self.extra(person)])

    def extra(self, person: Person) -> list[str]:
        """Addresses that somebody may have been given, whether they may read them or not."""
        home = self.elsewhere if person in (self.jon, self.ruth) else self.course
        words = [f"/courses/{home.public_id}/search?q={word}" for word in (WORDS[0], FIRST, LAST)]
        return [f"/courses/{home.public_id}/", f"/boards/{self.board}", self.thread, self.picture, *words]


def crawl(browser: Browser, who: str, begin: list[str]) -> Iterator[Seen]:
    """Follow every link of ours, each address once."""
    queue, met = list(begin), set(begin)
    while queue and len(met) < PAGES_A_PERSON:
        path = queue.pop(0)
        answer = browser.get(path)
        seen = Seen(who, path, f"{answer.status} {answer.headers}", answer.data)
        yield seen
        found = [html.unescape(link) for link in _LINKS.findall(answer.get_data(as_text=True))] if is_page(seen) else []
        for link in [*found, *([answer.location] if answer.location else [])]:
            address = link.split("#")[0]
            if address.startswith("/") and not _LEADS_AWAY.search(address) and address not in met:
                met.add(address)
                queue.append(address)


def is_page(seen: Seen) -> bool:
    """Whether it is HTML."""
    return "text/html" in seen.head


class Played(Scene):
    """The scene after everything, with all that was seen, logged and stored. Its tests change nothing."""

    seen: list[Seen]
    logged: list[dict[str, object]]
    found: set[str]

    def of(self, *who: str, path: str = "", holds: str = "") -> list[Seen]:
        """What these people saw at addresses that end so, and that holds these words."""
        return [
            each
            for each in self.seen
            if (not who or each.who in who) and each.path.endswith(path) and holds in each.text
        ]

    def feed_of(self, person: Person) -> str:
        """The board's feed, by the link that this person makes."""
        browser = self.at(person)
        browser.post(f"/boards/{self.board}/feed")
        path = re.search(r"/feed/[\w-]+\.atom", browser.get(f"/boards/{self.board}/feed").text)
        assert path
        return self.house.app.test_client().get(path[0]).text

    def is_hers(self, words: str) -> bool:
        """Whether something of hers stands there."""
        return any(mark in words for mark in self.found)


def without_noise(page: str) -> str:
    """A page without its form keys, and without what waits for the reader."""
    return re.sub(r'value="[^"]{40,}"|value="[\w-]{16}"| <span class="gr-count">.*?</span></span>', "", page)


def posts_in(page: str) -> str:
    """The posts of a thread's page, and what stands in the place of those that are gone."""
    return "\n".join(
        re.findall(r'<article.*?</article>|<div class="gr-post gr-post--removed".*?</div>', page, re.DOTALL)
    )


def rows_that_name_her(scene: Scene, *only: str) -> list[tuple[str, dict[str, object]]]:
    """Rows of these tables, or of all, in which her number, public id or name stands."""
    found = []
    with scene.house.database.within(scene.trust.id).reading() as db:
        stored = set(inspect(db.connection()).get_table_names())
        assert set(only) <= stored
        for table in Base.metadata.sorted_tables:
            if table.name in (only or stored):
                rows = [dict(row._mapping) for row in db.execute(select(table))]
                found += [(table.name, row) for row in rows if scene.told_by(" ".join(map(str, row.values())))]
    return found
