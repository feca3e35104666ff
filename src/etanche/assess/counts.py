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

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING

import ibis

from etanche.assess.fields import PHONE_KINDS
from etanche.model import Column, Kind, KindCount, Role

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from etanche.assess.engine import Runner

_DISTINCT_AT_ONCE = 4
"""Columns whose distinct values are counted in one query: each holds a hash table of its values."""


@dataclass(frozen=True, slots=True)
class _Cells:
    """The cells of one column that count under one kind: present, valid, and their hash."""

    kind: Kind
    role: Role
    present: ir.BooleanValue
    valid: ir.BooleanValue
    value: ir.IntegerValue
    whole_column: int | None
    """Index of the column when all its filled cells count here."""


def count_columns(engine: Runner, facts: ir.Table, columns: Sequence[Column]) -> tuple[Column, ...]:
    """Return the columns with `filled`, `valid` and `distinct` counted over all rows."""
    sums = {}
    for column in columns:
        filled = facts[f"h{column.index}"].notnull()
        sums[f"f{column.index}"] = filled.sum().fill_null(0)
        if (check := _check(facts, column)) is not None:
            sums[f"v{column.index}"] = check.sum().fill_null(0)
    counted = _one_row(engine, facts.aggregate(**sums))
    distinct = _distinct(engine, facts, [f"h{column.index}" for column in columns if counted[f"f{column.index}"]])
    return tuple(
        replace(
            column,
            filled=counted[f"f{column.index}"],
            valid=counted.get(f"v{column.index}", counted[f"f{column.index}"]),
            distinct=distinct.get(f"h{column.index}", 0),
        )
        for column in columns
    )


def count_kinds(
    engine: Runner, facts: ir.Table, columns: Sequence[Column]
) -> tuple[dict[Kind, KindCount], dict[Role, dict[Kind, KindCount]]]:
    """Return the counts by kind over everyone, and by role; `columns` are counted already."""
    cells = [part for column in columns if column.filled for part in _cells_of(facts, column)]
    by_kind: dict[tuple[Role | None, Kind], list[_Cells]] = {}
    for part in cells:
        by_kind.setdefault((None, part.kind), []).append(part)
        by_kind.setdefault((part.role, part.kind), []).append(part)
    sums = {}
    for number, parts in enumerate(by_kind.values()):
        sums[f"rows{number}"] = reduce(or_, [part.present for part in parts]).sum().fill_null(0)
        sums[f"valid{number}"] = reduce(or_, [part.valid for part in parts]).sum().fill_null(0)
    counted = _one_row(engine, facts.aggregate(**sums)) if sums else {}
    distinct = _distinct_of_kinds(engine, facts, columns, by_kind)
    everyone: dict[Kind, KindCount] = {}
    by_role: dict[Role, dict[Kind, KindCount]] = {}
    for number, (role, kind) in enumerate(by_kind):
        count = KindCount(counted[f"rows{number}"], counted[f"valid{number}"], distinct[role, kind])
        if not count.rows:
            continue
        if role is None:
            everyone[kind] = count
        else:
            by_role.setdefault(role, {})[kind] = count
    return everyone, by_role


def _check(facts: ir.Table, column: Column) -> ir.BooleanValue | None:
    name = f"v{column.index}"
    return facts[name].fill_null(False) if name in facts.columns else None


def _cells_of(facts: ir.Table, column: Column) -> list[_Cells]:
    value = facts[f"h{column.index}"]
    filled = value.notnull()
    if column.kind not in PHONE_KINDS:
        check = _check(facts, column)
        return [_Cells(column.kind, column.role, filled, filled if check is None else check, value, column.index)]
    mobile = facts[f"m{column.index}"].fill_null(False)
    landline = facts[f"l{column.index}"].fill_null(False)
    parts = [
        _Cells(Kind.MOBILE, column.role, mobile, mobile, value, None),
        _Cells(Kind.LANDLINE, column.role, landline, landline, value, None),
    ]
    neither = filled & ~mobile & ~landline
    if column.kind is Kind.PHONE:
        either = mobile | landline
        parts.append(_Cells(Kind.PHONE, column.role, filled, either, value, column.index))
    else:
        parts.append(_Cells(column.kind, column.role, neither, ibis.literal(False), value, None))
    return parts


def _distinct_of_kinds(
    engine: Runner,
    facts: ir.Table,
    columns: Sequence[Column],
    by_kind: dict[tuple[Role | None, Kind], list[_Cells]],
) -> dict[tuple[Role | None, Kind], int]:
    """Return distinct values by role and kind; those of a single whole column are known already."""
    of_column = {column.index: column.distinct for column in columns}
    distinct: dict[tuple[Role | None, Kind], int] = {}
    same: dict[tuple[int, ...], int] = {}
    for key, parts in by_kind.items():
        whole = parts[0].whole_column
        if len(parts) == 1 and whole is not None:
            distinct[key] = of_column[whole]
            continue
        # A kind that one role alone holds is asked for twice, for everyone and for the role: count it once.
        identity = tuple(id(part) for part in parts)
        if identity not in same:
            values = [facts.filter(part.present).select(value=part.value) for part in parts]
            together = values[0] if len(values) == 1 else ibis.union(*values)
            same[identity] = _one_row(engine, together.aggregate(n=together.value.nunique()))["n"]
        distinct[key] = same[identity]
    return distinct


def _distinct(engine: Runner, facts: ir.Table, names: Sequence[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for start in range(0, len(names), _DISTINCT_AT_ONCE):
        some = names[start : start + _DISTINCT_AT_ONCE]
        found |= _one_row(engine, facts.aggregate(**{name: facts[name].nunique() for name in some}))
    return found


def _one_row(engine: Runner, expression: ir.Table) -> dict[str, int]:
    row: dict[str, int] = engine.fetch(expression).to_pylist()[0]
    return row
