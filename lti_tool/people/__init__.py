"""Trusts, courses and the people in them: enrolments, appointments, rotations, and visits.

A visit says who somebody is; enrolments and appointments say what they may do. Not here: pages (people has none), the
policy (`access`), and anything about LTI (`launch` turns its claims into these rows).
"""

from lti_tool.people.actions import (
    appoint,
    end_appointment,
    end_visit,
    enrol,
    leave_note,
    make_course,
    make_person,
    make_trust,
    rename_course,
    rename_person,
    settle_in_cookie,
    start_visit,
    state_rotation,
    touch_visit,
    turn_to_path,
)
from lti_tool.people.models import Appointment, Course, Enrolment, Person, Rotation, Trust, Visit
from lti_tool.people.queries import (
    CourseLine,
    OpenVisit,
    find_rotation,
    find_trust,
    find_visit,
    find_visit_of_form,
    get_actor,
    get_course,
    get_person,
    head_count,
    tutors_of,
)
from lti_tool.people.rules import GRADES, TOUCH_EVERY, Transport, display_name

__all__ = [
    "GRADES",
    "TOUCH_EVERY",
    "Appointment",
    "Course",
    "CourseLine",
    "Enrolment",
    "OpenVisit",
    "Person",
    "Rotation",
    "Transport",
    "Trust",
    "Visit",
    "appoint",
    "display_name",
    "end_appointment",
    "end_visit",
    "enrol",
    "find_rotation",
    "find_trust",
    "find_visit",
    "find_visit_of_form",
    "get_actor",
    "get_course",
    "get_person",
    "head_count",
    "leave_note",
    "make_course",
    "make_person",
    "make_trust",
    "rename_course",
    "rename_person",
    "settle_in_cookie",
    "start_visit",
    "state_rotation",
    "touch_visit",
    "turn_to_path",
    "tutors_of",
]
