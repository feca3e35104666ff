"""Where the columns of fixed-width text begin and end, told from many of its lines.

Rules, in the order in which they apply:

1. A ruler under a header (`-----  ----`) says it all.
2. Else lines must be of one length (but for blanks cut off at their ends), or be parted by at least two gutters:
   positions that are blank in nearly all lines.
3. Inside what gutters part, a column begins where cells begin after padding, or where figures meet letters; one or two
   letters before figures are a code (`J450`).
4. Dates and NIRs are columns, even against other figures; what one blank parts and what is one thing put together (a
   telephone, a NIR) stays together (`fixed_things`).
5. Text is no fixed width for sure when a usual delimiter parts it evenly, or when nothing in it is padded.
"""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from etanche.ingest.headers import clean_names, default_names, is_header
from etanche.ingest.parsers.fixed_things import known_spans, one_thing

_LEAST_LINES = 10
_LEAST_WIDTH = 12
_MOST_WIDTH = 8192
_MOST_LINES = 3000
_TOP = 40
_RULER = re.compile(r" *(?:-{2,}|={2,}|_{2,})(?: +(?:-+|=+|_+))+ *")
_GROUP = re.compile(r"-+|=+|_+")
_DELIMITERS = ";,|\t"
_BLANK, _DIGIT, _LETTER, _OTHER, _MIXED = range(5)
_NEARLY = 0.985
_MANY = 40

