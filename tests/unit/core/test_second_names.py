"""A second name of a table stands for itself, whoever is first to use it."""

import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlalchemy import select

from lti_tool.core.db import again
from lti_tool.people import Enrolment

TOGETHER = 4


@pytest.fixture
def hasty() -> Iterator[None]:
    """Threads that take turns after every few steps."""
    usual = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(usual)


@pytest.mark.usefixtures("hasty")
def test_threads_that_are_first_together_all_get_it():
    with ThreadPoolExecutor(TOGETHER) as threads:
        for _ in range(60):
            made, start = again(Enrolment), Barrier(TOGETHER)

            def write(_number: int, made=made, start=start) -> str:
                start.wait()
                return str(select(made.course_id).where(made.left_at.is_(None), made.role == "x"))

            assert not [statement for statement in threads.map(write, range(TOGETHER)) if "enrolments." in statement]
