"""What authors, readers and reviewers send. A draft may be incomplete: only what is wrong or too long is refused."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from lti_tool.boards import Hold, reasons
from lti_tool.cases import rules
from lti_tool.core.errors import Invalid
from lti_tool.core.language import gettext as _
from lti_tool.texts import CARE, Prepared, answers_of, name_nobody, prepare

Fields = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class CaptureDraft:
    """What one keeps between two patients."""

    speciality: str
    learning: Prepared | None


@dataclass(frozen=True, slots=True)
class StoryDraft:
    """The cover and the presentation."""

    title: str
    speciality: str
    setting: str
    life_stage: str
    presentation: Prepared | None


@dataclass(frozen=True, slots=True)
class QuestionDraft:
    """One question; no options mean a free answer."""

    question: str
    options: list[str]


@dataclass(frozen=True, slots=True)
class AnswerDraft:
    """How the case ends."""

    explanation: Prepared | None
    learning: Prepared | None
    certainty: str
    best: int | None


@dataclass(frozen=True, slots=True)
class ConsentDraft:
    """On which consent the case stands."""

    basis: str
    note: str


@dataclass(frozen=True, slots=True)
class CommitDraft:
    """A reader's answer: an option by number, or words."""

    option: int | None
    words: str


@dataclass(frozen=True, slots=True)
class ReviewDraft:
    """A reviewer's ticks on the sending that they saw, or a return or rejection of it."""

    verb: str
    seen: int
    ticks: frozenset[Hold]
    reason: str = ""
    note: str = ""


def capture_draft(fields: Fields) -> CaptureDraft:
    """Raises Invalid with a sentence a field."""
    problems: dict[str, str] = {}
    speciality = _choice(fields, "speciality", rules.specialities(), problems)
    if not speciality:
        problems["speciality"] = _("Choose the speciality.")
    points = _points(fields, problems)
    if not points and "note" not in problems:
        problems["note"] = _("Write what you learnt, in one line.")
    _refuse_names(fields, problems, "note")
    return CaptureDraft(speciality, _or_refuse(problems, rules.points_source(points), "note"))


def story_draft(fields: Fields) -> StoryDraft:
    """Raises Invalid with a sentence a field."""
    problems: dict[str, str] = {}
    title = _line(fields, "title", rules.TITLE_LENGTH, problems)
    speciality = _choice(fields, "speciality", rules.specialities(), problems)
    setting = _choice(fields, "setting", rules.settings(), problems)
    life_stage = _choice(fields, "life_stage", rules.life_stages(), problems)
    _refuse_names(fields, problems, "title", "text")
    text = _or_refuse(problems, fields.get("text", ""), "text")
    return StoryDraft(title, speciality, setting, life_stage, replace(text, title=title) if text else None)


def question_draft(fields: Fields) -> QuestionDraft:
    """Options stand one a line. Raises Invalid with a sentence a field."""
    problems: dict[str, str] = {}
    question = _line(fields, "title", rules.QUESTION_LENGTH, problems)
    options = _lines(fields, "text")
    if len(options) > rules.MOST_OPTIONS:
        problems["text"] = _("Give at most %(most)d answers, one a line.") % {"most": rules.MOST_OPTIONS}
    elif any(len(option) > rules.OPTION_LENGTH for option in options):
        problems["text"] = _("Shorten each answer to %(most)d characters.") % {"most": rules.OPTION_LENGTH}
    elif len(set(options)) < len(options):
        problems["text"] = _("Two of the answers are the same. Change one.")
    _refuse_names(fields, problems, "title", "text")
    _refuse(problems)
    return QuestionDraft(question, options)


def answer_draft(fields: Fields) -> AnswerDraft:
    """Learning points stand one a line. Raises Invalid with a sentence a field."""
    problems: dict[str, str] = {}
    certainty = _choice(fields, "certainty", rules.certainties(), problems)
    best = _number(fields, "best", rules.MOST_OPTIONS, problems)
    points = _points(fields, problems)
    _refuse_names(fields, problems, "text", "note")
    explanation = _or_refuse(problems, fields.get("text", ""), "text")
    return AnswerDraft(explanation, _or_refuse({}, rules.points_source(points), "note"), certainty, best)


def consent_draft(fields: Fields) -> ConsentDraft:
    """Raises Invalid with a sentence a field."""
    problems: dict[str, str] = {}
    basis = _choice(fields, "basis", rules.bases(), problems)
    note = _line(fields, "note", rules.BASIS_NOTE_LENGTH, problems)
    _refuse_names(fields, problems, "note")
    _refuse(problems)
    return ConsentDraft(basis, note)


