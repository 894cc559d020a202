"""From planned to deleted: what a phone is told, whether or not the worker has come by."""

from dataclasses import dataclass, field
from datetime import timedelta

import pytest
import time_machine
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import update

from lti_tool.feeds.actions import keep_block
from lti_tool.feeds.rules import Rendered, next_stamp
from lti_tool.programme import TeachingSession, session_facts
from tests.factories.calendars import JUDGES, faults, unfolded, values
from tests.factories.feeds import Scene, draft
from tests.factories.house import moment


@dataclass
class Phone:
    """A subscriber with ICSx5's rules: it knows events by UID, and takes an event anew only when SEQUENCE or
    LAST-MODIFIED is greater than what it has. What the calendar no longer holds it drops.
    """

    scene: Scene
    path: str
    events: dict[str, list[str]] = field(default_factory=dict)

    def sync(self) -> None:
        answer = self.scene.fetch(self.path)
        assert answer.status_code == 200
        assert faults(answer.data) == []
        there = dict(events_of(answer.data))
        for uid, event in there.items():
            if uid not in self.events or stamp_of(event) > stamp_of(self.events[uid]):
                self.events[uid] = event
        self.events = {uid: event for uid, event in self.events.items() if uid in there}

    @property
    def shown(self) -> str:
        return "\n".join(line for event in self.events.values() for line in event)


def events_of(body: bytes):
    event: list[str] = []
    for line in unfolded(body):
        event = [line] if line == "BEGIN:VEVENT" else [*event, line]
        if line == "END:VEVENT":
            yield next(value.removeprefix("UID:") for value in event if value.startswith("UID:")), event


def stamp_of(event: list[str]) -> tuple[int, str]:
    said = dict(line.split(":", 1) for line in event if ":" in line)
    return int(said["SEQUENCE"]), said["LAST-MODIFIED"]


def visible(event: list[str]) -> list[str]:
    return [line for line in event if not line.startswith(("SEQUENCE", "LAST-MODIFIED", "DTSTAMP"))]


STEPS = [
    ("change room", lambda scene, session: scene.change(session, room="Lecture theatre"), "LOCATION:Lecture theatre"),
    ("rename the room", lambda scene, session: scene.change(session, room="Nightingale"), "LOCATION:Nightingale"),
    (
        "move",
        lambda scene, session: scene.change(
            session, starts_at=moment("2026-12-04T09:00:00+00:00"), ends_at=moment("2026-12-04T10:00:00+00:00")
        ),
        "DTSTART;TZID=Europe/London:20261204T090000",
    ),
    ("cancel", lambda scene, session: scene.cancel(session), "STATUS:CANCELLED"),
    ("restore", lambda scene, session: scene.restore(session), "STATUS:CONFIRMED"),
]


@pytest.mark.sql
@pytest.mark.parametrize("is_at_work", [True, False], ids=["worker", "no worker"])
def test_every_step_reaches_the_phone(scene: Scene, is_at_work):
    phone, seen = Phone(scene, scene.path(scene.feed())), []
    session = scene.plan()
    for name, step, line in [("create", lambda *_given: None, "LOCATION:Seminar room 2"), *STEPS]:
        step(scene, session)
        if is_at_work:
            scene.house.work()
        phone.sync()
        assert line in phone.shown, name
        (uid,), (event,) = phone.events, phone.events.values()
        seen.append((uid, *stamp_of(event)))
    assert len({uid for uid, _sequence, _modified in seen}) == 1
    assert [sequence for _uid, sequence, _modified in seen] == [0, 1, 2, 3, 4, 5]
    moments = [modified for _uid, _sequence, modified in seen]
    assert moments == sorted(set(moments))
    scene.delete(session)
    if is_at_work:
        scene.house.work()
    phone.sync()
    assert phone.events == {}


