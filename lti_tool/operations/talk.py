"""What seeded people say: threads of honest sizes, posts in every state, and counters that count them rightly.

The rows are made here and written in bulk, because a million posts by the rooms' own actions would take an hour. They
are what those actions would have left behind, but for the journal, which gets one line for all of it.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from random import Random
from typing import Any

from lti_tool.boards import PostState
from lti_tool.operations.crowd import WORDS, Stage, Writer, public_id
from lti_tool.texts import Prepared, prepare

BODIES = 500
LARGEST_THREAD = 200
SPAN = timedelta(days=730)
RECENT = timedelta(days=4)
GAP_SECONDS = 5 * 3600
Row = dict[str, Any]

# Of the posts that are not published. What others had read before leaves a stone; see boards/rules.py.
UNPUBLISHED_SHARE = 0.03
RECENTLY_PENDING_SHARE = 0.4
STATES = (
    PostState.REMOVED,
    PostState.WITHDRAWN,
    PostState.REJECTED,
    PostState.RETURNED,
    PostState.PENDING,
    PostState.HIDDEN,
)
WEIGHTS = (28, 24, 18, 14, 13, 3)
ONCE_PUBLISHED = (PostState.PUBLISHED, PostState.HIDDEN, PostState.REMOVED, PostState.WITHDRAWN)
OFFERED = (PostState.PENDING,)
REASONS = ("topic", "unkind", "unsafe", "other")
EDITED_SHARE = 0.03
NESTED_SHARE = 0.35
MOST_BRANCHES_ANSWERED = 20


@dataclass(slots=True)
class Numbers:
    """The next free numbers of threads, texts and posts."""

    thread: int
    text: int
    post: int


@dataclass(slots=True)
class Batch:
    """Rows to be written together, by table. `sealed_authors` hold the person's number, which is sealed at last."""

    threads: list[Row] = field(default_factory=list)
    thread_activity: list[Row] = field(default_factory=list)
    texts: list[Row] = field(default_factory=list)
    revisions: list[Row] = field(default_factory=list)
    posts: list[Row] = field(default_factory=list)
    sealed_authors: list[Row] = field(default_factory=list)


@cache
def bodies() -> tuple[Prepared, ...]:
    """Texts as people write them, always the same, rendered and cleaned once by what renders everybody's."""
    rng = Random("bodies")  # noqa: S311 - nothing is secret here
    return tuple(prepare(_body(rng)) for _ in range(BODIES))


def _body(rng: Random) -> str:
    blocks = [" ".join(rng.sample(WORDS["sentences"], rng.randint(1, 4))) for _ in range(rng.choice((1, 1, 2, 3)))]
    if rng.random() < 0.25:
        blocks.append("\n".join(f"- {point}" for point in rng.sample(WORDS["points"], 3)))
    if rng.random() < 0.15:
        blocks.insert(0, "> " + rng.choice(WORDS["sentences"]))
    if rng.random() < 0.15:
        blocks.append(f"See {rng.choice(WORDS['addresses'])}.")
    return "\n\n".join(blocks)


def sizes(threads: int, posts: int, rng: Random) -> list[int]:
    """How many posts each thread has, the question included: many have few, some have two hundred."""
    left = posts - threads
    weights = [0.0 if rng.random() < 0.2 else rng.paretovariate(1.1) for _ in range(threads)]
    scale = left / (sum(weights) or 1.0)
    replies = [min(LARGEST_THREAD - 1, int(weight * scale)) for weight in weights]
    left -= sum(replies)
    while left > 0:
        for place in rng.sample(range(threads), min(threads, left)):
            more = min(left, rng.randint(1, 8), LARGEST_THREAD - 1 - replies[place])
            replies[place] += more
            left -= more
    return [1 + count for count in replies]


