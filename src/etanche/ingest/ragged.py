"""Rows of too many or too few cells put right, when what the columns hold leaves one way only.

Each way to make a row of the right number of cells out of what a line holds has a price, and each cell a score in its
column (`columns`).  The ways: an empty cell dropped (a delimiter too many), neighbours joined (a delimiter that nobody
quoted), a cell cut in two (a delimiter lost), an empty cell put in, empty cells put at the end (a row cut short).

1. The best way counts only when its row fits as clean rows do, and is clearly better than the next best one.
2. A line is read several ways (`readings`): quotes as they should be, stray quotes as characters, quotes inside cells.
3. What stays doubtful is not this module's to decide: the quarantine takes it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from heapq import heappop, heappush
from typing import NamedTuple

from etanche.ingest.columns import VIOLATION, Column, Columns

MARGIN = 1.0
_SPACED = 0.1
_DROP, _JOIN, _JOIN_MORE, _JOIN_EMPTY, _CUT, _INSIDE, _INSERT, _END, _END_MORE = (
    1.5,
    2.0,
    0.5,
    1.5,
    2.5,
    1.5,
    2.0,
    0.5,
    0.1,
)
_NEVER_EMPTY = 6
"""A row may end before one column in so many that is never empty; one cut shorter is set aside."""
_JOINED_MOST = 8
_WORK_MOST = 60_000
_AHEAD_MOST = 2_000
_CUT_CHARS = 48
_SOFT_EDGE = re.compile(r"(?<=[a-zà-ÿ0-9.)!?])(?=[A-ZÀ-Þ])|\"")


class Quoted(str):
    """A cell that quotes enclosed: nothing was left out of it, so it is joined to none."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Aligned:
    """A row made of a line's cells, how well it fits (its price taken off), by how much at least it beats the next."""

    cells: list[str] = field(repr=False)
    score: float
    margin: float

    @property
    def sure(self) -> bool:
        """Tell whether no other way comes near."""
        return self.margin >= MARGIN


class _Way(NamedTuple):
    """The way so far: its score, and the cells made, last first."""

    score: float
    cells: tuple[object, ...]


def align(tokens: Sequence[str], columns: Columns, delimiter: str, *, spaced: bool = False) -> Aligned | None:
    """Return the best row that cells of another number make, None when none is possible.

    `spaced`: the delimiter is what stands between words too, so that joining neighbours costs little.
    """
    wanted, given = len(columns.each), len(tokens)
    extra = given - wanted
    most = given if spaced else _JOINED_MOST
    low, high = (min(0, extra) - 1, max(0, extra) + 1)
    if given * (high - low) > _WORK_MOST or wanted * (high - low) * min(most, abs(extra) + 2) > _WORK_MOST:
        return None
    least = columns.floor - _CUT * max(1, abs(high + low)) - MARGIN
    if extra == 1 and not spaced and (plain := _one_at_the_end(tokens, columns, least)):
        return plain
    search = _Search(tokens, columns, delimiter, spaced=spaced, low=low, high=high, least=least)
    ends, further = search.run()
    return Aligned(_unrolled(ends[0].cells), ends[0].score, ends[0].score - further) if ends else None


def _one_at_the_end(tokens: Sequence[str], columns: Columns, least: float) -> Aligned | None:
    """Return the row of a line with one delimiter too many at its end, when no other way comes near: the usual case.

    Any other way leaves the straight one earlier, by an empty cell dropped or neighbours joined, and puts what comes
    after one or two columns before its own.
    """
    wanted = len(columns.each)
    run = len(tokens)
    while run and not tokens[run - 1]:
        run -= 1
    # Of empty cells at the end one is as good as another, where they may be empty.
    if run > wanted or any(column.score("") < -1 for column in columns.each[run:]):
        return None
    straight = moved = later = 0.0
    for p in range(wanted - 1, -1, -1):
        column = columns.each[p]
        straight += column.score(tokens[p])
        moved += max(column.score(cell) for cell in tokens[p + 1 : p + 3])
        if p == wanted - 1:
            moved = max(moved, -_END - _END_MORE)
        empty = (not tokens[p]) + (not tokens[p + 1])
        stays = tokens[p] or p >= run
        other = max(later - _JOIN - _JOIN_EMPTY * empty, VIOLATION * wanted if stays else moved - _DROP)
        if other >= straight - _DROP - MARGIN:
            return None
        later = moved
    margin = min(MARGIN, straight - _DROP - least)
    return Aligned(list(tokens[:wanted]), straight - _DROP, margin) if margin >= 0 else None


