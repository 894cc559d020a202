"""What platforms and arriving browsers call: `/lti/…`.

These views stand outside CSRF: their requests come from other sites by design and prove themselves by the state, the
sealed message, and tickets. What starts a visit at the press of a button must come from our own page, so that no other
site can press it. Pages that hold nothing personal may be framed by anybody, so that a refusal is readable; the one
that shows a name, by its platform alone.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta

from flask import Blueprint, Response, current_app, g, jsonify, make_response, redirect, render_template, request
from flask.blueprints import BlueprintSetupState
from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as BaseResponse

from lti_tool import web
from lti_tool.core import clock
from lti_tool.core.db import Database
from lti_tool.core.ids import digest
from lti_tool.core.language import gettext as _
from lti_tool.core.log import log
from lti_tool.core.outbound import guard_from
from lti_tool.core.settings import Settings
from lti_tool.launch import actions, protocol, queries, tickets, ways
from lti_tool.launch.actions import Received
from lti_tool.launch.claims import LaunchClaims
from lti_tool.launch.facts import TELLING, is_key_reading_news, note_key_reading, note_refusal
from lti_tool.launch.faults import Fault, Refused
from lti_tool.launch.gate import Gate
from lti_tool.launch.keys import published_key_set
from lti_tool.launch.known import KnownPlacement
from lti_tool.launch.message import origin_of
from lti_tool.launch.models import Choosing
from lti_tool.launch.platform import KeyRing, fetch_key_set
from lti_tool.launch.protocol import Binding, Registration, Tool
from lti_tool.launch.rules import Kind
from lti_tool.launch.shelf import DatabaseShelf, OwnAddress, Registrations
from lti_tool.launch.state import STATE_SECONDS, State, hash_of, is_same_browser, open_state
from lti_tool.people import settle_in_cookie, turn_to_path

LOGIN_COOKIE = "__Host-login"
KEYS_MAY_BE_KEPT = "public, max-age=600"
WAIT_SECONDS = 60
PAGES = {Kind.FRONT: "home.front", Kind.CASES: "cases.index", Kind.TEACHING: "programme.week"}

blueprint = Blueprint("lti", __name__, url_prefix="/lti")


@dataclass(frozen=True, slots=True)
class Entrance:
    """What this installation needs at its door, made once."""

    tool: Tool
    gate: Gate
    ticket_key: bytes
    keys: KeyRing
    registrations: Registrations
    address: OwnAddress
    failures: FixedWindowRateLimiter
    most_failures: RateLimitItemPerMinute


@blueprint.record_once
def furnish(setup: BlueprintSetupState) -> None:
    """Make the entrance of this app."""
    extensions = setup.app.extensions
    settings: Settings = extensions["settings"]
    guard, database = guard_from(settings), extensions["database"]
    gate, shelf = Gate(is_shut=database.file is not None), DatabaseShelf(database)
    extensions["entrance"] = Entrance(
        tool=Tool(settings.base_url, settings.key_for("lti state")),
        gate=gate,
        ticket_key=settings.key_for("tickets"),
        keys=KeyRing(lambda url: fetch_key_set(guard, url), shelf, settings.threads, aside=gate.aside),
        registrations=Registrations(database),
        address=OwnAddress(settings.base_url),
        failures=FixedWindowRateLimiter(MemoryStorage()),
        most_failures=RateLimitItemPerMinute(settings.failed_launches_per_minute),
    )
    web.exempt(blueprint.name)


def the_entrance() -> Entrance:
    """The entrance of the app that runs now."""
    found: Entrance = current_app.extensions["entrance"]
    return found


def _database() -> Database:
    found: Database = current_app.extensions["database"]
    return found


@blueprint.route("/login", methods=["GET", "POST"])
def login() -> BaseResponse:
    """Step 1 and 2 of `protocol.py`. Writes nothing."""
    here = the_entrance()
    asked = protocol.read_login(request.values, here.tool)
    with _database().reading() as db:
        registration = queries.get_registration(db, asked.issuer, asked.client_id)
    g.platform = registration.platform_id
    begun = protocol.begin(asked, registration, here.tool, request.cookies.get(LOGIN_COOKIE), clock.now())
    answer: BaseResponse = redirect(begun.location, 302)
    if asked.storage_target is not None:
        storage = {"target": asked.storage_target, "origin": origin_of(registration.auth_url)}
        key, value = _storage_key(hash_of(begun.browser_secret)), begun.browser_secret
        page = render_template("launch/login.html", onward=begun.location, storage=storage, key=key, value=value)
        answer = make_response(page)
    _bind(answer, begun.browser_secret)
    return answer


def _bind(answer: BaseResponse, browser_secret: str) -> None:
    """Bind the browser to this login, partitioned by the VLE around us (CHIPS)."""
    answer.set_cookie(
        LOGIN_COOKIE,
        browser_secret,
        max_age=STATE_SECONDS,
        path="/",
        secure=True,
        httponly=True,
        samesite="None",
        partitioned=True,
    )


def _storage_key(browser_hash: str) -> str:
    """The name under which the platform's storage keeps the secret of this browser."""
    return f"grand-round-{browser_hash[:16]}"


