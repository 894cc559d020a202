"""Discussion boards: threads, posts, and the one writer of a post's state.

A board is named, pseudonymous, or anonymous to peers. On the last two a post holds no person: `author_tag` is a keyed
tag (the same for one person within a board, unlinkable across boards), the alias is drawn from it (or is the word
"Somebody" for all), and the person's number lies sealed in a table that only the author's own pages, the notifier and
break-glass open (`authors.py`, a module of its own because nothing else may touch sealed authorship). Queries are two
files, of boards and threads (`queries.py`) and of posts (`posts.py`), with what other rooms are told of them
(`stories.py`), because together they were too long to know. Subjects of their own, each with its tables' queries and
actions together, are `covers.py` (rooms that lay a cover sheet upon a thread write its gate, unlocks and holds here, so
that every list reads them), `standing.py` (what others make of an answer: neither its state nor its words), `polls.py`
(nothing else may touch votes), `attachments.py` (files, whose readers are those of the words), `quoting.py`,
`mentions.py`, `hats.py` (who is named as a post's author) and `counters.py` (for `lti-tool db check`). What a reader
does with threads stands apart from what people write, because its rows name them as little as they can: `reactions.py`,
`marks.py` (how far somebody has read), `reading.py` (what is new to them), `shown.py` (the GET that moves a mark),
`keeping.py` (follow, bookmarks), `reader_views.py`. `tending.py` is what tutors do with a whole thread (pin, lock,
move, tag), with `tending_views.py`. Pages of any length stay cheap by `moulds.py` (draws the posts of long threads) and
`slips.py` (asks a page's small questions at once). Other pages are `standing_views.py`, `polling.py`,
`version_views.py` and `attaching.py`, the part of a composer that takes files; `composing.py` is what a composer's
buttons ask for. What a board is has modules of its own, because it changes for other reasons than what people write
there: `lines.py` (a board as every list reads it), `opening.py`, `patterns.py` (templates: words, defaults, prompts),
`audience.py` (who reads it: the one expression), `charter.py`, `charter_models.py`, `charter_forms.py` and
`charter_views.py` (dates, closing, rules and the pages of settings), `sharing.py` and `sharing_views.py` (courses that
join, cohorts), `know_how.py` and `know_how_views.py` (answers that became entries), `private.py` (questions that only
tutors read).
Not here: decisions about posts (`moderation`), what people typed (`texts`).
"""

from lti_tool.boards import charter_views, know_how_views, sharing_views  # noqa: F401 - their routes join the blueprint
from lti_tool.boards.actions import (
    answer_report,
    edit_post,
    flag_post,
    move_post,
    publish_edit,
    refuse_edit,
    reply,
    start_thread,
    withdraw_post,
)
from lti_tool.boards.attachments import jobs as jobs_of_files
from lti_tool.boards.audience import visible_boards
from lti_tool.boards.authors import AuthorKeys, alias_of, author_of, seal_for, tag_of
from lti_tool.boards.counters import count_wrong_counters, count_wrong_tallies, mend_counters, mend_tallies
from lti_tool.boards.covers import (
    hold_thread,
    open_cover,
    publish_cover,
    release_thread,
    retitle_cover,
    share_thread,
    unlock_thread,
)
from lti_tool.boards.forms import board_draft
from lti_tool.boards.keeping import count_bookmarks, followers_after
from lti_tool.boards.marks import forget_marks, microseconds_of, move_mark, readers_of
from lti_tool.boards.mentions import people_mentioned
from lti_tool.boards.models import Board, Post, Thread, ThreadActivity
from lti_tool.boards.opening import BoardDraft, change_board, make_board
from lti_tool.boards.patterns import Pattern, Template, patterns
from lti_tool.boards.polls import PollLine, erase_poll, find_poll
from lti_tool.boards.posts import (
    PostFacts,
    get_post_facts,
    history_on_board,
    mine_waiting,
    waiting_count,
    waiting_posts,
)
from lti_tool.boards.queries import (
    BoardLine,
    boards_of,
    find_board,
    find_landmark,
    get_board,
    is_held,
    is_unlocked,
    open_holds,
    unanswered,
    visible_threads,
    visible_words,
)
from lti_tool.boards.reactions import Reaction, react
from lti_tool.boards.reader_views import mark_all
from lti_tool.boards.reading import BoardNews, news_of
from lti_tool.boards.rules import WAITS_TARGET, BoardKind, Hold, PostState, WaitsFor, reasons
from lti_tool.boards.standing import accept_answer, endorse_answer, supersede_answer
from lti_tool.boards.stories import PostStory, ThreadName, story_of, thread_names
from lti_tool.boards.tending import keep_tags, tag_own_question
from lti_tool.boards.tending_views import tend
from lti_tool.boards.views import bar, blueprint
from lti_tool.journal import Job

from lti_tool.boards import polling, standing_views, version_views  # isort: skip  # noqa: F401 - more of its addresses

landmarks = (find_landmark,)
jobs = (*jobs_of_files, Job("forget_marks", forget_marks))

__all__ = [
    "WAITS_TARGET",
    "AuthorKeys",
    "Board",
    "BoardDraft",
    "BoardKind",
    "BoardLine",
    "BoardNews",
    "Hold",
    "Pattern",
    "PollLine",
    "Post",
    "PostFacts",
    "PostState",
    "PostStory",
    "Reaction",
    "Template",
    "Thread",
    "ThreadActivity",
    "ThreadName",
    "WaitsFor",
    "accept_answer",
    "alias_of",
    "answer_report",
    "author_of",
    "bar",
    "blueprint",
    "board_draft",
    "boards_of",
    "change_board",
    "count_bookmarks",
    "count_wrong_counters",
    "count_wrong_tallies",
    "edit_post",
    "endorse_answer",
    "erase_poll",
    "find_board",
    "find_poll",
    "flag_post",
    "followers_after",
    "get_board",
    "get_post_facts",
    "history_on_board",
    "hold_thread",
    "is_held",
    "is_unlocked",
    "jobs",
    "keep_tags",
    "landmarks",
    "make_board",
    "mark_all",
    "mend_counters",
    "mend_tallies",
    "microseconds_of",
    "mine_waiting",
    "move_mark",
    "move_post",
    "news_of",
    "open_cover",
    "open_holds",
    "patterns",
    "people_mentioned",
    "publish_cover",
    "publish_edit",
    "react",
    "readers_of",
    "reasons",
    "refuse_edit",
    "release_thread",
    "reply",
    "retitle_cover",
    "seal_for",
    "share_thread",
    "start_thread",
    "story_of",
    "supersede_answer",
    "tag_of",
    "tag_own_question",
    "tend",
    "thread_names",
    "unanswered",
    "unlock_thread",
    "visible_boards",
    "visible_threads",
    "visible_words",
    "waiting_count",
    "waiting_posts",
    "withdraw_post",
]
