"""Words, digests and excerpts of search."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup

from lti_tool.search.rules import (
    EXCERPT_LENGTH,
    Digests,
    alike,
    as_fts5,
    as_tsquery,
    excerpt_of,
    fold,
    marked,
    words_of,
)

KEY = b"k" * 32


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Ménière", "meniere"),
        ("SJÖGREN", "sjogren"),
        ("Guillain–Barré", "guillain barre"),
        ("Hœmophilia", "hoemophilia"),
        ("stents", "stent"),
        ("biopsies", "biopsy"),
        ("doses", "dose"),
        ("e\u0301coute", "écoute"),
        ("Straße", "strasse"),
    ],
)
def test_what_people_take_for_the_same_word_is_the_same(one, other):
    assert words_of(one) == words_of(other)


@pytest.mark.parametrize(("one", "other"), [("sepsis", "sepsi"), ("abscess", "absces"), ("uterus", "uteru")])
def test_what_only_ends_like_a_plural_keeps_its_end(one, other):
    assert fold(one) != fold(other)


def test_words_that_tell_nothing_are_left_out():
    assert words_of("When does the P2Y12 inhibitor stop?") == ("p2y12", "inhibitor", "stop")
    assert words_of("what is the") == ()


def test_the_index_holds_no_word_and_none_of_another_trust():
    ours, theirs = Digests(KEY, 1), Digests(KEY, 2)
    tokens = ours.all_of("Stents", "Stop clopidogrel", [("board", 7)])
    assert not any("stent" in token or "clopidogrel" in token for token in tokens)
    assert set(tokens).isdisjoint(theirs.all_of("Stents", "Stop clopidogrel", [("board", 7)]))
    assert set(tokens).isdisjoint(Digests(b"x" * 32, 1).all_of("Stents", "Stop clopidogrel", [("board", 7)]))
    assert ours.word("stent") in tokens
    assert ours.title_word("stent") in tokens
    assert ours.title_word("clopidogrel") not in tokens


@given(st.text(max_size=60))
def test_nothing_that_is_typed_becomes_part_of_the_question_to_the_index(typed):
    groups = [[Digests(KEY, 1).word(word)] for word in words_of(typed)]
    allowed = set("abcdefghijklmnopqrstuvwxyz234567")
    for token in (token for group in groups for token in group):
        assert len(token) == 8
        assert set(token) <= allowed
    assert as_fts5(groups).count('"') == 2 * len(groups)
    assert as_tsquery(groups).count("'") == 2 * len(groups)


def test_an_excerpt_shows_what_was_found_and_escapes_all():
    text = "Before it. " * 60 + "Then <b>clopidogrel</b> & apixaban. " + "After it. " * 60
    shown = excerpt_of(text, words_of("Clopidogrel apixaban"))
    assert "&lt;b&gt;<mark>clopidogrel</mark>&lt;/b&gt; &amp; <mark>apixaban</mark>" in shown
    assert shown.startswith("…")
    assert shown.endswith("…")
    assert len(Markup(shown).striptags()) <= EXCERPT_LENGTH + 2


def test_what_is_found_by_its_title_alone_begins_at_its_beginning():
    assert excerpt_of("A short text.", ("elsewhere",)) == "A short text."


@given(st.text(max_size=400), st.text(max_size=20))
def test_an_excerpt_is_always_part_of_the_text_and_never_markup_of_its_own(text, typed):
    shown = str(excerpt_of(text, words_of(typed)))
    rest = shown.replace("<mark>", "").replace("</mark>", "")
    assert "<" not in rest
    assert ">" not in rest
    assert str(marked(text, words_of(typed))).count("<mark>") >= shown.count("<mark>")


def test_titles_that_share_most_words_come_first():
    hits = [[1, 2, 3], [2, 3], [3]]
    assert alike(hits, 3) == [3, 2]
    assert alike([[5, 4]], 1) == [5, 4]
    assert alike([], 0) == []
