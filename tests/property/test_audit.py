"""The audit of a list: its interval holds the truth as often as it says, over simulated audits.

Bands, sizes and shares of true links are those measured on a synthetic leak (link-2021), and harsher ones.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from etanche.link.audit import LABELS, LEAST, allocate, describe, draw, estimate, strata_of

SIZES = (174, 1_855, 7_616, 6_271, 269_148, 4_246, 259, 421)
WEIGHTS = (0.2, 2.0, 4.6, 8.0, 17.0, -5.0, -3.2, -1.7)
NOTIFY = (True,) * 5 + (False,) * 3
TRUE = (0.931, 0.984, 0.998, 0.999, 0.99997, 0.096, 0.355, 0.544)


def simulated(audits: int) -> tuple[float, float]:
    """Return the shares of audits whose intervals hold the true precision and the true recall."""
    chance = np.random.default_rng(1)
    strata = describe(np.repeat(WEIGHTS, SIZES), np.repeat(NOTIFY, SIZES))
    wanted = dict(zip(strata, allocate(list(strata.values())), strict=True))
    numbers = strata_of(np.array(WEIGHTS), np.array(NOTIFY)).tolist()
    holds = [0, 0]
    for audit in range(audits):
        true = [int(chance.binomial(size, share)) for size, share in zip(SIZES, TRUE, strict=True)]
        told = sum(count for count, notify in zip(true, NOTIFY, strict=True) if notify)
        truth = (told / sum(SIZES[:5]), told / sum(true))
        judged = [
            replace(
                strata[number],
                judged=wanted[number],
                true=int(chance.hypergeometric(count, size - count, wanted[number])),
            )
            for number, count, size in zip(numbers, true, SIZES, strict=True)
        ]
        found = estimate(judged, seed=audit)
        for place, (value, interval) in enumerate(zip(truth, (found.precision, found.recall), strict=True)):
            holds[place] += interval.low <= value <= interval.high
    return holds[0] / audits, holds[1] / audits


def test_the_interval_holds_the_truth_as_often_as_it_says() -> None:
    for share in simulated(500):
        assert 0.93 <= share <= 0.97


def test_four_hundred_labels_are_enough() -> None:
    strata = describe(np.repeat(WEIGHTS, SIZES), np.repeat(NOTIFY, SIZES))
    wanted = allocate(list(strata.values()))
    assert LABELS - len(strata) <= sum(wanted) <= LABELS
    judged = [
        replace(stratum, judged=count, true=round(count * stratum.implied))
        for stratum, count in zip(strata.values(), wanted, strict=True)
    ]
    found = estimate(judged)
    assert found.precision.high - found.precision.low < 0.005
    assert found.recall.high - found.recall.low < 0.005


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.floats(-5.5, 40), st.booleans()), min_size=1, max_size=900), st.integers(0, 9))
def test_a_draw_is_of_each_band_and_of_nobody_twice(people: list[tuple[float, bool]], seed: int) -> None:
    weight = np.array([each[0] for each in people])
    notify = np.array([each[1] for each in people])
    drawn = draw(weight, notify, seed=seed)
    assert len(set(drawn.tolist())) == len(drawn)
    numbers = strata_of(weight, notify)
    for number in np.unique(numbers):
        assert (numbers[drawn] == number).sum() >= min(LEAST, (numbers == number).sum())


@pytest.mark.parametrize("right", [0, 30])
def test_a_list_that_is_all_wrong_or_all_right_is_said_to_be(right: int) -> None:
    weight, notify = np.full(30, 2.0), np.ones(30, bool)
    [stratum] = describe(weight, notify).values()
    found = estimate([replace(stratum, judged=30, true=right)])
    assert found.precision.value == pytest.approx(right / 30)
