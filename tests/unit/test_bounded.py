"""Rows too long for any engine are set aside with their place, and the ledger still balances."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from etanche.ingest import Limits, open_paths
from etanche.ingest.bounded import bounded
from etanche.ingest.tables import cells_of, piece_of
from etanche.model import QuarantineReason


def test_a_huge_cell_of_a_database(tmp_path: Path) -> None:
    path = tmp_path / "fuite.db"
    base = sqlite3.connect(path)
    base.execute("create table t (a text, b text)")
    base.executemany("insert into t values (?, ?)", [("x", "1"), ("y" * 3_000_000, "2"), ("z", "3")])
    base.commit()
    base.close()
    (table,) = open_paths([path])
    parts = list(table.parts())
    assert sum(part.rows for part in parts) == 2
    (aside,) = (item for part in parts for item in part.quarantined)
    assert (aside.line, aside.reason) == (2, QuarantineReason.TOO_LONG)
    ledger = table.ledger
    assert (ledger.lines, ledger.rows, ledger.quarantined) == (3, 2, 1)
    assert [run.first_line for part in parts for run in part.runs] == [1, 3]


@given(
    st.lists(st.lists(st.text('ab"\n\x1f', max_size=12), min_size=2, max_size=2), max_size=12),
    st.integers(1, 30),
)
def test_every_row_is_kept_or_set_aside(rows: list[list[str]], most: int) -> None:
    (piece,) = bounded([piece_of(rows, first_line=5)], Limits(line_bytes=most, raw_bytes=1000))
    kept = cells_of(piece, 2)
    lines = [run.first_line + k for run in piece.runs for k in range(run.rows)]
    assert [rows[line - 5] for line in lines] == kept
    assert sorted([*lines, *(item.line for item in piece.quarantined)]) == list(range(5, 5 + len(rows)))
    assert piece.rows == len(kept)
    assert all(len(item.raw) > most for item in piece.quarantined)
