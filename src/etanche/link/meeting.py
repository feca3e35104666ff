"""Which rows meet which persons: the keys of both sides as arrays, and the pairs that share one.

Rules, in the order in which they apply:

1. Most keys of a registry are nobody's in the leak: a table of a few bits of each key of the leak tells that for next
   to nothing, and only what is left on either side is joined.
2. A key that stands more than `CROWD` times among the persons of a lot is left out.
3. A pair found by several keys comes once; pairs come in order, by row, then by person.
4. Pairs are compared in slices, so that memory holds the texts of a few slices and never those of all pairs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cached_property, partial
from itertools import accumulate
from typing import TYPE_CHECKING, Protocol

import numpy as np
import pyarrow as pa

from etanche.link.blocks import CROWD, key_columns, key_names
from etanche.link.compare import LEVELS, levels
from etanche.link.patterns import distinct
from etanche.link.sides import FIELDS

if TYPE_CHECKING:
    import ibis.expr.types as ir
    import numpy.typing as npt

    Hashes = npt.NDArray[np.uint64]
    Ints = npt.NDArray[np.int64]
    Bools = npt.NDArray[np.bool_]

_BITS = 25
"""Bits of a key by which it is looked up: four million keys fill an eighth of the table."""
_SHIFT = np.uint64(64 - _BITS)
_SLICE = 1 << 16
"""Pairs whose texts are held at once, by each thread."""
_THREADS = 2
_HALF = 32
"""Bits of a row's number, and of a person's: the number of a pair is both."""


class Runner(Protocol):
    """Runs expressions (an engine)."""

    def put(self, name: str, data: pa.Table, /) -> ir.Table:
        """Keep a table."""

    def fetch(self, expression: ir.Table, /) -> pa.Table:
        """Run an expression and return its rows."""

    def each(self, pieces: Iterable[Callable[[], pa.Table]], project: Callable[[ir.Table], ir.Table], /) -> pa.Table:
        """Run an expression over tables of one shape, side by side, and return all results in their order."""


@dataclass(frozen=True)
class Side:
    """The rows of a leak, or the persons of a registry, ready to meet the other side."""

    row: Ints
    """The number of each."""
    texts: pa.Table = field(repr=False)
    """What is compared of each (`FIELDS`)."""
    keys: tuple[tuple[Hashes, ...], ...] = field(repr=False)
    """Stretch by stretch, each key of each; 0 where one has none."""

    @cached_property
    def known(self) -> Bools:
        """Which keys may be there at all, by their first bits."""
        return _known(key for stretch in self.keys for key in stretch)


def ready(engine: Runner, side: ir.Table, *, registry: bool) -> Side:
    """Return a side as arrays: what `sides.side` makes, with `row`, and its keys where it has them (`key_columns`)."""
    names = key_names(registry=registry)
    if not set(names) <= set(side.columns):
        side = key_columns(side, registry=registry)
    table = engine.fetch(side.select("row", *FIELDS, *names))
    stretches = table.select(names).to_batches()
    keys = tuple(tuple(column.to_numpy() for column in stretch.columns) for stretch in stretches)
    # A table without rows has no stretch.
    keys = keys or ((np.zeros(0, np.uint64),) * len(names),)
    return Side(table["row"].to_numpy(), table.select(list(FIELDS)), keys)


def pairs(rows: Side, persons: Side) -> tuple[Ints, Ints]:
    """Return the pairs to compare: the places of row and person on their sides."""
    person, key = _found(persons.keys, rows.known)
    ordered = np.sort(key)
    # A key that stands as many places further on is that of a crowd.
    crowded = distinct(ordered[CROWD:][ordered[CROWD:] == ordered[:-CROWD]])
    if len(crowded):
        lone = ~np.isin(key, crowded)
        person, key = person[lone], key[lone]
    row, own = _found(rows.keys, _known([key]))
    # Even keys meet even ones: each thread takes some.
    with ThreadPoolExecutor(_THREADS, thread_name_prefix="join") as workers:
        shares = [(_share(own, rest), _share(key, rest)) for rest in range(_THREADS)]
        found = list(workers.map(lambda share: _numbers(row, own, person, key, *share), shares))
    number = distinct(np.concatenate(found))
    return number >> _HALF, number & ((1 << _HALF) - 1)


def _share(keys: Hashes, rest: int) -> Ints:
    """Return the places of the keys that are one thread's, by their last bit."""
    return np.flatnonzero(keys & np.uint64(1) == rest)


