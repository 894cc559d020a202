"""The demo's cases: read from `cases.toml`, and played by the room's own actions like everything else."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy.orm import Session

from lti_tool.access import Actor
from lti_tool.boards import get_post_facts, reply
from lti_tool.cases import (
    CaseFacts,
    answer_draft,
    begin_case,
    capture_draft,
    commit_answer,
    commit_draft,
    consent_draft,
    get_case,
    question_draft,
    review_case,
    review_draft,
    save_answer,
    save_consent,
    save_question,
    save_story,
    send_case,
    story_draft,
    widen_case,
)
from lti_tool.core.ids import new_public_id
from lti_tool.moderation import DecisionDraft, Verb, decide
from lti_tool.people import CourseLine
from lti_tool.texts import prepare


class Known(Protocol):
    """What of the stage is needed here: courses by the VLE's number, public ids by the script's names."""

    @property
    def courses(self) -> Mapping[int, CourseLine]: ...

    @property
    def posts(self) -> dict[str, str]: ...


@dataclass(frozen=True, slots=True)
class CaseEvent:
    """Somebody does something with a case. `raw` is the case as `cases.toml` has it, `step` what of `then` is done."""

    at: datetime
    who: str
    does: str
    raw: Mapping[str, Any]
    step: Mapping[str, Any]


def case_events(
    raw_cases: list[dict[str, Any]], moment: Callable[[Mapping[str, Any], datetime], datetime], now: datetime
) -> Iterator[CaseEvent]:
    """All that happens to the cases. `moment` reads when a step is, knowing when the one before it was."""
    for raw in raw_cases:
        at = moment(raw, now)
        yield CaseEvent(at, raw["who"], "write", raw, {})
        for step in raw.get("then", ()):
            at = moment(step, at)
            yield CaseEvent(at, step["who"], step["does"], raw, step)


def act(db: Session, actor: Actor, known: Known, event: CaseEvent) -> None:
    """Do it."""
    if event.does == "write":
        known.posts[event.raw["id"]] = _write(db, actor, known.courses[event.raw["course"]], event.raw)
        return
    facts = get_case(db, actor, known.posts[event.raw["id"]])
    if event.does in ("tick", "return"):
        fields = {"verb": event.does, "seen": str(facts.sent), "note": event.step.get("note", "")}
        ticks = dict.fromkeys(event.step.get("ticks", ()), "yes")
        review_case(db, actor, facts, review_draft(fields | ticks))
    elif event.does == "send":
        send_case(db, actor, facts, event.raw.get("asks_trust", False))
    elif event.does == "widen":
        widen_case(db, actor, facts, is_shared=True)
    elif event.does == "commit":
        commit_answer(db, actor, facts, commit_draft({"answer": str(event.step["answer"])}, len(facts.options)))
    else:
        _discuss(db, actor, known, facts, event)


def _write(db: Session, actor: Actor, course: CourseLine, raw: Mapping[str, Any]) -> str:
    points = "\n".join(raw["points"])
    draft = capture_draft({"speciality": raw["speciality"], "note": points})
    case = begin_case(db, actor, course, draft, new_public_id())
    if "title" not in raw:
        return case.public_id
    story = {name: raw[name] for name in ("title", "speciality", "setting", "life_stage", "text")}
    ending = {"text": raw["explanation"], "note": points, "certainty": raw["certainty"], "best": str(raw["best"])}
    save_story(db, actor, get_case(db, actor, case.public_id), story_draft(story))
    question = {"title": raw["question"], "text": "\n".join(raw["options"])}
    save_question(db, actor, get_case(db, actor, case.public_id), question_draft(question))
    save_answer(db, actor, get_case(db, actor, case.public_id), answer_draft(ending))
    consent = {"basis": raw["basis"], "note": raw.get("basis_note", "")}
    save_consent(db, actor, get_case(db, actor, case.public_id), consent_draft(consent))
    return case.public_id


def _discuss(db: Session, actor: Actor, known: Known, facts: CaseFacts, event: CaseEvent) -> None:
    """Reply beneath the case, or let a reply stand."""
    if event.does == "reply":
        opening = get_post_facts(db, actor, facts.opening_public_id or "")
        post = reply(db, actor, opening, None, prepare(event.step["text"]), new_public_id())
        known.posts[event.step["post"]] = post.public_id
        return
    waiting = get_post_facts(db, actor, known.posts[event.step["post"]])
    decide(db, actor, waiting, DecisionDraft(Verb.APPROVE, waiting.latest))
