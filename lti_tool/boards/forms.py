"""What people send to boards, turned into drafts that actions take."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import TypeVar

from lti_tool.boards.opening import BoardDraft
from lti_tool.boards.patterns import Template
from lti_tool.boards.polls import PollLine
from lti_tool.boards.queries import BoardLine
from lti_tool.boards.quoting import with_quotation
from lti_tool.boards.rules import (
    MOST_FIRST_POSTS,
    NAME_LENGTH,
    PURPOSE_LENGTH,
    TARGETS,
    USUAL_FIRST_POSTS,
    USUAL_TARGET,
    Audience,
    BoardPolicy,
    PollDraft,
    are_times,
    end_of,
    last_day,
    poll_problems,
)
from lti_tool.core import clock
from lti_tool.core.errors import Invalid
from lti_tool.core.ids import is_public_id, new_public_id
from lti_tool.core.language import gettext as _
from lti_tool.files import MOST_A_TEXT
from lti_tool.texts import SOURCE_LENGTH, answers_of, kept_of, name_nobody
from lti_tool.texts import wish_of as wish_of_any

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
    level: str = ""
    references: str = ""
    files: tuple[str, ...] = ()
    alts: Mapping[str, str] = field(default_factory=dict)
    options: str = ""
    many: str = ""
    closes: str = ""
    hat: str = ""
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
            level=fields.get("level", ""),
            references=fields.get("references", "").replace("\r\n", "\n").replace("\x00", ""),
            files=(files := _files(fields)),
            options=fields.get("options", "").replace("\r\n", "\n"),
            many="yes" if fields.get("many") == "yes" else "",
            closes=fields.get("closes", "").strip(),
            alts={file: " ".join(fields.get(f"alt-{file}", "").split()) for file in files},
            kept=kept_of(fields),
            hat=fields.get("hat", ""),
            is_private=fields.get("only_tutors") == "yes",
            rules=fields.get("rules", ""),
        )

    @property
    def answers(self) -> dict[str, str]:
        """Why the author keeps what was found: key → reason."""
        return answers_of(self.kept)

    @property
    def is_as_self(self) -> bool:
        """Whether a tutor writes as anybody else would: no badge, and a tutor looks first where one looks."""
        return self.hat == "self"

    def quoting(self, quoted: str) -> "Composer":
        """The same with a quotation after what stood there."""
        return replace(self, text=with_quotation(self.text, quoted))

    def saying(self, fields: Mapping[str, str]) -> "Composer":
        """The same with other words."""
        alts = {file: fields.get(f"alt-{file}", self.alts.get(file, "")) for file in self.files}
        options = fields.get("options", self.options)
        return replace(self, title=fields["title"], text=fields["text"], alts=alts, options=options)

    @property
    def poll(self) -> PollDraft | None:
        """The poll that is asked with the words, if any. Raises Invalid with a sentence a field."""
        lines = (" ".join(line.split()) for line in self.options[:SOURCE_LENGTH].split("\n"))
        options = tuple(line for line in lines if line)
        if not options:
            return None
        if problems := poll_problems(options, self.closes, clock.now().astimezone(clock.LONDON).date()):
            raise Invalid(_("Not sent yet. Your text is safe."), problems)
        day = last_day(self.closes)
        return PollDraft(options, bool(self.many), end_of(day, clock.LONDON) if day else None)

    @property
    def draft(self) -> dict[str, str]:
        """What its draft keeps."""
        alts = {f"alt-{file}": alt for file, alt in self.alts.items()}
        words = {"title": self.title, "text": self.text, "parent": self.parent, "files": " ".join(self.files)}
        words |= {"level": self.level, "references": self.references, "hat": self.hat}
        words["only_tutors"] = "yes" if self.is_private else ""
        return words | alts | {"options": self.options, "many": self.many, "closes": self.closes}


def poll_as_fields(poll: PollLine | None) -> dict[str, str]:
    """A poll as a composer holds it."""
    if poll is None:
        return {}
    last = poll.closes_at.astimezone(clock.LONDON) - timedelta(days=1) if poll.closes_at else None
    options = "\n".join(option.words for option in poll.options)
    return {"options": options, "many": "yes" if poll.is_multiple else "", "closes": f"{last:%F}" if last else ""}


def _files(fields: Mapping[str, str]) -> tuple[str, ...]:
    """The files that hang here, each once. One more than may be sent is kept, so that it can be refused in words."""
    given = dict.fromkeys(fields.get("files", "").split())
    return tuple(file for file in given if is_public_id(file))[: MOST_A_TEXT + 1]


def wish_of(fields: Mapping[str, str]) -> str:
    """What the button that was pressed asks for: send, review, check, preview, draft, open, attach."""
    return "attach" if "drop" in fields else wish_of_any(fields)


def board_draft(fields: Mapping[str, str], line: BoardLine | None = None) -> BoardDraft:
    """A board's settings; `line` is the board when it exists already. Raises Invalid with a sentence a field."""
    title, purpose = " ".join(fields.get("title", "").split()), " ".join(fields.get("purpose", "").split())
    days = "".join(day for day in "1234567" if fields.get(f"day{day}"))
    times = " ".join(fields.get("look_times", "").replace(",", " ").split())
    problems = _naming_problems(title, purpose) | _choosing_problems(fields, is_new=line is None)
    first = whole(fields.get("first_posts", ""), USUAL_FIRST_POSTS)
    target = whole(fields.get("target", ""), USUAL_TARGET)
    if not 1 <= first <= MOST_FIRST_POSTS:
        problems["first_posts"] = _("Write a number from 1 to %(most)d.") % {"most": MOST_FIRST_POSTS}
    if target not in TARGETS:
        problems["target"] = _("Choose a time from the list.")
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
        BoardPolicy(fields["checked"]),
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
        first_posts=first,
        target_minutes=target,
        takes_files=fields.get("files", "yes") == "yes",
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


def whole(text: str, usual: int) -> int:
    """The whole number that was typed; `usual` where nothing was, and -1 for what is none."""
    text = text.strip()
    if not text:
        return usual
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 9 else -1


def _choosing_problems(fields: Mapping[str, str], *, is_new: bool) -> dict[str, str]:
    problems = {}
    if is_new and fields.get("names") not in ("shown", "hidden", "nobody"):
        problems["names"] = _("Choose whether names are shown.")
    if fields.get("checked") not in set(BoardPolicy):
        problems["checked"] = _("Choose which posts a tutor looks at first.")
    return problems


def _naming_problems(title: str, purpose: str) -> dict[str, str]:
    problems = {}
    if not title:
        problems["title"] = _("Give the board a name.")
    elif len(title) > NAME_LENGTH:
        problems["title"] = _("Shorten the name to %(most)d characters.") % {"most": NAME_LENGTH}
    if len(purpose) > PURPOSE_LENGTH:
        problems["purpose"] = _("Shorten the purpose to %(most)d characters.") % {"most": PURPOSE_LENGTH}
    return name_nobody({"title": title, "purpose": purpose}) | problems
