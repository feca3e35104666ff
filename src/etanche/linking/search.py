"""A registry searched for the rows of a leak, lot by lot: memory holds one lot, and the few persons of all who matter.

Rules, in the order in which they apply:

1. A lot is some hundred thousand persons.  Each is compared with the whole leak, whose keys are made once; what is left
   of a lot is its pairs, and of their persons the side that was compared and the cells that anybody may ask for.
2. A pair is held from `HELD` bits on by the shipped model, its NIR put aside or not: another model moves no pair by as
   much, and those that a NIR denies are needed to suit the model to the case.
3. Days of birth that cannot be read are counted: a person without one is hardly found, and nobody would know why.
4. A person's key is the first column named as one whose cells number all persons; else the row's number.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache, reduce
from operator import or_
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from etanche import leak, link
from etanche.engines import DelimitedPart, Engine
from etanche.errors import ExitCode, UserError
from etanche.identifiers._hash import hash64
from etanche.linking.leaving import cell_fields
from etanche.linking.registry import Births, Registry, birth_columns, key_columns, of_one_table
from etanche.linking.requests import LinkRequest
from etanche.linking.timing import Steps
from etanche.model import Column

if TYPE_CHECKING:
    import ibis.expr.types as ir
    import numpy.typing as npt

    Ints = npt.NDArray[np.int64]

LOT = 600_000
"""Persons compared at once; a lot ends with the part of the file that fills it."""
HELD = link.REVIEW - 10
"""Bits from which a pair is held."""


@dataclass(slots=True)
class Found:
    """What searching found, and how long its steps took."""

    registry: Registry
    rows: pa.Table = field(repr=False)
    """What was compared of each row of the leak, with `row`, in its order."""
    persons: pa.Table = field(repr=False)
    """The same of the persons who have a pair."""
    pairs: pa.Table
    """`row, person` and the levels of the pairs held; `person` is the row of the registry."""
    counts: Ints = field(repr=False)
    """How many pairs have each pattern, those not held included."""


@dataclass(slots=True)
class _Left:
    """What is left of the lots that were searched."""

    candidates: Sequence[int]
    pairs: list[pa.Table] = field(default_factory=list)
    persons: list[pa.Table] = field(default_factory=list, repr=False)
    cells: list[pa.Table] = field(default_factory=list, repr=False)
    hashes: list[pa.Table] = field(default_factory=list)
    counts: Ints = field(default_factory=lambda: np.zeros(link.PATTERNS, np.int64))
    rows: int = 0
    births: int = 0
    unread: int = 0

    def key(self) -> int | None:
        """Return the first column that numbers all persons, None without one."""
        for index in self.candidates:
            column = pa.chunked_array([chunk for lot in self.hashes for chunk in lot[f"h{index}"].chunks], pa.uint64())
            if not column.null_count and len(link.distinct(column.to_numpy())) == self.rows:
                return index
        return None


def search(engine: Engine, dump: ir.Table, request: LinkRequest, opened: leak.Leak, steps: Steps, today: date) -> Found:
    """Read a registry into the engine, lot by lot, and find who of it may be who in the leak.

    Raises `UserError` where the registry cannot be linked.
    """
    shown = str(request.registry)
    columns = of_one_table(opened, shown)
    left = _Left(key_columns(columns))
    leaked = link.ready(engine, dump, registry=False)
    asked = sorted({*left.candidates, *(index for own in cell_fields(columns).values() for index in own)})
    projections = {
        "registry": lambda part: link.key_columns(link.side(part, columns, today), registry=True),
        "births": lambda part: part.select(filled=_filled(part, columns)),
        "cells": lambda part: part.select(*(f"c{index}" for index in asked)),
        "hashes": lambda part: part.select(**{f"h{index}": hash64(part[f"c{index}"]) for index in left.candidates}),
    }
    if not left.candidates:
        del projections["hashes"]
    for lot in lots(opened.parts(lambda done, total: request.progress("reading", done, total)), LOT):
        loaded = engine.load(len(columns), lot, projections)
        steps.end("registry")
        _compare(engine, leaked, loaded, left)
        steps.end("compare")
    reading = opened.reading()
    if not reading.ledger.rows:
        raise UserError("link_empty", ExitCode.USAGE, path=shown)
    persons, key = pa.concat_tables(left.persons), left.key()
    registry = Registry(
        engine.put("persons", persons), persons["row"].to_numpy(), pa.concat_tables(left.cells), key, columns, reading,
        Births(left.births, left.unread),
    )  # fmt: skip
    rows = leaked.texts.add_column(0, "row", pa.array(leaked.row))
    return Found(registry, rows, persons, pa.concat_tables(left.pairs), left.counts)


def lots(parts: Iterable[DelimitedPart], size: int) -> Iterator[Iterator[DelimitedPart]]:
    """Yield parts in lots of `size` rows or a little more; each must be taken to its end before the next."""
    rest = iter(parts)

    def lot(part: DelimitedPart) -> Iterator[DelimitedPart]:
        rows = part.rows
        yield part
        while rows < size and (more := next(rest, None)) is not None:
            rows += more.rows
            yield more

    while (first := next(rest, None)) is not None:
        yield lot(first)


def _compare(engine: Engine, leaked: link.Side, loaded: Mapping[str, ir.Table], left: _Left) -> None:
    """Compare a lot with the leak, and leave of it what matters."""
    persons = link.ready(engine, loaded["registry"], registry=True)
    others = {name: engine.fetch(table) for name, table in loaded.items() if name != "registry"}
    for name in loaded:
        engine.drop(name)
    pairs = link.met(engine, leaked, persons)
    codes = link.codes(pairs)
    left.counts += np.bincount(codes, minlength=link.PATTERNS)
    held = pairs.filter(pa.array(_holds()[codes]))
    # The lot's own numbers become the registry's.
    place = held["person"].to_numpy()
    left.pairs.append(held.set_column(1, "person", pa.array(place + left.rows)))
    some = link.distinct(place)
    left.persons.append(persons.texts.take(pa.array(some)).add_column(0, "row", pa.array(some + left.rows)))
    left.cells.append(others["cells"].take(pa.array(some)))
    filled = others["births"]["filled"]
    left.births += pc.sum(filled).as_py() or 0
    left.unread += pc.sum(pc.and_(filled, pc.is_null(persons.texts["born"]))).as_py() or 0
    if "hashes" in others:
        left.hashes.append(others["hashes"])
    left.rows += len(persons.row)


def _filled(part: ir.Table, columns: Sequence[Column]) -> ir.BooleanValue:
    """Tell of each person whether the registry says when they were born."""
    return reduce(or_, [part[f"c{index}"].fill_null("") != "" for index in birth_columns(columns)])


@cache
def _holds() -> npt.NDArray[np.bool_]:
    """Tell of every pattern there can be whether its pairs are held."""
    weight = link.shipped().table()
    return np.asarray(np.maximum(weight, weight[link.without("nir")]) >= HELD)
