"""Everything étanche takes from its surroundings, in one frozen dataclass that is passed in.

Rules:

1. Nothing else reads the environment, the clock, the locale or the account: it is asked here.
2. `Config()` is the neutral configuration (tests, notebooks); `Config.from_environment(os.environ)` the user's.
3. A value that cannot be read is a `UserError` naming its variable: a typing slip must not silently change a limit.
4. The passphrase never shows in a `repr`.

| variable | meaning |
| --- | --- |
| `ETANCHE_LANGUAGE` | `fr` or `en`; otherwise `LC_ALL`, `LC_MESSAGES`, `LANG` decide |
| `ETANCHE_PASSPHRASE` | wraps (or unwraps) the key of the case |
| `ETANCHE_KEY_FILE` | a file that holds the key of the case (age format); made when absent |
| `ETANCHE_KEYRING` | `0` leaves the system keyring alone |
| `ETANCHE_THREADS` | threads of the engine; default: the processors this process may use |
| `ETANCHE_MEMORY` | memory of the engine, such as `768MiB` or `2GiB` |
| `ETANCHE_OPERATOR` | who works on the case, for the custody log; default `login@host`, empty for nobody |
| `ETANCHE_LEXICONS` | the folder of the user's own lists; default: `etanche/lexicons` among the account's data |
| `ETANCHE_LIMIT_TOTAL` | what may come out of all archives together, such as `64GiB` |
| `ETANCHE_LIMIT_RATIO` | unpacked bytes for one packed byte, beyond the first 64 MiB |
| `ETANCHE_LIMIT_MEMBERS` | members of archives that are opened |
| `ETANCHE_LIMIT_DEPTH` | archives in archives |
| `ETANCHE_LIMIT_LINE` | bytes of one row (2 MB at most: the engine takes no longer ones) |
| `ETANCHE_LIMIT_SECONDS` | seconds spent on unpacking, all entries together |
| `ETANCHE_LIMIT_ENTRY_SECONDS` | seconds spent on one entry |
| `ETANCHE_LIMIT_WINDOW` | memory that unpacking one stream may take |
| `ETANCHE_LIMIT_PARSER` | memory of a parser in the sandbox |
| `ETANCHE_LIMIT_SPILL` | what is spilled to disk (encrypted) while reading |
| `NO_COLOR`, `FORCE_COLOR` | the two conventions on colour |
"""

from __future__ import annotations

import getpass
import os
import platform
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import platformdirs

from etanche.errors import ExitCode, UserError
from etanche.words import LANGUAGES, language_of_environment

MIB = 1024**2
GIB = 1024**3

_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*(B|KB|KIB|MB|MIB|GB|GIB|TB|TIB)?", re.IGNORECASE)
_UNITS = {
    "": 1,
    "B": 1,
    "KB": 10**3,
    "KIB": 2**10,
    "MB": 10**6,
    "MIB": 2**20,
    "GB": 10**9,
    "GIB": 2**30,
    "TB": 10**12,
    "TIB": 2**40,
}
_NO = frozenset({"0", "no", "off", "false", "non"})


_LIMITS: dict[str, tuple[tuple[str, ...], int, int]] = {
    "TOTAL": (("total_bytes",), MIB, 1 << 60),
    "RATIO": (("ratio",), 2, 1 << 40),
    "MEMBERS": (("members",), 1, 10**8),
    "DEPTH": (("depth",), 1, 100),
    "LINE": (("line_bytes",), 1000, 2_000_000),
    "SECONDS": (("all_seconds",), 1, 10**8),
    "ENTRY_SECONDS": (("entry_seconds", "parser_seconds"), 1, 10**8),
    "WINDOW": (("window_bytes",), MIB, 1 << 40),
    "PARSER": (("parser_bytes",), 512 * MIB, 1 << 44),
    "SPILL": (("spill_bytes",), MIB, 1 << 60),
}
"""What a variable sets: fields of `etanche.ingest.Limits`, and the least and the most that make sense."""
_SIZES = frozenset({"TOTAL", "LINE", "WINDOW", "PARSER", "SPILL"})


