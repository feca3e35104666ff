"""SQL dumps and scripts: MySQL, MariaDB, PostgreSQL, SQLite, SQL Server, Oracle, as text.

1. One pass over the dump finds its tables and where the rows of each lie (`parsers.sql.carve`); each table then reads
   its own stretches of the dump, so that many tables cost no more passes than few.
2. A packed dump is unpacked once, to where it can be read from any place (`seekable`); so is one in UTF-16.
3. The sample is taken of what the first pass kept of each table: looking at a table reads nothing again.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from contextlib import contextmanager

from etanche.errors import ExitCode, UserError
from etanche.ingest.bids import Bid, Head
from etanche.ingest.encodings import bom, choose_all, valid, wide
from etanche.ingest.entries import HEAD_BYTES, Entry, Stream
from etanche.ingest.headers import default_names
from etanche.ingest.limits import Limits, Note
from etanche.ingest.parsers.sql.carve import Catalog, Found, carve
from etanche.ingest.parsers.sql.events import Seekable
from etanche.ingest.parsers.sql.flavour import flavour
from etanche.ingest.parsers.sql.rows import Dump, Reading, delimiter_of
from etanche.ingest.parts import spread
from etanche.ingest.scan import Piece
from etanche.ingest.seekable import random_access
from etanche.ingest.tables import CellTable, cells_of
from etanche.model import Sample

NAME = "sql_dump"

_MARKS = re.compile(
    rb"-- (?:MySQL dump|MariaDB dump|PostgreSQL database|phpMyAdmin|HeidiSQL|Adminer|Dump completed)|/\*M?!\d{5} SET "
    rb"|PRAGMA foreign_keys=OFF;|SET (?:ANSI_NULLS|IDENTITY_INSERT|standard_conforming_strings)\b",
    re.IGNORECASE,
)
_STATEMENT = re.compile(
    rb"^[ \t]*+(?:INSERT\s+(?:\w+\s+){0,3}?(?:INTO\s+)?[\w`\"\[.$\]]+(?:\s*\([^()]{1,60000}\))?"
    rb"\s*(?:VALUES?\b|SET\b|SELECT\b)|REPLACE\s+INTO\s+[`\"\[\w.]+[^;]{0,4000}?(?:VALUES?\b|SET\b)"
    rb"|INSERT\s+ALL\s+INTO\b"
    rb"|CREATE\s+(?:\w+\s+){0,3}?TABLE\s+(?:IF\s+NOT\s+EXISTS\s+)?[`\"\[\w.\]]+\s*\("
    rb"|COPY\s+[\w.\"]+\s*(?:\([^()]{1,60000}\))?\s*FROM\s+stdin)",
    re.MULTILINE | re.IGNORECASE,
)
_BLANK = re.compile(rb"(?:\s++|--[^\n]*+(?:\n|\Z)|/\*.*?\*/;?|#[^\n]*+\n)*+", re.DOTALL)


def bid(head: Head) -> Bid:
    """Bid on the marks of the programs that write dumps, and on statements that begin a line."""
    data = _narrow(head.data)
    start = _MARKS.search(data, 0, 8192)
    found = _STATEMENT.search(data)
    if found and (start or not data[: found.start()].strip() or _only_sql(data, found.start())):
        return Bid(0.9, "statements")
    if start and data.lstrip().startswith((b"--", b"/*", b"SET", b"PRAGMA", b"USE", b"\\")):
        return Bid(0.85, "marks")
    if found and head.suffix in {"sql", "dump", "ddl", "psql"}:
        return Bid(0.85, "named")
    if head.suffix in {"sql", "psql"} and _BLANK.match(data) and b";" in data and b"\n" in data:
        return Bid(0.72, "named")
    return Bid(0, "no_sql")


_KNOWN = re.compile(
    rb"(?:SET|USE|DROP|CREATE|BEGIN|START|PRAGMA|LOCK|DELIMITER|GO|INSERT|REPLACE|ALTER|TRUNCATE|COPY|SELECT|IF|REM|PROMPT"
    rb"|SPOOL|DECLARE|DELETE|COMMIT|PRINT|\\\w+)\b",
    re.IGNORECASE,
)


def _only_sql(data: bytes, end: int) -> bool:
    """Tell whether what stands before the first statement with data begins like SQL."""
    match = _BLANK.match(data, 0, end)
    return match is not None and (match.end() >= end or _KNOWN.match(data, match.end()) is not None)


def _narrow(data: bytes) -> bytes:
    """Return bytes as ASCII-compatible ones, without their mark."""
    encoding, size = bom(data)
    if not encoding:
        encoding = wide(data)
    if encoding and encoding != "utf-8":
        return data[size : len(data) - (len(data) - size) % 4].decode(encoding, "replace").encode()
    return data[size:]


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
            entry.opener = lambda: _Narrow(leaked.opener(), encoding, size)
        self._opener = random_access(entry, limits)

    @contextmanager
    def open(self) -> Iterator[Seekable]:
        """Yield the dump's bytes."""
        file = self._opener()
        try:
            yield file
        finally:
            file.close()


class _Narrow:
    """A stream of wide characters as UTF-8; what does not decode becomes U+FFFD."""

    def __init__(self, stream: Stream, encoding: str, skip: int) -> None:
        self._stream = stream
        self._decoder = codecs.getincrementaldecoder(encoding)("replace")
        self._left = b""
        stream.read(skip)

    def read(self, size: int, /) -> bytes:
        """Return the next bytes."""
        while len(self._left) < size:
            data = self._stream.read(max(size, 1 << 16))
            self._left += self._decoder.decode(data, final=not data).encode("utf-8", "replace")
            if not data:
                break
        data, self._left = self._left[:size], self._left[size:]
        return data

    def done(self) -> int:
        """Return how far the pass is."""
        return self._stream.done()

    def close(self) -> None:
        """Close the stream."""
        self._stream.close()


def tables(entry: Entry, limits: Limits) -> Iterator[SqlTable]:
    """Yield each table of the dump, in the order in which they come.  Raises `UserError` when there is none."""
    speaks = flavour(_narrow(entry.head(HEAD_BYTES)))
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
    speaks = flavour(_narrow(entry.head(HEAD_BYTES)))
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