@blueprint.post("/launch")
def launch() -> BaseResponse:
    """Step 3 to 6 of `protocol.py`, and on to the page."""
    with the_entrance().gate:
        return _let_in()


def _let_in() -> BaseResponse:
    claims, state, registration = _verified()
    is_known = is_same_browser(state, request.cookies.get(LOGIN_COOKIE))
    if not is_known and registration.binding is Binding.REQUIRE and state.storage_target is None:
        raise Refused(Fault.OTHER_BROWSER, "no cookie of this login")
    former, now = web.find_browser_visit(request), clock.now()
    way = ways.read_way(request.cookies, the_entrance().ticket_key, now)
    with _database().transaction() as db:
        received = actions.receive(db, claims, state, registration.roles, now)
        guest = received.guest
        if way is not None and isinstance(received.opens, KnownPlacement) and ways.take(db, way, guest, now):
            received = replace(received, wanted=way.target)
        visit = actions.begin_visit(db, guest, received.framed_by, former, now) if guest and is_known else None
    if guest is None:
        return make_response(render_template("launch/no_context.html"))
    answer = _arrive(*visit, _path(received)) if visit else _ask(received, state, registration)
    if way is not None and way.course == guest.course.public_id:
        ways.forget(answer, request.cookies)
    return answer


def _verified() -> tuple[LaunchClaims, State, Registration]:
    here, now = the_entrance(), clock.now()
    answer = protocol.read_answer(request.form)
    state = open_state(answer.state, here.tool.state_key, now)
    g.platform = state.platform_id
    registration = here.registrations.get(state.platform_id)
    return protocol.verify(answer.id_token, state, registration, here.keys, here.tool, now), state, registration


def _path(received: Received) -> str:
    """Where a launch leads: to where somebody was on the way in this browser, else to what the activity opens."""
    opens, guest = received.opens, received.guest
    if received.wanted:
        return web.bare_path("launch.go", public_id=received.wanted)
    if isinstance(opens, Choosing):
        return web.bare_path("launch.choose", choosing_id=opens.public_id)
    assert isinstance(opens, KnownPlacement), "a launch with a course opens something"
    assert guest is not None, "only a launch with a course opens something"
    if not opens.kind:
        return web.bare_path("launch.activity", activity_id=opens.public_id)
    return path_of(Kind(opens.kind), opens.thing, guest.course.public_id)


def path_of(kind: Kind, thing: str, course: str) -> str:
    """The page that an activity opens, without any visit."""
    if kind is Kind.BOARD:
        return web.bare_path("boards.board", board_id=thing)
    return web.bare_path(PAGES[kind], course_id=course)


def _arrive(visit: str, token: str, path: str) -> BaseResponse:
    """Put the visit into its cookie and look, on the next page, whether it came back."""
    here = the_entrance()
    ticket = tickets.write_arrival(tickets.Arrival(visit, path), here.ticket_key, clock.now())
    answer = redirect(web.bare_path("lti.arrive", ticket=ticket), 303)
    web.set_visit_cookie(answer, token)
    return answer


def _ask(received: Received, state: State, registration: Registration) -> BaseResponse:
    """The browser is not known: who is there says so by a button, or the platform's storage speaks for it.

    The button has an address of its own: the answer to a POST could be neither reloaded nor come back to.
    """
    assert received.guest is not None, "a launch without a course never comes here"
    person, course, trust = received.guest.person, received.guest.course.public_id, received.guest.course.trust_id
    origin, must_prove = origin_of(registration.auth_url), registration.binding is Binding.REQUIRE
    path, framed_by = _path(received), received.framed_by
    entry = tickets.entry_of_launch(trust, person.public_id, course, path, framed_by, state, origin, must_prove)
    ticket = tickets.write_entry(entry, the_entrance().ticket_key, clock.now())
    return redirect(web.bare_path("lti.show_continue", ticket=ticket), 303)


