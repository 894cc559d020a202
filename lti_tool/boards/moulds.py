"""Drawing the posts of a long thread: those that look alike come out of one mould.

The template draws the first of each likeness, with stand-ins where such posts differ; all of them are that drawing with
their own words put in. Two hundred posts drawn by the template one by one cost three times as much. What is rare (a
stone, what waits, files, what others have made of an answer) the template draws each time.
"""

import re
import secrets
from collections.abc import Callable, Container, Hashable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from markupsafe import Markup, escape

from lti_tool.boards.facts import PostFacts
from lti_tool.boards.reactions import Reaction
from lti_tool.boards.reading import Mine
from lti_tool.boards.rules import PostState
from lti_tool.core import clock
from lti_tool.core.ids import new_public_id
from lti_tool.texts import REFERENCES_AT_MOST, Evidence, Reference
from lti_tool.web import iso, stamp

# Random, so that no sentence of a template says them; the days are those of nobody's post.
_ID, _AUTHOR, _BADGE, _HTML = (new_public_id() for _ in range(4))
_LABELS = [new_public_id() for _ in range(REFERENCES_AT_MOST)]
_HREFS = [new_public_id() for _ in range(REFERENCES_AT_MOST)]
_COUNTS = {word: secrets.randbits(62) for word in Reaction}
_CREATED, _EDITED = datetime(1912, 3, 4, 5, 6, tzinfo=UTC), datetime(1913, 7, 8, 9, 10, tzinfo=UTC)
_INDENTED = re.compile(r"\n\s+")

Draw = Callable[..., Markup]


class Moulds:
    """The moulds of one page: they hold what its reader may do, so no other page gets them."""

    def __init__(self, mine: Mine, corrected: Container[int] = ()) -> None:
        self.mine = mine
        self.corrected = corrected  # numbers of posts with a correction above them
        self.now = clock.now()
        self._made: dict[Hashable, str] = {}

    def draw(self, post: PostFacts, by_template: Draw, *given: Any) -> Markup:
        """A post as `by_template(post, *given)` draws it. On one page `given` is always the same."""
        if post.id in self.corrected or not _is_plain(post):
            return by_template(post, *given)
        likeness = self._likeness(post)
        mould = self._made.get(likeness)
        if mould is None:
            mould = self._made[likeness] = _mould(by_template(_stand_in(post), *given), self.now)
        return Markup(mould % _words(post, self.now))  # noqa: S704 - a template's own, and each word is escaped

    def _likeness(self, post: PostFacts) -> Hashable:
        """All by which the template draws plain posts differently, but for the words that are put in."""
        return (
            post.is_first, post.is_mine, post.latest > 1, post.waits_for, bool(post.author), bool(post.badge),
            post.edited_at is None, post.evidence.level, tuple(bool(one.href) for one in post.evidence.references),
            tuple(post.counts), self.mine.reactions.get(post.id), post.id in self.mine.new,
        )  # fmt: skip


def _is_plain(post: PostFacts) -> bool:
    stands = post.standing
    has_note = post.offered or post.state_reason or post.state_note or post.latest != post.published
    is_praised = stands.is_accepted or stands.endorsements or stands.superseded_by
    is_apart = (post.is_mine and has_note) or is_praised or post.files
    return post.state == PostState.PUBLISHED and post.html is not None and not is_apart


def _stand_in(post: PostFacts) -> PostFacts:
    references = tuple(
        Reference("", _LABELS[place], _HREFS[place] if one.href else "")
        for place, one in enumerate(post.evidence.references)
    )
    return replace(
        post,
        public_id=_ID,
        author=_AUTHOR if post.author else "",
        badge=_BADGE if post.badge else "",
        html=Markup(_HTML),  # noqa: S704 - letters and digits
        created_at=_CREATED,
        edited_at=_EDITED if post.edited_at else None,
        evidence=Evidence(post.evidence.level, references),
        counts={word: _COUNTS[Reaction(word)] for word in post.counts},
    )


def _mould(drawn: str, now: datetime) -> str:
    """What the template drew, as a format, without its indentation: the words are not in it yet."""
    mould = _INDENTED.sub("\n", str(drawn)).replace("%", "%%")
    stand_ins = {"id": _ID, "author": _AUTHOR, "badge": _BADGE, "html": _HTML}
    stand_ins |= {"created": stamp(_CREATED, now), "created_iso": iso(_CREATED)}
    stand_ins |= {"edited": stamp(_EDITED, now), "edited_iso": iso(_EDITED)}
    stand_ins |= {f"label{place}": label for place, label in enumerate(_LABELS)}
    stand_ins |= {f"href{place}": href for place, href in enumerate(_HREFS)}
    stand_ins |= {f"count_{word}": str(count) for word, count in _COUNTS.items()}
    for name, stand_in in stand_ins.items():
        mould = mould.replace(stand_in, f"%({name})s")
    return mould


def _words(post: PostFacts, now: datetime) -> dict[str, str]:
    words = {
        "id": post.public_id,
        "author": escape(post.author),
        "badge": escape(post.badge),
        "html": str(post.html),
        "created": stamp(post.created_at, now),
        "created_iso": iso(post.created_at),
    }
    if post.edited_at is not None:
        words |= {"edited": stamp(post.edited_at, now), "edited_iso": iso(post.edited_at)}
    for word, count in post.counts.items():
        words[f"count_{word}"] = str(count)
    for place, one in enumerate(post.evidence.references):
        words |= {f"label{place}": escape(one.label), f"href{place}": escape(one.href)}
    return words
