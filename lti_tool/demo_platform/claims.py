"""What a launch says: the claims of the id_token (LTI Core §5), in the shapes that Moodle sends."""

import hashlib
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC
from typing import Any
from urllib.parse import urlencode

from lti_tool.demo_platform.catalogue import Activity, Catalogue, Course, Person

LTI = "https://purl.imsglobal.org/spec/lti/claim/"
AGS_CLAIM = "https://purl.imsglobal.org/spec/lti-ags/claim/endpoint"
NRPS_CLAIM = "https://purl.imsglobal.org/spec/lti-nrps/claim/namesroleservice"
NRPS_SCOPE = "https://purl.imsglobal.org/spec/lti-nrps/scope/contextmembership.readonly"
AGS_SCOPES = [
    "https://purl.imsglobal.org/spec/lti-ags/scope/lineitem",
    "https://purl.imsglobal.org/spec/lti-ags/scope/lineitem.readonly",
    "https://purl.imsglobal.org/spec/lti-ags/scope/result.readonly",
    "https://purl.imsglobal.org/spec/lti-ags/scope/score",
]
ROLES = "http://purl.imsglobal.org/vocab/lis/v2/"
ADMINISTRATOR_ROLES = [f"{ROLES}institution/person#Administrator", f"{ROLES}system/person#Administrator"]
TOKEN_SECONDS = 60

# Moodle's numbers for the way an activity is shown, and the words that it sends for them.
IN_FRAME = 3
IN_SAME_WINDOW = 5
DOCUMENT_TARGETS = {IN_FRAME: "iframe", IN_SAME_WINDOW: "frame"}


@dataclass(frozen=True)
class Launch:
    """One person opening one activity once."""

    person: Person
    course: Course
    activity: Activity
    container: int
    sesskey: str


def memberships_url(issuer: str, catalogue: Catalogue, course: Course) -> str:
    """The roster of the course (NRPS)."""
    return (
        f"{issuer}/mod/lti/services.php/CourseSection/{course.id}/bindings/{catalogue.tool.deployment_id}/memberships"
    )


def line_items_url(issuer: str, catalogue: Catalogue, course: Course) -> str:
    """The grade columns of the course (AGS). Moodle hangs a query on it, which tools must cope with."""
    return f"{issuer}/mod/lti/services.php/{course.id}/lineitems?type_id={catalogue.tool.deployment_id}"


def line_item_url(issuer: str, catalogue: Catalogue, course_id: int, number: int) -> str:
    """One grade column."""
    return (
        f"{issuer}/mod/lti/services.php/{course_id}/lineitems/{number}/lineitem?type_id={catalogue.tool.deployment_id}"
    )


def id_token_claims(issuer: str, tool_url: str, catalogue: Catalogue, launch: Launch, nonce: str) -> dict[str, Any]:
    """All claims of a resource link launch. `issuer` is the site address without a slash at its end."""
    now = int(time.time())
    sealed = {
        "nonce": nonce,
        "iat": now,
        "exp": now + TOKEN_SECONDS,
        "iss": issuer,
        "aud": catalogue.tool.client_id,
        f"{LTI}deployment_id": catalogue.tool.deployment_id,
        f"{LTI}target_link_uri": f"{tool_url}/lti/launch",
        f"{LTI}message_type": "LtiResourceLinkRequest",
        f"{LTI}version": "1.3.0",
    }
    return sealed | _who(launch) | _where(issuer, catalogue, launch) | _services(issuer, catalogue, launch)


def _who(launch: Launch) -> dict[str, Any]:
    person, course = launch.person, launch.course
    return {
        "sub": str(person.id),
        f"{LTI}lis": {"person_sourcedid": person.id_number, "course_section_sourcedid": course.id_number},
        f"{LTI}roles": roles(person, course),
        "given_name": person.given,
        "family_name": person.family,
        "name": person.name,
        f"{LTI}ext": {"user_username": person.username, "lms": "moodle-2"},
        "email": person.email,
    }


