"""For the people who run it: is it up, is it ready, how is it doing."""

import hmac

from flask import Blueprint, Response, current_app, request
from itsdangerous import TimestampSigner
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from lti_tool.core.addresses import is_loopback
from lti_tool.core.errors import NotFound
from lti_tool.core.settings import Settings
from lti_tool.journal import count_unsealed, undone_deliveries

DOCTOR_HEADER, SEEN_HEADER = "Grand-Round-Doctor", "Grand-Round-Seen"
DOCTOR_SECONDS = 60
blueprint = Blueprint("health", __name__)
REGISTRY = CollectorRegistry()
REQUESTS = Counter("grand_round_requests_total", "Answered requests.", ("route", "status"), registry=REGISTRY)
SECONDS = Histogram("grand_round_request_seconds", "Time to answer.", registry=REGISTRY)
REFUSED = Counter("grand_round_refused_launches_total", "Refused launches by fault.", ("fault",), registry=REGISTRY)
UNDONE = Gauge("grand_round_undone_deliveries", "Deliveries that are not done.", ("job", "state"), registry=REGISTRY)
UNSEALED = Gauge("grand_round_unsealed_lines", "Journal lines that are not in the chain yet.", registry=REGISTRY)


@blueprint.get("/healthz")
def alive() -> Response:
    """The process answers. To the doctor, and to nobody else, it also says how the request looked when it arrived."""
    answer = Response("ok\n", mimetype="text/plain")
    if _is_doctor():
        passed = len([hop for hop in request.headers.get("X-Forwarded-For", "").split(",") if hop.strip()])
        answer.headers[SEEN_HEADER] = f"{passed} {request.scheme} {request.host}"
    return answer


def doctor_token(settings: Settings) -> str:
    """What proves for a minute that somebody who knows the secret key asks."""
    return TimestampSigner(settings.key_for("doctor")).sign("doctor").decode()


def _is_doctor() -> bool:
    signer = TimestampSigner(current_app.extensions["settings"].key_for("doctor"))
    return signer.validate(request.headers.get(DOCTOR_HEADER, ""), max_age=DOCTOR_SECONDS)


@blueprint.get("/readyz")
def ready() -> Response:
    """The database answers and has the tables that this version needs."""
    try:
        with current_app.extensions["database"].reading() as db:
            found = set(db.scalars(text("SELECT version_num FROM alembic_version")))
    except SQLAlchemyError:
        return Response("The database does not answer or has no tables: run lti-tool db upgrade.\n", 503)
    wanted = current_app.extensions["head"]
    if found != {wanted}:
        return Response("The tables are of another version: run lti-tool db upgrade.\n", 503)
    return Response("ready\n", mimetype="text/plain")


@blueprint.get("/metrics")
def metrics() -> Response:
    """Prometheus metrics, for the bearer of METRICS_TOKEN or, without one, for this machine only."""
    token = current_app.extensions["settings"].metrics_token
    given = request.headers.get("Authorization", "")
    is_allowed = hmac.compare_digest(given.encode(), f"Bearer {token}".encode()) if token else _is_this_machine()
    if not is_allowed:
        raise NotFound
    UNDONE.clear()
    with current_app.extensions["database"].reading() as db:
        UNSEALED.set(count_unsealed(db))
        for undone in undone_deliveries(db):
            UNDONE.labels(undone.job, "waiting").set(undone.waiting)
            UNDONE.labels(undone.job, "given up").set(undone.given_up)
    return Response(generate_latest(REGISTRY), content_type=CONTENT_TYPE_LATEST)


def _is_this_machine() -> bool:
    return is_loopback(request.remote_addr or "") and "X-Forwarded-For" not in request.headers
