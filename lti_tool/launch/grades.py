"""Columns and scores in a platform's grade book (Assignment and Grade Services 2.0).

An activity has one column (*line item*). The launch names it when the VLE has made it; otherwise we look for one of
ours (by the activity, else by the id and tag that we gave it) and make it only when there is none, so that a lost
answer makes no second one.

Moodle writes a query into the column's address (`…/lineitem?type_id=1`): `/scores` goes before it. The VLE keeps a
score under the moment that it carries and answers 409 to one that is not newer. Then the result is read, if we may: if
it is our mark, it arrived the last time; if not, somebody has given another one there since.
"""

import json
import time
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from lti_tool.core.db import Database
from lti_tool.core.language import gettext as _
from lti_tool.core.outbound import Answer
from lti_tool.launch.access_tokens import ServiceError, Trouble, call, read_json, trouble_of
from lti_tool.launch.platform import Asked
from lti_tool.launch.roster import address_from, next_on
from lti_tool.launch.rules import HIGHEST_MARK
from lti_tool.launch.services import COLUMNS, COLUMNS_READ, RESULTS, SCORES, Partner

COLUMN_TYPE = "application/vnd.ims.lis.v2.lineitem+json"
COLUMNS_TYPE = "application/vnd.ims.lis.v2.lineitemcontainer+json"
SCORE_TYPE = "application/vnd.ims.lis.v1.score+json"
RESULTS_TYPE = "application/vnd.ims.lis.v2.resultcontainer+json"
TAG = "participation"
MOST_PAGES = 20
COLUMN_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class GradeBook:
    """Where an activity's marks go. `scopes` are those that the launch granted."""

    partner: Partner
    scopes: frozenset[str]
    columns_url: str


@dataclass(frozen=True, slots=True)
class ColumnDraft:
    """The column that we look for, and make if need be. `resource_id` is our own id for the activity."""

    title: str
    resource_id: str
    link_id: str


@dataclass(frozen=True, slots=True)
class Score:
    """A mark of a person by the platform's id for them; None takes the mark back."""

    subject: str = field(repr=False)
    mark: int | None
    stamp: datetime


class Sent(Enum):
    """What a platform says to a score."""

    TAKEN = "taken"
    NOT_NEWER = "not_newer"
    NOBODY = "nobody"


def find_or_make_column(database: Database, book: GradeBook, draft: ColumnDraft) -> str:
    """The address of the activity's column. Raises ServiceError."""
    for wanted in ({"resource_link_id": draft.link_id}, {"resource_id": draft.resource_id, "tag": TAG}):
        for column in _columns(database, book, wanted):
            if _is_ours(column, draft):
                return _address_of(book, column)
    return _make_column(database, book, draft)


def send_score(database: Database, book: GradeBook, column_url: str, score: Score) -> Sent:
    """Give a mark to the VLE. Raises ServiceError for everything that is not about this person or moment."""
    said: dict[str, Any] = {
        "userId": score.subject,
        "timestamp": score.stamp.isoformat(timespec="milliseconds"),
        "activityProgress": "Initialized" if score.mark is None else "Completed",
        "gradingProgress": "NotReady" if score.mark is None else "FullyGraded",
    }
    if score.mark is not None:
        said |= {"scoreGiven": score.mark, "scoreMaximum": HIGHEST_MARK}
    asked = Asked(below(column_url, "scores"), "*/*", json.dumps(said).encode(), SCORE_TYPE)
    answer = call(database, book.partner, book.scopes, (SCORES,), asked)
    if answer.status in (200, 201, 202, 204):
        return Sent.TAKEN
    if answer.status == 409:
        return Sent.NOT_NEWER
    if answer.status in (400, 422):
        return Sent.NOBODY
    raise trouble_of(answer.status, _("column for the marks"))


