"""The demo's teaching, whenever it is first started: six weeks, planned before, moved and cancelled in the past."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from lti_tool.core.clock import LONDON
from lti_tool.demo.lessons import read_lessons
from lti_tool.demo.stage import BEGAN
from lti_tool.people import GRADES
from lti_tool.programme.rules import SPEAKER_LENGTH, TITLE_LENGTH, is_soon, week_of

MOMENTS = ["2026-11-22T23:59", "2026-11-23T00:05", "2026-11-25T12:00", "2026-03-29T02:30", "2026-10-25T01:30"]


@pytest.mark.parametrize("moment", MOMENTS)
def test_whenever_it_is_started_there_are_six_weeks_in_both_courses(moment):
    now = datetime.fromisoformat(moment).replace(tzinfo=UTC)
    lessons = read_lessons(now)
    for course in (2, 3):
        weeks = Counter(week_of(lesson.draft.starts_at.date())[0] for lesson in lessons if lesson.course == course)
        assert len(weeks) == 6
        assert min(weeks.values()) >= 2
        assert week_of(now.astimezone(LONDON).date())[0] == sorted(weeks)[2]
    for lesson in lessons:
        assert lesson.draft.starts_at > now - BEGAN
        assert 8 <= lesson.draft.starts_at.astimezone(LONDON).hour < 17
        assert lesson.draft.starts_at.astimezone(LONDON).minute in (0, 30)
        assert lesson.draft.room or lesson.draft.online_url
        assert set(lesson.draft.grades) <= set(GRADES)
        assert len(lesson.draft.title) <= TITLE_LENGTH
        assert len(lesson.draft.speaker) <= SPEAKER_LENGTH
        assert float(lesson.draft.cpd_points) * timedelta(hours=1) <= lesson.draft.ends_at - lesson.draft.starts_at
        for step in lesson.steps:
            assert now - BEGAN < step.at < now - timedelta(minutes=30)
            assert step.at < lesson.draft.starts_at
            assert not is_soon(lesson.draft.starts_at, step.at), "no inbox is filled by it"


def test_something_moved_something_is_cancelled_and_something_is_online():
    lessons = read_lessons(datetime(2026, 11, 25, 12, tzinfo=UTC))
    for course in (2, 3):
        here = [lesson for lesson in lessons if lesson.course == course]
        steps = [step for lesson in here for step in lesson.steps]
        assert any(step.reason for step in steps)
        assert any(step.change for step in steps)
        assert any(lesson.draft.online_url for lesson in here)
        assert any(lesson.draft.is_core for lesson in here)
