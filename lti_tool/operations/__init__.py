"""Running the house: what whoever looks after it does from the command line.

No room of the house, and without views: `commands.py` holds the commands, which `cli.py` adds. Behind them:

- `archive.py` is what an archive is, `backup.py` takes one while people work, `restore.py` puts one back, and
  `postgres.py` calls PostgreSQL's own tools for both.
- `doctor.py` runs the checks of `inside.py` (what is on this machine) and `outside.py` (who must reach whom);
  `checking.py` reads the whole database: its pages, its counters, its journal. Each check ends in a `finding.py`.
- `seeding.py` fills a trust with invented people and their talk: `crowd.py` makes the people, `talk.py` what they say,
  `casework.py` their cases, `teaching.py` what they are taught, in the words of `words.toml`.

Not here: connecting VLEs and appointing people (`launch`), and what the worker does (`journal`).
"""

from lti_tool.operations.checking import check_house
from lti_tool.operations.commands import commands
from lti_tool.operations.finding import State

__all__ = ["State", "check_house", "commands"]
