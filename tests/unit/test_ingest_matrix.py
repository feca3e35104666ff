"""Every encoding, delimiter and header comes back as the same rows."""

from __future__ import annotations

import csv
import io
import itertools
import random
from pathlib import Path

import pytest

from etanche.ingest import Limits, TextTable, open_paths
from etanche.ingest.careful import Shape, parse

ENCODINGS = (
    "utf-8",
    "utf-8-sig",
    "utf-16",
    "utf-16-le",
    "utf-16-be",
    "utf-32",
    "cp1252",
    "latin-1",
    "iso8859-15",
    "cp850",
    "cp437",
    "mac_roman",
)
DELIMITERS = (";", ",", "\t", "|", ":", "^", "~", "\x1f")
NAMES = ("id", "nom", "prénom", "date_naissance", "ville", "analyse", "remarque")
VALUES = (
    ("Lefèvre", "Müller", "Noël", "Gonçalves", "Dupont"),
    ("Hélène", "François", "Zoé", "Gérard", "Anaïs"),
    ("01/02/1950", "28/11/1987", "", "03/03/2003", "31/12/1999"),
    ("Évreux", "Orléans", "Saint-Brieuc", "Châteaudun", "Le Mée"),
    ("sérologie", "glycémie à jeun", "hémogramme", "", "créatinine"),
    ("prélevé où il fallait", "à revoir", "rien", "âgée, très gênée", "reçu en l'état"),
)


def rows(count: int, delimiter: str) -> list[tuple[str, ...]]:
    rng = random.Random(7)
    made = [(str(1000 + k), *(rng.choice(column) for column in VALUES)) for k in range(count)]
    return [tuple(cell.replace(delimiter, " ") for cell in row) for row in made]


def text_of(names: tuple[str, ...] | None, made: list[tuple[str, ...]], delimiter: str, eol: str) -> str:
    return "".join(delimiter.join(row) + eol for row in ([names] if names else []) + made)


def read(path: Path, data: bytes, limits: Limits | None = None) -> tuple[TextTable, list[list[str]]]:
    path.write_bytes(data)
    (table,) = open_paths([path], limits or Limits())
    found: list[list[str]] = []
    for part in table.parts():
        shape = Shape(len(table.names), part.dialect.delimiter)
        text = part.data.decode()
        if part.dialect.quote:
            lines = iter(text.split("\n")[:-1])
            for line in lines:
                record = line
                while record.count('"') % 2:
                    record += "\n" + next(lines)
                found.append(parse(record, shape).cells)
        else:
            found += [line.split(shape.delimiter) for line in text.split("\n")[:-1]]
    return table, found


@pytest.mark.parametrize("header", [True, False])
@pytest.mark.parametrize(("encoding", "delimiter"), list(itertools.product(ENCODINGS, (";", "\t"))))
def test_encodings(tmp_path: Path, encoding: str, delimiter: str, header: bool) -> None:
    made = rows(120, delimiter)
    text = text_of(NAMES if header else None, made, delimiter, "\r\n")
    table, found = read(tmp_path / "a.csv", text.encode(encoding))
    assert table.header is header
    assert table.names == (NAMES if header else tuple(f"column_{k}" for k in range(1, 8)))
    assert found == [list(row) for row in made]
    assert table.dialect.delimiter == delimiter
    assert (table.ledger.lines, table.ledger.rows) == (120 + header, 120)


