"""What a launch says: the claims of the id_token (LTI Core §5), in the shapes that Moodle sends."""

import hashlib
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC
from typing import Any
from urllib.parse import urlencode

from lti_tool.demo_platform.catalogue import Activity, Catalogue, Course, Person
from lti_tool.demo_platform.tools import ALWAYS, DELEGATE, NO_GRADES, NRPS_SCOPE, ROSTER, Tool

LTI = "https://purl.imsglobal.org/spec/lti/claim/"
DL_CLAIM = "https://purl.imsglobal.org/spec/lti-dl/claim/"
AGS_CLAIM = "https://purl.imsglobal.org/spec/lti-ags/claim/endpoint"
NRPS_CLAIM = "https://purl.imsglobal.org/spec/lti-nrps/claim/namesroleservice"
ROLES = "http://purl.imsglobal.org/vocab/lis/v2/"
ADMINISTRATOR_ROLES = [f"{ROLES}institution/person#Administrator", f"{ROLES}system/person#Administrator"]
TOKEN_SECONDS = 60

# Moodle's numbers for the way an activity is shown, and the words that it sends for them.
IN_FRAME = 3
IN_NEW_WINDOW = 4
IN_SAME_WINDOW = 5
DOCUMENT_TARGETS = {IN_FRAME: "iframe", IN_NEW_WINDOW: "window", IN_SAME_WINDOW: "frame"}


@dataclass(frozen=True)
class Launch:
    """One person opening one activity once; without an activity, choosing content for a section of the course."""

    person: Person
    course: Course
    tool: Tool
    activity: Activity | None
    container: int
    sesskey: str
    section: int = 0

    @property
    def target(self) -> str:
        """The `target_link_uri`."""
        if self.activity is None:
            return self.tool.selection_url or self.tool.tool_url
        return self.activity.url or self.tool.tool_url


def memberships_url(issuer: str, tool: Tool, course_id: int) -> str:
    """The roster of the course (NRPS)."""
    return f"{issuer}/mod/lti/services.php/CourseSection/{course_id}/bindings/{tool.number}/memberships"


def line_items_url(issuer: str, tool: Tool, course_id: int) -> str:
    """The grade columns of the course (AGS). Moodle hangs a query on it, which tools must cope with."""
    return f"{issuer}/mod/lti/services.php/{course_id}/lineitems?type_id={tool.number}"


def line_item_url(issuer: str, tool: int, course_id: int, number: int) -> str:
    """One grade column."""
    return f"{issuer}/mod/lti/services.php/{course_id}/lineitems/{number}/lineitem?type_id={tool}"


def id_token_claims(issuer: str, catalogue: Catalogue, launch: Launch, nonce: str) -> dict[str, Any]:
    """All claims of a launch. `issuer` is the site address without a slash at its end."""
    now = int(time.time())
    sealed = {
        "nonce": nonce,
        "iat": now,
        "exp": now + TOKEN_SECONDS,
        "iss": issuer,
        "aud": launch.tool.client_id,
        f"{LTI}deployment_id": launch.tool.deployment_id,
        f"{LTI}target_link_uri": launch.target,
        f"{LTI}message_type": "LtiResourceLinkRequest" if launch.activity else "LtiDeepLinkingRequest",
        f"{LTI}version": "1.3.0",
    }
    what = _link(issuer, launch, launch.activity) if launch.activity else _selection(issuer, launch)
    return sealed | _who(launch) | _where(issuer, catalogue, launch) | what | _services(issuer, launch)


def _who(launch: Launch) -> dict[str, Any]:
    person, course, tool, activity = launch.person, launch.course, launch.tool, launch.activity
    said: dict[str, Any] = {
        "sub": str(person.id),
        f"{LTI}lis": {"person_sourcedid": person.id_number, "course_section_sourcedid": course.id_number},
        f"{LTI}roles": roles(person, course),
        f"{LTI}ext": {"user_username": person.username, "lms": "moodle-2"},
    }
    if shares(tool.share_name, activity is None or activity.shares_name):
        said |= {"given_name": person.given, "family_name": person.family, "name": person.name}
    if shares(tool.share_email, activity is None or activity.shares_email):
        said["email"] = person.email
    return said


def shares(setting: str, teacher_agrees: bool) -> bool:
    """Whether something personal is sent: the administrator decides, or leaves it to the teacher."""
    return setting == ALWAYS or (setting == DELEGATE and teacher_agrees)


def _where(issuer: str, catalogue: Catalogue, launch: Launch) -> dict[str, Any]:
    course = launch.course
    return {
        f"{LTI}context": {
            "id": str(course.id),
            "label": course.short,
            "title": course.title,
            "type": ["CourseSection"],
        },
        f"{LTI}tool_platform": {
            "product_family_code": "moodle",
            "version": "2024100706",
            "guid": hashlib.sha256(issuer.encode()).hexdigest()[:32],
            "name": catalogue.site,
            "description": f"{catalogue.trust} (demo)",
        },
    }


