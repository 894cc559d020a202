"""Every change of threads and posts. `move_post` is the one writer of a post's state."""

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from lti_tool.access import Actor, may, require
from lti_tool.boards.attachments import hang_files
from lti_tool.boards.authors import seal_author
from lti_tool.boards.charter import require_rules
from lti_tool.boards.facts import PostFacts
from lti_tool.boards.hats import put_author
from lti_tool.boards.models import Post, Thread, ThreadActivity
from lti_tool.boards.patterns import Template
from lti_tool.boards.pauses import refuse_paused
from lti_tool.boards.polls import set_poll
from lti_tool.boards.posts import posts_within_hour
from lti_tool.boards.queries import BoardLine, is_thread_held
from lti_tool.boards.rules import Gate, PollDraft, PostState, Urgency, leaves_mark, may_move, waits_for
from lti_tool.boards.screening import state_for, urgency_of
from lti_tool.boards.standing import count_endorsed
from lti_tool.core import clock
from lti_tool.core.errors import Conflict, Invalid
from lti_tool.core.ids import new_public_id
from lti_tool.core.language import gettext as _
from lti_tool.journal import record
from lti_tool.texts import Prepared, Text, get_revision, publish, revise, set_aside, write


def start_thread(
    db: Session,
    actor: Actor,
    board: BoardLine,
    prepared: Prepared,
    once: str,
    poll: PollDraft | None = None,
    *,
    is_as_self: bool = False,
    is_private: bool = False,
) -> Post:
    """Ask a question, of all who read the board or of the tutors alone.

    The same `once` twice is a double click: the first post is returned. `is_as_self`: a tutor speaks as anybody else
    would, without the badge and without passing the queue.
    """
    refuse_paused(board.pause)
    require(actor, "thread.start_private" if is_private else "thread.start", board.thing)
    if (sent := _sent_before(db, once)) is not None:
        return sent
    require_rules(db, actor, board)
    _refuse_flood(db, actor, board)
    thread = Thread(
        public_id=new_public_id(),
        trust_id=board.course.trust_id,
        board_id=board.id,
        course_id=board.course.id,
        title=prepared.title,
        created_at=clock.now(),
        gate=Gate.REPLY if board.template == Template.ANSWER_FIRST and not is_private else Gate.OPEN,
        is_private=is_private,
    )
    db.add(thread)
    db.flush()
    where = {"thread_id": thread.id, "trust_id": thread.trust_id, "board_id": board.id}
    db.add(ThreadActivity(**where, last_at_us=microseconds(), replies=0))
    if poll is not None:
        set_poll(db, thread.id, poll)
    return _add_post(db, actor, board, thread, None, prepared, once, is_as_self)


def reply(
    db: Session,
    actor: Actor,
    question: PostFacts,
    parent: PostFacts | None,
    prepared: Prepared,
    once: str,
    *,
    is_as_self: bool = False,
) -> Post:
    """Reply in a thread, to the question or, two levels at most, to a reply. The rest is as in `start_thread`."""
    refuse_paused(question.board.pause)
    require(actor, "post.reply", question.thing)
    if (sent := _sent_before(db, once)) is not None:
        return sent
    if parent is not None and (parent.thread_id != question.thread_id or parent.state != PostState.PUBLISHED):
        raise Conflict(_("The reply that you answer is not there any more. Your text is in your drafts."))
    require_rules(db, actor, question.board)
    _refuse_flood(db, actor, question.board)
    thread = db.get_one(Thread, question.thread_id)
    return _add_post(db, actor, question.board, thread, parent, prepared, once, is_as_self)


def _sent_before(db: Session, once: str) -> Post | None:
    return db.scalars(select(Post).where(Post.once == once)).first()


def _refuse_flood(db: Session, actor: Actor, board: BoardLine) -> None:
    most = db.info["settings"].posts_per_hour
    if posts_within_hour(db, actor, board) >= most:
        raise Invalid(
            _("You have sent %(most)d posts within an hour. Your text is safe: send it a little later.")
            % {"most": most}
        )


def _add_post(
    db: Session,
    actor: Actor,
    board: BoardLine,
    thread: Thread,
    parent: PostFacts | None,
    prepared: Prepared,
    once: str,
    is_as_self: bool,
) -> Post:
    text = write(db, thread.trust_id, prepared)
    hang_files(db, actor, board, text, prepared)
    post = put_post(db, actor, board, thread, parent, text, once, is_as_self)
    _begin(db, actor, board, post, text, prepared, thread.is_private)
    return post