def _unrolled(cells: tuple[object, ...]) -> list[str]:
    found: list[str] = []
    while cells:
        found.append(str(cells[0]))
        cells = cells[1]  # type: ignore[assignment]
    return found[::-1]


_STATE, _JOINS, _CUTS = range(3)


class _Search:
    """Best-first search over cells given and columns filled: the two best ways, and no more work than they need.

    What the columns left may score at best (`_ahead`) tells which way to follow first; joins and cuts are only tried
    where even a perfect one would count.
    """

    def __init__(
        self,
        tokens: Sequence[str],
        columns: Columns,
        delimiter: str,
        *,
        spaced: bool,
        low: int,
        high: int,
        least: float,
    ) -> None:
        self.tokens, self.columns, self.delimiter = tokens, columns.each, delimiter
        self.spaced, self.low, self.high = spaced, low, high
        self.least = least
        """No way worse than this ends well: it is given up."""
        self.ahead = self._ahead()
        self.heap: list[tuple[float, int, int, int, int, int, bool, _Way]] = []
        self.count = 0

    def _ahead(self) -> list[float]:
        """Return for each column what it and those after it can score together at best."""
        given, wanted, extra = len(self.tokens), len(self.columns), len(self.tokens) - len(self.columns)
        least = -_SPACED if self.spaced else -_CUT / 2
        cheap = (self.high - self.low) * wanted > _AHEAD_MOST
        near = () if cheap else sorted(range(self.low, self.high + 1), key=lambda d: min(abs(d), abs(d - extra)))
        best = [0.0] * (wanted + 2)
        end = -_END
        for j in range(wanted - 1, -1, -1):
            column = self.columns[j]
            top = 0.0 if cheap else least
            for d in near:
                if top >= 0:
                    break
                if 0 <= j + d < given:
                    top = max(top, column.score(self.tokens[j + d]))
            best[j] = best[j + 1] + top
            if j >= given - self.high:
                end += max(-1.0, column.score("")) / 4 - _END_MORE
                best[j] = max(best[j], end)
        return best

    def run(self) -> tuple[list[_Way], float]:
        """Return the best way to use all cells and fill all columns, then another, unless it is worse by far.

        With them, what any further way scores at most.
        """
        given, wanted = len(self.tokens), len(self.columns)
        ends: list[_Way] = []
        seen: dict[tuple[int, int, bool], int] = {}
        self._push(_STATE, 0, 0, blank=False, way=_Way(0.0, ()), ahead=self.ahead[0])
        while self.heap:
            bound, _, _, kind, i, j, blank, way = heappop(self.heap)
            if ends and -bound < ends[0].score - MARGIN:
                return ends, -bound
            if kind == _JOINS:
                self._join(i, j, way)
            elif kind == _CUTS:
                self._cut(i, j, way)
            elif i == given and j == wanted:
                ends.append(way)
                if len(ends) == 2:
                    return ends, way.score
            elif seen.get((i, j, blank), 0) < 2:
                seen[i, j, blank] = seen.get((i, j, blank), 0) + 1
                self._step(i, j, way, blank=blank)
        return ends, self.least

    def _push(self, kind: int, i: int, j: int, *, blank: bool, way: _Way, ahead: float) -> None:
        bound = way.score + ahead
        if bound >= self.least:
            self.count += 1
            heappush(self.heap, (-bound, -i - j, self.count, kind, i, j, blank, way))

    def _put(self, i: int, j: int, score: float, cells: tuple[object, ...], *, blank: bool = False) -> None:
        """Note a way to a state: `i` cells used, `j` columns filled, the last cell `blank` and kept."""
        if self.low <= i - j <= self.high:
            self._push(_STATE, i, j, blank=blank, way=_Way(score, cells), ahead=self.ahead[j])

    def _step(self, i: int, j: int, way: _Way, *, blank: bool) -> None:
        """Go on from a state."""
        given, wanted = len(self.tokens), len(self.columns)
        if i == given:
            self._end(j, way)
            return
        token = self.tokens[i]
        if not token and not blank:
            self._put(i + 1, j, way.score - _DROP, way.cells)
        if j == wanted:
            return
        column = self.columns[j]
        self._put(i + 1, j + 1, way.score + column.score(token), (token, way.cells), blank=not token)
        if given < wanted + 1 and not blank and token:
            self._put(i, j + 1, way.score + column.score("") - _INSERT, ("", way.cells), blank=True)
            if j + 1 < wanted:
                self._push(_CUTS, i, j, blank=blank, way=way, ahead=self.ahead[j + 2] - _CUT)
        if given > wanted or self.spaced:
            self._push(_JOINS, i, j, blank=blank, way=way, ahead=self.ahead[j + 1] - self._least_join(i, column))

    def _least_join(self, i: int, column: Column) -> float:
        """Return what joining a cell with those after it costs at least."""
        if self.spaced:
            return _SPACED
        if i + 1 >= len(self.tokens):
            return -VIOLATION * len(self.columns)
        price = _JOIN + _JOIN_EMPTY * ((not self.tokens[i]) + (not self.tokens[i + 1]))
        # Whatever holds such a delimiter is not of the column's main type.
        other = column.strict and self.delimiter in ";|\t" and column.main not in {"url", "timestamp"}
        return price + (1.5 if other and self.tokens[i] and self.tokens[i + 1] else 0.0)

    def _end(self, j: int, way: _Way) -> None:
        """Fill the columns left with empty cells."""
        given, wanted = len(self.tokens), len(self.columns)
        never = sum(column.empty == 0 for column in self.columns[j:])
        if never > max(1, wanted // _NEVER_EMPTY):
            return
        empty = sum(max(-1.0, column.score("")) for column in self.columns[j:]) / 4
        cells = way.cells
        for _ in range(wanted - j):
            cells = ("", cells)
        self._put(given, wanted, way.score - _END - _END_MORE * (wanted - j) + empty, cells, blank=True)

    def _join(self, i: int, j: int, way: _Way) -> None:
        """Join neighbours into one cell."""
        column = self.columns[j]
        if column.strict and column.main in {"date", "time", "mail", "code"} and not self.spaced:
            return
        most = len(self.tokens) if self.spaced else i + min(_JOINED_MOST, len(self.tokens) - len(self.columns) + 1)
        for end in range(i + 2, min(most, len(self.tokens)) + 1):
            run = self.tokens[i:end]
            if self.spaced and any(isinstance(cell, Quoted) for cell in run):
                break
            price = _SPACED * (end - i - 1) if self.spaced else _JOIN + _JOIN_MORE * (end - i - 2)
            price += _JOIN_EMPTY * sum(not cell for cell in run)
            if way.score - price + self.ahead[j + 1] < self.least:
                break
            cell = self.delimiter.join(run)
            self._put(end, j + 1, way.score + column.score(cell) - price, (cell, way.cells))

    def _cut(self, i: int, j: int, way: _Way) -> None:
        """Cut a cell in two, where a delimiter may be lost."""
        left, right = self.columns[j], self.columns[j + 1]
        best: list[tuple[float, str, str]] = []
        for one, two, price in cuts(self.tokens[i], strict=left.strict or right.strict):
            score = left.score(one) + right.score(two) - price
            if score + way.score + self.ahead[j + 2] >= self.least:
                best.append((score, one, two))
        for score, one, two in sorted(best, reverse=True)[:2]:
            self._put(i + 1, j + 2, way.score + score, (two, (one, way.cells)))


def cuts(cell: str, *, strict: bool) -> Iterator[tuple[str, str, float]]:
    """Yield the ways to cut a cell in two, each with its price."""
    soft = set()
    for match in _SOFT_EDGE.finditer(cell):
        soft.add(match.start())
        one, two = cell[: match.start()], cell[match.end() :]
        if match[0]:
            two = two.removesuffix('"') if two.count('"') % 2 else two
        if one and two:
            yield one, two, _CUT
    if not strict:
        return
    size = len(cell)
    places = (
        range(1, size) if size <= _CUT_CHARS else (*range(1, _CUT_CHARS // 2), *range(size - _CUT_CHARS // 2, size))
    )
    for at in places:
        before, after = cell[at - 1], cell[at]
        if at in soft or '"' in (before, after):
            continue
        inside = (before.isdigit() and after.isdigit()) or (before.isalpha() and after.isalpha())
        yield cell[:at], cell[at:], _CUT + (_INSIDE if inside else 0.0)


# --- ways to read a line ------------------------------------------------------------------------------------------


def readings(text: str, delimiter: str, quote: str) -> Iterator[tuple[float, list[str]]]:
    """Yield the ways to read a line whose quotes are in doubt, each with its price."""
    yield 0.5, [cell for cell, _ in _strict_quotes(text, delimiter, quote)]
    yield 0.5, [cell for cell, _ in _strict_quotes(text, delimiter, quote, loose=True)]
    yield 0.5, list(_quotes_anywhere(text, delimiter, quote))
    yield 1.0, text.split(delimiter)


def tidy(text: str, delimiter: str, quote: str) -> bool:
    """Tell whether quotes stand nowhere but where they open and close a cell, or doubled inside."""
    return all(quoted or quote not in cell for cell, quoted in _strict_quotes(text, delimiter, quote))


def _strict_quotes(text: str, delimiter: str, quote: str, *, loose: bool = False) -> Iterator[tuple[str, bool]]:
    """Read quotes only where they open and close a cell properly; any other is a character.

    `loose`: a cell ends at the first quote before a delimiter, doubled or not, for writers that double none.
    """
    whole = _whole(delimiter, quote, loose=loose)
    at = 0
    while True:
        match = whole.match(text, at) if text.startswith(quote, at) else None
        if match:
            yield Quoted(match[1].replace(quote * 2, quote)), True
            at = match.end()
            if at >= len(text):
                return
            at += len(delimiter)
            continue
        following = text.find(quote, at + 1)
        *cells, last = text[at : following if following >= 0 else len(text)].split(delimiter)
        for cell in cells:
            yield cell, False
        if following < 0:
            yield last, False
            return
        at = following - len(last)
        if not cells:
            end = text.find(delimiter, at)
            yield text[at : end if end >= 0 else len(text)], False
            if end < 0:
                return
            at = end + len(delimiter)


@lru_cache
def _whole(delimiter: str, quote: str, *, loose: bool) -> re.Pattern[str]:
    """Return what a cell in quotes is."""
    inner = ".*?" if loose else f"(?:[^{quote}]|{quote}{quote})*"
    return re.compile(f"{quote}({inner}){quote}(?={re.escape(delimiter)}|$)", re.DOTALL)


def _quotes_anywhere(text: str, delimiter: str, quote: str) -> Iterator[str]:
    """Read quotes that open and close inside cells too."""
    cell = ""
    for k, piece in enumerate(text.split(quote)):
        cell += quote if k else ""
        if k % 2:
            cell += piece
            continue
        first, *rest = piece.split(delimiter)
        cell += first
        if rest:
            yield _bare(cell, quote)
            yield from rest[:-1]
            cell = rest[-1]
    yield _bare(cell, quote)


def _bare(cell: str, quote: str) -> str:
    """Take the quotes off a cell that they enclose."""
    inner = cell[1:-1]
    if len(cell) > 1 and cell[0] == cell[-1] == quote and quote not in inner.replace(quote * 2, ""):
        return inner.replace(quote * 2, quote)
    return cell
