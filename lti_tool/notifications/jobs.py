"""What the worker does for inboxes: tell authors, readers and courses, send mails, forget what is old.

Inboxes are in our database, so each is told once. A mail goes at least once, under the same Message-ID at every try.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete
from sqlalchemy.orm import Session

from lti_tool.boards import (
    PostState,
    PostStory,
    author_of,
    board_followers_after,
    followers_after,
    people_mentioned,
    story_of,
)
from lti_tool.cases import CaseState, story_of_case
from lti_tool.core import clock
from lti_tool.core.db import Database
from lti_tool.core.log import log
from lti_tool.journal import Job, JournalLine, Listener, Reach, record
from lti_tool.moderation import QueueKind, who_is_told_late
from lti_tool.notifications import duties
from lti_tool.notifications.actions import MAIL_DUE, mark_mailed, note_refusal, tell, tell_all
from lti_tool.notifications.letters import Letter, digest_of, letter_of
from lti_tool.notifications.mailer import MailRefused, send
from lti_tool.notifications.models import InboxEntry
from lti_tool.notifications.queries import EntryLine, entries_to_mail, people_to_mail, person_of_entry
from lti_tool.notifications.rules import (
    DIGEST_REACHES_BACK,
    KEEP_FOR,
    PEOPLE_A_BATCH,
    TOLD_AFTER,
    TOLD_OF_CASES,
    TOLD_TO_AUTHOR,
    TOLD_TO_COURSE,
    About,
    Kind,
    MailDue,
)
from lti_tool.people import (
    actor_of,
    each_trust,
    education_administrators,
    enrolled_after,
    find_address,
    find_person_number,
    forget_needless_addresses,
    tutors_of,
)
from lti_tool.programme import is_for, session_facts

DIGEST_DUE = "digest.due"


def tell_author(db: Session, line: JournalLine) -> None:
    """Tell the author what became of their post, if it is still so."""
    kind, states = TOLD_TO_AUTHOR[line.verb]
    story = _story(db, line)
    if story is not None and story.state in states:
        _tell_author_of(db, line, story, story.post_public_id, kind, story.is_first)


def tell_readers(db: Session, line: JournalLine) -> None:
    """Tell of a published reply: the author of the reply that it answers, and the author of the question.

    Nobody is told of their own reply, and nobody twice. Both have passed the thread's gate if it has one: they wrote.
    """
    story = _story(db, line)
    if story is None or story.is_first or story.state != PostState.PUBLISHED or story.is_held:
        return
    told = {author_of(db, story.post_public_id)}
    for post in (story.parent_post_public_id, story.first_post_public_id):
        person_id = author_of(db, post) if post else None
        if person_id not in told:
            told.add(person_id)
            _tell_author_of(db, line, story, post or "", Kind.REPLY, post == story.first_post_public_id)


def tell_mentioned(db: Session, line: JournalLine) -> None:
    """Tell those whom a published post speaks to by `@`. Who is told of it as a reply is not told twice.

    Of a new version are told those to whom the one before did not speak.
    """
    story = _story(db, line)
    if story is not None and story.state == PostState.PUBLISHED and not story.is_held:
        told = people_mentioned(db, story.post_public_id) - {author_of(db, story.post_public_id)}
        if before := line.details.get("before"):
            told -= people_mentioned(db, story.post_public_id, before)
        about = About(Kind.MENTION, story.is_first, story.thread_public_id, story.post_public_id)
        tell_all(db, story.trust_id, sorted(told), line.id, about)


def tell_followers(database: Database, line: JournalLine, _delivery: str) -> None:
    """Tell those who follow a thread of a published reply, but for those whom `tell_readers` tells, and its author; and
    those who follow a board, or a tag of it, of a published question.

    Many people are many short transactions, so it runs OUTSIDE; if it must begin again, nobody is told twice.
    """
    after: int | None = 0
    while after is not None:
        with database.transaction() as db:
            after = _tell_some_followers(db, line, after)


def _tell_some_followers(db: Session, line: JournalLine, after: int) -> int | None:
    """Tell the next followers; returns the number of the last one, or None when all are told or it holds no more."""
    story = _story(db, line)
    if story is None or story.state != PostState.PUBLISHED or story.is_held:
        return None
    posts = (story.post_public_id, story.parent_post_public_id, story.first_post_public_id)
    wrote = {author_of(db, post) for post in posts if post}
    if story.is_first:
        people, following = board_followers_after(db, story.post_public_id, after, PEOPLE_A_BATCH)
    else:
        people, following = followers_after(db, story.thread_public_id, after, PEOPLE_A_BATCH)
    kind = Kind.ASKED if story.is_first else Kind.FOLLOWED
    about = About(kind, True, story.thread_public_id, story.post_public_id)
    tell_all(db, story.trust_id, [person_id for person_id in people if person_id not in wrote], line.id, about)
    return following


def tell_tutors(db: Session, line: JournalLine) -> None:
    """Tell those who decide in a course of a question that they alone read. Its author may be one of them."""
    story = _story(db, line)
    if story is not None and story.state == PostState.PUBLISHED:
        about = About(Kind.ASKED_TUTORS, True, story.thread_public_id, story.post_public_id)
        author = author_of(db, story.post_public_id)
        for person_id, _name in tutors_of(db, story.course_id):
            if person_id != author:
                tell(db, story.trust_id, person_id, line.id, about)


def tell_of_late(db: Session, line: JournalLine) -> None:
    """Tell the second moderator, or the education administrators, that a post still waits for a decision; and the
    latter of a case."""
    kind, _colon, public_id = line.subject.partition(":")
    if kind == QueueKind.CASE:
        _tell_of_late_case(db, line, public_id)
        return
    story = _story(db, line)
    if story is not None:
        about = About(Kind.LATE, story.is_first, story.thread_public_id, story.post_public_id)
        tell_all(db, story.trust_id, who_is_told_late(db, story.post_public_id), line.id, about)


def _tell_of_late_case(db: Session, line: JournalLine, public_id: str) -> None:
    case = story_of_case(db, public_id)
    if case is not None and case.state == CaseState.PENDING:
        about = About(Kind.CASE_LATE, True, case.thread_public_id, case.opening_public_id)
        told = [person for person in education_administrators(db, case.trust_id) if person != case.author_id]
        tell_all(db, case.trust_id, told, line.id, about)


def tell_author_of_case(db: Session, line: JournalLine) -> None:
    """Tell the author what became of their case, if it is still so."""
    kind, state = TOLD_OF_CASES[line.verb]
    story = story_of_case(db, line.subject.removeprefix("case:"))
    if story is not None and story.state == state:
        about = About(kind, True, story.thread_public_id, story.opening_public_id)
        tell(db, story.trust_id, story.author_id, line.id, about)


def _story(db: Session, line: JournalLine) -> PostStory | None:
    return story_of(db, line.subject.removeprefix("post:"))


def _tell_author_of(db: Session, line: JournalLine, story: PostStory, post: str, kind: Kind, is_question: bool) -> None:
    person_id = author_of(db, post)
    if person_id is not None:
        about = About(kind, is_question, story.thread_public_id, story.post_public_id)
        tell(db, story.trust_id, person_id, line.id, about)


def tell_course(database: Database, line: JournalLine, _delivery: str) -> None:
    """Tell the people of a course whom it concerns of teaching that changed shortly before it begins.

    Many people are many short transactions, so it runs OUTSIDE; if it must begin again, nobody is told twice.
    """
    if line.details.get("soon"):
        after: int | None = 0
        while after is not None:
            with database.transaction() as db:
                after = _tell_some(db, line, after)


def _tell_some(db: Session, line: JournalLine, after: int) -> int | None:
    """Tell the next people; returns the number of the last one, or None when all are told or it holds no more."""
    kind, state = TOLD_TO_COURSE[line.verb]
    teaching = session_facts(db, line.subject.removeprefix("session:"))
    if teaching is None or teaching.state != state:
        return None
    today = clock.now().astimezone(clock.LONDON).date()
    people = enrolled_after(db, teaching.course.id, today, after, PEOPLE_A_BATCH)
    told = [one.id for one in people if is_for(teaching.grades, one.grade) and one.public_id != line.actor]
    tell_all(db, teaching.course.trust_id, told, line.id, About(kind, False, teaching.public_id, ""))
    return people[-1].id if len(people) == PEOPLE_A_BATCH else None


def mail_entry(database: Database, line: JournalLine, delivery: str) -> None:
    """Mail one entry, unless it was read meanwhile. Raises MailWaits."""
    settings, entry = database.notes["settings"], line.subject.removeprefix("entry:")
    with database.reading() as db:
        person_id = person_of_entry(db, entry)
        found = [] if person_id is None else _to_mail(db, person_id, MailDue.NOW, entry)
        letter = letter_of(settings, found[0], line.trust_id or 0, person_id or 0) if found else None
    _mail(database, person_id, letter, delivery, found)


def mail_digest(database: Database, line: JournalLine, delivery: str) -> None:
    """Mail somebody's digest, of what they have not read meanwhile. Raises MailWaits."""
    settings = database.notes["settings"]
    with database.reading() as db:
        person_id = find_person_number(db, line.subject.removeprefix("person:"))
        found = [] if person_id is None else _to_mail(db, person_id, MailDue.DIGEST)
        letter = digest_of(settings, found, line.trust_id or 0, person_id or 0)
    _mail(database, person_id, letter, delivery, found)


