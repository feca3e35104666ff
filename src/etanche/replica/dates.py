"""Dates as words in a layout: code = days since 1900-01-01 + 1, then impossible dates as people type them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache

import numpy as np
import pyarrow as pa

from etanche.replica.cells import Cells, Codes, Mask, words
from etanche.replica.numbers import EPOCH, day

LAST_DAY = day(2020, 12, 31)
_IMPOSSIBLE = ((2, 30), (2, 31), (4, 31), (6, 31), (11, 31), (13, 12))
"""Month and day."""


@dataclass(frozen=True, slots=True, eq=False)
class Calendar:
    """The words of all days until the end of 2020 in one layout, and of impossible ones."""

    words: pa.StringArray = field(repr=False)
    bad: Mask = field(repr=False)
    """By word."""

    def cells(self, days: Codes, shown: Mask | None = None, impossible: Codes | None = None) -> Cells:
        """Return a column of days; where `impossible` is not negative, that impossible date instead."""
        codes = (days + 1).astype(np.int32)
        if impossible is not None:
            codes = np.where(impossible >= 0, LAST_DAY + 2 + impossible, codes).astype(np.int32)
        return Cells(self.words, codes, shown, self.bad)

    @property
    def impossible(self) -> int:
        """How many impossible dates there are."""
        return len(self.words) - LAST_DAY - 2


@cache
def calendar(layout: str) -> Calendar:
    """Return the calendar in a layout of %d, %m and %Y."""
    pattern = layout.replace("%d", "{2:02d}").replace("%m", "{1:02d}").replace("%Y", "{0:04d}")
    days = [EPOCH + timedelta(days=offset) for offset in range(LAST_DAY + 1)]
    texts = [pattern.format(when.year, when.month, when.day) for when in days]
    texts += [pattern.format(0, 0, 0)]
    texts += [pattern.format(year, *wrong) for year in range(1925, 2015) for wrong in _IMPOSSIBLE]
    bad = np.zeros(len(texts) + 1, dtype=bool)
    bad[LAST_DAY + 2 :] = True
    return Calendar(words(texts), bad)
