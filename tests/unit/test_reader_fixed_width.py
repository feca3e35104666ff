"""Fixed-width text comes back as the cells that were laid out, whatever the layout; other text is left alone."""

from __future__ import annotations

import random
import re
from pathlib import Path

import pytest

from etanche.ingest import Limits, Table, open_paths
from etanche.ingest.bids import Head
from etanche.ingest.readers import fixed_width
from etanche.model import QuarantineReason

SURNAMES = ["MARTIN", "LE GOFF", "DE LA TOUR", "PETIT", "LÉVÊQUE", "RICHARD", "MULLER", "DUPONT-AIGNAN", "ROUX", "NOËL"]
FIRST = ["Jean", "Marie Claude", "Hélène", "Noé", "Lucie", "Paul"]
TOWNS = ["BREST", "SAINT-ETIENNE", "LE MANS", "LYON", "RENNES"]
NAMES = ["NOM", "PRENOM", "NAISSANCE", "VILLE", "CP", "MONTANT", "DIAG", "SEXE"]
LOOSE = [(16, "l"), (14, "l"), (10, "l"), (16, "l"), (7, "l"), (10, "r"), (6, "l"), (4, "l")]
TIGHT = [(13, "l"), (12, "l"), (8, "l"), (14, "l"), (5, "l"), (8, "r"), (4, "l"), (1, "l")]


def rows(count: int) -> list[list[str]]:
    rng = random.Random(4)
    return [
        [
            rng.choice(SURNAMES),
            rng.choice(FIRST),
            f"{rng.randint(1, 28):02d}{rng.randint(1, 12):02d}{rng.randint(1930, 2010)}",
            rng.choice(TOWNS),
            f"{rng.randrange(95000):05d}",
            f"{rng.randrange(1, 99999) / 100:.2f}",
            rng.choice(["", "J450", "E119", "Z000"]),
            rng.choice("MF"),
        ]
        for _ in range(count)
    ]


def laid_out(cells: list[str], layout: list[tuple[int, str]], encoding: str = "") -> str:
    """Lay cells out, padded in characters, or in bytes of an encoding."""
    padded: list[str] = []
    for cell, (width, side) in zip(cells, layout, strict=True):
        blanks = " " * (width - len(cell.encode(encoding) if encoding else cell))
        padded.append(cell + blanks if side == "l" else blanks + cell)
    return "".join(padded)


def read(path: Path, data: bytes, limits: Limits | None = None) -> tuple[Table, list[list[str]]]:
    path.write_bytes(data)
    (table,) = open_paths([path], limits or Limits())
    parts = list(table.parts())
    lines = [line.split(part.dialect.delimiter) for part in parts for line in part.data.decode().split("\n")[:-1]]
    return table, lines


@pytest.mark.parametrize("header", [True, False])
@pytest.mark.parametrize("trimmed", [True, False])
@pytest.mark.parametrize("encoding", ["utf-8", "cp1252", "cp850", "utf-16"])
@pytest.mark.parametrize("layout", [LOOSE, TIGHT])
def test_layouts(tmp_path: Path, layout: list[tuple[int, str]], encoding: str, trimmed: bool, header: bool) -> None:
    made = rows(150)
    lines = [laid_out(row, layout) for row in made]
    if header:
        short = [name[: width - 1] for name, (width, _) in zip(NAMES, layout, strict=True)]
        lines.insert(0, laid_out(short, layout))
    data = "".join((line.rstrip() if trimmed else line) + "\r\n" for line in lines).encode(encoding)
    table, found = read(tmp_path / "a.txt", data)
    assert table.source.reader == "fixed_width"
    assert found == made
    assert table.header is header or layout is TIGHT
    assert table.ledger.lines == len(lines)


def test_a_header_names_the_columns(tmp_path: Path) -> None:
    made = rows(40)
    lines = [laid_out(NAMES, LOOSE), *(laid_out(row, LOOSE) for row in made)]
    table, _ = read(tmp_path / "a.txt", "\n".join(lines).encode())
    assert table.names == tuple(NAMES)


def test_bytes_are_counted_where_the_padding_counted_bytes(tmp_path: Path) -> None:
    made = rows(80)
    _, found = read(tmp_path / "a.txt", "\n".join(laid_out(row, TIGHT, "utf-8") for row in made).encode())
    assert found == made


def test_a_ruler_says_it_all(tmp_path: Path) -> None:
    text = (
        "patient    analyse        valeur\n"
        "---------- -------------- ------\n"
        "Zoé Müller glycémie à jeu    5.1\n"
        "Max        sodium            140\n"
        "\n"
        "patient    analyse        valeur\n"
        "---------- -------------- ------\n"
        "L. Dupont                      7\n"
        "(3 rows affected by the query)\n"
    )
    table, found = read(tmp_path / "a.lst", text.encode())
    assert table.names == ("patient", "analyse", "valeur")
    assert found == [["Zoé Müller", "glycémie à jeu", "5.1"], ["Max", "sodium", "140"], ["L. Dupont", "", "7"]]
    ledger = table.ledger
    assert (ledger.lines, ledger.header, ledger.blank, ledger.quarantined) == (9, 2, 3, 1)


