"""What a teacher changes in a course: activities, enrolments, a copy of it all. Each takes a draft of the store."""

from dataclasses import dataclass, replace

from lti_tool.demo_platform.catalogue import Activity, Course, CourseRole, Enrolment, Person
from lti_tool.demo_platform.grades import ColumnDraft, new_column
from lti_tool.demo_platform.selection import FULL_MARKS, Item
from lti_tool.demo_platform.store import Changes, CourseCopy
from lti_tool.demo_platform.tools import ALWAYS, DELEGATE, Tool


@dataclass(frozen=True)
class Choice:
    """What the teacher says of a new activity, where the administrator has left it to teachers."""

    has_grades: bool
    shares_name: bool
    shares_email: bool


def usual_choice(item: Item) -> Choice:
    """What Moodle ticks by itself: grades where the tool asked for a column."""
    return Choice(has_grades=item.column is not None, shares_name=True, shares_email=True)


def add_activity(changes: Changes, course: Course, section: int, tool: Tool, item: Item, choice: Choice) -> Activity:
    """A new link at the end of a section, with a grade column where the settings of the tool say so."""
    number = changes.next_number()
    is_graded = tool.accept_grades == ALWAYS or (tool.accept_grades == DELEGATE and choice.has_grades)
    column = None
    if is_graded:
        wanted = replace(item.column, label=item.title) if item.column else ColumnDraft(item.title, FULL_MARKS)
        column = new_column(changes, course.id, tool.number, wanted, instance=number).number
    activity = Activity(
        cmid=number,
        instance=number,
        course_id=course.id,
        name=item.title,
        intro=item.text,
        custom=item.custom,
        tool=tool.number,
        section=section,
        url=item.url,
        icon=item.icon,
        column=column,
        shares_name=choice.shares_name,
        shares_email=choice.shares_email,
    )
    changes.activities.append(activity)
    return activity


def remove_activity(changes: Changes, activity: Activity) -> None:
    """Take a link out of its course, and its grade column with it."""
    changes.removed.add(activity.cmid)
    if activity.column is not None:
        changes.columns.pop(activity.column, None)


def copy_course(changes: Changes, course: Course, title: str, short: str, teacher: Person) -> int:
    """A course with the same texts and links, without its people and scores; returns its number.

    The links keep their custom parameters, as in Moodle: only `$Context.id.history` says that this is a copy.
    """
    number = changes.next_number()
    original = next((copy.original for copy in changes.copies if copy.id == course.id), course.id)
    changes.copies.append(CourseCopy(number, title, short, original, (course.id, *course.history)))
    made = replace(course, id=number)
    for activity in course.activities:
        tool = changes.tools.get(activity.tool)
        if tool is not None:
            choice = Choice(activity.column is not None, activity.shares_name, activity.shares_email)
            add_activity(changes, made, activity.section, tool, _as_item(changes, activity), choice)
    if not teacher.is_site_administrator:
        changes.enrolments[number, teacher.id] = Enrolment("Instructor")
    return number


def set_enrolment(changes: Changes, course: Course, person: Person, role: CourseRole, *, is_suspended: bool) -> None:
    """Enrol somebody, or change how they are enrolled; what they can try, and their groups, stay."""
    before = person.enrolments.get(course.id) or Enrolment(role)
    changes.enrolments[course.id, person.id] = replace(before, role=role, is_suspended=is_suspended)


def unenrol(changes: Changes, course: Course, person: Person) -> None:
    """Take somebody out of the course."""
    changes.enrolments[course.id, person.id] = None


def _as_item(changes: Changes, activity: Activity) -> Item:
    column = changes.columns.get(activity.column or 0)
    wanted = ColumnDraft(column.label, column.score_maximum, column.resource_id, column.tag) if column else None
    return Item(activity.name, activity.intro, activity.url, activity.icon, activity.custom, wanted)
