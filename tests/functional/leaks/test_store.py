"""What files, rows and logs tell of who wrote something where nobody may know."""

import io
import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr
from pathlib import Path

import pytest
import structlog
from sqlalchemy import select
from structlog.testing import capture_logs

from lti_tool.boards import author_of
from lti_tool.boards.models import Board, BoardAlias, Post, SealedAuthor
from lti_tool.core.log import set_up_logs
from lti_tool.files.models import File
from tests.factories.leaks import FILE_NAME, FIRST, LAST, NUMBER, WORDS, Played, Scene, rows_that_name_her


def test_attachment_owner(played: Played) -> None:
    with played.house.database.within(played.trust.id).reading() as db:
        assert [file.person_id for file in db.scalars(select(File))] == [None]
    assert all(not played.told_by(each.head) for each in played.of("peer", path=played.picture))
    assert "404" in played.of("of another course", path=played.picture)[0].head


def test_attachment_file_name(played: Played) -> None:
    names = played.of("peer", path=played.picture)[0].head
    assert "200" in names
    stored = [path.name for path in Path(played.house.app.extensions["settings"].var_dir).rglob("*")]
    assert not played.told_by(names + str(stored))
    assert not [each for each in played.seen if FILE_NAME in each.text]


def test_attachment_exif(played: Played) -> None:
    data = played.of("peer", path=played.picture)[0].data
    assert len(data) > 1000
    assert all(name.encode() not in data for name in (FIRST, LAST, "Exif"))


@contextmanager
def logs_as_in_production() -> Iterator[io.StringIO]:
    """What `lti-tool serve` would write meanwhile."""
    root, was, before = logging.getLogger(), structlog.get_config(), logging.getLogger().handlers[:]
    written = io.StringIO()
    with redirect_stderr(written):
        set_up_logs("info")
        structlog.configure(cache_logger_on_first_use=False)
        try:
            yield written
        finally:
            root.handlers[:] = before
            structlog.configure(**was)


def test_error_pages_and_logs(played: Played) -> None:
    with capture_logs() as logged:
        pages = [
            played.at(watcher).post(path, {"title": "x", "text": "y", "seen": "1", "verb": "approve"}).text
            for watcher in played.watchers.values()
            for path in (f"/posts/{played.question}/edit", f"/posts/{played.question}/withdraw",
                         f"/courses/{played.course.public_id}/waiting/{played.question}", f"{played.picture}/x")
        ]  # fmt: skip
    assert not any(played.told_by(page) for page in pages)
    said = "\n".join(f"{line}" for line in [*played.logged, *logged])
    assert len(played.logged) > 200
    assert not played.told_by(said)
    assert not [word for word in WORDS if word in said]
    assert not [alias for alias in played.found if " " in alias and alias in said]


def test_a_fault_of_ours_tells_the_log_nothing(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(db: object, post: Post, person_id: int) -> None:
        db.add(SealedAuthor(post_id=post.id, trust_id=post.trust_id, sealed=None))  # the database will refuse it
        db.flush()

    monkeypatch.setattr("lti_tool.boards.actions.seal_author", fail)
    with logs_as_in_production() as lines:
        form = {"title": "Does this fail?", "text": f"It does, {WORDS[0]}.", "do": "send"}
        answer = scene.at(scene.author).post(f"/boards/{scene.board}/ask", form)
    assert answer.status_code == 500
    said = lines.getvalue()
    assert "fault_of_ours" in said
    assert "IntegrityError" in said
    assert not scene.told_by(said + answer.text)
    assert WORDS[0] not in said
    with scene.house.database.within(scene.trust.id).reading() as db:
        assert db.scalars(select(Post)).all() == [], "no post without its seal"


def test_no_row_ties_her_to_what_she_wrote(played: Played) -> None:
    """Rows about her are of who she is; none of them leads to a post, a text, or a thread that she began."""
    about_her = {"persons", "enrolments", "rotations", "visits", "inbox_entries"}
    rows = rows_that_name_her(played)
    assert {"persons", "enrolments"} <= {table for table, _row in rows} <= about_her
    with played.house.database.within(played.trust.id).reading() as db:
        posts = set(db.scalars(select(Post.id)))
        assert author_of(db, played.question) == NUMBER, "only with the key"
    for _table, row in rows:
        assert not played.is_hers(" ".join(map(str, row.values())))
        assert not {"post_id", "text_id", "thread_id"} & set(row)
    assert posts


def test_alias_reuse_across_boards(scene: Scene) -> None:
    other, named = scene.new_board("Another"), scene.new_board("With names", named=True)
    for board in (scene.board, other, named):
        scene.ask("And here?", "I write on each board.", board=board)
    with scene.house.database.within(scene.trust.id).reading() as db:
        rows = db.execute(select(Post.alias, Post.author_tag, Post.author_id).join(Board).order_by(Post.id)).all()
        aliases = db.scalars(select(BoardAlias.alias)).all()
    (one, tag, _), (two, other_tag, _), (none, no_tag, author) = rows
    assert tag != other_tag
    assert (none, no_tag, author) == (None, None, NUMBER)
    assert (one == two == "Somebody") if scene.names == "nobody" else (one != two and set(aliases) == {one, two})


def threads_in(page: str) -> list[str]:
    """The threads of a board's page in their order."""
    return re.findall(r'gr-row__title">.*?/threads/([\w-]{16})', page)


def test_sort_order_and_id_gaps(played: Played) -> None:
    watchers, board = ("peer", "tutor", "second tutor"), f"/boards/{played.board}"
    order = [threads_in(played.of(who, path=board)[0].text) for who in watchers]
    hers = threads_in(played.at(played.author).get(board).text)
    assert len(hers) == 2
    assert order == [hers] * 3, "the list has the same order for its author, for a reader and for tutors"
    with played.house.database.within(played.trust.id).reading() as db:
        sealed = db.scalars(select(SealedAuthor.sealed).order_by(SealedAuthor.post_id)).all()
        assert len(set(sealed)) == len(sealed) > 5, "each is sealed anew: no two show that one person wrote both"
        assert all(str(NUMBER).encode() not in each for each in sealed)
        public = db.scalars(select(Post.public_id).order_by(Post.id)).all()
    assert public != sorted(public), "public ids are no counters"
