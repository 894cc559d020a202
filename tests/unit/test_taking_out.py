"""What stays of a sentence when a number and its label are taken out of it, and how far a name with a title goes."""

import pytest

from lti_tool.confidentiality import scan
from lti_tool.texts import accept, look_through


def without(words):
    return accept({"text": words}, look_through({"text": words}), "all")["text"]


@pytest.mark.parametrize(
    ("words", "left"),
    [
        ("NHS number 943 476 5919. The troponin rose.", "The troponin rose."),
        ("The NHS number is 943 476 5919. The troponin rose.", "The troponin rose."),
        ("The patient with NHS number 943 476 5919 taught me this.", "The patient taught me this."),
        ("The patient (NHS no. 943 476 5919) was pain free.", "The patient was pain free."),
        ("She was pale, NHS 943 476 5919, and cold.", "She was pale, and cold."),
        ("She was pale. MRN: RX123456", "She was pale."),
        ("943 476 5919 is the number on the patient’s label.", "Is the number on the patient’s label."),
        ("She was pale.\nNHS number 943 476 5919\nShe was cold.", "She was pale.\n\nShe was cold."),
        ("NHS number 943 476 5919", ""),
    ],
)
def test_the_label_goes_with_the_number(words, left):
    assert without(words) == left


@pytest.mark.parametrize(
    ("words", "name"),
    [
        ("I asked Dr Jonas Weir about it.", "Dr Jonas Weir"),
        ("I asked Dr Jonas about it.", "Dr Jonas"),
        ("Mrs Mary Thackeray came.", "Mrs Mary Thackeray"),
        ("Mr Thackeray Monday clinic.", "Mr Thackeray"),
        ("Mr Thackeray Was pain free.", "Mr Thackeray"),
    ],
)
def test_a_name_with_a_title_ends_where_the_name_ends(words, name):
    assert [finding.text for finding in scan(words) if finding.kind == "titled_name"] == [name]
