"""Weights learned on the table itself, without a label: Fellegi and Sunter's model, by expectation-maximisation.

Rules, in the order in which they apply:

1. How often two rows agree by chance is counted on pairs drawn at random, field by field and level by level: hardly
   any of those are one person.
2. How often two rows of one person agree is what makes the pairs compared most likely: expectation and maximisation
   in turn (Winkler 1988), from rows of one person taken to agree mostly.  The share of pairs that are one person is of
   all pairs there are, of which those compared are taken to hold them all.
3. A value that is rarer than its field's values are as a rule says more when it is shared, and a frequent one less
   (Newcombe 1959), by `RARE` bits at most: SMITH and a village's only family are not one level.
4. A missing value weighs nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from etanche.link.within_fields import EQUAL, LEVELS, Field

if TYPE_CHECKING:
    import numpy.typing as npt

    Ints = npt.NDArray[np.int64]
    Floats = npt.NDArray[np.float64]
    Levels = npt.NDArray[np.int8]

RARE = 5.0
_ROUNDS = 200
_SETTLED = 1e-5
_FIRST_SHARE = 1e-4
_FIRST_AGREEMENT = 10.0
"""How much likelier than any other level equality is taken to be at first, within one person."""
_SMOOTH = 0.5


@dataclass(frozen=True, slots=True)
class Learned:
    """Weights in bits by field and level, and the log-odds of any two rows to be one person."""

    fields: tuple[Field, ...]
    bias: float
    weights: tuple[Floats, ...]
    chance: tuple[float, ...]
    """By field, how often two rows drawn at random are equal in it."""

    def of(self, levels: Levels) -> Floats:
        """Return the weight of pairs by their levels, shape (pairs, fields)."""
        total = np.full(len(levels), self.bias)
        for place, weights in enumerate(self.weights):
            total += weights[levels[:, place]]
        return total


def learn(fields: Sequence[Field], compared: Levels, at_random: Levels, pairs: float) -> Learned:
    """Return the weights that make the levels of the pairs compared most likely.

    `compared` and `at_random` are levels, shape (pairs, fields); `pairs` is how many pairs of rows there are.
    """
    sizes = [len(LEVELS[field.sort]) for field in fields]
    chance = [_shares(at_random[:, place], None, size) for place, size in enumerate(sizes)]
    patterns, count = _patterns(compared, sizes)
    own = [_first(size) for size in sizes]
    share, weights = _FIRST_SHARE, _weights(own, chance)
    for _ in range(_ROUNDS):
        bits = np.full(len(patterns), np.log2(share / (1 - share)))
        for place, each in enumerate(weights):
            bits += each[patterns[:, place]]
        same = count / (1 + 2.0**-bits)
        before, share = share, float(np.clip(same.sum() / pairs, 1e-12, 0.5))
        own = [_shares(patterns[:, place], same, size) for place, size in enumerate(sizes)]
        weights = _weights(own, chance)
        if abs(share - before) < _SETTLED * share:
            break
    bias = float(np.log2(share / (1 - share)))
    return Learned(tuple(fields), bias, tuple(weights), tuple(float(each[EQUAL]) for each in chance))


def rarity(often: Ints, filled: int, chance: float) -> Floats:
    """Return by row how many bits more than usual its value says when another row shares it.

    `often` is how many rows have the row's value (0: it has none), `filled` how many have any.
    """
    share = np.maximum(often, 1) / max(filled, 1)
    return np.where(often > 0, np.clip(np.log2(max(chance, 1e-12) / share), -RARE, RARE), 0.0)


def _first(size: int) -> Floats:
    shares = np.ones(size)
    shares[0], shares[EQUAL] = 0.0, _FIRST_AGREEMENT * size
    return np.asarray(shares / shares.sum())


def _weights(own: Sequence[Floats], chance: Sequence[Floats]) -> list[Floats]:
    found = [
        np.log2(np.maximum(mine, 1e-12) / np.maximum(theirs, 1e-12)) for mine, theirs in zip(own, chance, strict=True)
    ]
    for each in found:
        each[0] = 0.0
    return found


def _shares(levels: Levels, weight: Floats | None, size: int) -> Floats:
    """Return how often each level is found where none is missing."""
    found = np.bincount(levels, weights=weight, minlength=size) + _SMOOTH
    found[0] = 0.0
    return np.asarray(found / found.sum())


def _patterns(levels: Levels, sizes: Sequence[int]) -> tuple[Levels, Ints]:
    """Return the patterns of levels that there are, shape (patterns, fields), and how often each is."""
    codes = np.zeros(len(levels), np.int64)
    for place, size in enumerate(sizes):
        codes = codes * size + levels[:, place]
    _, first, count = np.unique(codes, return_index=True, return_counts=True)
    return levels[first], count
