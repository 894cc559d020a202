"""Level B: what can point to one person, and what could stand in its place. Suggestions never add a fact."""

import re
from collections.abc import Iterator
from datetime import date

from lti_tool.confidentiality.words import (
    ABBREVIATIONS,
    EPONYM_NOUNS,
    EPONYMS,
    FIRST_NAMES,
    FIRST_NAMES_TOO,
    NAMELESS,
    NOT_SURNAMES,
    SURNAMES,
)

Hit = tuple[str, int, int, str]
A_SENTENCE = 240
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|"
    r"nov(?:ember)?|dec(?:ember)?)"
)
_DATES = re.compile(
    rf"(?<![\w./-])(?:(?P<d1>\d{{1,2}})[./-](?P<m1>\d{{1,2}})[./-](?P<y1>\d{{4}}|\d{{2}})|(?P<y2>(?:19"
    rf"|20)\d\d)-(?P<m2>\d\d)-(?P<d2>\d\d)"
    rf"|(?P<d3>\d{{1,2}})(?:st|nd|rd|th)?[ -](?:of )?(?P<m3>{_MONTH})\b(?:[ ,-]{{1,2}}(?P<y3>(?:19|20)\d\d"
    rf"|'?\d\d(?![\d:.])))?"
    rf"|(?P<m4>{_MONTH})\.? (?:the )?(?P<d4>\d{{1,2}})(?:st|nd|rd|th)?(?![\d:/%])(?:,? (?P<y4>(?:19"
    rf"|20)\d\d))?)(?![\w/])",
    re.IGNORECASE,
)
_DAY_AND_MONTH = re.compile(
    r"\b(?:on|since|dated|admitted|discharged|seen|until|from)\s+(?:the\s+)?(?P<d>\d{1,2})/(?P<m>1[0-2]"
    r"|0?[1-9])(?![\d/])",
    re.IGNORECASE,
)
_OF_PAPERS = re.compile(
    r"\b(?:published|updated|accessed|version|issued|reviewed|guid(?:eline|ance)s?|NICE|NG\d+|SIGN|BNF"
    r"|last\s+checked|deadline|exams?|"
    r"interview|conference|teaching|lecture|induction|rota|course|webinar|meeting|session|journal|BMJ|Lancet"
    r"|applications?|"
    r"MHRA|alert|bank\s+holiday|study\s+leave|PACES|MRCP|ARCP|OSCE|submit|register|grand\s+round)\b",
    re.IGNORECASE,
)
_OF_PATIENTS = re.compile(
    r"\b(?:admit\w*|discharg\w*|patient|pt|presented|seen\s+in|clinic|operat\w+|died|surgery|delivered"
    r"|transferred|he|she|his|her|they)\b",
    re.IGNORECASE,
)
_FOR_PATIENTS = {"mr", "mrs", "ms", "miss", "mx", "master"}
_SURNAME = (
    r"(?:(?:van|von|de|der|den|al|el|bin|ap|ab|Mc|Mac|O'|D'|St)[ '-]?){0,2}[A-Z][a-zà-ž]+(?:['-]?[A-Z][a-zà-ž]+)*"
)
_TITLED = re.compile(
    rf"\b(?P<title>Mr|Mrs|Ms|Miss|Mx|Master|Dr|Doctor|Prof|Professor|Sister|Nurse|Matron|Sir|Lady|Lord|Dame|Rev"
    rf"|Reverend|"
    rf"MR|MRS|DR|mr|mrs|dr|prof)\.?\s+(?:(?:[A-W]\.?\s){{0,2}}|[A-Z][a-zà-ž]+\s)(?P<name>{_SURNAME}"
    rf"|[A-Z][A-Z'-]{{2,}})\b"
)
_AND_SURNAME = re.compile(rf" (?P<name>{_SURNAME})\b")
_TITLED_SMALL = re.compile(r"\b(?P<title>mr|mrs|miss|dr)\.?\s+(?P<name>[a-z][a-z'-]{2,})\b")
_FULL = re.compile(
    rf"\b(?P<first>[A-Z][a-zà-ž]+(?:-[A-Z][a-zà-ž]+)?)\s+(?:[A-Z]\.?\s+"
    rf"|(?P<middle>[A-Z][a-zà-ž]+)\s+)?(?P<name>{_SURNAME})(?!\w)"
)
_FULL_ANY_CASE = re.compile(r"\b(?P<first>[a-z]{2,}|[A-Z]{2,})\s+(?P<name>[a-z'-]{3,}|[A-Z'-]{3,})\b")
_TURNED = re.compile(
    r"\b(?P<name>[A-Z]{3,}|[A-Z][a-z]+),\s*(?P<first>[A-Z][a-z]+|[A-Z]{3,})\b(?!\s+[A-Z]\b)(?!\s+et\s+al)"
)
_CALLED = re.compile(r"\b(?:called|named|name\s+is|name\s+was|name:|known\s+as)\s+(?P<first>[A-Z][a-z]+)\b")
_INITIALS = re.compile(
    r"\b(?:[Pp]atient|[Pp]t|PATIENT)(?:'s)?\s*[:(]?\s*(?P<a>[A-Z]\.\s?[A-Z]\.?|[A-Z]{2,3}(?=[,)\s]\s*(?:is|was"
    r"|has|had|who|aged|\d|,|presented|attended|came|\()))"
    r"|\b[Ii]nitials?\b[\s:(]{0,3}(?:are|is|were|of)?\s*(?P<b>[A-Z]\.?\s?[A-Z]\.?(?:\s?[A-Z]\.?)?)(?![a-z])"
    r"|\b(?:Mr|Mrs|Ms|Miss)\.?\s+(?P<c>[A-Z]\.?\s?[A-Z]\.?|[A-Z]\.)(?![a-zA-Z])"
    r"|(?<![\w.])(?P<d>[A-Z]\.\s?[A-Z]\.?),?\s*\(?(?=\d{1,3}[\s-]?(?:years?|yrs?|y/?o|[MF]\b))"
    r"|(?<![\w.])(?P<e>[A-Z]{2})(?=,\s*\d{1,3}\s?(?:years?|yrs?|y/?o|[MF]\b))"
)
_BED = re.compile(
    r"\b(?:ward\s+[A-Z]?\d{1,3}[A-Z]?[\s,]{1,3}(?:bay\s+\w{1,2}[\s,]{1,3})?)?(?:bed|side\s?room|cubicle"
    r"|bay)(?:\s*(?:no\.?|number|space)\s*|\s+|-)"
    r"(?:[A-Z]?\d{1,3}[A-Z]?)(?!\s*(?:hours?|hrs?|days?|weeks?|times|%|units?|beds|sores|minutes|mins?|mm|cm))"
    r"(?:[\s,]{1,3}(?:of|on|in)?\s*(?:the\s+)?ward\s+[A-Z]?\d{1,3}[A-Z]?)?\b",
    re.IGNORECASE,
)
_WARD = re.compile(r"\b[Ww]ard\s+(?:[A-Z]?\d{1,3}[A-Z]?|[A-Z]\d{1,2})\b(?!\s*(?:rounds?|beds))")
_KIND_OF_PLACE = (
    r"(?P<what>Hospitals?|Infirmary|Hospice|Surgery|(?:Medical|Health|Treatment|Walk-in)\s+Cent(?:re|er)"
    r"|Medical\s+Practice|Practice|"
    r"(?:Care|Nursing|Residential)\s+Home|(?:NHS\s+)?(?:Foundation\s+)?Trust|Clinic)"
)
_PLACE = re.compile(
    rf"\b(?P<name>(?:St\.?\s+)?(?:(?!The\b|At\b|In\b|From\b|Our\b|To\b|A\b)[A-Z][\w'-]+\s+(?:of\s+|and\s+"
    rf"|&\s+)?){{1,5}}){_KIND_OF_PLACE}\b"
)
_WELL_KNOWN = re.compile(
    r"\b(?:Addenbrooke'?s|Papworth|Barts|Great\s+Ormond\s+Street|GOSH|UCLH|St\.?\s+(?:Thomas|Mary|George|James"
    r"|Bartholomew|Helier|Peter)'?s?'?"
    r"(?!\s+(?:Church|School|Road))|Guy's|King's\s+College\s+Hospital|John\s+Radcliffe|Royal\s+Free|Moorfields"
    r"|Stoke\s+Mandeville|"
    r"Alder\s+Hey|Wythenshawe|Jimmy's|Queen\s+Elizabeth\s+Hospital|Northwick\s+Park|Whipps\s+Cross|Christie"
    r"|Clatterbridge|"
    r"Hammersmith\s+Hospital|Freeman\s+Hospital|Harefield|Royal\s+Marsden)(?!\w)"
)
_STREET_WORD = (
    r"(?:Street|St|Road|Rd|Avenue|Ave|Lane|Ln|Close|Drive|Crescent|Cres|Terrace|Way|Gardens|Grove|Place|Court"
    r"|Square|Hill|Row|Mews|Walk|Rise|View)"
)
_STREET = re.compile(
    rf"\b(?:[Ff]lat\s+\w{{1,4}},?\s+)?\d{{1,4}}[A-Za-z]?,?\s+(?:[A-Z][a-z'-]+\s+){{1,3}}{_STREET_WORD}\b"
    rf"|(?<=\bon\s)(?:[A-Z][a-z'-]+\s+){{1,2}}(?:Street|Road|Avenue|Lane|Close|Crescent|Terrace|Grove)\b"
    rf"|(?:(?<=lives at )|(?<=lives in )|(?<=living at )|(?<=address is )"
    rf"|(?<=address: ))(?:[A-Z][\w'-]+\s+){{1,3}}{_STREET_WORD}\b"
)
_OLD = re.compile(
    r"\b(?:(?:9\d|1[01]\d)[\s-]?(?:years?|yrs?)[\s-]?(?:old|of\s+age)|(?:9\d|1[01]\d)\s?(?:y/?o|y\.o\.)\b"
    r"|aged?\s*:?\s*(?:of\s+)?(?:9\d|1[01]\d)\b(?!\s*%)|"
    r"(?:9\d|1[01]\d)\s?[MF](?=[\s,.;)]|$)|ninety[\s-](?:one|two|three|four|five|six|seven|eight"
    r"|nine)[\s-]year[\s-]old|"
    r"ninety[\s-]year[\s-]old|(?:a\s+hundred|one\s+hundred)[\s-](?:and[\s-]\w+[\s-])?years?[\s-]old|centenarian"
    r"|nonagenarian|in\s+(?:his|her|their)\s+nineties)",
    re.IGNORECASE,
)
_REGISTERED = re.compile(
    r"\b(?:GMC|NMC|HCPC|GDC|GPhC)\b(?:\s*(?:no|number|ref(?:erence)?|reg(?:istration)?|pin"
    r"|\#)\b\.?){0,2}[\s:#=(]{0,3}(?:is\s+)?(?:\d{6,8}|\d{2}[A-Z]\d{4}[A-Z]|[A-Z]{2}\d{5,6})\b"
    r"|(?<![\w-])\d{2}[A-L]\d{4}[ESNW](?![\w-])",
    re.IGNORECASE,
)
_BLEEP = re.compile(
    r"\b(?:bleep|pager|page\s+me\s+on|dect|vocera|ext(?:ension|n)?)\b\.?(?:\s*(?:no|number|me|us|him|her|is|on"
    r"|at|the|registrar|SHO|\#)\b\.?){0,3}[\s:#]{0,3}\d{3,6}\b"
    r"|\bx\s?\d{4,5}\b(?=[\s.,;)]|$)",
    re.IGNORECASE,
)
_HANDLE = re.compile(
    r"(?<![\w@./+-])@(?!(?:everyone|here|all|tutors?|channel|home|work|least|the|rest"
    r"|night)\b)[A-Za-z][A-Za-z0-9_.]{1,29}(?<!\.)\b(?!@)"
)
_FILE = re.compile(
    r"\b[^\W_]+(?:[._'-]{1,3}[^\W_]+){0,8}\.(?P<ending>jpe?g|png|gif|heic|tiff?|bmp|pdf|docx?|xlsx?|pptx?|dcm|mp4|mov"
    r"|wav|mp3|txt|zip)\b",
    re.IGNORECASE,
)


