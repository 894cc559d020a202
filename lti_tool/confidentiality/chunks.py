"""What stands in the bytes of a picture beside its pixels: every segment and chunk, against a list of what may.

Standard library only, and no decoder: it reads lengths and names. Nothing that is not on the list passes, so EXIF, XMP,
IPTC, comments, texts, colour profiles, thumbnails, second pictures and whatever is appended all stop here
(ITU-T T.81 annex B; PNG, third edition, §5; RFC 9649).
"""

import struct
from collections.abc import Iterator

PNG_MARK = b"\x89PNG\r\n\x1a\n"
PNG_KEPT = {b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND"}
WEBP_KEPT = {b"VP8 ", b"VP8L", b"VP8X", b"ALPH"}
WEBP_ALPHA = 0x10
START, SCAN, END = 0xD8, 0xDA, 0xD9
JFIF = 0xE0
TABLES = {0xDB, 0xC4, 0xDD}  # quantisation, Huffman, restart interval
FRAMES = {0xC0, 0xC1, 0xC2}  # baseline, extended, progressive


class Leftover(Exception):
    """The bytes hold something beside pixels, or are not what they are said to be."""


def check(kind: str, data: bytes) -> None:
    """Raise Leftover unless these bytes are a picture of this kind and nothing else."""
    walks = {"jpeg": _jpeg, "png": _png, "webp": _webp}
    try:
        for name in walks[kind](data):
            raise Leftover(f"{kind}: {name!r}")
    except (IndexError, struct.error) as error:
        raise Leftover(f"{kind}: cut off") from error


def _jpeg(data: bytes) -> Iterator[object]:
    """What may not be there. An APP0 is JFIF's own sixteen bytes, without a thumbnail."""
    if data[:2] != bytes((0xFF, START)):
        yield "no picture"
    at = 2
    while True:
        mark, at = data[at + 1] if data[at] == 0xFF else 0, at + 2
        if mark == END:
            break
        (length,) = struct.unpack_from(">H", data, at)
        body = data[at + 2 : at + length]
        if not (mark == SCAN or mark in TABLES | FRAMES or (mark == JFIF and _is_bare_jfif(body))):
            yield mark
        at += length
        if mark == SCAN:
            at = _after_scan(data, at)
    if at != len(data):
        yield "appended"


def _is_bare_jfif(body: bytes) -> bool:
    return len(body) == 14 and body.startswith(b"JFIF\x00") and body[12:] == b"\x00\x00"


def _after_scan(data: bytes, at: int) -> int:
    """Where the next marker stands: within a scan FF is followed by 00 or by a restart marker."""
    while True:
        at = data.find(b"\xff", at) if at < len(data) else -1
        if at < 0:
            raise IndexError("no end")
        if data[at + 1] != 0 and not 0xD0 <= data[at + 1] <= 0xD7:
            return at
        at += 2


def _png(data: bytes) -> Iterator[object]:
    if not data.startswith(PNG_MARK):
        yield "no picture"
    at, name = len(PNG_MARK), b""
    while name != b"IEND":
        length, name = struct.unpack_from(">I4s", data, at)
        if name not in PNG_KEPT:
            yield name
        at += length + 12
    if at != len(data):
        yield "appended"


def _webp(data: bytes) -> Iterator[object]:
    mark, length, form = struct.unpack_from("<4sI4s", data, 0)
    if (mark, form) != (b"RIFF", b"WEBP") or length + 8 != len(data):
        yield "no picture"
    at = 12
    while at < len(data):
        name, length = struct.unpack_from("<4sI", data, at)
        if name not in WEBP_KEPT or (name == b"VP8X" and data[at + 8] & ~WEBP_ALPHA):
            yield name
        at += 8 + length + length % 2
    if at != len(data):
        yield "cut off"
