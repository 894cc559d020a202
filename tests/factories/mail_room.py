"""A room for the durability test: one job inside the database and one outside, for every published post."""

import os
import time
from pathlib import Path

from flask import Blueprint
from sqlalchemy.orm import Session

from lti_tool.core.db import Database, after_commit
from lti_tool.journal import Job, JournalLine, Listener, Reach
from tests.factories.journal import Trace

blueprint = Blueprint("mail_room", __name__)


def count(db: Session, line: JournalLine) -> None:
    """An effect that can be counted; slow before and after its commit, so that it is killed in both places."""
    db.add(Trace(what=line.subject))
    db.flush()
    time.sleep(0.01)
    after_commit(db, lambda: time.sleep(0.05))


def send(_database: Database, line: JournalLine, stable_id: str) -> None:
    """A letter: one line in a file, written at once; the answer of the post office takes a while."""
    letter = f"{line.subject} {stable_id}\n".encode()
    letters = os.open(Path(os.environ["LETTERS"]), os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.write(letters, letter)
    os.close(letters)
    time.sleep(0.1)


listeners = (
    Listener("post.published", Job("count_post", count)),
    Listener("post.published", Job("send_letter", send, Reach.OUTSIDE)),
)
