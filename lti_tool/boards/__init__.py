"""Discussion boards: threads, posts, and the one writer of a post's state.

A board is named or pseudonymous. On a pseudonymous board a post holds no person: `author_tag` is a keyed tag (the same
for one person within a board, unlinkable across boards), the alias is drawn from it, and the person's number lies
sealed in a table that only the author's own pages, the notifier and break-glass open (`authors.py`, a module of its own
because nothing else may touch sealed authorship). Queries are two files, of boards and threads (`queries.py`) and of
posts (`posts.py`), because together they were too long to know. `covers.py` is for rooms that lay a cover sheet upon a
thread: gate, unlocks and holds are facts of boards that they write, so that every list here reads them. `counters.py`
holds the counters against what is there, for `lti-tool db check`. What a reader does with threads stands apart from
what people write, because its rows are about readers and name them as little as they can: `reactions.py`, `marks.py`
(how far somebody has read), `reading.py` (what is new to them, what is theirs), `shown.py` (the GET that moves a mark),
`keeping.py` (follow, bookmarks), `reader_views.py` (their pages). What tutors do with a whole thread (pin, lock, move,
tag) is in `tending.py`, with its pages in `tending_views.py`. Not here: decisions about posts (`moderation`), what
people typed (`texts`).
"""

from lti_tool.boards.actions import (
    BoardDraft,
    answer_report,
    change_board,
    edit_post,
    flag_post,
    make_board,
    move_post,
    publish_edit,
    refuse_edit,
    reply,
    start_thread,
    withdraw_post,
)
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
from lti_tool.boards.models import Board, Post, Thread, ThreadActivity
from lti_tool.boards.posts import (
    PostFacts,
    PostStory,
    ThreadName,
    get_post_facts,
    history_on_board,
    mine_waiting,
    story_of,
    thread_names,
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
from lti_tool.boards.tending import keep_tags, tag_own_question
from lti_tool.boards.tending_views import tend
from lti_tool.boards.views import bar, blueprint
from lti_tool.journal import Job

landmarks = (find_landmark,)
jobs = (Job("forget_marks", forget_marks),)

__all__ = [
    "WAITS_TARGET",
    "AuthorKeys",
    "Board",
    "BoardDraft",
    "BoardKind",
    "BoardLine",
    "BoardNews",
    "Hold",
    "Post",
    "PostFacts",
    "PostState",
    "PostStory",
    "Reaction",
    "Thread",
    "ThreadActivity",
    "ThreadName",
    "WaitsFor",
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
    "find_board",
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
    "tag_of",
    "tag_own_question",
    "tend",
    "thread_names",
    "unanswered",
    "unlock_thread",
    "visible_threads",
    "visible_words",
    "waiting_count",
    "waiting_posts",
    "withdraw_post",
]