Classes = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns of a fixed-width text."""

    starts: tuple[int, ...]
    """Where each column begins; it goes on to where the next begins."""
    gutters: tuple[int, ...]
    """Positions that are blank in all rows."""
    width: int
    """Length of all lines; 0 where they differ."""
    by_bytes: bool
    """Positions count bytes of UTF-8, not characters."""
    names: tuple[str, ...]
    header: bool
    top: int
    """Lines above the first row."""
    skipped: frozenset[str]
    """Header and ruler, as they come again on each page."""

    def cells(self, line: str) -> list[str] | None:
        """Return the cells of a line without their padding, None for a line that does not fit."""
        placed = _as_bytes(line) if self.by_bytes else line
        if self.width and len(placed) > self.width and placed[self.width :].strip():
            return None
        if self.gutters:
            wrong = sum(at < len(placed) and placed[at] != " " for at in self.gutters)
            if wrong * 3 > len(self.gutters):
                return None
        ends = (*self.starts[1:], len(placed))
        cells = [placed[start:end].strip(" ") for start, end in zip(self.starts, ends, strict=True)]
        if not self.by_bytes:
            return cells
        try:
            return [cell.encode("latin-1").decode() for cell in cells]
        except UnicodeError:
            return None


def _as_bytes(line: str) -> str:
    """Return a line with a character for each byte of its UTF-8."""
    return line if line.isascii() else line.encode("utf-8", "replace").decode("latin-1")


def find_columns(lines: Sequence[str]) -> Columns | None:
    """Return the columns of a text of which `lines` are the head, and more from all over; None when not sure."""
    ruled = _ruled(lines)
    if ruled:
        return ruled
    top, body = _body(lines)
    if len(body) < _LEAST_LINES or _delimited(body):
        return None
    # The first may be a header, and tells nothing of what cells hold.
    body = body[1:]
    by_bytes = _by_bytes(body)
    placed = [_as_bytes(line) for line in body] if by_bytes else list(body)
    width = _one_width(placed)
    median = sorted(map(len, placed))[len(placed) // 2]
    placed = [line for line in placed if (len(line) == width if width else len(line) <= 3 * median)]
    longest = max(map(len, placed))
    if not _LEAST_WIDTH <= longest <= _MOST_WIDTH or not _padded(placed):
        return None
    classes = _classes(placed, longest)
    starts, gutters = _starts(classes, placed)
    wide = [k for k in range(1, len(gutters)) if gutters[k] == gutters[k - 1] + 1]
    if len(starts) < 2 or (not width and (len(starts) < 3 or len(wide) < 2 or not _aligned(classes, starts))):
        return None
    found = Columns(starts, gutters, width, by_bytes, (), header=False, top=top, skipped=frozenset())
    return _named(found, lines, body)


def _ruled(lines: Sequence[str]) -> Columns | None:
    """Return the columns that a ruler shows."""
    for at, line in enumerate(lines[:_TOP]):
        if not _RULER.fullmatch(line) or not at or not lines[at - 1].strip():
            continue
        groups = [(match.start(), match.end()) for match in _GROUP.finditer(line)]
        rows = [row for row in lines[at + 1 :] if row.strip()][:_MOST_LINES]
        starts = tuple(start for start, _ in groups)
        gutters = tuple(p for (_, end), (start, _) in itertools.pairwise(groups) for p in range(end, start))
        by_bytes = _ruled_by_bytes(rows, gutters)
        bare = Columns((0, *starts[1:]), gutters, 0, by_bytes, (), header=True, top=at + 1, skipped=frozenset())
        fitting = sum(bare.cells(row) is not None for row in rows)
        if fitting < 0.8 * len(rows):
            continue
        ends = (*starts[1:], None)
        cells = [lines[at - 1][start:end].strip() for start, end in zip(bare.starts, ends, strict=True)]
        skipped = frozenset({line.strip(), lines[at - 1].strip()})
        return Columns(bare.starts, gutters, 0, by_bytes, clean_names(cells), header=True, top=at + 1, skipped=skipped)
    return None


def _ruled_by_bytes(rows: Sequence[str], gutters: tuple[int, ...]) -> bool:
    """Tell whether rows beyond ASCII keep the gutters when bytes are counted, and not when characters are."""
    telling = [row for row in rows if not row.isascii()]

    def broken(placed: Sequence[str]) -> int:
        return sum(any(at < len(row) and row[at] != " " for at in gutters) for row in placed)

    return bool(telling) and broken([_as_bytes(row) for row in telling]) < broken(telling)


def _body(lines: Sequence[str]) -> tuple[int, list[str]]:
    """Return how many lines stand above the first that is as long as most, and the lines from there on."""
    filled = [line for line in lines if line.strip()][:_MOST_LINES]
    if not filled:
        return 0, []
    usual, times = Counter(map(len, filled)).most_common(1)[0]
    if times < 0.5 * len(filled):
        return 0, filled
    top = 0
    while top < min(len(lines), _TOP) and len(lines[top]) != usual and len(_as_bytes(lines[top])) != usual:
        top += 1
    return (top, [line for line in lines[top:] if line.strip()][:_MOST_LINES]) if top < 5 else (0, filled)


def _delimited(body: Sequence[str]) -> bool:
    """Tell whether a usual delimiter parts nearly all lines into as many cells."""
    for delimiter in _DELIMITERS:
        counts = Counter(line.count(delimiter) for line in body)
        most, times = counts.most_common(1)[0]
        if (most and times >= 0.7 * len(body)) or counts.get(0, 0) < 0.3 * len(body):
            return True
    return False


def _by_bytes(body: Sequence[str]) -> bool:
    """Tell whether lines are of one length in bytes of UTF-8 rather than in characters."""
    telling = [line for line in body if not line.isascii()]
    if not telling:
        return False
    usual = Counter(map(len, (line for line in body if line.isascii()))).most_common(1)
    by_bytes = Counter(len(_as_bytes(line)) for line in telling)
    by_chars = Counter(map(len, telling))
    if usual:
        return by_bytes[usual[0][0]] > by_chars[usual[0][0]]
    return by_bytes.most_common(1)[0][1] > by_chars.most_common(1)[0][1]


def _one_width(placed: Sequence[str]) -> int:
    """Return the length of nearly all lines, 0 when there is none."""
    usual, times = Counter(map(len, placed)).most_common(1)[0]
    return usual if times >= 0.9 * len(placed) else 0


def _padded(placed: Sequence[str]) -> bool:
    """Tell whether cells are padded: without blanks in a row, lines may as well be one cell."""
    return sum("  " in line.strip() for line in placed) >= 0.3 * len(placed)


def _classes(placed: Sequence[str], width: int) -> Classes:
    """Return the class of each character, one line a row; lines are padded with blanks."""
    table = np.full(256, _OTHER, np.uint8)
    for byte in range(256):
        char = chr(byte)
        table[byte] = _BLANK if char == " " else _DIGIT if char.isdecimal() else _LETTER if char.isalpha() else _OTHER
    made = np.full((len(placed), width), _BLANK, np.uint8)
    for k, line in enumerate(placed):
        made[k, : len(line)] = table[np.frombuffer(line.encode("latin-1", "replace"), np.uint8)]
    return made


def _starts(classes: Classes, placed: Sequence[str]) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Return where columns begin, and the gutters between them."""
    filled = classes != _BLANK
    share = filled.mean(axis=0)
    blank = share <= 1 - _NEARLY
    inside = np.flatnonzero(~blank)
    if not len(inside):
        return (), ()
    starts = [int(inside[0])]
    known = known_spans(placed)
    closed = {at for start, end in known for at in range(start + 1, end)}
    forced = {at for span in known for at in span if at > starts[0] and at < len(blank) and not blank[at]}
    for at in range(int(inside[0]) + 1, int(inside[-1]) + 1):
        if blank[at] or at in closed:
            continue
        if (
            at in forced
            or blank[at - 1]
            or _begins(classes, filled, share, starts[-1], at)
            or _flag(placed, starts[-1], at)
        ):
            starts.append(at)
    starts = _together(starts, blank, placed)
    gutters = tuple(p for p in range(starts[0], int(inside[-1])) if blank[p] and _parts(p, starts, blank))
    ends = [*starts[1:], int(inside[-1]) + 1]
    moved = [_at_gutter(filled, start, end, blank) for start, end in zip(starts, ends, strict=True)]
    return (0, *moved[1:]), gutters


