"""A tool connects itself (LTI Dynamic Registration 1.0), in the way and in the words of Moodle 4.5.

1. `startltiadvregistration.php` sends the frame to the tool's address, with `openid_configuration` and a token.
2. The tool reads `openid-configuration.php` and posts what it is to `openid-registration.php`.
3. It closes the frame by `postMessage`, and its card stands among the others as pending.
"""

import secrets
import string
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode, urlsplit

from flask import Blueprint, Response, abort, json, redirect, request, session
from joserfc import jwt
from joserfc.errors import ExpiredTokenError, JoseError
from werkzeug.wrappers import Response as AnyResponse

from lti_tool.demo_platform import tools
from lti_tool.demo_platform.pages import require_administrator
from lti_tool.demo_platform.selection import is_web
from lti_tool.demo_platform.store import Changes
from lti_tool.demo_platform.tools import AGS, NRPS_SCOPE, Tool
from lti_tool.demo_platform.vle import current_vle

TOKEN_SECONDS = 3600
CLIENT_LETTERS = string.ascii_letters + string.digits
CLIENT_LENGTH = 15
CONFIGURATION = "https://purl.imsglobal.org/spec/lti-tool-configuration"
NAMES = ("name", "given_name", "family_name")
SCOPES = (
    "https://purl.imsglobal.org/spec/lti-bo/scope/basicoutcome",
    f"{AGS}lineitem.readonly",
    f"{AGS}result.readonly",
    f"{AGS}score",
    f"{AGS}lineitem",
    NRPS_SCOPE,
    "https://purl.imsglobal.org/spec/lti-ts/scope/toolsetting",
    "openid",
)
VARIABLES = """
basic-lti-launch-request ContentItemSelectionRequest ToolProxyRegistrationRequest
Context.id Context.title Context.label Context.id.history Context.sourcedId Context.longDescription
Context.timeFrame.begin CourseSection.title CourseSection.label CourseSection.sourcedId CourseSection.longDescription
CourseSection.timeFrame.begin CourseSection.timeFrame.end ResourceLink.id ResourceLink.title ResourceLink.description
User.id User.username Person.name.full Person.name.given Person.name.family Person.email.primary Person.sourcedId
Person.name.middle Person.address.street1 Person.address.locality Person.address.country Person.address.timezone
Person.phone.primary Person.phone.mobile Person.webaddress Membership.role Result.sourcedId Result.autocreate
BasicOutcome.sourcedId BasicOutcome.url Moodle.Person.userGroupIds
"""

blueprint = Blueprint("registering", __name__, url_prefix="/mod/lti")


class BadRegistration(Exception):
    """Moodle's own word for what is wrong, with its HTTP status."""

    def __init__(self, word: str, status: int = 400) -> None:
        super().__init__(word)
        self.word = word
        self.status = status


@blueprint.get("/startltiadvregistration.php")
def start() -> AnyResponse:
    """In the frame of "Manage tools": on to the tool."""
    require_administrator()
    if request.args.get("sesskey") != session["sesskey"]:
        abort(403, "This page belongs to somebody who was signed in before. Open “Manage tools” again.")
    address = request.args.get("url", "")
    if not is_web(address):
        abort(400, "A valid URL must start with http(s)://")
    issuer = current_vle().config.issuer
    query = urlencode(
        {
            "openid_configuration": f"{issuer}/mod/lti/openid-configuration.php",
            "registration_token": new_registration_token(),
        }
    )
    return redirect(f"{address}{'&' if urlsplit(address).query else '?'}{query}")


def new_registration_token(now: float | None = None) -> str:
    """An hour's leave to register one tool. Its subject becomes the client id."""
    begins = int(now or time.time())
    client_id = "".join(secrets.choice(CLIENT_LETTERS) for _ in range(CLIENT_LENGTH))
    claims = {"sub": client_id, "scope": "reg", "iat": begins, "exp": begins + TOKEN_SECONDS}
    return current_vle().keys.sign(claims)


