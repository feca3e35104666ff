"""Rows to facts: the one pass in which the engine reads every row and keeps only what the census needs.

Rules, in the order in which they apply:

1. Kinds are recognised on a sample; then each column's own check runs on every row (or on every distinct value, once),
   and nothing else does.
2. A column of which the sample saw too little is listed by its values and judged again on all of them once the rows
   are in: a sparse column is never lost to sampling.
3. Persons come from keys that the rows share; the labels go back to the engine beside the facts.
4. What needs persons and texts is counted beside what needs neither.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from etanche import assess, lexicon, listening, persons, recognise
from etanche.engines import VALUES
from etanche.model import Category, Column, Correction, Role, Sample
from etanche.recognise.topics.dictionary import topic_rules

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from etanche.engines import DelimitedPart, Engine

_SPARSE = 20
"""Filled cells of a column in the sample under which its verdict is only provisional."""
_SECOND_LOOK = 4_000
"""Distinct values on which a sparse column is judged again."""
_SETTLED = frozenset({"prose", "like_siblings"})
"""Reasons that a column's own few cells do not outweigh."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """What one pass over the rows left, ready for the census."""

    counted: assess.Counted
    figures: assess.RowFigures
    persons: assess.PersonFigures
    told: assess.Told
    """What the distinct texts say."""
    said: ir.Table
    """The same by row (`assess.place_topics`)."""


def load(
    engine: Engine,
    parts: Iterable[DelimitedPart],
    columns: Sequence[Column],
    sample: Sample,
    corrections: Sequence[Correction],
    records: Sequence[Sequence[int]] = (),
    ears: listening.Ears | None = None,
    topics: Mapping[str, Category] | None = None,
) -> Loaded:
    """Stream all rows through the engine; return what they left, read, joined into persons, and counted.

    `records` are sets of columns that hold the number of one and the same person's record; `ears` read the texts,
    for `topics` (by default the dictionary's, the user's own included).
    """
    if topics is None:
        topics = {name: rules.category for name, rules in topic_rules(lexicon.own.topic_files()).items()}
    ears = ears or listening.Here(tuple(topics))
    sparse = frozenset(
        column.index
        for column, cells in zip(columns, sample.columns, strict=True)
        if sum(cell != "" for cell in cells) < _SPARSE
    )
    listed = assess.listed_columns(columns, sample, recognise.cell_checks) | sparse
    again = assess.found_again(columns, recognise.cell_checks, listed, sparse)
    facts = partial(_facts, columns=columns, listed=listed, again=again, records=records)
    sides = assess.side_lists(columns)
    # A sparse column may still turn out to be none that is read.
    early = sorted(set(assess.text_columns(columns)) - sparse)

    def listen(values: pa.Table) -> None:
        found = values["value"].filter(pc.is_in(values["col"], pa.array(early, pa.int32())))
        ears.hear(found.to_pylist())

    with ThreadPoolExecutor(1, thread_name_prefix="beside") as beside:
        # The longest statement of all is written while rows are read.
        prepared = beside.submit(_value_checks, engine, columns, listed)
        expected = columns
        left = engine.load(len(columns), parts, {"facts": facts} | sides, listed, listen if early else None)
        # Joining persons, then counting rows, goes on beside what is asked of values, texts and persons.
        labels = beside.submit(_label_persons, engine, left["facts"])
        values = assess.merge_values(engine, left[VALUES])
        engine.drop(VALUES)
        if _rows(engine, left["facts"]) > max(map(len, sample.columns), default=0):
            columns = _second_look(engine, values, columns, sparse, corrections)
        late = [index for index in assess.text_columns(columns) if index not in early]
        ears.hear(assess.distinct_texts(engine, values, late))
        for column, cells in assess.packed_cells(engine, values, columns):
            ears.hear(cells, column)
        statement = prepared.result() if columns is expected else _value_checks(engine, columns, listed)
        checked = engine.keep("checked", statement)
        tables = assess.Tables(left["facts"], checked, listed)
        columns, stats = assess.count_columns(engine, tables, columns)
        counted = assess.Counted(tables, {name: left[name] for name in sides}, columns, stats)
        figures = beside.submit(assess.count_rows, engine, counted)
        told = ears.told() or _told_here(engine, values, columns, tuple(topics))
        said = assess.place_topics(engine, tables, columns, told)
        whose = assess.count_persons(engine, counted, labels.result(), said, topics)
        return Loaded(counted, figures.result(), whose, told, said)


