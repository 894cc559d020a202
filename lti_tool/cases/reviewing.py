"""What reviewers decide: the ticks that close a case's holds, return, reject, widen, and the end of consent."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.access import Actor, require
from lti_tool.boards import Hold, hold_thread, open_holds, publish_cover, release_thread, share_thread
from lti_tool.cases.actions import move_case, record_case
from lti_tool.cases.forms import ReviewDraft
from lti_tool.cases.models import Case, CaseDecision, CaseText
from lti_tool.cases.queries import CaseFacts
from lti_tool.cases.rules import CaseState, Slot
from lti_tool.core import clock
from lti_tool.core.errors import Conflict, Invalid
from lti_tool.core.language import gettext as _
from lti_tool.texts import Text, publish


def review_case(db: Session, actor: Actor, facts: CaseFacts, draft: ReviewDraft) -> CaseState:
    """Tick, return or reject what was sent. It is published with the last tick; returns where the case now stands.

    Raises Conflict when it is not in review, or not the sending that the reviewer saw.
    """
    was_done = facts.state == CaseState.PUBLISHED and facts.sent == draft.seen and draft.verb == "tick"
    if was_done and facts.is_reviewer and not facts.is_mine:
        return facts.state  # the second click of two, or a colleague's ticks were the last ones
    if facts.state != CaseState.PENDING or facts.sent != draft.seen:
        raise Conflict(_("Somebody decided first, or the author has changed the case. Look again before you decide."))
    require(actor, "case.review", facts.thing)
    case = db.get_one(Case, facts.id)
    if draft.verb == "tick":
        _tick(db, actor, case, draft)
    elif draft.verb == "return":
        _send_back(db, actor, case, CaseState.RETURNED, draft)
    else:
        _send_back(db, actor, case, CaseState.REJECTED, draft)
    return CaseState(case.state)


def _tick(db: Session, actor: Actor, case: Case, draft: ReviewDraft) -> None:
    """Each tick closes its hold. Nothing takes a tick back but a return."""
    thread_id = _thread_of(case)
    closing = sorted(draft.ticks & open_holds(db, thread_id))
    if not draft.ticks:
        raise Invalid(_("Not decided yet."), {"ticks": _("Tick what you have checked.")})
    if not closing:
        return  # made before: the second click of two
    _refuse_one_for_two(db, actor, case, closing)
    release_thread(db, thread_id, closing)
    for hold in closing:
        _decided(db, actor, case, hold)
        record_case(db, actor, case, "case.ticked", hold=hold)
    if not open_holds(db, thread_id):
        _publish(db, actor, case, thread_id)


def _refuse_one_for_two(db: Session, actor: Actor, case: Case, closing: list[Hold]) -> None:
    """The second look is a second person's: raises Invalid for who has ticked the rest, and the other way round."""
    mine = select(CaseDecision.verb).where(
        CaseDecision.case_id == case.id, CaseDecision.sent == case.sent, CaseDecision.decided_by == actor.person_id
    )
    ticked = {*closing, *db.scalars(mine)} & set(Hold)
    if Hold.SECOND_REVIEWER in ticked and len(ticked) > 1:
        raise Invalid(
            _("Not decided yet."), {"ticks": _("The second look is a colleague’s: tick either that, or the rest.")}
        )


def _publish(db: Session, actor: Actor, case: Case, thread_id: int) -> None:
    for text in _texts(db, case):
        publish(text)
    case.published_at = clock.now()
    move_case(case, CaseState.PUBLISHED)
    publish_cover(db, thread_id)
    _decided(db, actor, case, "publish")
    record_case(db, actor, case, "case.published")


def _send_back(db: Session, actor: Actor, case: Case, state: CaseState, draft: ReviewDraft) -> None:
    """To the author, with all holds open again: whoever looks next looks at everything."""
    hold_thread(db, _thread_of(case), case.trust_id, (Hold.CLINICAL, Hold.PRIVACY))
    move_case(case, state, draft.reason, draft.note)
    _decided(db, actor, case, draft.verb, draft.reason, draft.note)
    record_case(db, actor, case, f"case.{state}")


def _texts(db: Session, case: Case) -> list[Text]:
    found = select(Text).join(CaseText, CaseText.text_id == Text.id)
    return list(db.scalars(found.where(CaseText.case_id == case.id, CaseText.slot != Slot.PRESENTATION)))


def widen_case(db: Session, actor: Actor, facts: CaseFacts, is_shared: bool) -> None:
    """Show a published case on every course's case board of the trust, or on its own course's alone again."""
    require(actor, "case.widen", facts.thing)
    if facts.is_shared == is_shared:
        return
    case = db.get_one(Case, facts.id)
    share_thread(db, _thread_of(case), is_shared)
    verb = "widen" if is_shared else "narrow"
    _decided(db, actor, case, verb)
    record_case(db, actor, case, f"case.{verb}ed")


def end_consent(db: Session, actor: Actor, facts: CaseFacts) -> None:
    """Consent was withdrawn: nothing of the case or its discussion is shown to anybody else from now on, for good."""
    if facts.state == CaseState.ENDED:
        return
    require(actor, "case.end_consent", facts.thing)
    case = db.get_one(Case, facts.id)
    hold_thread(db, _thread_of(case), case.trust_id, (Hold.CONSENT,))
    move_case(case, CaseState.ENDED)
    _decided(db, actor, case, "end_consent")
    record_case(db, actor, case, "case.consent_ended")


def _thread_of(case: Case) -> int:
    if case.thread_id is None:
        raise Conflict(_("This case has not been sent yet."))
    return case.thread_id


def _decided(db: Session, actor: Actor, case: Case, verb: str, reason: str = "", note: str = "") -> None:
    db.add(
        CaseDecision(
            trust_id=case.trust_id,
            course_id=case.course_id,
            case_id=case.id,
            sent=case.sent,
            verb=verb,
            reason=reason,
            note=note,
            decided_by=actor.person_id,
            decided_at=clock.now(),
        )
    )
    db.flush()
