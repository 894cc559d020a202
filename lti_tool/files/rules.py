"""How many and how large files may be, what they are called, and what is said of one that is not kept. Pure."""

import re
from datetime import timedelta

from lti_tool.core.language import gettext as _

MOST_A_TEXT = 4
MOST_A_DAY = 40
MOST_BYTES_A_DAY = 150 * 1024 * 1024
ALT_LENGTH = 200
LIGHT_BYTES = 60_000
SMALL_SIDE = 320
UNSENT_FOR = timedelta(days=30)
STRAY_AFTER = timedelta(days=1)
TYPES = {"jpeg": "image/jpeg", "png": "image/png", "webp": "image/webp", "pdf": "application/pdf"}
ENDINGS = {"jpeg": "jpg", "png": "png", "webp": "webp", "pdf": "pdf"}
ACCEPTED = "image/jpeg,image/png,image/webp,image/gif"
_UNFIT_IN_A_NAME = re.compile(r"[^A-Za-z0-9]+")


def unfit_words(code: str) -> str:
    """Why a file was not kept, and what to do: the codes of `confidentiality.Unfit`, and our own."""
    words = {
        "empty": _("That file is empty. Choose it again."),
        "bytes": _("That picture is larger than 12 MB. Make it smaller and add it again."),
        "pixels": _("That picture has too many pixels (more than 40 million). Make it smaller and add it again."),
        "animated": _("That picture moves. Only still pictures can be sent: save one frame as a picture."),
        "svg": _("Drawings (SVG) can hold programs, so they are not taken. Save it as PNG and add that."),
        "office": _("Office files are not taken. Save it as PDF, or send a picture of what matters."),
        "dicom": _("DICOM files carry the patient’s name. Save one cleaned picture as PNG and add that."),
        "heic": _("That is a HEIC picture or a film. Save the picture as JPEG and add that."),
        "kind": _("That is no picture that we know. Send JPEG, PNG, WebP or GIF."),
        "broken": _("That picture is damaged or incomplete. Open it, save it again as JPEG or PNG, and add that."),
        "slow": _("That picture took too long to read. Make it smaller and add it again."),
        "busy": _("Many pictures are coming in just now. Add yours again in a minute."),
        "pdf": _("A PDF cannot be sent here: nobody can take the names out of it. Send a picture of what matters."),
        "pdf_bytes": _("That PDF is larger than 10 MB. Make it smaller and add it again."),
        "broken_pdf": _("That PDF is damaged or incomplete. Save it again and add that."),
        "many": _("A post holds %(most)d files at most. Remove one first.") % {"most": MOST_A_TEXT},
        "day": _("You have added many files today. Your text is safe: add the next one tomorrow."),
        "board": _("This board takes no files."),
    }
    return words.get(code, words["broken"])


def name_for_saving(alt: str, kind: str, public_id: str) -> str:
    """What a browser calls the file when it saves it: words of its description, in plain letters."""
    stem = _UNFIT_IN_A_NAME.sub("-", alt).strip("-").lower()[:60] if kind == "pdf" else ""
    return f"{stem or public_id}.{ENDINGS[kind]}"


def small_size(width: int, height: int) -> tuple[int, int]:
    """Width and height of the thumbnail of such a picture."""
    most = max(width, height, 1)
    if most <= SMALL_SIDE:
        return width, height
    return max(1, round(width * SMALL_SIDE / most)), max(1, round(height * SMALL_SIDE / most))


def weight(count: int) -> str:
    """Bytes as people say them: 240 kB, 1.4 MB."""
    return f"{count / 1_000_000:.1f} MB" if count >= 1_000_000 else f"{max(1, round(count / 1000))} kB"