@pytest.mark.sql
def test_what_the_reader_got_first_is_what_the_worker_stores(scene: Scene):
    path, session = scene.path(scene.feed()), scene.plan()
    for _name, step, _line in STEPS:
        step(scene, session)
        before = scene.fetch(path)
        scene.house.work()
        after = scene.fetch(path)
        assert (after.data, after.headers["ETag"]) == (before.data, before.headers["ETag"])


@pytest.mark.sql
def test_a_change_that_nobody_sees_changes_no_byte(scene: Scene):
    path, session = scene.path(scene.feed()), scene.plan()
    scene.house.work()
    before = scene.fetch(path)
    with scene.database.transaction() as db:
        touched = update(TeachingSession).values(version=TeachingSession.version + 1)
        db.execute(touched.where(TeachingSession.public_id == session))
    for _look in range(2):
        answer = scene.fetch(path)
        assert (answer.data, answer.headers["ETag"]) == (before.data, before.headers["ETag"])
        with scene.database.transaction() as db:
            keep_block(db, session_facts(db, session))
    scene.change(session, room="Elsewhere")
    assert values(scene.fetch(path).data, "SEQUENCE") == ["1"]


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(st.sampled_from(["room", "back", "move", "cancel", "restore", "work", "sync"]), max_size=14))
def test_in_whatever_order_things_happen_the_phone_shows_what_is(scene: Scene, steps):
    session, feed = scene.plan(), scene.feed()
    phone = Phone(scene, scene.path(feed))
    acts = {
        "room": lambda: scene.change(session, room="Lecture theatre"),
        "back": lambda: scene.change(session, room="Seminar room 2"),
        "move": lambda: scene.change(session, title=f"{scene.session(session).title} +"[-90:]),
        "cancel": lambda: scene.cancel(session),
        "restore": lambda: scene.restore(session),
        "work": lambda: scene.house.work(),
        "sync": phone.sync,
    }
    last: tuple[int, str] | None = None
    for step in [*steps, "sync"]:
        acts[step]()
        if step == "sync":
            uid = scene.session(session).uid
            there = dict(events_of(scene.fetch(phone.path).data))[uid]
            assert phone.events[uid] == there
            assert last is None or stamp_of(there) >= last
            last = stamp_of(there)
    scene.delete(session)
    scene.switch_off(feed)


def test_two_changes_in_one_second_are_two_changes(scene: Scene):
    with time_machine.travel(moment("2026-11-27T12:00:00+00:00"), tick=False):
        phone, session = Phone(scene, scene.path(scene.feed())), scene.plan()
        for room in ("A", "B", "A", "B"):
            scene.change(session, room=room)
            phone.sync()
            assert f"LOCATION:{room}" in phone.shown


@given(st.integers(1, 9), st.integers(0, 9), st.integers(0, 99))
def test_a_stamp_depends_on_the_row_alone_and_only_rises(version, further, seconds):
    begin = moment("2026-11-27T12:00:00+00:00")
    first = next_stamp(None, version, begin)
    assert first.sequence == version - 1
    later = next_stamp(Rendered.of(version, first, b""), version + 1 + further, begin + timedelta(seconds=seconds))
    assert later.sequence == next_stamp(None, version + 1 + further, begin).sequence
    assert later.sequence > first.sequence
    assert later.modified_at > first.modified_at


@pytest.mark.parametrize("judge", JUDGES)
def test_the_weeks_around_the_clock_change_are_read_right(scene: Scene, judge):
    with time_machine.travel(moment("2026-10-20T12:00:00+00:00"), tick=False):
        begins = [
            moment(text)
            for text in (
                "2026-10-23T12:00:00+00:00",
                "2026-10-30T13:00:00+00:00",
                "2027-03-26T13:00:00+00:00",
                "2027-04-02T12:00:00+00:00",
            )
        ]
        for begin in begins:
            scene.plan(draft(starts_at=begin))
        body = scene.fetch(scene.path(scene.feed())).data
    assert [start[-6:] for start in values(body, "DTSTART")] == ["130000"] * 4
    assert [seen.starts_at for seen in JUDGES[judge](body)] == begins
