"""Where people come in: a VLE sends them by LTI 1.3, and this room turns its word into a visit.

This is a high door: no room below knows that LTI exists. Beside the usual furniture, because a launch is a protocol
before it is a page:

- `protocol.py` teaches the launch step by step; read it first. `state.py` is our own signed slip, `tickets.py` those
  that carry a visit over the gaps that browsers leave, `jose.py` the home of JSON Web Tokens, `claims.py` and
  `message.py` what a launch says, `faults.py` why one is refused, each with its words, `deep_linking.py` the answer of
  the chooser.
- `platform.py` makes the room's calls to platforms, through `core.outbound`; `shelf.py` keeps their keys, and for
  seconds what administrators said of them; `keys.py` keeps our own keys.
- `gate.py` lets launches in one after another, `known.py` reads what is known of one already.
- `ways.py` is the way back: links that left us find their thing again through the VLE.
- `services.py` keeps what a launch grants behind the browser's back, `access_tokens.py` fetches tokens and makes calls
  that carry one. `roster.py` reads who is in a course and `syncing.py` brings the course up to it; `grades.py` speaks
  with a grade book and `marks.py` gives and sends marks; `part_marks.py` gives those of a board's rule. Their
  pages are `service_views.py`, with `service_queries.py`.
- `entrance.py` holds the views under `/lti/`, which stand outside CSRF; `views.py` those inside a visit.
- `registering.py` connects platforms; `commands.py` lets an administrator do so. `registration.py` teaches how a VLE
  connects itself by one address, `invites.py` keeps those addresses, `connecting.py` holds their pages, `adoption.py`
  the deployment that such a VLE did not name.
- `facts.py` notes what shows itself of a connection, and `check.py` says it in plain words.

Not here: what a person finds after the launch, and who may do what.
"""

from lti_tool.launch import connecting as connecting  # its pages join those of the entrance
from lti_tool.launch import entrance, service_views, views
from lti_tool.launch.claims import CourseClaims
from lti_tool.launch.commands import commands
from lti_tool.launch.jobs import jobs, listeners
from lti_tool.launch.jose import KeySetError, read_key_set
from lti_tool.launch.keys import signing_key_pem
from lti_tool.launch.protocol import Binding
from lti_tool.launch.queries import all_platforms, find_platform, find_signing_key
from lti_tool.launch.registering import AnnouncedPerson, PlatformDraft, announce, connect_platform, move_platform

blueprints = (entrance.blueprint, views.blueprint, service_views.blueprint)

__all__ = [
    "AnnouncedPerson",
    "Binding",
    "CourseClaims",
    "KeySetError",
    "PlatformDraft",
    "all_platforms",
    "announce",
    "blueprints",
    "commands",
    "connect_platform",
    "find_platform",
    "find_signing_key",
    "jobs",
    "listeners",
    "move_platform",
    "read_key_set",
    "signing_key_pem",
]
