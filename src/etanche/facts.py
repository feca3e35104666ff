"""Rows to facts: the one pass in which the engine reads every row and keeps only what the census needs.

Rules, in the order in which they apply:

1. Kinds are recognised on a sample; then each column's own check runs on every row, and nothing else does.
2. A column of which the sample saw too little keeps its text, is looked at again once all rows are in, and is then
   checked by what it turned out to be: a sparse column is never lost to sampling.
3. Persons come from keys that the rows share; the labels go back to the engine beside the facts.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import ibis
import numpy as np
import pyarrow as pa

from etanche import assess, persons, recognise
from etanche.lexicon.names import squash_expr
from etanche.model import Column, Correction, Kind, Role, Sample

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from etanche.engines import DelimitedPart, Engine

_SPARSE = 20
"""Filled cells of a column in the sample under which its verdict is only provisional."""
_SECOND_LOOK = 4_000
"""Filled cells on which a sparse column is judged again."""


@dataclass(frozen=True, slots=True)
class Facts:
    """The narrow table of a file in an engine, and the columns that it was made of."""

    table: ir.Table
    columns: tuple[Column, ...]


def load(
    engine: Engine,
    parts: Iterable[DelimitedPart],
    columns: Sequence[Column],
    sample: Sample,
    corrections: Sequence[Correction],
) -> Facts:
    """Stream all rows through the engine; return their facts, columns counted."""
    sparse = {
        column.index
        for column, cells in zip(columns, sample.columns, strict=True)
        if sum(cell != "" for cell in cells) < _SPARSE
    }

    def project(rows: ir.Table) -> ir.Table:
        fields: dict[str, ir.Value] = {}
        for column in columns:
            cell = rows[f"c{column.index}"]
            checks = recognise.cell_checks(column, cell)
            fields |= assess.cell_fields(column, cell, checks, keep_text=column.index in sparse)
        fields |= persons.key_fields(rows, columns) | persons.role_fields(rows, columns)
        fields |= _agreements(rows, columns)
        return rows.select(**fields)

    table = engine.load("facts", len(columns), parts, project)
    columns, table = _second_look(engine, table, columns, sparse, corrections)
    return Facts(table, assess.count_columns(engine, table, columns))


def label_persons(engine: Engine, facts: ir.Table) -> ir.Table:
    """Return a table `row, person` in the engine: whose row each row is."""
    rows = engine.fetch(facts.aggregate(n=facts.count()))["n"][0].as_py()
    keys = []
    for name in facts.columns:
        if name.startswith("k_"):
            pairs = engine.fetch(facts.select("row", key=facts[name]).filter(ibis._.key.notnull()))
            keys.append((pairs["row"].to_numpy(), pairs["key"].to_numpy().astype(np.uint64, copy=False)))
    labels = persons.join_by_keys(rows, keys)
    return engine.put("labels", pa.table({"row": np.arange(rows, dtype=np.int64), "person": labels}))


def _agreements(rows: ir.Table, columns: Sequence[Column]) -> dict[str, ir.Value]:
    """Return the fields of the checks between columns: what `assess` calls plausibility."""
    patient = persons.RowCells(rows, columns, Role.PATIENT)
    number, sex, born = patient.cell(Kind.NIR), patient.cell(Kind.SEX), patient.birth_date()
    postcode, commune = patient.cell(Kind.POSTCODE), patient.name(Kind.COMMUNE)
    fields: dict[str, ir.Value] = {}
    if number is not None and sex is not None:
        fields["x_nir_sex"] = persons.nir_agrees_with_sex(number, sex)
    if number is not None and born is not None:
        fields["x_nir_birth"] = persons.nir_agrees_with_birth(number, born)
    if postcode is not None and commune is not None:
        both = postcode.notnull() & commune.notnull()
        fields["x_place"] = ibis.ifelse(both, (postcode + "|" + commune).hash(), ibis.null("uint64"))
    return fields


def _second_look(
    engine: Engine, table: ir.Table, columns: Sequence[Column], sparse: set[int], corrections: Sequence[Correction]
) -> tuple[tuple[Column, ...], ir.Table]:
    """Judge the sparse columns again on all that they hold; return columns and facts with their fields made anew."""
    corrected = {correction.column for correction in corrections}
    verdicts = {column.index: column for column in columns}
    for index in sorted(sparse):
        first = verdicts[index]
        if first.name in corrected or f"#{index + 1}" in corrected:
            continue
        text = table[f"t{index}"]
        filled = table.select(cell=text).filter(ibis._.cell.notnull()).limit(_SECOND_LOOK)
        cells = engine.fetch(filled)["cell"].to_pylist()
        if not cells:
            continue
        alone = Sample((first.name,), header=True, columns=(tuple(cells),))
        again = recognise.columns(alone)[0]
        again = replace(again, index=index, role=first.role if again.role is Role.NONE else again.role)
        if again.kind is not first.kind or again.layout != first.layout:
            verdicts[index] = again
            checks = recognise.cell_checks(again, text)
            fields = assess.cell_fields(again, text, checks, keep_text=False)
            fields.setdefault(f"v{index}", checks.valid)
            table = table.mutate(**fields)
    return tuple(verdicts[column.index] for column in columns), table
