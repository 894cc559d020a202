"""The page of a post's versions: what each changed, for its author and the moderators."""

from typing import Any

from flask import request

from lti_tool.access import require
from lti_tool.boards.facts import PostFacts
from lti_tool.boards.posts import get_post_facts
from lti_tool.boards.views import blueprint, page_of_board
from lti_tool.core.errors import NotFound
from lti_tool.core.language import gettext as _
from lti_tool.texts import Revision, differences, get_revision, versions_of
from lti_tool.web import reading

__all__ = ["blueprint"]  # with this page on it


@blueprint.get("/posts/<post_id>/versions")
def versions(post_id: str) -> str:
    """The versions of a post, the newest first, and what one of them changed."""
    with reading() as (db, actor):
        post = get_post_facts(db, actor, post_id)
        require(actor, "post.versions", post.thing)
        number = _chosen(post)
        shown = get_revision(db, post.text_id, number)
        before = get_revision(db, post.text_id, number - 1) if number > 1 else None
        data: dict[str, Any] = {"post": post, "versions": versions_of(db, post.text_id), "shown": shown}
        return page_of_board(db, actor, post.board, "boards/versions.html", **data, **_changes(before, shown))


def _chosen(post: PostFacts) -> int:
    """The version that the address names, or the newest."""
    text = request.args.get("version", "")
    if not text:
        return post.latest
    if not (text.isascii() and text.isdecimal() and len(text) < 9 and 1 <= int(text) <= post.latest):
        raise NotFound(_("There is no such version."))
    return int(text)


def _changes(before: Revision | None, shown: Revision) -> dict[str, Any]:
    """What this version changed in the title and in the text; nothing where there is nothing to compare with."""
    if before is None or before.purged_at or shown.purged_at:
        return {"is_compared": False, "title": [], "text": []}
    return {
        "is_compared": True,
        "title": differences(before.title, shown.title),
        "text": differences(before.source, shown.source),
    }
