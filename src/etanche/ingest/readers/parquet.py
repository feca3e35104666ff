"""Parquet, Arrow and ORC: one file, one table, read by pyarrow in the sandbox (`parsers.parquet`).

1. A row's place is its number.  Nothing but a file's end tells its columns: a file cut off cannot be read at all,
   except Arrow's stream, which gives the batches before the cut.
2. An empty table is a table.
"""

from __future__ import annotations

from collections.abc import Iterator

from etanche.errors import ExitCode, UserError
from etanche.ingest import sandbox
from etanche.ingest.bids import Bid, Head
from etanche.ingest.entries import Entry
from etanche.ingest.frames import Frame
from etanche.ingest.limits import Limits
from etanche.ingest.scan import Piece
from etanche.ingest.seekable import for_child
from etanche.ingest.tables import CellTable

NAME = "parquet"
_MAGIC = ((b"PAR1", "parquet"), (b"PARE", "parquet"), (b"ARROW1\0\0", "arrow"), (b"ORC", "orc"))
_STREAM = b"\xff\xff\xff\xff"


def kind_of(data: bytes) -> str:
    """Return which of the formats the first bytes show, or an empty string."""
    for magic, kind in _MAGIC:
        if data.startswith(magic):
            return kind
    # An Arrow stream begins with the length of its schema, of which the first message is.
    size = int.from_bytes(data[4:8], "little")
    return "stream" if data.startswith(_STREAM) and 32 <= size < 1 << 24 and size % 8 == 0 else ""


def bid(head: Head) -> Bid:
    """Bid on a magic number."""
    kind = kind_of(head.data)
    if kind == "orc" and not (len(head.data) > 3 and head.data[3] < 0x20):
        return Bid(0.8 if head.suffix == "orc" else 0, "magic_and_name")
    return Bid(0.9, "magic") if kind else Bid(0, "no_magic")


def tables(entry: Entry, limits: Limits) -> Iterator[CellTable]:
    """Yield the table.  Raises `UserError` when it cannot be read."""
    kind = kind_of(entry.head(64))
    first, *spread = _run(entry, limits, "look", kind)
    names = first[0]["names"]
    if not names:
        raise UserError("ingest_no_columns", ExitCode.UNREADABLE, path=entry.shown)
    # What of the look cannot be read is said by the pass over all rows.
    looked = [] if any("whole" in header for header, _ in spread) else list(sandbox.pieces(spread))

    def pieces() -> Iterator[Piece]:
        yield from sandbox.pieces(_noting(_run(entry, limits, "rows", kind), entry))

    yield CellTable(entry, limits, NAME, names=names, pieces=pieces, looked=looked)


def _run(entry: Entry, limits: Limits, task: str, kind: str) -> Iterator[Frame]:
    with for_child(entry, limits) as (path, opening):
        yield from sandbox.run(f"parquet:{task}", path, {"kind": kind} | opening, limits, shown=entry.shown)


def _noting(frames: Iterator[Frame], entry: Entry) -> Iterator[Frame]:
    """Pass frames on; say so when they are not all."""
    for header, body in frames:
        if "whole" not in header:
            yield header, body
        elif not header["whole"]:
            entry.note("table_damaged", rows=header["read"])
