"""Who wrote a post, where nobody may see it: tags, aliases and sealed authorship (CONFIDENTIALITY.md §5).

A tag is an HMAC of person and board under a key of its own: it tells "mine" from "not mine" and nothing else. The
person's number is sealed with Fernet (AES-CBC and HMAC-SHA256). Keys come from the doors, in `db.info["author_keys"]`.
"""

from base64 import urlsafe_b64encode
from collections.abc import Iterable
from typing import NamedTuple

from cryptography.fernet import Fernet
from sqlalchemy import bindparam, case, or_, select
from sqlalchemy.orm import Session

from lti_tool.boards.models import Board, BoardAlias, Post, SealedAuthor
from lti_tool.boards.rules import SOMEBODY
from lti_tool.boards.slips import Slip, Slips, ask, inquiry
from lti_tool.core.ids import keyed_tag

COLOURS = [
    "Amber",
    "Azure",
    "Bronze",
    "Cedar",
    "Cobalt",
    "Copper",
    "Coral",
    "Crimson",
    "Dusky",
    "Ebony",
    "Emerald",
    "Fawn",
    "Golden",
    "Hazel",
    "Indigo",
    "Ivory",
    "Jade",
    "Lilac",
    "Maple",
    "Mossy",
    "Ochre",
    "Olive",
    "Opal",
    "Pearl",
    "Pine",
    "Plum",
    "Rowan",
    "Ruby",
    "Russet",
    "Sable",
    "Saffron",
    "Sandy",
    "Scarlet",
    "Sienna",
    "Silver",
    "Slate",
    "Snowy",
    "Tawny",
    "Teal",
    "Umber",
    "Velvet",
    "Violet",
    "Willow",
    "Winter",
]
BIRDS = [
    "Avocet",
    "Bittern",
    "Blackcap",
    "Bunting",
    "Buzzard",
    "Chaffinch",
    "Chough",
    "Cormorant",
    "Crane",
    "Curlew",
    "Dipper",
    "Dunlin",
    "Dunnock",
    "Eider",
    "Falcon",
    "Fieldfare",
    "Gannet",
    "Godwit",
    "Goldcrest",
    "Goshawk",
    "Grebe",
    "Guillemot",
    "Harrier",
    "Heron",
    "Hobby",
    "Jackdaw",
    "Kestrel",
    "Kingfisher",
    "Kite",
    "Lapwing",
    "Linnet",
    "Magpie",
    "Martin",
    "Merlin",
    "Nightjar",
    "Nuthatch",
    "Osprey",
    "Ouzel",
    "Oystercatcher",
    "Partridge",
    "Pintail",
    "Pipit",
    "Plover",
    "Puffin",
    "Redstart",
    "Redwing",
    "Robin",
    "Sandpiper",
    "Shearwater",
    "Shelduck",
    "Shrike",
    "Siskin",
    "Skylark",
    "Snipe",
    "Starling",
    "Stonechat",
    "Swallow",
    "Swift",
    "Teal",
    "Tern",
    "Treecreeper",
    "Turnstone",
    "Wagtail",
    "Warbler",
    "Wheatear",
    "Whimbrel",
    "Wigeon",
    "Woodcock",
    "Wren",
    "Yellowhammer",
]


class AuthorKeys(NamedTuple):
    """The two keys, 32 bytes each."""

    tag: bytes
    seal: bytes


def tag_of(db: Session, person_id: int, board_id: int) -> bytes:
    """The person's tag on this board."""
    return keyed_tag(db.info["author_keys"].tag, person_id, board_id)


def tags_of(db: Session, person_id: int, board_ids: Iterable[int]) -> list[bytes]:
    """The person's tags on these boards."""
    return [tag_of(db, person_id, board_id) for board_id in board_ids]


