"""A post in the hands of somebody who does more with it than decide: tutors of its course, and those of certain duties.

What they may know of it is decided here, by role or duty and never by membership alone; its words come only to those
whom `Sight.visible_words` of boards gives them.
"""

from dataclasses import dataclass
from typing import Any

from markupsafe import Markup
from sqlalchemy import and_, case, select, true
from sqlalchemy.orm import Session

from lti_tool.access import Actor, Thing, may, require
from lti_tool.boards import (
    Board,
    BoardKind,
    Post,
    PostState,
    Sight,
    Thread,
    decides,
    get_post_facts,
    tag_of,
)
from lti_tool.core import clock
from lti_tool.core.errors import Forbidden
from lti_tool.core.ids import new_public_id
from lti_tool.core.language import gettext as _
from lti_tool.moderation.models import Decision
from lti_tool.moderation.rules import Verb
from lti_tool.people import Course, CourseLine, Person, display_name
from lti_tool.texts import Revision, Text


@dataclass(frozen=True, slots=True)
class Handle:
    """A post, where it stands and in which state. `html` is none for whoever may not read its words."""

    id: int
    public_id: str
    text_id: int
    thread_id: int
    thread_public_id: str
    board_public_id: str
    board_title: str
    is_pseudonymous: bool
    kind: str
    author: str
    state: str
    state_reason: str
    is_first: bool
    is_mine: bool
    latest: int
    was_published: bool
    html: Markup | None
    title: str
    course: CourseLine

    @property
    def is_cover(self) -> bool:
        """Whether it opens a thread under another room's cover sheet."""
        return self.is_first and self.kind != BoardKind.BOARD

    @property
    def thing(self) -> Thing:
        """What the policy needs to know of it."""
        return Thing(
            trust_id=self.course.trust_id,
            course_id=self.course.id,
            is_mine=self.is_mine,
            state=self.state,
            is_cover=self.is_cover,
        )


def get_handle(db: Session, actor: Actor, public_id: str, permission: str = "post.handle") -> Handle:
    """A post that the actor may handle so. Raises NotFound for what they may not know of, else Forbidden."""
    handle = _find_handle(db, actor, public_id, permission)
    if handle is None:
        require(actor, permission, get_post_facts(db, actor, public_id).thing)
        raise Forbidden(_("You may not do this here. If you think you should, ask a tutor of the course."))
    require(actor, permission, handle.thing)
    return handle


def _find_handle(db: Session, actor: Actor, public_id: str, permission: str) -> Handle | None:
    """None for whoever neither moderates the post's course nor has a duty that handles posts of the trust."""
    has_duty = may(actor, permission, Thing(trust_id=actor.trust_id, course_id=0))  # a role holds in no course 0
    reach = and_(Post.trust_id == actor.trust_id, true() if has_duty else decides(actor))
    shown = case((Post.state == PostState.PUBLISHED, Text.published), else_=Text.latest)
    readable = Sight.of(db, actor).visible_words
    row = db.execute(
        select(
            Post, Thread.public_id.label("thread"), Board, Person.name, Person.public_id.label("person"), Text.latest,
            case((readable, Revision.html)).label("html"), case((readable, Revision.title), else_="").label("title"),
            Course.id.label("course_id"), Course.public_id.label("course"), Course.title.label("course_title"),
        )
        .join(Thread, Thread.id == Post.thread_id)
        .join(Board, Board.id == Post.board_id)
        .join(Course, Course.id == Post.course_id)
        .join(Text, Text.id == Post.text_id)
        .outerjoin(Revision, and_(Revision.text_id == Text.id, Revision.number == shown))
        .outerjoin(Person, Person.id == Post.author_id)
        .where(Post.public_id == public_id, reach)
    ).first()  # fmt: skip
    return _handle(db, actor, row) if row else None


def _handle(db: Session, actor: Actor, row: Any) -> Handle:
    post, board = row.Post, row.Board
    mine = post.author_id == actor.person_id or post.author_tag == tag_of(db, actor.person_id, board.id)
    author = post.alias or (display_name(row.name or "", row.person) if row.person else "")
    return Handle(
        id=post.id,
        public_id=post.public_id,
        text_id=post.text_id,
        thread_id=post.thread_id,
        thread_public_id=row.thread,
        board_public_id=board.public_id,
        board_title=board.title,
        is_pseudonymous=board.is_pseudonymous,
        kind=board.kind,
        author=author,
        state=post.state,
        state_reason=post.state_reason,
        is_first=post.is_first,
        is_mine=mine,
        latest=row.latest,
        was_published=post.published_at is not None,
        html=Markup(row.html) if row.html is not None else None,  # noqa: S704 - SafeHtml
        title=row.title or "",
        course=CourseLine(row.course_id, row.course, post.trust_id, row.course_title),
    )


def note_decision(
    db: Session, actor: Actor, handle: Handle, verb: Verb, reason: str = "", note: str = "", waited_s: int = 0
) -> Decision:
    """Write down a decision that is none of the queue's."""
    decision = Decision(
        public_id=new_public_id(),
        trust_id=handle.course.trust_id,
        course_id=handle.course.id,
        post_id=handle.id,
        revision=handle.latest,
        verb=verb,
        reason=reason,
        note=note,
        decided_by=actor.person_id,
        decided_at=clock.now(),
        waited_s=waited_s,
    )
    db.add(decision)
    db.flush()
    return decision
