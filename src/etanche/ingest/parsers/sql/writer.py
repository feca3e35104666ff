"""From a statement's rows to pieces: cells in the table's order, in UTF-8, numbered.

1. A row's cells go to the columns that its statement names; columns that it does not name are empty.
2. Bytes become text by the dump's encoding, row by row where it must be (`ingest.decoding`).
3. Once a cell with a line break made quotes necessary they stay: parts then never mix quotes that quote with quotes
   that are mere characters.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from etanche.ingest.careful import write
from etanche.ingest.decoding import Decoder
from etanche.ingest.encodings import transcode, valid
from etanche.ingest.limits import Limits
from etanche.ingest.scan import Piece, Run
from etanche.ingest.tables import records
from etanche.model import Quarantined
from etanche.model import QuarantineReason as Why

_PIECE = 1 << 20
_ITEMS = 4000


class Writer:
    """Gathers the rows of one pass over one table into pieces."""

    def __init__(self, width: int, delimiter: str, decoder: Decoder, limits: Limits) -> None:
        """`width`: columns of the table; `delimiter` goes between cells."""
        self.width, self.delimiter = width, delimiter
        self.quoted = False
        self.redecoded = 0
        self._decoder, self._limits = decoder, limits
        self._order: list[int] | None = None
        self._given = width
        self._piece = Piece()
        self._full: list[Piece] = []
        self._size = 0
        self._place = 1
        self._mark = delimiter.encode("ascii")

    def arrange(self, columns: Sequence[int]) -> None:
        """Say which column of the table each cell of the rows to come belongs to."""
        self._given = len(columns)
        if list(columns) == list(range(self.width)):
            self._order = None
            return
        self._order = [self._given] * self.width
        for cell, column in enumerate(columns):
            self._order[column] = cell

    @property
    def given(self) -> int:
        """Return how many cells a row of the statement at hand has."""
        return self._given

    def bulk(self, data: bytes, rows: int, offset: int, *, quoted: bool) -> None:
        """Take delimited rows, each of `given` cells, undecoded; `quoted`: cells are quoted where need be."""
        text, lost = self._text(data, offset, quoted=quoted)
        if self._order is not None:
            text = self._arranged(text, quoted=quoted)
        raw = not quoted and b'"' in text
        if raw and self.quoted:
            text, quoted, raw = self._requoted(text), True, False
        self._take(text, rows - lost, offset, quoted=quoted, raw=raw)

    def row(self, cells: Sequence[bytes], offset: int, written: bytes) -> None:
        """Take one row's cells, undecoded; a row of other than `given` cells is set aside as `written`."""
        if len(cells) != self._given:
            self.aside(Why.TOO_FEW_CELLS if len(cells) < self._given else Why.TOO_MANY_CELLS, offset, written)
            return
        if self._order is None and self._as_it_is(cells, offset):
            return
        texts: list[str] = []
        for cell in cells:
            if cell.isascii():
                texts.append(cell.decode("ascii"))
                continue
            found = self._decoder.decode(cell)
            if found is None:
                self.aside(Why.UNDECODABLE, offset, written)
                return
            self.redecoded += found[1] != self._decoder.encoding
            texts.append(found[0])
        if self._order is not None:
            texts.append("")
            texts = [texts[k] for k in self._order]
        texts = [text.replace("\0", "") if "\0" in text else text for text in texts]
        line = self.delimiter.join(texts)
        special = "\n" in line or "\r" in line or line.count(self.delimiter) != self.width - 1
        raw = quoted = False
        if special or (self.quoted and '"' in line):
            line, quoted = write(texts, self.delimiter)
        else:
            raw = '"' in line
        data = line.encode("utf-8", "surrogatepass") + b"\n"
        if len(data) > self._limits.line_bytes:
            self.aside(Why.TOO_LONG, offset, written)
            return
        self._take(data, 1, offset, quoted=quoted, raw=raw)

    def _as_it_is(self, cells: Sequence[bytes], offset: int) -> bool:
        """Take a row that needs neither decoding nor quotes; tell whether it was one."""
        line = self._mark.join(cells)
        if not line.isascii() and (self._decoder.encoding != "utf-8" or not valid(line, "utf-8")):
            return False
        raw = b'"' in line
        if (
            (raw and self.quoted)
            or line.count(self._mark) != self.width - 1
            or len(line) > self._limits.line_bytes // 2
        ):
            return False
        if b"\n" in line or b"\r" in line or b"\0" in line:
            return False
        self._take(line + b"\n", 1, offset, quoted=False, raw=raw)
        return True

    def aside(self, why: Why, offset: int, raw: bytes) -> None:
        """Set a record aside."""
        kept = raw[: self._limits.raw_bytes]
        self._piece.quarantined.append(Quarantined(self._place, offset, why, kept))
        self._place += 1
        self._size += len(kept) + 200

    def ready(self) -> list[Piece]:
        """Return the pieces that are full."""
        pieces, self._full = self._full, []
        if self._size >= _PIECE or self._piece.rows >= _ITEMS or len(self._piece.quarantined) >= _ITEMS:
            pieces.append(self._whole())
        return pieces

    def rest(self) -> list[Piece]:
        """Return all that is left."""
        pieces, self._full = self._full, []
        if self._piece.rows or self._piece.quarantined:
            pieces.append(self._whole())
        return pieces

    def _whole(self) -> Piece:
        """Return the piece at hand, its rows in one, and begin another."""
        piece = self._piece
        if len(piece.chunks) > 1:
            piece.chunks = [b"".join(piece.chunks)]
        self._piece, self._size = Piece(), 0
        return piece

    def _take(self, data: bytes, rows: int, offset: int, *, quoted: bool, raw: bool) -> None:
        if not rows:
            return
        if (quoted and self._piece.raw) or (raw and self._piece.quoted):
            self._full.append(self._whole())
        piece = self._piece
        piece.quoted, piece.raw = piece.quoted or quoted, piece.raw or raw
        self.quoted = self.quoted or quoted
        last = piece.runs[-1] if piece.runs else None
        if last and last.first_line + last.rows == self._place:
            more = last.rows + rows
            piece.runs[-1] = Run(
                last.first_row, last.first_line, last.first_offset, more, one_line_each=True, lines=more
            )
        else:
            piece.runs.append(Run(piece.rows, self._place, offset, rows, one_line_each=True, lines=rows))
        piece.chunks.append(data)
        piece.rows += rows
        self._place += rows
        self._size += len(data)

    # --- text ---------------------------------------------------------------------------------------------------

    def _text(self, data: bytes, offset: int, *, quoted: bool) -> tuple[bytes, int]:
        """Return rows as UTF-8, and how many of them had to be set aside."""
        if data.isascii():
            return data, 0
        encoding = self._decoder.encoding
        if encoding == "utf-8":
            if valid(data, "utf-8"):
                return data, 0
        elif not len(self._decoder.suspects(np.frombuffer(data, np.uint8))) and valid(data, encoding):
            return transcode(data, encoding), 0
        kept: list[bytes] = []
        lost = 0
        for line in self._lines(data, quoted=quoted):
            found = (line.decode("ascii"), encoding) if line.isascii() else self._decoder.decode(line)
            if found is None:
                lost += 1
                self.aside(Why.UNDECODABLE, offset, line)
                continue
            self.redecoded += found[1] != encoding
            kept.append(found[0].encode("utf-8", "surrogatepass"))
        return b"\n".join(kept) + b"\n" if kept else b"", lost

    @staticmethod
    def _lines(data: bytes, *, quoted: bool) -> list[bytes]:
        if not quoted:
            return data.split(b"\n")[:-1]
        return [record.encode("latin-1") for record in records(data.decode("latin-1"))]

    def _arranged(self, text: bytes, *, quoted: bool) -> bytes:
        """Return rows with their cells in the table's order."""
        order = self._order or []
        mark = self._mark
        if not quoted or b'"' not in text:
            rows = [[*line.split(mark), b""] for line in text.split(b"\n")[:-1]]
            return b"".join([mark.join([row[k] for k in order]) + b"\n" for row in rows])
        kept = [[*_split(record, self.delimiter), ""] for record in records(text.decode("utf-8", "surrogatepass"))]
        lines = [self.delimiter.join([row[k] for k in order]) for row in kept]
        return "".join([line + "\n" for line in lines]).encode("utf-8", "surrogatepass")

    def _requoted(self, text: bytes) -> bytes:
        """Return rows in which quotes were mere characters as rows in which they quote."""
        lines = text.decode("utf-8", "surrogatepass").split("\n")[:-1]
        written = [write(line.split(self.delimiter), self.delimiter)[0] if '"' in line else line for line in lines]
        return "".join([line + "\n" for line in written]).encode("utf-8", "surrogatepass")


def _split(record: str, delimiter: str) -> list[str]:
    """Split a well-formed record at delimiters outside quotes; cells keep their quotes."""
    cells: list[str] = []
    pending = ""
    for part in record.split(delimiter):
        pending = f"{pending}{delimiter}{part}" if pending else part
        if pending.count('"') % 2 == 0:
            cells.append(pending)
            pending = ""
    return cells