@pytest.mark.parametrize("header", [True, False])
@pytest.mark.parametrize("eol", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("delimiter", DELIMITERS)
def test_delimiters(tmp_path: Path, delimiter: str, eol: str, header: bool) -> None:
    made = rows(60, delimiter)
    data = text_of(NAMES if header else None, made, delimiter, eol).encode("cp1252")
    table, found = read(tmp_path / "a.txt", data)
    assert (table.dialect.delimiter, table.header, table.encoding) == (delimiter, header, "cp1252")
    assert found == [list(row) for row in made]


@pytest.mark.parametrize("block", [1, 50, 1 << 20])
@pytest.mark.parametrize("encoding", ["utf-16-le", "cp1252"])
@pytest.mark.parametrize("quoting", [csv.QUOTE_ALL, csv.QUOTE_MINIMAL, csv.QUOTE_NONNUMERIC])
def test_quoted_files_read_as_the_csv_module_reads_them(
    tmp_path: Path, quoting: int, encoding: str, block: int
) -> None:
    rng = random.Random(3)
    made = [
        [
            str(k),
            rng.choice(('dit "le Grand"', "a;b", "deux\nlignes", "x", "", '"', "fin;\n\nici")),
            "été",
            rng.choice("ab"),
        ]
        for k in range(80)
    ]
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", quoting=quoting, lineterminator="\n")  # type: ignore[arg-type]
    writer.writerows([["ident", "surnom", "saison", "groupe"], *made])
    table, found = read(tmp_path / "a.csv", out.getvalue().encode(encoding), Limits(block_bytes=block, part_bytes=500))
    assert found == list(csv.reader(io.StringIO(out.getvalue()), delimiter=";"))[1:] == made
    assert table.ledger.lines == out.getvalue().count("\n")
    assert table.ledger.quarantined == 0


def test_backslash_escapes(tmp_path: Path) -> None:
    made = [[str(k), f'dit \\"le {k}\\" ; ici', "x"] for k in range(30)]
    data = "id;nom;type\n" + "".join(f'"{a}";"{b}";"{c}"\n' for a, b, c in made)
    _, found = read(tmp_path / "a.csv", data.encode())
    assert found == [[a, b.replace('\\"', '"'), c] for a, b, c in made]


def test_apostrophe_quotes(tmp_path: Path) -> None:
    data = "id,nom,ville\n" + "".join(f"{k},'Le Gall, Yann','L''Haÿ \"x\"'\n" for k in range(30))
    _, found = read(tmp_path / "a.csv", data.encode())
    assert found == [[str(k), "Le Gall, Yann", 'L\'Haÿ "x"'] for k in range(30)]


def test_quotes_that_are_mere_characters_go_through_in_bulk(tmp_path: Path) -> None:
    data = "id;taille;ville\n" + "".join(f'{k};écran 15" plat;Brest\n' for k in range(50))
    path = tmp_path / "a.csv"
    path.write_bytes(data.encode())
    (table,) = open_paths([path])
    (part,) = table.parts()
    assert part.dialect.quote == ""
    assert part.data == data.encode().partition(b"\n")[2]


def test_quotes_of_both_sorts_are_never_mixed_in_a_part(tmp_path: Path) -> None:
    lines = [f'{k};écran 15" plat;Brest\n' for k in range(50)] + [f'{k};"a;b";Brest\n' for k in range(50)]
    table, found = read(tmp_path / "a.csv", ("id;taille;ville\n" + "".join(lines)).encode(), Limits(block_bytes=200))
    assert len({part.dialect.quote for part in table.parts()}) == 2
    assert [row[1] for row in found] == ['écran 15" plat'] * 50 + ["a;b"] * 50


def test_a_stray_quote_swallows_nothing(tmp_path: Path) -> None:
    lines = [f"{k};nom;ville\n" for k in range(40)]
    lines[10], lines[20], lines[30] = '10;"nom;ville\n', '20;nom;"ville\n', '30;"nom";"vi"lle\n'
    table, found = read(tmp_path / "a.csv", ("id;a;b\n" + "".join(lines)).encode())
    assert [found[k] for k in (10, 20, 30)] == [
        ["10", '"nom', "ville"],
        ["20", "nom", '"ville'],
        ["30", "nom", '"vi"lle'],
    ]
    assert table.ledger.rows == 40


def test_an_accent_far_into_ascii_counts(tmp_path: Path) -> None:
    made = [f"{k};Dupont;Brest" for k in range(400_000)]
    made[390_000] = "390000;Lefèvre;Orléans"
    table, found = read(tmp_path / "a.csv", ("id;nom;ville\n" + "\n".join(made)).encode("cp1252"))
    assert table.encoding == "cp1252"
    assert found[390_000] == ["390000", "Lefèvre", "Orléans"]


@pytest.mark.parametrize(("main", "guest"), [("utf-8", "cp1252"), ("cp1252", "utf-8"), ("iso8859-15", "utf-8")])
def test_lines_in_another_encoding_are_decoded_in_theirs(tmp_path: Path, main: str, guest: str) -> None:
    made = [f"{k};Lefèvre;Orléans;bœuf à 5 €" for k in range(300)]
    data = b"".join((line + "\n").encode(guest if k % 50 == 7 else main) for k, line in enumerate(made))
    table, found = read(tmp_path / "a.csv", b"id;nom;ville;menu\n" + data)
    assert table.encoding == main
    assert found == [line.split(";") for line in made]
    (note,) = table.notes
    assert (note.code, dict(note.params)["lines"]) == ("lines_other_encoding", 6)


def test_preamble_and_sep_line(tmp_path: Path) -> None:
    body = "id;nom;ville\n" + "".join(f"{k};Dupont;Brest\n" for k in range(20))
    for above in ("sep=;\n", "Export du 12/03/2020\n\n", "# fait par\n# personne\n"):
        table, found = read(tmp_path / "a.csv", (above + body).encode())
        assert table.names == ("id", "nom", "ville")
        assert table.ledger.header == above.count("\n") + 1
        assert len(found) == 20


def test_names_are_clean_and_unique(tmp_path: Path) -> None:
    data = "id;nom\x1b[31m;nom;;NOM\n" + "".join(f"{k};a;b;c;d\n" for k in range(9))
    table, _ = read(tmp_path / "a.csv", data.encode())
    assert table.names == ("id", "nom [31m", "nom", "column_4", "NOM_2")


def test_one_column(tmp_path: Path) -> None:
    mails = [f"p{k}@example.org" for k in range(30)]
    table, found = read(tmp_path / "a.txt", ("\n".join(mails) + "\n").encode())
    assert (table.names, found) == (("column_1",), [[mail] for mail in mails])


def test_login_and_password(tmp_path: Path) -> None:
    lines = [f"p{k}@example.org:s3cret{k}" for k in range(30)]
    table, found = read(tmp_path / "a.txt", ("\n".join(lines) + "\n").encode())
    assert (table.dialect.delimiter, table.header) == (":", False)
    assert found[3] == ["p3@example.org", "s3cret3"]


def test_sample_is_spread_over_the_whole_file(tmp_path: Path) -> None:
    body = "".join(f"{k};Lefèvre;Orléans;{'x' * 60}\n" for k in range(120_000))
    path = tmp_path / "a.csv"
    path.write_bytes(("id;nom;ville;remarque\n" + body).encode("cp1252"))
    (table,) = open_paths([path])
    sample = table.sample(1000)
    ids = [int(cell) for cell in sample.columns[0]]
    assert sample.names == table.names
    assert 800 < len(ids) <= 1000
    assert ids == sorted(set(ids))
    assert ids[0] == 0
    assert ids[-1] > 118_000
    assert max(b - a for a, b in itertools.pairwise(ids)) < 4000
    assert set(sample.columns[1]) == {"Lefèvre"}


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("block", [300, 1 << 19])
def test_a_byte_lost_in_utf_16_costs_one_line(tmp_path: Path, encoding: str, block: int) -> None:
    made = rows(100, ";")
    data = text_of(NAMES, made, ";", "\r\n").encode(encoding)
    cut = data[:4001] + data[4002:]
    table, found = read(tmp_path / "a.csv", cut, Limits(block_bytes=block))
    assert table.ledger.lines == 101
    assert table.ledger.quarantined == 1
    assert [row for row in found if tuple(row) in set(made)] == found
    assert len(found) == 99


CASES = (
    # (text, delimiter, header, first names, rows, set aside, lines above the rows)
    ("nom,prenom,ville\n" + "Dupont,Jean,Brest\nMartin,Zoé,Lyon\n" * 9, ",", True, ("nom", "prenom"), 18, 0, 1),
    ("Dupont,Jean,Brest\nMartin,Zoé,Lyon\n" * 9, ",", False, ("column_1", "column_2"), 18, 0, 0),
    ("a;b\n" + "1,5;2,5\n" * 9, ";", True, ("a", "b"), 9, 0, 1),
    ("nom;naissance\nDupont;01/02/1980\n", ";", True, ("nom", "naissance"), 1, 0, 1),
    ("Dupont;01/02/1980\n", ";", False, ("column_1", "column_2"), 1, 0, 0),
    ("a,b\n1,2", ",", True, ("a", "b"), 1, 0, 1),
    ("ville;2018;2019\n" + "Brest;120;340\nLyon;12;9\n" * 9, ";", True, ("ville", "2018"), 18, 0, 1),
    ("nom;cp\n" + "Dupont;29200;\nMartin;56000;\n" * 9, ";", True, ("nom", "cp", "column_3"), 18, 0, 1),
    ("id;adresse\n" + "1;12, rue X, Brest\n2;3, rue Y\n" * 9, ";", True, ("id", "adresse"), 18, 0, 1),
    ("http://a.example/x?y=1\n" * 9, "\x1f", False, ("column_1",), 9, 0, 0),
    ("12:30:00\n13:30:10\n" * 9, "\x1f", False, ("column_1",), 18, 0, 0),
    ("Export;;\nid;nom;ville\n" + "1;Dupont;Brest\n2;Martin;Lyon\n" * 9, ";", True, ("id", "nom"), 18, 0, 2),
    ('id, nom\n1, "Le Gall, x"\n2, "Le Goff, y"\n3, z\n' * 1, ",", True, ("id", "nom"), 3, 0, 1),
    ("id;nom;cp\n" + "1;Dupont;56000\n" * 9 + "\nTotal : 9\n\x1a", ";", True, ("id", "nom", "cp"), 9, 1, 1),
    ("id\tnom\n" + "1\tDupont, Jean\n2\tMartin, Zoé\n" * 9, "\t", True, ("id", "nom"), 18, 0, 1),
    (
        "Il était une fois, dans un pays.\nSa fille; la princesse.\nFin.\n",
        "\x1f",
        False,
        ("column_1",),
        3,
        0,
        0,
    ),
)


@pytest.mark.parametrize(("text", "delimiter", "header", "names", "count", "aside", "above"), CASES)
def test_shapes(
    tmp_path: Path, text: str, delimiter: str, header: bool, names: tuple[str, ...], count: int, aside: int, above: int
) -> None:
    table, found = read(tmp_path / "a.csv", text.encode())
    assert (table.dialect.delimiter, table.header) == (delimiter, header)
    assert table.names[: len(names)] == names
    ledger = table.ledger
    assert (len(found), ledger.rows, ledger.quarantined, ledger.header) == (count, count, aside, above)