def utc_now() -> datetime:
    """Return the present moment, in UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Config:
    """What a command may know of its surroundings."""

    language: str = "en"
    """"fr" or "en"."""
    passphrase: str | None = field(default=None, repr=False)
    key_file: Path | None = None
    keyring: bool = True
    """Whether the system keyring may be asked."""
    threads: int | None = None
    """Threads of the engine; None: as many as processors."""
    memory: int | None = None
    """Bytes the engine may take; None: its own default."""
    colour: bool | None = None
    """True or False when the user said so; None: as the terminal can."""
    operator: str = ""
    """Who works on the case, for the custody log."""
    now: Callable[[], datetime] = field(default=utc_now, repr=False)
    """The clock, in UTC."""
    lexicons: Path | None = None
    """Folder of the user's own lists; None: there are none."""
    limits: Mapping[str, int] = field(default_factory=dict)
    """Fields of `etanche.ingest.Limits` that the user sets; the others keep their defaults."""

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> Config:
        """Return the configuration that the variables of `environ` ask for.

        Raises `UserError` (usage) for a variable whose value cannot be read.
        """
        key_file = environ.get("ETANCHE_KEY_FILE", "")
        return cls(
            language=_language(environ),
            passphrase=environ.get("ETANCHE_PASSPHRASE") or None,
            key_file=Path(key_file).expanduser() if key_file else None,
            keyring=environ.get("ETANCHE_KEYRING", "").strip().lower() not in _NO,
            threads=_threads(environ),
            memory=_memory(environ),
            colour=_colour(environ),
            operator=environ.get("ETANCHE_OPERATOR", _account()),
            lexicons=_lexicons(environ),
            limits=_limits(environ),
        )


def _lexicons(environ: Mapping[str, str]) -> Path:
    asked = environ.get("ETANCHE_LEXICONS", "").strip()
    return Path(asked).expanduser() if asked else platformdirs.user_data_path("etanche", appauthor=False) / "lexicons"


def parse_size(text: str) -> int | None:
    """Return the bytes that "768MiB", "2 GB" or "1048576" stand for, None when it is none of these."""
    match = _SIZE.fullmatch(text.strip())
    if match is None:
        return None
    return int(float(match[1]) * _UNITS[(match[2] or "").upper()])


def _language(environ: Mapping[str, str]) -> str:
    asked = environ.get("ETANCHE_LANGUAGE", "").strip().lower()
    if not asked:
        return language_of_environment(dict(environ))
    if asked not in LANGUAGES:
        raise UserError("config_language", ExitCode.USAGE, value=asked)
    return asked


def _threads(environ: Mapping[str, str]) -> int | None:
    text = environ.get("ETANCHE_THREADS", "").strip()
    if not text:
        return None
    if not text.isdecimal() or not 1 <= int(text) <= 1024:
        raise UserError("config_threads", ExitCode.USAGE, value=text)
    return int(text)


def _memory(environ: Mapping[str, str]) -> int | None:
    text = environ.get("ETANCHE_MEMORY", "").strip()
    if not text:
        return None
    size = parse_size(text)
    if size is None or size < 64 * MIB:
        raise UserError("config_memory", ExitCode.USAGE, value=text)
    return size


def _limits(environ: Mapping[str, str]) -> dict[str, int]:
    """Return the limits that are set.  Raises `UserError` for one that makes no sense, or that does not exist."""
    limits: dict[str, int] = {}
    for variable, text in environ.items():
        if not variable.startswith("ETANCHE_LIMIT_") or not text.strip():
            continue
        name = variable.removeprefix("ETANCHE_LIMIT_")
        if name not in _LIMITS:
            raise UserError("config_limit_unknown", ExitCode.USAGE, variable=variable)
        fields, least, most = _LIMITS[name]
        value = parse_size(text) if name in _SIZES else int(text) if text.strip().isdecimal() else None
        if value is None or not least <= value <= most:
            raise UserError("config_limit", ExitCode.USAGE, variable=variable, value=text, least=least, most=most)
        limits |= dict.fromkeys(fields, value)
    return limits


def _colour(environ: Mapping[str, str]) -> bool | None:
    if environ.get("NO_COLOR"):
        return False
    return True if environ.get("FORCE_COLOR") else None


def _account() -> str:
    """Return `login@host`; the number of the account where it has no name (a bare container)."""
    try:
        login = getpass.getuser()
    except (KeyError, OSError):
        login = str(os.getuid())
    return f"{login}@{platform.node()}"
