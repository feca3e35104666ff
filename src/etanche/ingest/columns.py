"""What each column's cells look like, so that a row of too many or too few cells can be put right.

1. A profile is made of clean rows from all over the table; rows are judged by it, never changed by it alone.
2. A column is strict when nearly all its cells are of one type (a figure, a date, a code…): a cell of another type is
   then a violation.  Other columns only prefer what they have seen: types, length, digits, a short list of values.
3. Scores are like logarithms of odds: 0 is what the column always holds, -7 what it never does.
4. Most tables never ask: columns are looked at when the first row is judged, and each distinct cell once.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import cached_property, lru_cache
from typing import TypeVar

T = TypeVar("T")

VIOLATION = -7.0
LEAST_ROWS = 3
_STRICT_FROM = 0.95
_SEEN_MOST = 12
_VALUES_MOST = 40
_LONG = 40

_TYPES = (
    ("integer", r"[+-]?\d+"),
    ("decimal", r"[+-]?\d*[.,]\d+|[+-]?\d{1,3}(?:[ \u00a0\u202f']\d{3})+(?:[.,]\d+)?|[+-]?\d+(?:[.,]\d+)?[eE][+-]?\d+"),
    ("money", r"[$€£]\s?-?\d[\d .,]*|-?\d[\d .,]*\s?(?:[$€£%]|EUR)"),
    ("date", r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}"),
    ("time", r"\d{1,2}[:hH]\d{2}(?::\d{2}(?:[.,]\d+)?)?"),
    ("timestamp", r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}[ T]\d{1,2}[:hH]\d{2}\S*"),
    ("mail", r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"),
    ("url", r"(?:https?|ftp)://\S+|www\.\S+"),
    ("phone", r"(?:\+|00)?\d{1,3}(?:[ .-]\d{2,4}){3,5}"),
    ("code", r"(?=\S*\d)(?=\S*[A-Za-z])[A-Za-z0-9_\-./]+"),
    ("word", r"[^\W\d_]+(?:['’.-][^\W\d_]+)*\.?"),
)
_TYPE = re.compile("|".join(f"(?P<{name}>{pattern})" for name, pattern in _TYPES))
_QUOTES = "\"'"
_DIGIT = re.compile(r"[\d\u00b2\u00b3\u00b9\u2070-\u2079\u2080-\u2089]")
_LOOSE = frozenset({"word", "text"})
_CLASSES = str.maketrans(
    {
        **{chr(c): "A" for c in range(65, 91)},
        **{chr(c): "a" for c in range(97, 123)},
        **dict.fromkeys("0123456789", "9"),
    }
)


@lru_cache(maxsize=50_000)
def type_of(cell: str) -> str:
    """Return a cell's type: "" when blank, "text" when nothing else."""
    cell = cell.strip()
    if not cell:
        return ""
    match = _TYPE.fullmatch(cell) if len(cell) < 200 else None
    return (match.lastgroup or "text") if match else "text"


def pattern_of(cell: str) -> str:
    """Return a cell with its letters and digits made alike: `AA-9999`."""
    return cell.strip().translate(_CLASSES)


def _added(pairs: Iterable[tuple[T, int]]) -> Counter[T]:
    """Return how often each value comes."""
    found: Counter[T] = Counter()
    for value, times in pairs:
        found[value] += times
    return found


