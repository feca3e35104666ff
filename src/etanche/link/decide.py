"""From weighted pairs to decisions: notify, review, or nothing, for each person of a registry.

Rules, in the order in which they apply:

1. A row of the leak is of one person at most: its best.  Where a second one is nearly as good (`GAP`), nobody but a
   human being decides between them.  Two entries of one person (`linking.deciding`) are no rivals: what one is told,
   so is the other.
2. A pair whose first names clash is never notified without a person's eye where their birth dates clash too, or where
   no NIR of both sides' own says that they are one: twins share all else.
3. From `NOTIFY` on a person is notified, from `REVIEW` on looked at; the rest is no match.
4. A person is what the best of their rows says.
5. Of those notified, no more than `WRONG` are expected to be wrong, or half a person: those who weigh least are looked
   at instead until that holds (`bounded`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np

from etanche.link.patterns import distinct

if TYPE_CHECKING:
    import numpy.typing as npt

    Ints = npt.NDArray[np.int64]
    Floats = npt.NDArray[np.float64]
    Bools = npt.NDArray[np.bool_]

NOTIFY = -0.6
"""Bits: four chances in ten that both are one person.  A missed victim is unwarned; a wrong one is rare at this weight,
since few pairs lie between (measured, decision 0050)."""
REVIEW = -4.5
"""Bits: four chances in a hundred."""
GAP = 1.0
"""Bits between the best person of a row and the next, under which a human being decides."""

WRONG = 0.0008
"""Share of the notified who may be expected to be wrong."""
_HALF = 0.5


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


def contested(row: Ints, person: Ints) -> Ints:
    """Return the persons of rows that more than one person could be, each once, in order."""
    _, where, count = np.unique(row, return_inverse=True, return_counts=True)
    return distinct(person[count[where] > 1])


def rivals(row: Ints, person: Ints, weight: Floats) -> tuple[Ints, Ints]:
    """Return each two persons of whom a row could be either, the better first; each two once."""
    order = np.lexsort((person, -weight, row))
    top = order[np.flatnonzero(np.diff(row[order], prepend=-1))]
    best = person[top[np.cumsum(np.diff(row[order], prepend=-1) != 0) - 1]]
    apart = best != person[order]
    # Two numbers of 32 bits as one.
    each = distinct(best[apart] << 32 | person[order][apart])
    return each >> 32, each & 0xFFFFFFFF


def decide(
    row: Ints, person: Ints, weight: Floats, veto: Bools, same: Ints | None = None, tie: Floats | None = None
) -> Decided:
    """Return the decisions over weighted pairs (arrays of one length; a pair comes once).

    `same` says who the person of each pair is: entries of one number are one person; each is their own without it.
    `tie` says how sure it is, in bits, that the entry of each pair and the best one of its row are; certain without it.
    """
    who = person if same is None else same
    able = np.flatnonzero(weight >= REVIEW)
    order = able[np.lexsort((person[able], -weight[able], row[able]))]
    rows, bits = row[order], weight[order]
    first = np.ones(len(order), bool)
    first[1:] = rows[1:] != rows[:-1]
    top = np.maximum.accumulate(np.where(first, np.arange(len(order)), 0))
    twin = who[order] == who[order[top]] if len(order) else np.zeros(0, bool)
    close = (bits[top] - bits < GAP) | twin
    rivals = np.bincount(top, weights=close & ~twin, minlength=len(order)) if len(order) else np.zeros(0)
    kept = order[close]
    # An entry of the best person is worth what the best entry is, as far as they are one.
    apart = np.full(len(order), -np.inf) if tie is None else np.where(first, -np.inf, -tie[order])
    value = np.where(twin, -np.logaddexp2(-bits[top], apart), bits)[close]
    sure = (rivals[top] == 0)[close] & (value >= NOTIFY) & ~veto[kept]
    number, place = np.unique(person[kept], return_inverse=True)
    notify = np.zeros(len(number), bool)
    np.logical_or.at(notify, place, sure)
    # A person who is notified is so by a pair that may notify.
    counted = np.where(sure | ~notify[place], value, -np.inf)
    best = _best(place, counted, len(number))
    # Of one who is notified, only rows that are surely theirs: a twin's row beside it is not told of them.
    told = sure | ~notify[place]
    return Decided(number, notify, value[best], kept[best], place[told], kept[told])


def bounded(decided: Decided, share: float = WRONG) -> Decided:
    """Return decisions of which no more than a share is expected to be wrong, by the weights' own account."""
    order = np.argsort(-decided.weight[decided.notify], kind="stable")
    told = np.flatnonzero(decided.notify)[order]
    wrong = np.cumsum(1 / (1 + np.exp2(np.minimum(decided.weight[told], 500))))
    # Those of one weight stay or go together.
    last = np.diff(decided.weight[told], append=-np.inf) < 0
    able = np.flatnonzero(last & (wrong <= np.maximum(share * np.arange(1, len(told) + 1), _HALF)))
    least = decided.weight[told[able[-1]]] if len(able) else np.inf
    return replace(decided, notify=decided.notify & (decided.weight >= least))


def _best(group: Ints, value: Floats, groups: int) -> Ints:
    """Return the place of the greatest value of each group."""
    order = np.lexsort((value, group))
    last = np.zeros(groups, np.int64)
    last[group[order]] = order
    return last
