"""The pages on which a VLE connects itself: one question, the end, and the checklist. Outside CSRF, like all of `/lti`.

They stand in a frame of a VLE that nobody knows yet, so they may be framed by anybody, hold nothing personal, and work
without scripts. What presses the button must be our own page, and it must send the offer that we wrote on it.
"""

from flask import current_app, make_response, redirect, render_template, request
from werkzeug.wrappers import Response

from lti_tool import web
from lti_tool.core import clock
from lti_tool.core.db import Database
from lti_tool.core.ids import digest
from lti_tool.core.language import gettext as _
from lti_tool.core.outbound import guard_from
from lti_tool.core.settings import Settings
from lti_tool.launch import check, invites
from lti_tool.launch.entrance import blueprint, the_entrance
from lti_tool.launch.faults import Fault, NotConnected
from lti_tool.launch.registration import Offer, read_configuration, read_pass, register

INCOMPLETE = 400


def _database() -> Database:
    found: Database = current_app.extensions["database"]
    return found


def _settings() -> Settings:
    found: Settings = current_app.extensions["settings"]
    return found


@blueprint.get("/register")
def show_registration() -> str:
    """Opened by the VLE: read what it says of itself, and ask once."""
    now, key = clock.now(), the_entrance().ticket_key
    with _database().reading() as db:
        invite = invites.find_invite(db, request.args.get("invite", ""), now)
    address = request.args.get("openid_configuration", "")
    if not address:
        raise NotConnected(Fault.INVITE_IN_BROWSER, "no openid_configuration")
    registration_pass = read_pass(request.args.get("registration_token", ""))
    configuration = read_configuration(guard_from(_settings()), address)
    with _database().reading() as db:
        invites.refuse_twice(db, invite, configuration.issuer)
    offer = invites.write_offer(Offer(invite.public_id, configuration, registration_pass), key, now)
    return render_template(
        "launch/register.html",
        configuration=configuration,
        trust=invite.trust,
        offer=offer,
        watch=_watch_url(invite.public_id),
    )


def _watch_url(invite: str) -> str:
    slip = invites.write_watch(invite, the_entrance().ticket_key, clock.now())
    return web.public_url(web.bare_path("lti.connection", slip=slip))


@blueprint.post("/register")
def press_register() -> Response:
    """The button was pressed: register at the VLE, and keep what it answers."""
    web.require_our_page()
    raw, now = request.form.get("offer", ""), clock.now()
    offer = invites.read_offer(raw, the_entrance().ticket_key, now)
    with _database().transaction() as db:
        is_first_press = invites.claim_invite(db, offer, digest(raw), now)
    if is_first_press:
        _register(offer)
    slip = invites.write_watch(offer.invite, the_entrance().ticket_key, now)
    return redirect(web.bare_path("lti.registered", slip=slip), 303)


def _register(offer: Offer) -> None:
    """Ask the VLE, with no transaction open. Whatever it says, the invite is either used or free again."""
    try:
        answer = register(guard_from(_settings()), offer, _settings().base_url)
        with _database().transaction() as db:
            invites.use_invite(db, offer, answer, clock.now())
    except NotConnected:
        with _database().transaction() as db:
            invites.release_invite(db, offer)
        raise


@blueprint.get("/registered/<slip>")
def registered(slip: str) -> str:
    """The end: what was done, what remains, and a word to the VLE that it may close the frame."""
    watched = _watched(slip)
    if watched.platform is None and not watched.is_claimed:
        raise NotConnected(Fault.REGISTRATION_FAILED, f"invite {watched.public_id} was not used")
    return render_template("launch/registered.html", watched=watched, watch=_watch_url(watched.public_id))


@blueprint.get("/connection/<slip>")
def connection(slip: str) -> Response:
    """The checklist of a connection, for whoever holds its address. It looks again by itself every few seconds."""
    watched = _watched(slip)
    with _database().reading() as db:
        lines = check.checklist(db, watched.platform, the_entrance().address.find(), (watched.trust_id,))
    seen = check.fingerprint(lines)
    if request.args.get("seen") == seen:
        return make_response("", 204)
    page = render_template(
        "launch/connection.html", lines=lines, seen=seen, name=_name(watched), trust=watched.trust, slip=slip
    )
    return make_response(page)


def _name(watched: invites.Watched) -> str:
    return watched.platform.name if watched.platform else _("A VLE that is not connected yet")


def _watched(slip: str) -> invites.Watched:
    invite = invites.read_watch(slip, the_entrance().ticket_key, clock.now())
    with _database().reading() as db:
        return invites.get_watched(db, invite)


@blueprint.errorhandler(NotConnected)
def not_connected(problem: NotConnected) -> Response:
    """Say why the VLE was not connected, and who must do what."""
    fault = problem.fault
    web.REFUSED.labels(fault.name).inc()
    happened = " ".join(part for part in (_(fault.happened), problem.shown) if part)
    text = web.ProblemText(_("The VLE is not connected"), happened, [_(step) for step in fault.todo])
    status = 404 if fault is Fault.CHECKLIST_UNKNOWN else INCOMPLETE
    return web.problem_page(text, status, fault.name, detail=problem.detail)
