"""The author's own name is found as people sign, and not in words that only look like it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lti_tool.confidentiality import OWN_NAME, find_own_name
from lti_tool.texts import accept, beside_own_names, look_through, own_names

ZEPHYRINE = "Dr Zephyrine Quillfeather"


def found(text: str, name: str = ZEPHYRINE) -> list[str]:
    return [each.text for each in find_own_name(text, name)]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Thanks, Zephyrine Quillfeather", ["Zephyrine Quillfeather"]),
        ("thanks, zephyrine", ["zephyrine"]),
        ("QUILLFEATHER, Zephyrine (F1)", ["QUILLFEATHER, Zephyrine"]),
        ("Dr. Quillfeather's plan was mine.", ["Quillfeather"]),
        ("See zephyrine.quillfeather on the intranet", ["zephyrine.quillfeather"]),
        ("I am @zephyrine_q there", ["zephyrine"]),
        ("Z\u200bephyrine wrote this", ["Z\u200bephyrine"]),
        ("\uff3aephyrine wrote this", ["\uff3aephyrine"]),
        ("Zephyrine M. Quillfeather", ["Zephyrine M. Quillfeather"]),
        ("It was for me.\n\n- ZQ", ["ZQ"]),
        ("It was for me.\n\nZ. Q.", ["Z. Q."]),
        ("The ZQ ratio fell.", []),
        ("Zephyrinella was another.", []),
        ("The doctor came, and Dr Marsh too.", []),
    ],
)
def test_a_name_that_is_nothing_else_is_found_however_it_is_written(text, words):
    assert found(text) == words


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("Grace Young", "Young patients bleed less. Grace is a virtue, and grace again.", []),
        ("Grace Young", "Ask for Grace or for Dr Young.", ["Grace", "Young"]),
        ("Grace Young", "It was for me.\n\nGrace", ["Grace"]),
        ("Grace Young", "It was for me.\n\nGrace Young, F1", ["Grace Young"]),
        ("Will Addison", "Addison's disease will come. Will it? I saw Addison's disease.", []),
        ("Siân Birch", "Thanks, Sian. And Siân.", ["Sian", "Siân"]),
        ("Jo Li", "Jo and Li are short; Jo Li is not.", ["Jo Li"]),
        ("", "Nobody has no name.", []),
        ("Dr", "Dr is no name.", []),
    ],
)
def test_a_name_that_is_a_word_as_well_counts_where_it_is_written_as_one(name, text, words):
    assert found(text, name) == words


@given(st.text(alphabet="Zephyrin Quilfat.,\n-ZQé\u200b", max_size=80))
def test_every_place_is_where_it_says(text):
    last = 0
    for each in find_own_name(text, ZEPHYRINE):
        assert text[each.start : each.end] == each.text
        assert each.kind == OWN_NAME
        assert last <= each.start < each.end
        last = each.end


def test_to_its_author_the_own_name_counts_once_and_what_stops_comes_first():
    fields = {"title": "Zephyrine asks", "text": "Priya Nadar here, priya.nadar@nhs.example. Ask Mary Jones."}
    own = own_names(fields, "Priya Nadar")
    told = beside_own_names(look_through(fields), own)
    assert [(each.finding.kind, each.finding.text) for each in told] == [
        ("own_name", "Priya Nadar"),
        ("email", "priya.nadar@nhs.example"),
        ("full_name", "Mary Jones"),
    ]
    assert accept(fields, told, own[0].key)["text"].startswith("Here, priya.nadar@")
    kept = {own[0].key: "known"}
    assert [each.finding.text for each in own_names(fields, "Priya Nadar", kept)] == ["priya.nadar"]
    assert own_names(fields, "Priya Nadar", {own[0].key: "staff"}) == own
