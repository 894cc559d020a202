"""Launching the tool, step by step as Moodle does it (Security Framework §5.1.1, LTI Core §4).

1. `view.php` is the activity's page. It holds an iframe; phones and tablets give the tool the whole window.
2. `launch.php` posts a login request to the tool. Its `lti_message_hint` names a launch that can be taken once.
3. The tool redirects the browser to `auth.php`, which checks everything and posts the token to the tool.
4. `return.php` is where the tool sends people who are done.
"""

import json
import re
from typing import Any

from flask import Blueprint, abort, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response as AnyResponse

from lti_tool.demo_platform.claims import (
    DOCUMENT_TARGETS,
    IN_FRAME,
    IN_NEW_WINDOW,
    IN_SAME_WINDOW,
    Launch,
    id_token_claims,
)
from lti_tool.demo_platform.pages import number_in, require_me
from lti_tool.demo_platform.tools import EXISTING_WINDOW, NEW_WINDOW
from lti_tool.demo_platform.vle import current_vle, find_me, get_activity, get_course, get_own_course, get_tool

PHONE_OR_TABLET = re.compile(r"Mobi|Android|iPad|Tablet", re.IGNORECASE)

blueprint = Blueprint("lti", __name__, url_prefix="/mod/lti")


@blueprint.get("/view.php")
def view() -> str | AnyResponse:
    """The activity's page: the tool in a frame, or in the window, as its settings say."""
    course, activity = get_activity(require_me(), number_in("id"))
    tool = get_tool(activity.tool)
    if PHONE_OR_TABLET.search(request.user_agent.string) or tool.container == EXISTING_WINDOW:
        return redirect(url_for("lti.launch", id=activity.cmid, container=IN_SAME_WINDOW), 303)
    containers = {"same_window": IN_SAME_WINDOW, "new_window": IN_NEW_WINDOW if tool.container == NEW_WINDOW else None}
    return render_template("activity.html", course=course, activity=activity, **containers)


@blueprint.get("/launch.php")
def launch() -> str:
    """A login request to the tool, posted by the browser."""
    me = find_me()
    if me is None:
        abort(403, "Nobody is signed in here any more. Open the activity again from the front page.")
    course, activity = get_activity(me, number_in("id"))
    asked = request.args.get("container", "")
    container = int(asked) if asked in map(str, DOCUMENT_TARGETS) else IN_FRAME
    begun = Launch(me, course, get_tool(activity.tool), activity, container, session["sesskey"])
    hint = {"cmid": activity.cmid, "launchid": current_vle().pending.add(begun)}
    return login_request(begun, json.dumps(hint, separators=(",", ":")), f"Opening {activity.name}")


def login_request(begun: Launch, hint: str, title: str) -> str:
    """The page that posts a login request (Security Framework §5.1.1.1)."""
    fields = {
        "iss": current_vle().config.issuer,
        "target_link_uri": begun.target,
        "login_hint": str(begun.person.id),
        "lti_message_hint": hint,
        "client_id": begun.tool.client_id,
        "lti_deployment_id": begun.tool.deployment_id,
    }
    return auto_form(begun.tool.login_url, fields, title)


@blueprint.route("/auth.php", methods=["GET", "POST"])
def auth() -> str:
    """The OIDC authorisation endpoint: answers with a form that posts the token, or an error, to the tool."""
    asked = request.values.to_dict()
    if find_me() is None and "repost" not in asked:
        # Some browsers drop a Lax cookie after a redirect through another site. Moodle's remedy: post to ourselves.
        return auto_form(request.base_url, asked | {"repost": "1"}, "Opening the activity")
    redirect_uri, vle = asked.get("redirect_uri", ""), current_vle()
    client = vle.find_client(asked.get("client_id"))
    if not any(tool.may_answer_to(redirect_uri) for tool in ([client] if client else vle.tools.values())):
        abort(400, "The tool asked for an answer at an address that is not registered for it.")
    answer = _error_in(asked) or _token_for(asked)
    if "state" in asked:
        answer["state"] = asked["state"]
    return auto_form(redirect_uri, answer, "Opening the activity")


@blueprint.get("/certs.php")
def certs() -> dict[str, Any]:
    """The public keys."""
    return current_vle().keys.public_set()


@blueprint.get("/return.php")
def come_back() -> str | AnyResponse:
    """Back from the tool, perhaps with its message. It changes nothing, so the key in the address is not checked."""
    course = get_course(require_me(), number_in("course"))
    message, error = request.args.get("lti_msg", ""), request.args.get("lti_errormsg", "")
    if request.args.get("launch_container") == str(IN_SAME_WINDOW) and not message and not error:
        return redirect(url_for("pages.course", id=course.id), 303)
    return render_template("return.html", course=course, message=message, error=error)


def _error_in(asked: dict[str, str]) -> dict[str, str] | None:
    """What is wrong with the request, as OpenID Connect names it (Core §3.1.2.6), or None."""
    needed = ("scope", "response_type", "client_id", "login_hint", "nonce", "state")
    missing = [name for name in needed if not asked.get(name)]
    if missing:
        return _error("invalid_request", f"Missing {', '.join(missing)}")
    if asked["scope"] != "openid":
        return _error("invalid_scope", "Only the scope openid is known")
    if asked["response_type"] != "id_token":
        return _error("unsupported_response_type", "Only the response type id_token is known")
    if current_vle().find_client(asked["client_id"]) is None:
        return _error("unauthorized_client", "Unknown client_id")
    if asked.get("response_mode") != "form_post":
        return _error("invalid_request", "Invalid response_mode")
    if asked.get("prompt", "none") != "none":
        return _error("invalid_request", "Invalid prompt")
    return _error_of_person(asked)


def _error_of_person(asked: dict[str, str]) -> dict[str, str] | None:
    me = find_me()
    if me is None:
        return _error("login_required", "Nobody is signed in")
    if asked["login_hint"] != str(me.id):
        return _error("access_denied", "Somebody else is signed in now")
    if _launch_id(asked) is None:
        return _error("invalid_request", "No launch id in LTI hint")
    return None


def _error(code: str, description: str) -> dict[str, str]:
    return {"error": code, "error_description": description}


def _token_for(asked: dict[str, str]) -> dict[str, str]:
    """The id_token of the launch named in the hint, which is used up by it."""
    vle, me = current_vle(), require_me()
    launch_id = _launch_id(asked) or ""
    pending = vle.pending.find(launch_id)
    is_mine = (
        pending is not None
        and (pending.person.id, pending.sesskey) == (me.id, session["sesskey"])
        and pending.tool.client_id == asked["client_id"]
    )
    taken = vle.pending.take(launch_id) if is_mine else None
    if taken is None:
        abort(404, "This launch was used before. Go back to the course page and open the activity again.")
    get_tool(taken.tool.number)
    if taken.activity is None:
        get_own_course(me, taken.course.id)
    else:
        get_activity(me, taken.activity.cmid)
    return {"id_token": vle.keys.sign(id_token_claims(vle.config.issuer, vle.catalogue, taken, asked["nonce"]))}


def _launch_id(asked: dict[str, str]) -> str | None:
    try:
        hint = json.loads(asked.get("lti_message_hint", ""))
    except (ValueError, RecursionError):
        return None
    launch_id = hint.get("launchid") if isinstance(hint, dict) else None
    return launch_id if isinstance(launch_id, str) else None


def auto_form(action: str, fields: dict[str, str], title: str) -> str:
    """A page whose one form the browser posts by itself."""
    return render_template("auto_form.html", action=action, fields=fields, title=title)
