"""The public keys of a tool, by which the VLE knows that a message is really from it."""

import json
import urllib.request
from urllib.parse import urlsplit

from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, RSAKey

from lti_tool.demo_platform.fence import Fence
from lti_tool.demo_platform.tools import RSA_KEY, Tool

FETCH_SECONDS = 5
LARGEST_KEY_SET_BYTES = 64 * 1024


class NotFromTheTool(Exception):
    """The message was not signed by the tool, or its keys cannot be had."""


def read_signed(tool: Tool, fence: Fence, message: str) -> dict[str, object]:
    """The claims of a token whose signature is the tool's. Raises NotFromTheTool."""
    try:
        return jwt.decode(message, _keys_of(tool, fence), algorithms=["RS256"]).claims
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError, JoseError) as problem:
        raise NotFromTheTool(str(problem)) from problem


def unsigned_issuer(message: str) -> object:
    """Who claims to have signed the token, so that their keys can be looked for. To be believed by nobody."""
    try:
        claims = json.loads(jws.extract_compact(message.encode()).payload)
    except (ValueError, RecursionError, JoseError):
        return None
    return claims.get("iss") if isinstance(claims, dict) else None


def _keys_of(tool: Tool, fence: Fence) -> KeySet | RSAKey:
    if tool.key_type == RSA_KEY:
        return RSAKey.import_key(tool.public_key)
    if urlsplit(tool.keyset_url).scheme not in ("http", "https"):
        raise ValueError("The keyset URL is no web address.")
    if fence.stops(tool.keyset_url):
        raise ValueError("The URL is blocked.")
    asked = urllib.request.Request(tool.keyset_url, headers={"User-Agent": "MoodleBot/1.0"})  # noqa: S310 - see above
    with urllib.request.urlopen(asked, timeout=FETCH_SECONDS) as answer:  # noqa: S310
        return KeySet.import_key_set(json.loads(answer.read(LARGEST_KEY_SET_BYTES)))
