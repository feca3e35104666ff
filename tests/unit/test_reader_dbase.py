"""DBF files, written here byte by byte, beside dbfread where it can judge."""

from __future__ import annotations

import datetime as dt
import random
import struct
from pathlib import Path

import dbfread
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from etanche.errors import UserError
from etanche.ingest.bids import Head
from etanche.ingest.entries import file_entry
from etanche.ingest.limits import DEFAULT, Meter
from etanche.ingest.parsers.dbase import layout
from etanche.ingest.readers import dbase
from etanche.ingest.tables import CellTable, cells_of
from etanche.model import QuarantineReason

Fields = list[tuple[str, str, int, int]]


def dbf(fields: Fields, records: list[bytes], *, version: int = 3, language: int = 0, said: int | None = None) -> bytes:
    """Return a DBF file; `records` come with their mark."""
    begin = 32 + 32 * len(fields) + 1
    size = 1 + sum(width for _, _, width, _ in fields)
    count = len(records) if said is None else said
    head = struct.pack("<BBBBIHH17xB2x", version, 121, 2, 14, count, begin, size, language)
    for name, kind, width, decimals in fields:
        head += struct.pack("<11sc4xBB14x", name.encode("cp850"), kind.encode(), width, decimals)
    return head + b"\r" + b"".join(records) + b"\x1a"


FIELDS: Fields = [
    ("NOM", "C", 12, 0),
    ("NAISSANCE", "D", 8, 0),
    ("MONTANT", "N", 8, 2),
    ("ACTIF", "L", 1, 0),
    ("CP", "C", 5, 0),
]


def record(
    name: str, day: str, amount: str, active: str, postcode: str, *, mark: str = " ", encoding: str = "cp850"
) -> bytes:
    text = mark + name.ljust(12) + day.rjust(8) + amount.rjust(8) + active + postcode.ljust(5)
    return text.encode(encoding)


PATIENTS = [
    record("Lefèvre", "19850501", "12.50", "T", "01000"),
    record("  Çelik", "", "********", "?", "29200", mark="*"),
    record("Noël", "19991231", "-3.00", "F", ""),
]


def read(path: Path) -> tuple[CellTable, list[list[str]]]:
    [table] = dbase.tables(file_entry(path, path.name, Meter(DEFAULT)), DEFAULT)
    rows = [cells for piece in table._pieces() for cells in cells_of(piece, len(table.names))]
    list(table.parts())
    return table, rows


def codes(table: CellTable) -> dict[str, dict[str, object]]:
    return {note.code: dict(note.params) for note in table.notes}


def test_cells_as_they_are_stored(tmp_path: Path) -> None:
    path = tmp_path / "p.dbf"
    path.write_bytes(dbf(FIELDS, PATIENTS, language=2))
    table, rows = read(path)
    assert table.names == ("NOM", "NAISSANCE", "MONTANT", "ACTIF", "CP")
    assert rows == [
        ["Lefèvre", "1985-05-01", "12.50", "TRUE", "01000"],
        ["  Çelik", "", "********", "", "29200"],
        ["Noël", "1999-12-31", "-3.00", "FALSE", ""],
    ]
    assert (table.ledger.lines, table.ledger.rows, table.encoding) == (3, 3, "cp850")
    assert codes(table) == {"records_deleted": {"count": 1}}
    assert dbase.bid(Head("p.bin", path.read_bytes())).score == pytest.approx(0.9)


@pytest.mark.parametrize("encoding", ["cp850", "cp1252", "utf-8"])
def test_encodings_that_nobody_declared(tmp_path: Path, encoding: str) -> None:
    names = ["Lefèvre", "Hélène", "Gaëlle", "Noël", "Françoise", "Jérôme", "Bérangère", "Zoé", "Benoît", "Anaïs"] * 3
    records = [b" " + name.encode(encoding).ljust(20) for name in names]
    path = tmp_path / "p.dbf"
    path.write_bytes(dbf([("NOM", "C", 20, 0)], records))
    table, rows = read(path)
    assert table.encoding == encoding
    assert [row[0] for row in rows] == names


def test_a_code_page_beside_the_file(tmp_path: Path) -> None:
    (tmp_path / "P.DBF").write_bytes(dbf([("NOM", "C", 8, 0)], [b" " + "Иван".encode("cp1251").ljust(8)], language=3))
    (tmp_path / "P.cpg").write_text("1251")
    assert read(tmp_path / "P.DBF")[1] == [["Иван"]]


