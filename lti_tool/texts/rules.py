"""How long texts may be, and what a draft's place looks like."""

import re

TITLE_LENGTH = 150
SOURCE_LENGTH = 20_000
DRAFTS_A_PERSON = 200
DRAFT_FIELDS = (
    *("title", "text", "note", "parent"),
    *("day", "begins", "ends", "room", "online_url", "speaker", "cpd"),  # of teaching
)

_PLACE = re.compile(r"[a-z]{3,12}:[A-Za-z0-9_-]{16}")


def draft_place(kind: str, public_id: str) -> str:
    """Where a draft belongs: `ask:<board>`, `reply:<thread>`, `edit:<post>`, `plan:<course>` …"""
    return f"{kind}:{public_id}"


def is_draft_place(text: str) -> bool:
    """Whether this names a place in the shape that we make."""
    return _PLACE.fullmatch(text) is not None
