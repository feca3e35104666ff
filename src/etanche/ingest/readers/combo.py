"""Combo lists (`login:password`, `login:hash:salt`, `url:login:password`) and the logs of information stealers.

1. Bids only when nearly all lines of the head are of one layout (`parsers.combo`); all else is left to delimited text.
2. Columns are named `url`, `login` or `email`, `password`, `hash`, `salt`, so that recognition knows them.
3. The last cell is the password, whole: it may hold the separator, quotes and spaces.
4. A line of another layout is set aside.  In logs of blocks, lines drawn of signs are blank lines.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from etanche.errors import ExitCode, UserError
from etanche.ingest.bids import Bid, Head
from etanche.ingest.entries import Entry
from etanche.ingest.limits import Limits
from etanche.ingest.parsers.combo import Layout, block_names, is_rule, key_line, line_layout
from etanche.ingest.parsers.textlines import Batch, TextLines, form, head_lines
from etanche.ingest.scan import Piece, Run
from etanche.ingest.tables import DELIMITER, CellTable, piece_of
from etanche.model import Dialect
from etanche.model import QuarantineReason as Why

NAME = "combo"
_LOOK = 1 << 16


def bid(head: Head) -> Bid:
    """Bid on lines that are nearly all of one layout."""
    sample = head.data[:4096]
    if not any(mark in sample for mark in (b"@", b":", b";", b"|", b"\t", b",")):
        return Bid(0, "no_separator")
    lines = head_lines(head.data)
    if block_names(lines):
        return Bid(0.8, "blocks")
    return Bid(0.8, "pairs") if line_layout(lines) else Bid(0, "not_sure")


def tables(entry: Entry, limits: Limits) -> Iterator[CellTable]:
    """Yield the one table that a list or a log is.  Raises `UserError` for what is neither."""
    lines = head_lines(entry.head(_LOOK))
    text = form(entry)
    names = block_names(lines)
    layout = None if names else line_layout(lines)
    if not names and layout is None:
        raise UserError("ingest_no_columns", ExitCode.UNREADABLE, path=entry.outer.shown)

    def pieces() -> Iterator[Piece]:
        reading = TextLines(entry, limits, text)
        if layout is None:
            yield from _blocks(reading, names, limits)
        else:
            for batch in reading.batches():
                yield _pairs(batch, layout, limits)
        table.own_notes = reading.notes()

    table = CellTable(
        entry,
        limits,
        NAME,
        names=layout.names if layout else names,
        pieces=pieces,
        header=bool(layout and layout.header),
        header_lines=int(bool(layout and layout.header)),
        encoding=text.encoding,
        dialect=Dialect(layout.separator, "") if layout else None,
    )
    yield table


def _pairs(batch: Batch, layout: Layout, limits: Limits) -> Piece:
    """Return the rows of some lines of a list."""
    if layout.kind == "plain" and len(layout.names) == 2 and not batch.aside and batch.first_line > 1:
        piece = _plain(batch, layout.separator)
        if piece is not None:
            return piece
    rows: list[list[str]] = []
    numbers: list[int] = []
    aside = dict(batch.aside)
    blank = 0
    skip = int(layout.header and batch.first_line == 1)
    for index, line in enumerate(batch.texts[skip:], start=skip):
        if index in aside:
            continue
        if not line.strip():
            blank += 1
            continue
        cells = layout.cells(line)
        if cells is None:
            aside[index] = Why.TOO_FEW_CELLS
            continue
        rows.append(cells)
        numbers.append(batch.first_line + index)
    quarantined = [batch.quarantine(index, why, limits) for index, why in sorted(aside.items())]
    first = numbers[0] if numbers else batch.first_line
    return piece_of(rows, first_line=first, offset=batch.offset, quarantined=quarantined, blank=blank, lines=numbers)


def _plain(batch: Batch, separator: str) -> Piece | None:
    """Return the rows of lines of which each holds two cells, and no character that rows must be wary of."""
    text = "\n".join(batch.texts)
    if any(char in text for char in f'"\0\r{DELIMITER}') or "\n\n" in text or not batch.texts[0] or not batch.texts[-1]:
        return None
    lines = [line.replace(separator, DELIMITER, 1) for line in batch.texts]
    text = "\n".join(lines)
    if text.count(DELIMITER) != len(lines) or text.count("\n") != len(lines) - 1:
        return None
    run = Run(0, batch.first_line, batch.offset, len(lines), one_line_each=True, lines=len(lines))
    return Piece([text.encode("utf-8", "surrogatepass") + b"\n"], len(lines), [run])


@dataclass(slots=True)
class _Record:
    """A record on its way: its cells, and where its lines stand."""

    cells: dict[str, str] = field(default_factory=dict, repr=False)
    first_line: int = 0
    offset: int = 0
    lines: int = 0


def _blocks(reading: TextLines, names: tuple[str, ...], limits: Limits) -> Iterator[Piece]:
    """Yield the records of a log; a record may go on from one batch of lines to the next."""
    record = _Record()
    for batch in reading.batches():
        done: list[_Record] = []
        aside = dict(batch.aside)
        blank = 0
        for index, line in enumerate(batch.texts):
            if index in aside:
                continue
            if is_rule(line):
                blank += 1
                record = _close(record, done)
                continue
            found = key_line(line)
            if found is None or found[0] not in names:
                aside[index] = Why.TOO_FEW_CELLS
                continue
            if found[0] in record.cells:
                record = _close(record, done)
            if not record.lines:
                record.first_line, record.offset = batch.first_line + index, batch.offset
            record.cells[found[0]] = found[1]
            record.lines += 1
        quarantined = [batch.quarantine(index, why, limits) for index, why in sorted(aside.items())]
        piece = _records_piece(done, names)
        piece.quarantined, piece.blank = quarantined, blank
        yield piece
    done = []
    _close(record, done)
    if done:
        yield _records_piece(done, names)


def _close(record: _Record, done: list[_Record]) -> _Record:
    """End a record, if one is under way; return the next."""
    if not record.lines:
        return record
    done.append(record)
    return _Record()


def _records_piece(records: list[_Record], names: tuple[str, ...]) -> Piece:
    piece = piece_of([[record.cells.get(name, "") for name in names] for record in records], first_line=1)
    piece.runs = [
        Run(k, record.first_line, record.offset, 1, one_line_each=False, lines=record.lines)
        for k, record in enumerate(records)
    ]
    return piece
