"""Files as people send them: pictures with all that cameras and editors write into them, and things that are none."""

import io
import re

from PIL import Image, ImageDraw, PngImagePlugin

from tests.factories.house import Browser

NAME = "Thackeray"
PDF = b"%PDF-1.7\n1 0 obj <</Author (Dr Priya Nadar)>> endobj\ntrailer\n%%EOF\n"


def drawing(width: int = 640, height: int = 400) -> Image.Image:
    """Something to see: a trace like that of an ECG."""
    picture = Image.new("RGB", (width, height), "#fff5f5")
    pen = ImageDraw.Draw(picture)
    for x in range(0, width, 20):
        pen.line((x, 0, x, height), fill="#f3c6c6")
    for y in range(0, height, 20):
        pen.line((0, y, width, y), fill="#f3c6c6")
    points = [(x, height / 2 - (height / 3 if x % 160 == 80 else 0) + x % 7) for x in range(0, width, 8)]
    pen.line(points, fill="#212b32", width=3)
    return picture


def written(picture: Image.Image, kind: str, **options: object) -> bytes:
    """The picture's bytes in this format."""
    target = io.BytesIO()
    picture.save(target, kind, **options)
    return target.getvalue()


def telling_exif() -> Image.Exif:
    """What a telephone writes: who, when, where, and that it was held upright."""
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010E] = f"Mr {NAME}, bed 12"
    exif[0x013B] = NAME
    exif.get_ifd(0x8825).update({1: "N", 2: (51.0, 30.0, 0.0), 3: "W", 4: (0.0, 7.0, 0.0)})
    return exif


def photo(width: int = 640, height: int = 400) -> bytes:
    """A JPEG with a position, a name and a comment in it, lying on its side."""
    xmp = f"<x:xmpmeta xmlns:x='adobe:ns:meta/'>{NAME}</x:xmpmeta>".encode()
    return written(drawing(width, height), "JPEG", exif=telling_exif(), comment=NAME.encode(), xmp=xmp, quality=90)


def heavy_photo() -> bytes:
    """A photograph that is too heavy to be shown unasked."""
    noise = Image.effect_noise((900, 600), 60).convert("RGB")
    return written(Image.blend(noise, drawing(900, 600), 0.6), "JPEG", quality=92)


def screenshot() -> bytes:
    """A PNG with XMP, texts and a time in it."""
    notes = PngImagePlugin.PngInfo()
    notes.add_itxt("XML:com.adobe.xmp", f"<x>{NAME}</x>")
    notes.add_text("Author", NAME)
    notes.add(b"tIME", bytes(7))
    return written(drawing(300, 200), "PNG", pnginfo=notes)


def add(who: Browser, path: str, data: bytes, name: str = "photo.jpg", **fields: str):
    """Press "Add it" in a composer."""
    form = {"title": "What is this?", "text": "See the picture.", "do": "attach"} | fields
    return who.post(path, form | {"file": (io.BytesIO(data), name)}, content_type="multipart/form-data")


def files_in(page: str) -> list[str]:
    """The files that a composer holds."""
    found = re.search(r'name="files" value="([^"]*)"', page)
    return found[1].split() if found else []


def send(who: Browser, path: str, files: list[str], alt: str = "An ECG", **fields: str):
    """Send a composer that holds these files."""
    form = {"title": "What is this?", "text": "See the picture.", "do": "send", "files": " ".join(files)}
    return who.post(path, form | {f"alt-{file}": alt for file in files} | fields)
