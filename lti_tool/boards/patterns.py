"""The templates of boards: for what a tutor opens one, its words, good defaults, and prompts to begin with. Pure."""

from dataclasses import dataclass
from enum import StrEnum

from lti_tool.core.language import gettext as _


class Template(StrEnum):
    """What a board is for. It is chosen when the board is opened, and stays."""

    DISCUSSION = "discussion"
    QUESTIONS = "questions"
    ANSWER_FIRST = "answer_first"
    KNOW_HOW = "know_how"
    WELCOME = "welcome"


@dataclass(frozen=True, slots=True)
class Pattern:
    """What a template brings. `names` is "" where the tutor must choose; `prompts` are (title, text)."""

    name: str
    hint: str
    purpose: str
    ask: str
    ask_hint: str
    send: str
    heading: str
    empty: str
    names: str
    is_moderated: bool
    prompts: tuple[tuple[str, str], ...]


def patterns() -> dict[Template, Pattern]:
    """Every template, in the order in which they are offered."""
    return {
        Template.DISCUSSION: _discussion(),
        Template.QUESTIONS: _questions(),
        Template.ANSWER_FIRST: _answer_first(),
        Template.KNOW_HOW: _know_how(),
        Template.WELCOME: _welcome(),
    }


def _discussion() -> Pattern:
    text = _("A first topic, to begin with. A line or two is enough.")
    return Pattern(
        name=_("Discussion"),
        hint=_("People begin topics and talk about them: journal articles, exams, how a department works."),
        purpose=_("To talk about what we see, read and learn."),
        ask=_("Begin a topic"),
        ask_hint=_("One sentence. Leave out anything that could name a patient."),
        send=_("Send topic"),
        heading=_("Topics"),
        empty=_("Nobody has begun a topic yet. One that feels small is a good first one."),
        names="",
        is_moderated=True,
        prompts=(
            (_("What did you learn last week that you wish you had known before?"), text),
            (_("What would you like to discuss here, and what would you leave out?"), text),
            (_("Which one thing should everybody read before they start?"), text),
        ),
    )


def _questions() -> Pattern:
    text = _("Answer in a line or two, and say where your answer comes from.")
    return Pattern(
        name=_("Questions and answers"),
        hint=_("People ask, others answer. Unanswered questions are easy to find."),
        purpose=_("To ask what one wants to know, and to answer what one knows."),
        ask=_("Ask a question"),
        ask_hint=_("One sentence. Leave out anything that could name a patient."),
        send=_("Send question"),
        heading=_("Questions"),
        empty=_("Nobody has asked anything yet. A question that feels small is a good first one."),
        names="",
        is_moderated=True,
        prompts=(
            (_("Which question were you once afraid to ask?"), text),
            (_("Which local guideline is the hardest to find?"), text),
            (_("What do you look up again and again?"), text),
        ),
    )


def _answer_first() -> Pattern:
    text = _("Commit yourself in two or three sentences. Then you see what the others wrote.")
    return Pattern(
        name=_("Answer before you see"),
        hint=_("Nobody reads the others’ replies before they have sent one of their own. Tutors see all."),
        purpose=_("First think, then compare."),
        ask=_("Ask a question"),
        ask_hint=_("One that each person should think through alone first."),
        send=_("Send question"),
        heading=_("Questions"),
        empty=_("Nobody has asked anything yet. Tutors usually begin here."),
        names="",
        is_moderated=False,
        prompts=(
            (_("An unwell adult, and you have ten minutes: what do you do first, and why?"), text),
            (_("Which test would you not order, and what would you do instead?"), text),
            (_("What would make you change your mind about a diagnosis?"), text),
        ),
    )


def _know_how() -> Pattern:
    text = _("Who knows? A tutor makes an entry of the answer, which stays here with the date it was last checked.")
    return Pattern(
        name=_("Practical know-how"),
        hint=_("Parking, study leave, forms. Tutors turn good answers into entries that are checked again by a date."),
        purpose=_("Everything practical that one would ask a colleague in the corridor."),
        ask=_("Ask something practical"),
        ask_hint=_("For example: How do I get a parking permit?"),
        send=_("Send question"),
        heading=_("Questions without an entry"),
        empty=_("Nothing is open. Ask what you could not find."),
        names="shown",
        is_moderated=False,
        prompts=(
            (_("How do I get a parking permit?"), text),
            (_("How do I apply for study leave?"), text),
            (_("Whom do I ring when a computer does not let me in?"), text),
        ),
    )


def _welcome() -> Pattern:
    text = _("Say as much or as little as you like.")
    return Pattern(
        name=_("Welcome and introductions"),
        hint=_("For people who are about to start. It opens before they come, and archives itself after a date."),
        purpose=_("To get to know each other before you start."),
        ask=_("Introduce yourself"),
        ask_hint=_("For example: Hello from Priya, starting on the stroke unit in August"),
        send=_("Send introduction"),
        heading=_("Introductions"),
        empty=_("Nobody has introduced themselves yet. Be the first: a line is enough."),
        names="shown",
        is_moderated=False,
        prompts=(
            (_("Welcome! Who are you, and where do you start?"), text),
            (_("What would you like to know before your first day?"), text),
            (_("What should the others know about living here?"), text),
        ),
    )
