"""How strong an answer is: references are tidied offline, and nothing is endorsed that says not from where."""

import pytest

from lti_tool.core.errors import Invalid
from lti_tool.texts.evidence import EvidenceLevel, read_evidence, tidy_reference


@pytest.mark.parametrize(
    ("typed", "label", "href"),
    [
        ("10.1056/NEJMoa1611594", "doi:10.1056/NEJMoa1611594", "https://doi.org/10.1056/NEJMoa1611594"),
        ("doi: 10.1056/NEJMoa1611594.", "doi:10.1056/NEJMoa1611594", "https://doi.org/10.1056/NEJMoa1611594"),
        ("https://dx.doi.org/10.1016/S0140-6736(20)30183-5", "doi:10.1016/S0140-6736(20)30183-5", "https://doi.org/10.1016/S0140-6736(20)30183-5"),
        ("PIONEER AF-PCI, 2016. doi:10.1056/NEJMoa1611594", "PIONEER AF-PCI, 2016, doi:10.1056/NEJMoa1611594", "https://doi.org/10.1056/NEJMoa1611594"),
        ("PMID: 27959713", "PMID 27959713", "https://pubmed.ncbi.nlm.nih.gov/27959713/"),
        ("https://pubmed.ncbi.nlm.nih.gov/27959713/", "PMID 27959713", "https://pubmed.ncbi.nlm.nih.gov/27959713/"),
        ("NICE NG185", "NICE NG185", "https://www.nice.org.uk/guidance/ng185"),
        ("https://www.bnf.org/a?utm_source=x&b=1", "bnf.org/a", "https://www.bnf.org/a?b=1"),
        ("Braunwald, Heart Disease, 12th edition", "Braunwald, Heart Disease, 12th edition", ""),
        ("javascript:alert(1)", "javascript:alert(1)", ""),
        ("data:text/html,<script>x</script>", "data:text/html,<script>x</script>", ""),
        ("http://[broken", "http://[broken", ""),
    ],
)  # fmt: skip
def test_a_reference_is_tidied_without_asking_anybody(typed: str, label: str, href: str) -> None:
    found = tidy_reference(typed)
    assert (found.typed, found.label, found.href) == (typed, label, href)


@pytest.mark.parametrize(
    ("level", "references", "may"),
    [
        ("", "", False),
        ("", "NICE NG185", False),
        ("guideline", "", False),
        ("trial", "PMID 1", True),
        ("expert", "", True),
        ("local", "", True),
    ],
)
def test_what_may_be_endorsed_says_where_it_comes_from(level: str, references: str, may: bool) -> None:
    assert read_evidence(level, references).may_be_endorsed is may


def test_what_is_too_much_or_unknown_comes_back_with_a_sentence() -> None:
    with pytest.raises(Invalid) as refused:
        read_evidence("gossip", "\n".join("abcdef"))
    assert set(refused.value.fields) == {"level", "references"}
    with pytest.raises(Invalid):
        read_evidence("trial", "x" * 401)


def test_lines_are_read_one_by_one() -> None:
    found = read_evidence("guideline", "NICE NG185\n\n  PMID 27959713  ")
    assert found.level is EvidenceLevel.GUIDELINE
    assert [one.label for one in found.references] == ["NICE NG185", "PMID 27959713"]
