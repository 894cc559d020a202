"""Access tokens for the services: the tool's signed assertion against a bearer token (Security Framework §4.1).

Like Moodle, the answer is JSON under the name of text/html, and unknown scopes are dropped without a word. Unlike
Moodle, the audience of the assertion is checked: a demo should find a tool's mistakes.
"""

import json
import secrets
import time
import urllib.request
from collections.abc import Mapping
from typing import Any

from flask import request
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from lti_tool.demo_platform.claims import AGS_SCOPES, NRPS_SCOPE
from lti_tool.demo_platform.vle import Vle, current_vle

TOKEN_SECONDS = 3600
FETCH_SECONDS = 5
LARGEST_KEY_SET_BYTES = 64 * 1024
KNOWN_SCOPES = (NRPS_SCOPE, *AGS_SCOPES)
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


class Refusal(Exception):
    """Why a service says no: an HTTP status and a reason in the words of Moodle."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason


def give_token(vle: Vle, form: Mapping[str, str]) -> dict[str, Any]:
    """A fresh access token for those of the scopes that exist here, or a Refusal."""
    if form.get("grant_type") != "client_credentials" or form.get("client_assertion_type") != ASSERTION_TYPE:
        raise Refusal(400, "invalid_request")
    _check_assertion(vle, form.get("client_assertion", ""))
    scopes = [scope for scope in form.get("scope", "").split() if scope in KNOWN_SCOPES]
    if not scopes:
        raise Refusal(400, "invalid_scope")
    token = secrets.token_hex(16)
    vle.access_tokens[token] = (frozenset(scopes), time.time() + TOKEN_SECONDS)
    return {"access_token": token, "token_type": "Bearer", "expires_in": TOKEN_SECONDS, "scope": " ".join(scopes)}


def require_scope(*wanted: str) -> None:
    """Go on if the bearer token of the request holds one of the scopes."""
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    scopes, until = current_vle().access_tokens.get(token, (frozenset(), 0.0))
    if kind.lower() != "bearer" or until < time.time() or not scopes.intersection(wanted):
        raise Refusal(401, "Unauthorized")


def _check_assertion(vle: Vle, assertion: str) -> None:
    try:
        keys = KeySet.import_key_set(_fetch_tool_keys(vle.config.tool))
        claims = jwt.decode(assertion, keys, algorithms=["RS256"]).claims
    except (OSError, ValueError, TypeError, KeyError, AttributeError, JoseError) as problem:
        raise Refusal(400, "invalid_client") from problem
    audience = claims.get("aud")
    audiences = audience if isinstance(audience, list) else [audience]
    is_for_us = f"{vle.config.issuer}/mod/lti/token.php" in audiences or vle.config.issuer in audiences
    if not is_for_us or (claims.get("iss"), claims.get("sub")) != (vle.catalogue.tool.client_id,) * 2:
        raise Refusal(400, "invalid_client")
    expires_at = claims.get("exp")
    if not isinstance(expires_at, int | float) or expires_at < time.time():
        raise Refusal(400, "Expired token")


def _fetch_tool_keys(tool_url: str) -> Any:
    """The key set of the tool, as JSON. VleConfig has made sure that the address is http or https."""
    asked = urllib.request.Request(f"{tool_url}/lti/jwks.json", headers={"User-Agent": "MoodleBot/1.0"})  # noqa: S310
    with urllib.request.urlopen(asked, timeout=FETCH_SECONDS) as answer:  # noqa: S310
        return json.loads(answer.read(LARGEST_KEY_SET_BYTES))
