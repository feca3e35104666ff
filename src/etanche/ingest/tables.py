"""What every reader yields, and the table of whoever parses cells: a sheet, a dump's table, messages, documents.

1. `Table` is all that the rest of étanche knows of any format: names, a sample, parts, a ledger, a place of origin.
2. A reader whose format has no lines of delimited text gives a `CellTable` a function that yields `Piece`s; it is
   called once a pass, so it must begin anew each time, stream, and hold no more than a piece.
3. "Line" is the format's own place, from 1: the line of a dump, the row of a sheet, the number of a record.  What has
   no place of its own (a header that is not among the rows) is not counted.

A reader in a few lines:

    def tables(entry, limits):
        def pieces():
            for first, rows in my_parser(entry):          # rows: lists of text cells, as many as there are names
                yield piece_of(rows, first_line=first)
        yield CellTable(entry, limits, NAME, names=("id", "nom"), pieces=pieces)
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Protocol

from etanche.ingest.bounded import bounded
from etanche.ingest.careful import Shape, parse, write
from etanche.ingest.entries import Entry
from etanche.ingest.headers import clean_names
from etanche.ingest.limits import Limits, Note
from etanche.ingest.mojibake import Mender
from etanche.ingest.parts import Builder, Part, Progress, spread
from etanche.ingest.scan import Piece, Run
from etanche.model import Dialect, Ledger, Quarantined, QuarantineReason, Sample, Source

DELIMITER = "\x1f"
"""What separates the cells of pieces made by `piece_of`: a character that cells do not hold, so few need quotes."""
_SAMPLED_PIECES = 64


class Table(Protocol):
    """A table of text cells that can be read any number of times."""

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the columns, clean and unique."""

    @property
    def header(self) -> bool:
        """Whether the names are the source's own."""

    @property
    def prose(self) -> tuple[str, ...]:
        """Names of the columns that the format says are written for people: letters, messages, pages."""

    @property
    def dialect(self) -> Dialect | None:
        """How the leaked text is delimited; None for what is no delimited text."""

    @property
    def encoding(self) -> str:
        """Encoding of the leaked text; empty where the format has none."""

    @property
    def path(self) -> str:
        """Path as shown to the user."""

    @property
    def member(self) -> str:
        """Path inside archives, joined by `!`; empty for a plain file."""

    @property
    def table(self) -> str:
        """Name of the table inside its entry (a sheet, a table of a dump); empty where an entry is one table."""

    @property
    def size(self) -> int:
        """What `parts` reports progress up to."""

    @property
    def notes(self) -> tuple[Note, ...]:
        """What opening and reading have to say."""

    @property
    def above(self) -> tuple[str, ...]:
        """Lines above the rows that are no rows: titles, comments, the header."""

    @property
    def source(self) -> Source:
        """Place of origin, with the hash of the outermost file."""

    @property
    def ledger(self) -> Ledger:
        """Account of all lines.  Raises `RuntimeError` before a pass of `parts` has reached the end."""

    def sample(self, rows: int = 4000) -> Sample:
        """Return at most `rows` rows spread over the table."""

    def parts(self, progress: Progress | None = None) -> Iterator[Part]:
        """Read the whole table once."""


class EntryTable:
    """What a table owes to the entry that it lies in, whatever its format."""

    def __init__(self, entry: Entry, limits: Limits, reader: str) -> None:
        """Remember where the table lies and who reads it."""
        self._entry, self._limits, self._reader = entry, limits, reader
        self._ledger: Ledger | None = None

    @property
    def path(self) -> str:
        """Return the path as shown to the user."""
        return self._entry.outer.shown

    @property
    def member(self) -> str:
        """Return the path inside archives, joined by `!`; empty for a plain file."""
        return "!".join(self._entry.members)

    @property
    def size(self) -> int:
        """Return what `parts` reports progress up to."""
        return self._entry.total

    @property
    def ledger(self) -> Ledger:
        """Return the account of all lines.  Raises `RuntimeError` before a pass of `parts` has reached the end."""
        if self._ledger is None:
            msg = "the ledger is known once parts() is exhausted"
            raise RuntimeError(msg)
        return self._ledger

    def _origin(self, encoding: str, dialect: Dialect | None, table: str, *, header: bool) -> Source:
        """Return the place of origin.  The outermost file is hashed here if no pass has done so yet."""
        outer = self._entry.outer
        return Source(
            outer.shown, self.member, self._reader, outer.size, outer.hash(), encoding, dialect, header, table
        )


