"""What stands above the rows: headers of several lines, ragged ones, alone, repeated; titles and comments."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from etanche.ingest import open_paths

BODY = "".join(f"{k};Dupont;0{k % 9 + 1}/02/1980;12,5\n" for k in range(9))
NAMES = ("id", "nom", "naissance", "valeur")


def names(path: Path, text: str) -> tuple[bool, tuple[str, ...], int, int]:
    path.write_text(text)
    (table,) = open_paths([path])
    rows = sum(part.rows for part in table.parts())
    return table.header, table.names, table.ledger.header, rows


@pytest.mark.parametrize(
    ("above", "wanted", "lines"),
    [
        ("id;nom;naissance;valeur\n", NAMES, 1),
        ("id;nom;naissance;valeur\n" * 2, tuple(f"{name} {name}" for name in NAMES), 2),
        ("id;nom;naissance;valeur\n(rang);(usage);(jour);(g/L)\n", None, 2),
        ("id;;nom;naissance;valeur\n", NAMES, 1),
        ("id;nom;naissance;valeur;;\n", NAMES, 1),
        ("id,nom,naissance,valeur\n", NAMES, 1),
        ("id nom naissance valeur\n", NAMES, 1),
        ("Export;;;\n;;;\nid;nom;naissance;valeur\n", NAMES, 3),
        ("Export du 3 mars\nLaboratoire : Brest\nid;nom;naissance;valeur\n", NAMES, 3),
    ],
)
def test_headers(tmp_path: Path, above: str, wanted: tuple[str, ...] | None, lines: int) -> None:
    header, found, counted, rows = names(tmp_path / "a.csv", above + BODY)
    wanted = wanted or ("id (rang)", "nom (usage)", "naissance (jour)", "valeur (g/L)")
    assert (header, found, counted, rows) == (True, wanted, lines, 9)


def test_a_header_alone(tmp_path: Path) -> None:
    assert names(tmp_path / "a.csv", "id;nom;date;libelle;montant\n") == (
        True,
        ("id", "nom", "date", "libelle", "montant"),
        1,
        0,
    )


def test_a_row_alone_is_no_header(tmp_path: Path) -> None:
    assert names(tmp_path / "a.csv", "7;Dupont;01/02/1980;12,5\n")[0] is False


def test_a_header_that_comes_again_is_no_row(tmp_path: Path) -> None:
    text = "id;nom;naissance;valeur\n"
    header, found, counted, rows = names(tmp_path / "a.csv", text + BODY + text + BODY)
    assert (header, found, counted, rows) == (True, NAMES, 2, 18)
    (table,) = open_paths([tmp_path / "a.csv"])
    list(table.parts())
    assert [note.code for note in table.notes] == ["headers_repeated"]


@pytest.mark.parametrize(
    "rows",
    [
        [f"V{k:06d};W{k:06d}" for k in range(50)],
        [f"P{k};Q{k}" for k in range(50)],
        [f"{hashlib.sha1(bytes([k])).hexdigest()};{hashlib.md5(bytes([k])).hexdigest()}" for k in range(50)],  # noqa: S324
        [f"cle{k};x{k * 7}a" for k in range(50)],
        [f"{chr(65 + k % 26)}{chr(66 + k % 20)};{chr(67 + k % 11)}" for k in range(50)],
    ],
)
def test_rows_of_codes_are_never_names(tmp_path: Path, rows: list[str]) -> None:
    path = tmp_path / "codes.csv"
    path.write_text("\n".join(["id;nom", *rows]) + "\n")
    (table,) = open_paths([path])
    assert table.names == ("id", "nom")
    assert sum(part.rows for part in table.parts()) == 50