def find_cautions(text: str, hospitals: re.Pattern[str] | None = None) -> Iterator[Hit]:
    """Every caution as (kind, start, end, suggestion). `hospitals` are the trust's own names."""
    yield from _dates(text)
    yield from _people(text)
    yield from _places(text, hospitals)
    for kind, pattern, instead in (
        ("age_over_89", _OLD, "aged 90 or over"),
        ("registration_number", _REGISTERED, ""),
        ("bleep", _BLEEP, ""),
        ("handle", _HANDLE, "a colleague"),
    ):
        yield from ((kind, *match.span(), instead) for match in pattern.finditer(text))
    for match in _FILE.finditer(text):
        parts = re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])", match[0].rpartition(".")[0])
        if any(_is_first(part.lower()) or part.lower() in SURNAMES for part in parts if len(part) > 2):
            yield ("file_name", *match.span(), f"file.{match['ending'].lower()}")


def _is_first(word: str) -> bool:
    return all(part in FIRST_NAMES for part in word.split("-"))


def _dates(text: str) -> Iterator[Hit]:
    """Dates become days, counted from the first that is written: no fact is added that was not there."""
    found = sorted(
        [(match, _day_of(match)) for match in _DATES.finditer(text) if _day_of(match) and _is_about_people(text, match)]
        + [
            (match, (int(match["d"]), int(match["m"]), None))
            for match in _DAY_AND_MONTH.finditer(text)
            if _is_day(match)
        ],
        key=lambda pair: pair[0].start(),
    )
    first: date | None = None
    for match, day in found:
        on = _calendar_day(day, first)
        first = first or on
        number = (on - first).days + 1 if on and first else 1
        start = match.start("d") if "d" in match.re.groupindex else match.start()
        yield ("date", start, match.end(), f"day {number}" if number > 0 else "an earlier day")


