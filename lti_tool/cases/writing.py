"""Pages of an author: a capture of sixty seconds, then a list of parts, each a page. Whatever is typed stays.

Each part can be saved as it is. Between two saves the browser keeps what is typed as a draft of `texts`, from which the
page goes on; a form that is refused comes back whole.
"""

from collections.abc import Callable, Mapping
from typing import Any

from flask import request
from sqlalchemy.orm import Session

from lti_tool.access import Actor, require
from lti_tool.cases import actions, queries, rules
from lti_tool.cases.checking import accepted, check_case, check_form, kept_in_case, kept_in_form, section_of
from lti_tool.cases.forms import answer_draft, capture_draft, consent_draft, question_draft, story_draft
from lti_tool.cases.queries import CaseFacts
from lti_tool.cases.rules import Section, Slot
from lti_tool.cases.views import Answer, bar_course_id, blueprint, page_of, words
from lti_tool.core.errors import Invalid
from lti_tool.core.ids import is_public_id, new_public_id
from lti_tool.core.language import gettext as _
from lti_tool.people import get_course
from lti_tool.texts import Check, draft_place, drop_draft, find_draft, keep_draft, kept_of, problem_of, wish_of
from lti_tool.web import changing, come_back, page, page_url, reading, say

__all__ = ["blueprint"]  # with every page on it: this module is the last to add some

Save = Callable[[Session, Actor, CaseFacts, Any], None]
PLACES = {section: f"case{section}" for section in Section}
TEMPLATES = {
    Section.STORY: "cases/story.html",
    Section.QUESTION: "cases/question.html",
    Section.ANSWER: "cases/answer.html",
    Section.CONSENT: "cases/consent.html",
}


@blueprint.route("/courses/<course_id>/cases/new", methods=["GET", "POST"])
def new(course_id: str) -> Answer:
    """Keep a speciality and a learning point; the rest can wait."""
    if request.method == "GET":
        return _show_new(course_id)
    given, check, comes_back = _asked(draft_place("casenew", course_id))
    if comes_back:
        return _checked(_show_new(course_id, given=given, **_head(check)), check)
    once = given.get("once", "")
    try:
        draft = capture_draft(given)
        with changing() as (db, actor):
            course = get_course(db, actor, course_id)
            begun = actions.begin_case(db, actor, course, draft, once if is_public_id(once) else new_public_id())
            if said := kept_in_case(check, Section.ANSWER):
                facts = _mine(db, actor, begun.public_id)
                actions.keep_answers(db, actor, facts, Section.ANSWER, said)
            drop_draft(db, actor.person_id, draft_place("casenew", course_id))
    except Invalid as problem:
        return _show_new(course_id, errors=problem.fields, problem=problem.message), 400
    say(_("Saved. Only you see it. Go on now, or later from Home."))
    return come_back("cases.write", case_id=begun.public_id)


def _show_new(course_id: str, **data: Any) -> str:
    with reading() as (db, actor):
        course = get_course(db, actor, course_id)
        require(actor, "case.write", course.thing)
        place = draft_place("casenew", course.public_id)
        draft = find_draft(db, actor, place)
        given = request.form if request.method == "POST" else draft.fields if draft else {}
        data = {"errors": {}, "problem": "", "given": given} | data | {"place": place}
        data["check"] = _found_in(data["given"])
        once = given.get("once") or new_public_id()
        return page(db, actor, course, "cases", "cases/new.html", once=once, specialities=rules.specialities(), **data)


@blueprint.get("/cases/<case_id>/write")
def write(case_id: str) -> str:
    """The parts of my case, each with how far it is."""
    with reading() as (db, actor):
        facts = _mine(db, actor, case_id)
        progress = rules.progress(facts.sheet)
        return page_of(db, actor, facts, "cases/write.html", progress=progress, **words())


def _mine(db: Session, actor: Actor, case_id: str) -> CaseFacts:
    facts = queries.get_case(db, actor, case_id)
    require(actor, "case.edit", facts.thing)
    return facts


@blueprint.route("/cases/<case_id>/story", methods=["GET", "POST"])
def story(case_id: str) -> Answer:
    """Title, speciality, setting, stage of life, presentation."""
    return _part(case_id, Section.STORY, story_draft, actions.save_story)


@blueprint.route("/cases/<case_id>/question", methods=["GET", "POST"])
def question(case_id: str) -> Answer:
    """The one question."""
    return _part(case_id, Section.QUESTION, question_draft, actions.save_question)


@blueprint.route("/cases/<case_id>/answer", methods=["GET", "POST"])
def answer(case_id: str) -> Answer:
    """What happened, and what there is to learn."""
    return _part(case_id, Section.ANSWER, answer_draft, actions.save_answer)


@blueprint.route("/cases/<case_id>/consent", methods=["GET", "POST"])
def consent(case_id: str) -> Answer:
    """On which consent the case stands."""
    return _part(case_id, Section.CONSENT, consent_draft, actions.save_consent)


