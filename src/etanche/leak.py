"""The files of one leak: opened as tables, laid side by side, looked at, and read ahead.

Rules, in the order in which they apply:

1. Tables of the same columns are one table in several files; tables of several shapes stand side by side, each with
   columns of its own (`joining`).  None is dropped unsaid.
2. Columns are recognised shape by shape, each on a sample of all its tables.
3. Reading begins as soon as the tables are known, beside recognition and questions, and stays two parts ahead of
   whoever takes them; nothing of it leaves memory.
"""

from __future__ import annotations

import os
import queue
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from etanche import ingest, joining, recognise, rows
from etanche.errors import ExitCode, UserError
from etanche.model import (
    Column,
    Correction,
    Kind,
    Ledger,
    QuarantineReason,
    Reason,
    Role,
    Sample,
    Source,
)
from etanche.recognise.corrections import by_index

Progress = Callable[[int, int], None]
_AHEAD = 2
_MOST_COLUMNS = 3_000


@dataclass(frozen=True, slots=True)
class Leak:
    """The tables of one leak, and the verdict of their sample."""

    tables: tuple[ingest.Table, ...]
    layout: joining.Layout
    empty: tuple[ingest.Table, ...]
    """Tables without a row, read to their end."""
    refused: tuple[ingest.Refused, ...]
    sample: Sample
    """By column of the leak; columns of one shape are aligned by row, those of two shapes are not."""
    corrections: tuple[Correction, ...]
    columns: tuple[Column, ...]
    ahead: _Ahead

    def parts(self, progress: Progress) -> Iterator[ingest.Part]:
        """Yield all parts in order, once; `progress` is told of bytes done and in all, as parts are taken."""
        for part in self.ahead:
            progress(self.ahead.done, sum(table.size for table in self.tables))
            yield part

    def sources(self) -> tuple[Source, ...]:
        """Return where the tables lie, without the hash: it is known once the files were read."""
        return tuple(
            Source(
                table.path, table.member, "", table.size, "", table.encoding, table.dialect, table.header, table.table
            )
            for table in self.tables
        )

    def reading(self) -> rows.Reading:
        """Return what reading the tables told, once all of them were read."""
        every = (*self.tables, *self.empty)
        notes = [Reason(note.code, note.params) for table in every for note in table.notes]
        if len(self.layout.shapes) > 1:
            labels = ", ".join(shape.label for shape in self.layout.shapes)
            notes.append(Reason("tables_side_by_side", (("count", len(self.layout.shapes)), ("tables", labels))))
        for refused in self.refused:
            place = f"{refused.path}!{refused.member}" if refused.member else refused.path
            notes.append(Reason("not_read", (("path", place),)))
        return rows.Reading(
            names=self.sample.names,
            header=self.sample.header,
            sources=tuple(table.source for table in every),
            ledger=_sum([table.ledger for table in every]),
            notes=tuple(dict.fromkeys(notes)),
            layout=self.layout,
            above=tuple(table.above for table in every),
        )


def open_leak(
    paths: Sequence[Path],
    table: str | None,
    corrections: bytes | None,
    limits: ingest.Limits = ingest.DEFAULT,
    passwords: Sequence[str] = (),
) -> Leak:
    """Open paths as one leak; `table` chooses one among several, `corrections` is the content of a `--map` file.

    `passwords` are tried on whatever is locked.

    Raises `UserError`: what cannot be read (3), no such table, too many columns or a faulty correction (2).
    """
    distinct = {os.path.realpath(path): path for path in paths}  # a file named twice is read once
    opening = ingest.open_paths(tuple(distinct.values()), limits, passwords)
    filled, empty = _with_rows(_chosen(tuple(opening), table))
    tables = [table for table, _ in filled]
    samples = [sample for _, sample in filled]
    layout = joining.lay_out(tables, samples, _kinds)
    if len(layout.names) > _MOST_COLUMNS:
        raise UserError("too_many_columns", ExitCode.USAGE, count=len(layout.names), tables=_places(tables))
    ahead = _Ahead(tables, layout)
    try:
        corrected = recognise.corrections_from_toml(corrections) if corrections else ()
        shapes = [
            joining.joined(
                shape,
                [(samples[n], layout.places[n]) for n, own in enumerate(layout.shape_of) if own == number],
            )
            for number, shape in enumerate(layout.shapes)
        ]
        columns = recognised(layout, shapes, corrected)
    except UserError:
        ahead.close()
        raise
    return Leak(tuple(tables), layout, empty, tuple(opening.refused), whole(layout, shapes), corrected, columns, ahead)


def recognised(
    layout: joining.Layout, samples: Sequence[Sample], corrections: Sequence[Correction]
) -> tuple[Column, ...]:
    """Return the verdict on all columns of a leak, from a sample a shape; `UserError` for a faulty correction."""
    if len(layout.shapes) == 1:
        return _with_prose(recognise.columns(samples[0], corrections), layout.shapes[0].prose)
    names = layout.names
    corrected = by_index(names, corrections)
    tied = {place for places in layout.records for place in places}
    columns: list[Column] = []
    for shape, sample in zip(layout.shapes, samples, strict=True):
        own = [
            replace(corrected[shape.first + place], column=f"#{place + 1}")
            for place in range(len(shape.names))
            if shape.first + place in corrected
        ]
        for column in _with_prose(recognise.columns(sample, own), shape.prose):
            index = shape.first + column.index
            # The number of a patient's record is the patient's, whatever table it stands in.
            role = Role.PATIENT if index in tied and column.role is Role.NONE else column.role
            columns.append(replace(column, index=index, name=names[index], role=role, table=shape.label))
    return tuple(columns)


