"""Search finds what is seeded: the index is filled as the talk is written, from the rows at hand."""

from collections.abc import Iterator

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.boards import PostState
from lti_tool.operations.talk import Batch
from lti_tool.search import POSTS, SOURCES, Findable, Kind, SearchWords, put, things


def taken_keys(db: Session) -> set[int]:
    """The keys that other trusts' entries have: nobody else writes while a trust is seeded."""
    return set(db.scalars(select(SearchWords.id)))


def index_posts(db: Session, batch: Batch, taken: set[int]) -> None:
    """Put the published posts of a batch into the index."""
    put(db, _published(batch), taken)


def _published(batch: Batch) -> Iterator[Findable]:
    texts = {text["id"]: text["published"] for text in batch.texts}
    revisions = {(one["text_id"], one["number"]): one for one in batch.revisions}
    for post in batch.posts:
        if post["state"] == PostState.PUBLISHED:
            version = texts[post["text_id"]]
            revision = revisions[post["text_id"], version]
            yield Findable(
                kind=Kind.QUESTION if post["is_first"] else Kind.ANSWER,
                number=post["id"],
                trust_id=post["trust_id"],
                version=version,
                scope=post["board_id"],
                is_shared=False,
                at=post["published_at"],
                title=revision["title"],
                text=revision["source"],
            )


def index_rest(db: Session, taken: set[int]) -> None:
    """The cases and the teaching of the trust, which its rooms' own actions have made."""
    for kinds in SOURCES:
        if kinds != POSTS:
            put(db, things(db, kinds), taken)
