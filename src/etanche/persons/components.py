"""Join rows that share a key into persons: connected components of the graph rows - keys.

Rules, in the order in which they apply:

1. A key is a 64-bit hash; a row without it (null) is not joined by it.
2. Rows that share any key are the same person, and so on transitively.
3. A row without any key is a person of its own: nothing says that it is someone already counted.

Two different persons share a 64-bit hash with a probability of about n^2 / 2^65: 1e-7 for two million keys.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Labels = npt.NDArray[np.int64]


def join_by_keys(rows: int, keys: Sequence[tuple[npt.NDArray[np.int64], npt.NDArray[np.uint64]]]) -> Labels:
    """Return the person of each row as the number of its first row; shape (rows,).

    `keys` holds pairs of equal length: row numbers, and the key each of those rows has.  Keys of all pairs share one
    space, so that a birth name in one visit meets the same surname in another.
    """
    labels = np.arange(rows, dtype=np.int64)
    if not keys:
        return labels
    row = np.concatenate([pair[0] for pair in keys])
    _, key = np.unique(np.concatenate([pair[1] for pair in keys]), return_inverse=True)
    row, key = _shared_only(row, key)
    if not len(row):
        return labels
    _, key = np.unique(key, return_inverse=True)
    smallest = np.empty(int(key.max()) + 1, dtype=np.int64)
    while True:
        smallest.fill(rows)
        np.minimum.at(smallest, key, labels[row])
        new = labels.copy()
        np.minimum.at(new, row, smallest[key])
        new = _jump(new)
        if np.array_equal(new, labels):
            return labels
        labels = new


def _shared_only(row: Labels, key: npt.NDArray[np.intp]) -> tuple[Labels, npt.NDArray[np.intp]]:
    """Leave out keys that one row alone has: they join nothing."""
    shared = np.bincount(key)[key] > 1
    return row[shared], key[shared]


def _jump(labels: Labels) -> Labels:
    """Follow labels to their root: a label is a row number, and that row has a label too."""
    while True:
        further = labels[labels]
        if np.array_equal(further, labels):
            return labels
        labels = further
