"""The measured error of a list: which pairs to judge blind, and what the judgements say of precision and recall.

Rules, in the order in which they apply:

1. Persons are put in bands of weight (`BANDS`, bits): most of the error hides in few of them, so each band is sampled
   by itself, more where the model doubts more (Neyman allocation), never less than `LEAST`.
2. A band's share of true links has a Beta posterior.  Its prior is worth one judgement: Jeffreys', and for bands in
   which hardly anything is wrong (or right) the model's own share, taken to be five times more wrong than it says
   (Splink's was measured seven times too sure), of those in review three times more often right.
3. Precision is the expected share of true links among those notified, weighted by the bands' sizes; recall, the true
   links notified among all true links of the bands, those in review included.  What no key brought together is not in
   any band, and is said apart.
4. The interval is that of draws from all bands together, 95 %.  Its coverage is shown over simulated audits
   (tests/property/test_audit.py).
5. What was judged is put right: of a settled list (`settled`), a link judged wrong is told no more and one in review
   judged right is told, but for those that may never be (`held`).
6. Judged pairs say how far the weights are too sure: log2 odds = slope x weight + shift, by logistic regression drawn
   towards 1 and 0.  Pairs are drawn by their weight alone, which leaves such a regression unbiased.

Sources: Neyman 1934 (allocation); Brown, Cai and DasGupta 2001 (intervals for a share, Beta posteriors); Cohen 1960
(kappa); Platt 1999 (recalibration).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]
    Bools = npt.NDArray[np.bool_]
    Ints = npt.NDArray[np.int64]

BANDS = (-4.0, -2.5, -0.6, 1.0, 3.0, 6.0, 10.0)
"""Edges in bits: eight bands, the lowest and the highest open."""
LABELS = 400
LEAST = 20
"""Pairs judged of a band, where it has as many."""
_TOO_SURE = 5.0
_FLOOR = 2e-4
"""Share of wrong links that no band is taken to be under before anybody looked."""
_RARE = 0.05
"""Share of true or of wrong links under which the judgements of a band will hardly meet any."""
_DRAWS = 20_000
_STEPS = 50
_LEAST_SLOPE = 0.1
"""A weight that says more is never worth less."""
_TAIL = 0.02
"""Share of draws left out on either side: with .025, the truth was inside in 93.4 % of simulated audits."""


@dataclass(frozen=True, slots=True)
class Stratum:
    """One band of one decision: how many persons, how sure the model is, how many were judged and found true."""

    notify: bool
    size: int
    implied: float
    """The model's mean probability."""
    judged: int = 0
    true: int = 0
    held: int = 0
    """Of the true ones, those that are never notified, whatever a person's eye says."""


