"""How many durable commits a second this machine's disk takes: the ceiling of every acknowledged write.

    python -m tests.benchmarks.commits [FOLDER]

One row a transaction in SQLite's WAL mode, with `synchronous` FULL (as we run it: each commit waits for the disk) and
NORMAL (commits may be lost with the power); and a bare `fdatasync` of one appended page, which is what FULL waits for.
A disk that answers from its own memory shows thousands of syncs a second, one that really writes some hundreds.
"""

import argparse
import json
import os
import sqlite3
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
RESULT = ROOT / "var" / "benchmarks" / "commits.json"
SECONDS = 3.0
PAGE = b"\0" * 4096


def per_second(act: Callable[[], object]) -> float:
    """Return how often the act is done in a second."""
    began, done = time.perf_counter(), 0
    while (taken := time.perf_counter() - began) < SECONDS:
        act()
        done += 1
    return done / taken


def commits(folder: Path, synchronous: str) -> float:
    """Return single-row transactions a second."""
    database = sqlite3.connect(folder / f"{synchronous}.db", isolation_level=None)
    database.execute("PRAGMA journal_mode = WAL")
    database.execute(f"PRAGMA synchronous = {synchronous}")
    database.execute("CREATE TABLE line (id INTEGER PRIMARY KEY, said TEXT)")

    def commit() -> None:
        database.execute("BEGIN IMMEDIATE")
        database.execute("INSERT INTO line (said) VALUES ('one row, one transaction')")
        database.execute("COMMIT")

    try:
        return per_second(commit)
    finally:
        database.close()


def syncs(folder: Path) -> float:
    """Return appended pages made durable a second."""
    descriptor = os.open(folder / "pages", os.O_CREAT | os.O_WRONLY)

    def append() -> None:
        os.write(descriptor, PAGE)
        os.fdatasync(descriptor)

    try:
        return per_second(append)
    finally:
        os.close(descriptor)


def main() -> None:
    """Measure in the folder (default: var/benchmarks), print, and write var/benchmarks/commits.json."""
    parser = argparse.ArgumentParser(description="Measure durable commits.")
    parser.add_argument("folder", nargs="?", type=Path, default=RESULT.parent)
    asked = parser.parse_args()
    asked.folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=asked.folder) as temporary:
        folder = Path(temporary)
        figures = {
            "commits_full": commits(folder, "FULL"),
            "commits_normal": commits(folder, "NORMAL"),
            "fdatasync": syncs(folder),
        }
    for name, value in figures.items():
        print(f"{name:<16}{value:>10.0f} a second")
    RESULT.parent.mkdir(parents=True, exist_ok=True)
    RESULT.write_text(json.dumps(figures, indent=2), encoding="utf-8")


if __name__ == "__main__":
    main()
