"""Files that are parts of one: split archives, and texts cut by `split`.

1. Patterns, by which the parts of a whole find one another in their folder (capital letters or not):

   | parts | whole |
   | --- | --- |
   | `x.zip.001`, `x.7z.001`, `x.csv.000`, `x.part1`, `x00` | one after the other, numbered from 0 or 1 |
   | `x.tar.gz.aa`, `x.csv.part-aa`, `xaa` | one after the other, lettered from `aa` |
   | `x.z01`… `x.zip` | a zip over several disks: the `.zip` comes last |
   | `x.part1.rar`…, `x.rar` `x.r00`… | volumes of a RAR, which its reader takes one by one |

2. Two numbered texts may be files of their own (a laboratory's `RES.001`, `RES.002`): they are one whole only when the
   second does not begin as the first does (the same header line, the same mark of a format).
3. A gap ends the whole: the parts after it are refused and the missing one is named.
"""

from __future__ import annotations

import bisect
import io
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import accumulate
from pathlib import Path

from etanche.errors import ExitCode, UserError
from etanche.ingest.entries import Entry, Outer, open_binary, system_error
from etanche.ingest.limits import Meter
from etanche.ingest.seekable import Window, stream_of

_PACKED = re.compile(r"\.(?:zip|7z|rar|tar|tgz|tbz2?|txz|gz|bz2|xz|zst|lzma|arj|cab|iso)$", re.IGNORECASE)
_DISK = re.compile(r"(.+)\.z(\d{2,3})", re.IGNORECASE)
_RAR = re.compile(r"(.+)\.part(\d{1,5})\.rar", re.IGNORECASE)
_OLD_RAR = re.compile(r"(.+)\.([r-z])(\d\d)", re.IGNORECASE)
_NUMBERED = re.compile(r"(.+\.)(\d{2,5})|(.+[.\-_])(part[.\-_]?)(\d{1,5})|(x)(\d{2,4})", re.IGNORECASE)
_LETTERED = re.compile(r"(x|part|.+[.\-_](?:part[.\-_]?)?)([a-z]{2,3})")
_MAYBE = re.compile(r"\d|[a-z]{2}$|\.(?:zip|rar)$", re.IGNORECASE)
_FIRST = {"rar": (1,), "oldrar": (0,), "numbered": (0, 1)}
_LAST = 1 << 20
_SOON = 26
"""Letters from `aa` to `az`: later ones (`.gz`, `.db`) are ordinary suffixes unless `aa` is there too."""
_Key = tuple[Path, str, str]
_STARTS = re.compile(
    rb"MSH\||FHS\||BHS\||H\|[~^]|\*{4}|<\?xml|%PDF|PK\x03\x04|\x1f\x8b|SQLite|\s*[{\[]|Rar!|7z\xbc\xaf|BZh|\xfd7zXZ|PAR1"
)