@blueprint.get("/openid-configuration.php")
def configuration() -> dict[str, Any]:
    """What a tool must know of this VLE (Dynamic Registration §3.4)."""
    issuer = current_vle().config.issuer
    return {
        "issuer": issuer,
        "token_endpoint": f"{issuer}/mod/lti/token.php",
        "token_endpoint_auth_methods_supported": ["private_key_jwt"],
        "token_endpoint_auth_signing_alg_values_supported": ["RS256"],
        "jwks_uri": f"{issuer}/mod/lti/certs.php",
        "authorization_endpoint": f"{issuer}/mod/lti/auth.php",
        "registration_endpoint": f"{issuer}/mod/lti/openid-registration.php",
        "scopes_supported": SCOPES,
        "response_types_supported": ["id_token"],
        "subject_types_supported": ["public", "pairwise"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "claims_supported": ["sub", "iss", "name", "given_name", "family_name", "email"],
        "https://purl.imsglobal.org/spec/lti-platform-configuration": {
            "product_family_code": "moodle",
            "version": "4.5.6 (Build: 20250811)",
            "messages_supported": [
                {"type": "LtiResourceLinkRequest"},
                {"type": "LtiDeepLinkingRequest", "placements": ["ContentArea"]},
            ],
            "variables": VARIABLES.split(),
        },
    }


@blueprint.post("/openid-registration.php")
def register() -> Response:
    """A tool says what it is. It stays pending until the administrator activates it."""
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    try:
        if kind != "Bearer" or not token:
            raise BadRegistration("missing_registration_token", 401)
        said = request.get_json(force=True, silent=True)
        client_id = _client_in(token.strip())
        with current_vle().store.change() as changes:
            tool = _new_tool(changes, client_id, said if isinstance(said, dict) else {})
            changes.tools[tool.number] = tool
    except BadRegistration as problem:
        return Response(problem.word, problem.status, content_type="text/html; charset=utf-8")
    return Response(json.dumps(_answer(tool)), content_type="application/json; charset=utf-8")


def _client_in(token: str) -> str:
    """The client id that the token grants. A bad or old token ends in Moodle's error page, and so here."""
    try:
        claims = current_vle().keys.read(token)
        jwt.JWTClaimsRegistry(exp={"essential": True}).validate(claims)
    except ExpiredTokenError:
        abort(404, "Expired token")
    except (ValueError, JoseError):
        abort(404, "Signature verification failed")
    if claims.get("scope") != "reg":
        raise BadRegistration("invalid_registration_scope", 403)
    return str(claims["sub"])


def _new_tool(changes: Changes, client_id: str, said: Mapping[str, Any]) -> Tool:
    if any(tool.client_id == client_id for tool in changes.tools.values()):
        raise BadRegistration("token_already_used", 401)
    for name in ("response_types", "initiate_login_uri", "redirect_uris", "client_name", "jwks_uri"):
        _need(said, name)
    if _need(said, "token_endpoint_auth_method") != "private_key_jwt":
        raise BadRegistration("invalid_token_endpoint_auth_method")
    more = _need(said, CONFIGURATION)
    if not isinstance(more, dict):
        raise BadRegistration(f"missing required attribute {CONFIGURATION}")
    _check(said, more)
    scopes, claims = str(said.get("scope", "")).split(), more.get("claims") or []
    selecting = [one for one in more.get("messages") or [] if one.get("type") == "LtiDeepLinkingRequest"]
    return Tool(
        number=changes.next_tool(),
        client_id=client_id,
        name=str(said["client_name"]),
        tool_url=str(more["target_link_uri"]),
        login_url=str(said["initiate_login_uri"]),
        keyset_url=str(said["jwks_uri"]),
        redirect_uris=tuple(map(str, said["redirect_uris"])),
        domain=str(more["domain"]),
        description=str(more.get("description", "")),
        icon=str(said.get("logo_uri", "")),
        custom="\n".join(f"{name}={value}" for name, value in (more.get("custom_parameters") or {}).items()),
        has_selection=bool(selecting),
        selection_url=str(selecting[-1].get("target_link_uri", "")) if selecting else "",
        share_name=tools.ALWAYS if set(NAMES) & set(claims) else tools.NEVER,
        share_email=tools.ALWAYS if "email" in claims else tools.NEVER,
        accept_grades=tools.DELEGATE if any(scope.startswith(AGS) for scope in scopes) else tools.NEVER,
        grade_service=_grade_service(scopes),
        roster_service=tools.ROSTER if NRPS_SCOPE in scopes else tools.NO_ROSTER,
    )


def _need(said: Mapping[str, Any], name: str) -> Any:
    if not said.get(name):
        raise BadRegistration(f"missing required attribute {name}")
    return said[name]


def _check(said: Mapping[str, Any], more: Mapping[str, Any]) -> None:
    if "id_token" not in said["response_types"]:
        raise BadRegistration("invalid_response_types")
    if not isinstance(said["redirect_uris"], list):
        raise BadRegistration("invalid_redirect_uris")
    if said.get("application_type", "web") != "web":
        raise BadRegistration("invalid_application_type")
    domain, target = _need(more, "domain"), _need(more, "target_link_uri")
    if urlsplit(str(target)).netloc != domain:
        raise BadRegistration("domain_targetlinkuri_mismatch")
    parts = (more.get("messages") or [], more.get("claims") or [], more.get("custom_parameters") or {})
    if not all(isinstance(part, kind) for part, kind in zip(parts, (list, list, dict), strict=True)):
        raise BadRegistration(f"missing required attribute {CONFIGURATION}")
    if not all(isinstance(message, dict) for message in parts[0]):
        raise BadRegistration(f"missing required attribute {CONFIGURATION}")


def _grade_service(scopes: list[str]) -> str:
    if f"{AGS}lineitem" in scopes:
        return tools.GRADES_AND_COLUMNS
    return tools.GRADES_ONLY if any(scope.startswith(AGS) for scope in scopes) else tools.NO_GRADES


def _answer(tool: Tool) -> dict[str, Any]:
    """What Moodle has made of it (Dynamic Registration §3.6)."""
    more: dict[str, Any] = {
        "version": "1.3.0",
        "deployment_id": tool.deployment_id,
        "target_link_uri": tool.tool_url,
        "domain": tool.domain,
        "description": tool.description,
    }
    if tool.has_selection:
        more["messages"] = [{"type": "LtiDeepLinkingRequest", "target_link_uri": tool.selection_url}]
    if tool.custom:
        more["custom_parameters"] = tool.custom_parameters
    more["claims"] = ["sub", "iss", "name", "family_name", "given_name", "email"]
    return {
        "client_id": tool.client_id,
        "response_types": ["id_token"],
        "jwks_uri": tool.keyset_url,
        "initiate_login_uri": tool.login_url,
        "grant_types": ["client_credentials", "implicit"],
        "redirect_uris": list(tool.redirect_uris),
        "application_type": "web",
        "token_endpoint_auth_method": "private_key_jwt",
        "client_name": tool.name,
        "logo_uri": tool.icon,
        "scope": " ".join(tool.scopes[::-1]),
        CONFIGURATION: more,
    }