@dataclass(frozen=True, slots=True)
class Interval:
    """An estimate and its 95 % interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Audit:
    """What judgements say of a list."""

    precision: Interval
    recall: Interval
    judged: int


def strata_of(weight: Floats, notify: Bools) -> Ints:
    """Return the stratum of each person: its band, those in review and those notified apart; shape (persons,)."""
    return np.digitize(weight, BANDS) + (len(BANDS) + 1) * notify.astype(np.int64)


def describe(weight: Floats, notify: Bools) -> dict[int, Stratum]:
    """Return the strata that hold anybody, by number."""
    numbers = strata_of(weight, notify)
    chance = 1 / (1 + 2.0**-weight)
    return {
        int(number): Stratum(bool(number > len(BANDS)), int(here.sum()), float(chance[here].mean()))
        for number in np.unique(numbers)
        for here in [numbers == number]
    }


def allocate(strata: Sequence[Stratum], labels: int = LABELS) -> list[int]:
    """Return how many of each stratum are to be judged: by size and doubt, `LEAST` at least if it has them."""
    wanted = np.array([min(stratum.size, LEAST) for stratum in strata], float)
    doubt = np.array([stratum.size * np.sqrt(_share(stratum) * (1 - _share(stratum))) for stratum in strata])
    sizes = np.array([stratum.size for stratum in strata], float)
    for _ in range(len(strata)):
        rest = labels - wanted.sum()
        room = (sizes > wanted) * doubt
        if rest < 1 or not room.any():
            break
        wanted = np.minimum(sizes, wanted + np.floor(rest * room / room.sum()))
    return [int(number) for number in wanted]


def draw(weight: Floats, notify: Bools, labels: int = LABELS, seed: int = 0) -> Ints:
    """Return the persons to be judged, in an order that tells nothing of their bands; shape (about `labels`,)."""
    chance = np.random.default_rng(seed)
    numbers, strata = strata_of(weight, notify), describe(weight, notify)
    chosen = [
        chance.choice(np.flatnonzero(numbers == number), count, replace=False)
        for number, count in zip(strata, allocate(list(strata.values()), labels), strict=True)
    ]
    return chance.permutation(np.concatenate(chosen)) if chosen else np.zeros(0, np.int64)


def estimate(strata: Sequence[Stratum], seed: int = 0, *, settled: bool = False) -> Audit:
    """Return precision and recall with their 95 % intervals.  At least one stratum must be notified.

    `settled`: of the list once what was judged is put right, instead of the list as it was linked.
    """
    chance = np.random.default_rng(seed)
    sizes = np.array([stratum.size for stratum in strata], float)
    notify = np.array([stratum.notify for stratum in strata])
    prior = np.array([_share(stratum) for stratum in strata])
    true = np.array([stratum.true for stratum in strata], float)
    judged = np.array([stratum.judged for stratum in strata], float)
    # Jeffreys' prior where a few judgements tell; the model's where they would have to be thousands.
    prior = np.where((prior > _RARE) & (prior < 1 - _RARE), 0.5, prior)
    draws = chance.beta(true + prior, judged - true + 1 - prior, (_DRAWS, len(strata)))
    # What was judged is known; only the others are drawn.
    right = true + (sizes - judged) * draws
    told, listed = right[:, notify].sum(1), sizes[notify].sum()
    if settled:
        held = np.array([stratum.held for stratum in strata], float)
        gained = (true - held)[~notify].sum() - held[notify].sum()
        told, listed = told + gained, listed + gained - (judged - true)[notify].sum()
    return Audit(
        _interval(told / max(listed, 1e-9)),
        _interval(told / np.maximum(right.sum(1), 1e-9)),
        int(judged.sum()),
    )


def kappa(one: Bools, other: Bools) -> float:
    """Return Cohen's kappa of two reviewers over the pairs that both judged; 1 where chance alone would agree."""
    if not len(one):
        return 1.0
    agreed = float((one == other).mean())
    chance = float(one.mean() * other.mean() + (1 - one.mean()) * (1 - other.mean()))
    return 1.0 if chance >= 1 else (agreed - chance) / (1 - chance)


def recalibrate(weight: Floats, true: Bools) -> tuple[float, float]:
    """Return slope and shift (bits) by which the weights of judged pairs become what they are worth (Platt 1999)."""
    features = np.stack([weight, np.ones(len(weight))], 1) * np.log(2)
    # A slope of 1 and no shift is what the model says: as strong a belief as a score of judgements can move.
    towards, belief = np.array([1.0, 0.0]), np.array([1 / 0.5**2, 1 / 3.0**2])
    found = towards.copy()
    for _ in range(_STEPS):
        chance = 1 / (1 + np.exp(-np.clip(features @ found, -60, 60)))
        slope = features.T @ (true - chance) - belief * (found - towards)
        curve = (features * (chance * (1 - chance))[:, None]).T @ features + np.diag(belief)
        found += np.clip(np.linalg.solve(curve, slope), -1, 1)
    return float(max(found[0], _LEAST_SLOPE)), float(found[1])


def _share(stratum: Stratum) -> float:
    """Return the share of true links that a stratum is taken to have before anybody looked."""
    if stratum.implied < 0.5:
        return float(np.clip(stratum.implied * 3, _FLOOR, 0.5))
    return float(1 - np.clip((1 - stratum.implied) * _TOO_SURE, _FLOOR, 0.5))


def _interval(draws: Floats) -> Interval:
    low, middle, high = np.quantile(draws, (_TAIL, 0.5, 1 - _TAIL))
    return Interval(float(middle), float(low), float(high))
