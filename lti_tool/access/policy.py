"""The policy: one table a room joined into one, and the two questions that everybody asks it."""

from lti_tool.access import boards, cases, courses, feeds, moderation, notifications, programme
from lti_tool.access.actor import Actor
from lti_tool.access.predicates import Policy, Thing
from lti_tool.core.errors import Forbidden
from lti_tool.core.language import gettext as _

ROOMS_POLICY: Policy = {
    **courses.POLICY,
    **boards.POLICY,
    **cases.POLICY,
    **moderation.POLICY,
    **programme.POLICY,
    **feeds.POLICY,
    **notifications.POLICY,
}


def may(actor: Actor, permission: str, thing: Thing) -> bool:
    """Whether the actor may do this to the thing. A permission that no table names is a fault of ours (KeyError)."""
    return any(all(holds(actor, thing) for holds in way) for way in ROOMS_POLICY[permission])


def require(actor: Actor, permission: str, thing: Thing) -> None:
    """Raise Forbidden unless the actor may."""
    if not may(actor, permission, thing):
        raise Forbidden(_("You may not do this here. If you think you should, ask a tutor of the course."))