def _to_mail(db: Session, person_id: int, due: MailDue, entry: str = "") -> list[EntryLine]:
    now = clock.now()
    return entries_to_mail(db, actor_of(db, person_id, now), due, now - DIGEST_REACHES_BACK, entry)


def _mail(
    database: Database, person_id: int | None, letter: Letter | None, delivery: str, found: Sequence[EntryLine]
) -> None:
    """Send, then write down that it is done: who is killed in between sends it again, under the same Message-ID."""
    settings, refusal = database.notes["settings"], None
    if person_id is None or not found:
        return
    with database.reading() as db:
        to = find_address(db, person_id)
    if letter is not None and to.is_usable and settings.smtp_url:
        try:
            send(settings, letter, to.address, delivery)
        except MailRefused as refused:
            refusal = refused
            log.warning("mail refused", delivery=delivery, code=refused.code, is_address=refused.is_address)
    with database.transaction() as db:
        mark_mailed(db, [entry.id for entry in found])
        if refusal is not None:
            note_refusal(db, person_id, refusal.code, is_address=refusal.is_address)


def plan_digests(db: Session, slot: datetime) -> None:
    """Once a day: a delivery for everybody for whom there is something that they have not read."""
    if not db.info["settings"].smtp_url:
        return
    for trust_id in each_trust(db):
        for person in people_to_mail(db, trust_id, MailDue.DIGEST, slot - DIGEST_REACHES_BACK):
            record(db, trust_id=trust_id, actor="system", verb=DIGEST_DUE, subject=f"person:{person}")


