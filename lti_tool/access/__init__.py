"""Who may do what. Pure Python: no database, no Flask, no clock.

`ROOMS_POLICY` joins one table a room: permission → any of (all of predicates). Views, actions and templates ask `may`
or `require`; nobody tests a role anywhere else. What you may *read* is decided by the queries, with `Actor` in hand.
The whole matrix is kept as a golden file that governance can sign.
"""

from lti_tool.access.actor import TEACHERS, Actor, Duty, Role
from lti_tool.access.policy import ROOMS_POLICY, may, require
from lti_tool.access.predicates import Thing

__all__ = ["ROOMS_POLICY", "TEACHERS", "Actor", "Duty", "Role", "Thing", "may", "require"]
