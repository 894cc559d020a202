"""The identifier check: what it must find, what it must leave alone, and that disguise and malice do not help."""

import socket
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lti_tool.confidentiality import Level, TrustWords, jigsaw_score, needs_second_reviewer, scan
from tests.identifiers.corpus import clean_sentences, families
from tests.identifiers.score import measure


def found(text: str, level: str, own: TrustWords = TrustWords()) -> list[tuple[str, str]]:  # noqa: B008 - frozen
    """The findings of a level as (kind, words)."""
    return [(finding.kind, finding.text) for finding in scan(text, own) if finding.level == level]


@pytest.mark.parametrize(
    ("text", "kind", "words"),
    [
        ("NHS no 999 000 0018 here", "nhs_number", "999 000 0018"),
        ("NHS number: 9990000018.", "nhs_number", "9990000018"),
        ("NHS 123 456 7890 (mistyped)", "nhs_number", "123 456 7890"),
        ("the patient 999-000-0018", "nhs_number", "999-000-0018"),
        ("CHI 0101701234", "chi_number", "0101701234"),
        ("H&C no. 320 000 0010", "hc_number", "320 000 0010"),
        ("her NI number QQ 12 34 56 C", "national_insurance", "QQ 12 34 56 C"),
        ("write to jane.doe+x@nhs.net please", "email", "jane.doe+x@nhs.net"),
        ("jane at nhs dot net", "email", "jane at nhs dot net"),
        ("ring 07700 900123 now", "phone", "07700 900123"),
        ("ring (020) 7946 0123 now", "phone", "(020) 7946 0123"),
        ("ring +44 (0)7700 900 123", "phone", "+44 (0)7700 900 123"),
        ("tel: 496 0123", "phone", "496 0123"),
        ("lives at sw1a 2aa", "postcode", "sw1a 2aa"),
        ("hospital number RXX 123456", "hospital_number", "RXX 123456"),
        ("MRN: 1234567", "hospital_number", "1234567"),
        ("accession no. 20-1234567", "hospital_number", "20-1234567"),
        ("DOB 12/03/1954", "date_of_birth", "12/03/1954"),
        ("date of birth: 12th March 1954", "date_of_birth", "12th March 1954"),
        ("born on 1954-03-12", "date_of_birth", "1954-03-12"),
        ("see facebook.com/jane.doe.7", "person_url", "facebook.com/jane.doe.7"),
    ],
)
def test_what_names_one_person_stops_the_text(text, kind, words):
    assert (kind, words) in found(text, "A")


@pytest.mark.parametrize(
    ("text", "kind", "words", "instead"),
    [
        ("He came on 12 March 2024 with pain.", "date", "12 March 2024", "day 1"),
        ("Mr Thackeray has pain.", "titled_name", "Mr Thackeray", "the patient"),
        ("Dr O'Brien told me.", "titled_name", "Dr O'Brien", "a colleague"),
        ("I met Doreen Thackeray.", "full_name", "Doreen Thackeray", "the patient"),
        ("doreen jones had it", "full_name", "doreen jones", "the patient"),
        ("OKAFOR, Samuel", "full_name", "OKAFOR, Samuel", "the patient"),
        ("The patient JB was cold.", "initials", "JB", "the patient"),
        ("a lady called Doris", "first_name", "Doris", "the patient"),
        ("on ward 7 bed 12", "ward_bed", "ward 7 bed 12", "a ward"),
        ("at Northmoor General Hospital", "hospital", "Northmoor General Hospital", "a hospital"),
        ("the Oak Lane Surgery", "hospital", "Oak Lane Surgery", "a practice"),
        ("found outside 12 High Street", "street", "12 High Street", ""),
        ("a 93-year-old man", "age_over_89", "93-year-old", "aged 90 or over"),
        ("GMC 7012345", "registration_number", "GMC 7012345", ""),
        ("NMC pin 12A3456E", "registration_number", "NMC pin 12A3456E", ""),
        ("bleep 2345", "bleep", "bleep 2345", ""),
        ("ask @cardio_amir", "handle", "@cardio_amir", "a colleague"),
        ("Doreen_Smith_ECG.jpg", "file_name", "Doreen_Smith_ECG.jpg", "file.jpg"),
    ],
)
def test_what_can_point_to_one_person_is_warned_of(text, kind, words, instead):
    assert (kind, words, instead) in [(f.kind, f.text, f.suggestion) for f in scan(text) if f.level == "B"]


def test_days_are_counted_from_the_first_that_is_written():
    text = "Admitted on 12 March 2024, operated 14/03/2024, discharged on 20 March 2024."
    assert [f.suggestion for f in scan(text) if f.kind == "date"] == ["day 1", "day 3", "day 9"]


