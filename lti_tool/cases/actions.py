"""Every change of a case by its author and by those who read it. Reviewers' decisions are in `reviewing.py`."""

from collections.abc import Mapping

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from lti_tool.access import Actor, require
from lti_tool.boards import (
    BoardKind,
    Hold,
    hold_thread,
    open_cover,
    release_thread,
    retitle_cover,
    unlock_thread,
)
from lti_tool.cases.checking import BOXES, check_case
from lti_tool.cases.forms import AnswerDraft, CaptureDraft, CommitDraft, ConsentDraft, QuestionDraft, StoryDraft
from lti_tool.cases.models import Case, CaseAnswer, CaseText
from lti_tool.cases.queries import CaseFacts
from lti_tool.cases.rules import CaseState, Section, Slot, holds_of, may_move, missing
from lti_tool.core import clock
from lti_tool.core.errors import Conflict, Invalid
from lti_tool.core.ids import new_public_id
from lti_tool.core.language import gettext as _
from lti_tool.journal import record
from lti_tool.people import CourseLine
from lti_tool.texts import Prepared, Text, get_revision, revise, write


def begin_case(db: Session, actor: Actor, course: CourseLine, draft: CaptureDraft, once: str) -> Case:
    """Keep a speciality and a learning point as a new draft. The same `once` twice is a double click."""
    require(actor, "case.write", course.thing)
    if (
        begun := db.scalars(select(Case).where(Case.once == once, Case.author_id == actor.person_id)).first()
    ) is not None:
        return begun
    now = clock.now()
    case = Case(
        public_id=new_public_id(),
        trust_id=course.trust_id,
        course_id=course.id,
        author_id=actor.person_id,
        state=CaseState.DRAFT,
        state_reason="",
        state_note="",
        state_at=now,
        sent=0,
        title="",
        speciality=draft.speciality,
        setting="",
        life_stage="",
        question="",
        options=[],
        certainty="",
        basis="",
        basis_note="",
        asks_trust=False,
        kept={},
        created_at=now,
        once=once,
    )
    db.add(case)
    db.flush()
    _keep_text(db, case, Slot.LEARNING, draft.learning)
    record_case(db, actor, case, "case.begun")
    return case


def save_story(db: Session, actor: Actor, facts: CaseFacts, draft: StoryDraft) -> None:
    """Title, speciality, setting, stage of life, presentation."""
    case = _mine(db, actor, facts)
    case.title, case.speciality = draft.title, draft.speciality
    case.setting, case.life_stage = draft.setting, draft.life_stage
    _keep_text(db, case, Slot.PRESENTATION, draft.presentation)
    _saved(db, actor, case)


def save_question(db: Session, actor: Actor, facts: CaseFacts, draft: QuestionDraft) -> None:
    """The question and its options. The best one stays chosen where its words stay."""
    case = _mine(db, actor, facts)
    best = case.options[case.best] if case.best is not None else None
    case.question, case.options = draft.question, draft.options
    case.best = draft.options.index(best) if best in draft.options else None
    _saved(db, actor, case)


def save_answer(db: Session, actor: Actor, facts: CaseFacts, draft: AnswerDraft) -> None:
    """What happened, how certain it is, which option is best, what there is to learn."""
    case = _mine(db, actor, facts)
    is_offered = draft.best is not None and draft.best < len(case.options)  # the options may have changed meanwhile
    case.certainty, case.best = draft.certainty, draft.best if is_offered else None
    _keep_text(db, case, Slot.EXPLANATION, draft.explanation)
    _keep_text(db, case, Slot.LEARNING, draft.learning)
    _saved(db, actor, case)


def save_consent(db: Session, actor: Actor, facts: CaseFacts, draft: ConsentDraft) -> None:
    """On which consent the case stands, and where that is documented: in words, never a form itself."""
    case = _mine(db, actor, facts)
    case.basis, case.basis_note = draft.basis, draft.note
    _saved(db, actor, case)


def keep_answers(db: Session, actor: Actor, facts: CaseFacts, section: Section, said: Mapping[str, str]) -> None:
    """What its author says to findings in one part of a case, in place of what was said there before."""
    case = _mine(db, actor, facts)
    others = {key: why for key, why in case.kept.items() if key.partition("-")[0] not in BOXES[section].values()}
    case.kept = others | dict(said)


def _mine(db: Session, actor: Actor, facts: CaseFacts) -> Case:
    require(actor, "case.edit", facts.thing)
    return db.get_one(Case, facts.id)


def _saved(db: Session, actor: Actor, case: Case) -> None:
    db.flush()
    record_case(db, actor, case, "case.saved")


