"""Several tables one below the other, delimiters of several characters, layout: the same rows, every line counted."""

from __future__ import annotations

from pathlib import Path

import pytest

from etanche.ingest import TextTable, open_paths
from etanche.ingest.scan import Piece
from etanche.ingest.tables import cells_of

FIRST = [["id", "nom", "naissance"], *([str(k), "Dupont", f"0{k % 9 + 1}/02/1980"] for k in range(12))]
SECOND = [["code", "analyse", "valeur", "unite"], *([f"A{k}", "TSH", f"{k},5", "mUI/L"] for k in range(8))]
THIRD = [["montant", "cp", "ville"], *([f"{k},50", f"2900{k}", "Brest"] for k in range(7))]


def text(rows: list[list[str]], delimiter: str = ";") -> str:
    return "".join(delimiter.join(row) + "\n" for row in rows)


def rows_of(table: TextTable) -> list[list[str]]:
    rows: list[list[str]] = []
    for part in table.parts():
        piece = Piece([part.data], part.rows, quoted=bool(part.dialect.quote))
        rows += cells_of(piece, len(table.names), part.dialect.delimiter)
    return rows


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
@pytest.mark.parametrize("between", ["", "\n", "\n\n"])
def test_stacked_tables(tmp_path: Path, between: str, encoding: str) -> None:
    path = tmp_path / "a.csv"
    whole = text(FIRST) + between + text(SECOND) + "\n" + text(THIRD)
    path.write_bytes(whole.encode(encoding))
    tables = list(open_paths([path]))
    assert [table.table for table in tables] == ["table_1", "table_2", "table_3"]
    for table, rows in zip(tables, (FIRST, SECOND, THIRD), strict=True):
        assert [list(table.names), *rows_of(table)] == rows
        assert table.sample(100).columns == tuple(zip(*rows[1:], strict=True))
        assert table.ledger.quarantined == 0
    assert sum(table.ledger.lines for table in tables) == whole.count("\n")


def test_damaged_rows_are_no_second_table(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    lines = text(FIRST).splitlines()
    path.write_text("\n".join([*lines[:5], "x;y", "z;t", "u;v", *lines[5:]]) + "\n")
    (table,) = open_paths([path])
    assert [row for row in rows_of(table) if row[0].isdigit()] == FIRST[1:]


@pytest.mark.parametrize("delimiter", ["||", "\t|\t", ", ", " | ", "~|~", ";;"])
@pytest.mark.parametrize("encoding", ["utf-8", "cp1252", "utf-16-le"])
def test_long_and_padded_delimiters(tmp_path: Path, delimiter: str, encoding: str) -> None:
    mark = delimiter.strip(" ")
    rows = [["id", "ville", "remarque"]]
    rows += [[str(k), "Orléans", ("été", "", f'"a{mark}b c"', "x y")[k % 4]] for k in range(40)]
    path = tmp_path / "a.csv"
    path.write_bytes(text(rows, delimiter).encode(encoding))
    (table,) = open_paths([path])
    assert table.dialect is not None
    assert table.dialect.delimiter == mark
    wanted = [[cell.strip('"') for cell in row] for row in rows]
    assert [list(table.names), *rows_of(table)] == wanted
    assert (table.ledger.lines, table.ledger.rows, table.ledger.quarantined) == (41, 40, 0)


def test_a_cell_that_only_quotes_can_hold_among_quotes_that_are_characters(tmp_path: Path) -> None:
    """A realigned cell holds a delimiter, in a block whose quotes are inches: all of the block's rows stay whole."""
    lines = [f'{k};écran 15" plat;{k} rue Haute;{29000 + k};Brest' for k in range(40)]
    lines[20] = '20;écran 15" plat;20; rue Haute;29020;Brest'
    path = tmp_path / "a.csv"
    path.write_text("id;objet;adresse;cp;ville\n" + "\n".join(lines) + "\n")
    (table,) = open_paths([path])
    rows = rows_of(table)
    assert [row[1] for row in rows] == ['écran 15" plat'] * 40
    assert rows[20][2] == "20; rue Haute"