@pytest.mark.parametrize(
    "text",
    [
        "GCS 3/15, then 13/15.",
        "2/52 of pain, 5/7 of fever, 3/12 of weight loss",
        "on 5/7 of doxycycline",
        "T2N1M0, L4/5 and C5/6",
        "BP 120/80, SpO2 94%, 500 mL over 15 min",
        "NCT01234567, PMID 12345678, doi:10.1056/NEJMoa2034577",
        "ISBN 0-306-40615-2 and ISBN 978-0-19-967970-9",
        "HbA1c 48 mmol/mol, eGFR 34",
        "Addison's disease, Graves' disease, Parkinson's",
        "Graham Steell murmur, Charles Bonnet syndrome, Ramsay Hunt syndrome",
        "May I? Will he Mark this? Grant me a Rose.",
        "ICD-10 I21.0, OPCS K75.1, SNOMED CT 22298006",
        "NICE NG51, updated 31 January 2024",
        "The exam is on 12 March.",
        "Mr X told Dr Y, in a role play",
        "General Practice, Vascular Surgery and the Fracture Clinic",
        "an R wave of 80 ms after 40 ms",
        "Bed rest for 24 hours; the ward round is at 8",
    ],
)
def test_medicine_does_not_alarm(text):
    assert [f for f in scan(text) if f.level in ("A", "B", "refuse")] == []


@pytest.mark.parametrize(
    "text",
    [
        "bed 4 wants to see Dr X",
        "please review bed 6",
        "Can someone cannulate Mrs Jones in bed 3?",
        "Could the SHO come to the patient on ward 7, she is unwell",
        "Handover: bed 12 awaiting CT",
        "pt in side room 2 needs a new chart",
    ],
)
def test_care_that_happens_now_is_refused(text):
    findings = [f for f in scan(text) if f.level is Level.REFUSE]
    assert findings
    assert findings[0].suggestion == "Use the clinical system."


@pytest.mark.parametrize(
    "text",
    ["Please review this ECG with me.", "Can anyone see the delta wave?", "How do I prescribe oxygen for a patient?"],
)
def test_questions_about_medicine_are_not_care(text):
    assert not found(text, "refuse")


@pytest.mark.parametrize(
    "typed",
    [
        "\uff19\uff19\uff19 \uff10\uff10\uff10 \uff10\uff10\uff11\uff18",  # full width
        "999\u200b000\u200b0018",  # zero width
        "999\u00a0000\u00a00018",  # no-break spaces
        "999 000\n0018",  # over the end of a line
        "999\u2013000\u20130018",  # dashes
        "\u0669\u0669\u0669 \u0660\u0660\u0660 \u0660\u0660\u0661\u0668",  # Arabic-Indic digits
        "99900000\u00ad18",  # a soft hyphen
    ],
)
def test_disguise_does_not_help_and_positions_are_those_of_the_typed_text(typed):
    text = f"NHS number {typed} is hers"
    finding = next(f for f in scan(text) if f.level == "A")
    assert text[finding.start : finding.end] == typed == finding.text


def test_three_pieces_of_the_jigsaw_want_a_second_reviewer():
    one = scan("A farmer with a cough.")
    assert (jigsaw_score(one), needs_second_reviewer(one)) == (1, False)
    three = scan("A 45-year-old farmer from Leeds, one of twins, was in the news in March 2024.")
    assert jigsaw_score(three) >= 3
    assert needs_second_reviewer(three)


def test_a_trust_adds_its_own_words():
    own = TrustWords(hospitals=("The Lodge",), numbers=(r"\bNM\d{5}\b",))
    text = "NM12345 came from the Lodge"
    assert found(text, "A", own) == [("hospital_number", "NM12345")]
    assert found(text, "B", own) == [("hospital", "the Lodge")]
    assert not found(text, "A")


@given(st.text(max_size=400) | st.lists(st.sampled_from([*families(), *clean_sentences()]), max_size=4).map(" ".join))
def test_findings_quote_the_text_and_do_not_overlap(text):
    last = 0
    for finding in scan(text):
        assert text[finding.start : finding.end] == finding.text
        if finding.level is not Level.REFUSE and finding.kind not in ("email", "person_url"):
            assert finding.start >= last
            last = finding.end


def test_the_check_opens_no_socket_and_knows_no_network(monkeypatch):
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("the check wanted the network")

    monkeypatch.setattr(socket, "socket", refuse)
    assert scan("NHS no 999 000 0018 for Mr Thackeray of 12 High Street")
    used = {name for name in sys.modules if name.startswith("lti_tool.confidentiality")}
    assert not any("socket" in vars(sys.modules[name]) for name in used)


def test_our_own_corpus_is_read_as_well_as_we_promise():
    """The targets of the confidentiality page, on the half that was not looked at."""
    score = measure("test")
    assert score.recall("A") >= 0.99
    assert score.precision >= 0.95
    assert score.recall("B") >= 0.90
    assert score.alarms <= 1


def test_paper_notes_are_not_the_news():
    assert ("event", "in the paper") not in found("The form is in the paper notes.", "C")
    assert ("event", "in the papers") in found("It was in the papers at the time.", "C")
