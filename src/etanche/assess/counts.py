"""Cells counted: filled, valid and distinct by column, by kind, and by kind and role.

Rules, in the order in which they apply:

1. A column counts its filled cells, those that pass its check, and distinct normalised values among the filled.
2. A kind counts rows, not cells: rows with at least one filled cell of the kind, rows with at least one valid one.
   Its distinct values are counted over all its columns together.
3. Landline and mobile are told apart by the number itself, whatever the column is called; a number that is neither
   counts under the kind of its column and is not valid.
4. Every count is exact: distinct values are counted on 64-bit hashes (a collision among two million: 1e-7).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import ibis
import numpy as np

from etanche.assess.fields import Group, Spot, Which, any_of, filled_any, shared, spots, union
from etanche.assess.values import condition
from etanche.model import Column, Kind, KindCount, Role

if TYPE_CHECKING:
    import ibis.expr.types as ir
    import pyarrow as pa

    from etanche.assess.engine import Runner

_FETCHED_AT_ONCE = 4
"""Hashed columns whose hashes are held at once."""

Stats = dict[tuple[int, Which], KindCount]
"""By column and which of its cells: rows, valid rows, distinct values."""


@dataclass(frozen=True, slots=True)
class Tables:
    """What the rows left: a line a row (`facts`), and a line a value of the listed columns (`checked`)."""

    facts: ir.Table
    checked: ir.Table
    listed: frozenset[int]


def count_columns(engine: Runner, tables: Tables, columns: Sequence[Column]) -> tuple[tuple[Column, ...], Stats]:
    """Return the columns with `filled`, `valid` and `distinct` counted over all rows, and the counts they rest on."""
    stats = _listed_stats(engine, tables.checked) | _hashed_stats(engine, tables, columns)
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


def _listed_stats(engine: Runner, checked: ir.Table) -> Stats:
    stats: Stats = {}
    sums: dict[str, ir.Value] = {}
    for which in Which:
        chosen = condition(checked, which)
        sums[f"{which}_rows"] = checked.n.sum(where=chosen)
        sums[f"{which}_valid"] = checked.n.sum(where=chosen & checked.valid)
        sums[f"{which}_distinct"] = checked.key.nunique(where=chosen)
    for line in engine.fetch(checked.group_by("col").aggregate(**sums)).to_pylist():
        for which in Which:
            rows, valid, distinct = (int(line[f"{which}_{part}"] or 0) for part in ("rows", "valid", "distinct"))
            stats[line["col"], which] = KindCount(rows, valid, distinct)
    return stats


def _hashed_stats(engine: Runner, tables: Tables, columns: Sequence[Column]) -> Stats:
    facts = tables.facts
    hashed = [column.index for column in columns if column.index not in tables.listed]
    if not hashed:
        return {}
    sums: dict[str, ir.Value] = {}
    for index in hashed:
        sums[f"rows{index}"] = facts[f"h{index}"].count()
        if f"v{index}" in facts.columns:
            sums[f"valid{index}"] = facts[f"v{index}"].sum().fill_null(0)
        elif f"d{index}" in facts.columns:
            sums[f"valid{index}"] = facts[f"d{index}"].count()
    counted = one_row(engine, facts.aggregate(**sums))
    for start in range(0, len(hashed), _FETCHED_AT_ONCE):
        some = hashed[start : start + _FETCHED_AT_ONCE]
        hashes = engine.fetch(facts.select(*(f"h{index}" for index in some)))
        counted |= {f"distinct{index}": _distinct(hashes[f"h{index}"]) for index in some}
    return {
        (index, Which.ALL): KindCount(
            counted[f"rows{index}"], counted.get(f"valid{index}", counted[f"rows{index}"]), counted[f"distinct{index}"]
        )
        for index in hashed
    }


def _distinct(hashes: pa.ChunkedArray) -> int:
    """Return how many distinct hashes there are; arrays sort them sooner than a database groups them."""
    ordered = np.sort(hashes.drop_null().to_numpy())
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
    rows = _with_values(tables, uneven)
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


def _with_values(tables: Tables, indexes: Collection[int]) -> ir.Table:
    """Return the facts with, beside each `x<index>` of these columns, what its value is worth."""
    facts, checked = tables.facts, tables.checked
    fields: dict[str, ir.Value] = {}
    for index in sorted(indexes):
        if f"x{index}" in facts.columns:
            for name in ("valid", "landline", "mobile"):
                worth = checked.filter((checked.col == index) & checked[name]).raw
                fields[f"{name}{index}"] = facts[f"x{index}"].isin(worth).fill_null(False)
    return facts.mutate(**fields)


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
    valid, landline, mobile = (rows[f"{name}{index}"] for name in ("valid", "landline", "mobile"))
    match spot.which:
        case Which.LANDLINE:
            return landline, landline
        case Which.MOBILE:
            return mobile, mobile
        case Which.NEITHER:
            return filled & ~landline & ~mobile, ibis.literal(False)
    return filled, valid


def _hashed(rows: ir.Table, index: int) -> tuple[ir.BooleanValue, ir.BooleanValue]:
    """Return whether a row has a cell of this hashed column, and whether that cell is valid."""
    filled = rows[f"h{index}"].notnull()
    if f"d{index}" in rows.columns:
        return filled, rows[f"d{index}"].notnull()
    return filled, rows[f"v{index}"].fill_null(False) if f"v{index}" in rows.columns else filled


def _distinct_together(engine: Runner, tables: Tables, together: Mapping[tuple[Spot, ...], int]) -> dict[int, int]:
    """Return the distinct values of each set of spots, by its number."""
    facts, checked = tables.facts, tables.checked
    values = []
    for members, number in together.items():
        group = ibis.literal(number, type="int32")
        for spot in members:
            index = spot.column.index
            if index in tables.listed:
                chosen = checked.filter((checked.col == index) & condition(checked, spot.which))
                values.append(chosen.select(group=group, key=chosen.key))
            else:
                present = facts.filter(facts[f"h{index}"].notnull())
                values.append(present.select(group=group, key=present[f"h{index}"]))
    values_of_all = union(values)
    counted = engine.fetch(values_of_all.group_by("group").aggregate(n=values_of_all.key.nunique())).to_pylist()
    return {line["group"]: int(line["n"]) for line in counted}


def one_row(engine: Runner, expression: ir.Table) -> dict[str, int]:
    """Return the only line of a result as whole numbers."""
    line = engine.fetch(expression).to_pylist()[0]
    return {name: int(value or 0) for name, value in line.items()}
