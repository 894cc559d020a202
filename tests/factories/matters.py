"""One of each that goes beyond the queue: an appeal, a concern, a pause, a request for a name."""

from collections.abc import Iterator
from datetime import timedelta

from sqlalchemy import select

from lti_tool.access import Duty, Role
from lti_tool.boards import get_post_facts
from lti_tool.boards.models import BoardPause, Correction
from lti_tool.core import clock
from lti_tool.core.ids import new_public_id
from lti_tool.moderation import DecisionDraft, ReportDraft, Verb, decide, report_post
from lti_tool.moderation.appeals import make_appeal
from lti_tool.moderation.correcting import correct_post
from lti_tool.moderation.duty_forms import OpeningDraft
from lti_tool.moderation.duty_models import Appeal, SafetyConcern
from lti_tool.moderation.handling import get_handle
from lti_tool.moderation.openings import ask_opening
from lti_tool.moderation.pausing import begin_pause
from lti_tool.people import Course, Person, Trust
from lti_tool.texts import prepare
from tests.factories.house import Browser, House


def make_matters(house: House, course: Course, author: Person, tutor: Person, board: str) -> dict[str, str]:
    """Their public ids, by name: `tutor` has decided, `author` asks somebody else; `rejected` can still be appealed."""
    trust = house.database.within(course.trust_id)
    first, rejected, read = (house.question(author, course, board) for _each in range(3))
    with trust.transaction() as db:
        actor = house.actor(db, tutor, course)
        for post, verb in ((first, Verb.REJECT), (rejected, Verb.REJECT), (read, Verb.APPROVE)):
            decide(db, actor, get_post_facts(db, actor, post), DecisionDraft(verb, 1, "topic", "Elsewhere, please."))
    with trust.transaction() as db:
        actor = house.actor(db, author, course)
        make_appeal(db, actor, get_post_facts(db, actor, first), "It is about the heart after all.")
        appeal = db.scalars(select(Appeal.public_id).order_by(Appeal.id.desc())).first()
    reader = house.person(trust_of(house, course), "Reader", {course.id: Role.LEARNER})
    with trust.transaction() as db:
        actor = house.actor(db, reader, course)
        report_post(db, actor, get_post_facts(db, actor, read), ReportDraft("risk", "They sound hopeless.", True))
        concern = db.scalars(select(SafetyConcern.public_id)).one()
    with trust.transaction() as db:
        actor = house.actor(db, tutor, course)
        until = clock.now() + timedelta(days=7)
        begin_pause(db, actor, get_handle(db, actor, read, "pause.begin"), "Please answer without sarcasm.", until)
        pause = db.scalars(select(BoardPause.public_id)).one()
        once = new_public_id()
        correct_post(db, actor, get_handle(db, actor, read, "post.correct"), prepare("It is 15 mg."), once)
        correction = db.scalars(select(Correction.public_id)).one()
    named = {"appeal": appeal, "rejected": rejected, "concern": concern, "pause": pause, "correction": correction}
    return named | {"appealed": first, "read": read} | make_opening(house, course, author, tutor)


def make_opening(house: House, course: Course, author: Person, tutor: Person) -> dict[str, str]:
    """A request for the name of an author on a board with hidden names, and another question there."""
    board = house.board(course, tutor, pseudonymous=True, moderated=False, title="Ask us anything")
    post, other = (house.question(author, course, board, "What was the dose?", "Was it 10 mg?") for _each in range(2))
    thread = house.facts(author, course, other).thread_public_id
    lead = house.person(trust_of(house, course), "Safe Lead", {course.id: Role.READER}, Duty.SAFEGUARDING)
    with house.database.within(course.trust_id).transaction() as db:
        actor = house.actor(db, lead, course)
        draft = OpeningDraft("They write of harming themselves.", "", new_public_id())
        opening = ask_opening(db, actor, get_handle(db, actor, post, "author.open"), draft)
    return {"opening": opening, "sealed": post, "hidden": other, "hidden_thread": thread, "hidden_board": board}


def trust_of(house: House, course: Course) -> Trust:
    """The trust of a course."""
    with house.database.reading() as db:
        return db.get_one(Trust, course.trust_id)


