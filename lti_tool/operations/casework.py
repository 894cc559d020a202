"""The cases of a seeded trust: written, sent, reviewed and answered by the room's own actions. All are made up."""

from random import Random

from sqlalchemy.orm import Session

from lti_tool.access import Actor
from lti_tool.cases import (
    CaseFacts,
    CaseState,
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
    specialities,
    story_draft,
)
from lti_tool.operations.crowd import WORDS, Group, public_id

DRAFT_SHARE, WAITING_SHARE, RETURNED_SHARE = 0.06, 0.06, 0.04
MOST_ANSWERS = 25


def write_cases(db: Session, groups: list[Group], count: int, rng: Random) -> None:
    """So many cases, course by course in turn: most published and answered, some unfinished, waiting or returned."""
    for number in range(count):
        group = groups[number % len(groups)]
        author = rng.choice(group.learners or group.tutors)
        name = _written(db, author, group, rng)
        fate = rng.random()
        if fate < DRAFT_SHARE:
            continue
        send_case(db, author, get_case(db, author, name), asks_trust=False)
        if fate >= DRAFT_SHARE + WAITING_SHARE:
            _reviewed(db, author, group, name, fate < DRAFT_SHARE + WAITING_SHARE + RETURNED_SHARE, rng)


def _written(db: Session, author: Actor, group: Group, rng: Random) -> str:
    """A whole draft; returns its public id."""
    topic, points = rng.choice(WORDS["topics"]), "\n".join(rng.sample(WORDS["points"], 2)).replace("*", "")
    speciality = rng.choice(list(specialities()))
    capture = capture_draft({"speciality": speciality, "note": points})
    name = begin_case(db, author, group.line, capture, public_id(rng)).public_id
    facts = get_case(db, author, name)
    story = {
        "title": f"A made-up case about {topic}",
        "speciality": speciality,
        "setting": rng.choice(("emergency", "ward", "clinic")),
        "life_stage": rng.choice(("adult", "older")),
        "text": " ".join(rng.sample(WORDS["sentences"], 3)),
    }
    answers = rng.sample(WORDS["answers"], 3)
    ending = {"text": " ".join(rng.sample(WORDS["sentences"], 3)), "note": points, "certainty": "certain"}
    save_story(db, author, facts, story_draft(story))
    save_question(db, author, facts, question_draft({"title": "What do you do first?", "text": "\n".join(answers)}))
    save_answer(db, author, facts, answer_draft(ending | {"best": str(rng.randrange(3))}))
    save_consent(db, author, facts, consent_draft({"basis": "synthetic"}))
    return name


def _reviewed(db: Session, author: Actor, group: Group, name: str, is_returned: bool, rng: Random) -> None:
    reviewers = [tutor for tutor in group.tutors if tutor != author]
    if not reviewers:
        return
    reviewer = rng.choice(reviewers)
    facts = get_case(db, reviewer, name)
    if is_returned:
        said = {"verb": "return", "seen": str(facts.sent), "reason": "topic", "note": "Please say more about the end."}
        review_case(db, reviewer, facts, review_draft(said))
        return
    ticks = {"verb": "tick", "seen": str(facts.sent), "clinical": "yes", "privacy": "yes"}
    if review_case(db, reviewer, facts, review_draft(ticks)) == CaseState.PUBLISHED:
        _answered(db, group, author, name, rng)


def _answered(db: Session, group: Group, author: Actor, name: str, rng: Random) -> None:
    others = [learner for learner in group.learners if learner != author]
    for learner in rng.sample(others, min(len(others), rng.randint(0, MOST_ANSWERS))):
        facts: CaseFacts = get_case(db, learner, name)
        draft = commit_draft({"answer": str(rng.choice((0, 1, 1, 2)))}, len(facts.options))
        commit_answer(db, learner, facts, draft)
