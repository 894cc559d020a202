"""What there is at the first run of a pretend VLE, and what every run must put right again."""

from dataclasses import replace

from lti_tool.demo_platform import tools
from lti_tool.demo_platform.catalogue import Catalogue
from lti_tool.demo_platform.store import Changes, Column, Store
from lti_tool.demo_platform.tools import Tool
from lti_tool.demo_platform.vle import VleConfig

FIRST_TOOL = 1
FULL_MARKS = 100


def open_store(config: VleConfig, base: Catalogue) -> Store:
    """The kept changes. The first tool moves along when the demo is started on other ports."""
    first = first_tool(config, base)
    store = Store(config.var_dir, base, _changes(config, base, first))
    kept = store.changes.tools.get(FIRST_TOOL)
    if kept is not None and kept.client_id == first.client_id and kept.tool_url != first.tool_url:
        moved = {
            name: getattr(first, name) for name in ("tool_url", "login_url", "keyset_url", "redirect_uris", "domain")
        }
        with store.change() as changes:
            changes.tools[FIRST_TOOL] = replace(kept, **moved, selection_url=first.selection_url)
    return store


def first_tool(config: VleConfig, base: Catalogue) -> Tool:
    """The tool of the demo, as its administrator would have set it up."""
    launch = f"{config.tool}/lti/launch"
    return Tool(
        number=FIRST_TOOL,
        client_id=base.tool.client_id,
        name=base.tool.name,
        tool_url=launch,
        login_url=f"{config.tool}/lti/login",
        keyset_url=f"{config.tool}/lti/jwks.json",
        redirect_uris=(launch,),
        domain=config.tool.partition("://")[2],
        is_active=True,
        custom="\n".join(f"{name}={value}" for name, value in base.tool.custom.items()),
        usage=tools.IN_CHOOSER,
        has_selection=True,
        selection_url=launch,
        share_name=tools.ALWAYS,
        share_email=tools.ALWAYS,
        accept_grades=tools.DELEGATE,
        grade_service=tools.GRADES_AND_COLUMNS,
        roster_service=tools.ROSTER,
    )


def _changes(config: VleConfig, base: Catalogue, tool: Tool) -> Changes:
    activities = [activity for course in base.courses.values() for activity in course.activities]
    if config.is_empty:
        return Changes(removed={activity.cmid for activity in activities})
    graded = [(activity.column, activity) for activity in activities if activity.column is not None]
    columns = {
        number: Column(
            number=number,
            course_id=activity.course_id,
            tool=FIRST_TOOL,
            label=activity.name,
            score_maximum=FULL_MARKS,
            instance=activity.instance,
        )
        for number, activity in graded
    }
    return Changes(last_tool=FIRST_TOOL, tools={FIRST_TOOL: tool}, columns=columns)
