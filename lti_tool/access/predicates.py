"""Predicates: the facts about a thing that a policy asks for, and the questions it may ask of (actor, thing)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from lti_tool.access.actor import Actor, Duty, Role


@dataclass(frozen=True, slots=True)
class Thing:
    """What the policy needs to know of a course, a board, a post, a case or teaching. `state` is None elsewhere.

    `is_shared`: the whole trust may read it. `is_cover`: it opens a thread under another room's cover sheet.
    `is_unlocked`: its thread has no gate, or the gate is open for the actor. `joined` are other courses whose people
    take part. `is_private`: its author and the tutors alone read it; `is_asked_public`: a tutor has asked to show it.
    `is_paused`: the actor writes nothing on its board for a while. `is_own_decision`: the actor made the decision that
    is to be looked at again.
    """

    trust_id: int
    course_id: int
    is_mine: bool = False
    is_open: bool = True
    state: str | None = None
    waits: bool = False
    is_shared: bool = False
    is_cover: bool = False
    is_unlocked: bool = True
    is_paused: bool = False
    is_own_decision: bool = False
    joined: frozenset[int] = frozenset()
    allows_private: bool = False
    is_private: bool = False
    is_asked_public: bool = False


Predicate = Callable[[Actor, Thing], bool]
Policy = Mapping[str, tuple[tuple[Predicate, ...], ...]]


def has_role(*roles: Role) -> Predicate:
    """The actor has one of these roles in the thing's course."""

    def predicate(actor: Actor, thing: Thing) -> bool:
        return actor.role_in(thing.course_id) in roles

    return predicate


def has_role_where_shared(*roles: Role) -> Predicate:
    """The thing is shared with the actor's trust, and they have one of these roles in some course of it."""

    def predicate(actor: Actor, thing: Thing) -> bool:
        return thing.is_shared and actor.trust_id == thing.trust_id and not set(roles).isdisjoint(actor.roles.values())

    return predicate


def has_role_where_joined(*roles: Role) -> Predicate:
    """The actor has one of these roles in another course that has joined the thing's board."""

    def predicate(actor: Actor, thing: Thing) -> bool:
        is_inside = actor.trust_id == thing.trust_id
        return is_inside and any(actor.role_in(course_id) in roles for course_id in thing.joined)

    return predicate


def lacks_role(*roles: Role) -> Predicate:
    """The actor has none of these roles in the thing's course."""

    def predicate(actor: Actor, thing: Thing) -> bool:
        return actor.role_in(thing.course_id) not in roles

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


def is_not_cover(_actor: Actor, thing: Thing) -> bool:
    """It is not what opens a thread under another room's cover sheet."""
    return not thing.is_cover


def is_unlocked(_actor: Actor, thing: Thing) -> bool:
    """The gate of its thread is open for the actor, or there is none."""
    return thing.is_unlocked


def is_not_paused(_actor: Actor, thing: Thing) -> bool:
    """The actor is not paused on its board."""
    return not thing.is_paused


def is_not_own_decision(_actor: Actor, thing: Thing) -> bool:
    """Somebody else decided what is to be looked at again."""
    return not thing.is_own_decision


def is_open(_actor: Actor, thing: Thing) -> bool:
    """Its board is neither locked nor archived; its teaching has not begun."""
    return thing.is_open


def allows_private(_actor: Actor, thing: Thing) -> bool:
    """Its board takes questions that only the tutors read."""
    return thing.allows_private


def is_private(_actor: Actor, thing: Thing) -> bool:
    """Its author and the tutors alone read it."""
    return thing.is_private


def is_asked_public(_actor: Actor, thing: Thing) -> bool:
    """A tutor has asked its author whether all may read it."""
    return thing.is_asked_public


def waits(_actor: Actor, thing: Thing) -> bool:
    """It waits for a decision."""
    return thing.waits
