"""Pairs weighed and decided: whose weights, and which entries of a registry are one person.

Rules, in the order in which they apply:

1. The model is suited to the case by what its NIRs tell (`link.suited`), unless they tell too little.
2. Entries of a registry are one person where they say so themselves (same NIR of their own; same names and birth date
   with the same address or telephone), and where a row could be of either and the two, compared as if they were a row
   and a person, weigh `ENTRIES` or more.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from etanche import link

if TYPE_CHECKING:
    import ibis.expr.types as ir
    import numpy.typing as npt

    from etanche.engines import Engine

    Ints = npt.NDArray[np.int64]

ENTRIES = 8.0
"""Bits from which two entries that could be of one row are one person."""


def decided_pairs(engine: Engine, compared: ir.Table, persons: ir.Table) -> tuple[pa.Table, link.Decided]:
    """Return the pairs that weigh enough to be looked at, and what follows from them."""
    pairs = engine.fetch(compared)
    counts = np.bincount(link.codes(pairs), minlength=link.PATTERNS)
    return decided_of(engine, pairs, persons, suited(link.shipped(), pairs, counts))


def suited(model: link.Model, pairs: pa.Table, counts: Ints) -> link.Model:
    """Return a model suited to the case that has these pairs; `counts` are of every pattern, other pairs included."""
    return link.suited(model, counts, pairs["row"].to_numpy().astype(np.int64), link.codes(pairs).astype(np.int64))


def decided_of(engine: Engine, pairs: pa.Table, persons: ir.Table, model: link.Model) -> tuple[pa.Table, link.Decided]:
    """Return the pairs that weigh enough to be looked at, and what follows from them."""
    code = link.codes(pairs)
    every = model.table()[code]
    heavy = np.flatnonzero(every >= link.REVIEW)
    table = pairs.take(pa.array(heavy)).append_column("weight", pa.array(every[heavy]))
    row, person = (table[name].to_numpy().astype(np.int64) for name in ("row", "person"))
    same = _same(engine, persons, row, person, every[heavy], model)
    return table, link.bounded(link.decide(row, person, every[heavy], link.vetoed()[code[heavy]], same))


def _same(
    engine: Engine, persons: ir.Table, row: Ints, person: Ints, weight: npt.NDArray[np.float64], model: link.Model
) -> Ints:
    """Return who the person of each pair is: entries of one person in the registry have one number."""
    asked = link.contested(row, person)
    if not len(asked):
        return person
    # Few of all persons: kept apart, so that nothing is joined with the others.
    wanted = engine.put("wanted", pa.table({"row": asked}))
    few = engine.keep("contested", persons.semi_join(wanted, "row"))
    found = engine.fetch(link.entry_keys(few).order_by("row"))
    # Half of a hash is enough for so few, and leaves a number for none.
    keys = [
        pc.fill_null(pc.shift_right(found[name], np.uint64(1)).cast(pa.int64()), -1).to_numpy()
        for name in ("e0", "e1", "e2")
    ]
    one, other = link.rivals(row, person, weight)
    meeting = engine.put("rivals", pa.table({"row": one, "person": other}))
    alike = engine.fetch(link.levelled(few, few, meeting))
    equal = model.table()[link.codes(alike)] >= ENTRIES
    equal &= ~link.vetoed()[link.codes(alike)]
    ties = [np.searchsorted(asked, alike[name].to_numpy()[equal]) for name in ("row", "person")]
    number = link.one_person(keys, (ties[0], ties[1]))
    place = np.searchsorted(asked, person)
    place[place == len(asked)] = 0
    return np.where(asked[place] == person, asked[number[place]], person)
