"""The tables of a dump: one pass over it finds them, then each reads its own stretches.

1. A packed dump is unpacked once, to where it can be read from any place (`seekable`); so is one in UTF-16.
2. The sample is taken of what the first pass kept of each table: looking at a table reads nothing again.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from etanche.errors import ExitCode, UserError
from etanche.ingest.encodings import bom, choose_all, valid, wide
from etanche.ingest.entries import HEAD_BYTES, Entry
from etanche.ingest.headers import default_names
from etanche.ingest.limits import Limits, Note
from etanche.ingest.parsers.sql.carve import Catalog, Found, carve
from etanche.ingest.parsers.sql.events import Seekable
from etanche.ingest.parsers.sql.flavour import flavour
from etanche.ingest.parsers.sql.rows import Dump, Reading, delimiter_of
from etanche.ingest.parsers.sql.wide import Narrow, narrow
from etanche.ingest.parts import spread
from etanche.ingest.scan import Piece
from etanche.ingest.seekable import random_access
from etanche.ingest.tables import CellTable, cells_of
from etanche.model import Sample

NAME = "sql_dump"


class SqlTable(CellTable):
    """A table of a dump; looking at it costs nothing."""

    def __init__(self, entry: Entry, limits: Limits, dump: Dump, table: Found, files: _Files) -> None:
        """Describe a table that the first pass found."""
        self._found, self._dump, self._files = table, dump, files
        names = [_name(name, dump) for name in table.names] if table.named else default_names(len(table.names))
        super().__init__(
            entry,
            limits,
            NAME,
            names=names,
            pieces=self._read,
            table=".".join(_name(part, dump) for part in table.parts if part),
            header=table.named,
            encoding=dump.encoding,
            delimiter=delimiter_of(table),
        )

    def _read(self) -> Iterator[Piece]:
        reading = Reading(self._dump, self._found)
        with self._files.open() as file:
            yield from reading.pieces(file)
        if reading.redecoded:
            other = next(iter(self._dump.others), "utf-8")
            note = Note("lines_other_encoding", (("lines", reading.redecoded), ("encoding", other)))
            self.own_notes[:] = [*(note for note in self.own_notes if note.code != "lines_other_encoding"), note]

    def sample(self, rows: int = 4000) -> Sample:
        """Return at most `rows` rows from places all over the table."""
        width = len(self.names)
        places = self._found.places
        each = -(-rows // max(1, len(places)))
        taken: list[list[str]] = []
        for place in places:
            for piece in Reading(self._dump, self._found).looks([place]):
                taken += spread(cells_of(piece, width, delimiter_of(self._found)), each)
        columns = tuple(zip(*spread(taken, rows), strict=True)) if taken else ((),) * width
        return Sample(self.names, self.header, columns)


def _name(name: bytes, dump: Dump) -> str:
    """Return a name as text."""
    if valid(name, "utf-8"):
        return name.decode()
    return name.decode(dump.encoding, "replace")


class _Files:
    """Opens the dump, ASCII-compatible, to be read from any place."""

    def __init__(self, entry: Entry, limits: Limits) -> None:
        head = entry.head(4096)
        encoding, size = bom(head)
        encoding = encoding or wide(head)
        self.wide = encoding if encoding != "utf-8" else ""
        if self.wide:
            # A copy in UTF-8: offsets are those of its bytes.
            leaked = entry
            entry = leaked.child("utf-8", leaked.total)
            entry.opener = lambda: Narrow(leaked.opener(), encoding, size)
        self._opener = random_access(entry, limits)

    @contextmanager
    def open(self) -> Iterator[Seekable]:
        """Yield the dump's bytes."""
        file = self._opener()
        try:
            yield file
        finally:
            file.close()


def tables(entry: Entry, limits: Limits) -> Iterator[SqlTable]:
    """Yield each table of the dump, in the order in which they come.  Raises `UserError` when there is none."""
    speaks = flavour(narrow(entry.head(HEAD_BYTES)))
    files = _Files(entry, limits)
    with files.open() as file:
        catalog = carve(file, speaks, limits)
    found = [table for table in catalog.names.tables.values() if table.names]
    if not found:
        raise UserError("ingest_sql_no_rows", ExitCode.UNREADABLE, path="!".join((entry.outer.shown, *entry.members)))
    dump = _dump(catalog, files.wide, speaks.encoding, limits, entry)
    _say(entry, catalog)
    for table in found:
        yield SqlTable(entry, limits, dump, table, files)


def _dump(catalog: Catalog, wide_encoding: str, declared: str, limits: Limits, entry: Entry) -> Dump:
    """Return what tables share; the declared encoding counts where the bytes do not speak against it."""
    speaks = flavour(narrow(entry.head(HEAD_BYTES)))
    choice = choose_all(catalog.lines)
    encoding, others = choice.encoding, choice.others
    if wide_encoding:
        encoding, others = "utf-8", ()
    elif declared not in {"", "utf-8", encoding} and encoding != "utf-8":
        fitting = sum(valid(line, declared) for line in catalog.lines)
        if fitting == len(catalog.lines):
            encoding, others = declared, tuple(other for other in others if other != declared)
    return Dump(catalog.names, speaks, limits, encoding, others, catalog.seen, said=declared == encoding)


def _say(entry: Entry, catalog: Catalog) -> None:
    """Note what was not read."""
    if catalog.unread:
        entry.note("sql_not_followed", statements=catalog.unread)
    if catalog.full:
        entry.note("sql_too_many_tables", tables=len(catalog.names.tables))
