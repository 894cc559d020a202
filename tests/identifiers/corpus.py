"""Our own corpus: sentences as doctors and students write them, with the identifiers in them marked.

A sentence family is one way of writing; its values are drawn anew for each sentence. A family belongs either to the
development half, which may be looked at while the check is written, or to the test half, which may not: a hash of the
family decides. `{nhs}` and the like are slots; `KINDS` says at which level each must be found.
"""

import hashlib
import json
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
SENTENCES_A_FAMILY = 12
FIRST = [
    "Doreen",
    "Amir",
    "Siobhan",
    "Kwame",
    "Margaret",
    "Piotr",
    "Fatima",
    "Trevor",
    "Gwyneth",
    "Rajesh",
    "Eileen",
    "Mohammed",
    "Kathleen",
    "Owen",
    "Priya",
    "Stanley",
]
LAST = [
    "Thackeray",
    "Okafor",
    "Patel",
    "Hughes",
    "Kowalski",
    "O'Brien",
    "Rahman",
    "Whitcombe",
    "McAllister",
    "Singh",
    "Fairweather",
    "Nwosu",
    "Lloyd-Jones",
]
TOWN = ["Brackenhall", "Eastmere", "Northmoor", "Hollin", "Saltby", "Winterbourne"]
STREETS = ["High", "Acacia", "Victoria", "Mill", "Station", "Church", "Orchard"]
MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]
Draw = Callable[[random.Random], str]


def nhs_digits(r: random.Random) -> str:
    """Ten digits with a right check digit, in the range 999 that belongs to tests."""
    while True:
        body = "999" + "".join(r.choices("0123456789", k=6))
        check = 11 - sum(int(digit) * weight for digit, weight in zip(body, range(10, 1, -1), strict=True)) % 11
        if check != 10:
            return f"{body}{check % 11}"


def nhs(r: random.Random) -> str:
    """An NHS number in one of the layouts that people type."""
    digits = nhs_digits(r)
    gap = r.choice([" ", "-", "", " ", "\u00a0", "  "])
    return f"{digits[:3]}{gap}{digits[3:6]}{gap}{digits[6:]}"


def chi(r: random.Random) -> str:
    """A CHI number: birthday, serial, check digit."""
    while True:
        body = f"{r.randint(1, 28):02}{r.randint(1, 12):02}{r.randint(20, 99)}{r.randint(100, 999)}"
        check = 11 - sum(int(digit) * weight for digit, weight in zip(body, range(10, 1, -1), strict=True)) % 11
        if check != 10:
            return f"{body}{check % 11}"


def full_date(r: random.Random) -> str:
    """A day with month and year."""
    day, month, year = r.randint(1, 28), r.randint(1, 12), r.randint(2023, 2026)
    written = f"{day:02}/{month:02}/{year}", f"{day}.{month}.{year % 100:02}", f"{day} {MONTHS[month - 1]} {year}"
    return r.choice([*written, f"{year}-{month:02}-{day:02}"])


def birthday(r: random.Random) -> str:
    """A day of birth."""
    return f"{r.randint(1, 28):02}/{r.randint(1, 12):02}/{r.randint(1930, 2015)}"


def day_and_month(r: random.Random) -> str:
    """A day without a year."""
    day, month = r.randint(4, 20), r.choice(MONTHS)
    return r.choice([f"{day} {month}", f"{day}th {month}", f"{month} {day}th", f"{day}th of {month}"])


def digits(count: int) -> Draw:
    """So many digits, the first not a nought."""
    return lambda r: str(r.randint(10 ** (count - 1), 10**count - 1))


def pick(*ways: str) -> Draw:
    """One of some texts."""
    return lambda r: r.choice(ways)


