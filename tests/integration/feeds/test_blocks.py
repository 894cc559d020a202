"""What the worker stores of sessions, and what it makes up at night."""

import pytest
from sqlalchemy import select

from lti_tool.core import clock
from lti_tool.feeds import CalendarBlock
from lti_tool.feeds.jobs import render_missing
from tests.factories.calendars import values
from tests.factories.feeds import Scene, draft

pytestmark = pytest.mark.sql


def blocks(scene: Scene) -> list[CalendarBlock]:
    with scene.database.reading() as db:
        return list(db.scalars(select(CalendarBlock).order_by(CalendarBlock.session_id)))


def test_a_session_is_rendered_when_it_has_changed_and_only_then(scene: Scene):
    session = scene.plan()
    assert blocks(scene) == []
    scene.house.work()
    (first,) = blocks(scene)
    scene.house.work()
    assert blocks(scene)[0].body == first.body
    scene.cancel(session)
    scene.house.work()
    (second,) = blocks(scene)
    assert (first.sequence, second.sequence) == (0, 1)
    assert b"STATUS:CANCELLED" in second.body
    assert second.body == scene.fetch(scene.path(scene.feed())).data.split(b"END:VTIMEZONE\r\n")[1].removesuffix(
        b"END:VCALENDAR\r\n"
    )


def test_what_came_before_there_were_blocks_is_rendered_at_night(scene: Scene):
    for number in range(3):
        scene.plan(draft(f"Teaching {number}"))
    gone = scene.plan(draft("Gone"))
    scene.delete(gone)
    path = scene.path(scene.feed())
    before = scene.fetch(path).data
    for _night in range(2):
        with scene.house.database.transaction() as db:
            render_missing(db, clock.now())
        assert len(blocks(scene)) == 3
        assert scene.fetch(path).data == before
    assert values(before, "SUMMARY") == ["Teaching 0", "Teaching 1", "Teaching 2"]


def test_a_session_that_is_deleted_before_the_worker_comes_is_nothing_to_render(scene: Scene):
    session = scene.plan()
    scene.delete(session)
    scene.house.work()
    assert blocks(scene) == []
