"""Predicates: the facts about a thing that a policy asks for, and the questions it may ask of (actor, thing)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from lti_tool.access.actor import Actor, Duty, Role


@dataclass(frozen=True, slots=True)
class Thing:
    """What the policy needs to know of a course, a board, a post or teaching. `state` is a post's; None elsewhere."""

    trust_id: int
    course_id: int
    is_mine: bool = False
    is_open: bool = True
    state: str | None = None
    waits: bool = False


Predicate = Callable[[Actor, Thing], bool]
Policy = Mapping[str, tuple[tuple[Predicate, ...], ...]]


def has_role(*roles: Role) -> Predicate:
    """The actor has one of these roles in the thing's course."""

    def predicate(actor: Actor, thing: Thing) -> bool:
        return actor.role_in(thing.course_id) in roles

    return predicate


def has_duty(*duties: Duty) -> Predicate:
    """The actor is appointed to one of these duties in the thing's trust."""

    def predicate(actor: Actor, thing: Thing) -> bool:
        return actor.trust_id == thing.trust_id and not actor.duties.isdisjoint(duties)

    return predicate


def in_state(*states: str) -> Predicate:
    """The thing is in one of these states."""

    def predicate(_actor: Actor, thing: Thing) -> bool:
        return thing.state in states

    return predicate


def is_mine(_actor: Actor, thing: Thing) -> bool:
    """The actor wrote it."""
    return thing.is_mine


def is_not_mine(_actor: Actor, thing: Thing) -> bool:
    """Somebody else wrote it."""
    return not thing.is_mine


def is_open(_actor: Actor, thing: Thing) -> bool:
    """Its board is neither locked nor archived; its teaching has not begun."""
    return thing.is_open


def waits(_actor: Actor, thing: Thing) -> bool:
    """It waits for a decision."""
    return thing.waits
