"""Problem pages: plain English, what to do now, a code that is also in the log. No traceback, no lost text."""

from dataclasses import dataclass, field

from flask import Flask, current_app, make_response, render_template, request, session
from sqlalchemy.exc import DataError, SQLAlchemyError
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from lti_tool.core.errors import Conflict, Forbidden, Invalid, NotFound, Problem
from lti_tool.core.ids import new_help_code
from lti_tool.core.language import gettext as _
from lti_tool.core.log import log
from lti_tool.web.csrf import ElsewhereForm, ElsewhereRequest
from lti_tool.web.visits import NoVisit

STATUS: dict[type[Problem], int] = {
    NotFound: 404, Forbidden: 403, Conflict: 409, Invalid: 400, ElsewhereRequest: 403,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class ProblemText:
    """What the page says."""

    title: str
    message: str
    steps: list[str] = field(default_factory=list)


def problem_page(text: ProblemText, status: int, fault: str, **facts: str) -> Response:
    """Answer with a problem page; log the fault word and facts under the same code."""
    code = new_help_code()
    level = log.error if status >= 500 else log.info
    level("problem", code=code, fault=fault, status=status, route=str(request.url_rule), **facts)
    response: Response = make_response(render_template("errors/problem.html", problem=text, code=code), status)
    return response


def set_up_problems(app: Flask) -> None:
    """Answer each kind of problem with its page."""
    app.register_error_handler(Problem, _told)
    app.register_error_handler(StaleDataError, _overtaken)
    app.register_error_handler(DataError, _unfit)
    app.register_error_handler(NoVisit, _nobody)
    app.register_error_handler(ElsewhereForm, _elsewhere)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _ours)


def _told(problem: Problem) -> Response:
    status = next((code for kind, code in STATUS.items() if isinstance(problem, kind)), 400)
    text = ProblemText(_title(status), problem.message or _generic(status), _keep_text())
    return problem_page(text, status, type(problem).__name__)


def _overtaken(_problem: StaleDataError) -> Response:
    text = ProblemText(_title(409), _("It has changed meanwhile. Open it again and look."), _keep_text())
    return problem_page(text, 409, "overtaken")


def _unfit(problem: DataError) -> Response:
    """A number or a text that no row can hold: PostgreSQL says so where SQLite finds nothing."""
    text = ProblemText(_title(400), _generic(400), _keep_text())
    return problem_page(text, 400, "unfit", kind=type(problem.orig).__name__)


def _nobody(problem: NoVisit) -> Response:
    course = problem.over.course_title if problem.over else _("your course")
    return problem_page(
        ProblemText(
            _("Your visit is over"),
            _("You were away for a while, or you finished. Nothing that you sent is lost."),
            [_("Go back to %(course)s in the VLE.") % {"course": course}, _("Open the activity again.")],
        ),
        401,
        "no visit",
    )


def _elsewhere(problem: ElsewhereForm) -> Response:
    return problem_page(_elsewhere_text(problem), 409, "form of another visit", saved=str(problem.is_saved))


def _http(problem: HTTPException) -> Response:
    status = problem.code or 500
    if status < 400:
        return problem.get_response()
    answer = problem_page(ProblemText(_title(status), _generic(status)), status, problem.name)
    for name, value in problem.get_headers():
        if name in ("Allow", "Retry-After"):
            answer.headers[name] = value
    return answer


def _ours(problem: Exception) -> Response:
    log.exception("fault_of_ours", kind=type(problem).__name__)
    return problem_page(ProblemText(_title(500), _generic(500), _keep_text()), 500, type(problem).__name__)


def _elsewhere_text(problem: ElsewhereForm) -> ProblemText:
    if problem.visit is None or not problem.is_saved:
        return ProblemText(
            _("That page was too old"),
            _("It was opened in a visit that is over, so nothing was changed."),
            [_("Open the activity again from your course page.")],
        )
    course = problem.visit.course_title
    return ProblemText(
        _("Saved, not sent"),
        _("The visit in which this page was opened is over. What was typed is in that person’s drafts."),
        [_("Open %(course)s again in the VLE and it will be there.") % {"course": course}],
    )


def _keep_text() -> list[str]:
    """What was typed in the form that failed goes to the drafts of its person; says so as a step."""
    visit = getattr(session, "visit", None)
    if request.method != "POST" or visit is None or "draft_place" not in request.form:
        return []
    try:
        is_kept = current_app.extensions["rescue"](visit, request.form)
    except (Problem, SQLAlchemyError) as error:
        log.error("text_not_kept", fault=type(error).__name__)
        return [_("Your text could not be saved: go back in the browser and copy it.")]
    return [_("Your text is in your drafts: you find it on Home.")] if is_kept else []


def _title(status: int) -> str:
    titles = {
        403: _("You may not do this"),
        404: _("There is nothing here"),
        405: _("That cannot be done here"),
        409: _("Somebody was first"),
        413: _("That is too large"),
        429: _("Too many at once"),
    }
    return titles.get(status, _("Something went wrong") if status >= 500 else _("We could not use that"))


def _generic(status: int) -> str:
    if status >= 500:
        return _(
            "The fault is ours. Nothing that you sent before is lost. Try again; if it repeats, tell the VLE team."
        )
    if status == 413:
        return _("It is larger than 16 MB. Go back in the browser: your text is there. Make the file smaller.")
    if status == 404:
        return _("The page does not exist, or it is not for you. Go back and try another way.")
    return _("We did not understand the request. Go back, reload the page and try again.")
