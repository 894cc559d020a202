"""What a board's policy asks for, how figures are counted, and what is shown of a suggestion."""

import pytest

from lti_tool.boards import BoardPolicy
from lti_tool.boards.rules import PostState, first_state, looks_first
from lti_tool.moderation.figures import slowest_tenth
from lti_tool.moderation.rules import BEYOND, TAKEN_BACK_BY, Period, Verb
from lti_tool.texts import changes_between, redacted


@pytest.mark.parametrize("policy", list(BoardPolicy))
def test_what_the_check_holds_waits_whatever_the_board_and_the_author(policy):
    assert first_state(policy, skips_queue=True, needs_review=True) == PostState.PENDING


@pytest.mark.parametrize("policy", list(BoardPolicy))
def test_who_decides_here_waits_for_no_policy(policy):
    everything = {"is_sealed": True, "has_images": True, "is_newcomer": True}
    assert first_state(policy, skips_queue=True, needs_review=False, **everything) == PostState.PUBLISHED


@pytest.mark.parametrize(
    ("policy", "waits"),
    [
        (BoardPolicy.OFF, set()),
        (BoardPolicy.ALL, {"", "is_sealed", "has_images", "is_newcomer"}),
        (BoardPolicy.FIRST, {"is_newcomer"}),
        (BoardPolicy.ANONYMOUS, {"is_sealed"}),
        (BoardPolicy.IMAGES, {"has_images"}),
        (BoardPolicy.CHECK, set()),
    ],
)
def test_a_policy_looks_at_its_own_fact_alone(policy, waits):
    for fact in ("", "is_sealed", "has_images", "is_newcomer"):
        facts = {name: name == fact for name in ("is_sealed", "has_images", "is_newcomer")}
        assert looks_first(policy, **facts) == (fact in waits), fact


@pytest.mark.parametrize(
    ("minutes", "tenth"), [([], None), ([7], 7), ([1, 2, 3, 4, 5, 6, 7, 8, 9, 10], 9), (list(range(1, 101)), 90)]
)
def test_nine_in_ten_were_decided_within_this_time(minutes, tenth):
    assert slowest_tenth([minute * 60 for minute in minutes]) == tenth


def test_a_period_divides_evenly():
    for period in Period:
        assert not period.length % period.step


def test_every_decision_that_settles_something_can_be_taken_back():
    assert set(TAKEN_BACK_BY) == set(Verb) - {Verb.SECOND, Verb.UNDO} - BEYOND


def test_names_go_and_come_as_a_whole():
    changes = [(each.kind, each.words) for each in changes_between("Mr Thackeray came.", "A patient came.")]
    assert changes == [("out", "Mr Thackeray "), ("in", "A patient "), ("", "came.")]
    assert changes_between("", "") == []


def test_a_suggestion_takes_every_finding_even_those_that_the_author_kept():
    words = redacted("Why?", "Mr Thackeray came on 14 November to ward 7 bed 12.")
    assert "Thackeray" not in words["text"]
    assert "November" not in words["text"]
    assert "bed 12" not in words["text"]