@dataclass(frozen=True, slots=True)
class Talk:
    """Makes the rows of one trust."""

    trust_id: int
    now: datetime
    numbers: Numbers
    bodies: tuple[Prepared, ...]
    rng: Random

    def threads(self, stages: list[Stage], counts: list[int]) -> Iterator[Batch]:
        """A batch for each thread, in the order in which they began."""
        shares = [stage.share for stage in stages]
        began = sorted(self.now - SPAN * self.rng.random() ** 1.3 for _ in counts)
        for count, moment in zip(counts, began, strict=True):
            yield self._thread(self.rng.choices(stages, shares)[0], count, moment)

    def _thread(self, stage: Stage, count: int, began: datetime) -> Batch:
        batch, number = Batch(), self.numbers.thread
        self.numbers.thread += 1
        title, of_thread = self._title(), {"trust_id": self.trust_id, "board_id": stage.board_id}
        posts = self._posts(batch, stage, number, count, began, title)
        batch.threads.append(
            of_thread
            | {"id": number, "course_id": stage.course_id, "title": title, "created_at": began}
            | {"public_id": public_id(self.rng)}
        )
        published = [post["published_at"] for post in posts if post["published_at"]]
        replies = sum(post["state"] == PostState.PUBLISHED for post in posts[1:])
        last_at_us = int(max(published, default=began).timestamp() * 1_000_000)
        batch.thread_activity.append(of_thread | {"thread_id": number, "last_at_us": last_at_us, "replies": replies})
        return batch

    def _title(self) -> str:
        topic = self.rng.choice(WORDS["topics"])
        return str(self.rng.choice(WORDS["questions"]).format(topic=topic, Topic=topic[0].upper() + topic[1:]))

    def _posts(self, batch: Batch, stage: Stage, thread: int, count: int, began: datetime, title: str) -> list[Row]:
        """The question, and replies to it or, two levels at most, to one of them."""
        moment, level = began, list[Row]()
        for place in range(count):
            parent = self.rng.choice(level) if level and self.rng.random() < NESTED_SHARE else None
            writer = stage.writers[int(len(stage.writers) * self.rng.random() ** 1.5)]
            state = self._state(stage, writer, moment, is_asked=place == 0 and count > 1)
            post = self._post(stage, thread, writer, state, moment) | {"is_first": place == 0}
            post["parent_id"] = parent["id"] if parent else None
            post["branch_id"] = parent["branch_id"] if parent else post["id"]
            self._text(batch, post, title if place == 0 else "")
            batch.posts.append(post)
            if stage.is_pseudonymous:
                sealed = {"post_id": post["id"], "trust_id": self.trust_id, "sealed": writer.person_id}
                batch.sealed_authors.append(sealed)
            if place and state == PostState.PUBLISHED and parent is None and len(level) < MOST_BRANCHES_ANSWERED:
                level.append(post)
            moment = min(self.now, moment + timedelta(seconds=self.rng.expovariate(1 / GAP_SECONDS)))
        return batch.posts

    def _state(self, stage: Stage, writer: Writer, moment: datetime, is_asked: bool) -> PostState:
        """A question that was answered was published, and so is what a tutor says."""
        if is_asked or writer.is_tutor:
            return PostState.PUBLISHED
        if stage.is_moderated and moment > self.now - RECENT and self.rng.random() < RECENTLY_PENDING_SHARE:
            return PostState.PENDING
        if self.rng.random() > UNPUBLISHED_SHARE:
            return PostState.PUBLISHED
        return self.rng.choices(STATES, WEIGHTS)[0]

    def _post(self, stage: Stage, thread: int, writer: Writer, state: PostState, moment: datetime) -> Row:
        number = self.numbers.post
        self.numbers.post += 1
        is_named = not stage.is_pseudonymous
        waits_for = {PostState.PENDING: "new", PostState.HIDDEN: "report"}.get(state)
        settled = moment + timedelta(minutes=self.rng.randint(2, 240)) if stage.is_moderated else moment
        is_settled = state in (PostState.REMOVED, PostState.REJECTED, PostState.RETURNED, PostState.HIDDEN)
        return {
            "id": number,
            "public_id": public_id(self.rng),
            "trust_id": self.trust_id,
            "course_id": stage.course_id,
            "board_id": stage.board_id,
            "thread_id": thread,
            "author_id": writer.person_id if is_named else None,
            "author_tag": writer.tag,
            "alias": writer.alias,
            "badge": "tutor" if is_named and writer.is_tutor else "",
            "state": state,
            "state_reason": self.rng.choice(REASONS) if is_settled else "",
            "state_note": "",
            "state_at": min(settled, self.now),
            "is_flagged": state == PostState.HIDDEN,
            "waits_for": waits_for,
            "waiting_since": min(settled, self.now) if waits_for else None,
            "published_at": min(settled, self.now) if state in ONCE_PUBLISHED else None,
            "created_at": moment,
            "once": public_id(self.rng),
            "version": 1,
        }

    def _text(self, batch: Batch, post: Row, title: str) -> None:
        """The post's text: one revision, sometimes a second one."""
        number = post["text_id"] = self.numbers.text
        self.numbers.text += 1
        latest = 2 if self.rng.random() < EDITED_SHARE else 1
        is_offered, was_published = post["state"] in OFFERED, post["published_at"] is not None
        offered, published = latest if is_offered else None, latest if was_published else None
        batch.texts.append(
            {"id": number, "trust_id": self.trust_id, "latest": latest, "offered": offered, "published": published}
        )
        for revision in range(1, latest + 1):
            body = self.bodies[int(len(self.bodies) * self.rng.random())]
            batch.revisions.append(
                {
                    "text_id": number,
                    "number": revision,
                    "trust_id": self.trust_id,
                    "title": title,
                    "source": body.source,
                    "html": body.html,
                    "render_version": body.render_version,
                    "created_at": post["created_at"],
                }
            )
