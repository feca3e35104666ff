"""Access through mdbtools: a real, empty database whose table of permissions is made to look like a user's own.

`empty.mdb.xz` is the empty database of msaccessdb 1.0.0 (Apache-2.0): Access itself wrote it.
"""

from __future__ import annotations

import lzma
import random
import shutil
from pathlib import Path

import pytest

from etanche.errors import ExitCode, UserError
from etanche.ingest import sandbox
from etanche.ingest.bids import Head
from etanche.ingest.entries import file_entry
from etanche.ingest.limits import DEFAULT, Meter
from etanche.ingest.readers import access
from etanche.ingest.tables import CellTable, cells_of

EMPTY = lzma.decompress((Path(__file__).parent / "empty.mdb.xz").read_bytes())
needs_mdbtools = pytest.mark.skipif(shutil.which("mdb-export") is None, reason="mdbtools is not installed")


def with_a_table() -> bytes:
    """Return the database with the flag taken off that makes MSysACEs the system's."""
    name = "MSysACEs".encode("utf-16-le")
    at = EMPTY.index(name)
    assert EMPTY[at - 4 : at] == b"\0\0\0\x80"
    return EMPTY[: at - 4] + b"\0\0\0\0" + EMPTY[at:]


def read(path: Path) -> list[tuple[CellTable, list[list[str]]]]:
    found = []
    for table in access.tables(file_entry(path, path.name, Meter(DEFAULT)), DEFAULT):
        rows = [cells for piece in table._pieces() for cells in cells_of(piece, len(table.names))]
        found.append((table, rows))
    return found


def test_bids() -> None:
    assert access.bid(Head("x", EMPTY[:100])).score == pytest.approx(0.9)
    assert access.bid(Head("x", b"\0\1\0\0Standard ACE DB\0")).score == pytest.approx(0.9)
    assert access.bid(Head("x", b"nom;ville\n")).score == 0


@needs_mdbtools
def test_a_table_of_a_real_database(tmp_path: Path) -> None:
    (tmp_path / "a.mdb").write_bytes(with_a_table())
    [(table, rows)] = read(tmp_path / "a.mdb")
    assert table.table == "MSysACEs"
    assert table.names == ("ObjectId", "SID", "ACM", "FInheritable")
    assert len(rows) == 23
    assert rows[0] == ["2", "43D3", "393216", "FALSE"]
    assert {row[3] for row in rows} == {"TRUE", "FALSE"}
    list(table.parts())
    assert (table.ledger.lines, table.ledger.rows) == (23, 23)


@needs_mdbtools
def test_dates_and_texts(tmp_path: Path) -> None:
    path = tmp_path / "a.mdb"
    path.write_bytes(EMPTY)
    frames = sandbox.run("access:rows", path, {"table": "MSysObjects", "width": 17, "floats": [0]}, DEFAULT)
    [piece] = sandbox.pieces(frames)
    rows = cells_of(piece, 17)
    assert rows[0][:6] == ["251658241", "251658240", "Tables", "3", "2017-02-11 16:56:21", "2017-02-11 16:56:21"]


@needs_mdbtools
def test_a_database_without_tables_is_said_to_be_empty(tmp_path: Path) -> None:
    (tmp_path / "a.mdb").write_bytes(EMPTY)
    with pytest.raises(UserError) as caught:
        read(tmp_path / "a.mdb")
    assert (caught.value.code, caught.value.exit_code) == ("ingest_workbook_empty", ExitCode.UNREADABLE)


def test_without_mdbtools_the_package_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda *_args, **_more: None)
    from etanche.ingest.frames import RefusalError
    from etanche.ingest.parsers import access as parser

    with pytest.raises(RefusalError) as caught:
        list(parser.survey(tmp_path / "3", {}))
    assert caught.value.code == "ingest_program_missing"
    assert caught.value.params["package"] == "mdbtools"


@needs_mdbtools
def test_cut_and_turned(tmp_path: Path) -> None:
    """What mdbtools makes of damage is its own affair; the reader ends, with rows or with one line."""
    rnd = random.Random(9)
    whole = with_a_table()
    for k in range(12):
        data = bytearray(whole[: rnd.randrange(200, len(whole))] if k % 2 else whole)
        for _ in range(k):
            data[rnd.randrange(100, len(data))] = rnd.randrange(256)
        path = tmp_path / f"{k}.mdb"
        path.write_bytes(data)
        try:
            found = read(path)
        except UserError:
            continue
        assert all(len(row) == len(table.names) for table, rows in found for row in rows)