@dataclass(frozen=True, slots=True)
class Whole:
    """Files that make one, in order; `paths` of length 1 is a file of its own."""

    paths: tuple[Path, ...]
    called: str = ""
    """The name of the whole; empty for a file of its own."""
    missing: str = ""
    """The part that should be there: the paths are refused for want of it."""


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a name stands among parts."""

    kind: str
    stem: str
    index: int
    called: str


def wholes(files: Iterable[Path], *, look_around: bool) -> list[Whole]:
    """Return the files as wholes, in the order of their first parts.

    `look_around` brings in the parts that lie beside a file but were not named.
    """
    given = list(dict.fromkeys(files))
    there = dict.fromkeys(given)
    if look_around:
        for folder in dict.fromkeys(path.parent for path in given if _MAYBE.search(path.name)):
            there.update(dict.fromkeys(_beside(folder)))
    names = {(path.parent, path.name.lower()) for path in there}
    groups: dict[_Key, dict[int, Path]] = {}
    belongs: dict[Path, tuple[_Key, str]] = {}
    for path in there:
        place = _place(path, names)
        if place is not None:
            key = (path.parent, place.kind, place.stem)
            groups.setdefault(key, {}).setdefault(place.index, path)
            belongs[path] = key, place.called
    found: list[Whole] = []
    done: set[_Key] = set()
    for path in given:
        if path not in belongs:
            found.append(Whole((path,)))
            continue
        key, called = belongs[path]
        if key not in done:
            done.add(key)
            found += _joined(key[1], groups[key], called, given)
    return found


def _beside(folder: Path) -> list[Path]:
    try:
        return sorted(path for path in folder.iterdir() if _MAYBE.search(path.name))
    except OSError:
        return []


def _place(path: Path, names: set[tuple[Path, str]]) -> _Place | None:
    """Return where a file stands among parts, None when its name says nothing of the kind."""
    stem, suffix = path.stem, path.suffix.lower()
    if suffix == ".zip" and (path.parent, f"{stem.lower()}.z01") in names:
        return _Place("disk", stem.lower(), _LAST, path.name)
    if suffix == ".rar" and (path.parent, f"{stem.lower()}.r00") in names:
        return _Place("oldrar", stem.lower(), 0, path.name)
    old = _OLD_RAR.fullmatch(path.name)
    if old is not None and (path.parent, f"{old[1].lower()}.rar") in names:
        index = 1 + int(old[3]) + 100 * (ord(old[2].lower()) - ord("r"))
        return _Place("oldrar", old[1].lower(), index, f"{old[1]}.rar")
    return _volume(path.name) or _piece(path.name)


def _volume(name: str) -> _Place | None:
    """Return the place of a name that archivers give."""
    if match := _RAR.fullmatch(name):
        return _Place("rar", match[1].lower(), int(match[2]), f"{match[1]}.rar")
    if match := _DISK.fullmatch(name):
        return _Place("disk", match[1].lower(), int(match[2]), f"{match[1]}.zip")
    return None


def _piece(name: str) -> _Place | None:
    """Return the place of a name that `split` gives."""
    if match := _NUMBERED.fullmatch(name):
        head, part, number = match[1] or match[3] or match[6], match[4] or "", match[2] or match[5] or match[7]
        return _Place("numbered", f"{head}{part}".lower(), int(number), head.rstrip(".-_") or name)
    if match := _LETTERED.fullmatch(name):
        index = 0
        for letter in match[2]:
            index = index * 26 + ord(letter) - ord("a")
        head = re.sub(r"[.\-_]part[.\-_]?$", "", match[1])
        return _Place(f"lettered{len(match[2])}", match[1], index, head.rstrip(".-_") or name)
    return None


def _joined(kind: str, parts: dict[int, Path], called: str, given: list[Path]) -> list[Whole]:
    """Return the wholes that parts make: usually one; each file by itself where they are none."""
    if kind == "disk":
        return [_disks(parts, called)]
    alone = [Whole((path,)) for _, path in sorted(parts.items()) if path in given]
    rar = kind in {"rar", "oldrar"}
    packed = rar or bool(_PACKED.search(called))
    first = next((number for number in _FIRST.get(kind, (0,)) if number in parts), None)
    if first is None:
        lost = Whole((alone[0].paths[0],), called, _name(parts, _FIRST.get(kind, (0,))[-1]))
        sure = packed and (not kind.startswith("lettered") or min(parts) < _SOON)
        sure = sure and (rar or not _STARTS.match(_head(alone[0].paths[0])))
        return [replace(lost, paths=each.paths) for each in alone] if sure else alone
    gap = _gap(sorted(parts), first)
    paths = tuple(parts[number] for number in sorted(parts) if number >= first and (not gap or number < gap))
    if not packed and (len(paths) < 2 or _each_its_own(paths)):
        return alone
    after = [Whole((parts[number],), called, _name(parts, gap)) for number in sorted(parts) if gap and number > gap]
    return [Whole(paths, called), *after]


def _disks(parts: dict[int, Path], called: str) -> Whole:
    """Return a zip over several disks, whose last one has no number."""
    gap = _gap([number for number in parts if number != _LAST], 1)
    missing = _name(parts, gap) if gap else "" if _LAST in parts else called
    return Whole(tuple(parts[number] for number in sorted(parts)), called, missing)


def _gap(numbers: Iterable[int], first: int) -> int:
    """Return the first number that is missing before the last one there, 0 when none is."""
    for expected, number in enumerate(sorted(number for number in numbers if number >= first), first):
        if number != expected:
            return expected
    return 0


def _name(parts: dict[int, Path], missing: int) -> str:
    """Return how the missing part would be called, after the name of one that is there."""
    model = parts[min(parts)].name
    if match := _LETTERED.fullmatch(model):
        letters = "".join(chr(ord("a") + missing // 26**k % 26) for k in reversed(range(len(match[2]))))
        return f"{match[1]}{letters}"
    digits = [match for match in re.finditer(r"\d+", model) if int(match[0]) == min(parts)]
    if not digits:
        return f"{model} ({missing})"
    last = digits[-1]
    return f"{model[: last.start()]}{missing:0{len(last[0])}d}{model[last.end() :]}"


def _each_its_own(paths: tuple[Path, ...]) -> bool:
    """Tell whether the second part begins as the first does."""
    heads = [_head(path) for path in paths[:2]]
    lines = [head.removeprefix(b"\xef\xbb\xbf").split(b"\n", 1)[0].strip() for head in heads]
    return lines[0] == lines[1] or all(_STARTS.match(head) for head in heads)


def _head(path: Path) -> bytes:
    """Return the first bytes of a file; none of one that cannot be read, which will be refused later."""
    try:
        with open_binary(path) as file:
            return file.read(4096)
    except (UserError, OSError):
        return b""


def joined_entry(whole: Whole, shown: str, meter: Meter) -> Entry:
    """Return the entry of several files.  Raises `UserError` when one cannot be read."""
    sizes = []
    for path in whole.paths:
        try:
            sizes.append(path.stat().st_size)
        except OSError as error:
            raise system_error(path, error) from None
        if not path.is_file():
            raise UserError("ingest_not_a_file", ExitCode.UNREADABLE, path=str(path))
    total = sum(sizes)
    if not total:
        raise UserError("ingest_empty", ExitCode.UNREADABLE, path=shown)
    outer = Outer(whole.paths[0], shown, total, volumes=whole.paths, called=whole.called)

    def seeker() -> io.RawIOBase:
        return Window(_Volumes(whole.paths, sizes).read_at, 0, total)

    return Entry(outer, (), total, stream_of(seeker), meter, seeker=seeker)


class _Volumes:
    """Reads at any place of several files, one open at a time."""

    def __init__(self, paths: tuple[Path, ...], sizes: list[int]) -> None:
        self._paths = paths
        self._ends = list(accumulate(sizes))
        self._open: tuple[int, io.RawIOBase] | None = None

    def read_at(self, offset: int, size: int) -> bytes:
        """Return `size` bytes, fewer only at the end."""
        data = b""
        while len(data) < size:
            index = bisect.bisect_right(self._ends, offset + len(data))
            if index >= len(self._paths):
                break
            start = self._ends[index - 1] if index else 0
            file = self._file(index)
            file.seek(offset + len(data) - start)
            more = file.read(size - len(data)) or b""
            if not more:
                break
            data += more
        return data

    def _file(self, index: int) -> io.RawIOBase:
        if self._open is not None and self._open[0] == index:
            return self._open[1]
        if self._open is not None:
            self._open[1].close()
        file = open_binary(self._paths[index])
        if not isinstance(file, io.RawIOBase):
            msg = "a file opened without buffer is raw"
            raise TypeError(msg)
        self._open = index, file
        return file
