"""The files of others that browsers load are as `config/assets/vendor.py` wrote them, and none calls out."""

import hashlib
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
STATIC = ROOT / "lti_tool" / "web" / "static" / "vendor"
FOLDERS = (STATIC, ROOT / "tests" / "browser" / "vendor")


def written_down() -> dict[str, str]:
    lines = (ROOT / "config" / "assets" / "SHA256SUMS").read_text(encoding="utf-8").splitlines()
    return {name: digest for digest, name in (line.split("  ", 1) for line in lines)}


def test_vendored_files_are_as_written_down() -> None:
    found = {
        path.relative_to(ROOT).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for folder in FOLDERS
        for path in folder.iterdir()
    }
    assert len(found) > 5
    assert found == written_down()


def test_no_vendored_file_calls_out() -> None:
    loads = re.compile(
        r"(?:url\(|@import|fetch\(|src=)\s*[\"']?(?:https?:)?//|@font-face|sourceMappingURL", re.IGNORECASE
    )
    for path in [*STATIC.glob("*.css"), *STATIC.glob("*.js"), *STATIC.glob("*.svg")]:
        assert not loads.search(path.read_text(encoding="utf-8")), path.name


def test_pictures_of_the_stylesheet_are_beside_it() -> None:
    named = set(re.findall(r"url\(([^)]+)\)", (STATIC / "nhsuk-frontend.min.css").read_text(encoding="utf-8")))
    assert named == {path.name for path in STATIC.glob("*.svg")}


def test_lock_file_names_no_registry() -> None:
    lock = (ROOT / "config" / "assets" / "package-lock.json").read_text(encoding="utf-8")
    assert "resolved" not in lock
    assert "://" not in lock
