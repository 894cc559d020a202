"""What a mail says: what the inbox says and where it leads. No name, no title and no word that anybody wrote.

Of a board that hides who writes it says only that there is something new, and leads to the inbox: whoever looks after
a mail server, or over a shoulder, must not learn from a mail who wrote which post.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from lti_tool.core.language import gettext as _
from lti_tool.core.language import ngettext
from lti_tool.core.settings import Settings
from lti_tool.notifications.queries import EntryLine
from lti_tool.notifications.rules import DIGEST_LINES, How
from lti_tool.notifications.seals import Stop, seal_stop
from lti_tool.web import go_path, outside_url


@dataclass(frozen=True, slots=True)
class Line:
    """One thing: what happened, where (a board or teaching, and its course; may be empty), and the link to it."""

    says: str
    where: str
    url: str


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail before it is one."""

    subject: str
    lines: Sequence[Line]
    more: str
    stop_url: str
    stops: str


def letter_of(settings: Settings, entry: EntryLine, trust_id: int, person_id: int) -> Letter | None:
    """A mail about one entry; None when its reader may not know of it any more."""
    line = _line(settings, entry)
    if line is None:
        return None
    stop = Stop(trust_id, person_id, entry.topic)
    return Letter(line.says, [line], "", _stop_url(settings, stop), _("No more mails of this kind"))


def digest_of(settings: Settings, entries: Iterable[EntryLine], trust_id: int, person_id: int) -> Letter | None:
    """A mail about a day, in ten lines at most; None when nothing is left to tell."""
    found: dict[str, tuple[Line, int]] = {}
    for entry in entries:
        if line := _line(settings, entry):
            key = f"{line.says}\x1f{line.where and (entry.thread or entry.teaching)}"
            found[key] = (line, found[key][1] + 1) if key in found else (line, 1)
    told = [_counted(line, times) if line.where else line for line, times in found.values()]
    if not told:
        return None
    shown = told if len(told) <= DIGEST_LINES else told[: DIGEST_LINES - 1]
    left = len(told) - len(shown)
    more = ngettext("And %(num)s more in your inbox.", "And %(num)s more in your inbox.", left) % {"num": left}
    subject = ngettext("%(num)s new thing for you", "%(num)s new things for you", len(told)) % {"num": len(told)}
    stop = _stop_url(settings, Stop(trust_id, person_id, How.DIGEST))
    return Letter(subject, shown, more if left else "", stop, _("No more daily mails"))


def _counted(line: Line, times: int) -> Line:
    return line if times == 1 else Line(f"{line.says} ({times})", line.where, line.url)


def _line(settings: Settings, entry: EntryLine) -> Line | None:
    if entry.teaching:
        teaching = entry.teaching
        where = f"{teaching.day}, {teaching.course.title}"
        return Line(entry.sentence, where, _go(settings, teaching.public_id))
    if entry.thread is None:
        return None
    if entry.thread.is_sealed:
        return Line(_("There is something new in your inbox"), "", _go(settings, entry.public_id))
    where = f"{entry.thread.board_title}, {entry.thread.course_title}"
    target = entry.thread.public_id if entry.is_case else entry.post_public_id or entry.thread.public_id
    return Line(entry.sentence, where, _go(settings, target))


def _go(settings: Settings, public_id: str) -> str:
    return outside_url(settings.base_url, go_path(public_id))


def _stop_url(settings: Settings, stop: Stop) -> str:
    return outside_url(settings.base_url, f"/mail/stop/{seal_stop(settings, stop)}")


def text_of(letter: Letter) -> str:
    """For who reads mail as text."""
    parts = ["\n".join(filter(None, (line.says, line.where, line.url))) for line in letter.lines]
    parts += [letter.more] if letter.more else []
    return "\n\n".join([*parts, f"-- \n{_foot()}\n{letter.stops}: {letter.stop_url}\n"])


_PAGE = Markup(
    '<!DOCTYPE html>\n<html lang="en-GB">\n<head><meta charset="utf-8"><title>{subject}</title></head>\n'
    '<body style="font-family: Arial, sans-serif; font-size: 16px; line-height: 1.5; color: #212b32">\n'
    "{lines}{more}<hr>\n"
    '<p style="font-size: 14px">{foot}<br>\n<a href="{stop_url}">{stops}</a></p>\n</body>\n</html>\n'
)
_ROW = Markup('<p><a href="{url}">{says}</a>{where}</p>\n')


def html_of(letter: Letter) -> str:
    """For who reads mail as a page. No picture, no script, nothing that is fetched or counted."""
    rows = [
        _ROW.format(url=line.url, says=line.says, where=Markup("<br>{}").format(line.where) if line.where else "")
        for line in letter.lines
    ]
    more = Markup("<p>{}</p>\n").format(letter.more) if letter.more else ""
    said = {"subject": letter.subject, "stop_url": letter.stop_url, "stops": letter.stops, "foot": _foot()}
    return str(_PAGE.format(lines=Markup("").join(rows), more=more, **said))


def _foot() -> str:
    return _("Grand Round sends this because you are told by mail. Links open through your VLE. Nobody reads answers.")
