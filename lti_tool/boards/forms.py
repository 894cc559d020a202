"""What people send to boards, turned into drafts that actions take."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from lti_tool.boards.actions import BoardDraft
from lti_tool.boards.queries import BoardLine
from lti_tool.boards.rules import (
    MOST_FIRST_POSTS,
    NAME_LENGTH,
    PURPOSE_LENGTH,
    TARGETS,
    USUAL_FIRST_POSTS,
    USUAL_TARGET,
    BoardPolicy,
    are_times,
)
from lti_tool.core.errors import Invalid
from lti_tool.core.ids import is_public_id, new_public_id
from lti_tool.core.language import gettext as _
from lti_tool.texts import ASKED


@dataclass(frozen=True, slots=True)
class Composer:
    """What stands in a composer: given by the browser, by a draft, or empty. It always goes back into the page.

    `kept` is what its author said to findings of the identifier check: `key:reason`, with spaces between.
    """

    title: str = ""
    text: str = ""
    parent: str = ""
    once: str = ""
    seen: int = 0
    kept: str = ""

    @staticmethod
    def of(fields: Mapping[str, str]) -> "Composer":
        """From a form or a draft. A missing or odd `once` is replaced, so that no post depends on it."""
        once = fields.get("once", "")
        seen = fields.get("seen", "")
        return Composer(
            title=fields.get("title", ""),
            text=fields.get("text", "").replace("\r\n", "\n"),
            parent=fields.get("parent", ""),
            once=once if is_public_id(once) else new_public_id(),
            seen=int(seen) if seen.isascii() and seen.isdecimal() and len(seen) < 9 else 0,
            kept=" ".join([*fields.get("kept", "").split(), *_said(fields)]),
        )

    @property
    def answers(self) -> dict[str, str]:
        """Why the author keeps what was found: key → reason."""
        pairs = (pair.rpartition(":") for pair in self.kept.split())
        return {key: reason for key, _colon, reason in pairs}

    def saying(self, fields: Mapping[str, str]) -> "Composer":
        """The same with other words."""
        return replace(self, title=fields["title"], text=fields["text"])


def _said(fields: Mapping[str, str]) -> list[str]:
    """What the button beside a finding says, if one was pressed."""
    if key := fields.get("keep"):
        return [f"{key}:{fields.get(f'why-{key}', '')}"]
    return [f"{key}:{ASKED}"] if (key := fields.get("ask")) else []


def wish_of(fields: Mapping[str, str]) -> str:
    """What the button that was pressed asks for: send, review, check, preview, draft, open."""
    if "accept" in fields or "keep" in fields:
        return "check"
    return "review" if "ask" in fields else fields.get("do", "send")


def board_draft(fields: Mapping[str, str], line: BoardLine | None = None) -> BoardDraft:
    """A board's settings; `line` is the board when it exists already. Raises Invalid with a sentence a field."""
    title, purpose = " ".join(fields.get("title", "").split()), " ".join(fields.get("purpose", "").split())
    days = "".join(day for day in "1234567" if fields.get(f"day{day}"))
    times = " ".join(fields.get("look_times", "").replace(",", " ").split())
    problems = _naming_problems(title, purpose)
    if line is None and fields.get("names") not in ("shown", "hidden"):
        problems["names"] = _("Choose whether names are shown.")
    if fields.get("checked") not in set(BoardPolicy):
        problems["checked"] = _("Choose which posts a tutor looks at first.")
    first = whole(fields.get("first_posts", ""), USUAL_FIRST_POSTS)
    target = whole(fields.get("target", ""), USUAL_TARGET)
    if not 1 <= first <= MOST_FIRST_POSTS:
        problems["first_posts"] = _("Write a number from 1 to %(most)d.") % {"most": MOST_FIRST_POSTS}
    if target not in TARGETS:
        problems["target"] = _("Choose a time from the list.")
    if not are_times(times):
        problems["look_times"] = _("Write up to six times such as 08:30 12:30 17:00, or leave this empty.")
    if problems:
        raise Invalid(_("Not saved yet."), problems)
    is_pseudonymous = line.is_pseudonymous if line else fields["names"] == "hidden"
    policy, second = BoardPolicy(fields["checked"]), whole(fields.get("second", ""), 0) or None
    return BoardDraft(title, purpose, is_pseudonymous, policy, days, times, first, target, second)


def whole(text: str, usual: int) -> int:
    """The whole number that was typed; `usual` where nothing was, and -1 for what is none."""
    text = text.strip()
    if not text:
        return usual
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 9 else -1


def _naming_problems(title: str, purpose: str) -> dict[str, str]:
    problems = {}
    if not title:
        problems["title"] = _("Give the board a name.")
    elif len(title) > NAME_LENGTH:
        problems["title"] = _("Shorten the name to %(most)d characters.") % {"most": NAME_LENGTH}
    if len(purpose) > PURPOSE_LENGTH:
        problems["purpose"] = _("Shorten the purpose to %(most)d characters.") % {"most": PURPOSE_LENGTH}
    return problems
