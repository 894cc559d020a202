"""One search over boards, cases and teaching, and the questions that are like the one that somebody is about to ask.

The index is an ordinary table, kept by deliveries of the journal and made good every night; it holds digests of words
and no word. What it says is looked up under the rooms' own conditions before anybody sees it, so it may lag behind and
nothing leaks. Nothing is found by who wrote it: no author is in it.

Beside the usual files: `sources.py` (what can be found, one select a kind, because filling, keeping and checking ask
the same), `matching.py` (asking the index, which each database engine does in its own way). Not here: a board's own
filters (`boards`), the case board (`cases`).
"""

from lti_tool.search.actions import put
from lti_tool.search.jobs import jobs, listeners, mend_trust, purgers
from lti_tool.search.models import SearchEntry, SearchWords
from lti_tool.search.queries import find, similar_questions
from lti_tool.search.rules import Kind, Wanted
from lti_tool.search.sources import POSTS, SOURCES, Findable, count_wrong_entries, things
from lti_tool.search.views import asides, blueprint

__all__ = [
    "POSTS",
    "SOURCES",
    "Findable",
    "Kind",
    "SearchEntry",
    "SearchWords",
    "Wanted",
    "asides",
    "blueprint",
    "count_wrong_entries",
    "find",
    "jobs",
    "listeners",
    "mend_trust",
    "purgers",
    "put",
    "similar_questions",
    "things",
]
