"""Clusters of weighed pairs: the heap against a slow, plain reading, and what holds whatever the weights."""

from __future__ import annotations

from itertools import combinations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from etanche.link.within_clusters import AGAINST, CLASH, FOR, UNSEEN, clusters, groups

ROWS = 7
PAIRS = list(combinations(range(ROWS), 2))
# A weight is its own power of two apart from the others', and none is cut to `FOR`: no two means are equal.
WEIGHTS = st.lists(
    st.none() | st.sampled_from([-30.0, -3.9, -2.0, -1.0, 0.5, 1.0, 3.0, 8.0, 11.0]),
    min_size=len(PAIRS),
    max_size=len(PAIRS),
).map(
    lambda found: {
        pair: weight + 2.0**-place / 100
        for place, (pair, weight) in enumerate(zip(PAIRS, found, strict=True))
        if weight is not None
    }
)


def made(weights, least):
    pairs = list(weights)
    one, other = (np.array([pair[side] for pair in pairs], np.int64) for side in (0, 1))
    return clusters(ROWS, one, other, np.array(list(weights.values())), least).tolist()


def plainly(weights, least):
    """Return clusters as the rules tell them, every mean computed anew."""
    whole = [{row} for row in range(ROWS)]

    def known(one, other):
        return [weights.get((min(a, b), max(a, b))) for a in one for b in other]

    def mean(one, other):
        found = known(one, other)
        if any(weight is not None and weight <= CLASH for weight in found) or not any(found):
            return -np.inf
        return np.mean([UNSEEN if weight is None else min(max(weight, AGAINST), FOR) for weight in found])

    while True:
        best = max(combinations(whole, 2), key=lambda both: mean(*both), default=None)
        if best is None or mean(*best) < least:
            return [min(next(each for each in whole if row in each)) for row in range(ROWS)]
        whole = [each for each in whole if each not in best] + [best[0] | best[1]]


@settings(max_examples=300, deadline=None)
@given(weights=WEIGHTS, least=st.sampled_from([-2.0, 0.0]))
def test_clusters_are_what_the_plain_reading_makes(weights, least):
    assert made(weights, least) == plainly(weights, least)


@settings(max_examples=300, deadline=None)
@given(weights=WEIGHTS, least=st.sampled_from([-2.0, 0.0]))
def test_a_cluster_is_of_one_group_has_no_clash_and_the_number_of_its_first_row(weights, least):
    label = made(weights, least)
    joins = [pair for pair, weight in weights.items() if weight >= least]
    one, other = (np.array([pair[side] for pair in joins], np.int64) for side in (0, 1))
    group = groups(ROWS, one, other).tolist()
    for (row, mate), weight in weights.items():
        if label[row] == label[mate]:
            assert group[row] == group[mate]
            assert weight > CLASH
    assert all(label.index(person) == person for person in label)


@settings(max_examples=100, deadline=None)
@given(pairs=st.lists(st.tuples(st.integers(0, 19), st.integers(0, 19)), max_size=30))
def test_groups_are_what_pairs_reach(pairs):
    one, other = (np.array([pair[side] for pair in pairs], np.int64) for side in (0, 1))
    label = groups(20, one, other).tolist()
    reach = {row: {row} for row in range(20)}
    for _ in range(20):
        for row, mate in pairs:
            both = reach[row] | reach[mate]
            reach.update(dict.fromkeys(both, both))
    assert label == [min(reach[row]) for row in range(20)]
