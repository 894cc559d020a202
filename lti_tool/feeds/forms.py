"""What somebody wants on their phone, as they sent it."""

from collections.abc import Sequence

from werkzeug.datastructures import MultiDict

from lti_tool.core.errors import Invalid
from lti_tool.core.ids import is_public_id, new_public_id
from lti_tool.core.language import gettext as _
from lti_tool.feeds.actions import FeedDraft
from lti_tool.feeds.ics import one_line
from lti_tool.feeds.rules import MY_GRADE, NAME_LENGTH, Filter
from lti_tool.people import GRADES, CourseLine
from lti_tool.texts import name_nobody


def usual_draft() -> FeedDraft:
    """What most people want: everything that is for them."""
    return FeedDraft(_("My teaching"), Filter())


def feed_draft(fields: "MultiDict[str, str]", courses: Sequence[CourseLine]) -> FeedDraft:
    """A feed of one's own making from these courses. Raises Invalid with a sentence a field."""
    name, problems = one_line(fields.get("name", "")), {}
    if not name:
        problems["name"] = _("Give it a name, such as “Core teaching”: your calendar shows it.")
    elif len(name) > NAME_LENGTH:
        problems["name"] = _("Shorten the name to %(most)d characters.") % {"most": NAME_LENGTH}
    problems = name_nobody({"name": name}) | problems
    mine = {course.public_id: course.id for course in courses}
    chosen, grades = fields.getlist("course"), fields.getlist("grade")
    if not mine.keys() >= set(chosen):
        problems["course"] = _("Choose among the courses that you belong to.")
    if not {MY_GRADE, *GRADES} >= set(grades):
        problems["grade"] = _("Choose among these grades.")
    if problems:
        raise Invalid(_("Not made yet."), problems)
    numbers = tuple(sorted({mine[course] for course in chosen}))
    return FeedDraft(name, Filter(numbers, tuple(dict.fromkeys(grades)), fields.get("core") == "yes"))


def once_of(fields: "MultiDict[str, str]") -> str:
    """What tells a double click from a second wish; a missing or odd one is replaced."""
    once = fields.get("once", "")
    return once if is_public_id(once) else new_public_id()


def generation_of(fields: "MultiDict[str, str]") -> int:
    """Which address the page showed; nought for anything that is no number, which fits no feed."""
    seen = fields.get("seen", "")
    return int(seen) if seen.isascii() and seen.isdecimal() and len(seen) < 9 else 0
