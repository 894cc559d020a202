"""The rules of cases: what must be there, which holds a consent opens, small numbers, the state table."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lti_tool.boards import Hold
from lti_tool.cases import rules
from lti_tool.cases.forms import answer_draft, capture_draft, commit_draft, question_draft, review_draft, story_draft
from lti_tool.cases.rules import Basis, CaseState, Progress, Section, Sheet
from lti_tool.core.errors import Invalid

WHOLE = Sheet(
    title="Weak legs",
    setting="ward",
    life_stage="adult",
    has_presentation=True,
    question="What first?",
    options=["A", "B"],
    best=0,
    certainty="certain",
    has_explanation=True,
    points=1,
    basis="synthetic",
    basis_note="",
    speciality="renal",
)


def gaps(sheet: Sheet) -> list[str]:
    return [sentence for found in rules.missing(sheet).values() for sentence in found]


def test_a_whole_case_lacks_nothing():
    assert gaps(WHOLE) == []
    assert set(rules.progress(WHOLE).values()) == {Progress.COMPLETE}


@pytest.mark.parametrize(
    ("field", "nothing"),
    [
        ("title", ""),
        ("setting", ""),
        ("life_stage", ""),
        ("speciality", ""),
        ("has_presentation", False),
        ("question", ""),
        ("best", None),
        ("certainty", ""),
        ("has_explanation", False),
        ("points", 0),
        ("basis", ""),
    ],
)
def test_each_part_is_needed(field, nothing):
    assert len(gaps(replace(WHOLE, **{field: nothing}))) == 1


def test_one_option_is_none_and_no_option_is_a_free_answer():
    assert len(gaps(replace(WHOLE, options=["A"]))) == 1
    assert gaps(replace(WHOLE, options=[], best=None)) == []


@pytest.mark.parametrize("basis", Basis)
def test_a_consent_says_what_it_needs(basis):
    """An unsure author can never send; a form that exists is described in words and ticked by a reviewer."""
    without, described = replace(WHOLE, basis=basis), replace(WHOLE, basis=basis, basis_note="In the notes.")
    assert bool(gaps(described)) == (basis == Basis.UNSURE)
    assert bool(gaps(without)) == (basis == Basis.UNSURE or basis in rules.NEEDS_NOTE)
    assert {Hold.CLINICAL, Hold.PRIVACY} <= rules.holds_of(basis)
    assert (Hold.CONSENT in rules.holds_of(basis)) == (basis in rules.NEEDS_CONSENT_TICK)


def test_eight_consents_are_offered():
    assert list(rules.bases()) == list(Basis)
    assert len(Basis) == 8


def test_a_new_case_has_begun_nowhere():
    empty = Sheet("", "", "", False, "", [], None, "", False, 0, "", "", "renal")
    assert set(rules.progress(empty).values()) == {Progress.EMPTY}
    assert rules.progress(replace(empty, points=1))[Section.ANSWER] == Progress.BEGUN


def test_nothing_comes_back_once_it_is_taken_down():
    assert not rules.MOVES[CaseState.ENDED]
    assert not rules.MOVES[CaseState.WITHDRAWN]
    assert [old for old in CaseState if rules.may_move(old, CaseState.PUBLISHED)] == [CaseState.PENDING]


@given(st.lists(st.integers(0, 30), min_size=2, max_size=6))
def test_how_others_answered_is_hidden_below_five(numbers):
    options = [f"Option {number}" for number in range(len(numbers))]
    table = rules.answer_table(options, dict(enumerate(numbers)), 0, 1)
    if sum(numbers) < rules.FEWEST_SHOWN:
        assert table is None
        return
    assert table is not None
    assert [line.people for line in table] == sorted(numbers, reverse=True)
    assert sum(line.is_best for line in table) == sum(line.is_mine for line in table) == 1
    assert all(0 <= line.share <= 100 for line in table)
    assert abs(sum(line.share for line in table) - 100) <= len(numbers)


@given(st.lists(st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")), min_size=1), max_size=5))
def test_learning_points_come_back_as_they_were_written(points):
    assert rules.points_of(rules.points_source(points)) == points


def refused(read, *given_fields) -> set[str]:
    with pytest.raises(Invalid) as problem:
        read(*given_fields)
    return set(problem.value.fields)


def test_what_is_wrong_is_said_at_its_field():
    assert refused(capture_draft, {}) == {"speciality", "note"}
    assert refused(story_draft, {"title": "x" * 151, "setting": "moon"}) == {"title", "setting"}
    assert refused(question_draft, {"title": "?", "text": "A\nA"}) == {"text"}
    assert refused(question_draft, {"title": "?", "text": "\n".join("ABCDEFG")}) == {"text"}
    assert refused(answer_draft, {"note": "\n".join("ABCDEF")}) == {"note"}
    assert refused(answer_draft, {"text": "x" * 20_001}) == {"text"}
    assert refused(commit_draft, {"answer": "3"}, 3) == {"answer"}
    assert refused(commit_draft, {"text": " "}, 0) == {"text"}
    assert refused(review_draft, {"verb": "return", "seen": "1"}) == {"note"}
    assert refused(review_draft, {"verb": "reject", "seen": "1", "reason": "boring"}) == {"reason"}
    assert refused(review_draft, {"verb": "publish", "seen": "1"}) == set()


def test_a_draft_may_be_as_unfinished_as_it_is():
    assert story_draft({}).presentation is None
    assert question_draft({}).options == []
    assert answer_draft({}).best is None
