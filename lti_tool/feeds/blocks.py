"""Which bytes a teaching session has now: the stored ones, or those that the worker is about to store."""

from lti_tool.feeds.ics import Entry, render
from lti_tool.feeds.rules import Rendered, next_stamp
from lti_tool.programme import SessionLine


def current_block(line: SessionLine, last: Rendered | None, url: str) -> Rendered:
    """The session's block as it is now; `last` is what is stored. The worker and a reader who is first agree.

    When the row has changed once and nothing that people see is different, bytes and stamp stay as they are.
    """
    if last is not None and last.version >= line.version:
        return last
    entry = entry_of(line, url)
    if last is not None and line.version == last.version + 1 and render(entry, last.stamp) == last.body:
        return Rendered(line.version, last.stamp, last.body, last.hash)
    stamp = next_stamp(last, line.version, line.changed_at)
    return Rendered.of(line.version, stamp, render(entry, stamp))


def entry_of(line: SessionLine, url: str) -> Entry:
    """What a calendar shows of the session; `url` leads back to it through the VLE."""
    return Entry(
        uid=line.uid,
        title=line.title,
        starts_at=line.starts_at,
        ends_at=line.ends_at,
        url=url,
        description=line.description,
        speaker=line.speaker,
        room=line.room,
        online_url=line.online_url,
        grades=line.grades,
        is_core=line.is_core,
        cpd_points=line.cpd_points,
        is_cancelled=line.is_cancelled,
        note=line.cancel_reason if line.is_cancelled else line.moved_from,
    )
