"""The persons of any table, or of two: compared by whatever columns there are, weighed by what the table itself shows.

Rules, in the order in which they apply:

1. Fields, their levels and the keys by which rows meet are those of `within_fields`; the weights are learned on the
   table (`within_fit`), from the pairs that meet and from pairs drawn at random, always the same ones.
2. Rows of one table are made persons by `within_clusters`, from even odds on.
3. Of two tables a row is one row of the other at most, and each is the other's best.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import ibis
import numpy as np
import pyarrow as pa

from etanche.link.within_clusters import clusters
from etanche.link.within_fields import CROWD, EQUAL, MANY, MOST, Field, keyed, keys, levels
from etanche.link.within_fit import STRANGERS, Learned, learn, rarity

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from etanche.link.within import Runner
    from etanche.link.within_clusters import Floats, Ints
    from etanche.link.within_fit import Levels

EVEN = 0.0
_SPEAKS = -8.0
"""Bits under which a pair is as good as one that was not compared."""
_AT_RANDOM = 1_000_000


def persons_of_any(engine: Runner, rows: ir.Table, fields: Sequence[Field], count: int) -> Ints:
    """Return the first row of the person of each row; shape (count,).

    `rows` has the fields, made alike (`within_fields.normal`), and `row`, their number: 0 to `count` - 1.
    """
    return clusters(count, *weighed_pairs(engine, rows, fields, count), EVEN)


def links_of_two(engine: Runner, rows: ir.Table, fields: Sequence[Field], first: int, count: int) -> tuple[Ints, Ints]:
    """Return the pairs of rows of two tables that are one person, best first; shapes (pairs,).

    The first table's rows are those under `first`, the second's the rest.
    """
    one, other, weight = weighed_pairs(engine, rows, fields, count, first)
    order = np.argsort(-weight, kind="stable")
    order = order[weight[order] >= EVEN]
    one, other = one[order], other[order]
    best = np.intersect1d(np.unique(one, return_index=True)[1], np.unique(other, return_index=True)[1])
    return one[best], other[best]


def weighed_pairs(
    engine: Runner, rows: ir.Table, fields: Sequence[Field], count: int, first: int | None = None
) -> tuple[Ints, Ints, Floats]:
    """Return the pairs not far from being one person, and their weights: of one table, or of two (`links_of_two`)."""
    all_pairs = count * (count - 1) // 2 if first is None else first * (count - first)
    if not all_pairs:
        none = np.zeros(0, np.int64)
        return none, none, np.zeros(0)
    pairs = engine.keep("any_pairs", _meeting(engine, rows, fields, count, first))
    one, other, numbers = _leveled(engine, rows, fields, pairs)
    left, right = _at_random(count, first)
    drawn = engine.put("any_random", pa.table({"row": left, "person": right}))
    *_, chance = _leveled(engine, rows, fields, drawn)
    model = learn(fields, numbers, chance, all_pairs)
    weight = model.weigh(numbers, _rare(engine, rows, model, one, numbers))
    near = weight >= _SPEAKS
    return one[near], other[near], weight[near]


def _meeting(engine: Runner, rows: ir.Table, fields: Sequence[Field], count: int, first: int | None) -> ir.Table:
    """Return the pairs of rows that share a key, `row, person`, each once, the smaller number first."""
    kept = []
    for name, parts in keys(fields):
        some = keyed(rows, name, parts)
        size = some.group_by("key").aggregate(n=ibis._.count())
        pairs = engine.fetch(size.aggregate(n=(size.n * (size.n - 1)).sum()))["n"][0].as_py()
        if pairs and pairs <= 2 * MOST * min(count, MANY):
            kept.append(some)
    if not kept:
        return rows.select("row", person="row").limit(0)
    together = engine.keep("any_keys", ibis.union(*kept) if len(kept) > 1 else kept[0])
    few = together.group_by("key").aggregate(n=ibis._.count()).filter(ibis._.n.between(2, CROWD)).select("key")
    met = engine.keep("any_met", together.semi_join(few, "key"))
    both = met.inner_join(met.select("key", person="row"), "key")
    across = both.row < both.person if first is None else (both.row < first) & (both.person >= first)
    return both.filter(across).select("row", "person").distinct()


def _leveled(engine: Runner, rows: ir.Table, fields: Sequence[Field], pairs: ir.Table) -> tuple[Ints, Ints, Levels]:
    """Return pairs and their levels: two rows, and an array of shape (pairs, fields)."""
    others = rows.select(person="row", **{f"r_{field.name}": rows[field.name] for field in fields})
    near = levels(pairs.inner_join(rows, "row").inner_join(others, "person"), fields)
    table = engine.fetch(near.select("row", "person", *(f"l_{field.name}" for field in fields)))
    numbers = np.stack([table[f"l_{field.name}"].to_numpy() for field in fields], 1)
    return table["row"].to_numpy(), table["person"].to_numpy(), numbers


def _at_random(count: int, first: int | None) -> tuple[Ints, Ints]:
    """Return pairs of rows drawn at random; shapes (pairs,)."""
    chance = np.random.default_rng(0)
    one = chance.integers(0, count if first is None else first, _AT_RANDOM)
    other = chance.integers(0 if first is None else first, count, _AT_RANDOM)
    return one[one != other], other[one != other]


def _rare(engine: Runner, rows: ir.Table, model: Learned, one: Ints, numbers: Levels) -> Floats:
    """Return how much more or less than usual the values say that a pair shares; shape (pairs,)."""
    often = {
        field.name: ibis.ifelse(
            rows[field.name].notnull(), rows.count().over(ibis.window(group_by=rows[field.name])), 0
        )
        for field in model.fields
    }
    table = engine.fetch(rows.select("row", **often).order_by("row"))
    total = np.zeros(len(one))
    for place, field in enumerate(model.fields):
        counts = table[field.name].to_numpy()
        bits = rarity(counts, int((counts > 0).sum()), 2 ** model.bits[place][STRANGERS, EQUAL])
        shared = numbers[:, place] == EQUAL
        total[shared] += bits[one[shared]]
    return total
