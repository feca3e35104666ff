"""Pairs weighed and decided: whose weights, and which entries of a registry are one person.

Rules, in the order in which they apply:

1. The model is suited to the case by what its NIRs tell (`link.suited`), unless they tell too little; a pair of a rare
   name or day weighs more than its levels, one of 1 January less (`link.Rarity`); of a row's best person both are put
   right by how often NIRs confirm them (`link.gain`, `link.of_other_nirs`).
2. Two entries of a registry that a row could be of are compared as if they were a row and a person, and put right by
   what NIRs say of such entries.  They are one person from `ENTRIES` bits on, or where they say so themselves (same
   NIR of their own; same names and birth date with the same address or telephone); never where both have a NIR of their
   own and the two differ, or where neither name nor first name is the same.
3. Where the leak has somebody of a person's names and birth date under another NIR than the person's own, a namesake is
   there: other rows that weigh less than `NAMESAKE` may be the namesake's, and somebody looks.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
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
    Floats = npt.NDArray[np.float64]

ENTRIES = 4.0
"""Bits from which two entries that could be of one row are one person."""
TWINS = -4.0
"""Bits by which such entries are less often one person than a row and a person are; where NIRs do not say."""
_TWINS_SPREAD = 1.5
NAMESAKE = 10.0
"""Bits from which a row is a person's although a namesake of theirs is in the leak."""
_DOUBT = 12.0
_RARITY_FROM = link.REVIEW - 5
"""Bits under which the rarity of what agrees makes nobody one to be looked at."""


@dataclass(frozen=True)
class Weighed:
    """What the pairs of a case weigh."""

    model: link.Model
    rarity: Floats = field(repr=False)
    """Bits that each pair gets beyond the model's."""
    gain: float
    """Bits of the model's bias that are for the best person of a row."""


def weighed(given: link.Model, pairs: pa.Table, counts: Ints, rows: pa.Table, persons: pa.Table) -> Weighed:
    """Return what pairs weigh, by a model suited to their case; `counts` are of every pattern, other pairs included.

    `rows` and `persons` are the sides, in the order of their `row`, with all those that the pairs name.
    """
    code = link.codes(pairs).astype(np.int64)
    model = link.suited(given, counts)
    bare = model.table()[link.without("nir")][code]
    rarity = _rarity(pairs, code, np.maximum(model.table()[code], bare), bare, rows, persons)
    if model is given:
        return Weighed(model, rarity, 0.0)
    weight = bare + rarity
    best = link.best_of_rows(pairs["row"].to_numpy(), code, weight)
    gain = link.gain(code[best], weight[best])
    near = link.of_other_nirs(model, code[best], weight[best] + gain)
    return Weighed(replace(near, bias=near.bias + gain), rarity, gain)


def _rarity(pairs: pa.Table, code: Ints, most: Floats, bare: Floats, rows: pa.Table, persons: pa.Table) -> Floats:
    """Return what the rarity of what agrees adds to each pair."""
    kind = link.classes()[code]
    asked = np.flatnonzero((most >= _RARITY_FROM) & (kind > 0))
    found = np.zeros(len(code))
    row, person = (
        _places(side["row"].to_numpy(), pairs[name].to_numpy()[asked])
        for name, side in (("row", rows), ("person", persons))
    )
    # Few of the persons: what is not asked of is not looked up.
    some, person = np.unique(person, return_inverse=True)
    persons = persons.take(pa.array(some))
    chance = link.chances(rows, persons, row, person, code[asked])
    same, known = link.told(code[asked])
    found[asked] = link.learnt_rarity(kind[asked], chance, bare[asked], same, known).bits(kind[asked], chance)
    return found


def _places(numbers: Ints, asked: Ints) -> Ints:
    """Return where numbers stand among others, which are in order."""
    place = np.empty(int(numbers[-1]) + 1 if len(numbers) else 0, np.int64)
    place[numbers] = np.arange(len(numbers))
    return place[asked]


