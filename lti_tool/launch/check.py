"""The connection check: is this VLE connected, and if not, who must do what? In plain words, a line for each thing.

`checklist` looks only at what was noted (`facts.py`), so that a page may ask every few seconds. The command
`lti-tool platform check` reads the VLE's keys before it looks.
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from urllib.parse import urlsplit

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from lti_tool.core.db import as_trust
from lti_tool.core.language import gettext as _
from lti_tool.launch.facts import CLOCK_SECONDS, is_clock_wrong
from lti_tool.launch.faults import Fault
from lti_tool.launch.models import (
    CourseLink,
    Deployment,
    Mark,
    Placement,
    Platform,
    PlatformFacts,
    PlatformKeySet,
    RosterService,
    ToolKeyReading,
)
from lti_tool.launch.rules import MarkState, Outcome
from lti_tool.people import CourseLine


class State(StrEnum):
    """How a line stands."""

    DONE = "done"
    WAITING = "waiting"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that must be so. `todo` says who must do what; empty when nobody must."""

    about: str
    state: State
    title: str
    words: str
    todo: str = ""


@dataclass(frozen=True, slots=True)
class Reachable:
    """Our own address as a VLE sees it: is it private, and on a port that Moodle never calls?"""

    base_url: str
    is_private: bool

    @property
    def is_odd_port(self) -> bool:
        return urlsplit(self.base_url).port not in (None, 80, 443)


@dataclass(frozen=True, slots=True)
class Attempt:
    """The last use of a service that came to an end. `fault` is in plain words; empty when it worked."""

    at: datetime
    fault: str


@dataclass(frozen=True, slots=True)
class Seen:
    """All that is known of one connection."""

    platform: Platform
    facts: PlatformFacts
    keys_at: datetime | None
    ours_at: datetime | None
    roster: Attempt | None
    scores: Attempt | None
    address: Reachable


def checklist(db: Session, platform: Platform | None, address: Reachable, trusts: Sequence[int] = ()) -> list[Line]:
    """Every line of the check. Without a platform, what comes first.

    Rosters and marks are looked at within these trusts, or within the one where the session is.
    """
    if platform is None:
        return [_registered(None)]
    facts = db.get(PlatformFacts, platform.id)
    seen = Seen(
        platform,
        facts or PlatformFacts(platform_id=platform.id, product="", fault=""),
        db.scalar(select(PlatformKeySet.fetched_at).where(PlatformKeySet.platform_id == platform.public_id)),
        db.scalar(select(ToolKeyReading.read_at)),
        _latest(_last_roster, db, platform, trusts),
        _latest(_last_score, db, platform, trusts),
        address,
    )
    return [_registered(seen), *(look(seen) for look in _LOOKS)]


def trusts_of(db: Session, platform: Platform) -> Sequence[int]:
    """The trusts whose people come from a VLE."""
    return db.scalars(select(Deployment.trust_id).where(Deployment.platform_id == platform.id).distinct()).all()


def _latest(
    look: Callable[[Session, Platform], Attempt | None], db: Session, platform: Platform, trusts: Sequence[int]
) -> Attempt | None:
    found = [] if trusts else [look(db, platform)]
    for trust_id in trusts:
        as_trust(db, trust_id)
        found.append(look(db, platform))
    return max((attempt for attempt in found if attempt), key=lambda attempt: attempt.at, default=None)


def _last_roster(db: Session, platform: Platform) -> Attempt | None:
    row = db.execute(
        select(RosterService.tried_at, RosterService.read_at, RosterService.outcome, RosterService.reason)
        .join(Deployment, Deployment.id == RosterService.deployment_id)
        .where(Deployment.platform_id == platform.id, RosterService.outcome != Outcome.NEVER)
        .order_by(RosterService.tried_at.desc())
        .limit(1)
    ).first()
    if row is None:
        return None
    return Attempt(row.read_at, "") if row.outcome == Outcome.READ else Attempt(row.tried_at, row.reason)


def _last_score(db: Session, platform: Platform) -> Attempt | None:
    """Marks that wait, and of which nothing is known yet, tell nothing."""
    row = db.execute(
        select(Mark.stamp, Mark.state, Mark.reason)
        .join(Placement, Placement.id == Mark.placement_id)
        .join(Deployment, Deployment.id == Placement.deployment_id)
        .where(Deployment.platform_id == platform.id, or_(Mark.state == MarkState.SENT, Mark.reason != ""))
        .order_by(Mark.stamp.desc(), Mark.id.desc())
        .limit(1)
    ).first()
    return Attempt(row.stamp, "" if row.state == MarkState.SENT else row.reason) if row else None


