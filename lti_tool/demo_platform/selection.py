"""What a tool answers when a teacher has chosen content (Deep Linking §4.5), read with distrust, and kept until used.

Like Moodle: `title`, `text`, `url`, `custom`, `icon` and `lineItem` count, sizes and dates do not. Unlike Moodle, the
audience and the `data` that was never sent are checked: a demo should find a tool's mistakes.
"""

import secrets
import time
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from threading import Lock
from urllib.parse import urlsplit

from lti_tool.demo_platform.claims import DL_CLAIM, LTI
from lti_tool.demo_platform.fence import Fence
from lti_tool.demo_platform.grades import ColumnDraft
from lti_tool.demo_platform.tool_keys import NotFromTheTool, read_signed
from lti_tool.demo_platform.tools import Tool

SKEW_SECONDS = 60
OLDEST_SECONDS = 3600
MOST_KEPT = 1000
MOST_ITEMS = 100
FULL_MARKS = 100


class BadAnswer(Exception):
    """The tool's answer cannot be used. The text says why."""


@dataclass(frozen=True)
class Item:
    """One thing to add to a course."""

    title: str
    text: str
    url: str
    icon: str
    custom: Mapping[str, str]
    column: ColumnDraft | None


@dataclass(frozen=True)
class Answer:
    """What the tool said: things to add, perhaps none, and a message for the teacher."""

    items: tuple[Item, ...]
    message: str
    error: str
    nonce: str


@dataclass(frozen=True)
class Offer:
    """Things that a teacher chose and has not added yet. Each can be added once."""

    person_id: int
    course_id: int
    section: int
    tool: int
    items: tuple[Item, ...]


class Offers:
    """The offers of one VLE, and the nonces of answers. Safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._offers: OrderedDict[str, Offer] = OrderedDict()
        self._taken: set[tuple[str, int]] = set()
        self._nonces: OrderedDict[tuple[int, str], None] = OrderedDict()

    def add(self, offer: Offer) -> str:
        """Keep the offer and return its id."""
        offer_id = secrets.token_hex(8)
        with self._lock:
            self._offers[offer_id] = offer
            while len(self._offers) > MOST_KEPT:
                self._offers.popitem(last=False)
        return offer_id

    def find(self, offer_id: str) -> Offer | None:
        """The offer, or None."""
        return self._offers.get(offer_id)

    def take(self, offer_id: str, index: int) -> Item | None:
        """One item, for the first who asks."""
        with self._lock:
            offer = self._offers.get(offer_id)
            if offer is None or index >= len(offer.items) or (offer_id, index) in self._taken:
                return None
            self._taken.add((offer_id, index))
            return offer.items[index]

    def use_nonce(self, tool: Tool, nonce: str) -> bool:
        """False if this tool has answered with it before."""
        with self._lock:
            is_new = (tool.number, nonce) not in self._nonces
            self._nonces[tool.number, nonce] = None
            while len(self._nonces) > MOST_KEPT:
                self._nonces.popitem(last=False)
            return is_new


def read_answer(tool: Tool, issuer: str, fence: Fence, message: str) -> Answer:
    """The content of the form field `JWT`. Raises BadAnswer."""
    try:
        claims = read_signed(tool, fence, message)
    except NotFromTheTool as problem:
        raise BadAnswer("The tool’s signature does not match its public keys, or they cannot be fetched.") from problem
    for is_fit, fault in _checks(tool, issuer, claims):
        if not is_fit:
            raise BadAnswer(fault)
    items = claims.get(f"{DL_CLAIM}content_items") or []
    if not isinstance(items, list) or len(items) > MOST_ITEMS:
        raise BadAnswer("Invalid Content-Item response format.")
    return Answer(
        items=tuple(_item(tool, one) for one in items),
        message=_text(claims, f"{DL_CLAIM}msg"),
        error=_text(claims, f"{DL_CLAIM}errormsg"),
        nonce=str(claims["nonce"]),
    )


def _checks(tool: Tool, issuer: str, claims: Mapping[str, object]) -> list[tuple[bool, str]]:
    audience = claims.get("aud")
    return [
        (claims.get("iss") == tool.client_id, "Consumer key is incorrect: iss must be the client id of the tool."),
        (audience == issuer or audience == [issuer], "The answer is not meant for this VLE: aud must be its issuer."),
        (claims.get(f"{LTI}deployment_id") == tool.deployment_id, "The answer names another deployment."),
        (claims.get(f"{LTI}message_type") == "LtiDeepLinkingResponse", "The answer is of another message type."),
        (claims.get(f"{LTI}version") == "1.3.0", "The answer is of another version of LTI."),
        (bool(_text(claims, "nonce")), "The answer has no nonce."),
        (_is_timely(claims), "The answer is too old, or comes from the future. Check the clock of the tool."),
        (claims.get(f"{DL_CLAIM}data") is None, "The answer returns data that this VLE has not sent."),
    ]


def _is_timely(claims: Mapping[str, object]) -> bool:
    now, begins, ends = time.time(), claims.get("iat"), claims.get("exp")
    if not isinstance(begins, int | float) or not isinstance(ends, int | float):
        return False
    return now - OLDEST_SECONDS < begins < now + SKEW_SECONDS and ends > now - SKEW_SECONDS


def _item(tool: Tool, raw: object) -> Item:
    if not isinstance(raw, dict):
        raise BadAnswer("Invalid Content-Item response format.")
    if raw.get("type") != "ltiResourceLink":
        raise BadAnswer(f"Invalid media type: {str(raw.get('type'))[:60]}")
    title = _text(raw, "title") or tool.name
    url, icon, custom = _text(raw, "url"), raw.get("icon"), raw.get("custom")
    if url and not is_web(url):
        raise BadAnswer("A valid URL must start with http(s)://")
    icon_url = _text(icon, "url") if isinstance(icon, dict) else ""
    return Item(
        title=title[:255],
        text=_text(raw, "text"),
        url=url,
        icon=icon_url if is_web(icon_url) else "",
        custom={str(name): str(value) for name, value in custom.items()} if isinstance(custom, dict) else {},
        column=_column(raw.get("lineItem"), title),
    )


def _column(raw: object, title: str) -> ColumnDraft | None:
    if not isinstance(raw, dict):
        return None
    maximum = raw.get("scoreMaximum")
    is_number = isinstance(maximum, int | float) and not isinstance(maximum, bool) and maximum > 0
    return ColumnDraft(
        label=title,  # Moodle calls the column like the activity, whatever the tool said
        score_maximum=float(maximum) if is_number and maximum is not None else FULL_MARKS,
        resource_id=_text(raw, "resourceId"),
        tag=_text(raw, "tag"),
    )


def _text(raw: Mapping[str, object], name: str) -> str:
    found = raw.get(name)
    return found if isinstance(found, str) else ""


def is_web(address: str) -> bool:
    """Whether it is an http or https address."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname)
