"""Settings: a TOML file (`LTI_TOOL_CONFIG`) over `config/default.toml`, and `LTI_TOOL_*` over both.

All problems are found before any is reported, because an administrator who mends one line at a time gives up.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from email.utils import parseaddr
from importlib.util import find_spec
from pathlib import Path
from typing import Any, get_type_hints
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from lti_tool.core.addresses import is_loopback

PREFIX = "LTI_TOOL_"
LEAST_SECRET_CHARACTERS = 32
SMTP_SCHEMES = ("smtp", "smtps", "smtp+plain")


class SettingsError(Exception):
    """Carries every problem of the settings at once, one sentence each."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What an installation may choose. `config/default.toml` explains each in a sentence."""

    base_url: str
    secret_key: str
    feed_key: str
    database_url: str
    database_owner_url: str
    var_dir: str
    files_url: str
    allow_http_loopback: bool
    allow_private_hosts: tuple[str, ...]
    ca_file: str
    trusted_proxies: int
    workers: int
    threads: int
    log_level: str
    metrics_token: str
    visit_idle_minutes: int
    visit_longest_hours: int
    posts_per_hour: int
    quiet_edit_minutes: int
    failed_launches_per_minute: int
    smtp_url: str
    mail_from: str

    def key_for(self, purpose: str) -> bytes:
        """32 bytes for one purpose, derived from the secret key by HKDF-SHA256 (RFC 5869)."""
        return HKDF(SHA256(), 32, salt=None, info=f"grand-round {purpose}".encode()).derive(self.secret_key.encode())

    @property
    def sqlalchemy_url(self) -> str:
        """The database's address; empty means SQLite in `var_dir`."""
        return _with_driver(self.database_url) or f"sqlite:///{Path(self.var_dir).absolute()}/grand-round.db"

    @property
    def sqlalchemy_owner_url(self) -> str:
        """The same database for the role that owns the tables; where none is named, there is only one."""
        return _with_driver(self.database_owner_url) or self.sqlalchemy_url

    @property
    def has_https(self) -> bool:
        """Whether people reach us over https."""
        return self.base_url.startswith("https:")


def _with_driver(url: str) -> str:
    """PostgreSQL is reached by psycopg 3, however its address begins."""
    kind, separator, rest = url.partition("://")
    return f"postgresql+psycopg://{rest}" if separator and kind in ("postgresql", "postgres") else url


def load_settings(environ: Mapping[str, str], default: Path) -> Settings:
    """Read the settings. `default` is `config/default.toml`. Raises SettingsError with all problems."""
    problems: list[str] = []
    values = _read_toml(default, problems)
    if chosen := environ.get(f"{PREFIX}CONFIG"):
        values |= _read_toml(Path(chosen), problems)
    kinds = get_type_hints(Settings)
    problems += [f"{name}: there is no such setting." for name in values if name not in kinds]
    for name in kinds:
        if (given := environ.get(PREFIX + name.upper())) is not None:
            values[name] = _from_text(given, kinds[name])
    problems += [
        sentence
        for field in fields(Settings)
        if (sentence := _wrong_kind(field.name, values.get(field.name), kinds[field.name]))
    ]
    if problems:
        raise SettingsError(problems)
    settings = Settings(**{name: _as_kind(values[name], kinds[name]) for name in kinds})
    if problems := list(_unfit(settings)):
        raise SettingsError(problems)
    return settings


def _read_toml(path: Path, problems: list[str]) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        problems.append(f"{path}: cannot be read ({error.strerror}).")
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        problems.append(f"{path}: is not TOML ({error}).")
    return {}


def _from_text(text: str, kind: Any) -> Any:
    if kind is bool:
        return {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}.get(text.lower(), text)
    if kind is int:
        return int(text) if text.isdecimal() else text
    return text.replace(",", " ").split() if kind is not str else text


def _wrong_kind(name: str, value: Any, kind: Any) -> str | None:
    words = {bool: "true or false", int: "a whole number", str: "text"}
    wanted = words.get(kind, "a list of texts")
    fits = (
        isinstance(value, list) and all(isinstance(x, str) for x in value) if kind not in words else type(value) is kind
    )
    return None if fits else f"{name}: must be {wanted} (set {PREFIX}{name.upper()} or the settings file)."


