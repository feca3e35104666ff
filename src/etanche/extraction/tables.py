"""One table written: its rows, what stands beside them, and its entry of the manifest.

1. The table and its provenance are always there, the quarantine only when something was set aside.
2. A fault in reading keeps the rows that came before it, and the entry says so; a table of which nothing came leaves no
   file.  A fault in writing is the extraction's own and ends it.
3. The table gets its name last: where it stands, the files beside it do too.
"""

from __future__ import annotations

from collections import Counter
from typing import Protocol

from etanche.errors import ExitCode, UserError
from etanche.extraction import manifest
from etanche.extraction.folder import Folder, Writing
from etanche.extraction.layout import Layout, Place
from etanche.extraction.reading import Guarded, Progress, parts_of
from etanche.extraction.rfc4180 import comma_separated, header_line
from etanche.extraction.sidecars import QUARANTINE_HEADER, Provenance, quarantine_lines
from etanche.ingest import Part, Table
from etanche.ingest.faults import as_user_error
from etanche.model import QuarantineReason
from etanche.words import Words

FORMATS = ("csv", "parquet")


class _Rows(Protocol):
    """What writes rows in one format."""

    def add(self, part: Part) -> None:
        """Write the rows of a part."""

    def end(self) -> None:
        """Write what ends the file."""


class _CsvRows:
    """Rows as RFC 4180 text."""

    def __init__(self, file: Writing, names: tuple[str, ...]) -> None:
        self._file, self._columns = file, len(names)
        self._head = header_line(names)

    def add(self, part: Part) -> None:
        """Write the rows of a part."""
        for block in comma_separated(part.data, part.dialect, self._columns):
            self._file.write(self._head + block if self._head else block)
            self._head = b""

    def end(self) -> None:
        """Write the header of a table without rows."""
        if self._head:
            self._file.write(self._head)


class _Output:
    """The files of one table on their way."""

    def __init__(self, folder: Folder, place: Place, form: str, table: Table, source: str) -> None:
        self._folder, self._place = folder, place
        folder.announce(place.all())
        self._table, self._beside = folder.create(place.table), folder.create(place.provenance)
        self._quarantine: Writing | None = None
        head = {"source": source, "member": table.member, "table": table.table, "above": table.above}
        self.provenance = Provenance(head)
        self.reasons: Counter[QuarantineReason] = Counter()
        with folder.faults():
            self._rows = _rows(form, self._table, table.names)
            self._beside.write(self.provenance.head)

    def add(self, part: Part) -> None:
        """Write one part."""
        with self._folder.faults():
            self._rows.add(part)
            if text := self.provenance.add(part.runs, part.rows):
                self._beside.write(text)
        if part.quarantined:
            self._set_aside(part)

    def _set_aside(self, part: Part) -> None:
        self.reasons.update(item.reason for item in part.quarantined)
        first = self._quarantine is None
        file = self._quarantine = self._quarantine or self._folder.create(self._place.quarantine)
        with self._folder.faults():
            if first:
                file.write(QUARANTINE_HEADER)
            file.write(quarantine_lines(part.quarantined))

    def settle(self, entry: manifest.Entry) -> manifest.Entry:
        """End the files and give them their names; return the entry with where they are."""
        with self._folder.faults():
            self._rows.end()
            self._beside.write(self.provenance.end())
        if self._quarantine:
            self._folder.settle(self._place.quarantine, self._quarantine)
        self._folder.settle(self._place.provenance, self._beside)
        self._folder.settle(self._place.table, self._table)
        return manifest.with_files(entry, self._place, self._table.size, self._quarantine is not None)

    def abandon(self) -> None:
        """Remove the files."""
        self._folder.abandon(self._place.table, self._table)
        self._folder.abandon(self._place.provenance, self._beside)
        if self._quarantine:
            self._folder.abandon(self._place.quarantine, self._quarantine)


class TableWriter:
    """Writes the tables of one extraction."""

    def __init__(self, folder: Folder, form: str, words: Words) -> None:
        self._folder, self._form, self._words = folder, form, words
        self._layout = Layout()

    def write(self, table: Table, source: str, progress: Progress | None) -> tuple[manifest.Entry, UserError | None]:
        """Write a table; return its entry, and the fault that kept some or all of it from being read."""
        place = self._layout.place(source, table.member, table.table, self._form)
        output = _Output(self._folder, place, self._form, table, source)
        parts = Guarded(lambda: parts_of(table, progress), source)
        refused = False
        for part in parts:
            try:
                output.add(part)
            except _refusal(self._form):
                refused = True
                break
        fault = UserError("extract_parquet", ExitCode.UNREADABLE, path=source) if refused else parts.fault
        nothing = not output.provenance.rows and not output.reasons
        if refused or (fault and nothing):
            output.abandon()
            return self._failure(source, table, fault)
        try:
            whole = fault is None
            account = manifest.counted(table.ledger) if whole else self._seen(output)
            entry = manifest.of_table(source, table, account, self._words)
        except Exception as error:  # noqa: BLE001 - rule 1 of `reading`: what a reader gets wrong is told of its table
            output.abandon()
            return self._failure(source, table, as_user_error(error, source))
        entry["error"] = manifest.said(fault, self._words) if fault else None
        return output.settle(entry), fault

    @staticmethod
    def _seen(output: _Output) -> dict[str, object]:
        return manifest.uncounted(output.provenance.lines, output.provenance.rows, output.reasons)

    def _failure(self, source: str, table: Table, fault: UserError | None) -> tuple[manifest.Entry, UserError | None]:
        """Return the entry of a table of which there is nothing."""
        known = fault or UserError("ingest_reader", ExitCode.UNREADABLE, path=source, kind="", place="")
        entry = manifest.of_failure(source, table.member, known, self._words)
        return {**entry, "table": table.table}, known


def _rows(form: str, file: Writing, names: tuple[str, ...]) -> _Rows:
    """Return what writes rows in a format."""
    if form == "csv":
        return _CsvRows(file, names)
    from etanche.extraction.parquet import ParquetRows  # noqa: PLC0415 - a fifth of a second that CSV does not need

    return ParquetRows(file, names)


def _refusal(form: str) -> type[Exception]:
    """Return what a format raises for rows it cannot hold."""
    if form == "csv":
        return _NeverError
    from etanche.extraction.parquet import RowsRefusedError  # noqa: PLC0415 - as above

    return RowsRefusedError


class _NeverError(Exception):
    """What is never raised: text holds any row."""