def _where(issuer: str, catalogue: Catalogue, launch: Launch) -> dict[str, Any]:
    course, activity = launch.course, launch.activity
    context = {"id": str(course.id), "label": course.short, "title": course.title, "type": ["CourseSection"]}
    link = {"title": activity.name, "description": activity.intro, "id": str(activity.instance)}
    return {
        f"{LTI}context": context,
        f"{LTI}resource_link": link,
        f"{LTI}launch_presentation": {
            "locale": "en",
            "document_target": DOCUMENT_TARGETS[launch.container],
            "return_url": _return_url(issuer, launch),
        },
        f"{LTI}tool_platform": {
            "product_family_code": "moodle",
            "version": "2024100706",
            "guid": hashlib.sha256(issuer.encode()).hexdigest()[:32],
            "name": catalogue.site,
            "description": f"{catalogue.trust} (demo)",
        },
    }


def _services(issuer: str, catalogue: Catalogue, launch: Launch) -> dict[str, Any]:
    memberships = memberships_url(issuer, catalogue, launch.course)
    return {
        f"{LTI}custom": custom_parameters(issuer, catalogue, launch),
        AGS_CLAIM: _grade_endpoint(issuer, catalogue, launch),
        NRPS_CLAIM: {"context_memberships_url": memberships, "service_versions": ["1.0", "2.0"]},
    }


def roles(person: Person, course: Course) -> list[str]:
    """Moodle sends one course role, and for its administrator two more, in this order."""
    course_role = f"{ROLES}membership#{person.role_in(course.id)}"
    if person.is_site_administrator:
        return [ADMINISTRATOR_ROLES[0], course_role, ADMINISTRATOR_ROLES[1]]
    return [course_role]


def custom_parameters(issuer: str, catalogue: Catalogue, launch: Launch) -> dict[str, str]:
    """The activity's parameters with the administrator's over them; unknown variables stay as they were typed."""
    known = _variables(issuer, catalogue, launch)
    typed = {**launch.activity.custom, **catalogue.tool.custom}
    return {name: known.get(value, value) for name, value in typed.items()}


def _variables(issuer: str, catalogue: Catalogue, launch: Launch) -> Mapping[str, str]:
    person, course, activity = launch.person, launch.course, launch.activity
    enrolment = person.enrolments.get(course.id)
    return {
        "$Context.id": str(course.id),
        "$Context.title": course.title,
        "$Context.label": course.short,
        "$Context.sourcedId": course.id_number,
        "$Context.id.history": "",
        "$Context.timeFrame.begin": str(int(course.begins_at.timestamp())),
        "$CourseSection.title": course.title,
        "$CourseSection.label": course.short,
        "$CourseSection.sourcedId": course.id_number,
        "$CourseSection.timeFrame.begin": course.begins_at.astimezone(UTC).isoformat(),
        "$CourseSection.timeFrame.end": "",
        "$ResourceLink.id": str(activity.instance),
        "$ResourceLink.title": activity.name,
        "$ResourceLink.description": activity.intro,
        "$User.id": str(person.id),
        "$User.username": person.username,
        "$Person.name.full": person.name,
        "$Person.name.given": person.given,
        "$Person.name.family": person.family,
        "$Person.email.primary": person.email,
        "$Person.sourcedId": person.id_number,
        "$Membership.role": person.role_in(course.id),
        "$Moodle.Person.userGroupIds": enrolment.groups if enrolment else "",
        "$ToolProxyBinding.memberships.url": memberships_url(issuer, catalogue, course),
    }


def _return_url(issuer: str, launch: Launch) -> str:
    query = {
        "course": launch.course.id,
        "launch_container": launch.container,
        "instanceid": launch.activity.instance,
        "sesskey": launch.sesskey,
    }
    return f"{issuer}/mod/lti/return.php?{urlencode(query)}"


def _grade_endpoint(issuer: str, catalogue: Catalogue, launch: Launch) -> dict[str, Any]:
    endpoint: dict[str, Any] = {}
    if launch.activity.has_grades:
        endpoint["lineitem"] = line_item_url(issuer, catalogue, launch.course.id, launch.activity.instance)
    return endpoint | {
        "lineitems": line_items_url(issuer, catalogue, launch.course),
        "results": "",
        "scores": "",
        "scope": AGS_SCOPES,
    }
