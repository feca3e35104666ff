"""Join rows that share a key into persons: connected components of the graph rows - keys.

Rules, in the order in which they apply:

1. A key is a 64-bit hash; a row without it (null) is not joined by it.
2. Rows that share any key are the same person, and so on transitively.
3. A row without any key is a person of its own: nothing says that it is someone already counted.

Two different persons share a 64-bit hash with a probability of about n^2 / 2^65: 1e-7 for two million keys.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import ibis
import numpy as np
import numpy.typing as npt

from etanche.persons.keys import RECORD, SPACES

if TYPE_CHECKING:
    import ibis.expr.types as ir

Rows = npt.NDArray[np.int64]


def key_spaces(facts: ir.Table) -> list[ir.Table]:
    """Return tables `row, key`, one a space of keys (`keys.SPACES`, and `k_record…`): every key that a row has in it.

    A birth name in one visit meets the same surname in another, and keys of one space are held at a time.
    """
    tables = []
    records = [(name,) for name in facts.columns if name.startswith(RECORD)]
    for space in (*SPACES, *records):
        names = [name for name in space if name in facts.columns]
        lists = [facts.select("row", key=facts[name]).filter(ibis._.key.notnull()) for name in names]
        if lists:
            tables.append(lists[0] if len(lists) == 1 else ibis.union(*lists))
    return tables


def shared(rows: Rows, keys: npt.NDArray[np.uint64]) -> tuple[Rows, Rows]:
    """Return pairs, a row and another that has the same key, which join all rows of each key; shapes (pairs,).

    >>> shared(np.array([0, 1, 2]), np.array([7, 5, 7], dtype=np.uint64))[0].shape
    (1,)
    """
    # A database groups by hashes of these hashes; sorting them takes a third of the time.
    order = np.argsort(keys)
    ordered = keys[order]
    again = np.zeros(len(keys), np.bool_)
    np.equal(ordered[1:], ordered[:-1], out=again[1:])
    first = np.arange(len(keys))
    first[again] = 0
    np.maximum.accumulate(first, out=first)
    return rows[order[again]], rows[order[first[again]]]


def join_rows(rows: int, pairs: Sequence[tuple[Rows, Rows]]) -> Rows:
    """Return the person of each row as the number of its first row; shape (rows,).

    `pairs` are of equal length: a row, and another row of the same person.
    """
    labels = np.arange(rows, dtype=np.int64)
    if not pairs:
        return labels
    one = np.concatenate([pair[0] for pair in pairs])
    other = np.concatenate([pair[1] for pair in pairs])
    while True:
        smallest = np.minimum(labels[one], labels[other])
        new = labels.copy()
        np.minimum.at(new, one, smallest)
        np.minimum.at(new, other, smallest)
        # Hooking the roots too lets a chain of n rows close in log n rounds instead of n.
        np.minimum.at(new, labels[one], smallest)
        np.minimum.at(new, labels[other], smallest)
        new = _jump(new)
        if np.array_equal(new, labels):
            return labels
        labels = new


def _jump(labels: Rows) -> Rows:
    """Follow labels to their root: a label is a row number, and that row has a label too."""
    while True:
        further = labels[labels]
        if np.array_equal(further, labels):
            return labels
        labels = further