def _with_prose(columns: Sequence[Column], prose: Sequence[str]) -> tuple[Column, ...]:
    """Return columns of which some are known to be written for people, whatever a few cells of them look like."""
    return tuple(
        replace(column, kind=Kind.COMMENT, role=Role.PATIENT, confidence=0.99, reason=Reason("prose"), layout="")
        if column.name in prose and column.reason.code != "corrected"
        else column
        for column in columns
    )


def whole(layout: joining.Layout, samples: Sequence[Sample]) -> Sample:
    """Return the samples of all shapes as one, by column."""
    cells = tuple(column for sample in samples for column in sample.columns)
    return Sample(layout.names, any(shape.header for shape in layout.shapes), cells)


def _kinds(sample: Sample) -> list[str]:
    """Return the kinds that the cells alone tell; empty for those that any column could be."""
    vague = {Kind.UNKNOWN, Kind.EMPTY, Kind.CONSTANT}
    bare = Sample(tuple(f"column_{k}" for k in range(1, len(sample.columns) + 1)), False, sample.columns)
    return ["" if column.kind in vague else column.kind.value for column in recognise.columns(bare, ())]


class _Ahead(Iterator[ingest.Part]):
    """The parts of some tables, read by a thread of its own that stays a little ahead."""

    def __init__(self, tables: Sequence[ingest.Table], layout: joining.Layout) -> None:
        """Begin to read."""
        self._layout = layout
        self.done = self._before = 0
        self._parts: queue.Queue[ingest.Part | BaseException | None] = queue.Queue(_AHEAD)
        self._closed = threading.Event()
        threading.Thread(target=self._read, args=(tables,), name="read", daemon=True).start()

    def __next__(self) -> ingest.Part:
        """Return the next part; raises what reading raised."""
        item = self._parts.get()
        if isinstance(item, ingest.Part):
            return item
        self._parts.put(item)  # whoever asks again gets the same answer
        if item is None:
            raise StopIteration
        raise item

    def close(self) -> None:
        """Stop reading: nobody will take the rest."""
        self._closed.set()

    def _read(self, tables: Sequence[ingest.Table]) -> None:
        end: BaseException | None = None
        try:
            before = 0
            for number, table in enumerate(tables):
                self._before, places = before, self._layout.place(number)
                for part in table.parts(self._note):
                    self._put(replace(part, table=number, places=places) if number or places else part)
                before += table.size
        except BaseException as error:  # noqa: BLE001 - it belongs to whoever takes the parts, and is raised there
            end = error
        self._put(end)

    def _note(self, done: int, _total: int) -> None:
        self.done = self._before + done

    def _put(self, item: ingest.Part | BaseException | None) -> None:
        while not self._closed.is_set():
            try:
                self._parts.put(item, timeout=0.2)
            except queue.Full:
                continue
            return


def _chosen(tables: tuple[ingest.Table, ...], wanted: str | None) -> tuple[ingest.Table, ...]:
    """Return the tables of a name: the table's own, its file's or its member's; all of them without one."""
    if wanted is None:
        return tables
    chosen = tuple(table for table in tables if wanted in (table.table, _place(table), Path(_place(table)).name))
    if not chosen:
        raise UserError("table_not_found", ExitCode.USAGE, table=wanted, tables=_places(tables))
    return chosen


def _with_rows(
    tables: Sequence[ingest.Table],
) -> tuple[list[tuple[ingest.Table, Sample]], tuple[ingest.Table, ...]]:
    """Return the tables that hold rows, each with its sample, and the others, read to their end."""
    filled: list[tuple[ingest.Table, Sample]] = []
    empty: list[ingest.Table] = []
    for table in tables:
        sample = table.sample()
        if not any(sample.columns) and len(tables) > 1:
            for _ in table.parts():
                pass
            if not table.ledger.rows and not table.ledger.quarantined:
                empty.append(table)
                continue
        filled.append((table, sample))
    if not filled:
        filled = [(empty[0], empty[0].sample())]
        del empty[0]
    return filled, tuple(empty)


def _place(table: ingest.Table) -> str:
    return table.member or table.path


def _places(tables: Sequence[ingest.Table]) -> str:
    """Return the names of some tables, for a message."""
    names = [table.table or _place(table) for table in tables[:8]]
    return ", ".join([*names, "…"] if len(tables) > len(names) else names)


def _sum(ledgers: Sequence[Ledger]) -> Ledger:
    reasons: dict[QuarantineReason, int] = {}
    for ledger in ledgers:
        for reason, count in ledger.reasons.items():
            reasons[reason] = reasons.get(reason, 0) + count
    return Ledger(
        lines=sum(ledger.lines for ledger in ledgers),
        header=sum(ledger.header for ledger in ledgers),
        row_lines=sum(ledger.row_lines for ledger in ledgers),
        blank=sum(ledger.blank for ledger in ledgers),
        rows=sum(ledger.rows for ledger in ledgers),
        quarantined=sum(ledger.quarantined for ledger in ledgers),
        reasons=reasons,
    )