def _facts(
    rows: ir.Table,
    columns: Sequence[Column],
    listed: frozenset[int],
    again: frozenset[int],
    records: Sequence[Sequence[int]],
) -> ir.Table:
    """Return what is kept of each row: its checks, the keys it shares, what it says of passwords."""
    rows = assess.checked_cells(rows, columns, recognise.cell_checks, listed)
    rows = rows.mutate(**persons.trait_fields(rows, columns))
    rows = rows.mutate(**persons.compared_days(rows))
    rows = rows.mutate(**persons.agreement_fields(rows))
    rows = rows.mutate(**assess.own_words(rows, columns))
    fields = assess.row_fields(rows, columns, listed, again)
    fields |= persons.key_fields(rows, records) | persons.role_fields(rows)
    fields |= {name: rows[name] for name in rows.columns if name.startswith("x_")}
    fields |= assess.own_fields(rows, columns)
    return rows.select(**fields)


def _value_checks(engine: Engine, columns: Sequence[Column], listed: frozenset[int]) -> str:
    """Return the statement that checks the values of the listed columns."""
    shown = [column for column in columns if column.index in listed]
    return engine.prepare(assess.value_checks(shown, recognise.cell_checks))


def _told_here(engine: Engine, values: ir.Table, columns: Sequence[Column], topics: Sequence[str]) -> assess.Told:
    """Return what the texts say, read from the first to the last in this process."""
    here = listening.Here(topics)
    here.hear(assess.distinct_texts(engine, values, assess.text_columns(columns)))
    for column, cells in assess.packed_cells(engine, values, columns):
        here.hear(cells, column)
    return here.told()


def _rows(engine: Engine, facts: ir.Table) -> int:
    return int(engine.fetch(facts.aggregate(n=facts.count()))["n"][0].as_py())


def _label_persons(engine: Engine, facts: ir.Table) -> ir.Table:
    """Return a table `row, person` in the engine: whose row each row is."""
    rows = _rows(engine, facts)
    spaces = persons.spaces(facts.columns)
    labels = persons.label_rows(rows, (engine.fetch(facts.select(*space)) for space in spaces))
    return engine.put("labels", pa.table({"row": np.arange(rows, dtype=np.int64), "person": labels}))


def _second_look(
    engine: Engine,
    values: ir.Table,
    columns: Sequence[Column],
    sparse: frozenset[int],
    corrections: Sequence[Correction],
) -> Sequence[Column]:
    """Judge the sparse columns again, on the values of all rows, where the sample had not seen them all.

    Returns the very columns given where they stay what they were.
    """
    if not sparse:
        return columns
    corrected = {correction.column for correction in corrections}
    seen = engine.fetch(values.filter(values.col.isin(sorted(sparse))).select("col", "value"))
    cells: dict[int, list[str]] = {}
    for index, value in zip(seen["col"].to_pylist(), seen["value"].to_pylist(), strict=True):
        cells.setdefault(index, []).append(value)
    verdicts = {column.index: column for column in columns}
    for index, found in cells.items():
        first = verdicts[index]
        if first.name in corrected or f"#{index + 1}" in corrected or first.reason.code in _SETTLED:
            continue
        name = first.name.removeprefix(f"{first.table}.") if first.table else first.name
        again = recognise.columns(Sample((name,), header=True, columns=(tuple(found[:_SECOND_LOOK]),)))[0]
        role = first.role if again.role is Role.NONE else again.role
        verdicts[index] = replace(
            again, index=index, name=first.name, role=role, table=first.table, repeat=first.repeat
        )
    judged = [verdicts[column.index] for column in columns]
    return columns if judged == list(columns) else judged
