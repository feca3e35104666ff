"""Join rows that share a key into persons: connected components of the graph rows - keys.

Rules, in the order in which they apply:

1. A key is a 64-bit hash; a row without it (null) is not joined by it.
2. Rows that share any key are the same person, and so on transitively.
3. A NIR and a first name join nobody where more than `_FEW` persons with a birth date, told apart by every other key,
   have them: the number stands where none is known.
4. A row without any key is a person of its own: nothing says that it is someone already counted.

Two different persons share a 64-bit hash with a probability of about n^2 / 2^65: 1e-7 for two million keys.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import ibis
import numpy as np
import numpy.typing as npt

from etanche.persons.keys import RECORD, SPACES

if TYPE_CHECKING:
    import ibis.expr.types as ir
    import pyarrow as pa

_FEW = 4
"""Persons of one NIR and first name, apart by a mistyped date or a name that changed."""
Rows = npt.NDArray[np.int64]


def spaces(columns: Sequence[str]) -> list[list[str]]:
    """Return the columns of keys among those of the facts, by space (`keys.SPACES`, and `k_record…`).

    Keys of one space can meet: a birth name in one visit is the surname of another.
    """
    records = [(name,) for name in columns if name.startswith(RECORD)]
    held = [[name for name in space if name in columns] for space in (*SPACES, *records)]
    return [space for space in held if space]


def key_spaces(facts: ir.Table) -> list[ir.Table]:
    """Return tables `row, key`, one a space of keys: every key that a row has in it."""
    tables = []
    for names in spaces(facts.columns):
        lists = [facts.select("row", key=facts[name]).filter(ibis._.key.notnull()) for name in names]
        tables.append(lists[0] if len(lists) == 1 else ibis.union(*lists))
    return tables


def label_rows(rows: int, keys: Iterable[pa.Table]) -> Rows:
    """Return the person of each row as the number of its first row; shape (rows,).

    `keys` are the columns of keys of each space, a line a row in the order of the rows, null where it has none.
    """
    labels = np.arange(rows, dtype=np.int64)
    born = np.zeros(rows, np.bool_)
    for space in keys:
        one, other, key = _grouped(*_filled(space))
        if "k_given" in space.column_names:
            meant = _meant(one, other, key, labels, born)
            one, other = one[meant], other[meant]
        elif "k_name" in space.column_names:
            born |= space["k_name"].is_valid().to_numpy()
        labels = _joined(labels, one, other)
    return labels


def _meant(one: Rows, other: Rows, key: Rows, labels: Rows, born: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Tell of each pair whether its key joins but few persons (rule 3)."""
    several = np.zeros(int(key.max(initial=0)) + 1, np.bool_)
    several[key[labels[one] != labels[other]]] = True
    asked = np.flatnonzero(several[key])
    whose, row = np.tile(key[asked], 2), np.concatenate([one[asked], other[asked]])
    told = np.unique(whose[born[row]] * len(labels) + labels[row[born[row]]]) // len(labels)
    many, persons = np.unique(told, return_counts=True)
    placeholder = np.zeros_like(several)
    placeholder[many[persons > _FEW]] = True
    return ~placeholder[key]


def _filled(space: pa.Table) -> tuple[Rows, npt.NDArray[np.uint64]]:
    """Return the rows that have a key, and the key; a row stands there once for each that it has."""
    rows = [np.flatnonzero(column.is_valid().to_numpy()) for column in space.columns]
    keys = [column.drop_null().to_numpy() for column in space.columns]
    return (rows[0], keys[0]) if len(keys) == 1 else (np.concatenate(rows), np.concatenate(keys))


def shared(rows: Rows, keys: npt.NDArray[np.uint64]) -> tuple[Rows, Rows]:
    """Return pairs, a row and another that has the same key, which join all rows of each key; shapes (pairs,).

    >>> shared(np.array([0, 1, 2]), np.array([7, 5, 7], dtype=np.uint64))[0].shape
    (1,)
    """
    return _grouped(rows, keys)[:2]


def _grouped(rows: Rows, keys: npt.NDArray[np.uint64]) -> tuple[Rows, Rows, Rows]:
    """Return the pairs of `shared`, and a number of the key that each has."""
    # A database groups by hashes of these hashes; sorting them takes a third of the time.
    order = np.argsort(keys)
    ordered = keys[order]
    again = np.zeros(len(keys), np.bool_)
    np.equal(ordered[1:], ordered[:-1], out=again[1:])
    first = np.arange(len(keys))
    first[again] = 0
    np.maximum.accumulate(first, out=first)
    return rows[order[again]], rows[order[first[again]]], first[again]


def join_rows(rows: int, pairs: Iterable[tuple[Rows, Rows]]) -> Rows:
    """Return the person of each row as the number of its first row; shape (rows,).

    `pairs` are of equal length: a row, and another row of the same person.
    """
    labels = np.arange(rows, dtype=np.int64)
    for one, other in pairs:
        labels = _joined(labels, one, other)
    return labels


def _joined(labels: Rows, one: Rows, other: Rows) -> Rows:
    """Return the labels once the rows of each pair have the same one; every label is the first row of its person."""
    while True:
        mine, theirs = labels[one], labels[other]
        apart = np.flatnonzero(mine != theirs)
        if not len(apart):
            return labels
        # Most pairs say again what a key before them said: only the others are looked at once more.
        one, other, mine, theirs = one[apart], other[apart], mine[apart], theirs[apart]
        np.minimum.at(labels, np.maximum(mine, theirs), np.minimum(mine, theirs))
        labels = _jump(labels)


def _jump(labels: Rows) -> Rows:
    """Follow labels to their root: a label is a row number, and that row has a label too."""
    while True:
        further = labels[labels]
        if np.array_equal(further, labels):
            return labels
        labels = further