def find_result(database: Database, book: GradeBook, column_url: str, subject: str) -> float | None:
    """The mark of 100 that the VLE holds of somebody; None when it holds none. Raises ServiceError."""
    address = below(column_url, "results")
    joined = "&" if urlsplit(address).query else "?"
    asked = Asked(f"{address}{joined}{urlencode({'user_id': subject})}", RESULTS_TYPE)
    answer = call(database, book.partner, book.scopes, (RESULTS,), asked)
    if answer.status != 200:
        raise trouble_of(answer.status, _("marks"))
    return _mark_in(read_json(answer), subject)


def below(column_url: str, name: str) -> str:
    """The address of a column's scores or results: before the query, if there is one (AGS §3.4, §3.5)."""
    parts = urlsplit(column_url)
    return parts._replace(path=f"{parts.path.rstrip('/')}/{name}", fragment="").geturl()


def _columns(database: Database, book: GradeBook, wanted: dict[str, str]) -> list[dict[str, Any]]:
    """The columns that fit; a platform may give more than was asked for, and in pages."""
    if not book.columns_url or book.scopes.isdisjoint((COLUMNS, COLUMNS_READ)):
        return []
    parts = urlsplit(book.columns_url)
    kept = {name for name, _value in parse_qsl(parts.query, keep_blank_values=True)}
    query = urlencode({name: value for name, value in wanted.items() if name not in kept})
    url: str | None = parts._replace(query="&".join(filter(None, (parts.query, query)))).geturl()
    found: list[dict[str, Any]] = []
    read: set[str] = set()
    deadline = time.monotonic() + COLUMN_SECONDS
    while url is not None and url not in read and len(read) < MOST_PAGES:
        if time.monotonic() > deadline:
            raise ServiceError(Trouble.BUSY, _("The grade book was so slow to answer that we stopped asking."))
        read.add(url)
        answer = call(database, book.partner, book.scopes, (COLUMNS, COLUMNS_READ), Asked(url, COLUMNS_TYPE))
        if answer.status != 200:
            raise trouble_of(answer.status, _("columns of the grade book"))
        listed = read_json(answer)
        if not isinstance(listed, list):
            raise ServiceError(Trouble.NONSENSE, _("The VLE’s answer holds no columns."))
        found += [column for column in listed if isinstance(column, dict)]
        url = next_on(answer, url)
    return found


def _is_ours(column: dict[str, Any], draft: ColumnDraft) -> bool:
    if column.get("resourceLinkId") == draft.link_id:
        return True
    return (column.get("resourceId"), column.get("tag")) == (draft.resource_id, TAG)


def _make_column(database: Database, book: GradeBook, draft: ColumnDraft) -> str:
    said = {"label": draft.title, "scoreMaximum": HIGHEST_MARK, "resourceId": draft.resource_id, "tag": TAG}
    asked = Asked(book.columns_url, COLUMN_TYPE, json.dumps(said).encode(), COLUMN_TYPE)
    answer = call(database, book.partner, book.scopes, (COLUMNS,), asked)
    if answer.status not in (200, 201):
        raise trouble_of(answer.status, _("new column for the marks"))
    return _made(book, answer)


def _made(book: GradeBook, answer: Answer) -> str:
    column = read_json(answer)
    return _address_of(book, column if isinstance(column, dict) else {})


def _address_of(book: GradeBook, column: dict[str, Any]) -> str:
    """Where a column is: an absolute address of the platform, or one that begins at its host."""
    given = column.get("id")
    address = address_from(book.columns_url, given) if isinstance(given, str) and given else None
    if address is None or not book.partner.owns(address):
        raise ServiceError(Trouble.NONSENSE, _("The VLE named a column that is on another machine, or none at all."))
    return address


def _mark_in(said: Any, subject: str) -> float | None:
    """The result of this person, on our scale."""
    for result in said if isinstance(said, list) else ():
        if not isinstance(result, dict) or str(result.get("userId")) != subject:
            continue
        given, highest = result.get("resultScore"), result.get("resultMaximum", HIGHEST_MARK)
        if isinstance(given, int | float) and isinstance(highest, int | float) and highest > 0:
            return given * HIGHEST_MARK / highest
    return None
