"""Level A: what names one person and is never sent. Each kind has its own finder over the normalised text.

Check digits: NHS number, CHI and Health and Care number share one rule, modulus 11 with the weights 10 to 2 (NHS Data
Dictionary, NHS NUMBER). An unlabelled number counts when it passes and something around it says that it is one.
"""

import re
from collections.abc import Iterator
from datetime import date

Hit = tuple[str, int, int]
DATE = (
    r"(?:\d{1,2}(?:st|nd|rd|th)?[\s./-]{1,3}(?:of\s+)?(?:\d{1,2}|(?:jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec)"
    r"[a-z]*)[\s.,/-]{1,3}(?:\d{4}|\d{2})(?!\d)|\d{4}-\d{1,2}-\d{1,2}"
    r"|(?:jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec)[a-z]*\s+\d{1,2}(?:st|nd|rd|th)?,?\s+\d{4}|\d{8}(?!\d))"
)
_IS = r"[\s:=#(.\"']{0,4}(?:is|was|are)?[\s:=#(\"']{0,3}"
_LABEL = r"(?:\s*(?:no|nos|num|number|id|identifier|ref)\b\.?|\s*\#)"
_TEN = r"\d(?:[\s.\-/]{0,3}\d){9}(?![\s.\-]?\d)"
_ANY_TEN = re.compile(rf"(?<![\d.\-/+])(?<!\d\s){_TEN}")
_THREE_THREE_FOUR = re.compile(r"\d{3}([ .\-\n]{1,2})\d{3}[ .\-\n]{1,2}\d{4}")
_LABELLED_TEN = (
    ("nhs_number", re.compile(rf"\bN\.?H\.?S\.?\b{_LABEL}?{_IS}({_TEN})", re.IGNORECASE)),
    ("chi_number", re.compile(rf"\bC\.?H\.?I\.?\b{_LABEL}?{_IS}({_TEN})", re.IGNORECASE)),
    (
        "hc_number",
        re.compile(
            rf"\b(?:H\s?(?:&|and|\+)\s?C|HCN|health\s+(?:and|&)\s+(?:social\s+)?care){_LABEL}?{_IS}({_TEN})",
            re.IGNORECASE,
        ),
    ),
)
_SAYS_SO = re.compile(
    r"\b(?:patients?|pts?|nhs|chi|number|no\.|mrn|records?|notes|hospital|identif\w+|d\.?o\.?b|admitted|referr\w+|"
    r"clinic|labels?|wristband|sample|request|look(?:ed)?\s+up|her|his|their|she|he|scan|results?)(?:\b|(?<=\.))",
    re.IGNORECASE,
)
_NINO = re.compile(
    r"\b(?!BG|GB|NK|KN|TN|NT|ZZ)([A-CEGHJ-PQR-TW-Z][A-CEGHJ-NPQR-TW-Z][\s.-]{0,2}\d{2}[\s.-]{0,2}\d{2}[\s.-]{0,2}\d{2}"
    r"[\s.-]{0,2}[A-D])\b",
    re.IGNORECASE,
)
_EMAIL = re.compile(r"[\w.+'-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,6}")
_EMAIL_SAID = re.compile(
    r"\b[\w.+-]{2,40}(?:\s+dot\s+[\w.+-]{2,40}){0,3}(?:\s*[\[(]\s*at\s*[\])]\s*|\s+at\s+)[\w-]{2,40}"
    r"(?:(?:\s*[\[(]\s*dot\s*[\])]\s*|\s+dot\s+)[a-z]{2,12}){1,4}\b",
    re.IGNORECASE,
)
_PHONE = re.compile(
    r"(?<![\w./])(?<!\d[\s-])(?:\+\s?44[\s.-]{0,2}(?:\(0\)[\s.-]{0,2})?[1-37-9]|0044[\s.-]{0,2}(?:\(0\)[\s.-]{0,2})?[1-37-9]"
    r"|\(?0[1-37-9])(?:[\s()./\-]{0,3}\d){8,9}(?![\s-]?\d)"
)
_PHONE_LABELLED = re.compile(
    r"\b(?:tel|telephone|phone|mobile|mob|landline|call(?:\s+\w+){0,2}\s+on|ring(?:\s+\w+){0,2}\s+on|whatsapp|text\s+\w+\s+on)"
    r"\b(?:\s*(?:no|number)\b\.?)?"
    rf"{_IS}(\+?\d(?:[\s.()-]{{0,2}}\d){{5,13}})(?!\d)",
    re.IGNORECASE,
)
_AREAS = (
    "AB|AL|BA|BB|BD|BH|BL|BN|BR|BS|BT|B|CA|CB|CF|CH|CM|CO|CR|CT|CV|CW|DA|DD|DE|DG|DH|DL|DN|DT|DY|EC|EH|EN|EX|E|FK|FY|GL|GU|"
    "GY|G|HA|HD|HG|HP|HR|HS|HU|HX|IG|IM|IP|IV|JE|KA|KT|KW|KY|LA|LD|LE|LL|LN|LS|LU|L|ME|MK|ML|M|NE|NG|NN|NP|NR|NW|N|OL|OX|"
    "PA|PE|PH|PL|PO|PR|RG|RH|RM|SA|SE|SG|SK|SL|SM|SN|SO|SP|SR|SS|ST|SW|SY|S|TA|TD|TF|TN|TQ|TR|TS|TW|UB|WA|WC|WD|WF|WN|WR|"
    "WS|WV|W|YO|ZE"
)
_POSTCODE = re.compile(
    rf"\b(?:GIR[\s-]?0AA|(?:{_AREAS})\d[\dA-HJKPS-UW]?[\s-]{{0,2}}\d(?!(?:st|nd|rd|th|hr|ds|ps|yr)\b)[ABD-HJLNP-UW-Z]{{2}})\b",
    re.IGNORECASE,
)
_HOSPITAL_NUMBER = re.compile(
    r"\b(?:(?:hospital|hosp|unit|patient|pt|case\s?notes?|notes|accession|episode|admission|lab(?:oratory)?|sample|specimen|"
    r"request|record|medical\s+record|pas|local\s+patient|radiology|x-?ray|study|image|district|referral|UBRN|booking)"
    rf"{_LABEL}|MRN{_LABEL}?|accession{_LABEL}?|CRN{_LABEL}?|URN{_LABEL}?|hosp(?:ital)?\s*\#|(?:K|RXX|X)-?number)"
    rf"{_IS}([A-Z]{{0,4}}[\s-]?\d(?:[\d/-]|\s(?=\d)){{3,14}}[A-Z]?)\b",
    re.IGNORECASE,
)
_BORN = re.compile(
    rf"\b(?:d\s?\.?\s?o\s?\.?\s?b\b\.?|date\s+of\s+birth|birth\s?date|birthday|born(?:\s+on)?|\bb\.)[\s:=#(,-]{{0,4}}(?:is|was|on)?"
    rf"[\s:=(]{{0,3}}(?:the\s+)?({DATE})",
    re.IGNORECASE,
)
_PROFILE = re.compile(
    r"\b(?:https?://)?(?:[\w-]{1,63}\.)?(?:linkedin\.com/(?:in|pub)/|facebook\.com/(?!groups|events|pages|watch|sharer|help)|fb\.com/|"
    r"(?:twitter|x)\.com/(?!search|hashtag|i/|home|intent)|instagram\.com/(?!p/|reel|explore)|tiktok\.com/@|threads\.net/@|"
    r"(?:justgiving|gofundme)\.com/(?!about|help)|bsky\.app/profile/|wa\.me/|youtube\.com/@)[\w.@%/?=&~-]{2,}"
    r"|\bhttps?://[\w.-]+(?::\d+)?/(?:[\w.%-]+/)*(?:~[\w.-]+|(?:people|person|profiles?|staff|users?|patients?|members?)/[\w.%-]{2,})"
    r"[\w./%?=&-]*",
    re.IGNORECASE,
)