def _flag(placed: Sequence[str], start: int, at: int) -> bool:
    """Tell whether a letter out of very few stands right before words (`MLOPEZ`)."""
    if at != start + 1 or len(placed) < _MANY:
        return False
    first, second = ({line[k : k + 1] for line in placed} for k in (start, at))
    return 1 < len(first) <= 3 and len(second) >= 6 and all(char.isalpha() for char in first | second)


def _at_gutter(filled: NDArray[np.bool_], start: int, end: int, blank: NDArray[np.bool_]) -> int:
    """Return where a column really begins: cells that end at one place may be longer than those seen."""
    part = filled[:, start:end]
    rows = part[part.any(axis=1)]
    if rows[:, 0].mean() >= 0.9:
        return start
    while start > 0 and blank[start - 1]:
        start -= 1
    # One blank after the column before.
    return start + int(start > 0 and bool(blank[start]) and bool(blank[start + 1]))


def _parts(at: int, starts: Sequence[int], blank: NDArray[np.bool_]) -> bool:
    """Tell whether a blank position is padding before a column, not a blank inside one."""
    following = next((start for start in starts if start > at), None)
    return following is not None and bool(blank[at:following].all())


def _begins(classes: Classes, filled: NDArray[np.bool_], share: NDArray[np.float64], start: int, at: int) -> bool:
    """Tell whether a column begins at a position that no gutter precedes; the one under way began at `start`."""
    here = _mix(classes[:, at])
    before = _mix(classes[:, at - 1])
    if share[at] >= _NEARLY and share[at - 1] <= 0.97 and here != before and _MIXED not in {here, before}:
        return not (before == _LETTER and here == _DIGIT and at - start <= 2)
    bare = ~filled[:, at - 1]
    if share[at - 1] <= 0.7 and share[at] >= 0.1 and not _inside_words(filled, start, at):
        if share[at] >= 0.95:
            # Figures that end at one place begin at many: there, blanks reach back to the column's start.
            return at - 1 <= start or bool(filled[bare, start : at - 1].any(axis=1).mean() >= 0.1)
        there = filled[:, at]
        return bool(bare[there].mean() >= 0.97) and _varied(classes[there & bare, start:at])
    if share[at - 1] < _NEARLY or share[at] < 0.1 or {before, here} != {_DIGIT, _LETTER}:
        return False
    run = at - 1
    while before == _LETTER and run > start and (classes[:, run - 1] == _LETTER).mean() >= 0.5:
        run -= 1
    return before == _DIGIT or at - run > 2