class CellTable(EntryTable):
    """A table whose cells a parser gives."""

    def __init__(
        self,
        entry: Entry,
        limits: Limits,
        reader: str,
        *,
        names: Sequence[str],
        pieces: Callable[[], Iterator[Piece]],
        table: str = "",
        header: bool = True,
        header_lines: int = 0,
        encoding: str = "",
        delimiter: str = DELIMITER,
        dialect: Dialect | None = None,
        prose: Sequence[str] = (),
        looked: Sequence[Piece] = (),
    ) -> None:
        """Describe the table.

        `names` are cleaned and made unique; `pieces` yields the rows, each of as many cells as there are names,
        separated by `delimiter`; `dialect` is the leaked text's, where it has one; `header_lines` are the
        entry's lines above the rows that belong to this table; `prose` are the columns, as far as the table has them,
        that are written for people; `looked` are pieces spread over the whole table, where the format gives them
        without being read to its end: the sample is of them.
        """
        super().__init__(entry, limits, reader)
        self._looked = looked
        self._names = clean_names(names)
        self._pieces, self._delimiter = pieces, delimiter
        self._table, self._header, self._header_lines, self._encoding = table, header, header_lines, encoding
        self._dialect = dialect
        self._prose = tuple(name for name in self._names if name in prose)
        self._mended: list[Note] = []
        self.own_notes: list[Note] = []
        """What the reader has to say of this table alone; notes on the entry go to `Entry.note`."""

    @property
    def names(self) -> tuple[str, ...]:
        """Return the names of the columns."""
        return self._names

    @property
    def header(self) -> bool:
        """Tell whether the names are the source's own."""
        return self._header

    @property
    def prose(self) -> tuple[str, ...]:
        """Return the names of the columns that are written for people."""
        return self._prose

    @property
    def dialect(self) -> Dialect | None:
        """Return how the leaked text is delimited, None where it is not."""
        return self._dialect

    @property
    def encoding(self) -> str:
        """Return the encoding of the leaked text, empty where there is none."""
        return self._encoding

    @property
    def table(self) -> str:
        """Return the name of the table inside its entry."""
        return self._table

    @property
    def notes(self) -> tuple[Note, ...]:
        """Return what opening and reading have to say."""
        return (*self._entry.notes, *self.own_notes, *self._mended)

    @property
    def above(self) -> tuple[str, ...]:
        """Return nothing: what stands above the rows has become their names."""
        return ()

    @property
    def source(self) -> Source:
        """Return the table's place of origin."""
        return self._origin(self._encoding, self._dialect, self._table, header=self._header)

    def sample(self, rows: int = 4000) -> Sample:
        """Return at most `rows` rows from pieces spread over the table."""
        kept: list[Piece] = []
        every = 1
        for index, piece in enumerate(bounded(self._looked or self._pieces(), self._limits)):
            if index % every == 0:
                kept.append(piece)
                if len(kept) > _SAMPLED_PIECES:
                    kept, every = kept[::2], every * 2
        width = len(self._names)
        each = -(-rows // max(1, len(kept)))
        mended = map(Mender().piece, kept)
        taken = [cells for piece in mended for cells in spread(cells_of(piece, width, self._delimiter), each)]
        columns = tuple(zip(*spread(taken, rows), strict=True)) if taken else ((),) * width
        return Sample(self._names, self._header, columns)

    def parts(self, progress: Progress | None = None) -> Iterator[Part]:
        """Read the whole table once.  Progress is told in the units of `size`, as far as rows carry offsets."""
        builder = Builder(self._delimiter, self._limits.part_bytes)
        mender = Mender()
        rows = row_lines = blank = 0
        reasons: dict[QuarantineReason, int] = {}
        for piece in bounded(self._pieces(), self._limits):
            rows += piece.rows
            row_lines += sum(run.lines for run in piece.runs)
            blank += piece.blank
            for item in piece.quarantined:
                reasons[item.reason] = reasons.get(item.reason, 0) + 1
            if progress is not None and piece.runs:
                progress(min(piece.runs[-1].first_offset, self.size), self.size)
            yield from builder.add(mender.piece(piece))
        aside = sum(reasons.values())
        lines = self._header_lines + row_lines + aside + blank
        self._ledger = Ledger(lines, self._header_lines, row_lines, blank, rows, aside, reasons)
        self._mended = mender.notes()
        yield from builder.rest()


def piece_of(
    rows: Sequence[Sequence[str]],
    *,
    first_line: int,
    offset: int = 0,
    quarantined: Sequence[Quarantined] = (),
    blank: int = 0,
    lines: Sequence[int] | None = None,
) -> Piece:
    """Return the piece that rows of text cells make; row k stands at `first_line + k`, or at `lines[k]`.

    `offset` is a byte offset in the entry near the rows, for progress.  NUL characters are taken out of cells (no
    engine takes them); all other characters stay as they are.
    """
    chunks: list[str] = []
    quoted = False
    for cells in rows:
        text, special = write([cell.replace("\0", "") for cell in cells], DELIMITER)
        quoted = quoted or special
        chunks.append(text)
    data = "\n".join(chunks).encode("utf-8", "surrogatepass") + b"\n" if chunks else b""
    return Piece(
        [data] if data else [],
        len(chunks),
        runs_of(len(chunks), first_line, offset, lines),
        list(quarantined),
        quoted=quoted,
        blank=blank,
    )


def runs_of(rows: int, first_line: int, offset: int, lines: Sequence[int] | None) -> list[Run]:
    """Return where rows come from, in as few runs as can be."""
    if not rows:
        return []
    if lines is None:
        return [Run(0, first_line, offset, rows, one_line_each=True, lines=rows)]
    runs: list[Run] = []
    start = 0
    for k in range(1, rows + 1):
        if k == rows or lines[k] != lines[k - 1] + 1:
            runs.append(Run(start, lines[start], offset, k - start, one_line_each=True, lines=k - start))
            start = k
    return runs


def cells_of(piece: Piece, width: int, delimiter: str = DELIMITER) -> list[list[str]]:
    """Return the rows of a piece as lists of cells."""
    text = b"".join(piece.chunks).decode("utf-8", "surrogatepass")
    if not piece.quoted:
        return [line.split(delimiter) for line in text.split("\n")[:-1]]
    shape = Shape(width, delimiter)
    return [parse(record, shape).cells for record in records(text)]


def records(text: str) -> list[str]:
    """Split well-formed rows whose cells may hold line breaks."""
    found: list[str] = []
    pending = ""
    for line in text.split("\n")[:-1]:
        pending = f"{pending}\n{line}" if pending else line
        if pending.count('"') % 2 == 0:
            found.append(pending)
            pending = ""
    return found
