"""Files that hang on texts: pictures made anew from their pixels, and PDFs to download.

A file has no address of its own: whoever asks for it names the post on which it hangs, and that room's one visibility
expression answers for both. Until it is sent it belongs to its person's draft and to nobody else; from then on nothing
here says whose it is. `storage.py` is the one home of file bytes, for which a room's furniture has no place. Not here:
how a picture is cleaned (`confidentiality`), who may read a text, and when nobody may read it any more (the room whose
text it is calls `erase_files`).
"""

from lti_tool.files.actions import add_file, erase_files, hang, let_go, put_away
from lti_tool.files.jobs import jobs
from lti_tool.files.queries import FileLine, count_missing, files_for, files_of, find_file
from lti_tool.files.rules import ACCEPTED, ALT_LENGTH, MOST_A_TEXT, unfit_words
from lti_tool.files.storage import Storage, storage_of
from lti_tool.files.views import blueprint, send_file_line

__all__ = [
    "ACCEPTED",
    "ALT_LENGTH",
    "MOST_A_TEXT",
    "FileLine",
    "Storage",
    "add_file",
    "blueprint",
    "count_missing",
    "erase_files",
    "files_for",
    "files_of",
    "find_file",
    "hang",
    "jobs",
    "let_go",
    "put_away",
    "send_file_line",
    "storage_of",
    "unfit_words",
]