def _part(case_id: str, section: Section, read: Callable[[Mapping[str, str]], Any], save: Save) -> Answer:
    """Show a part of the case, or save it and go back to the list of parts."""
    if request.method == "GET":
        return _show_part(case_id, section)
    given, check, comes_back = _asked(draft_place(PLACES[section], case_id))
    if comes_back:
        return _checked(_show_part(case_id, section, given=given, **_head(check)), check)
    try:
        draft = read(given)
        with changing() as (db, actor):
            save(db, actor, facts := _mine(db, actor, case_id), draft)
            actions.keep_answers(db, actor, facts, section, kept_in_case(check, section))
            drop_draft(db, actor.person_id, draft_place(PLACES[section], case_id))
    except Invalid as problem:
        return _show_part(case_id, section, errors=problem.fields, problem=problem.message), 400
    say(_("Saved."))
    return come_back("cases.write", case_id=case_id)


def _asked(place: str) -> tuple[dict[str, str], Check, bool]:
    """What was sent, with what its button asks of a finding done; its check; and whether the form comes back first.

    What comes back is kept as the draft: an older one must not bring back what a suggestion has changed.
    """
    given = request.form.to_dict() | {"kept": kept_of(request.form)}
    if "accept" in given:
        given = accepted(given, given["accept"])
    check = check_form(given)
    comes_back = wish_of(given) == "check" or bool(check.stops)
    if comes_back:
        try:
            with changing() as (db, actor):
                keep_draft(db, actor.trust_id, actor.person_id, place, given)
        except Invalid:
            return given, check, True  # too many drafts: the words stand in the page all the same
    return given, check, comes_back


def _found_in(given: Mapping[str, str]) -> Check | None:
    check = check_form(given)
    return check if check.found else None


def _head(check: Check) -> dict[str, Any]:
    problem, errors = problem_of(check, _("Not saved yet: it may name a patient"))
    return {"problem": problem, "errors": errors}


def _checked(answer: str, check: Check) -> Answer:
    return answer if wish_of(request.form) == "check" else (answer, 400)


def _show_part(case_id: str, section: Section, **data: Any) -> str:
    place = draft_place(PLACES[section], case_id)
    with reading() as (db, actor):
        facts = _mine(db, actor, case_id)
        draft = find_draft(db, actor, place)
        saved = {"kept": kept_in_form(facts.kept, section)} | _fields(facts, section)
        saved |= dict(draft.fields) if draft else {}
        given = request.form.to_dict() if request.method == "POST" else saved
        data = {"errors": {}, "problem": "", "place": place, "given": given} | data | words()
        data["given"] = {"text": "", "kept": ""} | data["given"]
        data["check"] = _found_in(data["given"])
        return page_of(db, actor, facts, TEMPLATES[section], **data)


def _fields(facts: CaseFacts, section: Section) -> dict[str, str]:
    """What is saved of a part, as its form has it."""
    if section == Section.STORY:
        cover = {"speciality": facts.speciality, "setting": facts.setting, "life_stage": facts.life_stage}
        return cover | {"title": facts.title, "text": facts.source.get(Slot.PRESENTATION, "")}
    if section == Section.QUESTION:
        return {"title": facts.question, "text": "\n".join(facts.options)}
    if section == Section.CONSENT:
        return {"basis": facts.basis, "note": facts.basis_note}
    best = "" if facts.best is None else str(facts.best)
    learnt = {"text": facts.source.get(Slot.EXPLANATION, ""), "note": "\n".join(facts.points)}
    return learnt | {"certainty": facts.certainty, "best": best}


@blueprint.route("/cases/<case_id>/send", methods=["GET", "POST"])
def send(case_id: str) -> Answer:
    """Read the whole case as others will, and send it to a tutor."""
    if request.method == "GET":
        return _show_send(case_id)
    try:
        with changing() as (db, actor):
            facts = queries.get_case(db, actor, case_id)
            actions.send_case(db, actor, facts, bool(request.form.get("asks_trust")))
    except Invalid as problem:
        return _show_send(case_id, errors=problem.fields, problem=problem.message), 400
    say(_("Sent. A tutor looks at it before others do; you are told what they decide."))
    return come_back("cases.find", case_id=case_id)


def _show_send(case_id: str, **data: Any) -> str:
    with reading() as (db, actor):
        facts = _mine(db, actor, case_id)
        gaps = {section: found for section, found in rules.missing(facts.sheet).items() if found}
        check = check_case(facts)
        parts = {each.field: page_url(f"cases.{section_of(each.field)}", case_id=case_id) for each in check.found}
        data = {"errors": {}, "problem": "", "gaps": gaps} | data | {"check": check, "parts": parts} | words()
        return page_of(db, actor, facts, "cases/send.html", **data)


@blueprint.route("/cases/<case_id>/withdraw", methods=["GET", "POST"])
def withdraw(case_id: str) -> Answer:
    """Take my case back, after one question."""
    if request.method == "GET":
        with reading() as (db, actor):
            facts = queries.get_case(db, actor, case_id)
            require(actor, "case.withdraw", facts.thing)
            return page_of(db, actor, facts, "cases/withdraw.html")
    with changing() as (db, actor):
        facts = queries.get_case(db, actor, case_id)
        actions.withdraw_case(db, actor, facts)
    say(_("Your case is withdrawn."))
    return come_back("cases.index", course_id=bar_course_id(actor, facts.course))