def _day_of(match: re.Match[str]) -> tuple[int, int, int | None] | None:
    said = {name[0]: value for name, value in match.groupdict().items() if value}
    month = int(said["m"]) if said["m"].isdecimal() else _MONTHS.index(said["m"][:3].lower()) + 1
    day, year = int(said["d"]), said.get("y", "").strip("'")
    if not (1 <= day <= 31 and 1 <= month <= 12):
        return None
    return day, month, (int(year) if len(year) == 4 else 2000 + int(year)) if year else None


def _is_day(match: re.Match[str]) -> bool:
    """`on 5/7` may be five days and `3/12` three months; such short forms count as dates only where they cannot be."""
    return 1 <= int(match["d"]) <= 31 and (int(match["m"]) not in (7, 10, 12) or int(match["d"]) > 12)


def _calendar_day(day: tuple[int, int, int | None] | None, near: date | None) -> date | None:
    assert day is not None, "only what is a day comes here"
    try:
        return date(day[2] or (near.year if near else 2000), day[1], day[0])
    except ValueError:
        return None


def _is_about_people(text: str, match: re.Match[str]) -> bool:
    """Guidelines, exams and teaching have dates too; a date beside them counts only where a patient is spoken of."""
    before = text[max(0, match.start() - A_SENTENCE) : match.start()]
    after = text[match.end() : match.end() + A_SENTENCE]
    sentence = re.split(r"[.!?]\s|\n", before)[-1] + match[0] + re.split(r"[.!?]\s|\n", after)[0]
    return not _OF_PAPERS.search(sentence) or _OF_PATIENTS.search(sentence) is not None