def _inside_words(filled: NDArray[np.bool_], start: int, at: int) -> bool:
    """Tell whether a place is the second or third of words, as behind a number of one to three figures and a blank."""
    through = filled[:, at] & filled[:, at - 1]
    second = through & ~filled[:, at - 2] if at - 2 >= start else np.zeros_like(through)
    third = through & filled[:, at - 2] & ~filled[:, at - 3] if at - 3 >= start else np.zeros_like(through)
    return bool((second | third).mean() > 0.04)


def _varied(before: Classes) -> bool:
    """Tell whether what stands before a place is of many shapes; else words of one cell may be what is parted."""
    shapes = Counter(map(bytes, np.ascontiguousarray(before)))
    return len(shapes) >= 4 and shapes.most_common(1)[0][1] <= 0.5 * len(before)


def _mix(column: Classes) -> int:
    """Return the class of nearly all characters of a position that are no blanks, `_MIXED` where they differ."""
    counts = np.bincount(column, minlength=4)[1:]
    top = int(counts.argmax())
    return top + 1 if counts[top] >= _NEARLY * max(1, counts.sum()) else _MIXED


def _together(starts: list[int], blank: NDArray[np.bool_], placed: Sequence[str]) -> list[int]:
    """Take back starts that part one thing: pieces with one blank between them which make a date, a NIR…"""
    kept: list[int] = []
    k = 0
    while k < len(starts):
        kept.append(starts[k])
        end = k + 1
        while end < len(starts) and blank[starts[end] - 1] and not blank[starts[end] - 2]:
            end += 1
        for last in range(end, k + 1, -1):
            right = starts[last] if last < len(starts) else len(blank)
            cells = [cell for line in placed if (cell := line[starts[k] : right].strip())]
            if len(cells) > 1 and sum(map(one_thing, cells)) >= 0.95 * len(cells):
                k = last - 1
                break
        k += 1
    return kept


def _aligned(classes: Classes, starts: Sequence[int]) -> bool:
    """Tell whether cells begin, or end, at one place in each column but the last."""
    filled = classes != _BLANK
    good = 0
    for start, end in itertools.pairwise(starts):
        part = filled[:, start:end]
        rows = part[part.any(axis=1)]
        if not len(rows):
            continue
        left = (rows.argmax(axis=1) == np.bincount(rows.argmax(axis=1)).argmax()).mean()
        ends = rows[:, ::-1].argmax(axis=1)
        right = (ends == np.bincount(ends).argmax()).mean()
        good += bool(max(left, right) >= 0.9)
    return good >= 0.8 * (len(starts) - 1)


def _named(found: Columns, lines: Sequence[str], body: Sequence[str]) -> Columns:
    """Return columns with the names of a header, if the first line is one."""
    first = next((k for k, line in enumerate(lines) if line.strip()), 0)
    at = max(first, found.top)
    candidates = [first] if at == first else [at - 1, at]
    rows = [cells for cells in (found.cells(line) for line in body[1:300]) if cells]
    for k in candidates:
        if k >= len(lines):
            continue
        placed = _as_bytes(lines[k]) if found.by_bytes else lines[k]
        starts = _by_header(found, placed)
        cells = [placed[start:end].strip() for start, end in zip(starts, (*starts[1:], None), strict=True)]
        if is_header(cells, rows):
            skipped = frozenset({lines[k].strip()})
            names = clean_names(cells)
            return replace(found, starts=starts, names=names, header=True, top=k + 1, skipped=skipped)
    return replace(found, names=default_names(len(found.starts)))


def _by_header(found: Columns, header: str) -> tuple[int, ...]:
    """Return where columns begin, moved into the gutters before them where they would cut a word of the header."""
    gutters = set(found.gutters)
    starts = [found.starts[0]]
    for start in found.starts[1:]:
        at = start
        while 0 < at < len(header) and header[at] != " " and header[at - 1] != " " and at - 1 in gutters:
            at -= 1
        starts.append(at if header[at - 1 : at].strip() == "" else start)
    return tuple(starts)
