"""Fetch the browser files of others, clean them, and write down their hashes. For maintainers only: needs node.

Run `python config/assets/vendor.py` after a change of package.json, look at the difference, commit the result.
What it changes: both Frutiger @font-face rules go (licensed, and they call out to assets.nhs.uk; Arial remains), source
map lines go, pictures named in the stylesheet are copied beside it. It stops if any file still names another host.
"""

import hashlib
import re
import shutil
import subprocess
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
SUMS = HERE / "SHA256SUMS"
STATIC = ROOT / "lti_tool" / "web" / "static" / "vendor"
TESTS = ROOT / "tests" / "browser" / "vendor"
MODULES = HERE / "node_modules"
NHSUK = MODULES / "nhsuk-frontend" / "dist" / "nhsuk"

COPIES = {
    STATIC / "nhsuk-frontend.min.css": NHSUK / "nhsuk-frontend.min.css",
    STATIC / "htmx.min.js": MODULES / "htmx.org" / "dist" / "htmx.min.js",
    STATIC / "htmx.LICENSE": MODULES / "htmx.org" / "LICENSE",
    STATIC / "markdown-toolbar.js": MODULES / "@github" / "markdown-toolbar-element" / "dist" / "index.js",
    STATIC / "markdown-toolbar.LICENSE": MODULES / "@github" / "markdown-toolbar-element" / "LICENSE",
    TESTS / "axe.min.js": MODULES / "axe-core" / "axe.min.js",
    TESTS / "axe.LICENSE": MODULES / "axe-core" / "LICENSE",
    TESTS / "ical.min.js": MODULES / "ical.js" / "dist" / "ical.min.js",
    TESTS / "ical.LICENSE": MODULES / "ical.js" / "LICENSE",
}
NHSUK_NOTICE = """NHS.UK frontend 10.6.1, Crown Copyright (NHS England), https://github.com/nhsuk/nhsuk-frontend

Released under the MIT Licence; its package carries no licence file, its README says so. The MIT Licence's text is the
same as in this project's own LICENSE. Changed by config/assets/vendor.py: fonts and source map taken out.
"""
FONT_FACE = re.compile(r"@font-face\s*\{[^}]*\}")
PICTURE = re.compile(r"url\(/assets/images/([a-z-]+\.svg)\)")
SOURCE_MAP = re.compile(r"\n?(?:/\*|//)# sourceMappingURL=.*")
CALLS_OUT = re.compile(r"(?:url\(|@import|fetch\(|src=)\s*[\"']?(?:https?:)?//", re.IGNORECASE)


def main() -> None:
    """Do it all. Raises SystemExit when the result may not be committed."""
    subprocess.run(["npm", "ci", "--ignore-scripts"], cwd=HERE, check=True)  # noqa: S607 - a maintainer's own npm
    for folder in (STATIC, TESTS):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
    for target, source in COPIES.items():
        target.write_text(cleaned(source.read_text(encoding="utf-8")), encoding="utf-8")
    copy_pictures(STATIC / "nhsuk-frontend.min.css")
    (STATIC / "nhsuk-frontend.NOTICE").write_text(NHSUK_NOTICE, encoding="utf-8")
    SUMS.write_text("".join(f"{digest}  {name}\n" for name, digest in sorted(hashes().items())), encoding="utf-8")
    shutil.rmtree(MODULES)
    loud = [path.name for path in vendored() if path.parent == STATIC and CALLS_OUT.search(path.read_text("utf-8"))]
    if loud:
        raise SystemExit(f"These call out: {', '.join(loud)}. Do not commit.")


def cleaned(text: str) -> str:
    """Without fonts of others and source maps."""
    return SOURCE_MAP.sub("", FONT_FACE.sub("", text)).rstrip() + "\n"


def copy_pictures(stylesheet: Path) -> None:
    """Put the pictures that the stylesheet names beside it, and name them there."""
    text = stylesheet.read_text(encoding="utf-8")
    for name in sorted(set(PICTURE.findall(text))):
        shutil.copy(NHSUK / "assets" / "images" / name, STATIC / name)
    stylesheet.write_text(PICTURE.sub(r"url(\1)", text), encoding="utf-8")


def vendored() -> list[Path]:
    """Every file that we hold of others."""
    return sorted(path for folder in (STATIC, TESTS) for path in folder.iterdir())


def hashes() -> dict[str, str]:
    """Path from the root → SHA-256 of what is there now."""
    return {path.relative_to(ROOT).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in vendored()}


if __name__ == "__main__":
    main()
