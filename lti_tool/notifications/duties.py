"""Telling those who hold a duty in the trust, and those who read what was corrected since.

A module of its own: whom these concern is found by appointments and by reading, and not by who wrote a post.
"""

from sqlalchemy.orm import Session

from lti_tool.access import Duty
from lti_tool.boards import correction_story, readers_of, writers_in
from lti_tool.core import clock
from lti_tool.journal import Job, JournalLine, Listener
from lti_tool.notifications.actions import tell_all
from lti_tool.notifications.rules import TOLD_AFTER, TOLD_TO_DUTY, About, Kind
from lti_tool.people import find_person_number, holders_of


def tell_duty(db: Session, line: JournalLine) -> None:
    """Tell those whom it concerns, but for whoever did it. An appeal that went to the moderators concerns no duty."""
    kind, always = TOLD_TO_DUTY[line.verb]
    trust_id = line.trust_id or 0
    named = [Duty(line.details["goes_to"])] if line.details.get("goes_to") else []
    found = {one for duty in (*named, *always) for one in holders_of(db, trust_id, duty, clock.now())}
    told = sorted(found - {find_person_number(db, line.actor)})
    tell_all(db, trust_id, told, line.id, About(kind, False, line.subject.partition(":")[2], ""))


def tell_of_correction(db: Session, line: JournalLine) -> None:
    """Tell everybody who read the post since it was published, but for whoever corrected it."""
    story = correction_story(db, line.subject.removeprefix("correction:"))
    if story is not None:
        read = {*writers_in(db, story.thread_id, story.read_since), *readers_of(db, story.post_public_id)}
        told = sorted(read - {story.made_by})
        about = About(Kind.CORRECTED, story.is_question, story.thread_public_id, story.post_public_id)
        tell_all(db, story.trust_id, told, line.id, about)


_DUTY = Job("tell_duty", tell_duty)
listeners = (
    *(Listener(verb, _DUTY) for verb in TOLD_TO_DUTY),
    Listener("post.corrected", Job("tell_of_correction", tell_of_correction), TOLD_AFTER),
)
