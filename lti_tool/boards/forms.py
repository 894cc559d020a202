"""What people send to boards, turned into drafts that actions take."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from enum import StrEnum
from typing import TypeVar

from lti_tool.boards.opening import BoardDraft
from lti_tool.boards.patterns import Template
from lti_tool.boards.queries import BoardLine
from lti_tool.boards.rules import NAME_LENGTH, PURPOSE_LENGTH, Audience, are_times
from lti_tool.core import clock
from lti_tool.core.errors import Invalid
from lti_tool.core.ids import is_public_id, new_public_id
from lti_tool.core.language import gettext as _
from lti_tool.texts import ASKED, name_nobody

Kind = TypeVar("Kind", bound=StrEnum)


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
    is_private: bool = False
    rules: str = ""

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
            is_private=fields.get("only_tutors") == "yes",
            rules=fields.get("rules", ""),
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
    if line is None and fields.get("names") not in ("shown", "hidden", "nobody"):
        problems["names"] = _("Choose whether names are shown.")
    if fields.get("checked") not in ("yes", "no"):
        problems["checked"] = _("Choose whether a tutor looks first.")
    if not are_times(times):
        problems["look_times"] = _("Write up to six times such as 08:30 12:30 17:00, or leave this empty.")
    problems |= name_nobody({"title": title, "purpose": purpose})
    archived_at = _archived_at(fields, problems) if line is None else None
    if problems:
        raise Invalid(_("Not saved yet."), problems)
    names = fields.get("names", "")
    return BoardDraft(
        title,
        purpose,
        line.is_pseudonymous if line else names != "shown",
        fields["checked"] == "yes",
        days,
        times,
        is_nameless=line.is_nameless if line else names == "nobody",
        template=line.template if line else _one_of(Template, fields.get("template"), Template.QUESTIONS),
        audience=line.audience if line else _one_of(Audience, fields.get("audience"), Audience.COURSE),
        cohort=fields.get("cohort", ""),
        second=fields.get("second", ""),
        allows_private=fields.get("private") == "yes",
        archived_at=archived_at,
        has_prompts=fields.get("prompts") == "yes",
    )


def _one_of(kinds: type[Kind], word: str | None, otherwise: Kind) -> Kind:
    return kinds(word) if word in set(kinds) else otherwise


def _archived_at(fields: Mapping[str, str], problems: dict[str, str]) -> datetime | None:
    """On which day a new board archives itself, where its form asks for one."""
    typed = fields.get("archives_on", "").strip()
    try:
        return datetime.combine(date.fromisoformat(typed), time(), clock.LONDON) if typed else None
    except ValueError:
        problems["archives_on"] = _("Write a date such as 2027-02-03.")
        return None


def _naming_problems(title: str, purpose: str) -> dict[str, str]:
    problems = {}
    if not title:
        problems["title"] = _("Give the board a name.")
    elif len(title) > NAME_LENGTH:
        problems["title"] = _("Shorten the name to %(most)d characters.") % {"most": NAME_LENGTH}
    if len(purpose) > PURPOSE_LENGTH:
        problems["purpose"] = _("Shorten the purpose to %(most)d characters.") % {"most": PURPOSE_LENGTH}
    return problems
