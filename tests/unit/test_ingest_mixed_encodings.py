"""Files whose lines, or cells, are in several encodings, and files that tell theirs late."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from etanche.ingest import TextTable, open_paths
from etanche.ingest.decoding import Decoder
from etanche.ingest.encodings import Choice, choose_all, looks_utf8, single_byte

WORDS = (
    *(
        "Lefèvre",
        "Müller",
        "Noël",
        "Gonçalves",
        "Hélène",
        "François",
        "Zoé",
        "Évreux",
        "Orléans",
        "Châteaudun",
        "Mâcon",
    ),
    *("LEFÈVRE", "CHÂTEAU", "NOËL", "FRANÇOIS", "OUÏE", "cœur", "à jeun", "sérologie", "37 °C", "n°3", "Dupont", "12"),
)
NAMES = ["id", "nom", "prénom", "ville", "note"]


def fit(cell: str, encoding: str) -> str:
    return cell.encode(encoding, "ignore").decode(encoding)


def rows_in(encodings: list[str], seed: int = 1) -> tuple[list[list[str]], bytes]:
    """Return rows, each in its encoding, with a header in the first."""
    rng = random.Random(seed)
    rows, lines = [NAMES], [";".join(NAMES).encode(encodings[0])]
    for k, encoding in enumerate(encodings):
        row = [str(k), *(fit(rng.choice(WORDS), encoding) for _ in range(4))]
        rows.append(row)
        lines.append(";".join(row).encode(encoding))
    return rows, b"\n".join([*lines, b""])


def read(path: Path, data: bytes) -> tuple[TextTable, list[list[str]]]:
    path.write_bytes(data)
    (table,) = open_paths([path])
    assert isinstance(table, TextTable)
    lines = [line for part in table.parts() for line in part.data.decode().split("\n")[:-1]]
    return table, [list(table.names), *(line.split(";") for line in lines)]


@pytest.mark.parametrize("size", [20, 300])
@pytest.mark.parametrize(
    "encodings",
    [
        ("utf-8", "cp1252"),
        ("utf-8", "cp850"),
        ("cp1252", "cp850"),
        ("utf-8", "cp1252", "cp850"),
        ("cp850", "mac_roman"),
    ],
)
def test_exports_one_after_the_other(tmp_path: Path, encodings: tuple[str, ...], size: int) -> None:
    each = [encodings[k * len(encodings) // size] for k in range(size)]
    rows, data = rows_in(each)
    table, found = read(tmp_path / "a.csv", data)
    assert found == rows
    (note,) = [note for note in table.notes if note.code == "lines_other_encoding"]
    assert dict(note.params)["lines"] > 0


@pytest.mark.parametrize("encodings", [("utf-8", "cp1252"), ("utf-8", "cp850"), ("cp1252", "cp850")])
def test_rows_here_and_there(tmp_path: Path, encodings: tuple[str, str]) -> None:
    for seed in range(5):
        rng = random.Random(seed)
        rows, data = rows_in([encodings[rng.random() < 0.15] for _ in range(200)], seed)
        _, found = read(tmp_path / "a.csv", data)
        assert found == rows


def test_lines_in_another_encoding_that_no_sample_held(tmp_path: Path) -> None:
    rows, data = rows_in(["cp1252"] * 120_000)
    line = "7;Hélène;Évreux;à jeun;sérologie\n"
    # Of texts beyond 4 MB, places are looked at and the rest is not.
    assert len(data) > 4_000_000
    at = data.index(b"\n", 2_000_000) + 1
    _, found = read(tmp_path / "a.csv", data[:at] + line.encode("cp850") + data[at:])
    k = data[:at].count(b"\n")
    assert found[k] == line.strip().split(";")
    assert found[:k] + found[k + 1 :] == rows


def test_by_cell() -> None:
    decoder = Decoder("utf-8", ("cp1252", "cp850"), b";")
    line = b";".join(("Hélène".encode(), "Orléans, à côté".encode("cp1252"), "prélevé à Évreux".encode("cp850"), b"12"))
    assert decoder.decode(line) == ("Hélène;Orléans, à côté;prélevé à Évreux;12", "cp850")


@pytest.mark.parametrize(
    ("text", "encoding"),
    [("l’été", "mac_roman"), ("« CAFÉ»", "cp1252"), ("ÉTÉ…", "cp1252"), ("d’évidence", "mac_roman")],
)
def test_utf_8_by_chance_is_none(text: str, encoding: str) -> None:
    assert not looks_utf8(text.encode(encoding))


@pytest.mark.parametrize("text", ["é", "Łódź", "Ελλάδα", "محمد", "日本", "ヽ", "œ’…", "Hélène"])
def test_utf_8_of_any_script_is_utf_8(text: str) -> None:
    assert looks_utf8(text.encode())


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        *(("cœur 5 €", "iso8859-15"), ("cœur 5 €", "cp1252"), ("½ comprimé", "cp1252"), ("GENEVIÈVE", "cp850")),
        *(("HÔPITAL", "cp1252"), ("NOËL", "cp1252"), ("BENOÎT", "cp1252"), ("VOILÀ", "mac_roman"), ("fête", "cp850")),
        *(("45 €", "cp858"), ("l’eau", "mac_roman"), ("août", "cp850"), ("où", "cp850")),
    ],
)
def test_one_word_is_enough(text: str, encoding: str) -> None:
    assert text.encode(encoding).decode(single_byte([text.encode(encoding)])) == text


def test_the_choice_names_all_encodings_the_common_first() -> None:
    lines = ["Hélène, à jeun".encode("cp1252")] * 9 + ["Zoé, prélevée à Évreux".encode("cp850")] * 4
    assert choose_all(lines) == Choice("cp1252", ("cp850",))


@pytest.mark.parametrize("encoding", ["utf-8", "cp1252", "iso8859-15", "cp850", "mac_roman"])
def test_a_first_accent_after_900_kb(tmp_path: Path, encoding: str) -> None:
    head = [f"{k};Martin;Paul;Brest;rien de nouveau" for k in range(26_000)]
    tail = ["26000;Lefèvre;Hélène;Évreux;à jeun", "26001;Noël;Zoé;Mâcon;cœur fragile".replace("œ", "oe")]
    data = "\n".join(["id;nom;prenom;ville;note", *head, *tail]).encode(encoding)
    assert len(data) > 900_000
    _, found = read(tmp_path / "a.csv", data)
    assert found[-2:] == [line.split(";") for line in tail]
