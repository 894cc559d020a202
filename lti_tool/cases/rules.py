"""The life of a case, its consent, what must be there before it is sent, and small numbers. Pure: no database."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from lti_tool.boards import Hold
from lti_tool.core.language import gettext as _

TITLE_LENGTH = 150
QUESTION_LENGTH = 300
OPTION_LENGTH = 150
MOST_OPTIONS = 6
POINT_LENGTH = 300
MOST_POINTS = 5
BASIS_NOTE_LENGTH = 300
ANSWER_LENGTH = 1_000
NOTE_LENGTH = 2_000
PAGE_OF_CASES = 24
FEWEST_SHOWN = 5  # how others answered is hidden below so many answers (CONFIDENTIALITY.md §5)


class CaseState(StrEnum):
    """Where a case stands. `PENDING` is in review; `ENDED` means that consent was withdrawn, for good."""

    DRAFT = "draft"
    PENDING = "pending"
    PUBLISHED = "published"
    RETURNED = "returned"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    ENDED = "ended"


MOVES: Mapping[CaseState, frozenset[CaseState]] = {
    CaseState.DRAFT: frozenset({CaseState.PENDING, CaseState.WITHDRAWN}),
    CaseState.PENDING: frozenset(
        {CaseState.PUBLISHED, CaseState.RETURNED, CaseState.REJECTED, CaseState.WITHDRAWN, CaseState.ENDED}
    ),
    CaseState.PUBLISHED: frozenset({CaseState.WITHDRAWN, CaseState.ENDED}),
    CaseState.RETURNED: frozenset({CaseState.PENDING, CaseState.WITHDRAWN, CaseState.ENDED}),
    CaseState.REJECTED: frozenset({CaseState.PENDING, CaseState.WITHDRAWN, CaseState.ENDED}),
    CaseState.WITHDRAWN: frozenset(),
    CaseState.ENDED: frozenset(),
}


class Slot(StrEnum):
    """The texts of a case, one a slot. All but the presentation are for those who have committed an answer."""

    PRESENTATION = "presentation"
    EXPLANATION = "explanation"
    LEARNING = "learning"


class Section(StrEnum):
    """The parts of writing a case, in the order in which they are offered."""

    STORY = "story"
    QUESTION = "question"
    ANSWER = "answer"
    CONSENT = "consent"


class Progress(StrEnum):
    """How far a part is."""

    EMPTY = "empty"
    BEGUN = "begun"
    COMPLETE = "complete"


class Basis(StrEnum):
    """On which consent a case stands (CONFIDENTIALITY.md §3). An unsure author cannot send the case."""

    EXEMPT = "exempt"
    ANONYMISED = "anonymised"
    TRUST = "trust"
    WIDER = "wider"
    PROXY = "proxy"
    DECEASED = "deceased"
    SYNTHETIC = "synthetic"
    UNSURE = "unsure"


NEEDS_NOTE = frozenset({Basis.ANONYMISED, Basis.TRUST, Basis.WIDER, Basis.PROXY, Basis.DECEASED})
NEEDS_CONSENT_TICK = frozenset({Basis.TRUST, Basis.WIDER, Basis.PROXY, Basis.DECEASED})


@dataclass(frozen=True, slots=True)
class Sheet:
    """What an author has written so far, as far as completeness asks."""

    title: str
    setting: str
    life_stage: str
    has_presentation: bool
    question: str
    options: Sequence[str]
    best: int | None
    certainty: str
    has_explanation: bool
    points: int
    basis: str
    basis_note: str
    speciality: str


def may_move(old: CaseState, new: CaseState) -> bool:
    """Whether the state table knows this step."""
    return new in MOVES[old]


def holds_of(basis: str, *, is_crowded: bool = False) -> frozenset[Hold]:
    """Which holds a case opens when it is sent: each is closed by a reviewer's tick.

    `is_crowded`: so many details that together they may describe one person. Somebody else looks as well.
    """
    holds = frozenset({Hold.CLINICAL, Hold.PRIVACY})
    holds |= {Hold.CONSENT} if basis in NEEDS_CONSENT_TICK else frozenset()
    return holds | ({Hold.SECOND_REVIEWER} if is_crowded else frozenset())


def missing(sheet: Sheet) -> dict[Section, list[str]]:
    """What must still be written, by section; empty lists where nothing is missing."""
    return {
        Section.STORY: _story_gaps(sheet),
        Section.QUESTION: _question_gaps(sheet),
        Section.ANSWER: _answer_gaps(sheet),
        Section.CONSENT: _consent_gaps(sheet),
    }


def _story_gaps(sheet: Sheet) -> list[str]:
    gaps = {
        _("Give the case a title."): sheet.title,
        _("Choose the speciality."): sheet.speciality,
        _("Choose where it happened."): sheet.setting,
        _("Choose the patient’s stage of life."): sheet.life_stage,
        _("Write the presentation."): sheet.has_presentation,
    }
    return [sentence for sentence, there in gaps.items() if not there]


def _question_gaps(sheet: Sheet) -> list[str]:
    gaps = [] if sheet.question else [_("Ask one question.")]
    return gaps + ([_("Give a second option, or none for a free answer.")] if len(sheet.options) == 1 else [])


def _answer_gaps(sheet: Sheet) -> list[str]:
    gaps = {
        _("Write what happened."): sheet.has_explanation,
        _("Say how certain it is."): sheet.certainty,
        _("Write at least one learning point."): sheet.points,
        _("Choose the best answer."): sheet.best is not None or not sheet.options,
    }
    return [sentence for sentence, there in gaps.items() if not there]


def _consent_gaps(sheet: Sheet) -> list[str]:
    if not sheet.basis:
        return [_("Choose what consent there is.")]
    if sheet.basis == Basis.UNSURE:
        return [_("While you are unsure, the case cannot be sent. Ask your tutor or your information governance team.")]
    if sheet.basis in NEEDS_NOTE and not sheet.basis_note:
        return [_("Write where the form is kept, or why nobody could recognise the patient.")]
    return []


def progress(sheet: Sheet) -> dict[Section, Progress]:
    """How far each section is."""
    begun = {
        Section.STORY: sheet.title or sheet.setting or sheet.life_stage or sheet.has_presentation,
        Section.QUESTION: sheet.question or sheet.options,
        Section.ANSWER: sheet.has_explanation or sheet.certainty or sheet.points or sheet.best is not None,
        Section.CONSENT: sheet.basis,
    }
    gaps = missing(sheet)
    return {
        section: Progress.COMPLETE if not gaps[section] else Progress.BEGUN if begun[section] else Progress.EMPTY
        for section in Section
    }


def points_source(points: Sequence[str]) -> str:
    """Learning points as the Markdown of their text."""
    return "\n".join(f"{number}. {point}" for number, point in enumerate(points, 1))


def points_of(source: str) -> list[str]:
    """The learning points in the source that `points_source` has made."""
    return [line.partition(". ")[2] for line in source.splitlines()]


@dataclass(frozen=True, slots=True)
class AnswerLine:
    """One row of how others answered."""

    words: str
    people: int
    share: int
    is_best: bool
    is_mine: bool


def answer_table(
    options: Sequence[str], counts: Mapping[int, int], best: int | None, mine: int | None
) -> list[AnswerLine] | None:
    """How people answered, the commonest first, in whole per cent; None while fewer than `FEWEST_SHOWN` have."""
    total = sum(counts.values())
    if total < FEWEST_SHOWN:
        return None
    lines = [
        AnswerLine(
            words, counts.get(number, 0), round(100 * counts.get(number, 0) / total), number == best, number == mine
        )
        for number, words in enumerate(options)
    ]
    return sorted(lines, key=lambda line: -line.people)


def specialities() -> dict[str, str]:
    """Code → words, in the order in which they are offered."""
    return {
        "acute": _("Acute medicine"),
        "anaesthetics": _("Anaesthetics"),
        "cardiology": _("Cardiology"),
        "dermatology": _("Dermatology"),
        "elderly": _("Elderly care"),
        "emergency": _("Emergency medicine"),
        "endocrine": _("Endocrinology and diabetes"),
        "gastro": _("Gastroenterology"),
        "general": _("General practice"),
        "haematology": _("Haematology"),
        "infection": _("Infectious diseases"),
        "intensive": _("Intensive care"),
        "neurology": _("Neurology"),
        "obstetrics": _("Obstetrics and gynaecology"),
        "oncology": _("Oncology"),
        "ophthalmology": _("Ophthalmology"),
        "paediatrics": _("Paediatrics"),
        "palliative": _("Palliative care"),
        "psychiatry": _("Psychiatry"),
        "radiology": _("Radiology"),
        "renal": _("Renal medicine"),
        "respiratory": _("Respiratory medicine"),
        "rheumatology": _("Rheumatology"),
        "surgery": _("Surgery"),
        "other": _("Another speciality"),
    }


def settings() -> dict[str, str]:
    """The type of place, never its name."""
    return {
        "emergency": _("Emergency department"),
        "assessment": _("Acute assessment unit"),
        "ward": _("Hospital ward"),
        "critical": _("High or intensive care"),
        "theatre": _("Operating theatre"),
        "clinic": _("Outpatient clinic"),
        "practice": _("General practice"),
        "community": _("At home or in the community"),
        "remote": _("By telephone or video"),
    }


def life_stages() -> dict[str, str]:
    """How old, no closer than this."""
    return {
        "newborn": _("Newborn"),
        "infant": _("Infant"),
        "child": _("Child"),
        "young": _("Young person"),
        "adult": _("Adult"),
        "older": _("Older adult"),
    }


def certainties() -> dict[str, str]:
    """How certain the explanation is."""
    return {"possible": _("Possible"), "probable": _("Probable"), "certain": _("Certain")}


def bases() -> dict[str, tuple[str, str]]:
    """Consent: code → (the choice, what it means)."""
    return {
        Basis.EXEMPT: (
            _("Only material that needs no consent, anonymised"),
            _("Such as an ECG, an X-ray or a slide with nothing on it that tells whose it is."),
        ),
        Basis.ANONYMISED: (
            _("Anonymised, and nobody could recognise the patient"),
            _("Neither the patient nor those who know them. Write below why not."),
        ),
        Basis.TRUST: (_("The patient agreed, for teaching in this trust"), _("Write below where the form is kept.")),
        Basis.WIDER: (_("The patient agreed, for wider teaching"), _("Write below where the form is kept.")),
        Basis.PROXY: (
            _("A parent, or somebody who may decide for the patient, agreed"),
            _("Write below where the form is kept."),
        ),
        Basis.DECEASED: (
            _("The patient has died, and the trust’s policy was followed"),
            _("Write below where that is documented."),
        ),
        Basis.SYNTHETIC: (_("There is no patient: I made the case up"), _("Nothing in it comes from one person.")),
        Basis.UNSURE: (
            _("I am not sure"),
            _("The case is kept, and cannot be sent until you know. Ask your tutor."),
        ),
    }


def past_of_case(verb: str) -> str:
    """A reviewer's decision as the log reads it."""
    words = {
        Hold.CLINICAL: _("Clinical check made"),
        Hold.PRIVACY: _("Privacy check made"),
        Hold.CONSENT: _("Consent check made"),
        Hold.SECOND_REVIEWER: _("Second look made"),
        "publish": _("Published"),
        "return": _("Returned with a note"),
        "reject": _("Rejected"),
        "widen": _("Shown to the whole trust"),
        "narrow": _("Shown to its own course only"),
        "end_consent": _("Taken down: consent was withdrawn"),
    }
    return words[verb]
