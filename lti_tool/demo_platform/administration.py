"""Site administration: which tools are connected, and on what terms. The words are those of Moodle 4.5."""

import secrets
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from joserfc.errors import JoseError
from joserfc.jwk import RSAKey
from werkzeug.wrappers import Response as AnyResponse

from lti_tool.demo_platform import tools
from lti_tool.demo_platform.fence import MOODLES_HOSTS, MOODLES_PORTS, Fence, problems_in
from lti_tool.demo_platform.pages import check_sesskey, require_administrator
from lti_tool.demo_platform.registering import CLIENT_LENGTH
from lti_tool.demo_platform.selection import is_web
from lti_tool.demo_platform.tools import Tool
from lti_tool.demo_platform.vle import current_vle

OPTIONS: Mapping[str, Mapping[str, str]] = {
    "key_type": tools.KEY_TYPES,
    "usage": tools.USAGE,
    "container": tools.CONTAINERS,
    "grade_service": tools.GRADE_SERVICE,
    "roster_service": tools.ROSTER_SERVICE,
    "share_name": tools.SHARING,
    "share_email": tools.SHARING,
    "accept_grades": tools.SHARING,
}
TEXTS = ("name", "tool_url", "description", "keyset_url", "public_key", "login_url", "custom", "selection_url", "icon")
ADDRESSES: Mapping[str, str] = {
    "tool_url": "Tool URL",
    "keyset_url": "Public keyset",
    "login_url": "Initiate login URL",
    "selection_url": "Content Selection URL",
    "icon": "Icon URL",
}
LONGEST_FIELD = 4000

blueprint = Blueprint("administration", __name__)


@blueprint.get("/admin/search.php")
def overview() -> str:
    """What an administrator finds here; a real Moodle has a hundred pages more."""
    require_administrator()
    return render_template("administration.html")


@blueprint.route("/admin/settings.php", methods=["GET", "POST"])
def http_security() -> str | AnyResponse | tuple[str, int]:
    """Which hosts and ports the VLE does not call."""
    require_administrator()
    if request.method == "GET":
        return render_template("http_security.html", fence=current_vle().fence, problems=[])
    check_sesskey()
    is_usual, form = request.form.get("do") == "usual", request.form
    hosts, ports = (form.get(name, "").replace("\r", "").strip()[:LONGEST_FIELD] for name in ("hosts", "ports"))
    wanted = Fence(MOODLES_HOSTS, MOODLES_PORTS) if is_usual else Fence(hosts, ports)
    if problems := problems_in(wanted):
        return render_template("http_security.html", fence=wanted, problems=problems), 400
    with current_vle().store.change() as changes:
        changes.fence = wanted
    flash("Changes saved")
    return redirect(url_for("administration.http_security", section="httpsecurity"), 303)


@blueprint.get("/mod/lti/toolconfigure.php")
def manage() -> str:
    """The connected tools, and the field for a new one."""
    require_administrator()
    return _manage_page()


@blueprint.post("/mod/lti/toolconfigure.php")
def add() -> str | tuple[str, int]:
    """Open the tool's registration address in a frame."""
    require_administrator()
    check_sesskey()
    address = request.form.get("toolurl", "").strip()
    if not is_web(address):
        return _manage_page(address, "A valid URL must start with http(s)://"), 400
    return render_template("registering.html", address=address)


@blueprint.post("/mod/lti/activate.php")
def activate() -> AnyResponse:
    """Let a pending tool be used."""
    require_administrator()
    check_sesskey()
    tool = _tool(request.form.get("id", ""))
    with current_vle().store.change() as changes:
        changes.tools[tool.number] = replace(changes.tools[tool.number], is_active=True)
    flash(f"{tool.name} is active. Teachers find it once “Tool configuration usage” shows it in the activity chooser.")
    return redirect(url_for("administration.manage"), 303)


