"""A registry searched for the rows of a leak, lot by lot: memory holds one lot, and the few persons of all who matter.

Rules, in the order in which they apply:

1. A lot is some hundred thousand persons.  Each is compared with the whole leak, whose keys are made once; what is left
   of a lot is its pairs, and of their persons the side that was compared and the cells of columns that may number them.
2. A pair is held from `HELD` bits on by the shipped model, its NIR put aside or not: another model moves no pair by as
   much, and those that a NIR denies are needed to suit the model to the case.
3. A person's key is the first column named as one whose cells number all persons; else the row's number.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from time import perf_counter
from typing import TYPE_CHECKING

import ibis
import numpy as np
import pyarrow as pa

from etanche import leak, link
from etanche.engines import DelimitedPart, Engine
from etanche.errors import ExitCode, UserError
from etanche.identifiers._hash import hash64
from etanche.linking.picking import Kept
from etanche.linking.registry import Registry, key_columns, of_one_table
from etanche.linking.requests import LinkRequest

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
    pairs: pa.Table
    """`row, person` and the levels of the pairs held; `person` is the row of the registry."""
    counts: Ints = field(repr=False)
    """How many pairs have each pattern, those not held included."""


@dataclass(slots=True)
class _Left:
    """What is left of the lots that were searched."""

    candidates: Sequence[int]
    pairs: list[pa.Table] = field(default_factory=list)
    persons: list[ir.Table] = field(default_factory=list)
    cells: list[ir.Table] = field(default_factory=list)
    hashes: list[pa.Table] = field(default_factory=list)
    counts: Ints = field(default_factory=lambda: np.zeros(link.PATTERNS, np.int64))
    rows: int = 0

    def keys(self) -> tuple[int, ir.Table] | None:
        """Return the first column that numbers all persons, and its cells; None without one."""
        for index in self.candidates:
            column = pa.chunked_array([chunk for lot in self.hashes for chunk in lot[f"h{index}"].chunks], pa.uint64())
            if not column.null_count and len(np.unique(column.to_numpy())) == self.rows:
                return index, _whole([cells.select("row", key=cells[f"c{index}"]) for cells in self.cells])
        return None


def search(engine: Engine, dump: ir.Table, request: LinkRequest, opened: leak.Leak, times: dict[str, float]) -> Found:
    """Read a registry into the engine, lot by lot, and find who of it may be who in the leak.

    Seconds are added to `times`.  Raises `UserError` where the registry cannot be linked.
    """
    shown = str(request.registry)
    columns = of_one_table(opened, shown)
    left = _Left(key_columns(columns))
    row_keys = link.keys_of_rows(engine, dump)
    kept = Kept(len(columns))
    parts = kept.through(opened.parts(lambda done, total: request.progress("reading", done, total)))
    projections = {"registry": lambda part: link.side(part, columns)}
    if left.candidates:
        projections["cells"] = lambda part: _cells(part, left.candidates)
    for lot in lots(parts, LOT):
        start = perf_counter()
        loaded = engine.load(len(columns), lot, projections)
        middle = perf_counter()
        _compare(engine, dump, row_keys, loaded, left)
        left.rows = sum(part.rows for part in kept.parts)
        for name in projections:
            engine.drop(name)
        for step, seconds in (("registry", middle - start), ("compare", perf_counter() - middle)):
            times[step] = times.get(step, 0.0) + seconds
    reading = opened.reading()
    if not reading.ledger.rows:
        raise UserError("link_empty", ExitCode.USAGE, path=shown)
    index, keys = left.keys() or (None, None)
    name = "" if index is None else columns[index].name
    registry = Registry(_whole(left.persons), keys, name, columns, reading, kept)
    return Found(registry, pa.concat_tables(left.pairs), left.counts)


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


def _cells(part: ir.Table, candidates: Sequence[int]) -> ir.Table:
    """Return the cells of the columns that may number persons, each with its hash."""
    own = {f"c{index}": part[f"c{index}"] for index in candidates}
    hashed = {f"h{index}": hash64(part[f"c{index}"]) for index in candidates}
    return part.select(**own, **hashed)


def _compare(engine: Engine, dump: ir.Table, row_keys: ir.Table, loaded: Mapping[str, ir.Table], left: _Left) -> None:
    """Compare a lot with the leak, and leave of it what matters."""
    number = len(left.pairs)
    placed = {name: table.mutate(row=table.row + left.rows) for name, table in loaded.items()}
    persons = placed["registry"]
    pairs = engine.fetch(link.compared(engine, dump, persons, row_keys))
    codes = link.codes(pairs)
    left.counts += np.bincount(codes, minlength=link.PATTERNS)
    held = pairs.filter(pa.array(_holds()[codes]))
    left.pairs.append(held)
    some = engine.put("held", pa.table({"row": np.unique(held["person"].to_numpy())}))
    left.persons.append(engine.keep(f"persons_{number}", persons.semi_join(some, "row")))
    if left.candidates:
        left.cells.append(engine.keep(f"cells_{number}", placed["cells"].semi_join(some, "row")))
        left.hashes.append(engine.fetch(loaded["cells"].select(*(f"h{index}" for index in left.candidates))))


@cache
def _holds() -> npt.NDArray[np.bool_]:
    """Tell of every pattern there can be whether its pairs are held."""
    weight = link.shipped().table()
    return np.asarray(np.maximum(weight, weight[link.without("nir")]) >= HELD)


def _whole(lots: Sequence[ir.Table]) -> ir.Table:
    return ibis.union(*lots) if len(lots) > 1 else lots[0]
