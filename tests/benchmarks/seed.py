"""A large installation: how long it takes to seed, back up while somebody writes, restore and check it.

`python -m tests.benchmarks.seed [--posts N] [--folder FOLDER]` prints a table. Commands run in processes of their own,
as an administrator runs them; beside the backup a writer commits one row after the other and notes its longest wait.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from sqlalchemy import text

from lti_tool.app import open_database
from lti_tool.paths import folder
from tests.conftest import make_settings

PAUSE_SECONDS = 0.01


def tool(var_dir: Path, *words: str) -> float:
    """Run a command; returns how many seconds it took."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith("LTI_TOOL_")}
    environ |= {"LTI_TOOL_CONFIG": str(folder("config") / "test.toml"), "LTI_TOOL_VAR_DIR": str(var_dir)}
    began = time.perf_counter()
    subprocess.run([sys.executable, "-m", "lti_tool", *words], env=environ, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - began


class Writer(threading.Thread):
    """Somebody who writes all the time, until told to stop."""

    def __init__(self, var_dir: Path) -> None:
        super().__init__(daemon=True)
        self.database = open_database(make_settings(var_dir))
        self.is_stopping = threading.Event()
        self.waits: list[float] = []

    def run(self) -> None:
        while not self.is_stopping.wait(PAUSE_SECONDS):
            began = time.perf_counter()
            with self.database.transaction() as db:
                db.execute(text("INSERT INTO runs (job, slot) VALUES ('w', :n)"), {"n": str(len(self.waits))})
            self.waits.append(time.perf_counter() - began)

    def stop(self) -> None:
        self.is_stopping.set()
        self.join()
        self.database.close()


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--posts", type=int, default=1_000_000)
    parser.add_argument("--folder", type=Path, help="On the disk that is to be measured; three gigabytes are used.")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=asked.folder) as temporary:
        here, elsewhere, archive = Path(temporary) / "here", Path(temporary) / "elsewhere", Path(temporary) / "a.zip"
        tool(here, "db", "upgrade")
        size = ("--people", str(max(50, asked.posts // 200)), "--threads", str(max(1, asked.posts // 10)))
        taken = {"seed": tool(here, "seed", *size, "--posts", str(asked.posts), "--random", "1")}
        writer = Writer(here)
        writer.start()
        taken["backup while somebody writes"] = tool(here, "backup", str(archive))
        writer.stop()
        taken["restore elsewhere"] = tool(elsewhere, "restore", str(archive))
        taken["db check"] = tool(elsewhere, "db", "check")
        megabytes = (here / "grand-round.db").stat().st_size / 1e6, archive.stat().st_size / 1e6
    print("| what | seconds |\n|---|---|")
    for name, seconds in taken.items():
        print(f"| {name} | {seconds:.1f} |")
    print(f"\n{asked.posts:,} posts; database {megabytes[0]:,.0f} MB, archive {megabytes[1]:,.0f} MB.")
    print(f"{len(writer.waits)} writes beside the backup, the longest took {max(writer.waits):.2f} s.")


if __name__ == "__main__":
    main()
