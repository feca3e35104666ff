"""The second pass: the rows of one table, from the spans that the first pass found."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from etanche.ingest.decoding import Decoder
from etanche.ingest.limits import Limits
from etanche.ingest.parsers.sql import copytext
from etanche.ingest.parsers.sql.carve import Found, Names, Place
from etanche.ingest.parsers.sql.events import Bad, Into, Lines, Row, Rows, Seekable, Table, Use
from etanche.ingest.parsers.sql.flavour import Flavour
from etanche.ingest.parsers.sql.masks import Clean, convert
from etanche.ingest.parsers.sql.rowwalk import Seen
from etanche.ingest.parsers.sql.tokens import SlowRow, names_of, slow_row, token
from etanche.ingest.parsers.sql.values import binary, plain_row, value
from etanche.ingest.parsers.sql.walker import Walker
from etanche.ingest.parsers.sql.writer import Writer
from etanche.ingest.scan import Piece
from etanche.ingest.tables import DELIMITER
from etanche.model import QuarantineReason as Why

_BYTES = re.compile(rb"\\[0Zb]|[\x00-\x08\x0b\x0c\x0e-\x1f\x80-\xff]")


@dataclass(frozen=True, slots=True)
class Dump:
    """What all tables of one dump share."""

    names: Names
    flavour: Flavour
    limits: Limits
    encoding: str
    others: tuple[str, ...]
    seen: Seen
    said: bool = False
    """The dump itself names its encoding."""

    def decoder(self, delimiter: str) -> Decoder:
        """Return a decoder of rows."""
        return Decoder(self.encoding, self.others, delimiter.encode("ascii"), said=self.said)


def delimiter_of(table: Found) -> str:
    """Return what goes between the cells of a table: a COPY's tabs may stay."""
    return "\t" if table.copied and not table.inserted else DELIMITER


