"""Pictures made anew from their pixels: the one home of Pillow, and a program of its own.

`uploads.py` runs this file as a child process, never imports it: what people send is opened by C code with a long
history of faults. The child begins as a fresh interpreter (nothing of the web process's memory, sockets or keys is in
it, as would be after a fork, which threads forbid anyway), sets its own bounds of time, memory and files before it
reads a byte, and ends after one picture. It imports the standard library and Pillow alone, so that it starts fast.

It reads the file from standard input and answers on standard output: one line of JSON, then the cleaned picture and its
thumbnail. What it answers is believed no more than what was sent: `chunks.py` walks it byte by byte afterwards.
"""

import io
import json
import resource
import sys
import warnings
from typing import Any

from PIL import Image, ImageCms, ImageOps, UnidentifiedImageError

MOST_PIXELS = 40_000_000
LONGEST_SIDE = 12_000
SHOWN_SIDE = 2_400
SMALL_SIDE = 320
HEAVY_BYTES = 1_500_000
CPU_SECONDS = 15
MEMORY_BYTES = 1_024 * 1_024 * 1_024
OPENED = ("JPEG", "PNG", "WEBP", "GIF")
TWO_IN_ONE = "MPO"  # what Pillow calls a telephone's JPEG with a second picture behind it, which is left out
DEEP = {"I;16", "I;16B", "I;16L", "I;16N", "I"}


class Refused(Exception):
    """Why this picture is not taken: a code that `uploads.py` says in words."""


def set_bounds() -> None:
    """Bound this process: processor time, memory, and no file written, however the picture is made."""
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (16, 16))


def opened(sent: bytes) -> Image.Image:
    """The one picture in these bytes, not decoded yet. Its kind is what the bytes say, never a name."""
    try:
        picture = Image.open(io.BytesIO(sent), formats=OPENED)
    except UnidentifiedImageError as error:
        raise Refused("kind") from error
    width, height = picture.size
    if width * height > MOST_PIXELS or max(width, height) > LONGEST_SIDE:
        raise Refused("pixels")
    if picture.format != TWO_IN_ONE and getattr(picture, "n_frames", 1) > 1:
        raise Refused("animated")
    return picture


def as_srgb(picture: Image.Image) -> Image.Image:
    """The pixels as a screen without colour management shows them, since the profile is not kept."""
    profile = picture.info.get("icc_profile")
    if not profile or picture.mode not in ("RGB", "RGBA", "CMYK", "L"):
        return picture
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        mode = "RGBA" if picture.mode == "RGBA" else "RGB"
        changed = ImageCms.profileToProfile(picture, source, ImageCms.createProfile("sRGB"), outputMode=mode)
    except (ImageCms.PyCMSError, ValueError, OSError):
        return picture
    return changed or picture


def pixels_of(picture: Image.Image) -> Image.Image:
    """The pixels alone, upright, as RGB or RGBA, in a picture that has never held anything else."""
    picture.draft("RGB", (SHOWN_SIDE, SHOWN_SIDE))
    picture.load()
    if picture.mode in DEEP:
        picture = picture.convert("I").point([number // 256 for number in range(65536)], "L")
    picture = as_srgb(ImageOps.exif_transpose(picture))
    is_clear = picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info
    shown = picture.convert("RGBA" if is_clear else "RGB")
    shown.thumbnail((SHOWN_SIDE, SHOWN_SIDE), Image.Resampling.LANCZOS)
    bare = Image.new(shown.mode, shown.size)
    bare.paste(shown)
    return bare


def written(picture: Image.Image, kind: str, **options: Any) -> bytes:
    """The picture's bytes."""
    target = io.BytesIO()
    picture.save(target, kind, **options)
    return target.getvalue()


def encoded(picture: Image.Image, kind: str) -> tuple[str, bytes]:
    """A photograph as JPEG or WebP; what came with exact pixels as PNG, unless it is a photograph after all."""
    is_opaque = picture.mode == "RGB"
    if kind == "WEBP":
        return "webp", written(picture, "WEBP", quality=85, method=4)
    if kind in ("JPEG", TWO_IN_ONE) and is_opaque:
        return "jpeg", written(picture, "JPEG", quality=86, optimize=True)
    exact = written(picture, "PNG", compress_level=6)
    if len(exact) > HEAVY_BYTES and is_opaque:
        return "jpeg", written(picture, "JPEG", quality=88, optimize=True)
    return "png", exact


def clean(sent: bytes) -> tuple[dict[str, Any], bytes]:
    """What is said of the picture, and the bytes of its copy and of its thumbnail. Raises Refused."""
    try:
        source = opened(sent)
        kind = source.format or ""
        bare = pixels_of(source)
    except Refused:
        raise
    except (MemoryError, Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise Refused("pixels") from error
    except Exception as error:  # whatever a decoder makes of hostile bytes, it is no picture
        raise Refused("broken") from error
    name, full = encoded(bare, kind)
    small = bare.copy()
    small.thumbnail((SMALL_SIDE, SMALL_SIDE), Image.Resampling.LANCZOS)
    thumbnail = written(small, "WEBP", quality=70, method=4)
    said = {"kind": name, "width": bare.width, "height": bare.height, "full": len(full), "small": len(thumbnail)}
    return said, full + thumbnail


def main() -> None:
    """Clean what stands on standard input."""
    set_bounds()
    warnings.simplefilter("error", Image.DecompressionBombWarning)
    Image.MAX_IMAGE_PIXELS = MOST_PIXELS
    try:
        said, copies = clean(sys.stdin.buffer.read())
    except Refused as reason:
        said, copies = {"refused": str(reason)}, b""
    sys.stdout.buffer.write(json.dumps(said).encode() + b"\n" + copies)


if __name__ == "__main__":
    main()
