"""Pictures made anew from their pixels: what cameras write into them is gone, and hostile ones are refused."""

import io
import json
import struct
import subprocess
import sys
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from lti_tool.confidentiality import Unfit, clean_upload, uploads
from lti_tool.confidentiality.chunks import PNG_MARK, Leftover, check
from tests.factories.files import NAME, PDF, drawing, photo, screenshot, telling_exif, written

SCRIPT = b"<script>alert(1)</script>"
TRACES = (
    NAME.encode(),
    b"Exif",
    b"xmpmeta",
    b"XMP ",
    b"ICCP",
    b"ICC_PROFILE",
    b"Photoshop",
    b"tEXt",
    b"iTXt",
    b"tIME",
    SCRIPT,
    b"PK\x03\x04",
)


def cleaned(sent: bytes):
    return clean_upload(sent, takes_pdf=False)


def refusal(sent: bytes, takes_pdf: bool = False) -> str:
    with pytest.raises(Unfit) as problem:
        clean_upload(sent, takes_pdf)
    return problem.value.code


def chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def profile() -> bytes:
    from PIL import ImageCms  # noqa: PLC0415 - for this alone

    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


@pytest.mark.parametrize(
    ("sent", "kind"),
    [
        (photo(), "jpeg"),
        (written(drawing(), "JPEG", icc_profile=profile(), exif=telling_exif()), "jpeg"),
        (screenshot(), "png"),
        (written(drawing(), "PNG", icc_profile=profile(), exif=telling_exif()), "png"),
        (written(drawing(), "WEBP", icc_profile=profile(), exif=telling_exif(), xmp=NAME.encode()), "webp"),
        (written(drawing(), "GIF", comment=NAME.encode()), "png"),
        (written(drawing().convert("CMYK"), "JPEG", comment=NAME.encode()), "jpeg"),
        (written(drawing().convert("P"), "PNG", transparency=3), "png"),
        (written(drawing().convert("RGBA"), "WEBP", lossless=True, exif=telling_exif()), "webp"),
        (photo() + b"PK\x03\x04" + SCRIPT, "jpeg"),
        (screenshot() + SCRIPT, "png"),
    ],
    ids=[
        "jpeg",
        "jpeg-icc",
        "png",
        "png-icc",
        "webp",
        "gif",
        "cmyk",
        "palette",
        "webp-alpha",
        "jpeg+zip",
        "png+script",
    ],
)
def test_only_pixels_are_left(sent, kind):
    made = cleaned(sent)
    assert made.kind == kind
    for data in (made.data, made.small):
        assert not any(trace in data for trace in TRACES)
        opened = Image.open(io.BytesIO(data))
        assert not opened.getexif()
        assert set(opened.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density", "loop", "background"}


def test_a_picture_that_lies_on_its_side_is_put_upright():
    assert (cleaned(photo(640, 400)).width, cleaned(photo(640, 400)).height) == (400, 640)


def test_pixels_of_a_drawing_stay_exactly_as_they_were():
    made = Image.open(io.BytesIO(cleaned(screenshot()).data)).convert("RGB")
    assert made.tobytes() == drawing(300, 200).tobytes()


def test_a_grey_picture_of_sixteen_bits_keeps_its_light():
    deep = Image.new("I;16", (40, 30), 0x8000)
    assert Image.open(io.BytesIO(cleaned(written(deep, "PNG")).data)).convert("L").getpixel((5, 5)) == 128


def test_a_large_picture_is_made_as_small_as_screens_need():
    made = cleaned(written(drawing(5_000, 2_500), "JPEG"))
    assert (made.width, made.height) == (2_400, 1_200)


def test_a_telephones_two_pictures_in_one_become_one():
    two = written(drawing(), "MPO", save_all=True, append_images=[Image.new("RGB", (64, 40), "red")])
    made = cleaned(two)
    assert made.kind == "jpeg"
    assert made.width == 640


def frames(kind: str, **options) -> bytes:
    more = [Image.new("RGB", (64, 40), colour) for colour in ("red", "blue")]
    return written(drawing(64, 40), kind, save_all=True, append_images=more, **options)


@pytest.mark.parametrize("kind", ["GIF", "PNG", "WEBP"])
def test_what_moves_is_refused(kind):
    assert refusal(frames(kind)) == "animated"


def huge_png(width: int, height: int) -> bytes:
    """A PNG of a few bytes that says it is as large as this."""
    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    rows = zlib.compress(bytes(min((width + 7) // 8 + 1, 10_000)) * min(height, 100))
    return PNG_MARK + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


@pytest.mark.parametrize("size", [(50_000, 50_000), (2**31 - 1, 2**31 - 1), (7_000, 7_000), (13_000, 10), (10, 13_000)])
def test_dimensions_of_a_bomb_are_refused_before_anything_is_decoded(size):
    assert refusal(huge_png(*size)) in ("pixels", "kind", "broken")


def test_a_bomb_within_the_limit_of_bytes_is_refused():
    assert refusal(written(Image.new("1", (20_000, 20_000)), "PNG")) == "pixels"


def test_a_text_chunk_that_unpacks_to_gigabytes_ends_the_child_and_nothing_else():
    bomb = chunk(b"zTXt", b"a\x00\x00" + zlib.compress(bytes(200_000_000)))
    sent = screenshot()
    assert refusal(sent[:33] + bomb * 8 + sent[33:]) in ("broken", "slow", "kind")


def cut(data: bytes, part: float) -> bytes:
    return data[: int(len(data) * part)]


@pytest.mark.parametrize("part", [0.02, 0.3, 0.6, 0.95])
@pytest.mark.parametrize("whole", [photo(), screenshot(), written(drawing(), "WEBP")], ids=["jpeg", "png", "webp"])
def test_what_is_cut_off_is_refused(whole, part):
    assert refusal(cut(whole, part)) in ("broken", "kind")


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        (b"\xef\xbb\xbf  <?xml version='1.0'?><svg/>", "svg"),
        (b"<!-- x --><svg onload=alert(1)>", "svg"),
        (b"PK\x03\x04" + photo(), "office"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "office"),
        (bytes(128) + b"DICM" + bytes(100), "dicom"),
        (b"\x00\x00\x00\x18ftypheic" + bytes(100), "heic"),
        (written(drawing(), "TIFF"), "kind"),
        (written(drawing(), "BMP"), "kind"),
        (written(drawing(), "ICO"), "kind"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "kind"),
        (b"GIF89a" + SCRIPT, "broken"),
        (b"\xff\xd8\xff\xe0" + bytes(200), "kind"),
        (b"", "empty"),
        (PDF, "pdf"),
    ],
)
def test_what_is_no_picture_is_refused_by_its_bytes(sent, code):
    assert refusal(sent) in (code, "kind")


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        (b"%PDF-1.7\n" + bytes(11 * 1024 * 1024) + b"%%EOF", "pdf_bytes"),
        (b"%PDF-1.7\nnever ends", "broken_pdf"),
        (b"%PDF-9.9\n%%EOF", "broken_pdf"),
        (b"\n" + PDF, "kind"),
        (b"<html>" + PDF, "kind"),
    ],
    ids=["large", "cut", "version", "late", "html"],
)
def test_a_pdf_begins_and_ends_as_one(sent, code):
    assert clean_upload(PDF, takes_pdf=True).data == PDF
    assert refusal(sent, takes_pdf=True) == code


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        ("jpeg", photo()),
        ("jpeg", written(drawing(), "JPEG", comment=b"x")),
        ("jpeg", written(drawing(), "JPEG") + b"x"),
        ("jpeg", written(drawing(), "JPEG")[:-2]),
        ("jpeg", screenshot()),
        ("png", screenshot()),
        ("png", written(drawing(), "PNG", icc_profile=profile())),
        ("png", written(drawing(), "PNG") + b"x"),
        ("png", written(drawing(), "PNG")[:-6]),
        ("png", frames("PNG")),
        ("webp", written(drawing(), "WEBP", exif=telling_exif())),
        ("webp", written(drawing(), "WEBP", xmp=b"x")),
        ("webp", written(drawing(), "WEBP", icc_profile=profile())),
        ("webp", written(drawing(), "WEBP") + b"x"),
        ("webp", written(drawing(), "WEBP")[:-9]),
        ("webp", frames("WEBP")),
        ("jpeg", b""),
        ("png", b""),
        ("webp", b""),
    ],
)
def test_the_walk_finds_every_leftover(kind, data):
    with pytest.raises(Leftover):
        check(kind, data)


