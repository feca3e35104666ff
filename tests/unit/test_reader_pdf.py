"""PDF: ruled tables over pages, text by page, passwords, and what is refused."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from etanche.errors import UserError
from etanche.ingest.bids import Head, best
from etanche.ingest.opening import open_paths
from pdfs import grid, lines, pdf
from reading import read, rows_of

HEADER = ["Nom", "Prénom", "Naissance", "Ville"]
ROWS = [[f"DURAND{k}", "Élodie", f"0{k % 9 + 1}/02/1980", "Brest"] for k in range(24)]


def test_a_table_over_pages_is_one_and_text_is_by_page(tmp_path: Path) -> None:
    path = tmp_path / "list.pdf"
    pages = [
        lines(["Laboratoire du Port", "Liste des patients (été 2024)"]) + grid([HEADER, *ROWS[:12]]),
        grid([HEADER, *ROWS[12:]], top=780),
        lines(["Fin de la liste,", "merci."]),
    ]
    path.write_bytes(pdf(pages))
    found, opening = read(path)
    assert list(found) == ["table_1", "text"]
    expected = [{"Nom": row[0], "Prénom": row[1], "Naissance": row[2], "Ville": row[3]} for row in ROWS]
    assert found["table_1"] == expected
    assert [row["page"] for row in found["text"]] == ["1", "3"]
    assert found["text"][0]["text"] == "Laboratoire du Port\nListe des patients (été 2024)"
    assert found["text"][1]["text"] == "Fin de la liste,\nmerci."
    assert opening.refused == []
    table = next(iter(open_paths([path])))
    assert table.header
    rows_of(table)
    assert (table.ledger.header, table.ledger.rows, table.ledger.blank) == (1, 24, 1)


def test_other_columns_are_another_table(tmp_path: Path) -> None:
    path = tmp_path / "two.pdf"
    results = [["Analyse", "Valeur"], ["Ferritine", "12,5"], ["Glycémie", "0,9"]]
    path.write_bytes(pdf([grid([HEADER, *ROWS[:3]]) + grid(results, top=300), grid(results, top=700, width=200)]))
    found, _ = read(path)
    assert list(found) == ["table_1", "table_2", "table_3"]
    assert found["table_2"][0] == {"Analyse": "Ferritine", "Valeur": "12,5"}


def test_passwords_are_tried(tmp_path: Path) -> None:
    path = tmp_path / "locked.pdf"
    path.write_bytes(pdf([lines(["Dossier de Zoé"])], password="été"))
    with pytest.raises(UserError) as refused:
        read(path)
    assert refused.value.code == "ingest_pdf_encrypted"
    path.write_bytes(pdf([lines(["Dossier de Zoé"])], password="secret"))
    (table,) = open_paths([path], passwords=("wrong", "secret"))
    assert rows_of(table)[0] == [{"page": "1", "text": "Dossier de Zoé"}]


def test_pictures_without_text_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "scan.pdf"
    path.write_bytes(pdf(["0 0 m 100 100 l S\n"] * 2))
    with pytest.raises(UserError) as refused:
        read(path)
    assert refused.value.code == "ingest_pdf_pictures"
    path.write_bytes(pdf(["0 0 m 100 100 l S\n", lines(["texte"])]))
    (table,) = open_paths([path])
    assert [note.code for note in table.notes] == ["pages_without_text"]


def test_a_pdf_in_an_archive_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("lettre.pdf", pdf([lines(["Cher confrère"])]))
    found, _ = read(path)
    assert found["lettre.pdf!text"] == [{"page": "1", "text": "Cher confrère"}]


def test_damage_is_refused_or_noted(tmp_path: Path) -> None:
    path = tmp_path / "bad.pdf"
    path.write_bytes(b"%PDF-1.4\n" + b"nothing of a PDF\n" * 50)
    with pytest.raises(UserError) as refused:
        read(path)
    assert refused.value.code == "ingest_pdf_damaged"


def test_bids() -> None:
    reader = best(Head("x", b"%PDF-1.7\n"))
    assert reader is not None
    assert reader.NAME == "pdf"
