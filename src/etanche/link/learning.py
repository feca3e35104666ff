"""Weights put right for one case by what its NIRs tell, or learnt from labelled pairs.

Rules, in the order in which they apply:

1. Where both sides hold a NIR of their own, an equal one says that they are one person and another one that they are
   not, whatever else is alike: such pairs are labelled, and show what names, dates and homes are worth in this leak and
   this registry (a telephone that never changes, a town of one surname, ten million persons).
2. Logistic regression over the levels of the other comparisons, drawn to the model's own weights by a normal prior: few
   labels move little (maximum a posteriori, Newton's method).  The NIR's own weights stay.
3. The best person of a row is right more often than a pair of that weight among all pairs: how much more is learnt
   from the rows whose best person, the NIR put aside, a NIR confirms or denies.  That is added to the bias.
4. A pair that only its NIR brought together labels nothing: without a NIR nobody would have looked at it.
5. The same pairs give the same weights.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from etanche.link.compare import LEVELS
from etanche.link.patterns import COUNT, SHAPE, levels_of, without

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


def suited(model: Model, counts: Ints, row: Ints, code: Ints) -> Model:
    """Return a model put right for the case at hand; itself where NIRs label too few of its pairs.

    `counts` are of every pattern there can be; `row` and `code` are of the pairs that weigh anything.
    """
    numbers, total, yes = labelled(counts)
    if min(yes.sum(), (total - yes).sum()) < _LEAST:
        return model
    start = vector(model) * np.log(2)
    spread = np.full(len(start), SPREAD)
    spread[-1] = SPREAD_OF_BIAS
    spread[: SHAPE[0]] = 0
    weights = fitted(hot(numbers), total, yes, start, spread) / np.log(2)
    near = replace(model, bias=float(weights[-1]), weights=named(weights))
    return replace(near, bias=near.bias + _gain(near, row, code))


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


def _known(numbers: Ints) -> tuple[Bools, Bools]:
    """Tell of patterns whether their NIRs say that they are one person, and whether they say anything.

    An equal NIR on first names that clash says nothing: a child's row under a parent's number.
    """
    nir = numbers[:, _NIR]
    same: Bools = (nir == _EQUAL) & (numbers[:, list(LEVELS).index("first")] != LEVELS["first"].index("differs"))
    return same, same | (nir == _DIFFERS)


def _gain(model: Model, row: Ints, code: Ints) -> float:
    """Return by how many bits the best person of a row, the NIR put aside, is better than their weight says."""
    useful = np.flatnonzero(_brought_together()[code])
    row, code = row[useful], code[useful]
    weight = model.table()[without("nir")][code]
    order = np.lexsort((-weight, row))
    best = order[np.flatnonzero(np.diff(row[order], prepend=-1))]
    numbers = levels_of(code[best])
    same, known = _known(numbers)
    told = known & (np.abs(weight[best]) < _DOUBT)
    right = same[told].astype(np.float64)
    if min(right.sum(), (1 - right).sum()) < _LEAST:
        return 0.0
    features = np.stack([np.ones(len(right)), weight[best][told] * np.log(2)], 1)
    start, spread = np.array([0.0, 1.0]), np.array([SPREAD_OF_BIAS, 0.0])
    return float(fitted(features, np.ones(len(right)), right, start, spread)[0] / np.log(2))


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