def platforms_of(db: Session, course: CourseLine) -> list[Platform]:
    """The VLEs from which people come into a course."""
    linked = select(Deployment.platform_id).join(CourseLink, CourseLink.deployment_id == Deployment.id)
    theirs = linked.where(CourseLink.course_id == course.id)
    return list(db.scalars(select(Platform).where(Platform.id.in_(theirs)).order_by(Platform.name)))


def fingerprint(lines: list[Line]) -> str:
    """The same for the same lines: a page that looks again is drawn anew only when something changed."""
    told = "\x1f".join(f"{line.about} {line.state} {line.words}" for line in lines)
    return hashlib.sha256(told.encode()).hexdigest()[:12]


def _registered(seen: Seen | None) -> Line:
    title = _("Registered in the VLE")
    if seen is None:
        paste = _(
            "VLE administrator: paste the address that you were given into the VLE’s page for external tools "
            "(Moodle: Site administration, Plugins, External tool, Manage tools), and press the button that appears."
        )
        return Line("registered", State.WAITING, title, _("Nobody has used the address yet."), paste)
    if seen.platform.disabled_at is not None:
        todo = f"{_('Whoever runs Grand Round')}: lti-tool platform enable --name “{seen.platform.name}”"
        return Line("registered", State.WRONG, title, _("The connection is switched off."), todo)
    product = f" ({seen.facts.product})" if seen.facts.product else ""
    return Line("registered", State.DONE, title, f"{seen.platform.issuer}{product}")


def _activated(seen: Seen) -> Line:
    title = _("Switched on, and opened once")
    if seen.facts.fault == Fault.DEPLOYMENT_UNKNOWN.name:
        words = _("People come from a part of the VLE that is not connected, and are refused.")
        todo = _("Whoever runs Grand Round: look up its deployment in the log, then lti-tool platform add.")
        return Line("activated", State.WRONG, title, words, todo)
    if seen.facts.launched_at is None:
        todo = _(
            "VLE administrator: in Manage tools, press Activate on Grand Round, which says “Pending”. Then edit it and "
            "set “Tool configuration usage” to “Show in activity chooser and as a preconfigured tool”. "
            "A tutor: add Grand Round to a course and open it."
        )
        return Line("activated", State.WAITING, title, _("Nobody has opened Grand Round from the VLE yet."), todo)
    return Line("activated", State.DONE, title, _("First opened %(when)s.") % {"when": _stamp(seen.facts.launched_at)})


def _keys(seen: Seen) -> Line:
    title = _("We can read the VLE’s keys")
    if seen.facts.fault == Fault.KEYS_UNREADABLE.name:
        words = _("The VLE’s keys at %(url)s could not be read.") % {"url": seen.platform.keys_url}
        todo = _(
            "Network team: let Grand Round call the VLE. Whoever runs Grand Round: if the VLE is on a private address, "
            "add its name to the setting allow_private_hosts; lti-tool platform check says what happens."
        )
        return Line("keys", State.WRONG, title, words, todo)
    if seen.keys_at is None:
        words = _("Not read yet. They are read at the first launch, and then every half hour.")
        return Line("keys", State.WAITING, title, words)
    return Line("keys", State.DONE, title, _("Read %(when)s.") % {"when": _stamp(seen.keys_at)})


def _clock(seen: Seen) -> Line:
    title, offset = _("Both clocks agree to %(n)s seconds") % {"n": CLOCK_SECONDS}, seen.facts.clock_offset
    is_refused = seen.facts.fault in (Fault.EXPIRED.name, Fault.FROM_THE_FUTURE.name)
    if not is_refused and not is_clock_wrong(offset):
        words = _("The VLE has not told us the time yet.") if offset is None else _("They do.")
        return Line("clock", State.WAITING if offset is None else State.DONE, title, words)
    by = abs(offset or 0)
    words = (
        _("The VLE’s clock is %(n)s seconds ahead of ours.") % {"n": by}
        if (offset or 0) > 0
        else _("The VLE’s clock is %(n)s seconds behind ours.") % {"n": by}
    )
    if not is_clock_wrong(offset):
        words = _("Messages of the VLE carry a time at which they are not valid.")
    todo = _("Server teams of both: let both machines keep time by NTP. At a minute’s difference nobody gets in.")
    return Line("clock", State.WRONG, title, words, todo)


