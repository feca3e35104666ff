"""Rows of too many or too few cells: put right when there is one way, set aside when there are several."""

from __future__ import annotations

from pathlib import Path

import pytest

from etanche.ingest import TextTable, open_paths
from etanche.ingest.columns import Columns
from etanche.ingest.ragged import align, cuts, readings
from etanche.ingest.scan import Piece
from etanche.ingest.tables import cells_of

HEADER = "nir;nom;naissance;adresse;cp;ville\n"
SURNAMES = ("Lefèvre", "Le Gall", "Moreau", "Petit", "Nguyen")
CITIES = ("Brest", "Lyon", "Saint-Malo")
ROWS = [
    f"1{k % 99:02d}07{k % 95:02d}{k:06d};{SURNAMES[k % 5]};{k % 28 + 1:02d}/07/19{k % 90 + 10};{k} rue Haute;"
    f"{29000 + k};{CITIES[k % 3]}"
    for k in range(60)
]


def opened(path: Path, lines: list[str]) -> tuple[TextTable, list[list[str]]]:
    path.write_text(HEADER + "\n".join(lines) + "\n")
    (table,) = open_paths([path])
    rows: list[list[str]] = []
    for part in table.parts():
        piece = Piece([part.data], part.rows, quoted=bool(part.dialect.quote))
        rows += cells_of(piece, len(table.names), part.dialect.delimiter)
    return table, rows


@pytest.mark.parametrize(
    "hurt",
    [
        lambda line: line.replace(";", ";;", 1),
        lambda line: ";" + line,
        lambda line: line + ";",
        lambda line: line + ";;",
        lambda line: line.replace(";29", ";;29", 1),
        lambda line: line.replace("/07/", "/07/", 1).replace(";30 rue", "30 rue", 1),
        lambda line: line.replace(";29030;", "29030;", 1),
        lambda line: line.replace(";Lef", "Lef", 1),
        lambda line: line.replace(";", ","),
        lambda line: line.replace(";", "\t"),
        lambda line: line.replace(";", "|"),
    ],
)
def test_one_way_only(tmp_path: Path, hurt: object) -> None:
    lines = list(ROWS)
    assert callable(hurt)
    lines[30] = hurt(ROWS[30])
    assert lines[30] != ROWS[30]
    table, rows = opened(tmp_path / "a.csv", lines)
    assert rows == [row.split(";") for row in ROWS]
    assert [(note.code, dict(note.params)) for note in table.notes] == [("rows_realigned", {"rows": 1})]


def test_an_unquoted_delimiter_in_an_address(tmp_path: Path) -> None:
    lines = list(ROWS)
    lines[30] = lines[30].replace("30 rue Haute", "30; rue Haute")
    _, rows = opened(tmp_path / "a.csv", lines)
    assert rows[30][3:] == ["30; rue Haute", "29030", CITIES[0]]


def test_a_last_cell_that_is_missing_is_empty(tmp_path: Path) -> None:
    lines = list(ROWS)
    lines[30] = lines[30].rpartition(";")[0]
    _, rows = opened(tmp_path / "a.csv", lines)
    assert rows[30] == [*ROWS[30].split(";")[:5], ""]


@pytest.mark.parametrize(
    "line",
    [
        "Total : 60",
        "n'importe quoi;encore",
        "Lefèvre;1300730000030;rue Haute;01/07/1940;29030;Brest;x;y",
        "a;b;c;d;e;f;g",
    ],
)
def test_what_is_doubtful_is_set_aside(tmp_path: Path, line: str) -> None:
    table, rows = opened(tmp_path / "a.csv", [*ROWS[:30], line, *ROWS[30:]])
    assert rows == [row.split(";") for row in ROWS]
    assert table.ledger.quarantined == 1


def test_never_an_identifier_in_a_column_of_names(tmp_path: Path) -> None:
    """Delimiters are taken out of every place of every row: whatever is kept is right in its typed columns."""
    lines = []
    for k, row in enumerate(ROWS):
        cells = row.split(";")
        at = k % 5
        lines.append(";".join([*cells[:at], cells[at] + cells[at + 1], *cells[at + 2 :]]) if k % 4 == 3 else row)
    table, rows = opened(tmp_path / "a.csv", lines)
    assert table.ledger.rows + table.ledger.quarantined == 60
    truth = {tuple(row.split(";")) for row in ROWS}
    for row in rows:
        assert not any(c.isdigit() for c in row[1])
        assert len(row[0]) == 13
        assert row[4].isdigit()
    assert sum(tuple(row) in truth for row in rows) >= 56


def test_two_ways_alike_are_not_sure() -> None:
    columns = Columns(
        [["Anne", "Marie", "Paule"], ["Zoé", "Inès", "Ève"], ["Ali", "Marc", "Yann"], ["Luc", "Jean", "Max"]]
    )
    found = align(["Anne", "Marie", "Paule", "Zoé"], columns, ";")
    assert found is None or not found.sure


def test_readings_of_stray_quotes() -> None:
    ways = [cells for _, cells in readings('"a,b,"c, d",e', ",", '"')]
    assert ['"a', "b", "c, d", "e"] in ways
    ways = [cells for _, cells in readings('"x 48"","y, z",1', ",", '"')]
    assert ['x 48"', "y, z", "1"] in ways


def test_cuts_are_each_made_once() -> None:
    made = [(one, two) for one, two, _ in cuts("20Lefèvre", strict=True)]
    assert len(made) == len(set(made)) == 8
