"""Weights put right for one case by what its NIRs tell, or learnt from labelled pairs.

Rules, in the order in which they apply:

1. Where both sides hold a NIR of their own, an equal one says that they are one person and another one that they are
   not, whatever else is alike: such pairs are labelled, and show what names, dates and homes are worth in this leak and
   this registry (a telephone that never changes, a town of one surname, ten million persons).
2. Logistic regression over the levels of the other comparisons, drawn to the model's own weights by a normal prior: few
   labels move little (maximum a posteriori, Newton's method).  The NIR's own weights stay.
3. The best person of a row is right more often than a pair of that weight among all pairs: how much more (`gain`) is
   learnt from the rows whose best person, the NIR put aside, a NIR confirms or denies.  That is added to the bias.
   A NIR that cannot be compared is worth what the others' chances say of its bearers (`of_other_nirs`).
4. A pair that only its NIR brought together labels nothing: without a NIR nobody would have looked at it.
5. The same pairs give the same weights.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from etanche.link.compare import LEVELS
from etanche.link.patterns import COUNT, SHAPE, levels_of

if TYPE_CHECKING:
    from etanche.link.model import Model
    from etanche.link.patterns import Bools, Floats, Ints

SPREAD = 0.5
"""Natural logarithms: how far a level's weight is expected to be from the model's in another case."""
SPREAD_OF_BIAS = 3.0
_STEPS = 60
_LEAST = 30
"""Labelled pairs of either kind from which anything is learnt."""
_DOUBT = 12.0
"""Bits beyond which a row tells nothing of how much the best one gains."""
_FEW = 3.0
"""Pairs by which the share of one person among those of a level is drawn to that of the labelled."""
_NIR = list(LEVELS).index("nir")
_EQUAL, _DIFFERS, _MISSING = (LEVELS["nir"].index(level) for level in ("equal", "differs", "missing"))


def hot(numbers: Ints) -> Floats:
    """Return one column a level of each comparison, and a last one of ones."""
    columns = [numbers[:, place] == level for place, size in enumerate(SHAPE) for level in range(size)]
    return np.stack([*columns, np.ones(len(numbers))], 1).astype(np.float64)


def fitted(features: Floats, total: Floats, yes: Floats, start: Floats, spread: Floats) -> Floats:
    """Return the weights (natural logarithms) most likely after `yes` of `total`, drawn to `start` by `spread`.

    `features` has a line for each pattern.  A spread of 0 holds a weight where it is.
    """
    free = spread > 0
    weights, precision = start.copy(), 1 / spread[free] ** 2
    own = features[:, free]
    for _ in range(_STEPS):
        chances = 1 / (1 + np.exp(-np.clip(features @ weights, -500, 500)))
        slope = own.T @ (yes - total * chances) - precision * (weights - start)[free]
        curve = (own * (total * chances * (1 - chances))[:, None]).T @ own + np.diag(precision)
        step = np.linalg.solve(curve, slope)
        # A step of many bits overshoots where chances are near 0 or 1.
        weights[free] += step * min(1.0, 2 / max(float(np.abs(step).max()), 1e-9))
        if np.abs(step).max() < 1e-6:
            break
    return weights


def suited(model: Model, counts: Ints) -> Model:
    """Return a model put right for the case at hand; itself where NIRs label too few of its pairs.

    `counts` are of every pattern there can be.
    """
    numbers, total, yes = labelled(counts)
    if min(yes.sum(), (total - yes).sum()) < _LEAST:
        return model
    start = vector(model) * np.log(2)
    spread = np.full(len(start), SPREAD)
    spread[-1] = SPREAD_OF_BIAS
    spread[: SHAPE[0]] = 0
    weights = fitted(hot(numbers), total, yes, start, spread) / np.log(2)
    return replace(model, bias=float(weights[-1]), weights=named(weights))


def labelled(counts: Ints) -> tuple[Ints, Floats, Floats]:
    """Return the patterns that NIRs label, how many pairs have each, and how many of those are one person.

    The NIR is taken out of the patterns returned.
    """
    seen = np.flatnonzero(counts * _brought_together())
    numbers = levels_of(seen)
    same, known = _known(numbers)
    numbers[:, _NIR] = _MISSING
    total = counts[seen][known].astype(np.float64)
    return numbers[known], total, total * same[known]


def told(code: Ints) -> tuple[Bools, Bools]:
    """Tell of patterns whether their NIRs say that they are one person, and whether they say anything."""
    same, known = _told()
    return same[code], known[code]


@cache
def _told() -> tuple[Bools, Bools]:
    same, known = _known(levels_of(np.arange(COUNT)))
    together = _brought_together()
    return same & together, known & together


def _known(numbers: Ints) -> tuple[Bools, Bools]:
    """Tell the same of levels; an equal NIR on first names that clash says nothing (a child's row)."""
    nir = numbers[:, _NIR]
    same: Bools = (nir == _EQUAL) & (numbers[:, list(LEVELS).index("first")] != LEVELS["first"].index("differs"))
    return same, same | (nir == _DIFFERS)


def best_of_rows(row: Ints, code: Ints, weight: Floats) -> Ints:
    """Return the place of the best pair of each row, of those that more than a NIR brought together."""
    useful = np.flatnonzero(_brought_together()[code])
    # Pairs come in the order of their rows, lot by lot: a stable sort joins a few runs.
    order = useful[np.argsort(row[useful], kind="stable")]
    starts = np.flatnonzero(np.diff(row[order], prepend=-1))
    if not len(starts):
        return order
    most = np.maximum.reduceat(weight[order], starts)
    number = np.repeat(np.arange(len(starts)), np.diff(np.append(starts, len(order))))
    tops = np.flatnonzero(weight[order] == most[number])
    return order[tops[np.flatnonzero(np.diff(number[tops], prepend=-1))]]


def gain(code: Ints, weight: Floats) -> float:
    """Return by how many bits pairs, each the best of its row, are better than their weight says, NIRs put aside."""
    same, known = told(code)
    doubtful = known & (np.abs(weight) < _DOUBT)
    right = same[doubtful].astype(np.float64)
    if min(right.sum(), (1 - right).sum()) < _LEAST:
        return 0.0
    return shift(weight[doubtful], right, 0.0, SPREAD_OF_BIAS)


def shift(weight: Floats, right: Floats, start: float, spread: float) -> float:
    """Return the bits to be added to weights so that they say of how many they are right, drawn to `start` bits."""
    features = np.stack([np.ones(len(right)), weight * np.log(2)], 1)
    found = fitted(features, np.ones(len(right)), right, np.array([start * np.log(2), 1.0]), np.array([spread, 0.0]))
    return float(found[0] / np.log(2))


def of_other_nirs(model: Model, code: Ints, weight: Floats) -> Model:
    """Return a model that knows what a NIR that is missing, or not the row's own, is worth among these pairs.

    Pairs whose NIRs can be compared are what the other weights were suited to; others may be one person more seldom (a
    registry whose doubtful entries have doubtful numbers).  `weight` is that of pairs, each the best of its row, their
    NIRs put aside: where NIRs say nothing, as many of them are one person as it says.
    """
    same, known = told(code)
    chance = np.where(known, same, 1 / (1 + np.exp2(-np.clip(weight, -500, 500))))
    by_nir = (np.bincount(code, part, COUNT).reshape(SHAPE[0], -1) for part in (chance, 1 - chance))
    one, other = (part.sum(1) for part in by_nir)
    labels = one[[_EQUAL, _DIFFERS]].sum(), other[[_EQUAL, _DIFFERS]].sum()
    if min(labels) < _LEAST:
        return model
    odds = labels[0] / labels[1]
    bits = dict(model.weights["nir"])
    for level in ("missing", "not_own"):
        place = LEVELS["nir"].index(level)
        bits[level] = model.of("nir", "missing") + float(
            np.log2((one[place] + _FEW * odds) / (other[place] + _FEW) / odds)
        )
    return replace(model, weights={**model.weights, "nir": bits})


@cache
def _brought_together() -> Bools:
    """Tell of every pattern there can be whether such a pair shares a key besides the NIR (`blocks.keys`), nearly."""
    numbers = levels_of(np.arange(COUNT))

    def among(comparison: str, *levels: str) -> Bools:
        return np.isin(
            numbers[:, list(LEVELS).index(comparison)], [LEVELS[comparison].index(level) for level in levels]
        )

    places = [level for level in LEVELS["home"] if level.startswith(("equal_", "close_", "same_place_"))]
    addresses = [level for level in LEVELS["home"] if level.startswith("equal_")]
    lines = [level for level in LEVELS["home"] if level.endswith("_equal")]
    near_first = among("first", "equal", "very_close", "close", "part", "initial")
    near_name = among("name", "equal", "very_close", "close", "part", "turned")
    both = among("name", "equal") & among("first", "equal")
    return (
        (among("birth", "equal") & (among("first", "equal") | near_name | among("home", *places)))
        | (both & (among("birth", "turned", "one_off", "same_year") | among("home", *places)))
        | (near_first & among("home", *lines, *addresses))
    )


def vector(model: Model) -> Floats:
    """Return a model's weights in bits, one a level, the bias last."""
    return np.array([*(model.of(name, level) for name, levels in LEVELS.items() for level in levels), model.bias])


def named(weights: Floats) -> dict[str, dict[str, float]]:
    """Return weights, one a level, by comparison and level."""
    each = iter(weights.tolist())
    return {name: {level: next(each) for level in levels} for name, levels in LEVELS.items()}
