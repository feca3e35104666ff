"""Rows that share a key are one person: the vectorised join against plain union-find."""

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from etanche.engines import Engine
from etanche.persons import join_rows, key_spaces, label_rows, shared


def union_find(rows, pairs):
    parent = list(range(rows))

    def root(row):
        while parent[row] != row:
            row = parent[row]
        return row

    for left, right in pairs:
        one, other = sorted((root(left), root(right)))
        parent[other] = one
    return [root(row) for row in range(rows)]


@given(
    st.integers(1, 40).flatmap(
        lambda rows: st.tuples(
            st.just(rows), st.lists(st.tuples(st.integers(0, rows - 1), st.integers(0, rows - 1)), max_size=60)
        )
    )
)
def test_joins_as_union_find_does(case):
    rows, pairs = case
    arrays = [np.array([pair[side] for pair in pairs], dtype=np.int64) for side in (0, 1)]
    assert join_rows(rows, [(arrays[0], arrays[1])]).tolist() == union_find(rows, pairs)


def test_a_row_that_nothing_joins_is_a_person_of_its_own():
    assert join_rows(4, [(np.array([2]), np.array([0]))]).tolist() == [0, 1, 0, 3]
    assert join_rows(3, []).tolist() == [0, 1, 2]


def test_a_long_chain_is_one_person():
    rows = 5_000
    chain = np.random.default_rng(1).permutation(rows)
    assert set(join_rows(rows, [(chain[:-1], chain[1:])]).tolist()) == {0}


@given(st.lists(st.integers(0, 12), max_size=60))
def test_shared_keys_join_their_rows_and_no_others(keys):
    rows = np.arange(len(keys), dtype=np.int64)
    pairs = shared(rows, np.array(keys, dtype=np.uint64))
    labels = join_rows(len(keys), [pairs]).tolist()
    assert labels == [keys.index(key) for key in keys]
    assert len(pairs[0]) == len(keys) - len(set(keys))


def test_keys_of_all_columns_share_one_space():
    facts = pa.table(
        {"row": [0, 1, 2, 3, 4], "k_name": [7, None, 9, 9, None], "k_birth_name": [None, 7, None, None, 5]}
    )
    with Engine() as engine:
        tables = [engine.fetch(space) for space in key_spaces(engine.put("facts", facts))]
    pairs = [shared(table["row"].to_numpy(), table["key"].to_numpy()) for table in tables]
    assert {
        frozenset((int(row), int(other))) for rows, others in pairs for row, other in zip(rows, others, strict=True)
    } == {
        frozenset((0, 1)),
        frozenset((2, 3)),
    }


def test_no_key_no_pair():
    with Engine() as engine:
        assert key_spaces(engine.put("facts", pa.table({"row": [0, 1], "flags": [1, 2]}))) == []
    none = shared(np.array([], dtype=np.int64), np.array([], dtype=np.uint64))
    assert [len(side) for side in none] == [0, 0]


def given_table(starts, given, names):
    """Return the columns of keys of rows as `label_rows` takes them, one space after the other."""
    return [
        pa.table({"k_start": pa.array(starts, pa.uint64())}),
        pa.table({"k_name": pa.array(names, pa.uint64())}),
        pa.table({"k_given": pa.array(given, pa.uint64()), "k_undecided": pa.nulls(len(given), pa.uint64())}),
    ]


@given(st.integers(1, 12), st.integers(1, 3), st.integers(0, 5), st.randoms(use_true_random=False))
def test_a_number_of_many_who_are_told_apart_joins_nobody(persons, rows, unborn, chance):
    """So many persons, each of some rows, under one NIR and first name; and rows that say no birth date."""
    whose = [number for number in range(persons) for _ in range(rows)] + [None] * unborn
    chance.shuffle(whose)
    keys = [None if one is None else 100 + one for one in whose]
    labels = label_rows(len(whose), given_table([None] * len(whose), [7] * len(whose), keys)).tolist()
    if persons <= 4:
        assert set(labels) == {0}
    else:
        assert len(set(labels)) == persons + unborn
        assert all(
            (labels[i] == labels[j]) == (keys[i] == keys[j]) for i in range(len(keys)) if keys[i] for j in range(i)
        )
