"""The grade book of the pretend VLE: columns and scores of each course (AGS §3), kept with everything else."""

from dataclasses import dataclass, field, replace
from datetime import datetime

from lti_tool.demo_platform.store import Changes, Column, Score, Store

__all__ = ["Column", "ColumnDraft", "GradeBook", "Score"]


@dataclass(frozen=True)
class ColumnDraft:
    """What a new or changed column says."""

    label: str
    score_maximum: float
    resource_id: str = ""
    tag: str = ""


@dataclass(frozen=True)
class GradeBook:
    """All columns. Safe to use from several threads."""

    store: Store = field(repr=False)

    def columns_of(self, course_id: int) -> list[Column]:
        """The columns of a course, oldest first."""
        return [column for column in self.store.changes.columns.values() if column.course_id == course_id]

    def find_column(self, course_id: int, number: int) -> Column | None:
        """One column of the course, or None."""
        column = self.store.changes.columns.get(number)
        return column if column is not None and column.course_id == course_id else None

    def add_column(self, course_id: int, tool: int, draft: ColumnDraft) -> Column:
        """A new column that belongs to no activity."""
        with self.store.change() as changes:
            return new_column(changes, course_id, tool, draft)

    def change_column(self, number: int, draft: ColumnDraft) -> Column | None:
        """Say something else in a column; its scores stay. None if somebody removed it meanwhile."""
        with self.store.change() as changes:
            if number not in changes.columns:
                return None
            changes.columns[number] = replace(changes.columns[number], **vars(draft))
            return changes.columns[number]

    def remove_column(self, number: int) -> None:
        """Forget a column and its scores."""
        with self.store.change() as changes:
            changes.columns.pop(number, None)

    def give_score(self, number: int, person_id: int, score: Score) -> bool:
        """Keep the score. False, and nothing kept, if it is not newer than the last one."""
        with self.store.change() as changes:
            scores = changes.columns[number].scores if number in changes.columns else {}
            last = scores.get(person_id)
            if last is not None and datetime.fromisoformat(score.at) <= datetime.fromisoformat(last.at):
                return False
            scores[person_id] = score
            return True


def new_column(changes: Changes, course_id: int, tool: int, draft: ColumnDraft, instance: int | None = None) -> Column:
    """A column with the next number. `instance` is the activity that it belongs to, if any."""
    column = Column(number=changes.next_number(), course_id=course_id, tool=tool, instance=instance, **vars(draft))
    changes.columns[column.number] = column
    return column