def put_post(
    db: Session,
    actor: Actor,
    board: BoardLine,
    thread: Thread,
    parent: PostFacts | None,
    text: Text,
    once: str,
    is_as_self: bool = False,
) -> Post:
    """A new post of the actor with this text. Nobody else sees it and it waits for nobody yet."""
    now = clock.now()
    is_first = parent is None and not _has_first(db, thread)
    post = Post(
        public_id=new_public_id(),
        trust_id=thread.trust_id,
        course_id=thread.course_id,
        board_id=board.id,
        thread_id=thread.id,
        branch_id=parent.branch_id if parent and not parent.is_first else 0,
        parent_id=parent.id if parent else None,
        is_first=is_first,
        text_id=text.id,
        badge="",
        state=PostState.PENDING,
        state_reason="",
        state_note="",
        state_at=now,
        is_flagged=False,
        is_as_self=is_as_self,
        created_at=now,
        once=once,
    )
    put_author(db, actor, board, post)
    db.add(post)
    db.flush()
    if not post.branch_id:
        post.branch_id = post.id
    if board.is_pseudonymous:
        seal_author(db, post, actor.person_id)
    return post


def _has_first(db: Session, thread: Thread) -> bool:
    return db.scalar(select(Post.id).where(Post.thread_id == thread.id, Post.is_first)) is not None


def _begin(
    db: Session, actor: Actor, board: BoardLine, post: Post, text: Text, prepared: Prepared, is_private: bool
) -> None:
    """What only tutors read needs no tutor first, unless it may name a patient."""
    skips_queue = is_private or (may(actor, "post.skip_queue", board.thing) and not post.is_as_self)
    state = state_for(db, actor, board, prepared, skips_queue=skips_queue)
    post.urgency = urgency_of(prepared)
    _record(db, actor, post, "post.sent", _held_by(prepared))
    if state == PostState.PUBLISHED:
        move_post(db, post, text, PostState.PUBLISHED)
        _record(db, actor, post, "post.published")
        if is_private and post.is_first:
            _record(db, actor, post, "post.asked_tutors")
    else:
        _wait(post, text)


def _held_by(prepared: Prepared) -> dict[str, list[str]]:
    """For the journal: which kinds of findings hold a text, and no word of it."""
    return {"held_by": sorted({each.finding.kind for each in prepared.told})} if prepared.needs_review else {}


def _record(db: Session, actor: Actor, post: Post, verb: str, details: dict[str, list[str]] | None = None) -> None:
    """On a pseudonymous board the journal's actor is the alias."""
    who, subject = post.alias or actor.public_id, f"post:{post.public_id}"
    record(db, trust_id=post.trust_id, actor=who, verb=verb, subject=subject, details=details)


def move_post(db: Session, post: Post, text: Text, state: PostState, reason: str = "", note: str = "") -> None:
    """Put a post into a state; `note` is for its author. What is published is what was offered.

    Raises Conflict for a step that the state machine does not know, and for publishing while the thread is held.
    """
    if not may_move(PostState(post.state), state):
        raise Conflict(_("This post has changed meanwhile. Look again before you decide."))
    if state == PostState.PUBLISHED and is_thread_held(db, post.thread_id):
        raise Conflict(_("This discussion is held: nothing of it can be published until that is settled."))
    now = clock.now()
    was_shown, was_published_before = post.state == PostState.PUBLISHED, post.published_at is not None
    post.state, post.state_reason, post.state_note, post.state_at = state, reason, note, now
    if state == PostState.PUBLISHED:
        publish(text)
        post.published_at = post.published_at or now
        show_title(db, post, text)
    elif state in (PostState.RETURNED, PostState.REJECTED, PostState.REMOVED, PostState.WITHDRAWN):
        set_aside(text)
    if state != PostState.PUBLISHED and state != PostState.HIDDEN:
        post.is_flagged = False
    _wait(post, text)
    count_change(db, post, (state == PostState.PUBLISHED) - was_shown, is_news=not was_published_before)


def _wait(post: Post, text: Text) -> None:
    """Put the post into the queue or take it out; it keeps its place while it stays."""
    why = waits_for(PostState(post.state), text.offered is not None and text.published is not None, post.is_flagged)
    if why is None:
        post.waiting_since, post.urgency = None, Urgency.USUAL
    elif post.waiting_since is None or why != post.waits_for:
        post.waiting_since = clock.now()
    post.waits_for = why


def count_change(db: Session, post: Post, change: int, is_news: bool) -> None:
    """Keep the thread's counter and its place in the list: only what is new moves a thread up."""
    values: dict[str, object] = {} if post.is_first else {"replies": ThreadActivity.replies + change}
    if change > 0 and is_news:
        values["last_at_us"] = microseconds()
    if change and not post.is_first:
        db.flush()
        count_endorsed(db, post.thread_id)
    if values:
        db.execute(update(ThreadActivity).where(ThreadActivity.thread_id == post.thread_id).values(**values))


