"""What changed between two versions: nothing is lost, words are the grain, and a long text costs little."""

import time

from hypothesis import given
from hypothesis import strategies as st

from lti_tool.texts.differences import Change, Run, differences

WORDS = st.lists(st.sampled_from(["a", "b", "rose", " ", "  ", "\n", "\r\n", "\t", "ü", "."]), max_size=40).map("".join)


def only(runs, *kinds):
    return "".join(run.words for run in runs if run.change in kinds)


@given(WORDS, WORDS)
def test_both_versions_are_whole(before, after):
    runs = differences(before, after)
    assert only(runs, Change.SAME, Change.GONE) == before
    assert only(runs, Change.SAME, Change.NEW) == after


def test_a_word_is_the_grain():
    assert differences("The troponin rose.", "The troponin fell.") == [
        Run(Change.SAME, "The troponin "),
        Run(Change.GONE, "rose."),
        Run(Change.NEW, "fell."),
    ]


def test_lines_that_stay_are_not_compared_word_by_word():
    before = "\n".join(f"Line {number} of many." for number in range(900))
    after = before.replace("Line 450 of", "Line 450 out of")
    assert only(differences(before, after), Change.NEW).strip() == "out"


def test_a_text_that_changed_wholesale_costs_little():
    before, after = ("".join(f"{word}{number} " for number in range(4000)) for word in ("a", "b"))
    began = time.process_time()
    runs = differences(before, after)
    assert [run.change for run in runs] == [Change.GONE, Change.NEW]
    assert time.process_time() - began < 1
