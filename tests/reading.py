"""What a file gives when it is opened: for tests of readers."""

from __future__ import annotations

from pathlib import Path

from etanche.ingest.limits import DEFAULT, Limits
from etanche.ingest.opening import Opening, open_paths
from etanche.ingest.scan import Piece
from etanche.ingest.tables import Table, cells_of
from etanche.model import Quarantined

Rows = list[dict[str, str]]


def rows_of(table: Table) -> tuple[Rows, list[Quarantined]]:
    """Return the rows of a table, by name of column (filled cells only), and what was set aside."""
    rows: Rows = []
    aside: list[Quarantined] = []
    for part in table.parts():
        piece = Piece([part.data], part.rows, quoted=bool(part.dialect.quote))
        cells = cells_of(piece, len(table.names), part.dialect.delimiter)
        assert len(cells) == part.rows
        rows += [{k: v for k, v in zip(table.names, row, strict=True) if v} for row in cells]
        aside += part.quarantined
    assert (table.ledger.rows, table.ledger.quarantined) == (len(rows), len(aside))
    return rows, aside


def read(path: Path, limits: Limits = DEFAULT) -> tuple[dict[str, Rows], Opening]:
    """Return the tables of a file, by member and name, and the opening (for what was refused)."""
    opening = open_paths([path], limits)
    found: dict[str, Rows] = {}
    for table in opening:
        found["!".join(part for part in (table.member, table.table) if part)] = rows_of(table)[0]
    return found, opening
