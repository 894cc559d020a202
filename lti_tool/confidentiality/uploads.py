"""What somebody uploads becomes something that can be kept: a picture made anew from its pixels, or a PDF as it is.

The kind of a file is what its bytes say, never its name. A picture is opened in a child process (`images.py`) with
bounds of time and memory; what comes back is walked byte by byte (`chunks.py`). No byte of the original is kept.
"""

import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from threading import BoundedSemaphore

from lti_tool.confidentiality.chunks import Leftover, check

MOST_PICTURE_BYTES = 12 * 1024 * 1024
MOST_PDF_BYTES = 10 * 1024 * 1024
SECONDS = 25
AT_ONCE = 2
PROGRAM = Path(__file__).with_name("images.py")
PDF_MARK, PDF_END, PDF_TAIL = b"%PDF-1.", b"%%EOF", 1024
_TURNS = BoundedSemaphore(AT_ONCE)


class Unfit(Exception):
    """This file is not kept: `code` says why (`files.rules.unfit_words` has the words)."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Cleaned:
    """What may be kept of an upload. `small` is a WebP thumbnail; a PDF has none, and no width and height."""

    kind: str
    data: bytes
    small: bytes = b""
    width: int = 0
    height: int = 0


def clean_upload(sent: bytes, takes_pdf: bool) -> Cleaned:
    """A cleaned picture, or the PDF where one may be sent. Raises Unfit."""
    if not sent:
        raise Unfit("empty")
    if sent.startswith(b"%PDF"):
        return _pdf(sent, takes_pdf)
    if len(sent) > MOST_PICTURE_BYTES:
        raise Unfit("bytes")
    if (known := _known(sent)) is not None:
        raise Unfit(known)
    return _picture(sent)


def _known(sent: bytes) -> str | None:
    """What is often sent and never taken, so that its sender hears more than “no picture”."""
    head = sent[:1024].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if head.startswith((b"<svg", b"<?xml", b"<!doctype svg")) or b"<svg" in head:
        return "svg"
    if sent.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        return "office"
    if sent[128:132] == b"DICM":
        return "dicom"
    return "heic" if sent[4:8] == b"ftyp" else None


def _pdf(sent: bytes, takes_pdf: bool) -> Cleaned:
    if not takes_pdf:
        raise Unfit("pdf")
    if len(sent) > MOST_PDF_BYTES:
        raise Unfit("pdf_bytes")
    if not sent.startswith(PDF_MARK) and not sent.startswith(b"%PDF-2."):
        raise Unfit("broken_pdf")
    if PDF_END not in sent[-PDF_TAIL:]:
        raise Unfit("broken_pdf")
    return Cleaned("pdf", sent)


def _picture(sent: bytes) -> Cleaned:
    """Ask the child, with no environment of ours and only so many at a time. Raises Unfit."""
    if not _TURNS.acquire(timeout=SECONDS):
        raise Unfit("busy")
    try:
        done = subprocess.run(  # noqa: S603 - our own program, and nothing that somebody typed is in its name
            [sys.executable, "-I", str(PROGRAM)],
            input=sent,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={},
            cwd="/",
            timeout=SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise Unfit("slow") from error
    finally:
        _TURNS.release()
    if not done.stdout:
        raise Unfit("slow")  # it was ended at one of its bounds
    return _believed(done.stdout)


def _believed(answer: bytes) -> Cleaned:
    """What the child says, once its bytes have been walked: a decoder that was taken over may say anything."""
    try:
        said = json.loads(answer.partition(b"\n")[0])
        copies = answer.partition(b"\n")[2]
        if "refused" in said:
            raise Unfit(said["refused"])
        cleaned = _as_said(said, copies)
        check(cleaned.kind, cleaned.data)
        check("webp", cleaned.small)
    except (ValueError, KeyError, TypeError, Leftover) as error:
        raise Unfit("broken") from error
    return cleaned


def _as_said(said: Mapping[str, object], copies: bytes) -> Cleaned:
    kind, full = str(said["kind"]), int(str(said["full"]))
    width, height = int(str(said["width"])), int(str(said["height"]))
    return Cleaned(kind, copies[:full], copies[full:], width, height)
