"""The audit of a list: its interval holds the truth as often as it says, over simulated audits.

Bands, sizes and shares of true links are those measured on a synthetic leak (link-2021), and harsher ones.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from etanche.link.audit import LABELS, LEAST, allocate, describe, draw, estimate, kappa, recalibrate, strata_of

SIZES = (174, 1_855, 7_616, 6_271, 269_148, 4_246, 259, 421)
WEIGHTS = (0.2, 2.0, 4.6, 8.0, 17.0, -5.0, -3.2, -1.7)
NOTIFY = (True,) * 5 + (False,) * 3
TRUE = (0.931, 0.984, 0.998, 0.999, 0.99997, 0.096, 0.355, 0.544)


def simulated(audits: int, *, settled: bool) -> tuple[float, float]:
    """Return the shares of audits whose intervals hold the true precision and the true recall.

    `settled`: of the list put right by what the audit judged, all of the review pile included.
    """
    chance = np.random.default_rng(1)
    strata = describe(np.repeat(WEIGHTS, SIZES), np.repeat(NOTIFY, SIZES))
    wanted = dict(zip(strata, allocate(list(strata.values())), strict=True))
    numbers = strata_of(np.array(WEIGHTS), np.array(NOTIFY)).tolist()
    holds = [0, 0]
    for audit in range(audits):
        true = [int(chance.binomial(size, share)) for size, share in zip(SIZES, TRUE, strict=True)]
        told = sum(count for count, notify in zip(true, NOTIFY, strict=True) if notify)
        judged = [
            replace(
                strata[number],
                judged=(asked := size if settled and not notify else wanted[number]),
                true=int(chance.hypergeometric(count, size - count, asked)),
            )
            for number, count, size, notify in zip(numbers, true, SIZES, NOTIFY, strict=True)
        ]
        truth = (told / sum(SIZES[:5]), told / sum(true))
        if settled:
            gained = sum(stratum.true for stratum in judged if not stratum.notify)
            wrong = sum(stratum.judged - stratum.true for stratum in judged if stratum.notify)
            truth = ((told + gained) / (sum(SIZES[:5]) + gained - wrong), (told + gained) / sum(true))
        found = estimate(judged, seed=audit, settled=settled)
        for place, (value, interval) in enumerate(zip(truth, (found.precision, found.recall), strict=True)):
            holds[place] += interval.low <= value <= interval.high
    return holds[0] / audits, holds[1] / audits


def test_the_interval_holds_the_truth_as_often_as_it_says() -> None:
    for share in simulated(500, settled=False):
        assert 0.93 <= share <= 0.97


def test_the_interval_of_a_settled_list_holds_the_truth_too() -> None:
    precision, recall = simulated(500, settled=True)
    assert precision >= 0.93
    # The whole pile was judged: nothing of it is drawn, and the recall is known.
    assert recall == 1.0


def test_two_reviewers_agree_by_more_than_chance_or_not() -> None:
    one = np.array([True] * 20 + [False] * 15 + [True] * 5 + [False] * 10)
    other = np.array([True] * 20 + [False] * 15 + [False] * 5 + [True] * 10)
    assert kappa(one, other) == pytest.approx(0.4)  # Cohen's own layout: agreed .7, by chance .5
    assert kappa(one, one) == 1.0
    assert kappa(one[:20], one[:20]) == 1.0
    assert kappa(one, ~one) < 0


@pytest.mark.parametrize(("slope", "shift"), [(1.0, 0.0), (0.6, 1.5), (1.4, -2.0)])
def test_judged_pairs_say_how_much_too_sure_the_weights_are(slope: float, shift: float) -> None:
    chance = np.random.default_rng(3)
    weight = chance.uniform(-5.5, 12, 4_000)
    true = chance.random(4_000) < 1 / (1 + 2.0 ** -(slope * weight + shift))
    found = recalibrate(weight, true)
    assert found == pytest.approx((slope, shift), abs=0.25)


def test_few_judgements_move_the_weights_little_and_a_sure_one_never_turns_them() -> None:
    assert recalibrate(np.zeros(0), np.zeros(0, bool)) == pytest.approx((1.0, 0.0))
    assert recalibrate(np.array([3.0]), np.array([False]))[0] > 0
    slope, shift = recalibrate(np.array([20.0] * 300 + [-5.0] * 100), np.array([True] * 300 + [False] * 100))
    assert slope > 0.9
    assert abs(shift) < 6


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