def record_case(db: Session, actor: Actor, case: Case, verb: str, **details: str) -> None:
    """One journal line about a case."""
    subject = f"case:{case.public_id}"
    record(db, trust_id=case.trust_id, actor=actor.public_id, verb=verb, subject=subject, details=details or None)


def _keep_text(db: Session, case: Case, slot: Slot, prepared: Prepared | None) -> None:
    """A new revision where the words or the title have changed. An emptied slot is let go; its revisions stay.

    Raises Invalid for a presentation that was sent before: its text is also that of the thread's opening post.
    """
    kept = db.get(CaseText, (case.id, slot))
    if prepared is None:
        if slot == Slot.PRESENTATION and case.thread_id is not None:
            raise Invalid(_("Not saved yet."), {"text": _("Write the presentation: it was sent before.")})
        if kept is not None:
            db.delete(kept)
    elif kept is None:
        text = write(db, case.trust_id, prepared)
        db.add(CaseText(case_id=case.id, slot=slot, trust_id=case.trust_id, text_id=text.id))
    else:
        text = db.get_one(Text, kept.text_id)
        newest = get_revision(db, text.id, text.latest)
        if (newest.source, newest.title) != (prepared.source, prepared.title):
            revise(db, text, prepared)


def send_case(db: Session, actor: Actor, facts: CaseFacts, asks_trust: bool) -> None:
    """Send a whole case to review; its thread is held until every tick is made. Raises Invalid for what is missing."""
    if facts.is_mine and facts.state == CaseState.PENDING:
        return  # a double click: it has been sent
    require(actor, "case.edit", facts.thing)
    gaps = [sentence for sentences in missing(facts.sheet).values() for sentence in sentences]
    if gaps:
        raise Invalid(_("The case is not complete yet."), {"send": " ".join(gaps)})
    case = db.get_one(Case, facts.id)
    presentation = db.get_one(Text, db.get_one(CaseText, (case.id, Slot.PRESENTATION)).text_id)
    if case.thread_id is None:
        thread, _post = open_cover(db, actor, facts.course, BoardKind.CASES, _("Cases"), case.title, presentation)
        case.thread_id = thread.id
    else:
        retitle_cover(db, case.thread_id, case.title)
    holds = holds_of(case.basis, is_crowded=bool(check_case(facts).pieces))
    hold_thread(db, case.thread_id, case.trust_id, holds)
    release_thread(db, case.thread_id, set(Hold) - holds)
    case.sent, case.asks_trust = case.sent + 1, asks_trust
    move_case(case, CaseState.PENDING)
    record_case(db, actor, case, "case.sent")


def move_case(case: Case, state: CaseState, reason: str = "", note: str = "") -> None:
    """Put a case into a state. Raises Conflict for a step that the state table does not know."""
    if not may_move(CaseState(case.state), state):
        raise Conflict(_("This case has changed meanwhile. Look again before you decide."))
    case.state, case.state_reason, case.state_note, case.state_at = state, reason, note, clock.now()


def withdraw_case(db: Session, actor: Actor, facts: CaseFacts) -> None:
    """The author takes the case back: it and its discussion are gone for everybody at once."""
    if facts.is_mine and facts.state == CaseState.WITHDRAWN:
        return
    require(actor, "case.withdraw", facts.thing)
    case = db.get_one(Case, facts.id)
    move_case(case, CaseState.WITHDRAWN)
    if case.thread_id is not None:
        hold_thread(db, case.thread_id, case.trust_id, (Hold.CLINICAL, Hold.PRIVACY))
    record_case(db, actor, case, "case.withdrawn")


def commit_answer(db: Session, actor: Actor, facts: CaseFacts, draft: CommitDraft) -> None:
    """Commit an answer, once: it opens the gate of the case's thread. A second one (a double click) changes nothing."""
    if facts.answered_at is not None:
        return
    require(actor, "case.answer", facts.thing)
    if facts.thread_id is None or facts.is_held:
        raise Conflict(_("This case has been taken down."))
    if (draft.option is None) == bool(facts.options) or (draft.option or 0) >= max(len(facts.options), 1):
        raise Invalid(_("Not committed yet."), {"answer": _("Choose one of the answers.")})
    answer = CaseAnswer(
        case_id=facts.id,
        person_id=actor.person_id,
        trust_id=facts.course.trust_id,
        option=draft.option,
        words=draft.words,
        answered_at=clock.now(),
    )
    try:
        with db.begin_nested():
            db.add(answer)
    except IntegrityError:  # the other click of two was first
        return
    unlock_thread(db, facts.thread_id, actor)
    subject = f"case:{facts.public_id}"
    record(db, trust_id=facts.course.trust_id, actor=actor.public_id, verb="case.answered", subject=subject)