def _button(entry: tickets.Entry, ticket: str) -> BaseResponse:
    """The page carries the ticket that it was asked with: looking at it must not make it live longer."""
    with _database().reading() as db:
        if queries.is_consumed(db, entry.used_as):
            raise Refused(Fault.TICKET_USED, "used before")
        guest = queries.get_guest(db, entry.trust, entry.person, entry.course)
    storage = {"target": entry.storage_target, "origin": entry.storage_origin} if entry.storage_target else None
    page = render_template(
        "launch/continue.html",
        name=guest.name,
        course_title=guest.course.title,
        ticket=ticket,
        storage=storage,
        key=_storage_key(entry.browser_hash),
        must_prove=entry.must_prove,
    )
    answer: Response = make_response(page)
    answer.headers["Content-Security-Policy"] = web.content_policy(f"'self' {entry.framed_by}".rstrip())
    return answer


@blueprint.get("/continue")
def show_continue() -> BaseResponse:
    """An entry in an address. A link of ours to a new window leads straight in; from anywhere else we ask who it is.

    After a launch we always ask: there a reload would look like a link of ours.
    """
    ticket = request.args.get("ticket", "")
    entry = tickets.read_entry(ticket, the_entrance().ticket_key, clock.now())
    is_our_link = request.headers.get("Sec-Fetch-Site") == "same-origin" and not entry.is_of_launch
    return _come_in(entry) if is_our_link else _button(entry, ticket)


@blueprint.post("/continue")
def press_continue() -> BaseResponse:
    """The button was pressed, or the platform's storage has pressed it."""
    web.require_our_page()
    entry = tickets.read_entry(request.form.get("ticket", ""), the_entrance().ticket_key, clock.now())
    if entry.must_prove and hash_of(request.form.get("secret", "")) != entry.browser_hash:
        raise Refused(Fault.OTHER_BROWSER, "no secret from the platform's storage")
    return _come_in(entry)


def _come_in(entry: tickets.Entry) -> BaseResponse:
    former, now = web.find_browser_visit(request), clock.now()
    with _database().transaction() as db:
        actions.consume(db, entry.used_as, now + timedelta(seconds=tickets.ENTRY_SECONDS), Fault.TICKET_USED)
        guest = queries.get_guest(db, entry.trust, entry.person, entry.course)
        visit, token = actions.begin_visit(db, guest, entry.framed_by, former, now)
    return _arrive(visit, token, entry.path)


@blueprint.get("/arrive")
def arrive() -> BaseResponse:
    """See whether the visit's cookie came back; if not, the same visit goes on in the path."""
    arrival = tickets.read_arrival(request.args.get("ticket", ""), the_entrance().ticket_key, clock.now())
    token = web.cookie_token(request)
    with _database().transaction() as db:
        if token is not None and settle_in_cookie(db, arrival.visit, digest(token)):
            return redirect(arrival.path, 303)
        path_token = turn_to_path(db, arrival.visit)
    if path_token is None:
        raise Refused(Fault.TICKET_USED, "the visit has arrived already")
    return redirect(web.path_visit_url(path_token, arrival.path), 303)


@blueprint.get("/jwks.json")
def our_keys() -> BaseResponse:
    """Our public keys (RFC 7517). That somebody read them is noted, at most once an hour."""
    now = clock.now()
    with _database().reading() as db:
        answer = jsonify(published_key_set(db, now))
        is_news = is_key_reading_news(db, now)
    if is_news:
        _note(lambda db: note_key_reading(db, now))
    answer.headers["Cache-Control"] = KEYS_MAY_BE_KEPT
    return answer


@blueprint.errorhandler(Refused)
def refused(problem: Refused) -> BaseResponse:
    """Say what happened and what to do; the log keeps the rest under the same code."""
    fault, platform = problem.fault, g.get("platform", "")
    web.REFUSED.labels(fault.name).inc()
    here = the_entrance()
    if platform and fault in TELLING and request.endpoint == "lti.launch":
        _note(lambda db: note_refusal(db, platform, fault))
    is_flood = not here.failures.hit(here.most_failures, platform)
    status = 429 if is_flood else 400 if request.endpoint == "lti.login" else 401
    text = web.ProblemText(_("We could not open Grand Round"), _(fault.happened), [_(step) for step in fault.todo])
    answer = web.problem_page(text, status, fault.name, detail=problem.detail, platform=platform)
    if is_flood or fault in (Fault.KEYS_BUSY, Fault.KEYS_UNREADABLE):
        answer.headers["Retry-After"] = str(WAIT_SECONDS)
    return answer


def _note(write: Callable[[Session], None]) -> None:
    """For the connection check; losing it harms nobody."""
    try:
        with _database().transaction() as db:
            write(db)
    except OperationalError:
        log.warning("fact_not_noted", route=str(request.url_rule))
