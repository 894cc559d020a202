"""Feeds: addresses that a phone follows, so that it shows its owner's teaching and every change of it; and the same
for the news of a board (`atom.py`, its bytes; `news_views.py`, its pages), with one kind of address for both.

A feed's address is its key: whoever has it reads when teaching is, and nothing else; it holds no learner's name. The
bytes of each session are rendered once, when it changes (`ics.py`, the home of iCalendar; `blocks.py`, which says what
a session's bytes are now), and a feed is a join of stored blocks (`calendars.py`, kept at hand by audience and day
instead of by person). What HTTP makes of them is in `answers.py`, because it asks for neither database nor page;
how a feed gets onto a phone, in links and words, is in `offers.py`. Not here: planning teaching (`programme`), telling
people of late changes (`notifications`).
"""

from lti_tool.feeds.jobs import jobs, listeners
from lti_tool.feeds.models import CalendarBlock, Feed, RetiredAddress
from lti_tool.feeds.news_views import blueprint

__all__ = ["CalendarBlock", "Feed", "RetiredAddress", "blueprint", "jobs", "listeners"]
