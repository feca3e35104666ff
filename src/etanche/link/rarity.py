"""How rare what agrees is: what a name, a first name and a day of birth add to the levels of a pair, in bits.

Rules, in the order in which they apply:

1. How often strangers agree as much, by chance, is counted (`chance`).
2. Pairs are of one class where they agree in the same (`CLASSES`).  Of the pairs of a class that are not one person
   some are there whatever their name is (twins, homonyms, a registry's false entries): the share `kin`.  The others are
   there by chance, so often as rule 1 says.  Those that are one person are drawn from all people, rare names or not.
3. So bits = shift - log2(kin + (1 - kin) x chance / mean chance of those that are one person): more for what is rare,
   less for 1 January.  `kin` and `shift` are the most likely ones by the pairs that NIRs label, drawn to `_KIN` and 0
   (maximum a posteriori); without labels the two are just that.
4. Where names, birth date and home all agree nothing is added: whose pairs these are does not hang on a name.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from etanche.link.chance import AGREES, ranks
from etanche.link.compare import LEVELS
from etanche.link.patterns import COUNT, levels_of

if TYPE_CHECKING:
    from etanche.link.patterns import Bools, Floats, Ints

_SIZES = tuple(len(among) + 1 for among in AGREES.values())
CLASSES = int(np.prod(_SIZES)) * 3
"""How many classes there are: what agrees of the three, times whether the home does, its place does, or neither."""
_KIN = 0.3
_KIN_SPREAD = 3.0
_GRID = np.array([0.005, 0.02, 0.05, 0.1, 0.2, 0.35, 0.5, 0.7, 0.9, 0.99])
_SHIFT_SPREAD = 1.0
"""Natural logarithms, as `_KIN_SPREAD`."""
_LEAST, _MOST = -10.0, 4.0
"""Bits that rarity adds at least and at most."""
_STEPS = 40


@dataclass(frozen=True, slots=True)
class Rarity:
    """What rarity is worth in a case, by class."""

    kin: Floats = field(repr=False)
    shift: Floats = field(repr=False)
    mean: Floats = field(repr=False)
    """log2 of the mean chance of those that are one person."""

    def bits(self, kind: Ints, chance: Floats) -> Floats:
        """Return what pairs of these classes and chances (log2) get."""
        kin = self.kin[kind]
        ratio = np.exp2(np.clip(chance - self.mean[kind], -100, 100))
        found = np.clip(self.shift[kind] - np.log2(kin + (1 - kin) * ratio), _LEAST, _MOST)
        return np.asarray(np.where(kind == 0, 0.0, found))


def learnt(kind: Ints, chance: Floats, weight: Floats, same: Bools, known: Bools) -> Rarity:
    """Return what rarity is worth, from pairs whose levels weigh `weight` bits with their NIR put aside.

    `known` are those of which NIRs say whether they are one person, and `same` what they say.
    """
    kin, shift, mean = np.full(CLASSES, _KIN), np.zeros(CLASSES), np.zeros(CLASSES)
    likely = np.where(known, same, 1 / (1 + np.exp2(-np.clip(weight, -500, 500))))
    total = np.bincount(kind, likely, CLASSES)
    sums = np.bincount(kind, likely * np.exp2(chance), CLASSES)
    seen = (total > 0) & (sums > 0)
    mean[seen] = np.log2(sums[seen] / total[seen])
    kin[~seen] = 1.0
    ratio = chance - mean[kind]
    order = np.flatnonzero(known & seen[kind] & (kind > 0))
    order = order[np.argsort(kind[order], kind="stable")]
    starts = np.flatnonzero(np.diff(kind[order], prepend=-1))
    for here in np.split(order, starts[1:]) if len(order) else ():
        kin[kind[here[0]]], shift[kind[here[0]]] = _likeliest(weight[here], ratio[here], same[here])
    return Rarity(kin, shift, mean)


def _likeliest(weight: Floats, ratio: Floats, same: Bools) -> tuple[float, float]:
    """Return the most likely `kin` and shift (bits) of one class; like pairs are counted together."""
    near = np.round(weight * 4).astype(np.int64) * 10_000 + np.round(ratio * 2).astype(np.int64)
    _, where = np.unique(near, return_inverse=True)
    total, yes = np.bincount(where).astype(np.float64), np.bincount(where, same)
    mean = [np.bincount(where, values) / total for values in (weight, ratio)]
    grid = _GRID[:, None]
    start = mean[0] * np.log(2) - np.log(grid + (1 - grid) * np.exp2(np.clip(mean[1], -100, 100)))
    shift = np.zeros(len(_GRID))
    for _ in range(_STEPS):
        chances = _odds(start + shift[:, None])
        slope = (yes - total * chances).sum(1) - shift / _SHIFT_SPREAD**2
        curve = (total * chances * (1 - chances)).sum(1) + 1 / _SHIFT_SPREAD**2
        step = np.clip(slope / curve, -1, 1)
        shift += step
        if np.abs(step).max() < 1e-4:
            break
    chances = np.clip(_odds(start + shift[:, None]), 1e-12, 1 - 1e-12)
    likelihood = (yes * np.log(chances) + (total - yes) * np.log(1 - chances)).sum(1)
    likelihood -= shift**2 / 2 / _SHIFT_SPREAD**2 + (np.log(_GRID / _KIN) / _KIN_SPREAD) ** 2
    best = int(likelihood.argmax())
    return float(_GRID[best]), float(shift[best] / np.log(2))


def _odds(weight: Floats) -> Floats:
    return np.asarray(1 / (1 + np.exp(-np.clip(weight, -500, 500))))


@cache
def classes() -> Ints:
    """Return the class of every pattern there can be; 0 is where names, birth date and home agree."""
    numbers = levels_of(np.arange(COUNT))
    found = np.zeros(COUNT, np.int64)
    for comparison, size in zip(AGREES, _SIZES, strict=True):
        found = found * size + ranks(comparison)[numbers[:, list(LEVELS).index(comparison)]]
    own = [0 if _same_home(level) else 1 if level.startswith("same_place_") else 2 for level in LEVELS["home"]]
    return np.asarray(found * 3 + np.array(own)[numbers[:, list(LEVELS).index("home")]])


def _same_home(level: str) -> bool:
    return level.startswith(("equal_", "close_")) or level.endswith("_equal")
