"""Spreadsheets: XLSX, XLSM, XLSB, XLS, ODS, under a password or not; each sheet with something in it is a table.

1. The table is named after its sheet; hidden sheets are tables like others, and a note says so.
2. The header is looked for among the first rows: what stands above it (titles, dates) counts as header lines; a header
   of several lines becomes one, and a group's title goes before the names it spans.
3. Cells are spelled as `parsers.office.values` says; rows that hold nothing are blank, rows wider than the sheet are
   set aside.
4. All parsing is done in the sandbox (`parsers.workbook`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from etanche.errors import ExitCode, UserError
from etanche.ingest import sandbox
from etanche.ingest.bids import Bid, Head
from etanche.ingest.entries import Entry
from etanche.ingest.frames import Frame
from etanche.ingest.headers import default_names
from etanche.ingest.limits import Limits, Note
from etanche.ingest.office import is_office
from etanche.ingest.scan import Piece
from etanche.ingest.seekable import for_child
from etanche.ingest.sheets import head_of
from etanche.ingest.tables import CellTable

NAME = "workbook"
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
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
        raise UserError("ingest_workbook_empty", ExitCode.UNREADABLE, path=entry.shown)
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
    with for_child(entry, limits) as (path, opening):
        order = _params(entry, limits) | params | opening
        yield from sandbox.run(f"workbook:{task}", path, order, limits, shown=entry.shown)


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
