"""How a file is answered, and the one address for what its own person has not sent yet."""

from flask import Blueprint, Response, current_app, request

from lti_tool.core.errors import NotFound
from lti_tool.core.language import gettext as _
from lti_tool.files.queries import FileLine, find_own
from lti_tool.files.rules import TYPES, name_for_saving
from lti_tool.files.storage import storage_of
from lti_tool.web import reading

blueprint = Blueprint("files", __name__)
NOTHING_RUNS = "default-src 'none'; style-src 'unsafe-inline'; img-src 'self'; sandbox"


@blueprint.get("/drafts/files/<file_id>")
def unsent(file_id: str) -> Response:
    """A file of one's own that has not been sent yet."""
    with reading() as (db, actor):
        line = find_own(db, actor, file_id)
    return send_file_line(line)


def send_file_line(line: FileLine | None) -> Response:
    """The bytes of a file that the caller has been allowed to read. Raises NotFound.

    Whatever they hold, a browser runs none of it: the type is ours, nothing is guessed, and the answer stands in a
    sandbox without scripts. A PDF is never shown within a page, only saved.
    """
    if line is None:
        raise NotFound(_("There is no such file, or it is not for you."))
    is_small = line.is_picture and request.args.get("size") == "small"
    storage = storage_of(current_app.extensions["settings"])
    data = storage.get(f"{line.public_id}.small" if is_small else line.public_id)
    if data is None:
        raise NotFound(_("This file is not here any more."))
    answer = Response(data, mimetype=TYPES["webp" if is_small else line.kind])
    how = "inline" if line.is_picture else "attachment"
    name = name_for_saving(line.alt, line.kind, line.public_id)
    answer.headers["Content-Disposition"] = f'{how}; filename="{name}"'
    answer.headers["Content-Security-Policy"] = NOTHING_RUNS
    answer.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    return answer
