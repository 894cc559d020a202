"""A pretend VLE for the demo: a small Moodle of one invented trust, in its own process.

It shares no code with the rest of Grand Round, so that the two can only talk as a real VLE and a real tool do: over
HTTP, by LTI 1.3. Where it matters it behaves as a Moodle 4.5 does, also in its awkward habits: numeric ids, a token
that lives for a minute, a launch that cannot be repeated, an iframe, custom variables that come through literally.

Its administrator connects tools by dynamic registration or by hand, a teacher adds what a tool offers by deep linking,
enrols and suspends people, reads grades and copies a course. Whatever people change is kept in `var_dir`, beside the
signing keys, and a second run has it again.

Not here: passwords (one click on the front page becomes any of its people), forums, files, groups.

    python -m lti_tool.demo_platform --port 5001 --tool http://localhost:5000
"""

from lti_tool.demo_platform.site import create_vle
from lti_tool.demo_platform.vle import VleConfig, registration

__all__ = ["VleConfig", "create_vle", "registration"]
