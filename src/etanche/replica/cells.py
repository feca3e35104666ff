"""A column as words and codes: `words[codes[row]]`, so that a column of half a million cells costs four bytes each.

Rules: word 0 is the blank cell; `shown` hides cells without changing the codes, which several columns may share;
`bad` marks the words that fail their kind's check (shape, key).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

Codes: TypeAlias = NDArray[np.int32]
Mask: TypeAlias = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Cells:
    """The cells of one column."""

    words: pa.StringArray = field(repr=False)
    codes: Codes = field(repr=False)
    shown: Mask | None = field(default=None, repr=False)
    bad: Mask | None = field(default=None, repr=False)
    """By word."""
    written: pa.StringArray | None = field(default=None, repr=False)
    """The words as the file spells them (quoted), where that differs."""

    def visible(self, rows: slice | NDArray[np.int64] = slice(None)) -> Codes:
        """Return the codes of the cells of some rows, 0 where blank."""
        codes = self.codes[rows]
        return codes if self.shown is None else np.where(self.shown[rows], codes, np.int32(0))

    def text(self, rows: slice | NDArray[np.int64]) -> pa.StringArray:
        """Return the cells of some rows as the file spells them."""
        return (self.written or self.words).take(pa.array(self.visible(rows)))

    def filled(self) -> Mask:
        """Return by row whether the cell is filled."""
        return self.visible() > 0

    def valid(self) -> Mask:
        """Return by row whether the cell is filled and passes its kind's check."""
        codes = self.visible()
        return codes > 0 if self.bad is None else (codes > 0) & ~self.bad[codes]

    def used(self) -> pa.StringArray:
        """Return the filled cells' words, each code once."""
        seen = np.zeros(len(self.words), dtype=bool)
        seen[self.visible()] = True
        seen[0] = False
        return self.words.take(pa.array(np.flatnonzero(seen)))

    def respelt(self, change: Callable[[pa.StringArray], pa.StringArray]) -> Cells:
        """Return the same cells with other words."""
        return Cells(change(self.words), self.codes, self.shown, self.bad, self.written)


def words(values: Sequence[str] | pa.StringArray) -> pa.StringArray:
    """Return an array of words with the blank one put first."""
    array = values if isinstance(values, pa.Array) else pa.array(values, pa.string())
    return pa.concat_arrays([pa.array([""]), array])


def exactly(rng: np.random.Generator, count: int, *candidates: Mask) -> Mask:
    """Return a mask of `count` rows drawn from the first mask of candidates, then the next, then any row."""
    rows = candidates[0].size
    chosen = np.zeros(rows, dtype=bool)
    for mask in (*candidates, np.ones(rows, dtype=bool)):
        free = np.flatnonzero(mask & ~chosen)
        missing = min(count, rows) - int(chosen.sum())
        chosen[free if free.size <= missing else rng.choice(free, missing, replace=False)] = True
    return chosen


def weighted(rng: np.random.Generator, weights: NDArray[np.float64], count: int) -> Codes:
    """Return `count` indices drawn by weight."""
    total = np.cumsum(weights)
    found = np.searchsorted(total, rng.random(count) * total[-1], side="right")
    codes: Codes = np.minimum(found, total.size - 1).astype(np.int32)
    return codes
