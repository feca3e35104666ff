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
from typing import NamedTuple

from etanche.ingest.columns import Columns

MARGIN = 1.0
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
_CUT_CHARS = 48
_SOFT_EDGE = re.compile(r"(?<=[a-zà-ÿ0-9.)!?])(?=[A-ZÀ-Þ])|\"")


class Quoted(str):
    """A cell that quotes enclosed: nothing was left out of it, so it is joined to none."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Aligned:
    """A row made of a line's cells, how well it fits (its price taken off), and by how much it beats the next way."""

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
    search = _Search(tokens, columns, delimiter, spaced=spaced, low=low, high=high)
    ends = search.run()
    if not ends:
        return None
    best = ends[0]
    margin = best.score - ends[1].score if len(ends) > 1 else best.score - search.least
    return Aligned(_unrolled(best.cells), best.score, margin)


def _unrolled(cells: tuple[object, ...]) -> list[str]:
    found: list[str] = []
    while cells:
        found.append(str(cells[0]))
        cells = cells[1]  # type: ignore[assignment]
    return found[::-1]


class _Search:
    """Dynamic programme over cells given and columns filled, keeping the two best ways to each state."""

    def __init__(
        self, tokens: Sequence[str], columns: Columns, delimiter: str, *, spaced: bool, low: int, high: int
    ) -> None:
        self.tokens, self.columns, self.delimiter = tokens, columns.each, delimiter
        self.spaced, self.low, self.high = spaced, low, high
        self.least = columns.floor - _CUT * max(1, abs(high + low)) - MARGIN
        """No way worse than this ends well: it is given up."""
        self.states: dict[tuple[int, int, bool], list[_Way]] = {(0, 0, False): [_Way(0.0, ())]}

    def run(self) -> list[_Way]:
        """Return the two best ways to use all cells and fill all columns."""
        given, wanted = len(self.tokens), len(self.columns)
        for total in range(given + wanted):
            for i in range(max(0, total - wanted), min(given, total) + 1):
                j = total - i
                if self.low <= i - j <= self.high:
                    for blank in (False, True):
                        ways = self.states.pop((i, j, blank), None)
                        if ways:
                            self._step(i, j, ways, blank=blank)
        ends = [way for blank in (False, True) for way in self.states.get((given, wanted, blank), [])]
        return sorted(ends, key=lambda way: -way.score)[:2]

    def _put(self, state: tuple[int, int, bool], way: _Way) -> None:
        if way.score < self.least:
            return
        kept = self.states.setdefault(state, [])
        kept.append(way)
        if len(kept) > 2:
            kept.sort(key=lambda one: -one.score)
            del kept[2]

    def _step(self, i: int, j: int, ways: list[_Way], *, blank: bool) -> None:
        """Go on from a state: `i` cells used, `j` columns filled, the last cell `blank` and kept."""
        given, wanted = len(self.tokens), len(self.columns)
        if i == given:
            never = sum(column.empty == 0 for column in self.columns[j:])
            if never > max(1, wanted // _NEVER_EMPTY):
                return
            empty = sum(max(-1.0, column.score("")) for column in self.columns[j:]) / 4
            price = _END + _END_MORE * (wanted - j) - empty
            for way in ways:
                cells = way.cells
                for _ in range(wanted - j):
                    cells = ("", cells)
                self._put((given, wanted, True), _Way(way.score - price, cells))
            return
        token = self.tokens[i]
        if not token and not blank:
            for way in ways:
                self._put((i + 1, j, False), _Way(way.score - _DROP, way.cells))
        if j == wanted:
            return
        score = self.columns[j].score(token)
        for way in ways:
            self._put((i + 1, j + 1, not token), _Way(way.score + score, (token, way.cells)))
        if len(self.tokens) < wanted + 1 and not blank and token:
            score = self.columns[j].score("") - _INSERT
            for way in ways:
                self._put((i, j + 1, True), _Way(way.score + score, ("", way.cells)))
            self._cut(i, j, ways)
        if given > wanted or self.spaced:
            self._join(i, j, ways)

    def _join(self, i: int, j: int, ways: list[_Way]) -> None:
        """Join neighbours into one cell."""
        column = self.columns[j]
        if column.strict and column.main in {"date", "time", "mail", "code"} and not self.spaced:
            return
        most = len(self.tokens) if self.spaced else i + min(_JOINED_MOST, len(self.tokens) - len(self.columns) + 1)
        top = max(way.score for way in ways)
        for end in range(i + 2, min(most, len(self.tokens)) + 1):
            run = self.tokens[i:end]
            if self.spaced and any(isinstance(cell, Quoted) for cell in run):
                break
            price = 0.1 * (end - i - 1) if self.spaced else _JOIN + _JOIN_MORE * (end - i - 2)
            price += _JOIN_EMPTY * sum(not cell for cell in run)
            cell = self.delimiter.join(run)
            score = column.score(cell) - price
            if score > self.least - top:
                for way in ways:
                    self._put((end, j + 1, False), _Way(way.score + score, (cell, way.cells)))

    def _cut(self, i: int, j: int, ways: list[_Way]) -> None:
        """Cut a cell in two, where a delimiter may be lost."""
        if j + 1 >= len(self.columns):
            return
        left, right = self.columns[j], self.columns[j + 1]
        best: list[tuple[float, str, str]] = []
        top = max(way.score for way in ways)
        for one, two, price in cuts(self.tokens[i], strict=left.strict or right.strict):
            score = left.score(one) + right.score(two) - price
            if score > self.least - top:
                best.append((score, one, two))
        for score, one, two in sorted(best, reverse=True)[:2]:
            for way in ways:
                self._put((i + 1, j + 2, False), _Way(way.score + score, (two, (one, way.cells))))


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
    inner = ".*?" if loose else f"(?:[^{quote}]|{quote}{quote})*"
    whole = re.compile(f"{quote}({inner}){quote}(?={re.escape(delimiter)}|$)", re.DOTALL)
    at = 0
    while True:
        match = whole.match(text, at)
        if match:
            yield Quoted(match[1].replace(quote * 2, quote)), True
            at = match.end()
        else:
            end = text.find(delimiter, at)
            end = end if end >= 0 else len(text)
            yield text[at:end], False
            at = end
        if at >= len(text):
            return
        at += len(delimiter)


def _quotes_anywhere(text: str, delimiter: str, quote: str) -> Iterator[str]:
    """Read quotes that open and close inside cells too."""
    start = at = 0
    inside = False
    while at < len(text):
        if text[at] == quote:
            inside = not inside
        elif not inside and text.startswith(delimiter, at):
            yield _bare(text[start:at], quote)
            start = at + len(delimiter)
            at = start
            continue
        at += 1
    yield _bare(text[start:], quote)


def _bare(cell: str, quote: str) -> str:
    """Take the quotes off a cell that they enclose."""
    inner = cell[1:-1]
    if len(cell) > 1 and cell[0] == cell[-1] == quote and quote not in inner.replace(quote * 2, ""):
        return inner.replace(quote * 2, quote)
    return cell