def microseconds() -> int:
    """The present moment as a thread's place in a list."""
    return int(clock.now().timestamp() * 1_000_000)


def show_title(db: Session, post: Post, text: Text) -> None:
    """What is published of an opening post names its thread."""
    if post.is_first and text.published is not None:
        title = get_revision(db, text.id, text.published).title
        db.execute(update(Thread).where(Thread.id == post.thread_id).values(title=title))


def edit_post(db: Session, actor: Actor, facts: PostFacts, prepared: Prepared, seen: int) -> Post:
    """A new version by its author. `seen` is the version that the form showed. What is published stands until approved.

    Raises Conflict when a newer version exists (another tab, another machine).
    """
    refuse_paused(facts.board.pause)
    require(actor, "post.edit", facts.thing)
    post, text = _both(db, facts)
    if text.latest != seen:
        if _is_same(db, text, prepared):
            return post  # the second click of two
        raise Conflict(
            _("You have changed this post elsewhere meanwhile. Your text is in your drafts: compare, then send.")
        )
    revise(db, text, prepared)
    hang_files(db, actor, facts.board, text, prepared)
    is_trusted = may(actor, "post.skip_queue", facts.board.thing) and not post.is_as_self
    skips_queue = facts.is_private or is_trusted
    skips = state_for(db, actor, facts.board, prepared, skips_queue=skips_queue) == PostState.PUBLISHED
    post.urgency = min(post.urgency, urgency_of(prepared))
    if post.state == PostState.PUBLISHED:
        publish_edit(db, post, text, _leaves_mark(db, facts.board, post)) if skips else _wait(post, text)
    else:
        move_post(db, post, text, PostState.PUBLISHED if skips else PostState.PENDING)
    if post.is_first and text.published is None:
        db.execute(update(Thread).where(Thread.id == post.thread_id).values(title=prepared.title))
    _record(db, actor, post, "post.edited", _held_by(prepared))
    return post


def _is_same(db: Session, text: Text, prepared: Prepared) -> bool:
    newest = get_revision(db, text.id, text.latest)
    stands = (newest.title, newest.source, newest.level, newest.files)
    return stands == (prepared.title, prepared.source, prepared.evidence.level, len(prepared.files))


def _leaves_mark(db: Session, board: BoardLine, post: Post) -> bool:
    minutes = db.info["settings"].quiet_edit_minutes
    return leaves_mark(board.is_moderated, post.published_at, clock.now(), minutes)


def publish_edit(db: Session, post: Post, text: Text, is_marked: bool = True) -> None:
    """The waiting version of a published post is the published one now. `is_marked`: readers see that."""
    who, subject, before = post.alias or "author", f"post:{post.public_id}", {"before": text.published}
    publish(text)
    record(db, trust_id=post.trust_id, actor=who, verb="post.updated", subject=subject, details=before)
    if is_marked:
        post.edited_at = clock.now()
    post.state_reason = post.state_note = ""
    show_title(db, post, text)
    _wait(post, text)


def refuse_edit(post: Post, text: Text, reason: str, note: str) -> None:
    """The waiting version is not published; the approved one stands and the author may go on."""
    set_aside(text)
    post.state_reason, post.state_note, post.state_at = reason, note, clock.now()
    _wait(post, text)


def withdraw_post(db: Session, actor: Actor, facts: PostFacts) -> None:
    """The author takes the post back; where others had read it, a stone stays."""
    require(actor, "post.withdraw", facts.thing)
    post, text = _both(db, facts)
    move_post(db, post, text, PostState.WITHDRAWN)
    _record(db, actor, post, "post.withdrawn")


def flag_post(db: Session, facts: PostFacts, hides: bool, urgency: Urgency = Urgency.CONDUCT) -> None:
    """A report came in: the post goes to the queue, and out of sight if the report is of that kind."""
    post, text = _both(db, facts)
    post.is_flagged, post.urgency = True, min(post.urgency, urgency)
    if hides and post.state == PostState.PUBLISHED:
        move_post(db, post, text, PostState.HIDDEN, "reported")
    else:
        _wait(post, text)


def answer_report(db: Session, post: Post, text: Text, keep: bool, reason: str, note: str) -> None:
    """A moderator has looked at a reported post: it stays (or comes back), or it is removed."""
    post.is_flagged = False
    if not keep:
        move_post(db, post, text, PostState.REMOVED, reason, note)
    elif post.state == PostState.HIDDEN:
        offered, text.offered = text.offered, None  # what comes back is what had been approved
        move_post(db, post, text, PostState.PUBLISHED)
        text.offered = offered
        _wait(post, text)
    else:
        _wait(post, text)


def _both(db: Session, facts: PostFacts) -> tuple[Post, Text]:
    return db.get_one(Post, facts.id), db.get_one(Text, facts.text_id)
