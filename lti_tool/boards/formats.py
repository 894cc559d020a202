"""Posts as files: a page that prints well, a table that tricks no spreadsheet, and data. Pure, and a piece at a time.

A page needs nothing but itself: no script, no picture, nothing from elsewhere.
"""

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, datetime

from markupsafe import Markup

from lti_tool.boards.exports import Format, Written
from lti_tool.core.clock import LONDON
from lti_tool.core.language import gettext as _
from lti_tool.core.richtext import plain

# What makes a spreadsheet calculate (OWASP, CSV injection), in the usual and in the full width.
FORMULA = tuple("=+-@\t\r\n＝＋－＠")
BOM = "\ufeff"  # without it Excel takes UTF-8 for something else
TYPES = {
    Format.HTML: "text/html; charset=utf-8",
    Format.CSV: "text/csv; charset=utf-8; header=present",
    Format.JSON: "application/json",
}


def written_as(kind: Format, title: str, note: str, posts: Iterable[Written]) -> Iterator[str]:
    """A file of posts, in pieces. `note` says what it is and whom it is for."""
    write: Mapping[Format, Callable[[str, str, Iterable[Written]], Iterator[str]]] = {
        Format.HTML: as_page,
        Format.CSV: as_table,
        Format.JSON: as_data,
    }
    return write[kind](title, note, posts)


def safe_cell(text: str) -> str:
    """The text for a cell, which is never taken for a formula."""
    return f"'{text}" if text.lstrip(" \u00a0").startswith(FORMULA) or text.startswith(FORMULA) else text


def as_table(_title: str, _note: str, posts: Iterable[Written]) -> Iterator[str]:
    """RFC 4180, for spreadsheets."""
    yield BOM + _row(_("Course"), _("Board"), _("Question"), _("Kind"), _("Author"), _("Badge"), _("When"), _("Text"))
    for post in posts:
        kind = _("question") if post.is_first else _("reply")
        words = plain(post.html)
        yield _row(post.course, post.board, post.title, kind, post.author, post.badge, _iso(post), words)


def _row(*cells: str) -> str:
    line = io.StringIO()
    csv.writer(line, quoting=csv.QUOTE_ALL).writerow([safe_cell(cell) for cell in cells])
    return line.getvalue()


def as_data(title: str, note: str, posts: Iterable[Written]) -> Iterator[str]:
    """JSON: what was typed (Markdown), and what was made of it."""
    yield f'{{"title": {json.dumps(title)}, "note": {json.dumps(note)}, "posts": ['
    for number, post in enumerate(posts):
        said = {
            "id": post.public_id,
            "thread": post.thread,
            "answers": post.answers,
            "course": post.course,
            "board": post.board,
            "question": post.title,
            "is_question": post.is_first,
            "author": post.author,
            "badge": post.badge,
            "published": _iso(post),
            "markdown": post.source,
            "html": str(post.html),
        }
        yield f"{',' if number else ''}\n{json.dumps(said, ensure_ascii=False)}"
    yield "\n]}\n"


_HEAD = Markup(
    '<!DOCTYPE html>\n<html lang="en-GB">\n<head>\n<meta charset="utf-8">\n'
    '<meta name="viewport" content="width=device-width">\n<title>{title}</title>\n<style>\n'
    "body {{ font: 16px/1.5 Arial, sans-serif; color: #212b32; max-width: 44em; margin: 2em auto; padding: 0 1em }}\n"
    "h2 {{ margin: 2em 0 0.5em; border-top: 1px solid #aeb7bd; padding-top: 1em }}\n"
    "article {{ margin: 1em 0; break-inside: avoid-page }} article.reply {{ margin-left: 2em }}\n"
    ".who, .note {{ color: #4c6272; margin: 0 }} pre {{ white-space: pre-wrap }}\n"
    "table {{ border-collapse: collapse }} td, th {{ border: 1px solid #aeb7bd; padding: 2px 8px }}\n"
    "body {{ overflow-wrap: anywhere }}\n"
    '</style>\n</head>\n<body>\n<h1>{title}</h1>\n<p class="note">{note}</p>\n'
)
_POST = Markup('<article{reply}>\n<p class="who">{who}</p>\n{html}\n</article>\n')


def as_page(title: str, note: str, posts: Iterable[Written]) -> Iterator[str]:
    """HTML that prints well."""
    yield str(_HEAD.format(title=title, note=note))
    thread = ""
    for post in posts:
        if post.thread != thread:
            thread = post.thread
            heading = post.title or _("A question that is not here any more")
            yield str(Markup("<h2>{}</h2>\n").format(heading))
        who = " · ".join(filter(None, (post.author, post.badge, post.board, post.course, _day(post))))
        reply = "" if post.is_first else Markup(' class="reply"')
        yield str(_POST.format(reply=reply, who=who, html=post.html))
    yield "</body>\n</html>\n"


def _day(post: Written) -> str:
    return f"{_on(post.published_at):%d %B %Y}".lstrip("0")


def _iso(post: Written) -> str:
    """To the second; where names are hidden only the day, because a VLE's log of visits knows the second too."""
    if post.is_sealed:
        return _on(post.published_at).isoformat()
    return post.published_at.replace(microsecond=0).isoformat()


def _on(moment: datetime) -> date:
    return moment.astimezone(LONDON).date()
