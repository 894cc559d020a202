"""Chromium with each policy on cookies that people have: all allowed, third-party ones blocked, the tool's blocked.

A policy is a preference in the browser's own profile, as if the person had chosen it in the settings.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Any

from playwright.sync_api import BrowserContext, BrowserType

from tests.browser.conftest import FLAGS, ended, get_chromium
from tests.browser.site import NAMES, Site

POLICY_FLAG = "--test-third-party-cookie-phaseout"
OWN_FLAGS = [
    *(flag for flag in FLAGS if flag != POLICY_FLAG),  # here the policy is the person's own
    f"--host-resolver-rules={NAMES}",
    "--ignore-certificate-errors",
]
BLOCKED = 2
WAIT_MILLISECONDS = 20_000


class Cookies(StrEnum):
    """What the browser does with cookies inside a frame of another site."""

    ALLOWED = "cookies allowed"
    NO_THIRD_PARTY = "third-party cookies blocked"
    NONE = "cookies of the tool blocked"


def preferences(cookies: Cookies, tool: str) -> dict[str, Any]:
    """Chromium's preferences for a policy. The VLE keeps its own cookies, or nobody could sign in to it."""
    if cookies is Cookies.NO_THIRD_PARTY:
        return {"profile": {"cookie_controls_mode": 1}}
    exceptions = {f"{tool},*": {"setting": BLOCKED}} if cookies is Cookies.NONE else {}
    return {"profile": {"cookie_controls_mode": 0, "content_settings": {"exceptions": {"cookies": exceptions}}}}


@contextmanager
def open_browser(kind: BrowserType, folder: Path, site: Site, cookies: Cookies) -> Iterator[BrowserContext]:
    """A Chromium with a profile of its own."""
    (folder / "Default").mkdir(parents=True)
    (folder / "Default" / "Preferences").write_text(json.dumps(preferences(cookies, site.tool)), encoding="utf-8")
    context = kind.launch_persistent_context(
        folder,
        executable_path=get_chromium(),
        args=OWN_FLAGS,
        locale="en-GB",
        reduced_motion="reduce",
        viewport={"width": 1280, "height": 900},
    )
    context.set_default_timeout(WAIT_MILLISECONDS)
    with ended(context, folder):
        yield context
