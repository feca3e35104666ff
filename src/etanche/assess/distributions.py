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

    from etanche.assess.engine import Runner

PLAUSIBILITY_FIELDS = {"nir_sex": "x_nir_sex", "nir_birth_date": "x_nir_birth"}
_PLACE = "x_place"


def count_values(engine: Runner, facts: ir.Table, columns: Sequence[Column], kind: Kind) -> dict[str, int]:
    """Return rows by value of the patient's first column of a kind (any role's when the patient has none)."""
    own = [column for column in columns if column.kind is kind and column.filled]
    own.sort(key=lambda column: (column.role is not Role.PATIENT, column.index))
    if not own:
        return {}
    return _by(engine, facts.select(value=facts[f"t{own[0].index}"]))


def count_laboratories(engine: Runner, facts: ir.Table, columns: Sequence[Column]) -> dict[str, int]:
    """Return rows by laboratory, as the wordiest laboratory column names it."""
    found = [column for column in columns if column.kind is Kind.LABORATORY and column.filled]
    if not found:
        return {}
    lengths = {f"n{column.index}": facts[f"t{column.index}"].length().mean() for column in found}
    means = engine.fetch(facts.aggregate(**lengths)).to_pylist()[0]
    wordiest = max(found, key=lambda column: means[f"n{column.index}"])
    return _by(engine, facts.select(value=facts[f"t{wordiest.index}"]))


def date_bounds(engine: Runner, facts: ir.Table, columns: Sequence[Column]) -> dict[Kind, tuple[str, str]]:
    """Return the earliest and the latest valid date by kind, as ISO text."""
    found = [column for column in columns if column.kind in DATE_KINDS and column.filled]
    if not found:
        return {}
    sums: dict[str, ir.Value] = {}
    for column in found:
        day = facts[f"d{column.index}"]
        sums |= {f"a{column.index}": day.min(), f"z{column.index}": day.max()}
    bounds = engine.fetch(facts.aggregate(**sums)).to_pylist()[0]
    result: dict[Kind, tuple[str, str]] = {}
    for kind in DATE_KINDS:
        mine = [column for column in found if column.kind is kind]
        first = [bounds[f"a{column.index}"] for column in mine if bounds[f"a{column.index}"] is not None]
        last = [bounds[f"z{column.index}"] for column in mine if bounds[f"z{column.index}"] is not None]
        if first:
            result[kind] = (min(first).isoformat(), max(last).isoformat())
    return result


def count_months(engine: Runner, facts: ir.Table, columns: Sequence[Column]) -> dict[str, int]:
    """Return rows by month of the sample ("YYYY-MM"); of the visit when the file has no sample date."""
    for kind in (Kind.SAMPLE_DATE, Kind.VISIT_DATE):
        for column in columns:
            if column.kind is kind and column.filled:
                day = facts[f"d{column.index}"]
                return dict(sorted(_by(engine, facts.select(value=day.strftime("%Y-%m"))).items()))
    return {}


def count_departements(engine: Runner, facts: ir.Table, columns: Sequence[Column]) -> dict[Role, dict[str, int]]:
    """Return rows by département of the postcode, by role (the first postcode column of each)."""
    counts: dict[Role, dict[str, int]] = {}
    for column in columns:
        if column.kind is Kind.POSTCODE and column.filled and column.role not in counts:
            counts[column.role] = _by(engine, facts.select(value=facts[f"p{column.index}"]))
    return {role: by_code for role, by_code in counts.items() if by_code}


def count_plausibility(engine: Runner, facts: ir.Table) -> dict[str, Share]:
    """Return, for each check beyond `valid`, how many rows agree of those where it can be decided."""
    shares: dict[str, Share] = {}
    for name, field in PLAUSIBILITY_FIELDS.items():
        if field in facts.columns:
            shares |= _share(engine, name, facts.select(agrees=facts[field]))
    if _PLACE in facts.columns:
        pairs = engine.put("places", _places())
        known = facts.select("row", key=facts[_PLACE]).filter(ibis._.key.notnull())
        agrees = known.left_join(pairs.mutate(key=pairs.place.hash(), agrees=True), "key")
        shares |= _share(engine, "postcode_commune", agrees.select(agrees=agrees.agrees.fill_null(False)))
    return shares


def _places() -> pa.Table:
    places = {f"{postcode}|{squash(name)}" for postcode, names in postcode_communes().items() for name in names}
    return pa.table({"place": pa.array(sorted(places), pa.string())})


def _share(engine: Runner, name: str, table: ir.Table) -> dict[str, Share]:
    counted = engine.fetch(table.aggregate(n=table.agrees.sum().fill_null(0), of=table.agrees.count())).to_pylist()[0]
    return {name: Share(counted["n"], counted["of"], "rows")} if counted["of"] else {}


def _by(engine: Runner, table: ir.Table) -> dict[str, int]:
    grouped = table.filter(table.value.notnull()).group_by("value").aggregate(n=ibis._.count())
    lines = engine.fetch(grouped.order_by(ibis.desc("n"), "value")).to_pylist()
    return {line["value"]: line["n"] for line in lines}
