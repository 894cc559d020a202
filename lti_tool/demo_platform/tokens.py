"""Access tokens for the services: the tool's signed assertion against a bearer token (Security Framework §4.1).

Like Moodle, the answer is JSON under the name of text/html, and unknown scopes are dropped without a word. Unlike
Moodle, the audience of the assertion is checked: a demo should find a tool's mistakes.
"""

import secrets
import time
from collections.abc import Mapping
from typing import Any

from flask import request

from lti_tool.demo_platform.tool_keys import NotFromTheTool, read_signed, unsigned_issuer
from lti_tool.demo_platform.tools import Tool
from lti_tool.demo_platform.vle import AccessToken, Vle, current_vle

TOKEN_SECONDS = 3600
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


class Refusal(Exception):
    """Why a service says no: an HTTP status and a reason in the words of Moodle."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason


def give_token(vle: Vle, form: Mapping[str, str]) -> dict[str, Any]:
    """A fresh access token for those of the scopes that the tool may have, or a Refusal."""
    if form.get("grant_type") != "client_credentials" or form.get("client_assertion_type") != ASSERTION_TYPE:
        raise Refusal(400, "invalid_request")
    tool = _check_assertion(vle, form.get("client_assertion", ""))
    scopes = [scope for scope in form.get("scope", "").split() if scope in tool.scopes]
    if not scopes:
        raise Refusal(400, "invalid_scope")
    token = secrets.token_hex(16)
    vle.access_tokens[token] = AccessToken(tool, frozenset(scopes), time.time() + TOKEN_SECONDS)
    return {"access_token": token, "token_type": "Bearer", "expires_in": TOKEN_SECONDS, "scope": " ".join(scopes)}


def require_scope(*wanted: str) -> Tool:
    """The tool whose bearer token the request carries, if the token holds one of the scopes."""
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    found = current_vle().access_tokens.get(token)
    if kind.lower() != "bearer" or found is None or found.until < time.time() or not found.scopes & set(wanted):
        raise Refusal(401, "Unauthorized")
    tool = current_vle().tools.get(found.tool.number)
    if tool is None:
        raise Refusal(401, "Unauthorized")
    return tool


def _check_assertion(vle: Vle, assertion: str) -> Tool:
    tool = vle.find_client(unsigned_issuer(assertion))
    if tool is None:
        raise Refusal(400, "invalid_client")
    try:
        claims = read_signed(tool, vle.fence, assertion)
    except NotFromTheTool as problem:
        raise Refusal(400, "invalid_client") from problem
    audience = claims.get("aud")
    audiences = audience if isinstance(audience, list) else [audience]
    is_for_us = f"{vle.config.issuer}/mod/lti/token.php" in audiences or vle.config.issuer in audiences
    if not is_for_us or (claims.get("iss"), claims.get("sub")) != (tool.client_id,) * 2:
        raise Refusal(400, "invalid_client")
    expires_at = claims.get("exp")
    if not isinstance(expires_at, int | float) or expires_at < time.time():
        raise Refusal(400, "Expired token")
    return tool
