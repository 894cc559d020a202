"""Reading a course's roster from a platform, page by page (Names and Role Provisioning Services 2.0).

The next page is named by a `Link` header (RFC 8288), and platforms write that header as they like: `REL=Next` without
quotes, a relative address, curly quotes and `&amp;` as in Moodle's grade service. `next_of` reads all of these. Where a
page leads is believed only within the platform: an address on another host, or one that was read before, ends the
reading with an error, and whoever reads knows that the roster is not complete.

Nothing but one page is held in memory.
"""

import re
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit

from lti_tool.core.db import Database
from lti_tool.core.language import gettext as _
from lti_tool.core.outbound import Answer
from lti_tool.launch.access_tokens import ServiceError, Trouble, call, read_json, trouble_of
from lti_tool.launch.message import is_identifier, origin_of, read_address, read_name
from lti_tool.launch.platform import Asked
from lti_tool.launch.services import MEMBERS, Partner

ROSTER_TYPE = "application/vnd.ims.lti-nrps.v2.membershipcontainer+json"
MEMBERS_A_PAGE = 500
MOST_PAGES = 2_000
MOST_MEMBERS = 60_000
PAGE_BYTES = 8 * 1024 * 1024
"""Room for 20,000 members from a platform that will not page."""
PAGE_SECONDS = 10.0

_LINK = re.compile(r"<([^<>]*)>([^<>]*)")
_REL = re.compile(r";\s*rel\s*=\s*([^;,]*)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody on a roster. `is_here` is False for those who are listed as inactive or deleted."""

    subject: str = field(repr=False)
    name: str = field(repr=False)
    roles: tuple[str, ...]
    is_here: bool


@dataclass(frozen=True, slots=True)
class RosterPage:
    """A page, and the address of the next; None after the last. `odd` entries could not be read and were left out."""

    members: list[Member]
    next_url: str | None
    odd: int


def iter_members(
    database: Database,
    partner: Partner,
    members_url: str,
    *,
    link_id: str | None = None,
    seconds: float = float("inf"),
    limit: int = MEMBERS_A_PAGE,
) -> Iterator[Member]:
    """Everybody on the roster, as it comes. Raises ServiceError when it cannot be read to its end within `seconds`.

    `link_id` asks for those who may open this activity (`rlid`, §3.2).
    """
    url: str | None = first_address(members_url, limit, link_id)
    deadline, read, count = time.monotonic() + seconds, set[str](), 0
    while url is not None:
        left = deadline - time.monotonic()
        if left <= 0:
            raise ServiceError(Trouble.BUSY, _("The list was so slow to come that we stopped reading it half way."))
        read.add(url)
        page = read_roster_page(database, partner, url, min(left, PAGE_SECONDS))
        count += len(page.members)
        if len(read) > MOST_PAGES or count > MOST_MEMBERS:
            raise ServiceError(Trouble.NONSENSE, _("The list does not come to an end."))
        yield from page.members
        url = page.next_url
        if url in read:
            raise ServiceError(Trouble.NONSENSE, _("The list goes in a circle: a page leads back to an earlier one."))


def first_address(members_url: str, limit: int, link_id: str | None = None) -> str:
    """Where reading begins. What the address asks for already stays as it is."""
    parts = urlsplit(members_url)
    names = {name for name, _value in parse_qsl(parts.query, keep_blank_values=True)}
    added = {"limit": str(limit), **({"rlid": link_id} if link_id else {})}
    more = urlencode({name: value for name, value in added.items() if name not in names})
    return parts._replace(query="&".join(filter(None, (parts.query, more))), fragment="").geturl()


def read_roster_page(database: Database, partner: Partner, url: str, seconds: float = PAGE_SECONDS) -> RosterPage:
    """One page of a roster. Raises ServiceError."""
    asked = Asked(url, ROSTER_TYPE, limit_bytes=PAGE_BYTES, total_seconds=seconds)
    answer = call(database, partner, (MEMBERS,), (MEMBERS,), asked)
    if answer.status != 200:
        raise trouble_of(answer.status, _("list of the course’s people"))
    said = read_json(answer)
    listed = said.get("members") if isinstance(said, dict) else None
    if not isinstance(listed, list):
        raise ServiceError(Trouble.NONSENSE, _("The VLE’s answer holds no list of people."))
    members = [member for entry in listed if (member := _read_member(entry)) is not None]
    return RosterPage(members, next_on(answer, url), len(listed) - len(members))


def next_on(answer: Answer, url: str) -> str | None:
    """The next page's address, which must be on the host of this one. Raises ServiceError."""
    found = next_of(answer.headers.get("link", ""))
    if found is None:
        return None
    address = address_from(url, found)
    if address is None or origin_of(address) != origin_of(url):
        raise ServiceError(Trouble.NONSENSE, _("The next page of the list is on another machine, so it was not read."))
    return urlsplit(address)._replace(fragment="").geturl()


def address_from(url: str, written: str) -> str | None:
    """An address that a platform wrote on a page, which may be relative; None when it is no address."""
    try:
        return read_address(urljoin(url, written))
    except ValueError:
        return None


def next_of(header: str) -> str | None:
    """The target of `rel=next` in a `Link` header, however it is written."""
    for target, parameters in _LINK.findall(header):
        relations = _REL.search(parameters)
        # Letters alone: quotes may be missing, straight, curly, or curly in the wrong encoding.
        if relations and "next" in re.findall(r"[a-z]+", relations[1].lower()):
            return str(target).strip().replace("&amp;", "&")
    return None


def _read_member(entry: Any) -> Member | None:
    """A member (§2.2), or None for what cannot be one. Moodle writes short roles; names may be kept back."""
    if not isinstance(entry, dict):
        return None
    subject = entry.get("user_id")
    if isinstance(subject, int) and not isinstance(subject, bool):
        subject = str(subject)
    if not is_identifier(subject) or not subject.strip() or not _is_whole(subject):
        return None
    roles = entry.get("roles")
    words = tuple(role for role in roles if isinstance(role, str)) if isinstance(roles, list) else ()
    is_here = str(entry.get("status") or "Active").casefold() == "active"
    return Member(subject, _name(entry), words, is_here)


def _name(entry: Mapping[str, Any]) -> str:
    name = read_name(entry) or ""
    return name if _is_whole(name) else ""


def _is_whole(text: str) -> bool:
    """JSON can carry half a character, which no database takes."""
    return not any("\ud800" <= character <= "\udfff" for character in text)