def test_a_nir_with_blanks_stays_one_cell(tmp_path: Path) -> None:
    rng = random.Random(2)
    made = [
        [
            rng.choice(SURNAMES),
            f"1 {rng.randint(30, 99)} {rng.randint(10, 12)} 75 {rng.randint(100, 400)} 116 {rng.randint(10, 97)}",
            "X",
        ]
        for _ in range(60)
    ]
    _, found = read(
        tmp_path / "a.txt", "\n".join(laid_out(row, [(16, "l"), (24, "l"), (1, "l")]) for row in made).encode()
    )
    assert found == made


def test_columns_without_a_blank_between_them(tmp_path: Path) -> None:
    rng = random.Random(3)
    made = []
    for _ in range(60):
        number = f"{rng.choice('12')}{rng.randint(30, 99)}{rng.randint(1, 12):02d}75{rng.randrange(10**6):06d}"
        nir = f"{number}{97 - int(number) % 97:02d}"
        day = f"{rng.randint(1930, 2010)}{rng.randint(1, 12):02d}{rng.randint(1, 28):02d}"
        seen = f"{rng.randint(1, 28):02d}/{rng.randint(1, 12):02d}/2020"
        made.append([nir, day, seen, rng.choice("MF"), rng.choice(SURNAMES), f"{rng.randint(1, 9999)}", "Z"])
    widths = [(15, "l"), (8, "l"), (10, "l"), (1, "l"), (14, "l"), (6, "r"), (1, "l")]
    _, found = read(tmp_path / "a.txt", "\n".join(laid_out(row, widths) for row in made).encode())
    assert found == made


def test_an_address_stays_one_cell(tmp_path: Path) -> None:
    rng = random.Random(8)
    streets = ["rue de la Paix", "avenue Foch", "boulevard Voltaire", "chemin des Vignes"]
    made = [[f"{rng.randint(1, 200)} {rng.choice(streets)}", rng.choice(TOWNS)] for _ in range(60)]
    layout = [(26, "l"), (16, "l")]
    _, found = read(tmp_path / "a.txt", "\n".join(laid_out(row, layout) for row in made).encode())
    assert found == made


def test_lines_that_do_not_fit_are_set_aside(tmp_path: Path) -> None:
    made = rows(60)
    lines = [laid_out(row, TIGHT) for row in made]
    lines[10] += "  SHIFTED"
    lines[20] = lines[20][:30]
    table, found = read(tmp_path / "a.txt", "\n".join(lines).encode())
    assert dict(table.ledger.reasons) == {QuarantineReason.TOO_MANY_CELLS: 1}
    assert found[19] == [*made[20][:2], made[20][2][:5], "", "", "", "", ""]


@pytest.mark.parametrize("block", [500, 50_000])
def test_a_line_without_end_is_set_aside_and_not_held(tmp_path: Path, block: int) -> None:
    lines = [laid_out(row, TIGHT) for row in rows(60)]
    limits = Limits(line_bytes=2000, raw_bytes=100, block_bytes=block)
    table, found = read(tmp_path / "a.txt", "\n".join([*lines, "y" * 100_000, *lines, ""]).encode(), limits)
    assert len(found) == 120
    assert (table.ledger.lines, dict(table.ledger.reasons)) == (121, {QuarantineReason.TOO_LONG: 1})


def prose() -> list[str]:
    rng = random.Random(5)
    text = "il était une fois dans la forêt trois petits lapins qui,aimaient les carottes"
    words = re.split("[ ,]", text.replace(",", ", "))
    return [" ".join(rng.choice(words) for _ in range(rng.randint(8, 14))) for _ in range(80)]


OTHERS = {
    "prose": prose(),
    "prose of one width": [line[:50].ljust(50) for line in prose()],
    "identifiers": [f"{random.Random(k).randrange(10**15):015d}" for k in range(60)],
    "padded csv": [";".join(cell.ljust(10) for cell in row) for row in rows(60)],
    "one column": [row[0].ljust(20) for row in rows(60)],
    "a journal": [f"2021-01-{k % 18 + 10} 12:00:{k % 50 + 10} {line}" for k, line in enumerate(prose())],
}


@pytest.mark.parametrize("name", list(OTHERS))
def test_other_text_is_left_alone(name: str) -> None:
    assert fixed_width.bid(Head("a.txt", "\n".join(OTHERS[name]).encode())).score == 0


def test_samples_are_rows(tmp_path: Path) -> None:
    made = rows(50)
    table, _ = read(tmp_path / "a.txt", "\n".join(laid_out(row, TIGHT) for row in made).encode())
    assert [list(row) for row in zip(*table.sample().columns, strict=True)] == made
