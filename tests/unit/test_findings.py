"""What becomes of a finding: named in words, marked in the text, taken out or replaced without harm to the rest."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lti_tool.confidentiality import Level
from lti_tool.texts import ASKED, CARE, CONTACTS, accept, check_of, from_rows, look_through, name_nobody
from lti_tool.texts.findings import as_rows, cut
from lti_tool.texts.rules import kinds
from tests.identifiers.corpus import families, sentences

TEXT = "Mrs Smith (NHS 943 476 5919) came on 3 May. Mrs Smith left on 5 May."


def text_after(text: str, key: str = "all") -> str:
    return accept({"text": text}, look_through({"text": text}), key)["text"]


PIECES = (
    "A 34-year-old Somali woman, a devout Muslim and bus driver from Leeds, with Fabry disease, one of twins, was in "
    'the news in March. Her brother said: "I have never seen her like this before".'
)


def test_everything_that_can_be_found_has_a_name():
    texts = [sentence.text for sentence in sentences(families(), 1)] + [PIECES, "Please review bed 6 now."]
    found = {each.finding.kind for text in texts for each in look_through({"text": text})}
    assert len(found) > 30
    assert found <= set(kinds())


@pytest.mark.parametrize(
    ("text", "after"),
    [
        (TEXT, "The patient came on day 1. The patient left on day 3."),
        ("Ring 01632 960983.", "Ring."),
        ("01632 960983 was engaged.", "Was engaged."),
        ("We rang 01632 960983 twice.", "We rang twice."),
        ("First line.\n01632 960983\nThird line.", "First line.\n\nThird line."),
        ("I asked Mr Smith.", "I asked the patient."),
        ("- Mr Smith\n- Mrs Smith", "- the patient\n- the patient"),
        ("**Mr Smith** left.", "**the patient** left."),
        ("The troponin rose.", "The troponin rose."),
    ],
)
def test_all_suggestions_leave_whole_sentences(text, after):
    assert text_after(text) == after


def test_a_key_that_belongs_to_nothing_changes_nothing():
    for key in ("", "nothing", "text-date-0-0", "text-titled_name-" + "0" * 12 + "-0"):
        assert text_after(TEXT, key) == TEXT


def test_a_request_for_care_has_no_suggestion_that_would_hide_it():
    text = "Please review Mr Smith in bed 6."
    assert {each.finding.level for each in look_through({"text": text})} == {Level.REFUSE}
    assert text_after(text) == text


def test_what_stops_can_be_asked_about_and_not_explained_away():
    keys = {each.finding.kind: each.key for each in look_through({"text": TEXT})}
    kept = {keys["nhs_number"]: "staff", keys["titled_name"]: ASKED, keys["date"]: "other"}
    assert {each.finding.kind for each in look_through({"text": TEXT}, kept) if each.reason} == {"date"}
    asked = look_through({"text": TEXT}, {keys["nhs_number"]: ASKED})
    assert not check_of({"text": TEXT}, asked).stops


def test_a_revision_keeps_places_and_gives_the_words_back():
    fields = {"title": "Mr Smith", "text": TEXT}
    found = look_through(fields)
    rows = as_rows(found)
    assert "Smith" not in str(rows)
    assert "943" not in str(rows)
    assert [each.finding.text for each in from_rows(rows, fields)] == [each.finding.text for each in found]


@given(st.text(alphabet="Mr Smithbed 67PleaserviewNHS94347659190.\n\u200b", max_size=120))
def test_a_text_in_pieces_is_the_text(text):
    found = look_through({"text": text})
    assert "".join(piece.words for piece in cut(text, "text", found)) == text
    accept({"text": text}, found, "all")


def test_forms_name_what_they_refuse_and_places_allow_what_belongs_there():
    given_fields = {
        "note": "Write to jane.doe@nhs.net",
        "text": "Please review bed 6 now.",
        "title": "NHS 943 476 5919",
    }
    problems = name_nobody(given_fields)
    assert problems["note"] == "Take out “jane.doe@nhs.net”. An e-mail address names one person."
    assert "clinical system" in problems["text"]
    assert set(name_nobody(given_fields, CARE | CONTACTS)) == {"title"}
    assert not name_nobody({"text": "Mr Smith came on 3 May."})
