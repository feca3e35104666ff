"""How rows are spread: sexes, titles, dates, départements, months of the samples, laboratories.

Rules, in the order in which they apply:

1. A distribution is over rows, by the value as the file writes it; blank cells are left out, so that the sum is the
   denominator that the column gives.
2. Where several columns could speak, the first one of the patient's does; of several laboratory columns the wordiest
   (a name rather than a code) does.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import ibis

from etanche.assess.fields import DATE_KINDS
from etanche.model import Column, Kind, Role

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from etanche.assess.counts import Tables
    from etanche.assess.engine import Runner


def count_values(engine: Runner, checked: ir.Table, columns: Sequence[Column], kind: Kind) -> dict[str, int]:
    """Return rows by value of the patient's first column of a kind (any role's when the patient has none)."""
    own = [column for column in columns if column.kind is kind and column.filled]
    own.sort(key=lambda column: (column.role is not Role.PATIENT, column.index))
    return _by(engine, checked, own[0], checked.value) if own else {}


def count_laboratories(engine: Runner, checked: ir.Table, columns: Sequence[Column]) -> dict[str, int]:
    """Return rows by laboratory, as the wordiest laboratory column names it."""
    found = [_by(engine, checked, column, checked.value) for column in columns if column.kind is Kind.LABORATORY]
    return max(found, key=lambda names: sum(map(len, names)) / max(1, len(names)), default={})


def date_bounds(engine: Runner, tables: Tables, columns: Sequence[Column]) -> dict[Kind, tuple[str, str]]:
    """Return the earliest and the latest valid date by kind, as ISO text."""
    facts, checked = tables.facts, tables.checked
    days = checked.filter(checked.day.notnull()).select("col", "day")
    for column in columns:
        if f"d{column.index}" in facts.columns:
            day = facts.filter(facts[f"d{column.index}"].notnull())
            days = days.union(day.select(col=ibis.literal(column.index, type="int32"), day=day[f"d{column.index}"]))
    lines = engine.fetch(days.group_by("col").aggregate(first=days.day.min(), last=days.day.max())).to_pylist()
    bounds = {line["col"]: (line["first"].isoformat(), line["last"].isoformat()) for line in lines}
    result: dict[Kind, tuple[str, str]] = {}
    for kind in DATE_KINDS:
        mine = [bounds[column.index] for column in columns if column.kind is kind and column.index in bounds]
        if mine:
            result[kind] = (min(first for first, _ in mine), max(last for _, last in mine))
    return result


def count_months(engine: Runner, checked: ir.Table, columns: Sequence[Column]) -> dict[str, int]:
    """Return rows by month of the sample ("YYYY-MM"); of the visit when the file has no sample date."""
    for kind in (Kind.SAMPLE_DATE, Kind.VISIT_DATE):
        for column in columns:
            if column.kind is kind and column.filled:
                return dict(sorted(_by(engine, checked, column, checked.day.strftime("%Y-%m")).items()))
    return {}


def count_departements(engine: Runner, checked: ir.Table, columns: Sequence[Column]) -> dict[Role, dict[str, int]]:
    """Return rows by département of the postcode, by role (the first postcode column of each)."""
    counts: dict[Role, dict[str, int]] = {}
    for column in columns:
        if column.kind is Kind.POSTCODE and column.filled and column.role not in counts:
            counts[column.role] = _by(engine, checked, column, checked.departement)
    return {role: by_code for role, by_code in counts.items() if by_code}


def _by(engine: Runner, checked: ir.Table, column: Column, value: ir.Value) -> dict[str, int]:
    """Return rows by what a column's values say, the most frequent first."""
    chosen = checked.select("col", "n", value=value).filter(ibis._.col == column.index).filter(ibis._.value.notnull())
    grouped = chosen.group_by("value").aggregate(n=chosen.n.sum())
    lines = engine.fetch(grouped.order_by(ibis.desc("n"), "value")).to_pylist()
    return {line["value"]: int(line["n"]) for line in lines}
