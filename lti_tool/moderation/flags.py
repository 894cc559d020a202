"""Reports, weighed by how often their reporter was right before; and what one of them does at once.

The weight is worked out anew for each report from what moderators made of the person's earlier ones in the trust. It is
stored nowhere and shown nowhere: nobody has a score, nobody can be ranked by it.
"""

from sqlalchemy import func, literal, or_, select, update
from sqlalchemy.orm import Session

from lti_tool.access import Actor, require
from lti_tool.boards import PostFacts, PostState, Urgency, flag_post, last_correction
from lti_tool.core import clock
from lti_tool.core.language import gettext as _
from lti_tool.journal import record
from lti_tool.moderation.forms import ReportDraft
from lti_tool.moderation.models import Decision, Report
from lti_tool.moderation.queries import has_reported
from lti_tool.moderation.rules import HIDES_AT_ONCE, RISK, URGENCY
from lti_tool.moderation.safety import raise_concern

WEIGHT_THAT_HIDES = 2.0
"""Two people of whom nothing is known; never one alone, however often they were right."""


def weight_of(upheld: int, dismissed: int) -> float:
    """What the report of somebody counts: 1 while nothing is known, towards 2 when often right, towards 0 when not."""
    return 2 * (upheld + 1) / (upheld + dismissed + 2)


def flag_reasons(reasons: dict[str, str]) -> dict[str, str]:
    """The reasons as a reporter chooses among them."""
    return reasons | {RISK: _("someone may be at risk")}


def report_post(db: Session, actor: Actor, facts: PostFacts, draft: ReportDraft) -> bool:
    """Report a post. If it may name a patient, or reports weigh enough, it is hidden at once.

    A concern for somebody's safety goes to those of that duty; here stands only that there is one. Returns whether this
    report was new: a second one by the same person changes nothing, unless it is the first about safety.
    """
    is_concern = draft.reason == RISK and raise_concern(db, actor, facts, draft)
    if has_reported(db, actor, facts.id):
        return is_concern
    require(actor, "post.concern" if draft.reason == RISK else "post.report", facts.thing)
    trust_id, subject = facts.board.course.trust_id, f"post:{facts.public_id}"
    db.add(
        Report(
            trust_id=trust_id,
            post_id=facts.id,
            person_id=actor.person_id,
            reason=draft.reason,
            note="" if draft.reason == RISK else draft.note,
            reported_at=clock.now(),
        )
    )
    db.flush()
    hides = draft.reason in HIDES_AT_ONCE or _weigh(db, trust_id, facts.id) >= WEIGHT_THAT_HIDES
    if facts.state in (PostState.PUBLISHED, PostState.HIDDEN):
        flag_post(db, facts, hides, URGENCY.get(draft.reason, Urgency.CONDUCT))
    record(db, trust_id=trust_id, actor="reporter", verb="post.reported", subject=subject)
    if hides and facts.state == PostState.PUBLISHED:
        record(db, trust_id=trust_id, actor="system", verb="post.hidden", subject=subject)
    return True


def _weigh(db: Session, trust_id: int, post_id: int) -> float:
    """What the open reports of a post weigh together. One about safety asks for help and does not count against it."""
    open_ones = select(Report.person_id).where(
        Report.post_id == post_id, Report.settled_at.is_(None), Report.reason != RISK
    )
    reporters = list(db.scalars(open_ones))
    rows = db.execute(
        select(Report.person_id, Report.upheld, func.count())
        .where(Report.trust_id == trust_id, Report.person_id.in_(reporters), Report.upheld.is_not(None))
        .group_by(Report.person_id, Report.upheld)
    )
    known = {(person_id, bool(upheld)): count for person_id, upheld, count in rows}
    return sum(weight_of(known.get((one, True), 0), known.get((one, False), 0)) for one in reporters)


def settle_reports(db: Session, decision: Decision, *, upheld: bool) -> None:
    """A moderator has answered the open reports of a post. One about safety is neither right nor wrong by that.

    Who reported what was then corrected was right, although the post stays. They are settled at the moment of the
    decision, by which one that is undone finds them again.
    """
    post_id, at = decision.post_id, decision.decided_at
    is_open, corrected_at = (Report.post_id == post_id) & Report.settled_at.is_(None), last_correction(db, post_id)
    was_right = literal(upheld) if corrected_at is None else or_(literal(upheld), Report.reported_at <= corrected_at)
    db.execute(update(Report).where(is_open, Report.reason != RISK).values(settled_at=at, upheld=was_right))
    db.execute(update(Report).where(is_open, Report.reason == RISK).values(settled_at=at))
