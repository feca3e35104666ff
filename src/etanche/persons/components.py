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


def shared_keys(facts: ir.Table) -> list[ir.Table]:
    """Return tables `row, first`: for each key (`k_…`) that several rows have, its later rows, each with the first.

    One table a space of keys (`keys.SPACES`): a birth name in one visit meets the same surname in another, and the
    engine holds the keys of one space at a time.
    """
    tables = []
    records = [(name,) for name in facts.columns if name.startswith(RECORD)]
    for space in (*SPACES, *records):
        names = [name for name in space if name in facts.columns]
        lists = [facts.select("row", key=facts[name]).filter(ibis._.key.notnull()) for name in names]
        if not lists:
            continue
        pairs = lists[0] if len(lists) == 1 else ibis.union(*lists)
        groups = pairs.group_by("key").aggregate(first=pairs.row.min(), last=pairs.row.max())
        several = groups.filter(groups["first"] < groups["last"]).select("key", "first")
        shared = pairs.inner_join(several, "key")
        tables.append(shared.filter(shared.row != shared["first"]).select("row", "first"))
    return tables


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
