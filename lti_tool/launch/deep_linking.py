"""The answer to a chooser: what a tutor picked, as the VLE wants to read it (Deep Linking 2.0 §4.5).

Where the answer goes, and what must be sent back with it, came in the launch. Moodle's return address holds a secret of
the tutor's session, so all of it is stored sealed, and only until the tutor has chosen.
"""

import json
from base64 import urlsafe_b64encode
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from cryptography.fernet import Fernet
from sqlalchemy.orm import Session

from lti_tool.core.ids import new_secret
from lti_tool.launch.claims import ChoosingClaims
from lti_tool.launch.grades import TAG
from lti_tool.launch.models import Deployment, Platform
from lti_tool.launch.rules import HIGHEST_MARK

_LTI = "https://purl.imsglobal.org/spec/lti/claim/"
_DEEP_LINKING = "https://purl.imsglobal.org/spec/lti-dl/claim/"
LINK = "ltiResourceLink"
ANSWER_SECONDS = 300
FRAME = {"width": 1000, "height": 800}
HISTORIES = {"context_id_history": "$Context.id.history", "resourcelink_id_history": "$ResourceLink.id.history"}
"""Custom parameters by which a platform tells us, at each launch, of what the course and the activity are copies."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """One thing that a tutor picked. `place` comes back with every launch of it; `has_marks` asks for a column."""

    title: str
    place: str
    has_marks: bool = False


def seal_choosing(db: Session, choosing: ChoosingClaims) -> bytes:
    """The chooser's settings, to be stored."""
    return _box(db).encrypt(json.dumps(asdict(choosing)).encode())


def open_choosing(db: Session, sealed: bytes) -> ChoosingClaims:
    """What `seal_choosing` sealed."""
    said = json.loads(_box(db).decrypt(sealed))
    said["accept_types"], said["accept_targets"] = tuple(said["accept_types"]), tuple(said["accept_targets"])
    return ChoosingClaims(**said)


def answer_claims(
    platform: Platform,
    deployment: Deployment,
    choosing: ChoosingClaims,
    chosen: list[Chosen],
    launch_url: str,
    now: datetime,
) -> dict[str, Any]:
    """The message that goes back. No items is how a tutor cancels. `data` goes back if and only if it came."""
    said: dict[str, Any] = {
        "iss": platform.client_id,
        "aud": platform.issuer,
        "iat": int(now.timestamp()),
        "exp": int(now.timestamp()) + ANSWER_SECONDS,
        "nonce": new_secret(),
        _LTI + "message_type": "LtiDeepLinkingResponse",
        _LTI + "version": "1.3.0",
        _LTI + "deployment_id": deployment.deployment_id,
        _DEEP_LINKING + "content_items": [_item(one, choosing, launch_url) for one in chosen],
    }
    if choosing.data is not None:
        said[_DEEP_LINKING + "data"] = choosing.data
    return said


def _item(chosen: Chosen, choosing: ChoosingClaims, launch_url: str) -> dict[str, Any]:
    """A resource link (§3.2). Sizes go to the targets that the platform named; a column is never asked of one that
    makes none. The column's id and tag are those by which `grades.py` would look for it.
    """
    item: dict[str, Any] = {
        "type": LINK,
        "title": chosen.title,
        "url": launch_url,
        "custom": {"place": chosen.place, **HISTORIES},
    }
    if chosen.has_marks and choosing.accept_lineitem is not False:
        column = {"label": chosen.title, "scoreMaximum": HIGHEST_MARK, "resourceId": chosen.place, "tag": TAG}
        item["lineItem"] = column
    return item | {target: dict(FRAME) for target in ("iframe", "window") if target in choosing.accept_targets}


def _box(db: Session) -> Fernet:
    return _boxes(db.info["settings"].key_for("choosings"))


@lru_cache(maxsize=2)
def _boxes(key: bytes) -> Fernet:
    return Fernet(urlsafe_b64encode(key))
