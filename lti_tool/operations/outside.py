"""What the doctor looks at beyond this machine: can browsers reach us, is our certificate good, do VLEs answer.

Everything is asked through `core.outbound`, with its bounds, but for the end of our own certificate.
"""

import socket
import ssl
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from ipaddress import ip_address
from urllib.parse import SplitResult, urlsplit

from lti_tool.core import clock
from lti_tool.core.addresses import is_loopback
from lti_tool.core.db import Database
from lti_tool.core.outbound import Answer, Guard, OutboundError, guard_from
from lti_tool.core.settings import Settings
from lti_tool.launch import KeySetError, all_platforms, read_key_set
from lti_tool.operations.finding import Finding, note, ok, wrong
from lti_tool.operations.inside import RUNNER
from lti_tool.web import DOCTOR_HEADER, SEEN_HEADER, doctor_token

MOST_SKEW = timedelta(seconds=60)
CERTIFICATE_ENDS_WITHIN = timedelta(days=14)
SECONDS = 5.0
AT_ONCE = 8


def look_at_address(settings: Settings) -> Iterator[Finding]:
    """Does `base_url` lead to us; past how many proxies; is its certificate good for a while; can a VLE reach it."""
    address = urlsplit(settings.base_url)
    host = (address.hostname or "").lower()
    guard = Guard(settings.allow_http_loopback, frozenset({host}), guard_from(settings).ca_file)
    try:
        answer = guard.fetch(f"{settings.base_url}/healthz", headers={DOCTOR_HEADER: doctor_token(settings)})
    except OutboundError as error:
        who = f"{RUNNER} is it running, does the name lead here, does the proxy pass requests on?"
        yield wrong("address", f"{settings.base_url} does not lead to us. {error}", who)
        return
    if answer.status != 200 or answer.body != b"ok\n":
        said = f"{settings.base_url} answers, but somebody else does ({answer.status})."
        yield wrong("address", said, f"{RUNNER} let the proxy pass everything on to Grand Round.")
        return
    yield ok("address", f"{settings.base_url} leads to us.")
    yield _proxies(settings, address, answer)
    if address.scheme == "https":
        yield _certificate(settings, address)
    if not is_loopback(host) and _is_private(host):
        said = f"{host} is on a private address, which Moodle refuses to fetch our keys from as it comes."
        who = "The VLE's administrator: take it off “cURL blocked hosts”, or paste lti-tool keys show --pem."
        yield note("private address", said, who)


def _proxies(settings: Settings, address: SplitResult, answer: Answer) -> Finding:
    seen = answer.headers.get(SEEN_HEADER.lower(), "").split()
    if len(seen) != 3:
        said = "what serves there has another secret_key than this command, or is an older version."
        return wrong("proxies", said, f"{RUNNER} give both the same settings, and restart it.")
    passed, scheme, host = int(seen[0]), seen[1], seen[2]
    if passed != settings.trusted_proxies:
        said = f"a request comes past {passed} of them, and trusted_proxies says {settings.trusted_proxies}."
        return wrong("proxies", said, f"{RUNNER} set trusted_proxies = {passed}, and restart.")
    if (scheme, host) != (address.scheme, address.netloc):
        said = f"we are called {settings.base_url}, and what arrives says {scheme}://{host}."
        who = f"{RUNNER} let the proxy set X-Forwarded-Proto and X-Forwarded-Host."
        return wrong("proxies", said, who)
    return ok("proxies", f"{passed} as trusted_proxies says, and they tell the truth.")


def _certificate(settings: Settings, address: SplitResult) -> Finding:
    context = ssl.create_default_context()
    if settings.ca_file:
        context.load_verify_locations(cafile=settings.ca_file)
    try:
        with (
            socket.create_connection((address.hostname, address.port or 443), timeout=SECONDS) as plain,
            context.wrap_socket(plain, server_hostname=address.hostname) as secure,
        ):
            until = datetime.fromtimestamp(ssl.cert_time_to_seconds(str((secure.getpeercert() or {})["notAfter"])), UTC)
    except (OSError, KeyError) as error:
        return wrong("certificate", f"it was not accepted ({error}).", f"{RUNNER} renew it.")
    if until - clock.now() < CERTIFICATE_ENDS_WITHIN:
        return wrong(
            "certificate", f"it ends on {until:%F}.", f"{RUNNER} renew it, and see why nothing did so by itself."
        )
    return ok("certificate", f"good until {until:%F}.")


def _is_private(host: str) -> bool:
    try:
        found = {str(entry[4][0]) for entry in socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)}
    except OSError:
        return False
    return not any(ip_address(address.partition("%")[0]).is_global for address in found)


def look_at_platforms(database: Database) -> Iterator[Finding]:
    """Can the keys of each VLE be read, and does its clock agree with ours."""
    settings: Settings = database.notes["settings"]
    with database.reading() as db:
        platforms = [line.platform for line in all_platforms(db) if line.platform.disabled_at is None]
        asked = [(platform.name, platform.keys_url) for platform in platforms]
    if not asked:
        yield note("VLE", "none is connected yet.", "Whoever runs the server: lti-tool platform add --help")
        return
    guard = guard_from(settings)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        yield from pool.map(lambda one: _platform(guard, *one), asked)


def _platform(guard: Guard, name: str, keys_url: str) -> Finding:
    what = f"VLE “{name}”"
    try:
        answer = guard.fetch(keys_url)
        if answer.status != 200:
            raise OutboundError(f"The address of its keys answered with {answer.status}.")
        read_key_set(answer.body)
    except (OutboundError, KeySetError) as error:
        who = f"{RUNNER} is {keys_url} right and open to us? Nobody can come in once the VLE changes its keys."
        return wrong(what, f"its keys cannot be read. {error}", who)
    skew = _skew(answer)
    if skew is None or abs(skew) <= MOST_SKEW:
        return ok(what, "its keys can be read" + (", and its clock agrees with ours." if skew is not None else "."))
    ahead = "ahead of" if skew > timedelta() else "behind"
    said = f"its clock is {abs(skew).total_seconds():.0f} seconds {ahead} ours, so launches are refused."
    return wrong(what, said, f"{RUNNER} set both by NTP; ours says {clock.now():%F %T} UTC.")


def _skew(answer: Answer) -> timedelta | None:
    """How far the other machine's clock is ahead of ours, by what it writes as the date of its answer."""
    try:
        return parsedate_to_datetime(answer.headers["date"]).astimezone(UTC) - clock.now()
    except (KeyError, ValueError, TypeError):
        return None