def tidy_inbox(db: Session, slot: datetime) -> None:
    """Remove entries that nobody will look for any more, and mail addresses that nothing is sent to."""
    for trust_id in each_trust(db):
        forget_needless_addresses(db, trust_id)
        old = delete(InboxEntry).where(InboxEntry.trust_id == trust_id, InboxEntry.created_at < slot - KEEP_FOR)
        db.execute(old)


_AUTHOR = Job("tell_author", tell_author)
_LATE = Job("tell_of_late", tell_of_late)
_READERS = Job("tell_readers", tell_readers)
_MENTIONED = Job("tell_mentioned", tell_mentioned)
_FOLLOWERS = Job("tell_followers", tell_followers, Reach.OUTSIDE)
_TUTORS = Job("tell_tutors", tell_tutors)
_CASE_AUTHOR = Job("tell_author_of_case", tell_author_of_case)
_COURSE = Job("tell_course", tell_course, Reach.OUTSIDE)
listeners = (
    *(Listener(verb, _AUTHOR, TOLD_AFTER) for verb in TOLD_TO_AUTHOR),
    Listener("post.published", _READERS, TOLD_AFTER),
    Listener("post.published", _MENTIONED, TOLD_AFTER),
    Listener("post.updated", _MENTIONED, TOLD_AFTER),
    *(Listener(verb, _FOLLOWERS, TOLD_AFTER) for verb in ("post.published", "post.made_public")),
    Listener("post.asked_tutors", _TUTORS, TOLD_AFTER),
    Listener("queue.late", _LATE),
    *(Listener(verb, _CASE_AUTHOR, TOLD_AFTER) for verb in TOLD_OF_CASES),
    *(Listener(verb, _COURSE, TOLD_AFTER) for verb in TOLD_TO_COURSE),
    *duties.listeners,
    Listener(MAIL_DUE, Job("mail_entry", mail_entry, Reach.OUTSIDE)),
    Listener(DIGEST_DUE, Job("mail_digest", mail_digest, Reach.OUTSIDE)),
)
jobs = (Job("tidy_inbox", tidy_inbox), Job("plan_digests", plan_digests))