def test_types_of_foxpro(tmp_path: Path) -> None:
    fields: Fields = [
        ("I", "I", 4, 0),
        ("B", "B", 8, 0),
        ("Y", "Y", 8, 0),
        ("T", "T", 8, 0),
        ("Q", "Q", 2, 0),
        ("_N", "0", 1, 0),
    ]
    day = dt.date(2021, 2, 14).toordinal() + 1721425
    values = struct.pack("<cidqIIcc", b" ", -7, 1.5, -123450, day, 3_600_500, b"\xff", b"\x01") + b"\0"
    path = tmp_path / "f.dbf"
    path.write_bytes(dbf(fields, [values], version=0x30))
    table, rows = read(path)
    assert table.names == ("I", "B", "Y", "T", "Q")
    assert rows == [["-7", "1.5", "-12.3450", "2021-02-14 01:00:00.500", "ff01"]]


def test_memos(tmp_path: Path) -> None:
    data = dbf(
        [("NOTE", "M", 10, 0)],
        [b" " + b"1".rjust(10), b" " + b"2".rjust(10), b" " + b" " * 10],
        version=0x83,
        language=3,
    )
    (tmp_path / "m.dbf").write_bytes(data)
    table, rows = read(tmp_path / "m.dbf")
    assert rows == [[""], [""], [""]]
    assert codes(table) == {"memos_missing": {"count": 2}}
    texts = b"".join(
        text.ljust(512, b"\0") for text in (b"", "allergie à l'iode\x1a\x1a".encode("cp1252"), b"second\x1a\x1a")
    )
    (tmp_path / "M.DBT").write_bytes(texts)
    table, rows = read(tmp_path / "m.dbf")
    assert rows == [["allergie à l'iode"], ["second"], [""]]
    assert [record["NOTE"] for record in dbfread.DBF(tmp_path / "m.dbf")] == ["allergie à l'iode", "second", None]


def test_memos_of_foxpro(tmp_path: Path) -> None:
    (tmp_path / "f.dbf").write_bytes(dbf([("NOTE", "M", 4, 0)], [b" \x08\0\0\0"], version=0x30, language=3))
    block = struct.pack(">II", 1, 5) + b"bravo"
    (tmp_path / "f.FPT").write_bytes(struct.pack(">IHH", 9, 0, 64).ljust(512, b"\0") + block.ljust(64, b"\0"))
    assert read(tmp_path / "f.dbf")[1] == [["bravo"]]


def test_dbfread_agrees(tmp_path: Path) -> None:
    rnd = random.Random(5)
    records = [
        record(
            f"N{k}",
            f"19{k % 100:02}0{1 + k % 9}11",
            f"{rnd.random() * 100:.2f}",
            "TF"[k % 2],
            f"{k:05}",
            encoding="cp1252",
        )
        for k in range(5000)
    ]
    path = tmp_path / "p.dbf"
    path.write_bytes(dbf(FIELDS, records, language=3))
    _, rows = read(path)
    theirs = [
        [r["NOM"], r["NAISSANCE"].isoformat(), f"{r['MONTANT']:.2f}", str(r["ACTIF"]).upper(), r["CP"]]
        for r in dbfread.DBF(path, char_decode_errors="strict")
    ]
    assert rows == theirs


def test_cut_at_fifty_places(tmp_path: Path) -> None:
    records = [record(f"Nom{k}", "19850501", "1.00", "T", f"{k:05}") for k in range(300)]
    data = dbf(FIELDS, records)
    begin, size = 32 + 32 * 5 + 1, len(records[0])
    path = tmp_path / "c.dbf"
    for cut in sorted(random.Random(1).sample(range(33, len(data)), 50)):
        path.write_bytes(data[:cut])
        if cut < begin:
            with pytest.raises(UserError):
                read(path)
            continue
        table, rows = read(path)
        whole = min(300, (cut - begin) // size)
        assert [row[0] for row in rows] == [f"Nom{k}" for k in range(whole)]
        rest = (cut - begin) % size if whole < 300 else 0
        assert table.ledger.reasons == ({QuarantineReason.CUT: 1} if rest else {})
        assert ("records_fewer" in codes(table)) == (whole < 300)


def test_more_records_than_the_header_says(tmp_path: Path) -> None:
    (tmp_path / "s.dbf").write_bytes(dbf(FIELDS, PATIENTS, said=1, language=2))
    assert len(read(tmp_path / "s.dbf")[1]) == 3


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    turns=st.lists(st.tuples(st.integers(0, 300), st.integers(0, 255)), max_size=8),
    version=st.sampled_from([3, 4, 0x30, 0x8B]),
)
def test_bytes_turned(tmp_path_factory, turns, version) -> None:
    data = bytearray(
        dbf([*FIELDS, ("M", "M", 10, 0), ("I", "I", 4, 0)], [p + b" " * 14 for p in PATIENTS], version=version)
    )
    for place, value in turns:
        data[place % len(data)] = value
    path = tmp_path_factory.mktemp("dbf") / "f.dbf"
    path.write_bytes(data)
    try:
        read(path)
    except UserError:
        assert layout(bytes(data)) is None