@pytest.mark.parametrize("kind", ["jpeg", "png", "webp"])
@given(data=st.binary(max_size=300))
@settings(max_examples=150, deadline=None)
def test_no_bytes_make_the_walk_stumble_or_pass(kind, data):
    marks = {"jpeg": b"\xff\xd8", "png": PNG_MARK, "webp": b"RIFF" + struct.pack("<I", len(data) + 4) + b"WEBP"}
    with pytest.raises(Leftover):
        check(kind, marks[kind] + b"\x00" + data)


@pytest.mark.parametrize(
    "answer",
    [
        b"not json\n",
        b"{}\n",
        b"[]\n",
        b'"x"\n',
        json.dumps({"kind": "jpeg", "full": 3, "small": 0, "width": 1, "height": 1}).encode() + b"\nabc",
        json.dumps({"kind": "svg", "full": 3, "small": 0, "width": 1, "height": 1}).encode() + b"\nabc",
    ],
)
def test_a_child_that_was_taken_over_is_not_believed(answer, monkeypatch):
    done = subprocess.CompletedProcess([], 0, stdout=answer)
    monkeypatch.setattr(uploads.subprocess, "run", lambda *_args, **_options: done)
    assert refusal(photo()) == "broken"


def test_the_child_has_no_secret_and_cannot_write():
    """What it may do, asked of itself: bounds are set, the environment is empty, and no file of ours is open."""
    said = subprocess.run(
        [sys.executable, "-I", "-c", _PROBE, str(uploads.PROGRAM)], capture_output=True, text=True, env={}, check=True
    ).stdout
    found = json.loads(said)
    assert found["memory"] <= 1024 * 1024 * 1024
    assert found["seconds"] <= 20
    assert found["written"] == "refused"
    assert found["house"] == []


_PROBE = """
import json, resource, runpy, signal, sys, tempfile
names = runpy.run_path(sys.argv[1])
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
names["set_bounds"]()
try:
    with open(tempfile.gettempdir() + "/grand-round-probe", "wb", buffering=0) as file:
        file.write(b"x")
    written = "written"
except OSError:
    written = "refused"
print(json.dumps({
    "memory": resource.getrlimit(resource.RLIMIT_AS)[0],
    "seconds": resource.getrlimit(resource.RLIMIT_CPU)[0],
    "written": written,
    "house": [name for name in sys.modules if name.startswith(("lti_tool", "flask", "sqlalchemy"))],
}))
"""


def test_a_child_that_hangs_is_ended(monkeypatch, tmp_path):
    slow = tmp_path / "slow.py"
    slow.write_text("import time\ntime.sleep(60)\n")
    monkeypatch.setattr(uploads, "PROGRAM", slow)
    monkeypatch.setattr(uploads, "SECONDS", 0.5)
    assert refusal(photo()) == "slow"
