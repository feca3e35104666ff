"""Names from hostile places made paths that stay in the working folder, on Linux, Windows and macOS alike.

The rules, in the order in which they apply:

1. `/` and `\\` both part folders, and so does the `!` that joins archives and members only where a caller says so
   (`safe_path` joins the two itself).  Empty parts, `.`, `..`, drive letters and leading slashes vanish.
2. Unicode is composed (NFC), so that macOS and Linux agree.  Control characters, marks that turn the direction of
   writing or are not seen, surrogates (bytes that were no UTF-8) and the characters that Windows forbids become `_`.
3. Dots and blanks at the end of a part go, blanks at its beginning too: Windows drops them.  Device names
   (CON, NUL, COM1…) get a `_` in front.
4. A part is at most 120 bytes of UTF-8 and a path 180: what is longer is cut, and a short hash of the whole keeps it
   apart from others.  Cutting keeps the suffix.
5. The same source gives the same path on any machine and any day.

    >>> str(safe_path("/dumps/leak.zip", "../../etc/passwd"))
    'dumps/leak.zip/etc/passwd'
    >>> str(safe_path("C:\\\\con.txt", ""))
    '_con.txt'
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable
from pathlib import PurePosixPath

_PART_BYTES = 120
_PATH_BYTES = 180
_MOST_PARTS = 12
_FORBIDDEN = frozenset('<>:"|?*')
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_DEVICES = frozenset(
    {"con", "prn", "aux", "nul", "conin$", "conout$", "clock$"}
    | {f"{port}{digit}" for port in ("com", "lpt") for digit in "0123456789¹²³"}
)
_DRIVE = re.compile(r"^[A-Za-z]:(?=[/\\]|$)")
_SLASHES = re.compile(r"[/\\]+")
_NAMELESS = "unnamed"


def safe_path(shown: str, member: str) -> PurePosixPath:
    """Return a relative path for what stands at `member` (joined by `!` inside archives) of the file shown as `shown`.

    The folders and names of the source are kept as far as all systems can bear them; see the module's rules.
    """
    parts = [*_parts(shown), *(part for inner in member.split("!") for part in _parts(inner))]
    safe = [_part(part) for part in parts] or [_NAMELESS]
    whole = "/".join(safe)
    if len(safe) > _MOST_PARTS or len(whole.encode()) > _PATH_BYTES:
        last = _cut(safe[-1], _PART_BYTES, _hash(f"{shown}!{member}"))
        head: list[str] = []
        for part in safe[: _MOST_PARTS - 1]:
            if len("/".join([*head, part, last]).encode()) > _PATH_BYTES or part is safe[-1]:
                break
            head.append(part)
        safe = [*head, last]
    return PurePosixPath(*safe)


def unique(paths: Iterable[PurePosixPath]) -> list[PurePosixPath]:
    """Return the paths in their order, none equal to another nor a folder above it.

    Equal means equal on a file system that is blind to case and accents' composition; later ones get `~2`, `~3`….
    """
    files: set[str] = set()
    folders: set[str] = set()
    last: dict[str, int] = {}
    found: list[PurePosixPath] = []
    for path in paths:
        candidate = _beside_files(path, files)
        key = _folded(candidate)
        count = last.get(key, 1)
        while (folded := _folded(candidate)) in files or folded in folders:
            count += 1
            candidate = _numbered(_beside_files(path, files), count)
        last[key] = count
        files.add(folded)
        folders.update(_folded(parent) for parent in candidate.parents)
        found.append(candidate)
    return found


def _parts(text: str) -> list[str]:
    """Return the folders and the name of a path in either system's writing, without any that leads outside."""
    return [part for part in _SLASHES.split(_DRIVE.sub("", text)) if part.strip(" .\t")]


def _part(text: str) -> str:
    """Return one folder's or file's name as every system can bear it."""
    kept = "".join(
        "_" if char in _FORBIDDEN or unicodedata.category(char) in _UNSEEN else char
        for char in unicodedata.normalize("NFC", text.encode("utf-8", "replace").decode())
    )
    kept = unicodedata.normalize("NFC", kept).strip().rstrip(". ") or _NAMELESS
    if kept.partition(".")[0].rstrip().lower() in _DEVICES:
        kept = f"_{kept}"
    return _cut(kept, _PART_BYTES, _hash(text)) if len(kept.encode()) > _PART_BYTES else kept


def _cut(part: str, most: int, mark: str) -> str:
    """Return a name of at most `most` bytes with a mark before its suffix."""
    stem, dot, suffix = part.rpartition(".")
    if not dot or not stem or len(suffix.encode()) > 12:
        stem, suffix = part, ""
    end = f"~{mark}" + (f".{suffix}" if suffix else "")
    kept = stem.encode()[: most - len(end.encode())].decode("utf-8", "ignore")
    return kept.rstrip(". ") + end


def _numbered(path: PurePosixPath, count: int) -> PurePosixPath:
    """Return the path with `~count` before its suffix."""
    stem, dot, suffix = path.name.rpartition(".")
    name = f"{stem}~{count}.{suffix}" if dot and stem else f"{path.name}~{count}"
    return path.with_name(name)


def _beside_files(path: PurePosixPath, files: set[str]) -> PurePosixPath:
    """Return the path with `~d` after each folder that is already the name of a file."""
    parts: list[str] = []
    for part in path.parts[:-1]:
        kept = part
        while _folded(PurePosixPath(*parts, kept)) in files:
            kept = f"{kept}~d"
        parts.append(kept)
    return PurePosixPath(*parts, path.name)


def _folded(path: PurePosixPath) -> str:
    return unicodedata.normalize("NFC", unicodedata.normalize("NFD", str(path)).casefold())


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:8]