def _link(issuer: str, launch: Launch, activity: Activity) -> dict[str, Any]:
    return {
        f"{LTI}resource_link": {
            "title": activity.name,
            "description": activity.intro,
            "id": str(activity.instance),
        },
        f"{LTI}launch_presentation": {
            "locale": "en",
            "document_target": DOCUMENT_TARGETS[launch.container],
            "return_url": _return_url(issuer, launch, activity),
        },
    }


def _selection(issuer: str, launch: Launch) -> dict[str, Any]:
    """What a tool may answer with (Deep Linking §4.4.1). Moodle sends no `data`."""
    query = {"course": launch.course.id, "id": launch.tool.number, "section": launch.section}
    return {
        f"{LTI}launch_presentation": {"locale": "en"},
        f"{DL_CLAIM}deep_linking_settings": {
            "accept_types": ["ltiResourceLink"],
            "accept_presentation_document_targets": ["frame", "iframe", "window"],
            "accept_copy_advice": False,
            "accept_multiple": True,
            "accept_unsigned": False,
            "auto_create": False,
            "can_confirm": False,
            "deep_link_return_url": f"{issuer}/mod/lti/contentitem_return.php?"
            + urlencode(query | {"sesskey": launch.sesskey}),
            "title": launch.tool.name,
            "text": launch.tool.description,
        },
    }


def _services(issuer: str, launch: Launch) -> dict[str, Any]:
    tool, course = launch.tool, launch.course
    said: dict[str, Any] = {f"{LTI}custom": custom_parameters(issuer, launch)}
    if tool.grade_service != NO_GRADES:
        said[AGS_CLAIM] = _grade_endpoint(issuer, launch)
    if tool.roster_service == ROSTER:
        memberships = memberships_url(issuer, tool, course.id)
        said[NRPS_CLAIM] = {"context_memberships_url": memberships, "service_versions": ["1.0", "2.0"]}
    return said


def roles(person: Person, course: Course) -> list[str]:
    """Moodle sends one course role, and for its administrator two more, in this order."""
    course_role = f"{ROLES}membership#{person.role_in(course.id)}"
    if person.is_site_administrator:
        return [ADMINISTRATOR_ROLES[0], course_role, ADMINISTRATOR_ROLES[1]]
    return [course_role]


def custom_parameters(issuer: str, launch: Launch) -> dict[str, str | None]:
    """The activity's parameters with the administrator's over them; unknown variables stay as they were typed."""
    known = _variables(issuer, launch)
    typed = {**(launch.activity.custom if launch.activity else {}), **launch.tool.custom_parameters}
    return {name: known.get(value, value) for name, value in typed.items()}


def _variables(issuer: str, launch: Launch) -> Mapping[str, str | None]:
    person, course, activity = launch.person, launch.course, launch.activity
    enrolment = person.enrolments.get(course.id)
    return {
        "$Context.id": str(course.id),
        "$Context.title": course.title,
        "$Context.label": course.short,
        "$Context.sourcedId": course.id_number,
        "$Context.id.history": ",".join(map(str, course.history)),
        "$Context.timeFrame.begin": str(int(course.begins_at.timestamp())),
        "$CourseSection.title": course.title,
        "$CourseSection.label": course.short,
        "$CourseSection.sourcedId": course.id_number,
        "$CourseSection.timeFrame.begin": course.begins_at.astimezone(UTC).isoformat(),
        "$CourseSection.timeFrame.end": "",
        "$ResourceLink.id": str(activity.instance) if activity else None,
        "$ResourceLink.title": activity.name if activity else None,
        "$ResourceLink.description": activity.intro if activity else None,
        "$User.id": str(person.id),
        "$User.username": person.username,
        "$Person.name.full": person.name,
        "$Person.name.given": person.given,
        "$Person.name.family": person.family,
        "$Person.email.primary": person.email,
        "$Person.sourcedId": person.id_number,
        "$Membership.role": person.role_in(course.id),
        "$Moodle.Person.userGroupIds": enrolment.groups if enrolment else "",
        "$ToolProxyBinding.memberships.url": memberships_url(issuer, launch.tool, course.id),
    }


def _return_url(issuer: str, launch: Launch, activity: Activity) -> str:
    query = {
        "course": launch.course.id,
        "launch_container": launch.container,
        "instanceid": activity.instance,
        "sesskey": launch.sesskey,
    }
    return f"{issuer}/mod/lti/return.php?{urlencode(query)}"


def _grade_endpoint(issuer: str, launch: Launch) -> dict[str, Any]:
    tool, course, activity = launch.tool, launch.course, launch.activity
    endpoint: dict[str, Any] = {}
    if activity is None:
        endpoint["lineitem"] = ""
    elif activity.column is not None:
        endpoint["lineitem"] = line_item_url(issuer, tool.number, course.id, activity.column)
    return endpoint | {
        "lineitems": line_items_url(issuer, tool, course.id),
        "results": "",
        "scores": "",
        "scope": [scope for scope in tool.scopes if scope != NRPS_SCOPE],
    }