def _people(text: str) -> Iterator[Hit]:
    for match in _TITLED.finditer(text):
        yield from _titled(text, match)
    for match in _TITLED_SMALL.finditer(text):
        if match["name"] in SURNAMES or (match["title"] in ("mr", "mrs") and match["name"] not in NOT_SURNAMES):
            yield ("titled_name", *match.span(), _instead_of(match["title"]))
    for pattern in (_FULL, _FULL_ANY_CASE, _TURNED):
        yield from _full_names(text, pattern)
    for match in _CALLED.finditer(text):
        if _is_first(match["first"].lower()) or match["first"].lower() in FIRST_NAMES_TOO - {
            "may",
            "will",
            "mark",
            "art",
        }:
            yield ("first_name", match.start("first"), match.end("first"), "the patient")
    for match in _INITIALS.finditer(text):
        letters = next(group for group in match.groupdict().items() if group[1])
        if re.sub(r"\W", "", letters[1]) not in ABBREVIATIONS:
            yield ("initials", match.start(letters[0]), match.end(letters[0]), "the patient")


def _instead_of(title: str) -> str:
    return "the patient" if title.lower() in _FOR_PATIENTS else "a colleague"


def _titled(text: str, match: re.Match[str]) -> Iterator[Hit]:
    name = match["name"].lower()
    if (
        name in NOT_SURNAMES
        or (match["title"] in ("MR", "DR") and name not in SURNAMES)
        or is_eponym(text, match.end("name"), name)
    ):
        return
    if match["title"] in ("Nurse", "Sister", "Master", "Doctor", "Lord", "Lady", "Sir") and name.endswith(
        ("ing", "ed", "ment", "ion")
    ):
        return
    yield ("titled_name", match.start(), _end_of_name(text, match), _instead_of(match["title"]))


