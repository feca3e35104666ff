"""How rows are spread: sexes, titles, dates, départements, months of the samples, laboratories; and plausibility.

Rules, in the order in which they apply:

1. A distribution is over rows, by the value as the file writes it; blank cells are left out, so that the sum is the
   denominator that the column gives.
2. Where several columns could speak, the first one of the patient's does; of several laboratory columns the wordiest
   (a name rather than a code) does.
3. Plausibility is apart from `valid`: a NIR with a right key may contradict the row's sex.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import ibis
import pyarrow as pa

from etanche.assess.fields import DATE_KINDS
from etanche.lexicon import postcode_communes
from etanche.lexicon.names import squash
from etanche.model import Column, Kind, Role, Share

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from etanche.assess.counts import Tables
    from etanche.assess.engine import Runner

_PLAUSIBILITY_FIELDS = {"nir_sex": "x_nir_sex", "nir_birth_date": "x_nir_birth"}


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


def place_pairs(rows: ir.Table, columns: Sequence[Column]) -> ir.Table | None:
    """Return the patient's pairs of postcode and commune of some rows: `postcode, commune, n`; None without both."""
    own = {column.kind: rows[f"c{column.index}"] for column in reversed(columns) if column.role is Role.PATIENT}
    if Kind.POSTCODE not in own or Kind.COMMUNE not in own:
        return None
    pairs = rows.select(postcode=own[Kind.POSTCODE], commune=own[Kind.COMMUNE])
    pairs = pairs.filter(pairs.postcode.notnull() & pairs.commune.notnull())
    return pairs.group_by("postcode", "commune").aggregate(n=pairs.count())


def count_plausibility(engine: Runner, facts: ir.Table, places: ir.Table | None) -> dict[str, Share]:
    """Return, for each check beyond `valid`, how many rows agree of those where it can be decided."""
    shares: dict[str, Share] = {}
    for name, field in _PLAUSIBILITY_FIELDS.items():
        if field in facts.columns:
            counted = facts.aggregate(n=facts[field].sum(), of=facts[field].count())
            shares |= _share(name, engine.fetch(counted).to_pylist()[0])
    if places is not None:
        pairs = engine.fetch(places.group_by("postcode", "commune").aggregate(n=places.n.sum()))
        shares |= _share("postcode_commune", _agreeing(pairs))
    return shares


def _agreeing(pairs: pa.Table) -> dict[str, int]:
    """Return rows whose commune is one of its postcode's (n), and rows whose postcode exists (of)."""
    known = postcode_communes()
    agree = of = 0
    for postcode, commune, n in zip(*(pairs[name].to_pylist() for name in ("postcode", "commune", "n")), strict=True):
        names = known.get(postcode)
        if names is not None:
            of += n
            agree += n if commune in names or squash(commune) in {squash(name) for name in names} else 0
    return {"n": agree, "of": of}


def _share(name: str, line: dict[str, int]) -> dict[str, Share]:
    return {name: Share(int(line["n"] or 0), int(line["of"]), "rows")} if line["of"] else {}


def _by(engine: Runner, checked: ir.Table, column: Column, value: ir.Value) -> dict[str, int]:
    """Return rows by what a column's values say, the most frequent first."""
    chosen = checked.select("col", "n", value=value).filter(ibis._.col == column.index).filter(ibis._.value.notnull())
    grouped = chosen.group_by("value").aggregate(n=chosen.n.sum())
    lines = engine.fetch(grouped.order_by(ibis.desc("n"), "value")).to_pylist()
    return {line["value"]: int(line["n"]) for line in lines}
