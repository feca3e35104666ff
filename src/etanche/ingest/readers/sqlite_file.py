"""SQLite database files: every table, not the views; parsed in the sandbox (`parsers.sql.sqlite_rows`).

1. The place of a row is its number in the order in which the table gives its rows.
2. A write-ahead log beside a plain file (`name-wal`) is read with it, up to `Limits.memory_file_bytes` for both.
3. Tables of the database's own (`sqlite_…`) and virtual ones are passed over: what a virtual table holds stands in the
   plain tables behind it.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from etanche.errors import ExitCode, UserError
from etanche.ingest import sandbox
from etanche.ingest.bids import Bid, Head
from etanche.ingest.encodings import single_byte
from etanche.ingest.entries import Entry
from etanche.ingest.frames import Frame
from etanche.ingest.limits import Limits, Note
from etanche.ingest.parts import spread
from etanche.ingest.scan import Piece
from etanche.ingest.seekable import local_path
from etanche.ingest.tables import CellTable, cells_of
from etanche.model import Sample

NAME = "sqlite_file"


def bid(head: Head) -> Bid:
    """Bid on the magic number."""
    return Bid(0.9, "magic") if head.data.startswith(b"SQLite format 3\0") else Bid(0, "no_magic")


class SqliteTable(CellTable):
    """One table of a database; its sample is read from places all over it."""

    def __init__(self, entry: Entry, limits: Limits, name: str, columns: list[str], encoding: str) -> None:
        """Describe a table with its columns; `encoding` is that of text which is not UTF-8."""
        self._place, self._bounds = entry, limits
        self._params: dict[str, object] = {"table": name, "encoding": encoding}
        super().__init__(entry, limits, NAME, names=columns, pieces=self._read, table=name)

    def _read(self) -> Iterator[Piece]:
        yield from sandbox.pieces(self._noting(run(self._place, self._bounds, "rows", self._params)))

    def _noting(self, frames: Iterator[Frame]) -> Iterator[Frame]:
        for header, body in frames:
            if "damaged" in header:
                self.own_notes[:] = [Note("sql_damaged", (("tables", 1),))]
            else:
                yield header, body

    def sample(self, rows: int = 4000) -> Sample:
        """Return at most `rows` rows spread over the table."""
        width = len(self.names)
        taken: list[list[str]] = []
        for piece in sandbox.pieces(run(self._place, self._bounds, "sample", self._params | {"rows": rows})):
            taken += cells_of(piece, width)
        columns = tuple(zip(*spread(taken, rows), strict=True)) if taken else ((),) * width
        return Sample(self.names, self.header, columns)


def run(entry: Entry, limits: Limits, task: str, params: dict[str, object]) -> Iterator[Frame]:
    """Yield the frames of a task over the entry."""
    wal = _log(entry, limits)
    order: dict[str, object] = {"shown": entry.shown, "packed": not entry.plain, **params}
    if wal is not None:
        order["wal"] = wal
    with local_path(entry, limits) as path:
        yield from sandbox.run(f"sql.sqlite_rows:{task}", path, order, limits, shown=entry.shown)


def _log(entry: Entry, limits: Limits) -> Path | None:
    """Return the write-ahead log beside a plain database, None where there is none to be read."""
    if not entry.plain:
        return None
    log = entry.outer.path.with_name(entry.outer.path.name + "-wal")
    try:
        size = log.stat().st_size if log.is_file() else 0
    except OSError:
        return None
    if not size:
        return None
    if size + entry.outer.size > limits.memory_file_bytes:
        entry.note("sql_log_not_read")
        return None
    return log


def tables(entry: Entry, limits: Limits) -> Iterator[CellTable]:
    """Yield each table.  Raises `UserError` when there is none."""
    found: list[tuple[str, list[str]]] = []
    foreign: list[bytes] = []
    damaged = 0
    for header, _ in run(entry, limits, "look", {}):
        if "table" in header:
            found.append((header["table"], list(header["columns"])))
        else:
            foreign = [text.encode("latin-1") for text in header["foreign"]]
            damaged = header["damaged"]
    if damaged:
        entry.note("sql_damaged", tables=damaged)
    if not found:
        raise UserError("ingest_sqlite", ExitCode.UNREADABLE, path=entry.shown)
    encoding = single_byte(foreign) if foreign else "cp1252"
    for name, columns in found:
        yield SqliteTable(entry, limits, name, columns, encoding)