def alias_of(db: Session, trust_id: int, board_id: int, tag: bytes) -> str:
    """The alias of this tag on this board; a free one is taken at the first call in a transaction that may write.

    On a board without aliases everybody has the same word, so that nothing links two posts of one person.
    """
    alias = SOMEBODY if _is_nameless(db, board_id) else find_alias(db, board_id, tag)
    if alias is None:
        alias = free_alias(db, board_id, tag)
        db.add(BoardAlias(trust_id=trust_id, board_id=board_id, tag=tag, alias=alias))
        db.flush()
    return alias


def find_alias(db: Session, board_id: int, tag: bytes) -> str | None:
    """The alias that this tag already has, if any."""
    return db.scalar(select(BoardAlias.alias).where(BoardAlias.board_id == board_id, BoardAlias.tag == tag))


def likely_alias(db: Session, board_id: int, tag: bytes) -> str:
    """The alias that a first post would get now, without taking it."""
    if _is_nameless(db, board_id):
        return SOMEBODY
    return alias_in(ask(db, [alias_slip(board_id, tag)]), tag) or free_alias(db, board_id, tag)


def free_alias(db: Session, board_id: int, tag: bytes) -> str:
    """The first of a tag's names that nobody has."""
    return next(name for name in _names(tag) if not _is_taken(db, board_id, name))


_IS_TAGS = BoardAlias.tag == bindparam("tag")
_ALIAS = inquiry("alias", case((_IS_TAGS, 1), else_=0), BoardAlias.alias).where(
    BoardAlias.board_id == bindparam("board"), or_(_IS_TAGS, BoardAlias.alias == bindparam("first_name"))
)


def alias_slip(board_id: int, tag: bytes) -> Slip:
    """What decides a tag's alias, to be asked with others: whether it is this tag's, alias."""
    return Slip(_ALIAS, {"board": board_id, "tag": tag, "first_name": next(iter(_names(tag)))})


def alias_in(slips: Slips, tag: bytes) -> str:
    """The alias that the answers give to the tag: its own, else the first of its names; "" if somebody has that."""
    found = {is_tags: alias for is_tags, (alias,) in slips.get("alias", ())}
    return found.get(1) or ("" if found else next(iter(_names(tag))))


def seal_author(db: Session, post: Post, person_id: int) -> None:
    """Put the author of a pseudonymous post away."""
    db.add(SealedAuthor(post_id=post.id, trust_id=post.trust_id, sealed=seal_for(db, person_id)))


def seal_for(db: Session, person_id: int) -> bytes:
    """A person's number, sealed; different each time, so that two posts do not show that one person wrote both."""
    return _box(db).encrypt(str(person_id).encode())


def author_of(db: Session, post_public_id: str) -> int | None:
    """The person who wrote a post. For the author's own pages, the notifier and break-glass only."""
    row = db.execute(
        select(Post.author_id, SealedAuthor.sealed)
        .outerjoin(SealedAuthor, SealedAuthor.post_id == Post.id)
        .where(Post.public_id == post_public_id)
    ).first()
    if row is None:
        return None
    return row.author_id if row.sealed is None else int(_box(db).decrypt(row.sealed))


def _box(db: Session) -> Fernet:
    return Fernet(urlsafe_b64encode(db.info["author_keys"].seal))


def _is_nameless(db: Session, board_id: int) -> bool:
    return bool(db.scalar(select(Board.is_nameless).where(Board.id == board_id)))


def _is_taken(db: Session, board_id: int, alias: str) -> bool:
    return (
        db.scalar(select(BoardAlias.tag).where(BoardAlias.board_id == board_id, BoardAlias.alias == alias)) is not None
    )


def _names(tag: bytes) -> Iterable[str]:
    """Every alias there is, in an order of this tag's own; then numbered ones, so that a board never runs out."""
    total = len(COLOURS) * len(BIRDS)
    start = int.from_bytes(tag, "big")
    for step in range(total * 1000):
        number = (start + step) % total
        alias = f"{COLOURS[number // len(BIRDS)]} {BIRDS[number % len(BIRDS)]}"
        yield alias if step < total else f"{alias} {step // total + 1}"