def commit_draft(fields: Fields, options: int) -> CommitDraft:
    """An answer to a question with so many options, or to a free one. Raises Invalid with a sentence a field."""
    problems: dict[str, str] = {}
    if options:
        option = _number(fields, "answer", options, problems)
        if option is None:
            problems["answer"] = _("Choose one of the answers.")
        _refuse(problems, _("Not committed yet."))
        return CommitDraft(option, "")
    words = _tidy(fields.get("text", ""))
    if not words:
        problems["text"] = _("Write your answer.")
    elif len(words) > rules.ANSWER_LENGTH:
        problems["text"] = _("Shorten your answer to %(most)d characters.") % {"most": rules.ANSWER_LENGTH}
    _refuse_names(fields, problems, "text", is_reviewed=False)
    _refuse(problems, _("Not committed yet. Your text is safe."))
    return CommitDraft(None, words)


def review_draft(fields: Fields) -> ReviewDraft:
    """Raises Invalid with a sentence a field."""
    verb, seen = fields.get("verb", ""), fields.get("seen", "")
    if verb not in ("tick", "return", "reject") or not (seen.isascii() and seen.isdecimal() and len(seen) < 9):
        raise Invalid(_("Choose a decision on the page, then send it again."))
    note, reason, problems = _tidy(fields.get("note", "")), fields.get("reason", ""), {}
    if len(note) > rules.NOTE_LENGTH:
        problems["note"] = _("Shorten the note to %(most)d characters.") % {"most": rules.NOTE_LENGTH}
    elif verb == "return" and not note:
        problems["note"] = _("Write what the author should change.")
    if verb == "reject" and reason not in reasons():
        problems["reason"] = _("Choose a reason. The author reads it.")
    problems |= name_nobody({"note": note}, CARE) | problems
    _refuse(problems, _("Not decided yet."))
    ticks = frozenset(hold for hold in Hold if fields.get(hold))
    return ReviewDraft(verb, int(seen), ticks, reason if verb == "reject" else "", note)


def _tidy(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\x00", "").strip()


def _line(fields: Fields, name: str, most: int, problems: dict[str, str]) -> str:
    words = " ".join(_tidy(fields.get(name, "")).split())
    if len(words) > most:
        problems[name] = _("Shorten this to %(most)d characters.") % {"most": most}
    return words


def _lines(fields: Fields, name: str) -> list[str]:
    return [words for line in _tidy(fields.get(name, "")).splitlines() if (words := " ".join(line.split()))]


def _points(fields: Fields, problems: dict[str, str]) -> list[str]:
    points = _lines(fields, "note")
    if len(points) > rules.MOST_POINTS:
        problems["note"] = _("Give at most %(most)d learning points, one a line.") % {"most": rules.MOST_POINTS}
    elif any(len(point) > rules.POINT_LENGTH for point in points):
        problems["note"] = _("Shorten each learning point to %(most)d characters.") % {"most": rules.POINT_LENGTH}
    return points


def _refuse_names(fields: Fields, problems: dict[str, str], *names: str, is_reviewed: bool = True) -> None:
    """A sentence for each of these fields that names a person or asks for care, unless it has one already.

    What a reviewer reads first may hold what its author asks that person to look at.
    """
    kept = answers_of(fields.get("kept", "")) if is_reviewed else {}
    found = name_nobody({name: _tidy(fields.get(name, "")) for name in names}, kept=kept)
    problems |= found | problems


def _choice(fields: Fields, name: str, known: Collection[str], problems: dict[str, str]) -> str:
    code = fields.get(name, "")
    if code and code not in known:
        problems[name] = _("Choose one of those on the page.")
    return code


def _number(fields: Fields, name: str, below: int, problems: dict[str, str]) -> int | None:
    text = fields.get(name, "")
    if not text:
        return None
    if not (text.isascii() and text.isdecimal() and len(text) < 3 and int(text) < below):
        problems[name] = _("Choose one of those on the page.")
        return None
    return int(text)


def _or_refuse(problems: dict[str, str], source: str, name: str) -> Prepared | None:
    """The text ready to be kept, None where there is none. Raises Invalid with all problems so far."""
    prepared = None
    if source.strip():
        try:
            prepared = prepare(source)
        except Invalid as problem:
            problems[name] = problem.fields.get("text", problem.message)
    _refuse(problems)
    return prepared


def _refuse(problems: dict[str, str], message: str = "") -> None:
    if problems:
        raise Invalid(message or _("Not saved yet. Your text is safe."), problems)
