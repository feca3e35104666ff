"""A delimited text as a table: its names, a sample of it, its rows in parts, and the ledger of its lines.

    for table in open_paths([Path("leak.zip")]):
        sample = table.sample()
        for part in table.parts():
            ...            # part.data: UTF-8 rows for the engine; part.quarantined: what could not be read
        table.ledger       # lines == header + row_lines + quarantined + blank

1. Reading is one pass with bounded memory; nothing is written anywhere.
2. Every row of a part has exactly as many cells as the table has names, whatever the leaked file did.
3. The ledger and the hash are known only once the pass has reached the end: before, asking for them is an error.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

import numpy as np

from etanche.ingest.careful import Shape, parse
from etanche.ingest.encodings import line_ends, unit
from etanche.ingest.entries import Entry, Stream
from etanche.ingest.limits import Limits, Note
from etanche.ingest.mojibake import Mender
from etanche.ingest.parts import Builder, Part, Progress, spread
from etanche.ingest.probe import Look, looks
from etanche.ingest.scan import Piece, Scanner, Tally
from etanche.ingest.tables import EntryTable, records
from etanche.model import Dialect, Ledger, Sample, Source


class TextTable(EntryTable):
    """One delimited text that rows can be read from, any number of times."""

    def __init__(self, entry: Entry, limits: Limits, reader: str, found: Look, name: str = "") -> None:
        """Take what the first look found of the table, and its name where the text holds several."""
        super().__init__(entry, limits, reader)
        self._name = name
        self._look = found
        self._counted: list[Note] = []

    @property
    def names(self) -> tuple[str, ...]:
        """Return the names of the columns: the header's, cleaned and unique, or `column_1`…"""
        return self._look.names

    @property
    def header(self) -> bool:
        """Tell whether the text names its columns."""
        return self._look.header

    @property
    def prose(self) -> tuple[str, ...]:
        """Return the one column of a letter, a note or a log; nothing of other texts."""
        return self._look.names if self._look.prose else ()

    @property
    def dialect(self) -> Dialect:
        """Return the dialect of the leaked text (a part has its own)."""
        return self._look.dialect

    @property
    def encoding(self) -> str:
        """Return the encoding of the leaked text."""
        return self._look.reading.encoding

    @property
    def table(self) -> str:
        """Return the name of a table among several in a text; empty where it is the only one."""
        return self._name

    @property
    def notes(self) -> tuple[Note, ...]:
        """Return what opening and reading have to say: damage, limits reached, lines in another encoding."""
        return (*self._entry.notes, *self._counted)

    @property
    def above(self) -> tuple[str, ...]:
        """Return the lines above the rows as they stand: titles, comments, the header."""
        found = self._look
        text = found.places[0].data[: found.start_offset].decode(found.reading.encoding, "backslashreplace")
        # As the scanner counts them: splitlines() would end a line at separators that stand inside one.
        lines = text.removeprefix("\ufeff").removesuffix(end := chr(found.reading.eol)).split(end)
        count = found.start_line - found.first_line
        return tuple(line.removesuffix("\r") for line in lines[max(0, len(lines) - count) :]) if count else ()

    @property
    def source(self) -> Source:
        """Return the table's place of origin."""
        found = self._look
        return self._origin(found.reading.encoding, found.dialect, self._name, header=found.header)

    def sample(self, rows: int = 4000) -> Sample:
        """Return about `rows` rows spread over the whole text (at most `rows`)."""
        found = self._look
        per_place = -(-rows // len(found.places))
        kept: list[list[str]] = []
        for place in found.places:
            data = place.data[found.start_offset : found.stop_offset] if place.offset == 0 else place.data
            if not found.whole and place.offset == 0:
                data = data[: data.rfind(b"\n") + 1] or data
            cells = self._cells(data, per_place)
            kept.extend(spread(cells, per_place))
        columns = tuple(zip(*spread(kept, rows), strict=True)) if kept else ((),) * len(found.names)
        return Sample(found.names, found.header, columns)

    def _cells(self, data: bytes, wanted: int) -> list[list[str]]:
        """Return the cells of the rows of some bytes, as parts() would read them."""
        if not data:
            return []
        piece, _ = self._scanner(0, 0).scan(data, final=True)
        text = Mender().mend(b"".join(piece.chunks)).decode()
        shape = self._look.reading.shape
        if not piece.quoted:
            lines = text.split("\n")[:-1]
            return [line.split(shape.out) for line in spread(lines, wanted)]
        lines = records(text)
        output = Shape(shape.cells, shape.out)
        return [parse(line, output).cells for line in spread(lines, wanted)]

    def _scanner(self, line: int, offset: int) -> Scanner:
        found = self._look
        return Scanner(found.reading, self._limits, line, offset)

    def parts(self, progress: Progress | None = None) -> Iterator[Part]:
        """Read the whole text once.  `progress(done, total)` is told of bytes as they are read."""
        found = self._look
        scanner = self._scanner(found.start_line, found.start_offset)
        builder = Builder(found.reading.shape.out, self._limits.part_bytes)
        stream = self._entry.opener()
        whole = self._entry.plain and not self._entry.outer.sha256 and found.stop_offset is None
        hasher = hashlib.sha256() if whole else None
        feed = _Feed(stream, scanner, found.start_offset, found.stop_offset, hasher)
        mender = Mender()
        try:
            for piece in feed.pieces():
                if progress is not None:
                    progress(stream.done(), self._entry.total)
                yield from builder.add(mender.piece(piece))
        finally:
            stream.close()
        if hasher is not None:
            self._entry.outer.sha256 = hasher.hexdigest()
        self._close(scanner.tally, feed.lines)
        self._counted += mender.notes()
        yield from builder.rest()

    def _close(self, tally: Tally, counted: int) -> None:
        """Draw up the ledger, which refuses to be if the lines counted on the bytes are not those accounted for."""
        quarantined = sum(tally.reasons.values())
        above = self._look.start_line - self._look.first_line
        lines = above + counted
        header = above + tally.headers
        self._ledger = Ledger(lines, header, tally.row_lines, tally.blank, tally.rows, quarantined, dict(tally.reasons))
        self._counted = []
        if tally.encodings:
            others = ", ".join(sorted(tally.encodings, key=lambda name: (-tally.encodings[name], name)))
            lines = sum(tally.encodings.values())
            self._counted.append(Note("lines_other_encoding", (("lines", lines), ("encoding", others))))
        if tally.headers:
            self._counted.append(Note("headers_repeated", (("lines", tally.headers),)))
        if tally.realigned:
            self._counted.append(Note("rows_realigned", (("rows", tally.realigned),)))
        if tally.joined:
            self._counted.append(Note("rows_of_several_lines", (("rows", tally.joined),)))


def text_tables(entry: Entry, limits: Limits, reader: str) -> Iterator[TextTable]:
    """Yield the tables of a delimited text.  Raises `UserError` when it holds no column."""
    found = looks(entry, limits)
    for number, one in enumerate(found, start=1):
        yield TextTable(entry, limits, reader, one, f"table_{number}" if len(found) > 1 else "")


class _Feed:
    """Cuts a stream into blocks of whole lines and has them scanned."""

    def __init__(
        self, stream: Stream, scanner: Scanner, skip: int, stop: int | None, hasher: hashlib._Hash | None
    ) -> None:
        self._stream, self._scanner, self._skip, self._hasher = stream, scanner, skip, hasher
        self._left = stop
        limits = self._limits = scanner.limits
        self._unit = unit(scanner.encoding)
        self._eol = scanner.eol
        self._line_ends = 0
        self._open = False
        self._hold = max(limits.line_bytes * self._unit * 2, limits.block_bytes)

    def _read(self) -> bytes:
        """Return the next block past the header; empty only at the end."""
        while self._left != 0 and (data := self._stream.read(self._limits.block_bytes)):
            if self._left is not None:
                data = data[: self._left]
                self._left -= len(data)
            if self._hasher is not None:
                self._hasher.update(data)
            skipped = min(self._skip, len(data))
            self._skip -= skipped
            if data := data[skipped:] if skipped else data:
                self._count(data)
                return data
        return b""

    def _count(self, data: bytes) -> None:
        """Count line ends on the bytes as read, knowing nothing of blocks or rows."""
        if self._unit > 1:
            return
        a = np.frombuffer(data, np.uint8)
        self._line_ends += int(np.count_nonzero(a == 10))
        if self._eol == 13:
            self._line_ends += int(np.count_nonzero(a == 13))
        self._open = data[-1] not in (b"\r\n" if self._eol == 13 else b"\n")

    @property
    def lines(self) -> int:
        """Return the lines read past the header.  In wide units, as the scanner counts them."""
        return self._scanner.tally.lines if self._unit > 1 else self._line_ends + self._open

    def _last_end(self, data: bytes) -> int:
        """Return the offset after the last line end, 0 when there is none."""
        if self._unit == 1:
            return 1 + max(data.rfind(b"\n"), data.rfind(b"\r") if self._eol == 13 else -1)
        ends = line_ends(data, self._scanner.encoding, self._eol)
        return int(ends[-1]) if len(ends) else 0

    def _first_end(self, data: bytes) -> int:
        """Return the offset after the first line end, 0 when there is none."""
        if self._unit == 1:
            found = [at for at in (data.find(b"\n"), data.find(b"\r") if self._eol == 13 else -1) if at >= 0]
            return min(found) + 1 if found else 0
        ends = line_ends(data, self._scanner.encoding, self._eol)
        return int(ends[0]) if len(ends) else 0

    def pieces(self) -> Iterator[Piece]:
        """Yield a piece for each block, to the end of the stream."""
        carry = b""
        while data := self._read():
            carry = carry + data if carry else data
            end = self._last_end(carry)
            if not end:
                if len(carry) > self._hold:
                    piece, carry = self._long(carry)
                    yield piece
                continue
            piece, used = self._scanner.scan(carry[:end] if end < len(carry) else carry, final=False)
            carry = carry[used:]
            yield piece
        if carry:
            piece, _ = self._scanner.scan(carry, final=True)
            yield piece

    def _pending(self, data: bytes) -> bytes:
        """Return the last bytes, where they may be the beginning of a line end."""
        keep = 1 if self._unit == 2 else len(data) % self._unit
        return data[len(data) - keep :]

    def _long(self, head: bytes) -> tuple[Piece, bytes]:
        """Pass over a line too long to hold; return its quarantine and the bytes after it."""
        size, kept = len(head), head[: self._limits.raw_bytes]
        pending = self._pending(head)
        size -= len(pending)
        while data := self._read():
            data = pending + data
            end = self._first_end(data)
            if end:
                return self._scanner.skip_long(kept, size + end, ended=True), data[end:]
            pending = self._pending(data)
            size += len(data) - len(pending)
        return self._scanner.skip_long(kept, size + len(pending), ended=False), b""
