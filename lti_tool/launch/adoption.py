"""The first deployment of a platform that connected itself without naming one (docs/decisions/deployment-adoption.md).

Most VLEs say in their answer which deployment they made. Some make it only when the tool is placed, so the first launch
is the first that we hear of it. That launch is believed when all of this holds: the platform came by an invite, which
says for which trust; nobody has brought a deployment yet; it is within fourteen days; the message is sealed by that
platform for the client that it made for us alone; and the person may set up courses. One deployment is adopted, ever.
"""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.access import Role
from lti_tool.core.db import as_trust, take_turn
from lti_tool.journal import record
from lti_tool.launch.claims import LaunchClaims
from lti_tool.launch.faults import Fault, Refused
from lti_tool.launch.known import Known, get_known
from lti_tool.launch.models import Deployment, Platform
from lti_tool.launch.queries import ADOPT_FOR, find_invite_of
from lti_tool.launch.rules import enrolment_role

MAY_BRING_IT = frozenset({Role.TUTOR, Role.DESIGNER, Role.ADMINISTRATOR})


def known_or_adopted(db: Session, claims: LaunchClaims, roles: Mapping[str, Role], now: datetime) -> Known:
    """All that is known of a verified launch; its deployment is adopted first where that is safe. Raises Refused."""
    known = _known(db, claims, roles, now)
    if None in (known.course, known.person, known.enrolment) and take_turn(db, known.deployment.trust_id):
        known = get_known(db, claims)  # another launch may have made what was missing
    return known


def _known(db: Session, claims: LaunchClaims, roles: Mapping[str, Role], now: datetime) -> Known:
    try:
        return get_known(db, claims)
    except Refused as refused:
        if refused.fault is not Fault.DEPLOYMENT_UNKNOWN or enrolment_role(claims.roles, roles) not in MAY_BRING_IT:
            raise
        if not _adopt(db, claims, now):
            raise
    return get_known(db, claims)


def _adopt(db: Session, claims: LaunchClaims, now: datetime) -> bool:
    """Whether the deployment is ours to know now."""
    platform = db.scalars(select(Platform).where(Platform.public_id == claims.platform_id)).first()
    if platform is None or platform.disabled_at is not None:
        return False
    has_one = db.scalars(select(Deployment.id).where(Deployment.platform_id == platform.id).limit(1)).first()
    invite = find_invite_of(db, platform)
    if has_one is not None or invite is None or invite.used_at is None or now >= invite.used_at + ADOPT_FOR:
        return False
    db.add(Deployment(platform_id=platform.id, trust_id=invite.trust_id, deployment_id=claims.deployment_id))
    db.flush()
    as_trust(db, invite.trust_id)
    subject, details = f"platform:{platform.public_id}", {"deployment": claims.deployment_id[:80]}
    record(db, trust_id=invite.trust_id, actor="launch", verb="deployment.adopted", subject=subject, details=details)
    return True
