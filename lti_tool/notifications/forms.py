"""How somebody wants to be told, as they sent it."""

from collections.abc import Mapping

from lti_tool.core.errors import Invalid
from lti_tool.core.language import gettext as _
from lti_tool.notifications.rules import How, Topic, ways_of


def chosen(fields: Mapping[str, str], can_mail: bool) -> dict[Topic, How]:
    """A way for each topic that was sent. Raises Invalid for what nobody was offered."""
    found = {topic: fields[topic] for topic in Topic if topic in fields}
    for topic, how in found.items():
        if how not in ways_of(topic, can_mail):
            raise Invalid(_("We did not understand how you want to be told. Reload the page and choose again."))
    return {topic: How(how) for topic, how in found.items()}
