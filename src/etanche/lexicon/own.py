"""Lists of the user's own, beside those shipped: kept in a folder of the account, used by every triage after.

Rules, in the order in which they apply:

1. A list is of a kind: `surnames`, `first_names`, `communes`, `medicines` and `passwords` hold an entry a line,
   `topics` is a dictionary of clinical terms in TOML (docs/reference/topics.md).
2. Text is UTF-8 or Windows-1252; blank lines and those that begin with `#` are remarks.  An entry has a letter or a
   digit and at most 100 characters.  A list is refused whole, by the number of the line and never by its text: that
   may be somebody's name.
3. It is kept as `<folder>/<kind>/<name>.txt` (`.toml` for topics), readable by the account alone.
4. `use` puts the words beside the shipped ones for this process; the custody log says which lists, by name and hash.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from etanche.errors import ExitCode, UserError
from etanche.lexicon.fold import fold

KINDS = ("surnames", "first_names", "communes", "medicines", "passwords", "topics")
TOPICS = "topics"

_LONGEST, _MOST_BYTES = 100, 20_000_000
_NAME = re.compile(r"[\w][\w .-]{0,63}")

_lists: list[OwnList] = []
_words_in_use: dict[str, frozenset[str]] = {}


@dataclass(frozen=True, slots=True)
class OwnList:
    """One list: what it is called, of which kind, where it lies, and what it holds."""

    name: str
    kind: str
    path: Path
    sha256: str
    size: int
    modified: float
    """Seconds since 1970."""
    entries: tuple[str, ...] = field(repr=False)
    """As they are looked up: folded, passwords in small letters.  Of topics the lines that begin a term."""


def kept(folder: Path | None) -> tuple[OwnList, ...]:
    """Return the lists in a folder, by kind and name; `UserError` (usage) for one that was spoilt there."""
    if folder is None:
        return ()
    paths = [(kind, path) for kind in KINDS for path in sorted(folder.glob(f"{kind}/*{_suffix(kind)}"))]
    return tuple(read(path, kind, path.stem) for kind, path in paths)


def read(path: Path, kind: str, name: str) -> OwnList:
    """Return a list read from a file; `UserError` (usage) where it is none."""
    try:
        data = path.read_bytes()
        modified = path.stat().st_mtime
    except OSError:
        raise UserError("lexicon_unreadable", ExitCode.USAGE, path=str(path)) from None
    if len(data) > _MOST_BYTES:
        raise UserError("lexicon_too_large", ExitCode.USAGE, path=str(path), most=_MOST_BYTES // 1_000_000)
    text = _decoded(data)
    if text is None:
        raise UserError("lexicon_no_text", ExitCode.USAGE, path=str(path))
    entries = tuple(_terms(text) if kind == TOPICS else _words(text, kind, path))
    if not entries:
        raise UserError("lexicon_empty", ExitCode.USAGE, path=str(path))
    return OwnList(name, kind, path, sha256(data).hexdigest(), len(data), modified, entries)


def add(folder: Path, source: Path, kind: str, name: str | None = None) -> OwnList:
    """Keep a copy of a file as a list; one of the same kind and name is replaced.

    Raises `UserError` (usage): no such kind, a name that no file can have, a file that is no list.
    """
    if kind not in KINDS:
        raise UserError("lexicon_kind", ExitCode.USAGE, kind=kind, kinds=", ".join(KINDS))
    called = name or source.stem
    if not _NAME.fullmatch(called):
        raise UserError("lexicon_name", ExitCode.USAGE, name=called)
    checked = read(source, kind, called)
    target = folder / kind / f"{called}{_suffix(kind)}"
    if any(other.name == called and other.kind != kind for other in kept(folder)):
        raise UserError("lexicon_name_taken", ExitCode.USAGE, name=called)
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    unfinished = target.with_suffix(".part")
    unfinished.touch(mode=0o600)
    unfinished.write_bytes(source.read_bytes())
    unfinished.replace(target)
    return OwnList(called, kind, target, checked.sha256, checked.size, checked.modified, checked.entries)


def remove(folder: Path | None, name: str) -> Path:
    """Remove a list; `UserError` (usage) where there is none of the name."""
    paths = [folder / kind / f"{name}{_suffix(kind)}" for kind in KINDS] if folder and _NAME.fullmatch(name) else []
    found = next((path for path in paths if path.is_file()), None)
    if found is None:
        raise UserError("lexicon_unknown", ExitCode.USAGE, name=name)
    found.unlink()
    return found


def put_in_use(lists: Sequence[OwnList]) -> None:
    """Take these lists for the words of this process (`lexicon.use` also forgets what was read before)."""
    _lists[:] = lists
    _words_in_use.clear()
    for kind in KINDS:
        _words_in_use[kind] = frozenset(entry for each in lists if each.kind == kind for entry in each.entries)


def in_use() -> tuple[OwnList, ...]:
    """Return the user's own lists that are in use."""
    return tuple(_lists)


def words(kind: str) -> frozenset[str]:
    """Return the user's own words of a kind that are in use."""
    return _words_in_use.get(kind, frozenset())


def topic_files() -> tuple[Path, ...]:
    """Return the files of the user's own topics that are in use."""
    return tuple(each.path for each in _lists if each.kind == TOPICS)


def _suffix(kind: str) -> str:
    return ".toml" if kind == TOPICS else ".txt"


def _decoded(data: bytes) -> str | None:
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        return None if "\0" in text else text
    return None


def _words(text: str, kind: str, path: Path) -> Iterator[str]:
    for number, line in enumerate(text.splitlines(), 1):
        entry = line.strip()
        if not entry or entry.startswith("#"):
            continue
        known = entry.lower() if kind == "passwords" else fold(entry)
        if not any(map(str.isalnum, known)) or len(entry) > _LONGEST:
            raise UserError("lexicon_malformed", ExitCode.USAGE, path=str(path), line=number)
        yield known


def _terms(text: str) -> Iterator[str]:
    return (line for line in text.splitlines() if line.lstrip().startswith(("terms", "[[entry", "[topic")))
