"""Files that people save: what they are called."""

import re
import unicodedata
from urllib.parse import quote

from werkzeug.http import dump_options_header


def saved_as(name: str, ending: str, otherwise: str) -> str:
    """A Content-Disposition for programs that read ASCII only and for those that read all (RFC 6266 §4.3).

    `otherwise` is the name for programs to which nothing of `name` can be said.
    """
    safe = " ".join(re.sub(r"[^\w .,()&-]", " ", name).split()).strip(". ")
    simple = unicodedata.normalize("NFKD", safe).encode("ascii", "ignore").decode().strip(". ") or otherwise
    names = {"filename": f"{simple}.{ending}"}
    if simple != safe:
        names["filename*"] = f"UTF-8''{quote(safe or simple, safe='')}.{ending}"
    return dump_options_header("attachment", names)
