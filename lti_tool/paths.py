"""Where the files beside the code are: in the installed package, or beside it in a checkout (editable installs)."""

from pathlib import Path

_PACKAGE = Path(__file__).parent


def folder(name: str) -> Path:
    """The folder `templates` or `config`. Raises FileNotFoundError when the installation is broken."""
    for place in (_PACKAGE / name, _PACKAGE.parent / name):
        if place.is_dir():
            return place
    raise FileNotFoundError(f"Grand Round is not installed completely: its folder {name} is missing.")
