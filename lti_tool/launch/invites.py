"""Invites: one-time addresses by which a VLE connects itself (`registration.py` tells the whole story).

An invite is for one trust, ends after seven days, and is used once; several may be open. It is used up only when the
VLE has answered: whoever is refused there may paste the same address again. A button that is pressed twice is one
press, because the press is written down (`claimed_by`) before the VLE is called; the second one is shown what became of
the first.

The checklist of a connection (`check.py`) has an address of its own, made from the invite: whoever holds it follows the
connection, for fourteen days after the button was pressed, and sees nothing about people.
"""

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from lti_tool.core.db import as_trust
from lti_tool.core.errors import Conflict, Invalid, Problem
from lti_tool.core.ids import digest, new_public_id, new_secret
from lti_tool.core.language import gettext as _
from lti_tool.journal import record
from lti_tool.launch.faults import Fault, NotConnected, Refused
from lti_tool.launch.keys import ensure_key
from lti_tool.launch.models import Deployment, Platform, PlatformFacts, PlatformInvite
from lti_tool.launch.registering import BY_COMMAND, PlatformDraft, connect_platform
from lti_tool.launch.registration import Configuration, Offer, Registered
from lti_tool.launch.rules import MOODLE_COURSE
from lti_tool.launch.tickets import read_slip, write_slip
from lti_tool.people import Trust, find_trust, make_trust

INVITE_FOR = timedelta(days=7)
WATCH_FOR = timedelta(days=14)
CLAIM_FOR = timedelta(seconds=30)
"""No press takes longer: the guard ends a call after five seconds."""
OFFER_SECONDS = 3600


@dataclass(frozen=True, slots=True)
class OpenInvite:
    """An invite that may be used now."""

    id: int
    public_id: str
    trust: str
    name: str


@dataclass(frozen=True, slots=True)
class Watched:
    """An invite as its checklist shows it. `platform` is None until it was used."""

    public_id: str
    trust_id: int
    trust: str
    is_claimed: bool
    platform: Platform | None


def make_invite(db: Session, trust_name: str, name: str, now: datetime) -> tuple[str, str]:
    """A new invite: its public id and its secret, which is stored nowhere. Raises Conflict, Invalid.

    Our own first key is made with it: a VLE may look at our keys before it registers us.
    """
    if len(name) > 100 or not (trust_name.strip() and trust_name.isprintable()) or not (name.isprintable() or not name):
        raise Invalid(_("Names are up to 100 letters, without line breaks; the trust must have one."))
    if name and db.scalars(select(Platform.id).where(Platform.name == name)).first() is not None:
        raise Conflict(_("There is a platform of that name already."))
    trust = find_trust(db, trust_name) or make_trust(db, trust_name, now)
    secret, public_id = new_secret(), new_public_id()
    db.add(
        PlatformInvite(
            public_id=public_id,
            trust_id=trust.id,
            name=name,
            token_hash=digest(secret),
            created_at=now,
            expires_at=now + INVITE_FOR,
        )
    )
    ensure_key(db, now)
    as_trust(db, trust.id)
    record(db, trust_id=trust.id, actor=BY_COMMAND, verb="platform.invited", subject=f"invite:{public_id}")
    return public_id, secret


def find_invite(db: Session, secret: str, now: datetime) -> OpenInvite:
    """The invite with this secret, open. Raises NotConnected."""
    return _open(db, PlatformInvite.token_hash == digest(secret), now)


def _open(db: Session, condition: object, now: datetime) -> OpenInvite:
    row = db.execute(
        select(PlatformInvite, Trust.name).join(Trust, Trust.id == PlatformInvite.trust_id).where(condition)  # type: ignore[arg-type]
    ).first()
    if row is None:
        raise NotConnected(Fault.INVITE_UNKNOWN, "no such invite")
    invite, trust = row
    if invite.used_at is not None:
        raise NotConnected(Fault.INVITE_USED, f"invite {invite.public_id} was used")
    if now >= invite.expires_at:
        raise NotConnected(Fault.INVITE_EXPIRED, f"invite {invite.public_id} ended {invite.expires_at:%Y-%m-%d}")
    return OpenInvite(invite.id, invite.public_id, trust, invite.name)


def open_invites(db: Session, now: datetime) -> list[tuple[str, str, datetime]]:
    """Those that may still be used: the trust, the name that the VLE is to have, and when it ends."""
    rows = db.execute(
        select(Trust.name, PlatformInvite.name, PlatformInvite.expires_at)
        .join(Trust, Trust.id == PlatformInvite.trust_id)
        .where(PlatformInvite.used_at.is_(None), PlatformInvite.expires_at > now)
        .order_by(PlatformInvite.expires_at)
    )
    return [(row[0], row[1], row[2]) for row in rows]


def refuse_twice(db: Session, invite: OpenInvite, issuer: str) -> None:
    """Raise NotConnected when this VLE is connected for the trust of the invite already, and switched on."""
    trust_id = db.get_one(PlatformInvite, invite.id).trust_id
    deployed = select(Deployment.platform_id).where(Deployment.trust_id == trust_id)
    invited = select(PlatformInvite.platform_id).where(PlatformInvite.trust_id == trust_id)
    same = select(Platform.name).where(
        Platform.issuer == issuer,
        Platform.disabled_at.is_(None),
        or_(Platform.id.in_(deployed), Platform.id.in_(invited)),
    )
    if (name := db.scalars(same).first()) is not None:
        raise NotConnected(Fault.CONNECTED_ALREADY, f"issuer {issuer[:200]!r} is platform {name!r}")