def _numbers(row: Ints, own: Hashes, person: Ints, key: Hashes, mine: Ints, others: Ints) -> Ints:
    """Return the numbers of the pairs that meet among some keys of either side."""
    one, other = _joined(own[mine], key[others])
    return row[mine[one]] << _HALF | person[others[other]]


def alike(engine: Runner, rows: Side, persons: Side, row: Ints, person: Ints) -> pa.Table:
    """Return pairs, given as places, with the level of each comparison: `row, person` (numbers), `l_<comparison>`."""

    def piece(start: int) -> Callable[[], pa.Table]:
        def taken() -> pa.Table:
            here = slice(start, start + _SLICE)
            mine, others = rows.texts.take(pa.array(row[here])), persons.texts.take(pa.array(person[here]))
            return pa.table([*mine.columns, *others.columns], [*FIELDS, *(f"r_{name}" for name in FIELDS)])

        return taken

    def project(pairs: ir.Table) -> ir.Table:
        return levels(pairs).select(*(f"l_{name}" for name in LEVELS))

    found = engine.each((piece(start) for start in range(0, max(len(row), 1), _SLICE)), project)
    numbers = [pa.array(rows.row[row]), pa.array(persons.row[person])]
    return pa.table([*numbers, *found.columns], ["row", "person", *found.column_names])


def _known(keys: Iterable[Hashes]) -> Bools:
    """Tell of each value of the first bits of a key whether any of these begins with it."""
    known = np.zeros(1 << _BITS, np.bool_)

    def mark(key: Hashes) -> None:
        known[key[key != 0] >> _SHIFT] = True

    with ThreadPoolExecutor(_THREADS, thread_name_prefix="know") as workers:
        list(workers.map(mark, keys))
    return known


def _found(stretches: Sequence[tuple[Hashes, ...]], known: Bools) -> tuple[Ints, Hashes]:
    """Return the keys that may be known, each with its place on its side."""
    starts = accumulate((len(keys[0]) for keys in stretches), initial=0)
    with ThreadPoolExecutor(_THREADS, thread_name_prefix="meet") as workers:
        found = list(workers.map(partial(_found_here, known), stretches, starts))
    return np.concatenate([each[0] for each in found]), np.concatenate([each[1] for each in found])


def _found_here(known: Bools, keys: tuple[Hashes, ...], start: int) -> tuple[Ints, Hashes]:
    """Return the same of one stretch, whose first place is `start`."""
    found = [(key, np.flatnonzero(known[key >> _SHIFT])) for key in keys]
    held = [(key, places[key[places] != 0]) for key, places in found]
    return (
        np.concatenate([places for _, places in held]) + start,
        np.concatenate([key[places] for key, places in held]),
    )


def _joined(one: Hashes, other: Hashes) -> tuple[Ints, Ints]:
    """Return the places of every two keys that are equal."""
    by_one, by_other = np.argsort(one), np.argsort(other)
    ordered, theirs = one[by_one], other[by_other]
    first = np.searchsorted(theirs, ordered)
    first[first == len(theirs)] = 0
    # Where each run of equal keys ends.
    ends = np.append(np.flatnonzero(np.diff(theirs)) + 1, len(theirs))
    runs = np.repeat(ends, np.diff(ends, prepend=0))
    meets = theirs[first] == ordered if len(theirs) else np.zeros(len(one), np.bool_)
    by_one, first = by_one[meets], first[meets]
    many = runs[first] - first
    before = np.cumsum(many) - many
    return np.repeat(by_one, many), by_other[np.repeat(first - before, many) + np.arange(many.sum())]
