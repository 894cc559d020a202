"""Pages of what readers and tutors do with threads: a board with tags, pinned, locked and moved questions."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.factories.house import Browser
    from tests.factories.pages import Term

Facts = tuple[str, "Browser", str, dict[str, str], int]


def reader_pages(term: "Term") -> Iterator[Facts]:
    """(name, who, path, form, status) of each page."""
    house, course = term.house, term.course
    sam, priya, helen = (house.browser(person, course) for person in (term.sam, term.priya, term.helen))
    board = house.board(course, term.helen, moderated=False, title="Journal club")
    helen.post(f"/boards/{board}/tags", {"tags": "Anticoagulation\nHeart failure\nDevices and pacing\nWard skills"})
    titles = ("Read this first: how we use this board", "Which trial do we read next?", "Who has the projector cable?")
    pinned, asked, moved = (house.question(term.sam, course, board, title) for title in titles)
    threads = {post: f"/threads/{term.thread_of(post)}" for post in (pinned, asked, moved)}
    helen.post(f"{threads[pinned]}/tend", {"do": "pin"})
    helen.post(f"{threads[pinned]}/tend", {"do": "lock", "reason": "Nothing to discuss here: ask anew."})
    helen.post(f"{threads[asked]}/tend", {"do": "tag", "tag": "Heart failure"})
    helen.post(f"{threads[moved]}/tend", {"do": "move", "board": term.open})
    replies = [
        house.answer(term.helen, course, asked, "The one on *spironolactone*."),
        house.answer(term.sam, course, asked),
    ]
    sam.get(threads[asked])
    priya.get(threads[asked])
    replies.append(house.answer(term.helen, course, asked, "Or the older one, for the methods."))
    for who, post, word in ((priya, asked, "same"), (priya, replies[0], "useful"), (sam, replies[0], "useful")):
        who.post(f"{threads[asked]}/reactions", {"react": f"{post}:{word}"})
    sam.post(f"{threads[asked]}/follow", {"follow": "on"})
    sam.post(f"/boards/{board}/follow", {"follow": "on", "tag": "Heart failure"})
    sam.post(f"/boards/{board}/follow", {"follow": "on", "tag": ""})
    sam.post(f"{threads[asked]}/bookmark", {"note": "Before Thursday: read the methods"})
    yield "board-tags-and-pins", priya, f"/boards/{board}", {}, 200
    yield "board-tag", priya, f"/boards/{board}?tag=Heart failure", {}, 200
    yield "board-tag-followed", sam, f"/boards/{board}?tag=Heart failure", {}, 200
    yield "board-new", priya, f"/boards/{board}?show=new", {}, 200
    yield "board-moved", priya, f"/boards/{board}?show=moved", {}, 200
    yield "ask-with-tags", priya, f"/boards/{board}/ask", {}, 200
    yield (
        "ask-wrong-with-tags",
        priya,
        f"/boards/{board}/ask",
        {"title": "", "text": "", "tag": "Devices and pacing"},
        400,
    )
    yield "thread-reactions", sam, threads[asked], {}, 200
    yield "thread-new-replies", priya, threads[asked], {}, 200
    yield "thread-locked", sam, threads[pinned], {}, 200
    yield "bookmark", priya, f"{threads[asked]}/bookmark", {}, 200
    yield "bookmark-change", sam, f"{threads[asked]}/bookmark", {}, 200
    yield "bookmark-wrong", sam, f"{threads[asked]}/bookmark", {"note": "x" * 141}, 400
    yield "bookmarks", sam, f"/courses/{course.public_id}/bookmarks", {}, 200
    yield "bookmarks-empty", helen, f"/courses/{course.public_id}/bookmarks", {}, 200
    yield "tend", helen, f"{threads[asked]}/tend", {}, 200
    yield "tend-locked", helen, f"{threads[pinned]}/tend", {}, 200
    yield "tend-hidden-names", helen, f"/threads/{_hidden(term)}/tend", {}, 200
    yield "tend-wrong", helen, f"{threads[asked]}/tend", {"do": "lock", "reason": ""}, 400
    yield "tags", helen, f"/boards/{board}/tags", {}, 200
    yield "tags-wrong", helen, f"/boards/{board}/tags", {"tags": "x" * 31}, 400
    yield "home-news", priya, f"/courses/{course.public_id}/", {}, 200


def _hidden(term: "Term") -> str:
    """A question on the board with hidden names, which its tutor can read."""
    return term.thread_of(term.mine_waiting)
