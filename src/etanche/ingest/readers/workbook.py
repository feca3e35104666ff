"""Spreadsheets: XLSX, XLSM, XLSB, XLS, ODS, under a password or not; each sheet with something in it is a table.

1. The table is named after its sheet; hidden sheets are tables like others, and a note says so.
2. The header is looked for among the first rows: what stands above it (titles, dates) counts as header lines; a header
   of several lines becomes one, and a group's title goes before the names it spans.
3. Cells are spelled as `parsers.office.values` says; rows that hold nothing are blank, rows wider than the sheet are
   set aside.
4. All parsing is done in the sandbox (`parsers.workbook`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from etanche.errors import ExitCode, UserError
from etanche.ingest import sandbox
from etanche.ingest.bids import Bid, Head
from etanche.ingest.entries import Entry
from etanche.ingest.frames import Frame
from etanche.ingest.headers import default_names, goes_on, is_header
from etanche.ingest.limits import Limits, Note
from etanche.ingest.office import is_office
from etanche.ingest.scan import Piece
from etanche.ingest.seekable import local_path
from etanche.ingest.tables import CellTable

NAME = "workbook"
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ABOVE = 25
"""Rows among which a header is looked for."""
_HEADER_LINES = 3
_ENTRY_NOTES = {"workbook_directory", "texts_damaged"}


def bid(head: Head) -> Bid:
    """Bid on office zips and OLE containers."""
    if head.data.startswith(b"PK\x03\x04") and is_office(head.data):
        return Bid(0.9, "office_zip")
    if head.data.startswith(_OLE):
        likely = head.suffix.startswith(("xls", "xlt", "xla")) or b"W\0o\0r\0k\0b\0o\0o\0k\0" in head.data
        return Bid(0.9 if likely else 0.7, "ole")
    return Bid(0, "no_magic")


@dataclass(frozen=True, slots=True)
class Looked:
    """A sheet as the survey shows it, and what its header was found to be."""

    name: str
    index: int
    hidden: bool
    width: int
    first: list[tuple[int, list[str]]] = field(repr=False)


def tables(entry: Entry, limits: Limits) -> Iterator[CellTable]:
    """Yield a table for each sheet that holds something.  Raises `UserError` when there is none."""
    sheets, notes = _survey(entry, limits)
    for code, count in notes.items():
        if code in _ENTRY_NOTES:
            entry.note(code, count=count)
    found = [sheet for sheet in sheets if sheet.width]
    if not found:
        shown = "!".join((entry.outer.shown, *entry.members))
        raise UserError("ingest_workbook_empty", ExitCode.UNREADABLE, path=shown)
    for sheet in found:
        yield _table(entry, limits, sheet)


def _params(entry: Entry, limits: Limits) -> dict[str, object]:
    return {
        "ratio": limits.ratio,
        "ratio_from": limits.ratio_from,
        "total": limits.total_bytes,
        "raw_bytes": limits.raw_bytes,
        "passwords": list(entry.meter.passwords),
    }


def _run(entry: Entry, limits: Limits, task: str, params: dict[str, object]) -> Iterator[Frame]:
    """Yield the frames of a task over the entry."""
    shown = "!".join((entry.outer.shown, *entry.members))
    with local_path(entry, limits) as path:
        yield from sandbox.run(f"workbook:{task}", path, _params(entry, limits) | params, limits, shown=shown)


def _survey(entry: Entry, limits: Limits) -> tuple[list[Looked], dict[str, int]]:
    """Return the sheets and what was noticed."""
    sheets: list[Looked] = []
    notes: dict[str, int] = {}
    for header, _ in _run(entry, limits, "survey", {}):
        if "notes" in header:
            notes = header["notes"]
        else:
            first = [(int(number), list(cells)) for number, cells in header["first"]]
            sheets.append(Looked(header["sheet"], header["index"], header["hidden"], header["width"], first))
    return sheets, notes


def _table(entry: Entry, limits: Limits, sheet: Looked) -> CellTable:
    """Return the table of a sheet."""
    names, skip = head_of(sheet.first, sheet.width)
    order: dict[str, object] = {"sheet": sheet.index, "width": sheet.width, "skip": skip}

    def pieces() -> Iterator[Piece]:
        yield from sandbox.pieces(_noting(_run(entry, limits, "rows", order), table))

    table = CellTable(
        entry,
        limits,
        NAME,
        names=names or default_names(sheet.width),
        pieces=pieces,
        table=sheet.name,
        header=bool(names),
        header_lines=skip,
    )
    if sheet.hidden:
        table.own_notes.append(Note("sheet_hidden"))
    return table


def _noting(frames: Iterator[Frame], table: CellTable) -> Iterator[Frame]:
    """Pass frames on; keep the notes among them."""
    for header, body in frames:
        if "notes" not in header:
            yield header, body
            continue
        for code, count in header["notes"].items():
            kept = [note for note in table.own_notes if note.code != code]
            table.own_notes[:] = [*kept, Note(code, (("count", count),))]


def head_of(first: Sequence[tuple[int, list[str]]], width: int) -> tuple[list[str], int]:
    """Return the names of the columns and the number of the row they end at: none and 0 without header."""
    rows = [(number, [*cells[:width], *[""] * (width - len(cells))]) for number, cells in first]
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