class Column:
    """What one column holds."""

    def __init__(self, cells: Sequence[str]) -> None:
        """Look at the cells of clean rows."""
        values = {cell: n for cell, n in Counter(cells).items() if cell.strip()}
        filled = sum(values.values())
        self.empty = 1 - filled / len(cells) if cells else 1.0
        self.types = _added((type_of(cell), n) for cell, n in values.items())
        total = max(1, filled)
        self.main, times = self.types.most_common(1)[0] if filled else ("", 0)
        self.strict = self.main not in _LOOSE and times >= _STRICT_FROM * total and filled >= LEAST_ROWS
        seen = _added((pattern_of(cell), n) for cell, n in values.items()) if self.strict else Counter()
        self.patterns = frozenset(p for p, n in seen.items() if n > 0.01 * total)
        self.patterned = 0 < len(self.patterns) <= _SEEN_MOST
        self.shares = {name: n / total for name, n in self.types.items()}
        self.values = frozenset(values) if len(values) <= min(_VALUES_MOST, total / 4) else frozenset()
        self.digits = sum(n for cell, n in values.items() if _DIGIT.search(cell)) / total
        logs = [(math.log1p(size), n) for size, n in _added((len(cell), n) for cell, n in values.items()).items()]
        self.length = sum(x * n for x, n in logs) / total
        self.spread = max(0.25, math.sqrt(sum((x - self.length) ** 2 * n for x, n in logs) / total))
        self.known: dict[str, float] = {}

    def score(self, cell: str) -> float:
        """Return how well a cell fits: 0 at best, `VIOLATION` where it cannot be."""
        if len(cell) > _LONG:
            return self._score(cell)
        found = self.known.get(cell)
        if found is None:
            if len(self.known) > 5000:
                self.known.clear()
            found = self.known[cell] = self._score(cell)
        return found

    def _score(self, cell: str) -> float:
        kind = type_of(cell)
        if not kind:
            return 0.0 if self.empty >= 0.3 else max(-4.0, math.log(self.empty + 0.01) / 1.2)
        if cell[0] in _QUOTES or cell[-1] in _QUOTES:
            bare = cell.strip(_QUOTES)
            return max(VIOLATION, (self._score(bare) if bare else 0.0) - 0.3)
        if not self.main:
            return -3.5
        if self.strict:
            return self._strict(cell, kind)
        if cell in self.values:
            return 0.0
        share = self.shares.get(kind, 0.0)
        score = -1.0 if self.values else 0.0
        if kind in _LOOSE:
            loose = self.shares.get("word", 0.0) + self.shares.get("text", 0.0)
            score -= 0.0 if share >= 0.05 or (kind == "text" and loose >= 0.5) else 0.5 if loose >= 0.05 else 2.5
        else:
            score -= 0.0 if share >= 0.05 else 0.7 if share > 0 else 3.5
        digit = _DIGIT.search(cell)
        if digit and self.digits < 0.02:
            score -= 1.5
        elif not digit and self.digits > 0.98:
            score -= 0.7
        far = abs(math.log1p(len(cell)) - self.length) / self.spread
        return score - min(2.0, max(0.0, far - 2.5))

    def _strict(self, cell: str, kind: str) -> float:
        if kind == self.main:
            return 0.0 if not self.patterned or pattern_of(cell) in self.patterns else -1.2
        if kind in self.shares:
            return -1.5
        return -0.8 if {kind, self.main} == {"integer", "decimal"} else VIOLATION


class Columns:
    """What a table's columns hold, and how well its clean rows fit that."""

    def __init__(self, rows: Sequence[Sequence[str]]) -> None:
        """Take clean rows of as many cells each (at least `LEAST_ROWS`)."""
        self._rows = rows

    @cached_property
    def each(self) -> tuple[Column, ...]:
        """Return what each column holds."""
        return tuple(Column(cells) for cells in zip(*self._rows, strict=True))

    @cached_property
    def floor(self) -> float:
        """Return what a row must fit better than not to be doubtful."""
        cells = zip(*self._rows, strict=True)
        scores = [map(column.score, given) for column, given in zip(self.each, cells, strict=True)]
        fits = sorted(map(sum, zip(*scores, strict=True)))
        return fits[len(fits) // 20] - 3.0

    def fit(self, row: Sequence[str]) -> float:
        """Return how well a row of the right number of cells fits."""
        total = 0.0
        for column, cell in zip(self.each, row, strict=True):
            found = column.known.get(cell)
            total += column.score(cell) if found is None else found
        return total

    def fits(self, row: Sequence[str]) -> bool:
        """Tell whether a row is as good as clean rows are, without a violation; an empty cell is none anywhere."""
        scores = [
            column.score(cell) if cell else max(-1.0, column.score(cell))
            for column, cell in zip(self.each, row, strict=True)
        ]
        return sum(scores) >= self.floor and min(scores) > VIOLATION / 2 - 0.5
