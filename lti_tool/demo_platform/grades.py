"""The grade book of the pretend VLE: columns and scores of each course, in memory until the process ends (AGS §3)."""

from dataclasses import dataclass, field
from datetime import datetime
from itertools import count
from threading import Lock

from lti_tool.demo_platform.catalogue import Catalogue

# Columns that a tool makes are numbered from here, so that they never meet those of an activity.
FIRST_FREE_NUMBER = 100


@dataclass
class Score:
    """What a tool said last about one person in one column."""

    at: datetime
    given: float | None
    maximum: float | None
    comment: str
    is_final: bool


@dataclass
class Column:
    """One line item. `instance` is the activity that it belongs to, if any."""

    number: int
    course_id: int
    label: str
    score_maximum: float
    resource_id: str
    tag: str
    instance: int | None = None
    scores: dict[int, Score] = field(default_factory=dict)


class GradeBook:
    """All columns. Safe to use from several threads."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._lock = Lock()
        self._numbers = count(FIRST_FREE_NUMBER)
        graded = [one for course in catalogue.courses.values() for one in course.activities if one.has_grades]
        self._columns = {
            one.instance: Column(one.instance, one.course_id, one.name, 100, "", "", one.instance) for one in graded
        }

    def columns_of(self, course_id: int) -> list[Column]:
        """The columns of a course, oldest first."""
        with self._lock:
            return [column for column in self._columns.values() if column.course_id == course_id]

    def find_column(self, course_id: int, number: int) -> Column | None:
        """One column of the course, or None."""
        column = self._columns.get(number)
        return column if column is not None and column.course_id == course_id else None

    def add_column(self, course_id: int, label: str, score_maximum: float, resource_id: str, tag: str) -> Column:
        """A new column that belongs to no activity."""
        with self._lock:
            column = Column(next(self._numbers), course_id, label, score_maximum, resource_id, tag)
            self._columns[column.number] = column
            return column

    def remove_column(self, number: int) -> None:
        """Forget a column and its scores."""
        with self._lock:
            self._columns.pop(number, None)

    def give_score(self, column: Column, person_id: int, score: Score) -> bool:
        """Keep the score. False, and nothing kept, if it is not newer than the last one."""
        with self._lock:
            last = column.scores.get(person_id)
            if last is not None and score.at <= last.at:
                return False
            column.scores[person_id] = score
            return True
