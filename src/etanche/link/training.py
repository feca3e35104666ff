"""A model learnt from a whole case, without anybody's labels: what each level is worth there, and how that is known.

Rules, in the order in which they apply:

1. What a NIR says is said: pairs of an equal NIR of both sides' own are one person, pairs of two NIRs are not
   (`learning`).
2. Of the other pairs, the chance that they are one person is what the model says once it is suited to the case: it was
   measured right within a fifth.  (Chances by expectation and maximisation over independent comparisons were tried: too
   sure, and a third more wrong links.)
3. The weights are fitted together, by logistic regression on those chances, since comparisons of one household are not
   independent, and drawn to the model that was there before.  The shares of levels among pairs that are one person
   (`m`) and among the others (`u`; Fellegi and Sunter 1969) describe, and are what the chart shows.
4. Each pair comes a second time without its NIR, so that what has none is weighed soundly.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from etanche.link.compare import LEVELS
from etanche.link.learning import SPREAD_OF_BIAS, fitted, hot, labelled, named, vector
from etanche.link.patterns import levels_of, without

if TYPE_CHECKING:
    from etanche.link.model import Model
    from etanche.link.patterns import Floats, Ints

_SPREAD = 2.0
"""Natural logarithms: how far a weight learnt from a whole case may well be from the model's."""
_LEVEL = 0.5
"""Pairs that every level is taken to have been seen in, of either kind."""


@dataclass(frozen=True, slots=True)
class Trained:
    """A model and what it was learnt from."""

    model: Model
    one_person: dict[str, dict[str, float]]
    """`m`: shares of levels among pairs that are one person."""
    others: dict[str, dict[str, float]]
    """`u`: shares of levels among pairs that are not."""
    pairs: int
    labelled: int
    share: float
    """Share of all pairs that are one person."""


def train(suited: Model, counts: Ints, version: str) -> Trained | None:
    """Return a model learnt from the pairs of a case, by pattern; None where its NIRs label none of either kind.

    `suited` is the model that was suited to the case.
    """
    _, total, yes = labelled(counts)
    if min(yes.sum(), (total - yes).sum()) < 1:
        return None
    seen = np.flatnonzero(counts)
    numbers, many = levels_of(seen), counts[seen].astype(np.float64)
    chance = _chances(numbers, suited.table()[seen])
    features = hot(numbers)[:, :-1]
    m, u = _shares(features, many * chance), _shares(features, many * (1 - chance))
    bare = hot(levels_of(without("nir")[seen]))
    start = vector(suited) * np.log(2)
    spread = np.full(len(start), _SPREAD)
    spread[-1] = SPREAD_OF_BIAS
    twice = np.concatenate([many, many])
    weights = fitted(np.concatenate([hot(numbers), bare]), twice, twice * np.tile(chance, 2), start, spread) / np.log(2)
    learnt = replace(suited, version=version, bias=float(weights[-1]), weights=named(weights))
    share = float((many * chance).sum() / many.sum())
    return Trained(learnt, named(m), named(u), int(many.sum()), int(total.sum()), share)


def _chances(numbers: Ints, weight: Floats) -> Floats:
    """Return the chance that the pairs of each pattern are one person."""
    nir, first = (numbers[:, list(LEVELS).index(name)] for name in ("nir", "first"))
    equal = (nir == LEVELS["nir"].index("equal")) & (first != LEVELS["first"].index("differs"))
    chance = 1 / (1 + np.exp2(-np.clip(weight, -500, 500)))
    return np.where(equal, 1.0, np.where(nir == LEVELS["nir"].index("differs"), 0.0, chance))


def _shares(features: Floats, many: Floats) -> Floats:
    """Return the share of each level among pairs, within its comparison; what is missing is left out."""
    sums = features.T @ many + _LEVEL
    at = 0
    for levels in LEVELS.values():
        present = np.array([not level.startswith("missing") for level in levels])
        own = sums[at : at + len(levels)]
        # A level that tells nothing has the same share of either kind.
        sums[at : at + len(levels)] = np.where(present, own / own[present].sum(), 1.0)
        at += len(levels)
    return sums
