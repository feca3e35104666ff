"""Weights learned on the table itself, without a label: Fellegi and Sunter's model, by expectation-maximisation.

Rules, in the order in which they apply:

1. Two rows are one person's, two relatives' (or two of a household, of a company), or two strangers'.  Without the
   second, whoever shares a name, an address and a telephone would be one person: those agree together.
2. How often two strangers agree is counted on pairs drawn at random, field by field and level by level: hardly any of
   those are anything else.
3. How often two rows of one person, and of relatives, agree is what makes the pairs compared most likely: expectation
   and maximisation in turn (Winkler 1988).  At first one person's rows are taken to agree mostly, relatives' in what a
   household shares (`Field.shared`); in what is a person's own, relatives agree as strangers do.  The share of each is
   of all pairs there are, of which those compared are taken to hold them all.
4. A value that is rarer than its field's values are as a rule is shared by fewer strangers, a frequent one by more
   (Newcombe 1959), by `RARE` bits at most: SMITH and a village's only family are not one level.
5. A missing value weighs nothing.
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
STRANGERS = 2
_ROUNDS = 300
_SETTLED = 1e-5
_FIRST_SHARES = (1e-4, 1e-4)
"""Share of all pairs that are one person's, and relatives', at first."""
_FIRST_AGREEMENT = 10.0
"""How much likelier than any other level equality is taken to be at first."""
_SMOOTH = 0.5
_NEVER = 1e-12


@dataclass(frozen=True, slots=True)
class Learned:
    """How likely each level of each field is, in bits: of one person's rows, of relatives', of strangers'."""

    fields: tuple[Field, ...]
    shares: tuple[float, float, float]
    bits: tuple[Floats, ...]
    """By field, shape (3, levels)."""

    def weigh(self, levels: Levels, rare: Floats) -> Floats:
        """Return the log-odds of pairs to be one person's, in bits; shape (pairs,).

        `levels` has the shape (pairs, fields); `rare` says by how much less likely than usual two strangers share what
        the pair shares, in bits (`rarity`).
        """
        same, relatives, strangers = _bits(self.shares, self.bits, levels)
        return np.asarray(same - np.logaddexp2(relatives, strangers - rare))


def learn(fields: Sequence[Field], compared: Levels, at_random: Levels, pairs: float) -> Learned:
    """Return what makes the levels of the pairs compared most likely.

    `compared` and `at_random` are levels, shape (pairs, fields); `pairs` is how many pairs of rows there are.
    """
    sizes = [len(LEVELS[field.sort]) for field in fields]
    chance = [_shares(at_random[:, place], None, size) for place, size in enumerate(sizes)]
    patterns, count = _patterns(compared, sizes)
    own = [_first(size) for size in sizes]
    kin = [mine if field.shared else theirs for field, mine, theirs in zip(fields, own, chance, strict=True)]
    shares = _of_all(*_FIRST_SHARES)
    bits = _logs(own, kin, chance)
    for _ in range(_ROUNDS):
        each = np.stack(_bits(shares, bits, patterns))
        each = count * np.exp2(each - np.logaddexp2.reduce(each, 0))
        before, shares = shares, _of_all(*(each[:2].sum(1) / pairs))
        own, kin = ([_shares(patterns[:, at], one, size) for at, size in enumerate(sizes)] for one in each[:2])
        kin = [mine if field.shared else theirs for field, mine, theirs in zip(fields, kin, chance, strict=True)]
        bits = _logs(own, kin, chance)
        if np.allclose(before, shares, rtol=_SETTLED, atol=0):
            break
    return Learned(tuple(fields), shares, tuple(bits))


def rarity(often: Ints, filled: int, chance: float) -> Floats:
    """Return by row how many bits more than usual its value says when another row shares it.

    `often` is how many rows have the row's value (0: it has none), `filled` how many have any, `chance` how often two
    strangers share any.
    """
    share = np.maximum(often, 1) / max(filled, 1)
    return np.where(often > 0, np.clip(np.log2(max(chance, _NEVER) / share), -RARE, RARE), 0.0)


def _of_all(same: float, relatives: float) -> tuple[float, float, float]:
    same, relatives = (float(np.clip(share, _NEVER, 0.3)) for share in (same, relatives))
    return same, relatives, 1 - same - relatives


def _bits(shares: Sequence[float], bits: Sequence[Floats], levels: Levels) -> list[Floats]:
    """Return how likely pairs of these levels are, in bits, were they one person's, relatives' or strangers'."""
    total = [np.full(len(levels), np.log2(share)) for share in shares]
    for place, each in enumerate(bits):
        for kind, likely in enumerate(each):
            total[kind] += likely[levels[:, place]]
    return total


def _first(size: int) -> Floats:
    shares = np.ones(size)
    shares[0], shares[EQUAL] = 0.0, _FIRST_AGREEMENT * size
    return np.asarray(shares / shares.sum())


def _logs(*kinds: Sequence[Floats]) -> list[Floats]:
    """Return by field how likely each level is, in bits, shape (kinds, levels); a missing one is no matter."""
    found = []
    for each in zip(*kinds, strict=True):
        likely = np.log2(np.maximum(np.stack(each), _NEVER))
        likely[:, 0] = 0.0
        found.append(likely)
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
