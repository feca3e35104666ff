"""Pairs that weigh for or against being one person, made into persons.

Rules, in the order in which they apply:

1. Rows that a pair of `least` bits or more joins, directly or through others, may be one person; nobody else is.
2. Within such a group the two clusters that agree most are joined first, again and again (average linkage: the mean
   weight over all pairs of the two), as long as that mean is `least` or more.  One lucky pair does not join two
   persons of many rows each, as a mere chain of pairs would.
3. A weight counts `FOR` bits at most and `AGAINST` at most; a pair that nobody compared, since it shares no key, counts
   as `UNSEEN`.
4. No cluster ever holds two rows that are `CLASH` bits against being one (another first name and another birth date;
   another NIR of their own and another name).
5. A person is numbered by their first row.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    Ints = npt.NDArray[np.int64]
    Floats = npt.NDArray[np.float64]
    Bools = npt.NDArray[np.bool_]

FOR = 12.0
AGAINST = -4.0
"""Bits: a married woman who moved looks this much unlike herself, and the third row of hers says who she is."""
UNSEEN = -3.0
CLASH = -14.0


_Edge = tuple[float, int, float]
"""What is known between two clusters: the sum of the weights of the pairs compared, their number, the worst of them."""


def groups(count: int, one: Ints, other: Ints) -> Ints:
    """Return the first row of the group of each row, joined by pairs (arrays of one length); shape (count,)."""
    label = np.arange(count, dtype=np.int64)
    while True:
        before = label
        least = np.minimum(label[one], label[other])
        label = label.copy()
        # Roots are hooked too, so that a chain of n rows closes in log n rounds.
        for ends in (one, other, before[one], before[other]):
            np.minimum.at(label, ends, least)
        while not np.array_equal(label, further := label[label]):
            label = further
        if np.array_equal(label, before):
            return label


def clusters(count: int, one: Ints, other: Ints, weight: Floats, least: float) -> Ints:
    """Return the first row of each row's person; shape (count,).

    `one`, `other`, `weight` are of one length; a pair comes once, those under `least` too: they speak against.
    """
    joins = weight >= least
    label = groups(count, one[joins], other[joins])
    inside = (label[one] == label[other]) & _unsure(label, one[joins])[label[one]]
    if not inside.any():
        return label
    label = label.copy()
    rows = np.unique(np.concatenate([one[inside], other[inside]]))
    label[rows] = rows
    for into, gone in _joined(one[inside], other[inside], weight[inside], least):
        label[gone] = into
    # Each join names the clusters by one of their rows: follow them to the last.
    while not np.array_equal(label, further := label[label]):
        label = further
    first = np.full(count, count, np.int64)
    np.minimum.at(first, label, np.arange(count))
    return first[label]


def _unsure(label: Ints, joined: Ints) -> Bools:
    """Tell by label the groups of which not every pair joins: only those have to be looked into."""
    size = np.bincount(label, minlength=len(label))
    known = np.bincount(label[joined], minlength=len(label))
    unsure: Bools = known < size * (size - 1) // 2
    return unsure


def _joined(one: Ints, other: Ints, weight: Floats, least: float) -> Iterator[tuple[int, int]]:
    """Yield the clusters to join, best first: the one that stays and the one that goes, each by one of its rows."""
    near: dict[int, dict[int, _Edge]] = {}
    size: dict[int, int] = {}
    heap: list[tuple[float, int, int, int, int]] = []
    counted = np.clip(weight, AGAINST, FOR)
    for row, person, bits, raw in zip(one.tolist(), other.tolist(), counted.tolist(), weight.tolist(), strict=True):
        near.setdefault(row, {})[person] = near.setdefault(person, {})[row] = (bits, 1, raw)
        size[row] = size[person] = 1
        if bits >= least:
            heap.append((-bits, row, person, 1, 1))
    heapq.heapify(heap)
    while heap:
        _, into, gone, *sizes = heapq.heappop(heap)
        if [size.get(into), size.get(gone)] != sizes:
            continue
        if len(near[into]) < len(near[gone]):
            into, gone = gone, into
        yield into, gone
        edges = _merge(near, into, gone)
        size[into] += size.pop(gone)
        for third, (total, pairs, worst) in edges.items():
            all_pairs = size[into] * size[third]
            mean = (total + (all_pairs - pairs) * UNSEEN) / all_pairs
            if mean >= least and worst > CLASH:
                heapq.heappush(heap, (-mean, into, third, size[into], size[third]))


def _merge(near: dict[int, dict[int, _Edge]], into: int, gone: int) -> dict[int, _Edge]:
    """Hand the edges of one cluster to another, and return those that it has then."""
    edges, others = near[into], near.pop(gone)
    del edges[gone], others[into]
    for third, (total, pairs, worst) in others.items():
        known = edges.get(third)
        edges[third] = (
            (total, pairs, worst) if known is None else (total + known[0], pairs + known[1], min(worst, known[2]))
        )
        del near[third][gone]
    for third, edge in edges.items():
        near[third][into] = edge
    return edges