@blueprint.route("/mod/lti/typessettings.php", methods=["GET", "POST"])
def settings() -> str | AnyResponse | tuple[str, int]:
    """The settings of one tool; without an id those of a new one, configured by hand."""
    require_administrator()
    tool = _tool(request.args["id"]) if "id" in request.args else _blank_tool()
    if request.method == "GET":
        return _settings_page(tool, [])
    check_sesskey()
    wanted = _from_form(tool)
    if problems := _problems(wanted):
        return _settings_page(wanted, problems), 400
    with current_vle().store.change() as changes:
        if not wanted.number:
            wanted = replace(wanted, number=changes.next_tool(), is_active=True)
        changes.tools[wanted.number] = wanted
    flash("Preconfigured tool updated" if tool.number else "Preconfigured tool added")
    return redirect(url_for("administration.manage"), 303)


@blueprint.route("/mod/lti/delete.php", methods=["GET", "POST"])
def delete() -> str | AnyResponse:
    """Take a tool away again. Its activities stay in their courses, and open nothing."""
    require_administrator()
    tool = _tool(request.args.get("id", ""))
    if request.method == "GET":
        return render_template("tool_delete.html", tool=tool, uses=_uses()[tool.number])
    check_sesskey()
    with current_vle().store.change() as changes:
        changes.tools.pop(tool.number, None)
    flash("Preconfigured tool deleted")
    return redirect(url_for("administration.manage"), 303)


def _manage_page(address: str = "", problem: str = "") -> str:
    found = sorted(current_vle().tools.values(), key=lambda tool: tool.number)
    return render_template("tools.html", tools=found, uses=_uses(), address=address, problem=problem)


def _settings_page(tool: Tool, problems: list[str]) -> str:
    return render_template("tool_settings.html", tool=tool, options=OPTIONS, problems=problems)


def _uses() -> dict[int, int]:
    """How many activities each tool has."""
    vle = current_vle()
    counted = dict.fromkeys(vle.tools, 0)
    for course in vle.catalogue.courses.values():
        for activity in course.activities:
            counted[activity.tool] = counted.get(activity.tool, 0) + 1
    return counted


def _tool(number: str) -> Tool:
    tool = current_vle().tools.get(int(number[:9])) if number.isdecimal() else None
    if tool is None:
        abort(404, "LTI tool type not found.")
    return tool


def _blank_tool() -> Tool:
    return Tool(
        number=0,
        client_id=request.form.get("client_id") or secrets.token_hex(CLIENT_LENGTH)[:CLIENT_LENGTH],
        name="",
        tool_url="",
        login_url="",
        keyset_url="",
        redirect_uris=(),
    )


def _from_form(tool: Tool) -> Tool:
    """The tool as the form says; a choice that the form does not offer leaves the setting as it was."""
    form = request.form
    said: dict[str, Any] = {name: form.get(name, "").strip()[:LONGEST_FIELD] for name in TEXTS}
    said |= {name: form[name] for name, options in OPTIONS.items() if form.get(name) in options}
    addresses = tuple(form.get("redirect_uris", "").split())
    return replace(tool, **said, redirect_uris=addresses, has_selection="has_selection" in form)


def _problems(tool: Tool) -> list[str]:
    problems = [] if tool.name else ["Tool name: You must supply a value here."]
    needed = {"tool_url", "login_url"} | ({"keyset_url"} if tool.key_type == tools.KEYSET else set())
    for name, label in ADDRESSES.items():
        value = getattr(tool, name)
        if not value and name in needed:
            problems.append(f"{label}: You must supply a value here.")
        elif value and not is_web(value):
            problems.append(f"{label}: A valid URL must start with http(s)://")
    if not tool.redirect_uris or not all(map(is_web, tool.redirect_uris)):
        problems.append("Redirection URI(s): one address a line, each with http(s)://")
    if tool.key_type == tools.RSA_KEY and not _is_key(tool.public_key):
        problems.append("Public key: paste the whole key, from its BEGIN line to its END line.")
    return problems


def _is_key(written: str) -> bool:
    try:
        return not RSAKey.import_key(written).is_private
    except (ValueError, JoseError):
        return False
