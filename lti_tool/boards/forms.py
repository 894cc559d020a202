"""What people send to boards, turned into drafts that actions take."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from lti_tool.boards.actions import BoardDraft
from lti_tool.boards.queries import BoardLine
from lti_tool.boards.quoting import with_quotation
from lti_tool.boards.rules import NAME_LENGTH, PURPOSE_LENGTH, are_times
from lti_tool.core.errors import Invalid
from lti_tool.core.ids import is_public_id, new_public_id
from lti_tool.core.language import gettext as _
from lti_tool.texts import answers_of, kept_of, name_nobody


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
    hat: str = ""

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
            kept=kept_of(fields),
            hat=fields.get("hat", ""),
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
        return replace(self, title=fields["title"], text=fields["text"])


def board_draft(fields: Mapping[str, str], line: BoardLine | None = None) -> BoardDraft:
    """A board's settings; `line` is the board when it exists already. Raises Invalid with a sentence a field."""
    title, purpose = " ".join(fields.get("title", "").split()), " ".join(fields.get("purpose", "").split())
    days = "".join(day for day in "1234567" if fields.get(f"day{day}"))
    times = " ".join(fields.get("look_times", "").replace(",", " ").split())
    problems = _naming_problems(title, purpose)
    if line is None and fields.get("names") not in ("shown", "hidden"):
        problems["names"] = _("Choose whether names are shown.")
    if fields.get("checked") not in ("yes", "no"):
        problems["checked"] = _("Choose whether a tutor looks first.")
    if not are_times(times):
        problems["look_times"] = _("Write up to six times such as 08:30 12:30 17:00, or leave this empty.")
    if problems:
        raise Invalid(_("Not saved yet."), problems)
    is_pseudonymous = line.is_pseudonymous if line else fields["names"] == "hidden"
    return BoardDraft(title, purpose, is_pseudonymous, fields["checked"] == "yes", days, times)


def _naming_problems(title: str, purpose: str) -> dict[str, str]:
    problems = {}
    if not title:
        problems["title"] = _("Give the board a name.")
    elif len(title) > NAME_LENGTH:
        problems["title"] = _("Shorten the name to %(most)d characters.") % {"most": NAME_LENGTH}
    if len(purpose) > PURPOSE_LENGTH:
        problems["purpose"] = _("Shorten the purpose to %(most)d characters.") % {"most": PURPOSE_LENGTH}
    return name_nobody({"title": title, "purpose": purpose}) | problems
