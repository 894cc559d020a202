"""What holds beyond the queue: how long things may wait, what is said to whom. Pure: no database, no clock."""

from datetime import timedelta

from lti_tool.core.language import gettext as _

CONCERN_TARGET = timedelta(minutes=30)
APPEAL_TARGET = timedelta(days=2)
CONFIRM_WITHIN = timedelta(hours=24)
LONGEST_PAUSE_DAYS = 90
PAUSE_REASON_LENGTH = 500
REASON_LENGTH = 2_000
CORRECTION_LENGTH = 2_000
NUMBERS_LENGTH = 2_000
PAUSE_DAYS = (1, 3, 7, 14, 28)


def usual_numbers() -> list[str]:
    """Whom anybody in the United Kingdom may turn to, for a trust that has not written down its own."""
    return [
        _("999 in an emergency, or the emergency department"),
        _("NHS 111, option 2: mental health crisis line, day and night"),
        _("Samaritans: 116 123, free, day and night"),
        _("Your occupational health service and your educational supervisor"),
        _("The safeguarding lead of your trust: ask the switchboard"),
        _("NHS Practitioner Health, for doctors, dentists and other staff"),
    ]


def numbers_in(words: str) -> list[str]:
    """The lines of what a trust has written down, or the usual ones."""
    return [line.strip() for line in words.splitlines() if line.strip()] or usual_numbers()
