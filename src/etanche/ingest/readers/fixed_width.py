"""Fixed-width text: extracts of mainframes and of PMSI, listings of query tools, with or without header or ruler.

1. Bids only when sure (`parsers.fixed_width`); all else is left to delimited text.
2. Cells lose their padding: blanks at both ends.  A short line has empty cells; one that runs over, or into the gutters
   between columns, is set aside.
3. Headers and rulers that come again on each page are counted as blank lines.
"""

from __future__ import annotations

from collections.abc import Iterator

from etanche.errors import ExitCode, UserError
from etanche.ingest.bids import Bid, Head
from etanche.ingest.entries import Entry
from etanche.ingest.limits import Limits
from etanche.ingest.parsers.fixed_width import Columns, find_columns
from etanche.ingest.parsers.textlines import Batch, TextLines, form, head_lines, sample_lines
from etanche.ingest.scan import Piece
from etanche.ingest.tables import CellTable, piece_of
from etanche.model import QuarantineReason as Why

NAME = "fixed_width"


def bid(head: Head) -> Bid:
    """Bid on lines whose columns stand at fixed places."""
    if b"  " not in head.data and b" \0" not in head.data and b"--" not in head.data:
        return Bid(0, "not_padded")
    return Bid(0.75, "columns") if find_columns(head_lines(head.data)) else Bid(0, "not_sure")


def tables(entry: Entry, limits: Limits) -> Iterator[CellTable]:
    """Yield the one table that the text is.  Raises `UserError` when no columns are found."""
    text = form(entry)
    columns = find_columns(sample_lines(entry, text))
    if columns is None:
        raise UserError("ingest_no_columns", ExitCode.UNREADABLE, path=entry.outer.shown)

    def pieces() -> Iterator[Piece]:
        reading = TextLines(entry, limits, text)
        for batch in reading.batches():
            yield _rows(batch, columns, limits)
        table.own_notes = reading.notes()

    table = CellTable(
        entry,
        limits,
        NAME,
        names=columns.names,
        pieces=pieces,
        header=columns.header,
        header_lines=columns.top,
        encoding=text.encoding,
    )
    yield table


def _rows(batch: Batch, columns: Columns, limits: Limits) -> Piece:
    """Return the rows of some lines."""
    rows: list[list[str]] = []
    numbers: list[int] = []
    aside = dict(batch.aside)
    blank = 0
    skip = max(0, columns.top + 1 - batch.first_line)
    for index, line in enumerate(batch.texts[skip:], start=skip):
        if index in aside:
            continue
        bare = line.strip()
        if not bare or bare in columns.skipped:
            blank += 1
            continue
        cells = columns.cells(line)
        if cells is None:
            aside[index] = Why.TOO_MANY_CELLS if columns.width and len(line) > columns.width else Why.TOO_FEW_CELLS
            continue
        rows.append(cells)
        numbers.append(batch.first_line + index)
    quarantined = [batch.quarantine(index, why, limits) for index, why in sorted(aside.items()) if index >= skip]
    first = numbers[0] if numbers else batch.first_line
    return piece_of(rows, first_line=first, offset=batch.offset, quarantined=quarantined, blank=blank, lines=numbers)
