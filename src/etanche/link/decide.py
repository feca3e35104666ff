"""From weighted pairs to decisions: notify, review, or nothing, for each person of a registry.

Rules, in the order in which they apply:

1. A row of the leak is of one person at most: its best.  Where a second one is nearly as good (`GAP`), nobody but a
   human being decides between them.
2. A pair whose first names and whose birth dates both clash is never notified without a person's eye.
3. From `NOTIFY` on a person is notified, from `REVIEW` on looked at; the rest is no match.
4. A person is what the best of their rows says.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    Ints = npt.NDArray[np.int64]
    Floats = npt.NDArray[np.float64]
    Bools = npt.NDArray[np.bool_]

NOTIFY = -0.6
"""Bits: four chances in ten that both are one person.  A missed victim is unwarned; a wrong one is rare at this weight,
since few pairs lie between (measured, decision 0050)."""
REVIEW = -5.5
"""Bits: two chances in a hundred."""
GAP = 1.0
"""Bits between the best person of a row and the next, under which a human being decides."""


class Decision(StrEnum):
    """What is to be done about a person of the registry."""

    NOTIFY = "notify"
    REVIEW = "review"


@dataclass(frozen=True, slots=True)
class Decided:
    """Persons of the registry that are notified or reviewed, by their number, and the pairs that say so."""

    person: Ints
    notify: Bools
    weight: Floats
    best: Ints
    """Place of each person's best pair among the pairs given."""
    pair_person: Ints
    """Of every pair that counts: its person, as a place in `person`…"""
    pair: Ints
    """…and its place among the pairs given."""


def decide(row: Ints, person: Ints, weight: Floats, veto: Bools) -> Decided:
    """Return the decisions over weighted pairs (arrays of one length; a pair comes once)."""
    able = np.flatnonzero(weight >= REVIEW)
    order = able[np.lexsort((person[able], -weight[able], row[able]))]
    rows, bits = row[order], weight[order]
    first = np.ones(len(order), bool)
    first[1:] = rows[1:] != rows[:-1]
    top = np.maximum.accumulate(np.where(first, np.arange(len(order)), 0))
    close = bits[top] - bits < GAP
    rivals = np.bincount(top, weights=close, minlength=len(order)) if len(order) else np.zeros(0)
    kept = order[close]
    sure = (rivals[top] == 1)[close] & (weight[kept] >= NOTIFY) & ~veto[kept]
    number, place = np.unique(person[kept], return_inverse=True)
    notify = np.zeros(len(number), bool)
    np.logical_or.at(notify, place, sure)
    # A person who is notified is so by a pair that may notify.
    counted = np.where(sure | ~notify[place], weight[kept], -np.inf)
    best = _best(place, counted, len(number))
    return Decided(number, notify, weight[kept][best], kept[best], place, kept)


def _best(group: Ints, value: Floats, groups: int) -> Ints:
    """Return the place of the greatest value of each group."""
    order = np.lexsort((value, group))
    last = np.zeros(groups, np.int64)
    last[group[order]] = order
    return last
