"""What a moderator suggests in the place of an author's words: shown in the thread, and taken by one press.

A module of its own: reading and taking a suggestion belong together, and other pages of boards know nothing of it.
"""

from collections.abc import Sequence

from flask import request
from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from lti_tool.access import require
from lti_tool.boards import actions, posts
from lti_tool.boards.facts import PostFacts
from lti_tool.boards.rules import PostState
from lti_tool.core.errors import Conflict
from lti_tool.core.language import gettext as _
from lti_tool.texts import (
    Change,
    Revision,
    Suggestion,
    changes_of,
    draft_place,
    drop_draft,
    find_suggestion,
    get_revision,
    prepare,
    with_rest_of,
)
from lti_tool.web import changing, come_back, reading, say


def suggestions_for(db: Session, found: Sequence[PostFacts]) -> dict[str, dict[str, list[Change]]]:
    """What is suggested to the reader for their own posts among these. Asks nothing where nothing came back."""
    mine = {post.text_id: post for post in found if post.is_mine and is_back(post)}
    if not mine:
        return {}
    newest = [and_(Suggestion.text_id == number, Suggestion.number == post.latest) for number, post in mine.items()]
    rows = db.execute(
        select(Suggestion, Revision)
        .join(Revision, and_(Revision.text_id == Suggestion.text_id, Revision.number == Suggestion.number))
        .where(or_(*newest))
    )
    return {mine[suggestion.text_id].public_id: changes_of(revision, suggestion) for suggestion, revision in rows}


def is_back(post: PostFacts) -> bool:
    """Whether it lies with its author: returned, or published with a change that was not approved."""
    is_refused = post.state == PostState.PUBLISHED and post.offered is None and post.latest != post.published
    return post.state == PostState.RETURNED or is_refused


def take_suggestion(post_id: str) -> Response:
    """The author takes what a moderator suggests: it is the newest version, and is sent as any other."""
    with reading() as (db, actor):
        post = posts.get_post_facts(db, actor, post_id)
        require(actor, "post.edit", post.thing)
        suggestion = find_suggestion(db, post.text_id, post.latest) if is_back(post) else None
        back = come_back("boards.thread", thread_id=post.thread_public_id, _anchor=post_id)
        if suggestion is None or str(post.latest) != request.form.get("seen"):
            if post.state in (PostState.PENDING, PostState.PUBLISHED):
                return back  # the second click of two
            raise Conflict(_("The suggestion is not there any more. Open the post and change it yourself."))
        title = suggestion.title if post.is_first else None
        newest = get_revision(db, post.text_id, post.latest)
        prepared = with_rest_of(db, newest, prepare(suggestion.source, title)).for_review()
    with changing() as (db, actor):
        post = posts.get_post_facts(db, actor, post_id)
        changed = actions.edit_post(db, actor, post, prepared, int(request.form["seen"]))
        drop_draft(db, actor.person_id, draft_place("edit", post_id))
        waits = changed.waits_for is not None
    say(_("Sent again with the suggested words. It waits for a tutor.") if waits else _("Sent. Everybody can read it."))
    return back