def _end_of_name(text: str, match: re.Match[str]) -> int:
    """Where a name with a title ends: after `Dr Jonas` a surname may follow."""
    after = _AND_SURNAME.match(text, match.end())
    if after is None or after["name"].lower() in NOT_SURNAMES:
        return match.end()
    return match.end() if is_eponym(text, after.end(), after["name"].lower()) else after.end()


def _full_names(text: str, pattern: re.Pattern[str]) -> Iterator[Hit]:
    """Overlapping on purpose: `Then Mary Jones` must find Mary although Then was tried with Mary first."""
    position = 0
    while match := pattern.search(text, position):
        first, name = match["first"].lower(), match["name"].lower()
        position = match.end("first")
        if name in NOT_SURNAMES or not _is_name(pattern, match, first, name):
            continue
        if is_eponym(text, match.end(), name) or (first in EPONYMS and name in EPONYMS):
            continue
        position = match.end()
        yield ("full_name", *match.span(), "the patient")


def _is_name(pattern: re.Pattern[str], match: re.Match[str], first: str, name: str) -> bool:
    """Written as names are, a known first name is enough; otherwise the surname must be known as well."""
    if pattern is _FULL:
        return _is_first(first) or (first in FIRST_NAMES_TOO and name in SURNAMES and first not in EPONYMS)
    return _is_first(first) and (name in SURNAMES or (pattern is _TURNED and match["name"].isupper()))


def is_eponym(text: str, end: int, name: str) -> bool:
    """Whether a disease, sign or thing is named here: `Graham Steell murmur`, `Graves' disease`, `Thomas test`."""
    after = re.match(r"(?:'s?)?(?:[ -][A-Za-z'-]+)?[ -]([A-Za-z]+)|(?:'s?)?[ -]([A-Za-z]+)", text[end : end + 50])
    words = re.findall(r"[a-z]+", text[end : end + 40].lower())[:3]
    return after is not None and any(word in EPONYM_NOUNS for word in words)


def _places(text: str, hospitals: re.Pattern[str] | None) -> Iterator[Hit]:
    yield from (("ward_bed", *match.span(), "a ward") for match in _BED.finditer(text))
    yield from (("ward_bed", *match.span(), "a ward") for match in _WARD.finditer(text))
    for match in _PLACE.finditer(text):
        words = [word for word in re.findall(r"[\w'-]+", match["name"].lower()) if word not in ("of", "and", "st")]
        named = [word for word in words if word not in NAMELESS]
        is_loose = match["what"] in ("Surgery", "Practice", "Clinic")
        if (
            named
            and (not is_loose or len(words) > 1 or words[-1].endswith("'s"))
            and not all(word in NOT_SURNAMES for word in named)
        ):
            yield ("hospital", *match.span(), _kind_of(match["what"]))
    for pattern in (_WELL_KNOWN, hospitals):
        if pattern is not None:
            yield from (("hospital", *match.span(), "a hospital") for match in pattern.finditer(text))
    yield from (("street", *match.span(), "") for match in _STREET.finditer(text))


def _kind_of(what: str) -> str:
    if "Home" in what:
        return "a care home"
    return "a practice" if what in ("Surgery", "Practice") or "Cent" in what or "Medical" in what else "a hospital"
