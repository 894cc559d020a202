"""What an inbox tells, in which words, and when it holds its tongue."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from lti_tool.access import Duty
from lti_tool.boards import PostState
from lti_tool.cases import CaseState
from lti_tool.core.language import gettext as _
from lti_tool.moderation import UNDO_FOR
from lti_tool.programme import SessionState

TOLD_AFTER = UNDO_FOR  # until then a decision can be undone and nobody was told wrongly
KEEP_FOR = timedelta(days=180)
PAGE_OF_ENTRIES = 30
PEOPLE_A_BATCH = 500
MOST_COUNTED = 100  # the bar shows "99+"


class Kind(StrEnum):
    """What an entry tells."""

    APPROVED = "approved"
    RETURNED = "returned"
    REJECTED = "rejected"
    HIDDEN = "hidden"
    RESTORED = "restored"
    REMOVED = "removed"
    REDACTED = "redacted"
    REPLY = "reply"
    MENTION = "mention"
    FOLLOWED = "followed"
    ASKED = "asked"
    LATE = "late"
    MOVED = "moved"
    CANCELLED = "cancelled"
    ON_AGAIN = "on again"
    ASKED_PUBLIC = "asked_public"
    ASKED_TUTORS = "asked_tutors"
    CASE_PUBLISHED = "case_published"
    CASE_RETURNED = "case_returned"
    CASE_REJECTED = "case_rejected"
    CASE_ENDED = "case_ended"
    CASE_LATE = "case_late"
    APPEAL_UPHELD = "appeal_upheld"
    APPEAL_OVERTURNED = "appeal_overturned"
    PAUSED = "paused"
    PAUSE_LIFTED = "pause_lifted"
    OPENED = "opened"
    CORRECTED = "corrected"
    CONCERN = "concern"
    CONCERN_LATE = "concern_late"
    APPEAL = "appeal"
    OPENING = "opening"


# The author is told of these verbs, while the post is in one of these states: a refused edit leaves it published.
TOLD_TO_AUTHOR: Mapping[str, tuple[Kind, frozenset[PostState]]] = {
    "post.approved": (Kind.APPROVED, frozenset({PostState.PUBLISHED})),
    "post.returned": (Kind.RETURNED, frozenset({PostState.RETURNED, PostState.PUBLISHED})),
    "post.rejected": (Kind.REJECTED, frozenset({PostState.REJECTED, PostState.PUBLISHED})),
    "post.hidden": (Kind.HIDDEN, frozenset({PostState.HIDDEN})),
    "post.restored": (Kind.RESTORED, frozenset({PostState.PUBLISHED})),
    "post.removed": (Kind.REMOVED, frozenset({PostState.REMOVED})),
    "appeal.upheld": (Kind.APPEAL_UPHELD, frozenset({PostState.RETURNED, PostState.REJECTED, PostState.REMOVED})),
    "appeal.overturned": (Kind.APPEAL_OVERTURNED, frozenset({PostState.PUBLISHED})),
    "author.paused": (Kind.PAUSED, frozenset(PostState)),
    "pause.lifted": (Kind.PAUSE_LIFTED, frozenset(PostState)),
    "author.opened": (Kind.OPENED, frozenset(PostState)),
    "post.asked_public": (Kind.ASKED_PUBLIC, frozenset({PostState.PUBLISHED})),
    "post.redacted": (Kind.REDACTED, frozenset({PostState.PUBLISHED})),
}

# The people of a course are told of these verbs, while teaching is in this state, when it was less than two days away.
TOLD_TO_COURSE: Mapping[str, tuple[Kind, SessionState]] = {
    "session.changed": (Kind.MOVED, SessionState.PLANNED),
    "session.cancelled": (Kind.CANCELLED, SessionState.CANCELLED),
    "session.restored": (Kind.ON_AGAIN, SessionState.PLANNED),
}
OF_TEACHING = frozenset(kind for kind, _state in TOLD_TO_COURSE.values())


# The author of a case is told of these verbs, while the case is in this state.
TOLD_OF_CASES: Mapping[str, tuple[Kind, CaseState]] = {
    "case.published": (Kind.CASE_PUBLISHED, CaseState.PUBLISHED),
    "case.returned": (Kind.CASE_RETURNED, CaseState.RETURNED),
    "case.rejected": (Kind.CASE_REJECTED, CaseState.REJECTED),
    "case.consent_ended": (Kind.CASE_ENDED, CaseState.ENDED),
}
ABOUT_CASES = frozenset(kind for kind, _state in TOLD_OF_CASES.values()) | {Kind.CASE_LATE}


# Who holds these duties is told of these verbs: the one that the line names, or else all of them; and the page of it.
TOLD_TO_DUTY: Mapping[str, tuple[Kind, tuple[Duty, ...]]] = {
    "concern.raised": (Kind.CONCERN, ()),
    "concern.late": (Kind.CONCERN_LATE, (Duty.EDUCATION_ADMINISTRATOR,)),
    "appeal.made": (Kind.APPEAL, ()),
    "author.opening_asked": (Kind.OPENING, (Duty.SAFEGUARDING, Duty.INFORMATION_GOVERNANCE)),
}
OF_DUTY: Mapping[Kind, tuple[str, str]] = {
    Kind.CONCERN: ("moderation.concern", "concern_id"),
    Kind.CONCERN_LATE: ("moderation.concern", "concern_id"),
    Kind.APPEAL: ("moderation.appeal_item", "appeal_id"),
    Kind.OPENING: ("moderation.opening", "opening_id"),
}


class Topic(StrEnum):
    """What somebody may choose to be told of in one way or another."""

    POSTS = "posts"
    REPLIES = "replies"
    TEACHING = "teaching"


class How(StrEnum):
    """How somebody is told. Mail comes on top of the inbox, never instead of it."""

    TOOL = "tool"
    MAIL = "mail"
    DIGEST = "digest"
    OFF = "off"


class MailDue(StrEnum):
    """Whether a mail is still to tell of an entry."""

    NOTHING = ""
    NOW = "now"
    DIGEST = "digest"


TOPICS: Mapping[Kind, Topic] = {
    **{kind: Topic.POSTS for kind, _states in TOLD_TO_AUTHOR.values()},
    **dict.fromkeys((*ABOUT_CASES, *OF_DUTY, Kind.ASKED_TUTORS, Kind.LATE, Kind.CORRECTED), Topic.POSTS),
    **dict.fromkeys((Kind.REPLY, Kind.MENTION, Kind.FOLLOWED, Kind.ASKED), Topic.REPLIES),
    **dict.fromkeys(OF_TEACHING, Topic.TEACHING),
}
# For who has chosen nothing: one mail a day, and at once only what comes too late tomorrow.
USUAL: Mapping[Topic, How] = {Topic.POSTS: How.DIGEST, Topic.REPLIES: How.DIGEST, Topic.TEACHING: How.MAIL}
BY_MAIL = frozenset({How.MAIL, How.DIGEST})
ALWAYS_TOLD = frozenset({Topic.POSTS})  # what becomes of one's own words, and what waits for a tutor
DIGEST_LINES = 10
DIGEST_REACHES_BACK = timedelta(days=7)


def ways_of(topic: Topic, can_mail: bool) -> list[How]:
    """What somebody can choose for a topic."""
    found = [How.TOOL, *((How.DIGEST, How.MAIL) if can_mail else ())]
    return found if topic in ALWAYS_TOLD else [*found, How.OFF]


def how_now(topic: Topic, chosen: How | None, can_mail: bool) -> How:
    """How somebody is told of a topic, given what they chose, if anything, and whether mail can reach them."""
    how = chosen or USUAL[topic]
    return how if how in ways_of(topic, can_mail) else How.TOOL


@dataclass(frozen=True, slots=True)
class About:
    """What an entry is about: a thread and a post in it, or in its place teaching, or a matter of a duty.

    `is_question` tells of the reader's own post: a question, or else a reply.
    """

    kind: Kind
    is_question: bool
    thread: str
    post: str


def sentence(kind: Kind, is_question: bool) -> str:
    """The entry in words. No name, no word of the post."""
    questions = {
        Kind.APPROVED: _("Your question was approved"),
        Kind.RETURNED: _("Your question was returned with a note: see what to change"),
        Kind.REJECTED: _("Your question was rejected: see why"),
        Kind.HIDDEN: _("Your question is hidden until a moderator has looked at it"),
        Kind.RESTORED: _("A moderator looked at your question after a report: it stays"),
        Kind.REMOVED: _("Your question was removed: see why"),
        Kind.REDACTED: _("Your question was approved with changed words: see which"),
        Kind.LATE: _("A question has waited longer than it should for a moderator"),
        Kind.REPLY: _("A new reply to your question"),
        Kind.MENTION: _("A question speaks to you"),
    }
    replies = {
        Kind.APPROVED: _("Your reply was approved"),
        Kind.RETURNED: _("Your reply was returned with a note: see what to change"),
        Kind.REJECTED: _("Your reply was rejected: see why"),
        Kind.HIDDEN: _("Your reply is hidden until a moderator has looked at it"),
        Kind.RESTORED: _("A moderator looked at your reply after a report: it stays"),
        Kind.REMOVED: _("Your reply was removed: see why"),
        Kind.REDACTED: _("Your reply was approved with changed words: see which"),
        Kind.LATE: _("A reply has waited longer than it should for a moderator"),
        Kind.REPLY: _("A new reply to your reply"),
        Kind.MENTION: _("A reply speaks to you"),
    }
    teaching = {
        Kind.MOVED: _("Teaching was moved: see when and where"),
        Kind.CANCELLED: _("Teaching was cancelled: see why"),
        Kind.ON_AGAIN: _("Teaching takes place after all"),
    }
    cases = {
        Kind.CASE_PUBLISHED: _("Your case is published: others can learn from it"),
        Kind.CASE_RETURNED: _("Your case was returned with a note: see what to change"),
        Kind.CASE_REJECTED: _("Your case was rejected: see why"),
        Kind.CASE_ENDED: _("Your case was taken down, because consent was withdrawn"),
        Kind.CASE_LATE: _("A case has waited longer than it should for a reviewer"),
    }
    return (cases | teaching | _beyond_the_queue() | (questions if is_question else replies))[kind]


def _beyond_the_queue() -> dict[Kind, str]:
    """What is told to those of a duty, of a thread, and to those for whom something was put right or decided anew."""
    duties = {
        Kind.CONCERN: _("Someone may be at risk: look now"),
        Kind.CONCERN_LATE: _("Someone may be at risk, and nobody has taken it on: look now"),
        Kind.APPEAL: _("An author appeals, and there is no other moderator"),
        Kind.OPENING: _("A colleague asks to open who wrote a post: confirm or refuse within a day"),
    }
    amends = {
        Kind.CORRECTED: _("An answer you read was corrected: see what is right"),
        Kind.APPEAL_UPHELD: _("Your appeal was looked at: the decision stands. See why"),
        Kind.APPEAL_OVERTURNED: _("Your appeal was looked at: the decision was changed, and your post is published"),
        Kind.PAUSED: _("You are paused on a board: see until when, and why"),
        Kind.PAUSE_LIFTED: _("Your pause on a board has ended: you can write there again"),
        Kind.OPENED: _("Two people of your trust opened who wrote your post. The information governance lead says why"),
    }
    threads = {
        Kind.FOLLOWED: _("A new reply to a question that you follow"),
        Kind.ASKED: _("A new question on a board or a topic that you follow"),
        Kind.ASKED_PUBLIC: _("A tutor asks whether everybody on the board may read your question"),
        Kind.ASKED_TUTORS: _("Somebody has asked the tutors alone"),
    }
    return duties | amends | threads
