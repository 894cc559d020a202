"""The words that a trust adds to the identifier check: what was sent, what is kept, and every change of it."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy.orm import Session

from lti_tool.access import Actor, require
from lti_tool.confidentiality import NOTHING_OF_ITS_OWN, SHORTEST_NAME, TrustWords, is_shape, pattern_of
from lti_tool.core import clock
from lti_tool.core.errors import Conflict, Invalid
from lti_tool.core.language import gettext as _
from lti_tool.journal import record
from lti_tool.people import CourseLine
from lti_tool.texts.models import OwnWords

MOST_NAMES, MOST_SHAPES, NAME_LENGTH = 200, 50, 80


@dataclass(frozen=True, slots=True)
class OwnWordsDraft:
    """Names of hospitals and practices, and shapes of numbers; `seen` is the version that the form showed."""

    hospitals: tuple[str, ...] = ()
    shapes: tuple[str, ...] = ()
    seen: int = 0


def own_words_draft(fields: Mapping[str, str]) -> OwnWordsDraft:
    """Both stand one a line. Raises Invalid with a sentence a field that names the line at fault."""
    hospitals, shapes = _lines(fields.get("hospitals", "")), _lines(fields.get("shapes", ""))
    seen = fields.get("seen", "")
    problems = {}
    if len(hospitals) > MOST_NAMES:
        problems["hospitals"] = _("Keep at most %(most)d names.") % {"most": MOST_NAMES}
    elif wrong := [name for name in hospitals if not SHORTEST_NAME <= len(name) <= NAME_LENGTH]:
        lengths = {"name": wrong[0][:NAME_LENGTH], "least": SHORTEST_NAME, "most": NAME_LENGTH}
        problems["hospitals"] = _("Change “%(name)s”: a name has %(least)d to %(most)d characters.") % lengths
    if len(shapes) > MOST_SHAPES:
        problems["shapes"] = _("Keep at most %(most)d shapes.") % {"most": MOST_SHAPES}
    elif unfit := [shape for shape in shapes if not is_shape(shape)]:
        problems["shapes"] = _(
            "Change “%(shape)s”: write # for each digit, ? for each letter. A shape has at least four digits and a "
            "letter, or six digits, and no signs but . / and -."
        ) % {"shape": unfit[0][:40]}
    if problems:
        raise Invalid(_("Not saved yet."), problems)
    is_number = seen.isascii() and seen.isdecimal() and len(seen) < 9
    return OwnWordsDraft(hospitals, shapes, int(seen) if is_number else 0)


def _lines(text: str) -> tuple[str, ...]:
    """The lines that say something, each once."""
    return tuple(dict.fromkeys(words for line in text.splitlines() if (words := " ".join(line.split()))))


def find_own_words(db: Session, trust_id: int) -> OwnWordsDraft:
    """What a trust has added; nothing if it has added none."""
    row = db.get(OwnWords, trust_id)
    return OwnWordsDraft(tuple(row.hospitals), tuple(row.shapes), row.version) if row else OwnWordsDraft()


def trust_words(db: Session, trust_id: int) -> TrustWords:
    """The same, as the check takes it."""
    own = find_own_words(db, trust_id)
    if not (own.hospitals or own.shapes):
        return NOTHING_OF_ITS_OWN
    return TrustWords(own.hospitals, tuple(pattern_of(shape) for shape in own.shapes))


def keep_own_words(db: Session, actor: Actor, course: CourseLine, draft: OwnWordsDraft) -> None:
    """Put these words in place of those of the trust. The same twice changes nothing.

    Raises Conflict when somebody has changed them since the form was drawn.
    """
    require(actor, "words.keep", course.thing)
    kept = find_own_words(db, actor.trust_id)
    if (kept.hospitals, kept.shapes) == (draft.hospitals, draft.shapes):
        return
    if kept.seen != draft.seen:
        raise Conflict(_("Somebody has changed these words meanwhile. Look at them again, then save."))
    row = db.get(OwnWords, actor.trust_id)
    if row is None:
        row = OwnWords(trust_id=actor.trust_id)
        db.add(row)
    row.hospitals, row.shapes, row.changed_at = list(draft.hospitals), list(draft.shapes), clock.now()
    db.flush()
    details = {"hospitals": len(draft.hospitals), "shapes": len(draft.shapes)}
    subject = f"course:{course.public_id}"
    record(db, trust_id=actor.trust_id, actor=actor.public_id, verb="words.kept", subject=subject, details=details)