ISSUED = "4679"
"""What NHS numbers of England and Wales begin with, and (9) those for tests; others count only with a context."""


def passes_modulus_11(digits: str) -> bool:
    """Whether the last of ten digits is the check digit of the nine before it."""
    total = sum(int(digit) * weight for digit, weight in zip(digits, range(10, 1, -1), strict=False))
    check = 11 - total % 11
    return check != 10 and check % 11 == int(digits[9])


def begins_with_a_birthday(digits: str) -> bool:
    """Whether six digits are a day of some year as DDMMYY, as a CHI number begins."""
    try:
        date(2000 + int(digits[4:6]), int(digits[2:4]), int(digits[:2]))
    except ValueError:
        return digits[:4] == "2902"
    return True


def find_stops(text: str, patterns: tuple[re.Pattern[str], ...] = ()) -> Iterator[Hit]:
    """Every identifier of level A as (kind, start, end). `patterns` are the numbers of the trust."""
    for kind, labelled in _LABELLED_TEN:
        yield from ((kind, *match.span(1)) for match in labelled.finditer(text))
    yield from _bare_numbers(text)
    for kind, pattern, group in (
        ("date_of_birth", _BORN, 1),
        ("hospital_number", _HOSPITAL_NUMBER, 1),
        ("national_insurance", _NINO, 1),
        ("email", _EMAIL, 0),
        ("email", _EMAIL_SAID, 0),
        ("phone", _PHONE, 0),
        ("phone", _PHONE_LABELLED, 1),
        ("postcode", _POSTCODE, 0),
        ("person_url", _PROFILE, 0),
    ):
        yield from ((kind, *match.span(group)) for match in pattern.finditer(text))
    for own in patterns:
        yield from (("hospital_number", *match.span()) for match in own.finditer(text))


def label_start(text: str, kind: str, start: int) -> int:
    """Where the label begins (`NHS number`, `born on`) of what was found at `start`; `start` where it has none."""
    labelled = (
        *_LABELLED_TEN,
        ("date_of_birth", _BORN),
        ("hospital_number", _HOSPITAL_NUMBER),
        ("phone", _PHONE_LABELLED),
    )
    for each, pattern in labelled:
        if each == kind:
            for match in pattern.finditer(text):
                if match.start(1) == start:
                    return match.start()
    return start


def _bare_numbers(text: str) -> Iterator[Hit]:
    """Ten digits without a label: a CHI by its birthday, an NHS number by its layout or by what stands around it."""
    for match in _ANY_TEN.finditer(text):
        digits = re.sub(r"\D", "", match[0])
        if not passes_modulus_11(digits):
            continue
        if begins_with_a_birthday(digits) and not re.search(r"[./]", match[0]):
            yield ("chi_number", *match.span())
        elif digits[0] in ISSUED or _THREE_THREE_FOUR.fullmatch(match[0]) or _is_said_to_be_one(text, match):
            is_irish = digits.startswith("3") and 320_000_001 <= int(digits[:9]) <= 399_999_999
            yield ("hc_number" if is_irish else "nhs_number", *match.span())


def _is_said_to_be_one(text: str, match: re.Match[str]) -> bool:
    around = text[max(0, match.start() - 60) : match.start()] + " " + text[match.end() : match.end() + 30]
    return _SAYS_SO.search(around) is not None