def decided_of(engine: Engine, pairs: pa.Table, persons: ir.Table, made: Weighed) -> tuple[pa.Table, link.Decided]:
    """Return the pairs that weigh enough to be looked at, and what follows from them."""
    code = link.codes(pairs)
    every = made.model.table()[code] + made.rarity
    heavy = np.flatnonzero(every >= link.REVIEW)
    table = pairs.take(pa.array(heavy))
    table = table.append_column("weight", pa.array(every[heavy]))
    table = table.append_column("rarity", pa.array(made.rarity[heavy]))
    row, person = (table[name].to_numpy().astype(np.int64) for name in ("row", "person"))
    namesake = np.isin(person, _with_namesakes(pairs["person"].to_numpy(), code)) & (every[heavy] < NAMESAKE)
    table = table.append_column("namesake", pa.array(namesake))
    denied = link.levels_of(code[heavy])[:, list(link.LEVELS).index("nir")] == link.LEVELS["nir"].index("differs")
    best, tie = _ties(engine, persons, row, person, every[heavy], made)
    # An entry whose own NIR is not the row's is not the row's person, whatever another entry says.
    same = np.where((tie >= ENTRIES) & ~denied, best, person)
    return table, link.bounded(link.decide(row, person, every[heavy], link.vetoed()[code[heavy]] | namesake, same, tie))


def _with_namesakes(person: Ints, code: npt.NDArray[np.int32]) -> Ints:
    """Return whose names and birth date a row has under another NIR, and no row under theirs."""
    other, own = link.denied()
    return np.setdiff1d(person[other[code]], person[own[code]])


def _ties(
    engine: Engine, persons: ir.Table, row: Ints, person: Ints, weight: Floats, made: Weighed
) -> tuple[Ints, Floats]:
    """Return of each pair the best person of its row, and in bits how sure it is that the two are one."""
    order = np.lexsort((person, -weight, row))
    starts = np.diff(row[order], prepend=-1) != 0
    best = np.empty(len(row), np.int64)
    best[order] = person[order][starts][np.cumsum(starts) - 1]
    tie = np.where(best == person, np.inf, -np.inf)
    asked = link.contested(row, person)
    if not len(asked):
        return best, tie
    # Few of all persons: kept apart, so that nothing is joined with the others.
    wanted = engine.put("wanted", pa.table({"row": asked}))
    few = engine.keep("contested", persons.semi_join(wanted, "row"))
    meeting = engine.put(
        "rivals", pa.table(dict(zip(("row", "person"), link.rivals(row, person, weight), strict=True)))
    )
    alike = engine.fetch(link.levelled(few, few, meeting))
    one, other = (np.searchsorted(asked, alike[name].to_numpy()) for name in ("row", "person"))
    bits = _entries(engine.fetch(link.entry_keys(few).order_by("row")), one, other, link.codes(alike), made)
    others = np.flatnonzero(best != person)
    known, wish = one * len(asked) + other, np.searchsorted(asked, best) * len(asked) + np.searchsorted(asked, person)
    by_number = np.argsort(known)
    tie[others] = bits[by_number[np.searchsorted(known[by_number], wish[others])]]
    return best, tie


def _entries(keys: pa.Table, one: Ints, other: Ints, code: npt.NDArray[np.int32], made: Weighed) -> Floats:
    """Return how sure it is, in bits, that two entries are one person."""
    shared = np.zeros(len(one), bool)
    for name in ("e0", "e1", "e2"):
        # Half of a hash is enough for so few, and leaves a number for none.
        key = pc.fill_null(pc.shift_right(keys[name], np.uint64(1)).cast(pa.int64()), -1).to_numpy()
        shared |= (key[one] == key[other]) & (key[one] >= 0)
    table = made.model.table() - made.gain
    bare = table[link.without("nir")][code]
    same, known = link.told(code.astype(np.int64))
    told = known & (np.abs(bare) < _DOUBT)
    bits = table[code] + link.shift(bare[told], same[told].astype(np.float64), TWINS, _TWINS_SPREAD)
    levels = dict(zip(link.LEVELS, link.levels_of(code).T, strict=True))
    differ = {name: levels[name] == link.LEVELS[name].index("differs") for name in ("nir", "name", "first")}
    never = link.vetoed()[code] | differ["nir"] | (differ["name"] & differ["first"])
    return np.where(never, -np.inf, np.where(shared, np.maximum(bits, ENTRIES), bits))
