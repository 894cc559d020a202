"""The policy as a whole, in one file that governance can read and sign: tests/snapshots/policy.txt."""

import os
from itertools import product
from pathlib import Path

from lti_tool.access import ROOMS_POLICY, Actor, Duty, Role, Thing, may

GOLDEN = Path(__file__).parents[1] / "snapshots" / "policy.txt"
STATES = ("none", "draft", "pending", "published", "returned", "rejected", "hidden", "removed", "withdrawn", "ended")
WHO = [
    *Role,
    *Duty,
    "learner of another course",
    "tutor of another course",
    "stranger of the trust",
    "tutor of another trust",
]
WITHOUT_STATE = (
    *("course.", "board.", "thread.", "queue.", "log.", "session.", "figures."),
    *("feed.make", "post.skip_queue", "case.write", "post.handle", "post.purge", "appeal."),
    *("pause.", "duties.", "concern.", "numbers.", "author."),
    *("part.", "own.", "preferences."),
)

ELSEWHERE = {
    "learner of another course": Role.LEARNER,
    "tutor of another course": Role.TUTOR,
    "tutor of another trust": Role.TUTOR,
}


def actor(who) -> Actor:
    return Actor(
        person_id=1,
        public_id="a",
        trust_id=2 if who == "tutor of another trust" else 1,
        name="A",
        roles={1: who} if isinstance(who, Role) else {9: ELSEWHERE[who]} if who in ELSEWHERE else {},
        duties=frozenset({who}) if isinstance(who, Duty) else frozenset(),
    )


def ways(who, permission) -> list[str]:
    """In which states this person may, as the author (mine), as another (theirs), on a locked board, where shared."""
    found = []
    for state, mine in product(STATES if not permission.startswith(WITHOUT_STATE) else ("none",), (True, False)):
        waits = state in ("pending", "hidden")
        fact = None if state == "none" else state
        thing = Thing(trust_id=1, course_id=1, is_mine=mine, state=fact, waits=waits)
        locked = Thing(trust_id=1, course_id=1, is_mine=mine, state=fact, waits=waits, is_open=False)
        shared = Thing(trust_id=1, course_id=1, is_mine=mine, state=fact, waits=waits, is_shared=True)
        if may(actor(who), permission, shared) and not may(actor(who), permission, thing):
            found.append(f"{state}{' (mine)' if mine else ''} (shared)")
        if may(actor(who), permission, thing):
            word = state if state != "none" else "yes"
            found.append(f"{word}{' (mine)' if mine else ''}{'' if may(actor(who), permission, locked) else ' (open)'}")
    return found


def test_the_matrix_is_what_was_signed():
    lines = ["Who may do what. Roles and duties by permission; states in which they may; (mine): their own post;",
             "(open): only while the board is open, or before teaching begins;",
             "(shared): only where the whole trust may read it.",
             "Nothing listed means never.", ""]  # fmt: skip
    for permission in sorted(ROOMS_POLICY):
        lines.append(permission)
        for who in WHO:
            found = ways(who, permission)
            if permission.startswith(WITHOUT_STATE):
                found = sorted({word.replace(" (mine)", "") for word in found})
            lines.append(f"  {who!s:<26}{', '.join(found) or '-'}")
    text = "\n".join(lines) + "\n"
    if os.environ.get("UPDATE_SNAPSHOTS"):
        GOLDEN.write_text(text, encoding="utf-8")
    assert text == GOLDEN.read_text(encoding="utf-8")


def test_nobody_of_another_trust_may_do_anything():
    for who in ("tutor of another trust", "stranger of the trust"):
        assert not any(ways(who, permission) for permission in ROOMS_POLICY)
