"""What tutors and administrators send to this room, turned into drafts."""

from dataclasses import dataclass

from werkzeug.datastructures import MultiDict

from lti_tool.boards import BoardDraft, BoardLine, board_draft
from lti_tool.core.errors import Invalid
from lti_tool.core.ids import is_public_id
from lti_tool.core.language import gettext as _
from lti_tool.launch.rules import HIGHEST_MARK, OF_A_COURSE


@dataclass(frozen=True, slots=True)
class Choice:
    """What people should find. `things` are boards by public id, or words of `Kind`; `board` is a new one.

    `has_marks` asks the VLE for a column of marks for each. Nothing at all is a cancelled visit to the chooser.
    """

    things: tuple[str, ...] = ()
    board: BoardDraft | None = None
    has_marks: bool = False


@dataclass(frozen=True, slots=True)
class MarkDraft:
    """A mark as it was typed. `was` is what stood in the form when it was opened."""

    person: str
    mark: int | None
    was: int | None


def read_choice(
    fields: MultiDict[str, str], boards: list[BoardLine], may_choose_several: bool, may_cancel: bool
) -> Choice:
    """The chooser's form. Raises Invalid with a sentence a field."""
    if may_cancel and fields.get("do") == "cancel":
        return Choice()
    board = board_draft(fields) if fields.get("do") == "make" else None
    things = tuple(dict.fromkeys(fields.getlist("thing"))) if board is None or may_choose_several else ()
    if not things and board is None:
        raise Invalid(_("Nothing was changed."), {"thing": _("Choose what people should find, or make a new board.")})
    if len(things) > 1 and not may_choose_several:
        raise Invalid(_("Nothing was changed."), {"thing": _("Choose one of these only.")})
    if set(things) - {*OF_A_COURSE, *(board.public_id for board in boards)}:
        raise Invalid(_("Nothing was changed."), {"thing": _("Choose a board of this course.")})
    return Choice(things, board, has_marks=fields.get("marks") == "yes")


def read_marks(fields: MultiDict[str, str]) -> list[MarkDraft]:
    """The marks of a page: whole numbers from 0 to 100, or nothing. Raises Invalid with a sentence a field."""
    drafts, problems = [], {}
    for name, typed in fields.items():
        person = name.removeprefix("mark-")
        if person == name or not is_public_id(person):
            continue
        try:
            drafts.append(MarkDraft(person, _mark(typed), _mark(fields.get(f"was-{person}", ""))))
        except ValueError:
            problems[name] = _("A mark is a whole number from 0 to 100, or nothing.")
    if problems:
        raise Invalid(_("Nothing was saved."), problems)
    return drafts


def _mark(typed: str) -> int | None:
    """Raises ValueError."""
    text = typed.strip().removesuffix("%").strip()
    if not text:
        return None
    if not text.isascii() or not text.isdigit() or len(text) > 3 or int(text) > HIGHEST_MARK:
        raise ValueError
    return int(text)
