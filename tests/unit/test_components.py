"""Rows that share a key are one person: the vectorised join against plain union-find."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from etanche.persons import join_by_keys


def union_find(rows, pairs):
    parent = list(range(rows))

    def root(row):
        while parent[row] != row:
            row = parent[row]
        return row

    first = {}
    for row, key in pairs:
        if key in first:
            one, other = sorted((root(row), root(first[key])))
            parent[other] = one
        else:
            first[key] = row
    return [root(row) for row in range(rows)]


@given(
    st.integers(1, 40).flatmap(
        lambda rows: st.tuples(
            st.just(rows),
            st.lists(st.lists(st.tuples(st.integers(0, rows - 1), st.integers(0, 2**64 - 1) | st.integers(0, 9)))),
        )
    )
)
def test_joins_as_union_find_does(case):
    rows, keys = case
    arrays = [
        (np.array([row for row, _ in pairs], dtype=np.int64), np.array([key for _, key in pairs], dtype=np.uint64))
        for pairs in keys
    ]
    expected = union_find(rows, [pair for pairs in keys for pair in pairs])
    assert join_by_keys(rows, arrays).tolist() == expected


def test_a_row_without_a_key_is_a_person_of_its_own():
    keys = [(np.array([0, 2]), np.array([7, 7], dtype=np.uint64))]
    assert join_by_keys(4, keys).tolist() == [0, 1, 0, 3]


def test_a_long_chain_is_one_person():
    rows = 5_000
    left = (np.arange(rows), np.arange(rows, dtype=np.uint64))
    right = (np.arange(rows - 1), np.arange(1, rows, dtype=np.uint64))
    assert set(join_by_keys(rows, [left, right]).tolist()) == {0}
