"""The news of a board as an Atom feed (RFC 4287): which questions and replies are new, and the way to them.

It leaves the house for whatever program follows it, so it holds titles and no texts. Where a board hides names it holds
no author either, and only days: the moment of a post beside a VLE's log of visits would say who wrote it. An entry's
id is drawn from the feed's own secret, so that two people's feeds cannot be laid side by side.
"""

import hashlib
import re
import uuid
from collections.abc import Sequence
from datetime import datetime, time
from xml.etree import ElementTree

from lti_tool.boards import Written
from lti_tool.core.clock import LONDON
from lti_tool.core.language import gettext as _
from lti_tool.core.settings import Settings
from lti_tool.feeds.calendars import Calendar
from lti_tool.feeds.queries import FeedLine
from lti_tool.feeds.rules import token_of
from lti_tool.web import go_path, outside_url

NAMESPACE = "http://www.w3.org/2005/Atom"
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # XML 1.0 §2.2


def news_of(settings: Settings, feed: FeedLine, title: str, posts: Sequence[Written]) -> Calendar:
    """The feed's bytes and their tag."""
    root = ElementTree.Element("feed", xmlns=NAMESPACE)
    _put(root, "id", _urn(settings, feed, feed.board))
    _put(root, "title", title)
    _put(root, "updated", max((_updated(post) for post in posts), default=_iso(feed.addressed_at)))
    _put(ElementTree.SubElement(root, "author"), "name", "Grand Round")
    _link(root, settings, feed.board)
    for post in posts:
        _entry(root, settings, feed, post)
    body = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return Calendar(body, hashlib.sha256(body).hexdigest())


def _entry(root: ElementTree.Element, settings: Settings, feed: FeedLine, post: Written) -> None:
    entry = ElementTree.SubElement(root, "entry")
    question = post.title or _("a question that is not here any more")
    _put(entry, "id", _urn(settings, feed, post.public_id))
    _put(entry, "title", question if post.is_first else _("Reply: %(question)s") % {"question": question})
    _put(entry, "updated", _updated(post))
    if post.author and not post.is_sealed:
        _put(ElementTree.SubElement(entry, "author"), "name", post.author)
    _link(entry, settings, post.public_id)


def _put(parent: ElementTree.Element, name: str, text: str) -> None:
    ElementTree.SubElement(parent, name).text = _NOT_XML.sub(" ", text)


def _link(parent: ElementTree.Element, settings: Settings, public_id: str) -> None:
    ElementTree.SubElement(parent, "link", href=outside_url(settings.base_url, go_path(public_id)))


def _urn(settings: Settings, feed: FeedLine, public_id: str) -> str:
    """Always the same for one thing in one feed, and another in every other feed."""
    drawn = token_of(settings.feed_key, f"{feed.public_id}\x1f{public_id}", 0)
    return uuid.UUID(bytes=hashlib.sha256(drawn.encode()).digest()[:16], version=4).urn


def _updated(post: Written) -> str:
    day = post.published_at.astimezone(LONDON).date()
    return _iso(datetime.combine(day, time(), LONDON) if post.is_sealed else post.published_at)


def _iso(moment: datetime) -> str:
    return moment.replace(microsecond=0).isoformat()