def claim_invite(db: Session, offer: Offer, press: bytes, now: datetime) -> bool:
    """Take the invite for this press. False when it is the same press again. Raises NotConnected when it is another."""
    mine = PlatformInvite.public_id == offer.invite
    pressed = db.scalars(select(PlatformInvite).where(mine, PlatformInvite.claimed_by == press)).first()
    if pressed is not None and (pressed.used_at is not None or _is_held(pressed, now)):
        return False
    invite = _open(db, mine, now)
    refuse_twice(db, invite, offer.configuration.issuer)
    free = or_(PlatformInvite.claimed_at.is_(None), PlatformInvite.claimed_at < now - CLAIM_FOR)
    claimed = (
        update(PlatformInvite)
        .where(PlatformInvite.id == invite.id, PlatformInvite.used_at.is_(None), free)
        .values(claimed_by=press, claimed_at=now)
    )
    if db.scalar(claimed.returning(PlatformInvite.id)) is None:
        raise NotConnected(Fault.INVITE_USED, f"invite {invite.public_id} is being used")
    return True


def _is_held(invite: PlatformInvite, now: datetime) -> bool:
    return invite.claimed_at is not None and now - invite.claimed_at < CLAIM_FOR


def release_invite(db: Session, offer: Offer) -> None:
    """The VLE did not register us, so the invite may be used again."""
    is_open = PlatformInvite.used_at.is_(None)
    released = update(PlatformInvite).where(PlatformInvite.public_id == offer.invite, is_open)
    db.execute(released.values(claimed_at=None))


def use_invite(db: Session, offer: Offer, answer: Registered, now: datetime) -> Platform:
    """Connect the VLE that has registered us, and use the invite up. Raises NotConnected."""
    invite = db.scalars(select(PlatformInvite).where(PlatformInvite.public_id == offer.invite)).one()
    configuration = offer.configuration
    draft = PlatformDraft(
        name=invite.name or _free_name(db, configuration),
        issuer=configuration.issuer,
        client_id=answer.client_id,
        auth_url=configuration.auth_url,
        token_url=configuration.token_url,
        keys_url=configuration.keys_url,
        deployments=(answer.deployment_id,) if answer.deployment_id else (),
        course_url=MOODLE_COURSE if configuration.product.lower().startswith("moodle") else "",
    )
    trust = db.get_one(Trust, invite.trust_id)
    try:
        platform = connect_platform(db, trust.name, draft, now, invite=invite.public_id)
    except Problem as problem:
        raise NotConnected(Fault.CONNECTED_ALREADY, problem.message) from problem
    invite.used_at, invite.platform_id = now, platform.id
    facts = db.get_one(PlatformFacts, platform.id)
    facts.product, facts.clock_offset = configuration.product, configuration.clock_offset
    return platform


def _free_name(db: Session, configuration: Configuration) -> str:
    """The VLE's host, with a number behind it where that name is taken."""
    host = configuration.host[:90]
    taken = set(db.scalars(select(Platform.name).where(Platform.name.startswith(host, autoescape=True))))
    names = (host, *(f"{host} {number}" for number in range(2, len(taken) + 3)))
    return next(name for name in names if name not in taken)


def get_watched(db: Session, public_id: str) -> Watched:
    """An invite, used or not, with what became of it. Raises NotConnected."""
    row = db.execute(
        select(PlatformInvite, Trust.name, Platform)
        .join(Trust, Trust.id == PlatformInvite.trust_id)
        .outerjoin(Platform, Platform.id == PlatformInvite.platform_id)
        .where(PlatformInvite.public_id == public_id)
    ).first()
    if row is None:
        raise NotConnected(Fault.CHECKLIST_UNKNOWN, f"no invite {public_id}")
    invite, trust, platform = row
    return Watched(public_id, invite.trust_id, trust, invite.claimed_at is not None, platform)


def write_offer(offer: Offer, key: bytes, now: datetime) -> str:
    """As it stands in the form."""
    said = [offer.invite, offer.registration_pass, asdict(offer.configuration)]
    return write_slip(said, "offer", key, now, OFFER_SECONDS)


def read_offer(raw: str, key: bytes, now: datetime) -> Offer:
    """Raises NotConnected."""
    try:
        invite, registration_pass, told = read_slip(raw, "offer", key, now)
    except Refused as refused:
        ended = refused.fault is Fault.TICKET_EXPIRED
        raise NotConnected(Fault.OFFER_ENDED if ended else Fault.OFFER_UNREADABLE, refused.detail) from refused
    return Offer(invite, Configuration(**told | {"scopes": tuple(told["scopes"])}), registration_pass)


def write_watch(public_id: str, key: bytes, now: datetime, lives: timedelta = WATCH_FOR) -> str:
    """The slip of an invite's checklist, as it stands in its address."""
    return write_slip([public_id], "watch", key, now, int(lives.total_seconds()))


def read_watch(raw: str, key: bytes, now: datetime) -> str:
    """The public id of the invite. Raises NotConnected."""
    try:
        return str(read_slip(raw, "watch", key, now)[0])
    except Refused as refused:
        raise NotConnected(Fault.CHECKLIST_UNKNOWN, refused.detail) from refused
