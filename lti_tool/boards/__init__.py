"""Discussion boards: threads, posts, and the one writer of a post's state.

A board is named, pseudonymous, or anonymous to peers. On the last two a post holds no person: `author_tag` is a keyed
tag (the same for one person within a board, unlinkable across boards), the alias is drawn from it (or is the word
"Somebody" for all), and the person's number lies sealed in a table that only the author's own pages, the notifier and
break-glass open (`authors.py`, a module of its own because nothing else may touch sealed authorship). Queries are two
files, of boards and threads (`queries.py`) and of posts (`posts.py`, which makes the facts of `facts.py`), with what
other rooms are told of them (`stories.py`), because together they were too long to know; what their reader may see of
it is in none of them, but in `sight.py`. Subjects of their own, each with its tables' queries and
actions together, are `covers.py` (rooms that lay a cover sheet upon a thread write its gate, unlocks and holds here,
so that every list reads them), `standing.py` (what others make of an answer: neither its state nor its words),
`polls.py` (nothing else may touch votes), `attachments.py` (files, whose readers are those of the words),
`quoting.py`, `mentions.py`, `hats.py` (who is named as a post's author) and `counters.py` (for `lti-tool db check`).
What a reader does with threads stands apart from what people write, because its rows name them as little as they can:
`reactions.py`, `marks.py` (how far somebody has read), `reading.py` (what is new to them), `reader_models.py` (their
tables), `shown.py` (the GET that moves a mark), `keeping.py` (follow, bookmarks), `reader_views.py`. `tending.py` is
what tutors do with a whole thread (pin, lock, move, tag), with `tending_views.py`. Pages of any length stay cheap by
`moulds.py` (draws the posts of long threads) and `slips.py` (asks a page's small questions at once). Other pages are
`standing_views.py`, `polling.py`, `version_views.py`, `mention_views.py` and `attaching.py`, the part of a composer
that takes files; `composing.py` is what a composer's buttons ask for. `screening.py` says which posts wait for a
moderator, `suggested.py` lets an author take what one suggests, and `undoing.py` puts back what a decision had moved:
each serves the life of a post (`actions.py`) and is no part of it. What a board is has modules of its own, because it
changes for other reasons than what people write there: `lines.py` (a board as every list reads it), `opening.py`,
`patterns.py` (templates: words, defaults, prompts), `audience.py` (who reads it: the one expression), `charter.py`,
`charter_models.py`, `charter_forms.py` and `charter_views.py` (dates, closing, rules and the pages of settings),
`sharing.py` and `sharing_views.py` (courses that join, cohorts), `know_how.py` and `know_how_views.py` (answers that
became entries), `private.py` (questions that only tutors read). `corrections.py` and `pauses.py` are what `moderation`
puts above a post or before a composer: kept here, because boards must show them and know no higher room. `exports.py`
asks for what leaves as a file, `formats.py` writes it and `export_views.py` sends it: apart, because boards' own pages
know nothing of files that people save. `taking_part.py` is what a tutor may ask of learners on a board, and
`part_views.py` its page: most boards never meet it. Not here: decisions about posts (`moderation`), what people typed
(`texts`).
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
from lti_tool.boards.corrections import add_correction, correction_story, last_correction, writers_in
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
from lti_tool.boards.exports import Written, newest_posts
from lti_tool.boards.facts import PostFacts
from lti_tool.boards.forms import board_draft
from lti_tool.boards.keeping import board_followers_after, count_bookmarks, followers_after
from lti_tool.boards.marks import forget_marks, microseconds_of, move_mark, readers_of
from lti_tool.boards.mentions import people_mentioned
from lti_tool.boards.models import Board, Post, Thread, ThreadActivity
from lti_tool.boards.opening import BoardDraft, change_board, make_board
from lti_tool.boards.patterns import Pattern, Template, patterns
from lti_tool.boards.pauses import PauseLine, lift_pause, pause_author, running_pauses
from lti_tool.boards.polls import PollLine, erase_poll, find_poll
from lti_tool.boards.posts import get_post_facts, history_on_board, mine_waiting, waiting_count, waiting_posts
from lti_tool.boards.queries import (
    BoardLine,
    board_lines,
    boards_of,
    course_of_thread,
    find_board,
    find_landmark,
    get_board,
    is_sealed_thread,
    open_holds,
    unanswered,
)
from lti_tool.boards.reactions import Reaction, react
from lti_tool.boards.reader_views import mark_all
from lti_tool.boards.reading import BoardNews, news_of
from lti_tool.boards.rules import BoardKind, BoardPolicy, Hold, PostState, Urgency, WaitsFor, reasons
from lti_tool.boards.screening import second_of
from lti_tool.boards.sight import Sight, decides, is_held, is_unlocked, visible_threads
from lti_tool.boards.standing import accept_answer, endorse_answer, supersede_answer
from lti_tool.boards.stories import PostStory, ThreadName, story_of, thread_names
from lti_tool.boards.taking_part import Reckoning, reckon
from lti_tool.boards.tending import keep_tags, tag_own_question
from lti_tool.boards.tending_views import tend
from lti_tool.boards.undoing import put_back, redact_post, reinstate_post, snapshot_of
from lti_tool.boards.views import bar, blueprint
from lti_tool.journal import Job

# More of its addresses.
from lti_tool.boards import (  # isort: skip
    export_views,  # noqa: F401
    mention_views,  # noqa: F401
    part_views,  # noqa: F401
    polling,  # noqa: F401
    standing_views,  # noqa: F401
    version_views,  # noqa: F401
)

landmarks = (find_landmark,)
jobs = (*jobs_of_files, Job("forget_marks", forget_marks))

__all__ = [
    "AuthorKeys",
    "Board",
    "BoardDraft",
    "BoardKind",
    "BoardLine",
    "BoardNews",
    "BoardPolicy",
    "Hold",
    "Pattern",
    "PauseLine",
    "PollLine",
    "Post",
    "PostFacts",
    "PostState",
    "PostStory",
    "Reaction",
    "Reckoning",
    "Sight",
    "Template",
    "Thread",
    "ThreadActivity",
    "ThreadName",
    "Urgency",
    "WaitsFor",
    "Written",
    "accept_answer",
    "add_correction",
    "alias_of",
    "answer_report",
    "author_of",
    "bar",
    "blueprint",
    "board_draft",
    "board_followers_after",
    "board_lines",
    "boards_of",
    "change_board",
    "correction_story",
    "count_bookmarks",
    "count_wrong_counters",
    "count_wrong_tallies",
    "course_of_thread",
    "decides",
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
    "is_sealed_thread",
    "is_unlocked",
    "jobs",
    "keep_tags",
    "landmarks",
    "last_correction",
    "lift_pause",
    "make_board",
    "mark_all",
    "mend_counters",
    "mend_tallies",
    "microseconds_of",
    "mine_waiting",
    "move_mark",
    "move_post",
    "newest_posts",
    "news_of",
    "open_cover",
    "open_holds",
    "patterns",
    "pause_author",
    "people_mentioned",
    "publish_cover",
    "publish_edit",
    "put_back",
    "react",
    "readers_of",
    "reasons",
    "reckon",
    "redact_post",
    "refuse_edit",
    "reinstate_post",
    "release_thread",
    "reply",
    "retitle_cover",
    "running_pauses",
    "seal_for",
    "second_of",
    "share_thread",
    "snapshot_of",
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
    "waiting_count",
    "waiting_posts",
    "withdraw_post",
    "writers_in",
]
