"""Tables whose header stands somewhere among their first rows: sheets of a workbook, tables of a page."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from etanche.ingest.entries import Entry
from etanche.ingest.headers import default_names, goes_on, is_header
from etanche.ingest.limits import Limits
from etanche.ingest.scan import Piece
from etanche.ingest.tables import CellTable, piece_of
from etanche.model import Quarantined, QuarantineReason

LOOK = 80
"""Rows that are looked at to find a header."""
_ABOVE = 25
"""Rows among which a header is looked for."""
_HEADER_LINES = 3
_PIECE_ROWS = 2000


@dataclass(slots=True)
class GridRow:
    """A row of one of several tables of a document."""

    table: int
    number: int
    """1-based place in its table."""
    cells: list[str] = field(repr=False)
    title: str = ""
    """Name of the table, where it has one."""
    heads: bool = False
    """Whether the document says that the row is a header."""


Rows = Callable[[], Iterator[GridRow]]


@dataclass(slots=True)
class _Seen:
    title: str
    width: int = 0
    first: list[tuple[int, list[str]]] = field(default_factory=list)
    heads: int = 0


def grid_tables(
    entry: Entry, limits: Limits, reader: str, rows: Rows, *, encoding: str = "", word: str = "table"
) -> Iterator[CellTable]:
    """Yield the tables that the rows of a document make; `rows` begins anew at each call.

    A table is named by its title, else by `word` and its number where there are several.
    """
    seen: dict[int, _Seen] = {}
    for row in rows():
        table = seen.setdefault(row.table, _Seen(row.title))
        if any(row.cells):
            table.width = max(table.width, filled(row.cells))
            if len(table.first) < LOOK:
                table.heads += row.heads and table.heads == len(table.first)
                table.first.append((row.number, row.cells))
    found = {index: table for index, table in seen.items() if table.width}
    for index, table in sorted(found.items()):
        names, skip = head_of(table.first, table.width)
        if not names and table.heads:
            names, skip = _joined([_padded(cells, table.width) for _, cells in table.first[: table.heads]]), table.heads
            skip = table.first[table.heads - 1][0]
        title = table.title or (f"{word} {index + 1}" if len(found) > 1 else "")
        yield CellTable(
            entry,
            limits,
            reader,
            names=names or default_names(table.width),
            pieces=_pieces_of(rows, index, table.width, skip, limits),
            table=title,
            header=bool(names),
            header_lines=skip,
            encoding=encoding,
        )


def _pieces_of(rows: Rows, index: int, width: int, skip: int, limits: Limits) -> Callable[[], Iterator[Piece]]:
    """Return what yields the pieces of one table."""

    def pieces() -> Iterator[Piece]:
        kept: list[list[str]] = []
        lines: list[int] = []
        aside: list[Quarantined] = []
        blank, size, last = 0, 0, skip
        for row in rows():
            if row.table != index or row.number <= skip:
                continue
            blank += max(0, row.number - last - 1)
            last = row.number
            if not any(row.cells):
                blank += 1
            elif filled(row.cells) > width or sum(map(len, row.cells)) > limits.line_bytes:
                why = QuarantineReason.TOO_LONG if filled(row.cells) <= width else QuarantineReason.TOO_MANY_CELLS
                raw = "\t".join(row.cells).encode("utf-8", "surrogatepass")[: limits.raw_bytes]
                aside.append(Quarantined(row.number, 0, why, raw))
            else:
                kept.append(_padded(row.cells, width))
                lines.append(row.number)
                size += sum(map(len, row.cells))
            if len(kept) >= _PIECE_ROWS or size > 1 << 20:
                yield piece_of(kept, first_line=lines[0], lines=lines, blank=blank, quarantined=aside)
                kept, lines, aside, blank, size = [], [], [], 0, 0
        if kept or aside or blank:
            yield piece_of(kept, first_line=lines[0] if lines else 1, lines=lines, blank=blank, quarantined=aside)

    return pieces


def filled(cells: Sequence[str]) -> int:
    """Return how many cells there are up to the last that holds something."""
    count = len(cells)
    while count and not cells[count - 1]:
        count -= 1
    return count


def _padded(cells: Sequence[str], width: int) -> list[str]:
    return [*cells[:width], *[""] * (width - len(cells))]


def head_of(first: Sequence[tuple[int, list[str]]], width: int) -> tuple[list[str], int]:
    """Return the names of the columns and the number of the row they end at: none and 0 without header."""
    rows = [(number, _padded(cells, width)) for number, cells in first]
    bodies = [cells for _, cells in rows]
    used = sum(any(row[k] for row in bodies) for k in range(width))
    for at in range(min(_ABOVE, len(rows))):
        cells = bodies[at]
        filled = sum(map(bool, cells))
        # A title stands alone in its row; a header names most of what is below it.
        if filled * 2 < used or not is_header(cells, bodies[at + 1 :]):
            if filled * 4 >= used * 3 and not _wordy(cells):
                break  # a row of figures: what comes below it is no header
            continue
        begin, end = _span(bodies, at)
        return _joined(bodies[begin : end + 1]), rows[end][0]
    return [], 0


def _wordy(cells: Sequence[str]) -> bool:
    """Tell whether a row holds no figure: it may be part of a header."""
    return not any(any(c.isdigit() for c in cell) for cell in cells)


def _span(bodies: Sequence[list[str]], at: int) -> tuple[int, int]:
    """Return the first and last row of a header of which `at` is one line."""
    begin = end = at
    while end + 1 < min(len(bodies), at + _HEADER_LINES) and _goes_on(bodies, end + 1):
        end += 1
    above = bodies[at - 1] if at else []
    groups = [cell for cell in above if cell]
    if len(groups) >= 2 and len(set(groups)) == len(groups) and _wordy(groups) and max(map(len, groups)) <= 60:
        begin -= 1
    return begin, end


def _goes_on(bodies: Sequence[list[str]], at: int) -> bool:
    """Tell whether a row below a header is a line of it: so say its words, or the places it fills in the header."""
    before, cells, below = bodies[at - 1], bodies[at], bodies[at + 1 :]
    if goes_on(before, cells, below):
        return True
    fills = sum(bool(cell) and not above for cell, above in zip(cells, before, strict=True))
    return bool(below) and fills >= 2 and _wordy(cells) and is_header(cells, below)


def _joined(lines: Sequence[list[str]]) -> list[str]:
    """Return one name a column: a group's title goes before the names it spans."""
    if len(lines) == 1:
        return lines[0]
    spread: list[list[str]] = []
    for k, line in enumerate(lines):
        title = ""
        row: list[str] = []
        for column, cell in enumerate(line):
            below = any(lower[column] for lower in lines[k + 1 :])
            # Only a cell that names are below is a group's title; it spans the empty cells to its right.
            title = cell or title
            row.append(cell or (title if below and k < len(lines) - 1 else ""))
        spread.append(row)
    names: list[str] = []
    for cells in zip(*spread, strict=True):
        parts: list[str] = []
        for cell in cells:
            if cell and cell not in parts:
                parts.append(cell)
        names.append(" ".join(parts))
    return names