def _as_kind(value: Any, kind: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _unfit(settings: Settings) -> list[str]:
    checks = (_base_url, _secret_key, _feed_key, _databases, _numbers, _files, _mail)
    return [sentence for check in checks for sentence in check(settings)]


def _base_url(settings: Settings) -> list[str]:
    address = urlsplit(settings.base_url)
    if not address.hostname or address.scheme not in ("http", "https") or address.query or address.fragment:
        return ["base_url: must be the address people use, such as https://grandround.trust.nhs.uk."]
    if address.path:
        return ["base_url: must end with the host or port, without a path or a slash."]
    if address.scheme == "http" and not (settings.allow_http_loopback and is_loopback(address.hostname)):
        return ["base_url: must begin with https:// (http is for a demo on this machine only)."]
    return []


def _secret_key(settings: Settings) -> list[str]:
    if len(settings.secret_key) < LEAST_SECRET_CHARACTERS:
        return [f"secret_key: must be at least {LEAST_SECRET_CHARACTERS} random characters, kept secret and backed up."]
    return []


def _feed_key(settings: Settings) -> list[str]:
    if len(settings.feed_key) < LEAST_SECRET_CHARACTERS:
        return [f"feed_key: must be at least {LEAST_SECRET_CHARACTERS} random characters, kept secret and backed up."]
    return []


def _databases(settings: Settings) -> list[str]:
    named = {"database_url": settings.sqlalchemy_url, "database_owner_url": settings.sqlalchemy_owner_url}
    problems = [f"{name}: {fault}" for name, url in named.items() if (fault := _database_fault(url))]
    if not problems and settings.database_owner_url and settings.sqlalchemy_url.startswith("sqlite"):
        problems = ["database_owner_url: is for PostgreSQL only; leave it empty with SQLite."]
    return problems


def _database_fault(url: str) -> str:
    kind = url.partition("://")[0]
    if kind not in ("sqlite", "postgresql+psycopg"):
        return "must be empty, or begin with postgresql:// (or sqlite:///)."
    if kind != "sqlite" and find_spec("psycopg") is None:
        return "PostgreSQL needs its driver: pip install 'grand-round[postgresql]'."
    return ""


def _numbers(settings: Settings) -> list[str]:
    least_one = ("workers", "threads", "visit_idle_minutes", "visit_longest_hours", "posts_per_hour")
    problems = [f"{name}: must be 1 or more." for name in least_one if getattr(settings, name) < 1]
    if settings.quiet_edit_minutes < 0:
        problems.append("quiet_edit_minutes: must be 0 or more.")
    if settings.log_level not in ("debug", "info", "warning", "error"):
        problems.append("log_level: must be debug, info, warning or error.")
    return problems


def _files(settings: Settings) -> list[str]:
    if settings.ca_file and not Path(settings.ca_file).is_file():
        return [f"ca_file: there is no file {settings.ca_file}."]
    if settings.files_url != "file:":
        return ['files_url: must be "file:", a folder in var_dir. Other stores are not known to this version.']
    return []


def _mail(settings: Settings) -> list[str]:
    """Mail needs a server and a sender, or neither. A name and a password never travel in the open."""
    if not settings.smtp_url:
        return []
    problems, server = [], urlsplit(settings.smtp_url)
    if server.scheme not in SMTP_SCHEMES or not server.hostname or server.path not in ("", "/"):
        problems.append("smtp_url: must be like smtp://name:password@mail.trust.nhs.uk:587, smtps:// or smtp+plain://.")
    elif server.scheme == "smtp+plain" and server.username:
        problems.append("smtp_url: smtp+plain:// is not encrypted, so it takes no name and no password.")
    address = parseaddr(settings.mail_from)[1]
    if address.count("@") != 1 or not settings.mail_from.isprintable():
        problems.append("mail_from: must be the sender of mails, such as Grand Round <no-reply@trust.nhs.uk>.")
    return problems
