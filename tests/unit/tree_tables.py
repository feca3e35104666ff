"""What the tests of readers of trees share: bytes in, tables out, the ledger held to its word."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from etanche.ingest.bids import Head, best
from etanche.ingest.entries import file_entry
from etanche.ingest.limits import DEFAULT, Limits, Meter
from etanche.ingest.scan import Piece
from etanche.ingest.tables import Table, cells_of
from etanche.model import Quarantined


@dataclass
class Read:
    """One table, read to its end."""

    names: tuple[str, ...]
    rows: list[dict[str, str]]
    lines: list[int]
    aside: list[Quarantined] = field(default_factory=list)
    notes: tuple[str, ...] = ()
    sampled: int = 0


def read(folder: Path, data: bytes | str, name: str = "leak.json", limits: Limits = DEFAULT) -> dict[str, Read]:
    """Return the tables of some bytes, by name."""
    path = folder / name
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    entry = file_entry(path, name, Meter(limits))
    reader = best(Head(name, entry.head()))
    assert reader is not None
    found: dict[str, Read] = {}
    for table in reader.tables(entry, limits):
        assert not hasattr(table, "opener")
        made = _all(table)
        assert table.table not in found
        found[table.table] = made
    return found


def _all(table: Table) -> Read:
    rows: list[list[str]] = []
    lines: list[int] = []
    aside: list[Quarantined] = []
    for part in table.parts():
        part.data.decode()
        piece = Piece([part.data], part.rows, quoted=part.dialect.quote != "")
        rows += cells_of(piece, len(table.names)) if part.rows else []
        lines += [run.first_line + k for run in part.runs for k in range(run.rows)]
        aside += part.quarantined
    ledger = table.ledger
    assert ledger.rows == len(rows) == len(lines)
    assert ledger.quarantined == len(aside)
    sample = table.sample()
    assert sample.names == table.names
    named = [dict(zip(table.names, row, strict=True)) for row in rows]
    notes = tuple(note.code for note in table.notes)
    return Read(table.names, named, lines, aside, notes, len(sample.columns[0]) if sample.columns else 0)
