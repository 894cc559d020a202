"""A second opinion: every valid launch that we let in, pylti1p3 lets in too.

pylti1p3 2.0.0 is lenient, so this says nothing about refusals. It says that we have not invented a way of reading the
standard that only our own tests share.
"""

import json
import time
from typing import Any

import pytest
from pylti1p3.cookie import CookieService
from pylti1p3.exception import LtiException
from pylti1p3.message_launch import MessageLaunch
from pylti1p3.request import Request
from pylti1p3.session import SessionService
from pylti1p3.tool_config import ToolConfDict

from tests.conformance.rows import FRAMEWORK_BAD, GOOD, NO_COURSE, Bad, Good, worked_out
from tests.factories.platform import PretendPlatform

NONCE = "nonce-of-this-login"
PLATFORM = PretendPlatform()


class PostedForm(Request):
    """What the platform posts."""

    def __init__(self, **form: str) -> None:
        super().__init__()
        self.form = form
        self.kept: dict[str, Any] = {}

    @property
    def session(self) -> dict[str, Any]:
        return self.kept

    def get_param(self, key: str) -> str | None:
        return self.form.get(key)

    def is_secure(self) -> bool:
        return True


class Cookies(CookieService):
    """A browser that kept its cookie."""

    def get_cookie(self, name: str) -> str:
        return name

    def set_cookie(self, name: str, value: str, exp: int = 3600) -> None:
        raise NotImplementedError


class Launch(MessageLaunch):  # type: ignore[type-arg]  # pylti1p3's generics have no defaults
    """pylti1p3's launch without a web framework."""

    def _get_request_param(self, key: str) -> str:
        return self._request.get_param(key)  # type: ignore[no-any-return]  # pylti1p3 is half typed


def second_opinion(token: str) -> dict[str, Any]:
    tool = ToolConfDict(
        {
            PLATFORM.issuer: {
                "client_id": PLATFORM.client_id,
                "auth_login_url": PLATFORM.auth_url,
                "auth_token_url": PLATFORM.auth_url,
                "key_set": json.loads(PLATFORM.key_set()),
                "deployment_ids": [PLATFORM.deployment_id],
            }
        }
    )
    request = PostedForm(id_token=token, state="state-1")
    session = SessionService(request)
    session.save_nonce(NONCE)
    return dict(Launch(request, tool, session, Cookies()).get_launch_data())


def token_of(row: Bad | Good) -> str:
    now = time.time()
    return row.sign(PLATFORM, PLATFORM.claims(now, NONCE, **worked_out(row.changes, PLATFORM, now)))


ALLOWS_NO_SKEW = {"clock 50 s behind", "clock 50 s ahead"}
"""Rows that pylti1p3 is known to fail: it lends no clock a second."""


@pytest.mark.parametrize("row", [*GOOD, *NO_COURSE], ids=lambda row: row.name)
def test_what_we_let_in(row: Good) -> None:
    if row.name in ALLOWS_NO_SKEW:
        with pytest.raises(LtiException, match="Can't decode id_token"):
            second_opinion(token_of(row))
    else:
        assert second_opinion(token_of(row))["sub"] == "person-1"


def test_it_is_really_asked() -> None:
    row = next(row for row in FRAMEWORK_BAD if row.name == "tampered")
    with pytest.raises(LtiException):
        second_opinion(token_of(row))
