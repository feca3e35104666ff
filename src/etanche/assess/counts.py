"""Cells counted: filled, valid and distinct by column, by kind, and by kind and role.

Rules, in the order in which they apply:

1. A column counts its filled cells, those that pass its check, and distinct normalised values among the filled.
2. A kind counts rows, not cells: rows with at least one filled cell of the kind, rows with at least one valid one.
   Its distinct values are counted over all its columns together.
3. Landline and mobile are told apart by the number itself, whatever the column is called; a number that is neither
   counts under the kind of its column and is not valid.
4. Every count is exact: distinct values are counted on 64-bit hashes (a collision among two million: 1e-7).

What is only counted or sorted is taken from the columns as they lie: a statement takes longer to write than to run.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import ibis
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from etanche.assess.fields import BITS, PHONE_KINDS, Group, Spot, Which, any_of, filled_any, shared, spots
from etanche.model import Column, Kind, KindCount, Role

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from etanche.assess.engine import Runner

Hashes = npt.NDArray[np.uint64]
Stats = dict[tuple[int, Which], KindCount]
"""By column and which of its cells: rows, valid rows, distinct values."""


@dataclass(frozen=True, slots=True)
class Tables:
    """What the rows left: a line a row (`facts`), and a line a value of the listed columns (`checked`)."""

    facts: ir.Table
    checked: ir.Table
    listed: frozenset[int]


class _Values:
    """Columns of `checked` as arrays: a line a value of a listed column."""

    def __init__(self, held: pa.Table) -> None:
        self._columns, self._landline, self._mobile = (held[name].to_numpy() for name in ("col", "landline", "mobile"))
        self._held = held

    def of(self, index: int, which: Which) -> pa.Table:
        """Return the lines of the values that a spot counts."""
        chosen = self._columns == index
        match which:
            case Which.LANDLINE:
                chosen &= self._landline
            case Which.MOBILE:
                chosen &= self._mobile
            case Which.NEITHER:
                chosen &= ~(self._landline | self._mobile)
        return self._held.filter(pa.array(chosen))


def _hashes(engine: Runner, tables: Tables) -> Callable[[int, Which], Hashes]:
    """Return what gives the hashes of a column's values: of a listed one each once, of a hashed one each row's."""
    values = _Values(engine.fetch(tables.checked.select("col", "key", "landline", "mobile")))

    def of(index: int, which: Which) -> Hashes:
        if index in tables.listed:
            found = values.of(index, which)["key"]
        else:
            found = engine.fetch(tables.facts.select(f"h{index}"))[f"h{index}"]
        hashes: Hashes = found.drop_null().to_numpy()
        return hashes

    return of


def count_columns(engine: Runner, tables: Tables, columns: Sequence[Column]) -> tuple[tuple[Column, ...], Stats]:
    """Return the columns with `filled`, `valid` and `distinct` counted over all rows, and the counts they rest on."""
    stats = _listed_stats(engine, tables, columns) | _hashed_stats(engine, tables, columns)
    nothing = KindCount(0, 0, 0)
    counted = []
    for column in columns:
        count = stats.get((column.index, Which.ALL), nothing)
        counted.append(replace(column, filled=count.rows, valid=count.valid, distinct=count.distinct))
    return tuple(counted), stats


def count_kinds(
    engine: Runner, tables: Tables, columns: Sequence[Column], stats: Stats
) -> tuple[dict[Kind, KindCount], dict[Role, dict[Kind, KindCount]]]:
    """Return the counts by kind over everyone, and by role."""
    groups = spots(columns)
    together = _shared_counts(engine, tables, groups, stats)
    everyone: dict[Kind, KindCount] = {}
    by_role: dict[Role, dict[Kind, KindCount]] = {}
    for (role, kind), members in groups.items():
        key = tuple(members)
        if key in together:
            count = together[key]
        else:
            count = stats.get((members[0].column.index, members[0].which), KindCount(0, 0, 0))
        if not count.rows:
            continue
        if role is None:
            everyone[kind] = count
        else:
            by_role.setdefault(role, {})[kind] = count
    return everyone, by_role


def _listed_stats(engine: Runner, tables: Tables, columns: Sequence[Column]) -> Stats:
    checked, hashes = tables.checked, _hashes(engine, tables)
    by_worth = checked.group_by("col", "landline", "mobile", "valid").aggregate(rows=checked.n.sum())
    lines = _Values(engine.fetch(by_worth))
    stats: Stats = {}
    for column in columns:
        if column.index in tables.listed:
            for which in Which if column.kind in PHONE_KINDS else (Which.ALL,):
                told = lines.of(column.index, which)
                rows = [int(n) for n in told["rows"].to_pylist()]
                valid = sum(n for n, good in zip(rows, told["valid"].to_pylist(), strict=True) if good)
                stats[column.index, which] = KindCount(sum(rows), valid, _distinct(hashes(column.index, which)))
    return stats


def _hashed_stats(engine: Runner, tables: Tables, columns: Sequence[Column]) -> Stats:
    facts = tables.facts
    stats: Stats = {}
    for index in (column.index for column in columns if column.index not in tables.listed):
        names = [name for name in (f"h{index}", f"v{index}", f"d{index}") if name in facts.columns]
        held = engine.fetch(facts.select(*names))
        hashes = held[f"h{index}"]
        rows = valid = len(hashes) - hashes.null_count
        if f"v{index}" in names:
            valid = int(np.count_nonzero(held[f"v{index}"].fill_null(False).to_numpy()))
        elif f"d{index}" in names:
            valid = len(hashes) - held[f"d{index}"].null_count
        stats[index, Which.ALL] = KindCount(rows, valid, _distinct(hashes.drop_null().to_numpy()))
    return stats


def _distinct(hashes: Hashes) -> int:
    """Return how many distinct hashes there are; arrays sort them sooner than a database groups them."""
    ordered = np.sort(hashes)
    return int(np.count_nonzero(ordered[1:] != ordered[:-1])) + bool(len(ordered))


def _shared_counts(
    engine: Runner, tables: Tables, groups: Mapping[Group, Sequence[Spot]], stats: Stats
) -> dict[tuple[Spot, ...], KindCount]:
    """Return the counts of the kinds that several columns hold.

    A column whose rows cannot be found again and whose cells are not all alike can share its kind only with columns
    judged once the rows were in: its own rows then count as they stand, and theirs where it is blank (the one figure
    that may miss a few: rows where it fails and a cell of theirs does not).
    """
    together = shared(groups)
    if not together:
        return {}
    uneven = {spot.column.index for members in together for spot in members if not _even(spot, stats)}
    rows = _with_values(tables, together, uneven)
    sums: dict[str, ir.Value] = {}
    apart: dict[int, list[KindCount]] = {}
    for members, number in together.items():
        alone = [spot for spot in members if not _told(rows, spot, stats)]
        apart[number] = [_stat(stats, spot.column.index, spot.which) for spot in alone]
        pairs = [_present_and_valid(rows, spot, stats) for spot in members if spot not in alone]
        elsewhere = ~filled_any(rows, {spot.column.index for spot in alone})
        sums[f"rows{number}"] = (any_of([present for present, _ in pairs]) & elsewhere).sum()
        sums[f"valid{number}"] = (any_of([valid for _, valid in pairs]) & elsewhere).sum()
    counted = one_row(engine, rows.aggregate(**sums))
    distinct = _distinct_together(engine, tables, together)
    return {
        members: KindCount(
            counted[f"rows{number}"] + sum(count.rows for count in apart[number]),
            counted[f"valid{number}"] + sum(count.valid for count in apart[number]),
            distinct.get(number, 0),
        )
        for members, number in together.items()
    }


def _with_values(tables: Tables, together: Iterable[Sequence[Spot]], uneven: Collection[int]) -> ir.Table:
    """Return the rows with what can be asked of these spots: of uneven columns what the value in each `x` is worth."""
    facts, checked = tables.facts, tables.checked
    asked = {spot.column.index: spot.column for members in together for spot in members}
    masks = {f"f{index // BITS}" for index in asked}
    own = {f"{letter}{index}" for index in asked for letter in "hxvd"}
    rows = facts.select(*(name for name in facts.columns if name in masks | own))
    fields: dict[str, ir.Value] = {}
    for index in sorted(uneven):
        if f"x{index}" in rows.columns:
            # Each is a join of its own; a telephone is valid where it is a landline or a mobile.
            for name in ("landline", "mobile") if asked[index].kind in PHONE_KINDS else ("valid",):
                worth = checked.filter((checked.col == index) & checked[name]).raw
                fields[f"{name}{index}"] = rows[f"x{index}"].isin(worth).fill_null(False)
    return rows.mutate(**fields)


def _even(spot: Spot, stats: Stats) -> bool:
    """Tell whether all filled cells of the column count alike for this spot."""
    filled, count = _stat(stats, spot.column.index, Which.ALL).rows, _stat(stats, spot.column.index, spot.which)
    return count.rows in {0, filled} and count.valid in {0, filled}


def _told(rows: ir.Table, spot: Spot, stats: Stats) -> bool:
    """Tell whether rows can be asked for this spot: by their values, or because all cells of the column are alike."""
    index = spot.column.index
    return _even(spot, stats) or f"h{index}" in rows.columns or f"x{index}" in rows.columns


def _stat(stats: Stats, index: int, which: Which) -> KindCount:
    return stats.get((index, which), KindCount(0, 0, 0))


def _present_and_valid(rows: ir.Table, spot: Spot, stats: Stats) -> tuple[ir.BooleanValue, ir.BooleanValue]:
    """Return whether a row has a cell of this spot, and whether that cell is valid."""
    index = spot.column.index
    filled = filled_any(rows, {index})
    if _even(spot, stats):
        count = _stat(stats, index, spot.which)
        return filled & ibis.literal(count.rows > 0), filled & ibis.literal(count.valid > 0)
    if f"h{index}" in rows.columns:
        return _hashed(rows, index)
    if spot.column.kind not in PHONE_KINDS:
        return filled, rows[f"valid{index}"]
    return _telephone(filled, rows[f"landline{index}"], rows[f"mobile{index}"], spot.which)


def _telephone(
    filled: ir.BooleanValue, landline: ir.BooleanValue, mobile: ir.BooleanValue, which: Which
) -> tuple[ir.BooleanValue, ir.BooleanValue]:
    match which:
        case Which.LANDLINE:
            return landline, landline
        case Which.MOBILE:
            return mobile, mobile
        case Which.NEITHER:
            return filled & ~landline & ~mobile, ibis.literal(False)
    return filled, landline | mobile


def _hashed(rows: ir.Table, index: int) -> tuple[ir.BooleanValue, ir.BooleanValue]:
    """Return whether a row has a cell of this hashed column, and whether that cell is valid."""
    filled = rows[f"h{index}"].notnull()
    if f"d{index}" in rows.columns:
        return filled, rows[f"d{index}"].notnull()
    return filled, rows[f"v{index}"].fill_null(False) if f"v{index}" in rows.columns else filled


def _distinct_together(engine: Runner, tables: Tables, together: Mapping[tuple[Spot, ...], int]) -> dict[int, int]:
    """Return the distinct values of each set of spots, by its number."""
    hashes = _hashes(engine, tables)
    return {
        number: _distinct(np.concatenate([hashes(spot.column.index, spot.which) for spot in members]))
        for members, number in together.items()
    }


def one_row(engine: Runner, expression: ir.Table) -> dict[str, int]:
    """Return the only line of a result as whole numbers."""
    line = engine.fetch(expression).to_pylist()[0]
    return {name: int(value or 0) for name, value in line.items()}
