"""Access (MDB, ACCDB): each table that is not the system's own is a table, by mdbtools in the sandbox.

1. mdbtools is a program of the system: where it is missing the file is refused, and the message names the package.
2. A row's place is its number in the table.
"""

from __future__ import annotations

from collections.abc import Iterator

from etanche.errors import ExitCode, UserError
from etanche.ingest import sandbox
from etanche.ingest.bids import Bid, Head
from etanche.ingest.entries import Entry
from etanche.ingest.frames import Frame
from etanche.ingest.limits import Limits, Note
from etanche.ingest.scan import Piece
from etanche.ingest.seekable import local_path
from etanche.ingest.tables import CellTable

NAME = "access"
_MAGIC = (b"Standard Jet DB", b"Standard ACE DB", b"MSISAM Database")


def bid(head: Head) -> Bid:
    """Bid on the magic number."""
    return Bid(0.9, "magic") if head.data.startswith(_MAGIC, 4) else Bid(0, "no_magic")


def tables(entry: Entry, limits: Limits) -> Iterator[CellTable]:
    """Yield the tables that have columns.  Raises `UserError` when there is none."""
    found = 0
    for header, _ in list(_run(entry, limits, "survey", {})):
        if header["names"]:
            found += 1
            yield _table(entry, limits, header["table"], header["names"], header["floats"])
    if not found:
        shown = entry.shown
        raise UserError("ingest_workbook_empty", ExitCode.UNREADABLE, path=shown)


def _table(entry: Entry, limits: Limits, name: str, names: list[str], floats: list[int]) -> CellTable:
    order = {"table": name, "width": len(names), "floats": floats}

    def pieces() -> Iterator[Piece]:
        yield from sandbox.pieces(_noting(_run(entry, limits, "rows", order), table))

    table = CellTable(entry, limits, NAME, names=names, pieces=pieces, table=name)
    return table


def _run(entry: Entry, limits: Limits, task: str, params: dict[str, object]) -> Iterator[Frame]:
    shown = entry.shown
    with local_path(entry, limits) as path:
        yield from sandbox.run(f"access:{task}", path, params, limits, shown=shown)


def _noting(frames: Iterator[Frame], table: CellTable) -> Iterator[Frame]:
    """Pass frames on; say so when they are not all."""
    for header, body in frames:
        if "whole" not in header:
            yield header, body
        elif not header["whole"]:
            table.own_notes[:] = [Note("table_damaged", (("rows", header["read"]),))]
