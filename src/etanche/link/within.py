"""The persons of one table: the rows of a leak compared with one another, by the weights that are shipped.

Rules, in the order in which they apply:

1. Rows are made alike by `sides`; two of them are compared where they share a key that no more than `CROWD` rows do.
2. The comparisons and their weights are those of a row and a registry person (decision 0050): on a registry the model
   has learned what a typing error, a marriage, a move and a twin look like.
3. Rows that may be one person through others are compared with one another too, key or no key, so that nobody is
   joined to someone they contradict; how persons follow from weights is told in `within_clusters`.
4. A pair joins from `SAME` bits on, but never one whose first names clash while no NIR of both rows' own says that they
   are one: twins share all else, two digits of their NIRs apart.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Protocol

import ibis
import numpy as np
import pyarrow as pa

from etanche.identifiers._hash import hash64_of
from etanche.link.blocks import joined
from etanche.link.compare import LEVELS, levels
from etanche.link.model import Model, shipped
from etanche.link.patterns import codes, vetoed
from etanche.link.within_clusters import AGAINST, clusters, groups

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from etanche.link.within_clusters import Floats, Ints

CROWD = 60
"""Rows that may share a key."""
SAME = -2.0
"""Bits: a pair of rows under which nobody is joined."""
_TOGETHER = 300
"""Rows of a group that are all compared with one another; greater ones only where they share a key."""

Weighed = tuple["Ints", "Ints", "Floats"]
"""Pairs and their weights: two rows, bits."""


class Runner(Protocol):
    """Runs expressions (an engine)."""

    def keep(self, name: str, expression: ir.Table, /) -> ir.Table:
        """Run an expression once and keep its result."""

    def put(self, name: str, data: pa.Table, /) -> ir.Table:
        """Keep an Arrow table."""

    def fetch(self, expression: ir.Table, /) -> pa.Table:
        """Run an expression and return its rows."""


def persons_within(engine: Runner, rows: ir.Table, count: int, model: Model | None = None) -> Ints:
    """Return the first row of the person of each row; shape (count,).

    `rows` are what `side` makes of a leak's rows, with `row`, their number: 0 to `count` - 1.
    """
    weights = shipped() if model is None else model
    found = engine.keep("within_pairs", self_pairs(keyed(engine, rows)))
    one, other, bits = _weighed(engine, rows, found, weights)
    joins = bits >= SAME
    one, other, bits = one[joins], other[joins], bits[joins]
    label = groups(count, one, other)
    size = np.bincount(label, minlength=count)[label]
    members = np.flatnonzero((size > 2) & (size <= _TOGETHER))
    kept = engine.put("within_groups", pa.table({"row": members, "key": label[members]}))
    again = _weighed(engine, rows, self_pairs(kept), weights)
    rest = (size[one] == 2) | (size[one] > _TOGETHER)
    one, other, bits = (np.concatenate(both) for both in zip(again, (one[rest], other[rest], bits[rest]), strict=True))
    return clusters(count, one, other, bits, SAME)


def keyed(engine: Runner, rows: ir.Table) -> ir.Table:
    """Keep and return the keys of rows that several of them share, but not a crowd: `row, key`."""
    each = [rows.select("row", key=key).filter(ibis._.key.notnull()) for key in _keys(rows)]
    kept = engine.keep("within_all_keys", ibis.union(*each))
    few = kept.group_by("key").aggregate(n=ibis._.count()).filter(ibis._.n.between(2, CROWD)).select("key")
    return engine.keep("within_keys", kept.semi_join(few, "key"))


def _keys(rows: ir.Table) -> Iterator[ir.IntegerValue]:
    """Yield what two rows of one person share, by whichever cell was mistyped, changed or left out."""
    first, born, postcode = rows["first"], rows.born, rows.postcode
    start = first.substr(0, 3)
    yield hash64_of("nir", rows.nir)
    for family in (rows.name, rows.other):
        yield hash64_of("year", family, first, born.substr(0, 4))
        yield hash64_of("place", family, first, postcode)
        yield hash64_of("start", family.substr(0, 3), born)
    # A first name that stands in the surname's place meets it there.
    yield hash64_of("start", start, born)
    yield hash64_of("first", first, born)
    yield hash64_of("phone", first.substr(0, 2), rows.phone)
    yield hash64_of("address", start, rows.address, postcode)
    yield hash64_of("home", born, postcode)
    yield hash64_of("mail", start, rows.mail)


def self_pairs(keyed_rows: ir.Table) -> ir.Table:
    """Return the pairs of rows that share a key, `row, person`, each once, the smaller number first."""
    others = keyed_rows.select("key", person="row")
    both = keyed_rows.inner_join(others, "key")
    return both.filter(both.row < both.person).select("row", "person").distinct()


def _weighed(engine: Runner, rows: ir.Table, pairs: ir.Table, model: Model) -> Weighed:
    """Return pairs of rows with their weights."""
    alike = levels(joined(rows, rows, pairs))
    table = engine.fetch(alike.select("row", "person", *(f"l_{name}" for name in LEVELS)))
    bits = np.where(vetoed(), np.minimum(model.table(), AGAINST), model.table())
    return table["row"].to_numpy(), table["person"].to_numpy(), bits[codes(table)]
