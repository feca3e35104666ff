"""The files of one leak: opened as tables of one shape, looked at, and read ahead.

Rules, in the order in which they apply:

1. Tables with the same columns are one leak in several files; tables of several shapes are never mixed, nor dropped
   unsaid.
2. Columns are recognised on a sample of all tables together.
3. Reading begins as soon as the tables are known, beside recognition and questions, and stays two parts ahead of
   whoever takes them; nothing of it leaves memory.
"""

from __future__ import annotations

import os
import queue
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from etanche import ingest, recognise, rows
from etanche.errors import ExitCode, UserError
from etanche.model import Column, Correction, Ledger, QuarantineReason, Reason, Sample, Source

Progress = Callable[[int, int], None]
_AHEAD = 2


@dataclass(frozen=True, slots=True)
class Leak:
    """The tables of one leak, and the verdict of their sample."""

    tables: tuple[ingest.Table, ...]
    refused: tuple[ingest.Refused, ...]
    sample: Sample
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
            Source(table.path, table.member, "", table.size, "", table.encoding, table.dialect, table.header)
            for table in self.tables
        )

    def reading(self) -> rows.Reading:
        """Return what reading the tables told, once all of them were read."""
        notes = [Reason(note.code, note.params) for table in self.tables for note in table.notes]
        for refused in self.refused:
            place = f"{refused.path}!{refused.member}" if refused.member else refused.path
            notes.append(Reason("not_read", (("path", place),)))
        return rows.Reading(
            names=self.sample.names,
            header=self.sample.header,
            sources=tuple(table.source for table in self.tables),
            ledger=_sum([table.ledger for table in self.tables]),
            notes=tuple(dict.fromkeys(notes)),
        )


def open_leak(paths: Sequence[Path], table: str | None, corrections: bytes | None) -> Leak:
    """Open paths as one leak; `table` chooses one among several shapes, `corrections` is the content of a `--map` file.

    Raises `UserError`: what cannot be read (3), several shapes or a faulty correction (2).
    """
    distinct = {os.path.realpath(path): path for path in paths}  # a file named twice is read once
    opening = ingest.open_paths(tuple(distinct.values()))
    tables = _one_shape(tuple(opening), table)
    sample = _joined([table.sample() for table in tables])
    ahead = _Ahead(tables)
    try:
        corrected = recognise.corrections_from_toml(corrections) if corrections else ()
        columns = recognise.columns(sample, corrected)
    except UserError:
        ahead.close()
        raise
    return Leak(tables, tuple(opening.refused), sample, corrected, columns, ahead)


class _Ahead(Iterator[ingest.Part]):
    """The parts of some tables, read by a thread of its own that stays a little ahead."""

    def __init__(self, tables: Sequence[ingest.Table]) -> None:
        """Begin to read."""
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
            for table in tables:
                self._before = before
                for part in table.parts(self._note):
                    self._put(part)
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


def _one_shape(tables: tuple[ingest.Table, ...], wanted: str | None) -> tuple[ingest.Table, ...]:
    """Return the tables that belong together: the same columns."""
    if wanted is not None:
        tables = tuple(table for table in tables if wanted in (_place(table), Path(_place(table)).name))
        if not tables:
            raise UserError("table_not_found", ExitCode.USAGE, table=wanted)
    shapes = {table.names for table in tables}
    if len(shapes) > 1:
        places = ", ".join(_place(table) for table in tables[:8])
        raise UserError("several_tables", ExitCode.USAGE, count=len(tables), tables=places)
    return tables


def _place(table: ingest.Table) -> str:
    return table.member or table.path


def _joined(samples: Sequence[Sample]) -> Sample:
    first = samples[0]
    if len(samples) == 1:
        return first
    cells = (
        tuple(cell for cells in same for cell in cells) for same in zip(*(s.columns for s in samples), strict=True)
    )
    return Sample(first.names, first.header, tuple(cells))


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