def matter_pages(
    house: House, course: Course, author: Person, tutor: Person, board: str
) -> Iterator[tuple[str, Browser, str, dict[str, str], int]]:
    """Every page of what goes beyond the queue, in every state that looks different (see PageVisit)."""
    made = make_matters(house, course, author, tutor, board)
    trust = trust_of(house, course)
    ruth, ivy = (
        house.browser(house.person(trust, name, {course.id: Role.READER}, *duties), course)
        for name, *duties in (
            ("Ruth Calder", Duty.SAFEGUARDING, Duty.EDUCATION_ADMINISTRATOR),
            ("Ivy Lorne", Duty.INFORMATION_GOVERNANCE),
        )
    )
    writes, decides = house.browser(author, course), house.browser(tutor, course)
    other = house.person(trust, "Dr Ada Finch", {course.id: Role.TUTOR})
    looks_again, here = house.browser(other, course), f"/courses/{course.public_id}"
    post, sealed, hidden = made["read"], made["sealed"], made["hidden"]
    nothing: dict[str, str] = {}
    yield "moderate", decides, f"/posts/{post}/moderate", nothing, 200
    yield "moderate-hidden-names", ruth, f"/posts/{sealed}/moderate", nothing, 200
    yield "erase", decides, f"/posts/{post}/erase", nothing, 200
    yield "erase-wrong", decides, f"/posts/{post}/erase", {"sure": ""}, 400
    yield "correct", decides, f"/posts/{post}/correct", nothing, 200
    yield "correct-wrong", decides, f"/posts/{post}/correct", {"text": "Ask Mr Thackeray, 14 November."}, 400
    yield "pause", decides, f"/posts/{sealed}/pause", nothing, 200
    yield "pause-wrong", decides, f"/posts/{sealed}/pause", {"reason": "", "until": "soon"}, 400
    yield "pauses", decides, f"{here}/pauses", nothing, 200
    yield "paused-board", writes, f"/boards/{board}", nothing, 200
    yield "appeal", writes, f"/posts/{made['rejected']}/appeal", nothing, 200
    yield "appeal-wrong", writes, f"/posts/{made['rejected']}/appeal", {"note": ""}, 400
    yield "appeal-made", writes, f"/posts/{made['appealed']}/appeal", nothing, 200
    yield "queue-appeals", looks_again, f"{here}/waiting", nothing, 200
    yield "appeal-item", looks_again, f"{here}/appeals/{made['appeal']}", nothing, 200
    yield "appeal-item-wrong", looks_again, f"{here}/appeals/{made['appeal']}", {"outcome": ""}, 400
    reader = house.browser(house.person(trust, "Tom Ashdown", {course.id: Role.LEARNER}), course)
    yield "concern-about", reader, f"/posts/{post}/concern", nothing, 200
    yield "concern-about-wrong", reader, f"/posts/{post}/concern", {"note": "x" * 2001}, 400
    yield "turn-to", ruth, f"{here}/help", nothing, 200
    yield "duties", ruth, f"{here}/duties", nothing, 200
    yield "duties-wrong", ivy, f"{here}/duties", {"address": "yesterday"}, 400
    yield "concern", ruth, f"{here}/concerns/{made['concern']}", nothing, 200
    yield "numbers", ruth, f"{here}/numbers", nothing, 200
    yield "numbers-wrong", ruth, f"{here}/numbers", {"numbers": "x" * 2001}, 400
    yield "author", ruth, f"/posts/{sealed}/author", nothing, 200
    yield "author-wrong", ruth, f"/posts/{sealed}/author", {"reason": "", "untold": "yes"}, 400
    yield "opening", ivy, f"{here}/openings/{made['opening']}", nothing, 200
    decides.post(f"/posts/{hidden}/correct", {"text": "It is **15 mg**, see the trial.", "once": new_public_id()})
    yield "thread-corrected", reader, f"/threads/{made['hidden_thread']}", nothing, 200
    yield "board-corrected", reader, f"/boards/{made['hidden_board']}", nothing, 200