class Reading:
    """One pass over one table."""

    def __init__(self, dump: Dump, table: Found) -> None:
        self._dump, self._table = dump, table
        self._delimiter = delimiter_of(table)
        self._writer = Writer(len(table.names), self._delimiter, dump.decoder(self._delimiter), dump.limits)
        self._token = token(dump.flavour.escapes, dump.flavour.hashes)
        self._form = copytext.PLAIN
        self._csv: copytext.CsvLines | None = None
        self._active = False
        self._into: Into | None = None
        self._implicit: tuple[bytes, ...] = ()
        self._bytes: list[int] = []
        """Cells of the statement at hand whose columns are declared to hold bytes (MySQL writes them as strings)."""

    @property
    def redecoded(self) -> int:
        """Return how many rows or cells were in another encoding."""
        return self._writer.redecoded

    def pieces(self, file: Seekable) -> Iterator[Piece]:
        """Yield all rows."""
        names = self._dump.names
        for span in self._table.spans:
            use = span.use
            self._implicit = span.implicit
            walker = Walker(file, span.start, span.end, self._dump.flavour, self._dump.limits, self._dump.seen)
            for event in walker.events():
                match event:
                    case Use():
                        use = (event.name,)
                    case Table() if names.find(event.name, use) is self._table:
                        self._implicit = tuple(column.name for column in event.columns)
                    case Into():
                        self._active = names.find(event.name, use) is self._table
                        if self._active:
                            self._begin(event)
                    case _ if self._active:
                        self._take(event)
                        yield from self._writer.ready()
            self._end_copy()
        yield from self._writer.rest()

    def looks(self, places: Iterable[Place]) -> Iterator[Piece]:
        """Yield the rows of the places that the first pass kept."""
        for place in places:
            self._implicit = place.implicit
            self._begin(place.into)
            self._take(place.event)
            self._end_copy()
            yield from self._writer.ready()
        yield from self._writer.rest()

    def _begin(self, into: Into) -> None:
        self._end_copy()
        self._into = into
        self._arrange(tuple(names_of(into.columns)) if into.columns is not None else self._implicit)
        if into.copy is not None:
            self._form = copytext.copy_format(into.copy)
            self._csv = copytext.CsvLines(self._form, self._dump.limits.line_bytes) if self._form.csv else None

    def _arrange(self, columns: tuple[bytes, ...]) -> None:
        self._writer.arrange([self._table.position(name) for name in columns])
        holds = self._table.binary if self._dump.flavour.escapes else ()
        self._bytes = [k for k, name in enumerate(columns) if holds and name.lower() in holds]

    def _take(self, event: object) -> None:
        match event:
            case Rows():
                self._rows(event)
            case Row():
                self._row(event)
            case Lines():
                self._lines(event)
            case Bad():
                self._writer.aside(event.reason, event.offset, event.raw)

    def _rows(self, event: Rows) -> None:
        writer = self._writer
        if self._bytes and _BYTES.search(event.window.raw, 0, event.end):
            self._bytes_among(event)
            return
        found = convert(event.window, event.end, writer.given, quoted=writer.quoted)
        opens, closes = found.opens, found.closes
        at = 0
        for clean in (*found.clean, Clean(len(opens), len(opens), b"")):
            for k in range(at, clean.first):
                self._slow(event.window.raw, int(opens[k]), int(closes[k]) + 1, event.offset)
            if clean.last > clean.first:
                offset = event.offset + int(opens[clean.first])
                data = clean.data
                if self._delimiter != DELIMITER:
                    data = data.replace(DELIMITER.encode(), self._delimiter.encode())
                writer.bulk(data, clean.last - clean.first, offset, quoted=found.quoted)
            at = clean.last

    def _bytes_among(self, event: Rows) -> None:
        """Read rows one by one that may hold bytes which are no text."""
        at = 0
        raw = event.window.raw
        while at < event.end:
            row = slow_row(raw, at, self._token, whole=True)
            if not isinstance(row, SlowRow):
                self._writer.aside(Why.UNBALANCED_QUOTE, event.offset + at, raw[at : event.end])
                return
            self._row(Row(event.offset + at, row, raw[at : row.end]))
            opening = event.window.text.find(b"(", row.end, event.end)
            at = event.end if opening < 0 else opening

    def _slow(self, raw: bytes, start: int, end: int, offset: int) -> None:
        written = raw[start:end]
        plain = plain_row(written, 0, escapes=self._dump.flavour.escapes)
        if plain is not None and plain[1] == len(written):
            self._row(Row(offset + start, plain[0], written))
            return
        row = slow_row(written, 0, self._token, whole=True)
        if isinstance(row, SlowRow) and row.end == len(written):
            self._row(Row(offset + start, row, written))
        else:
            self._writer.aside(Why.UNBALANCED_QUOTE, offset + start, written)

    def _row(self, event: Row) -> None:
        if event.columns is not None:
            self._arrange(event.columns)
        escapes = self._dump.flavour.escapes
        row = event.row
        if isinstance(row, list):
            for k in self._bytes:
                row[k : k + 1] = map(binary, row[k : k + 1])
            self._writer.row(row, event.offset, event.raw)
            return
        cells = [value(cell, written, escapes=escapes) for cell, written in zip(row.cells, row.written, strict=True)]
        for k in self._bytes:
            if k < len(cells) and len(row.cells[k]) == 1 and row.cells[k][0].kind == "s":
                cells[k] = binary(cells[k])
        self._writer.row(cells, event.offset, event.raw)

    def _lines(self, event: Lines) -> None:
        if event.cut:
            self._writer.aside(Why.CUT, event.offset, event.data)
        elif self._csv is not None:
            for written, cells in self._csv.records(event.data):
                if cells is None:
                    self._writer.aside(Why.UNBALANCED_QUOTE, event.offset, written)
                else:
                    self._writer.row(cells, event.offset, written)
        elif self._form.plain:
            self._plain_lines(event)
        else:
            lines = event.data.split(b"\n")[:-1]
            for line in lines[1:] if self._form.header else lines:
                self._writer.row(copytext.cells(line, self._form), event.offset, line)
            self._form = copytext.CopyFormat(False, self._form.delimiter, self._form.null)

    def _plain_lines(self, event: Lines) -> None:
        writer = self._writer
        data = event.data
        if data.endswith(b"\r\n") and data.count(b"\r\n") == data.count(b"\n"):
            data = data.replace(b"\r\n", b"\n")
        offset = event.offset
        for run in copytext.bulk(data, writer.given, quotes=writer.quoted):
            if run.clean:
                clean = run.data if self._delimiter == "\t" else run.data.replace(b"\t", self._delimiter.encode())
                writer.bulk(clean, run.last - run.first, offset, quoted=False)
            else:
                writer.row(copytext.cells(run.data, copytext.PLAIN), offset, run.data)
            offset += len(run.data)

    def _end_copy(self) -> None:
        """Set aside what a CSV record left open, and read plain lines again."""
        if self._csv is not None and (rest := self._csv.rest()) and self._into is not None:
            self._writer.aside(Why.UNBALANCED_QUOTE, self._into.offset, rest)
        self._csv = None
        self._form = copytext.PLAIN