def _names(seen: Seen) -> Line:
    title = _("Names arrive")
    if seen.facts.has_names is None:
        return Line("names", State.WAITING, title, _("Known at the first launch."))
    if seen.facts.has_names:
        return Line("names", State.DONE, title, _("People appear under their own names."))
    todo = _(
        "VLE administrator: edit the tool, open Privacy, and set “Share launcher’s name with tool” to Always. "
        "The e-mail address is not needed."
    )
    return Line("names", State.WRONG, title, _("The VLE keeps names to itself: people appear as numbers."), todo)


def _frame(seen: Seen) -> Line:
    title, platform = _("The VLE may show us in its pages"), seen.platform
    if not platform.suggested_frame:
        return Line("frame", State.DONE, title, _("Shown inside %(hosts)s.") % {"hosts": platform.framed_by})
    words = _("Launches come from %(origin)s, which may not show us yet.") % {"origin": platform.suggested_frame}
    command = f"lti-tool platform frame --name “{platform.name}” --origin {platform.suggested_frame}"
    return Line("frame", State.WRONG, title, words, _("Whoever runs Grand Round, if that is right: ") + command)


def _our_keys(seen: Seen) -> Line:
    """Moodle's calls refuse 10/8, 172.16/12, 192.168/16, localhost, and ports other than 80 and 443."""
    title, address = _("The VLE can read our keys"), seen.address
    if any(attempt is not None and not attempt.fault for attempt in (seen.roster, seen.scores)):
        return Line("our_keys", State.DONE, title, _("It has: it lets us read rosters or send scores."))
    if seen.ours_at is not None and seen.ours_at >= seen.platform.created_at:
        return Line("our_keys", State.DONE, title, _("They were read %(when)s.") % {"when": _stamp(seen.ours_at)})
    if not (address.is_private or address.is_odd_port):
        words = _("It has not yet. It does when a tutor first puts something into a course.")
        return Line("our_keys", State.WAITING, title, words)
    words = (
        _("%(url)s is on a private address, and Moodle calls none of those by itself.")
        if address.is_private
        else _("%(url)s has a port that Moodle does not call by itself.")
    ) % {"url": address.base_url}
    todo = _(
        "VLE administrator: in Site administration, General, HTTP security, take this address out of the blocked "
        "hosts, or add its port to the allowed ones. Or edit the tool, set “Public key type” to “RSA key”, and paste "
        "what lti-tool keys show --pem prints."
    )
    return Line("our_keys", State.WRONG, title, words, todo)


def _roster(seen: Seen) -> Line:
    todo = _("VLE administrator: edit the tool, open Services, and let it use “Names and Role Provisioning”.")
    line = _service("roster", _("The roster can be read"), seen.roster, _("Tried after the first launch."), todo)
    return replace(line, todo=todo) if seen.roster is None and seen.facts.launched_at else line


def _scores(seen: Seen) -> Line:
    todo = _(
        "VLE administrator: edit the tool, open Services, and let it use “Assignment and Grade Services”; "
        "under Privacy set “Accept grades from the tool” to “Delegate to teacher”."
    )
    return _service("scores", _("Scores are accepted"), seen.scores, _("Tried when a tutor first gives a mark."), todo)


def _service(about: str, title: str, attempt: Attempt | None, until_then: str, todo: str) -> Line:
    if attempt is None:
        return Line(about, State.WAITING, title, until_then)
    if attempt.fault:
        return Line(about, State.WRONG, title, f"{attempt.fault} ({_stamp(attempt.at)})", todo)
    return Line(about, State.DONE, title, _("Last %(when)s.") % {"when": _stamp(attempt.at)})


def _stamp(moment: datetime) -> str:
    return f"{moment:%d %B %Y, %H:%M} UTC"


_LOOKS: tuple[Callable[[Seen], Line], ...] = (
    _activated,
    _keys,
    _clock,
    _names,
    _frame,
    _our_keys,
    _roster,
    _scores,
)
