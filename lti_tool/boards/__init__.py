"""Discussion boards: threads, posts, and the one writer of a post's state.

A board is named or pseudonymous. On a pseudonymous board a post holds no person: `author_tag` is a keyed tag (the same
for one person within a board, unlinkable across boards), the alias is drawn from it, and the person's number lies
sealed in a table that only the author's own pages, the notifier and break-glass open (`authors.py`, a module of its own
because nothing else may touch sealed authorship). Queries are two files, of boards and threads (`queries.py`) and of
posts (`posts.py`), because together they were too long to know. `covers.py` is for rooms that lay a cover sheet upon a
thread: gate, unlocks and holds are facts of boards that they write, so that every list here reads them. `counters.py`
holds the counters against what is there, for `lti-tool db check`. `exports.py` asks for what leaves as a file,
`formats.py` writes it and `export_views.py` sends it: apart, because boards' own pages know nothing of files.
`taking_part.py` is what a tutor may ask of learners on a board, and `part_views.py` its page: a subject of its own that
most boards never meet. Not here:
decisions about posts (`moderation`), what people typed (`texts`).
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
from lti_tool.boards.counters import count_wrong_counters, mend_counters
from lti_tool.boards.covers import (
    hold_thread,
    open_cover,
    publish_cover,
    release_thread,
    retitle_cover,
    share_thread,
    unlock_thread,
)
from lti_tool.boards.exports import Written, newest_posts
from lti_tool.boards.forms import board_draft
from lti_tool.boards.models import Board, Post, Thread, ThreadActivity
from lti_tool.boards.part_views import blueprint
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
    course_of_thread,
    find_board,
    find_landmark,
    get_board,
    is_held,
    is_sealed_thread,
    is_unlocked,
    open_holds,
    unanswered,
    visible_threads,
    visible_words,
)
from lti_tool.boards.rules import WAITS_TARGET, BoardKind, Hold, PostState, WaitsFor, reasons
from lti_tool.boards.taking_part import Reckoning, reckon
from lti_tool.boards.views import bar

landmarks = (find_landmark,)

__all__ = [
    "WAITS_TARGET",
    "AuthorKeys",
    "Board",
    "BoardDraft",
    "BoardKind",
    "BoardLine",
    "Hold",
    "Post",
    "PostFacts",
    "PostState",
    "PostStory",
    "Reckoning",
    "Thread",
    "ThreadActivity",
    "ThreadName",
    "WaitsFor",
    "Written",
    "alias_of",
    "answer_report",
    "author_of",
    "bar",
    "blueprint",
    "board_draft",
    "boards_of",
    "change_board",
    "count_wrong_counters",
    "course_of_thread",
    "edit_post",
    "find_board",
    "flag_post",
    "get_board",
    "get_post_facts",
    "history_on_board",
    "hold_thread",
    "is_held",
    "is_sealed_thread",
    "is_unlocked",
    "landmarks",
    "make_board",
    "mend_counters",
    "mine_waiting",
    "move_post",
    "newest_posts",
    "open_cover",
    "open_holds",
    "publish_cover",
    "publish_edit",
    "reasons",
    "reckon",
    "refuse_edit",
    "release_thread",
    "reply",
    "retitle_cover",
    "seal_for",
    "share_thread",
    "start_thread",
    "story_of",
    "tag_of",
    "thread_names",
    "unanswered",
    "unlock_thread",
    "visible_threads",
    "visible_words",
    "waiting_count",
    "waiting_posts",
    "withdraw_post",
]
