"""What only looks like an identifier: references, registers of studies, books and codes. Nothing in it is reported."""

import re

SAFE = re.compile(
    r"""
      \b(?:doi:?\s*)?10\.\d{4,9}/[^\s"<>]+                      # DOI (ISO 26324)
    | \b(?:pmid|pmcid|pubmed)\s*:?\s*(?:pmc)?\d{4,9}\b | \bPMC\d{5,9}\b
    | \bNCT\s?\d{8}\b | \bISRCTN\s?\d{6,9}\b | \bACTRN\d{14}\b | \b(?:eudract|ctis)\D{0,12}\d{4}-\d{6}-\d{2}(?:-\d{2})?
    | \bCRD\s?\d{8,12}\b | \barXiv:\s?\d{4}\.\d{4,5}
    | \bISBN(?:-1[03])?\s*:?\s*[\dX](?:[\s-]?[\dX]){9,12}\b | \bISSN\s*:?\s*\d{4}-?\d{3}[\dX]\b
    | \bORCID\D{0,20}(?:\d{4}-){3}\d{3}[\dX]\b | \b(?:\d{4}-){3}\d{3}[\dX]\b
    | \b(?:SNOMED|SCTID|concept\s+id|LOINC|dm\+d|product\s+code)[\w\s-]{0,6}:?\s*[\d-]{4,18}\b
    | \b(?:charity|company|VAT|licen[cs]e|batch|lot|version|invoice|order)\s*(?:no\.?|number|registration)?\s*:?\s*
      [A-Z]{0,3}\d{4,12}\b
    """,
    re.VERBOSE | re.IGNORECASE,
)


def safe_spans(text: str) -> list[tuple[int, int]]:
    """Where the text quotes references and codes."""
    return [match.span() for match in SAFE.finditer(text)]
