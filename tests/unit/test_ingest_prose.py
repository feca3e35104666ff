"""Letters and logs are not torn into columns; tables that look a little like them still are tables."""

from __future__ import annotations

from pathlib import Path

import pytest

from etanche.ingest import open_paths

LETTERS = {
    "line": "Cher confrère, vous trouverez ci-joint, comme convenu, les résultats de M. Durand, né le 3 mars 1950.",
    "short": "Cher confrère, vous trouverez ci-joint le compte rendu.\n",
    "letter": (
        "Paris, le 3 mars 2020\n\nMadame, Monsieur,\n\nVous trouverez ci-joint, le bilan.\nCordialement, le service\n"
    ),
    "report": (
        "Cher confrère,\n\nJe vous remercie de m'avoir adressé Monsieur Durand, né le 3 mars 1950, pour un bilan.\n"
        "Il présente, depuis trois mois, une asthénie, avec perte de poids.\n"
        "L'examen clinique est normal, en dehors d'une hépatomégalie.\nBien confraternellement,\n\nDr Martin\n"
    ),
    "log": "".join(
        f"2021-02-{k % 28 + 1:02d} 10:{k:02d}:11 INFO [main] server.py: connection from 10.0.0.{k}, user=jean{k}, ok\n"
        if k % 3
        else f"2021-02-{k % 28 + 1:02d} 10:{k:02d}:12 ERROR cannot open file, retrying\n"
        for k in range(40)
    ),
    "bracketed log": "".join(f"[2021-02-03 10:{k:02d}:11] WARN disk {k} full, {k * 3} % used\n" for k in range(40)),
    "syslog": "".join(f"Feb  3 10:11:{k:02d} labo sshd[{k}]: Failed password for root, port {k}\n" for k in range(40)),
}
TABLES = {
    "names": ("nom,prenom,ville\nDurand,Jean,Paris\n", ","),
    "row": ("Durand, Jean, 12/03/1950, Paris\n", ","),
    "times first": ("".join(f"2021-02-03 10:11:{k:02d} UTC,{k},ok,Brest\n" for k in range(20)), ","),
    "log with columns": ("".join(f"2021-02-03 10:11:{k:02d} INFO;jean{k};ok\n" for k in range(20)), ";"),
    "remarks": ("id;remarque\n" + "".join(f"{k};Patient vu ce jour, va bien, à revoir.\n" for k in range(9)), ";"),
    "spaced": ("nom, ville, note\n" + "".join(f"Durand {k}, Brest sur Mer, {k}\n" for k in range(9)), ","),
}


@pytest.mark.parametrize("name", LETTERS)
def test_what_people_read_stays_in_one_column(tmp_path: Path, name: str) -> None:
    path = tmp_path / "text.txt"
    path.write_text(LETTERS[name], encoding="utf-8")
    (table,) = open_paths([path])
    parts = list(table.parts())
    assert table.names == ("column_1",)
    assert not table.header
    assert sum(part.rows for part in parts) == sum(bool(line.strip()) for line in LETTERS[name].splitlines())
    assert not table.ledger.quarantined


@pytest.mark.parametrize("name", TABLES)
def test_tables_stay_tables(tmp_path: Path, name: str) -> None:
    data, delimiter = TABLES[name]
    path = tmp_path / "text.txt"
    path.write_text(data, encoding="utf-8")
    (table,) = open_paths([path])
    assert table.dialect.delimiter == delimiter
    assert len(table.names) == data.split("\n")[0].count(delimiter) + 1


def test_a_word_above_sentences_names_them(tmp_path: Path) -> None:
    path = tmp_path / "text.csv"
    rows = [f"Le patient {k} est venu, il va bien, à revoir." if k % 2 else "Rien à signaler, sinon." for k in range(9)]
    path.write_text("\n".join(["commentaire", *rows]), encoding="utf-8")
    (table,) = open_paths([path])
    assert table.names == ("commentaire",)