SLOTS: dict[str, Draw] = {
    "nhs": nhs,
    "chi": chi,
    "nino": lambda r: (
        f"{r.choice(['AB', 'JK', 'PL'])} {r.randint(10, 99)} {r.randint(10, 99)} {r.randint(10, 99)} {r.choice('ABCD')}"
    ),
    "email": lambda r: f"{r.choice(FIRST).lower()}.smith{r.randint(1, 99)}@{r.choice(['nhs.net', 'example.org'])}",
    "mobile": lambda r: r.choice(["07700 900", "07700900", "+44 7700 900", "(07700) 900"]) + f"{r.randint(0, 999):03}",
    "landline": lambda r: r.choice(["01632 960", "020 7946 0", "0113 496 0", "029 2018 0"]) + f"{r.randint(0, 999):03}",
    "postcode": pick("LS1 4AP", "SW1A 2AA", "EH1 1YZ", "cf10 1ep", "M13 9WL", "B152TT", "NE1 4LP", "G12 8QQ"),
    "hospital_no": lambda r: r.choice(["", "RXX", "K", "H"]) + str(r.randint(100_000, 9_999_999)),
    "birthday": birthday,
    "profile": pick(
        "https://www.facebook.com/doreen.thackeray.9", "linkedin.com/in/amir-rahman-4b", "instagram.com/owen_lloyd"
    ),
    "date": full_date,
    "daymonth": day_and_month,
    "titled": lambda r: f"{r.choice(['Mr', 'Mrs', 'Ms', 'Miss', 'Mr.'])} {r.choice(LAST)}",
    "doctor": lambda r: f"{r.choice(['Dr', 'Dr.', 'Professor', 'Sister'])} {r.choice(LAST)}",
    "full": lambda r: f"{r.choice(FIRST)} {r.choice(LAST)}",
    "initials": lambda r: r.choice(["J.S.", "M.K.", "D.T."]),
    "bed": lambda r: r.choice(
        [f"ward {r.randint(2, 30)} bed {r.randint(2, 28)}", f"bed {r.randint(2, 28)}", f"side room {r.randint(2, 6)}"]
    ),
    "hospital": lambda r: (
        f"{r.choice(TOWN)} {r.choice(['General Hospital', 'Royal Infirmary', 'District Hospital', 'Hospital'])}"
    ),
    "practice": lambda r: (
        f"{r.choice(STREETS)} {r.choice(['Road Surgery', 'Street Medical Centre', 'Lane Health Centre'])}"
    ),
    "street": lambda r: f"{r.randint(2, 180)} {r.choice(STREETS)} {r.choice(['Street', 'Road', 'Avenue', 'Close'])}",
    "old": lambda r: r.choice(
        [f"{r.randint(90, 104)}-year-old", f"{r.randint(90, 104)} year old", f"{r.randint(90, 104)} yo"]
    ),
    "gmc": lambda r: f"GMC {r.choice(['', 'number ', 'no. '])}{r.randint(1_000_000, 7_999_999)}",
    "bleep": lambda r: f"{r.choice(['bleep', 'Bleep', 'pager'])} {r.randint(1000, 9999)}",
    "handle": pick("@dr_okafor", "@siobhanOB", "@cardio_amir"),
    "file": lambda r: (
        f"{r.choice(FIRST)}_{r.choice(['Smith', 'Patel'])}_{r.choice(['ECG', 'scan'])}.{r.choice(['jpg', 'pdf'])}"
    ),
}
STOPS = ("nhs", "chi", "nino", "email", "mobile", "landline", "postcode", "hospital_no", "birthday", "profile")
KINDS = {slot: "A" if slot in STOPS else "B" for slot in SLOTS}


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence with what must be found in it: (start, end, level, slot)."""

    family: str
    text: str
    marks: tuple[tuple[int, int, str, str], ...]


def is_for_test(family: str) -> bool:
    """Whether a family belongs to the half that nobody looks at while writing the check."""
    return hashlib.sha256(family.encode()).digest()[0] % 2 == 1


def families() -> list[str]:
    """Every way of writing that has something to be found."""
    return json.loads((HERE / "families.json").read_text(encoding="utf-8"))


def clean_sentences() -> list[str]:
    """What doctors write without naming anybody; each is a family of its own."""
    return [line for line in (HERE / "clean.txt").read_text(encoding="utf-8").splitlines() if line.strip()]


def sentences(families_: list[str], each: int = SENTENCES_A_FAMILY) -> Iterator[Sentence]:
    """Families filled with values: always the same ones, because the hash of the family is the seed."""
    for family in families_:
        r = random.Random(family)
        for _ in range(each):
            yield _filled(family, r)


def _filled(family: str, r: random.Random) -> Sentence:
    text, marks, rest = "", [], family
    while "{" in rest:
        before, _, rest = rest.partition("{")
        slot, _, rest = rest.partition("}")
        text += before
        value = SLOTS[slot](r)
        marks.append((len(text), len(text) + len(value), KINDS[slot], slot))
        text += value
    return Sentence(family, text + rest, tuple(marks))
