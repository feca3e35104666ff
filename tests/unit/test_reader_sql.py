"""SQL readers: genuine dumps, SQLite files, PostgreSQL's own format, and what is said of each."""

from __future__ import annotations

import base64
import csv
import io
import random
import shutil
import sqlite3
import tarfile
import zipfile
import zlib
from pathlib import Path

import pytest

from etanche.errors import ExitCode, UserError
from etanche.ingest import Limits, open_paths
from etanche.ingest.bids import Head, best
from etanche.ingest.parsers.sql import copytext, rowwalk
from etanche.ingest.parsers.sql.carve import carve
from etanche.ingest.parsers.sql.flavour import flavour
from etanche.ingest.parsers.sql.values import spelled
from etanche.ingest.tables import Table
from etanche.model import QuarantineReason

MARIADB = r"""/*M!999999\- enable the sandbox mode */
-- MariaDB dump 10.19  Distrib 10.11.19-MariaDB, for Linux
--
-- Host: localhost    Database: labo
-- ------------------------------------------------------
/*!40101 SET NAMES utf8mb4 */;
/*!40101 SET @OLD_SQL_MODE=@@SQL_MODE, SQL_MODE='NO_AUTO_VALUE_ON_ZERO' */;
DROP TABLE IF EXISTS `patients`;
CREATE TABLE `patients` (
  `id` int(11) NOT NULL,
  `nom` varchar(80) DEFAULT NULL,
  `note` text DEFAULT NULL,
  `naissance` date DEFAULT NULL,
  `prix` decimal(10,2) DEFAULT NULL,
  `actif` tinyint(1) DEFAULT NULL,
  `photo` blob DEFAULT NULL,
  PRIMARY KEY (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci;

LOCK TABLES `patients` WRITE;
/*!40000 ALTER TABLE `patients` DISABLE KEYS */;
INSERT INTO `patients` VALUES
(1,'Lefèvre','it\'s; (ok), -- x','1980-02-01',12.50,1,'\0<ff>\''),
(2,'D\"Arc',NULL,NULL,-1.00,0,NULL),
(3,'ligne1\nligne2','tab	ici','2001-12-31',0.10,NULL,NULL),
(4,'C:\\dir\\','','1999-01-01',100.00,1,'texte');
/*!40000 ALTER TABLE `patients` ENABLE KEYS */;
UNLOCK TABLES;
/*!50003 SET sql_mode              = 'STRICT_TRANS_TABLES' */ ;
DELIMITER ;;
/*!50003 CREATE*/ /*!50017 DEFINER=`root`@`localhost`*/ /*!50003 trigger tr after insert on patients
for each row insert into log values (new.id) */;;
DELIMITER ;
-- Dump completed
"""
POSTGRESQL = r"""--
-- PostgreSQL database dump
--

\restrict DHkuJfcCkP7f56G0CdbZ5v69ikBJYbDglBJpCcYj94drvOo4qaXuIWOZQSmH2Lx

-- Dumped from database version 15.18 (Debian 15.18-0+deb12u1)

SET statement_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);

CREATE FUNCTION public.f() RETURNS trigger
    LANGUAGE plpgsql
    AS $$ begin insert into vide values (1); return new; end $$;

CREATE TABLE public.patients (
    id integer NOT NULL,
    nom character varying(80),
    note text,
    naissance date,
    prix numeric(10,2),
    actif boolean
);

COPY public.patients (id, nom, note, naissance, prix, actif) FROM stdin;
1	Lefèvre	it's; (ok), -- x	1980-02-01	12.50	t
2	D"Arc	\N	\N	-1.00	f
3	ligne1\nligne2	tab\tici	2001-12-31	0.10	\N
4	C:\\dir\\		1999-01-01	100.00	t
\.

ALTER TABLE ONLY public.patients
    ADD CONSTRAINT patients_pkey PRIMARY KEY (id);
\unrestrict DHkuJfcCkP7f56G0CdbZ5v69ikBJYbDglBJpCcYj94drvOo4qaXuIWOZQSmH2Lx
"""
ROWS = [
    ["1", "Lefèvre", "it's; (ok), -- x", "1980-02-01", "12.50"],
    ["2", 'D"Arc', "", "", "-1.00"],
    ["3", "ligne1\nligne2", "tab\tici", "2001-12-31", "0.10"],
    ["4", "C:\\dir\\", "", "1999-01-01", "100.00"],
]
CUSTOM = (
    "eNqdVF1oHFUUnm1aG5f+xd+CbTlgZCc4DbubZNmo1Ux3ps3q7Mw4O1Wj4HJ35mZ30t2ZYWYSEqU+FEW0eRD/0DctSBWhiPjgi4iKoiCCSi0KEh"
    "8FX4SCUoTivXdnstlkV0Mv3Lt77jn3zHe+892rn5Qqemoft3M4xd3IkXGILtN0OUCX2+mSpsszXDKGyfS9MGoEOOSOECM3NZ4rAi/huoNcYNbR"
    "7N02rufyi7mx7YTQlNz+vckXUmRm45W6ZLWkSWX1ZK+xg4bS5FXZBKvlYDeqYdfybMdtwDHInDJPFDP3plM0z8CF20XmPGqFmJlD61Ue6IuGUl"
    "E1pappEATVzSZDxMeIwgi5NgrsmuW5817QJqhqYRSQn5Ci89zrxzYyGJssGqVZXTRnN5sMW5HtKXLJBL9Rs1CEWl5jPMQRA+k0+EyIUWA1az6K"
    "mhkBMmQyAGPXjfWmdaw7qQ7yhTyDO9UrI2pIoikeF6tyB6pPZsmQRVOGxAFJODxaNmfBlCu6Qv3HIMJtv4UinIVEHesCAEUriYpc0w3tkbIkG8"
    "TRcupWvE3DSuMk8CiVCneQwjA0fesn+9ffW8QgCm7u266RDSWvf4bbTcvWKhVZNVkcp3Y3QFP7cFGuQsbG82ixFQGyicwcojIUOUsYSFNdbEWO"
    "54JNel1HIf4v0Q2ohjVuYmKysKmsn7jezk5NszO5wkRxspOKoCCXspOKwFbi1n7cbS3bBX+x3nKs8SQe+DSQ4djguBFu4ABUzQT1lKIIzOF6bb"
    "CaKEBWRHxLKFghl4ovZscSd4SJIpaj2EROGCLXwpQD3NnzA2cZ3MU2DhyLz2WFfHyUZHTmoe55LYzcOLTpRR7UVyKM0uQWsAeSSaQv9Jhd7gZa"
    "PnN1GWpi5G9PMHv2xlqJpTKA1nRCK1MFO7+hmToTjj63lV3HFiiHAmNK6BIkMF6EDgtCp/IxOGFoFfKYkVeVVN+t6/9lQ/Hkc5MsZsf53XFtZ/"
    "ZsVE2+kC0k5U1nuds2lAfJn5p/Gq+wYkuaSp5asUzuBj3MmWSKikkudYcGTVW2lMuaKEoSdA/3ZgbdKFdEYw4ekucoN7TJM9tIDEwFg7IOEMK2"
    "CRvqPhlMDS+TufzLXati+vPsLdLlBy7wrvnn81ffO3vptd+N+z5ba7ZH+VsXXjryzdPLuVeGhybO/f3V9+jDOx7/obrv3K6vLzgLTz37xNoLf7"
    "1z+MsrstUcmp557NDl4x+c/XTh9Y/W3n3yi7ceHK386J+H0Zlrq2+O3LN07Z+V/YefK55pv//zlftr5reX3nh16uBF/ruLL75952+fPHx69Wrq"
    "jzz/K0P4L9jtwjY="
)
"""`pg_dump -Fc` of a table like the one above, by PostgreSQL 15, packed."""


def rows_of(table: Table) -> list[list[str]]:
    found: list[list[str]] = []
    for part in table.parts():
        quoting = csv.QUOTE_MINIMAL if part.dialect.quote else csv.QUOTE_NONE
        text = io.StringIO(part.data.decode(), newline="\n")
        found += [row or [""] for row in csv.reader(text, delimiter=part.dialect.delimiter, quoting=quoting)]
    return found


def written(folder: Path, name: str, data: bytes) -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


def test_a_dump_of_mariadb(tmp_path: Path) -> None:
    data = MARIADB.encode().replace(b"<ff>", b"\xff")
    [table] = open_paths([written(tmp_path, "labo.sql", data)])
    assert table.table == "patients"
    assert table.names == ("id", "nom", "note", "naissance", "prix", "actif", "photo")
    assert table.encoding == "utf-8"
    assert table.header
    rows = rows_of(table)
    assert [row[:5] for row in rows] == ROWS
    assert [row[6] for row in rows] == ["00ff27", "", "", "texte"]
    assert table.source.reader == "sql_dump"


def test_a_dump_of_postgresql(tmp_path: Path) -> None:
    [table] = open_paths([written(tmp_path, "dump", POSTGRESQL.encode())])
    assert table.table == "public.patients"
    assert [row[:5] for row in rows_of(table)] == ROWS
    assert table.sample(10).columns[0] == ("1", "2", "3", "4")


def test_a_dump_in_an_archive(tmp_path: Path) -> None:
    path = tmp_path / "leak.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a/dump.sql", POSTGRESQL)
    [table] = open_paths([path])
    assert table.member == "a/dump.sql"
    assert [row[:5] for row in rows_of(table)] == ROWS


def test_postgresql_s_own_format(tmp_path: Path) -> None:
    if shutil.which("pg_restore") is None:
        pytest.skip("pg_restore is not installed")
    data = zlib.decompress(base64.b64decode(CUSTOM))
    [table] = open_paths([written(tmp_path, "labo.dump", data)])
    assert table.table == "public.patients"
    assert sorted(row[:5] for row in rows_of(table)) == ROWS
    packed = tmp_path / "leak.tar"
    with tarfile.open(packed, "w") as archive:
        archive.add(tmp_path / "labo.dump", "labo.dump")
    [table] = open_paths([packed])
    assert sorted(row[:5] for row in rows_of(table)) == ROWS
    with pytest.raises(UserError) as caught:
        list(open_paths([written(tmp_path, "cut.dump", data[:60])]))
    assert caught.value.code in {"ingest_program_failed", "ingest_sql_no_rows"}


def test_a_missing_program_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda _name: None)
    with pytest.raises(UserError) as caught:
        list(open_paths([written(tmp_path, "labo.dump", zlib.decompress(base64.b64decode(CUSTOM)))]))
    assert caught.value.code == "ingest_needs_program"
    assert caught.value.params["program"] == "pg_restore"
    assert caught.value.exit_code == ExitCode.UNREADABLE


@pytest.mark.parametrize("data", [b"TAPE\0\0\3\0" + bytes(600), b"\x01\x0f\0\0\x08" + bytes(600)])
def test_sql_server_s_own_files_are_refused_by_name(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(UserError) as caught:
        list(open_paths([written(tmp_path, "labo.bak", data)]))
    assert "SQL Server" in str(caught.value.params["format"])


def database(path: Path) -> None:
    base = sqlite3.connect(path)
    base.execute("CREATE TABLE patients (id INTEGER PRIMARY KEY, nom TEXT, tel REAL, photo BLOB, code)")
    rows = [(k, f"Lefèvre {k}", 612345678.0 + k, b"texte" if k % 2 else b"\0\xff", f"{k:05d}") for k in range(3000)]
    base.executemany("INSERT INTO patients VALUES (?, ?, ?, ?, ?)", rows)
    base.execute("INSERT INTO patients VALUES (3000, CAST(x'48e96ce86e65' AS TEXT), 1.5e-7, NULL, 'l1\nl2')")
    base.execute('CREATE TABLE "mes analyses" (a, "b c")')
    base.execute("CREATE VIEW vue AS SELECT * FROM patients")
    base.commit()
    base.close()


def test_a_sqlite_file(tmp_path: Path) -> None:
    path = tmp_path / "labo.db"
    database(path)
    before = sorted(file.name for file in tmp_path.iterdir())
    patients, empty = open_paths([path])
    assert (patients.table, empty.table) == ("patients", "mes analyses")
    assert empty.names == ("a", "b c")
    rows = rows_of(patients)
    assert len(rows) == patients.ledger.rows == 3001
    assert rows[7] == ["7", "Lefèvre 7", "612345685", "texte", "00007"]
    assert rows[8][3] == "00ff"
    assert rows[3000] == ["3000", "Hélène", "0.00000015", "", "l1\nl2"]
    assert rows_of(empty) == []
    sample = patients.sample(480)
    assert len(sample.columns[0]) > 300
    assert int(sample.columns[0][-1]) > 2500
    assert sorted(file.name for file in tmp_path.iterdir()) == before


def test_a_sqlite_file_in_an_archive(tmp_path: Path) -> None:
    database(tmp_path / "labo.db")
    packed = tmp_path / "leak.zip"
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(tmp_path / "labo.db", "labo.db")
    patients, _ = open_paths([packed])
    assert len(rows_of(patients)) == 3001


def test_the_log_beside_a_sqlite_file_is_read_and_left_as_it_is(tmp_path: Path) -> None:
    live = tmp_path / "live"
    live.mkdir()
    base = sqlite3.connect(live / "labo.db")
    base.execute("PRAGMA journal_mode = wal")
    base.execute("CREATE TABLE t (a)")
    base.execute("INSERT INTO t VALUES ('old')")
    base.commit()
    base.execute("PRAGMA wal_checkpoint")
    base.executemany("INSERT INTO t VALUES (?)", [(f"new {k}",) for k in range(5000)])
    base.commit()
    copy = tmp_path / "copy"
    copy.mkdir()
    for name in ("labo.db", "labo.db-wal"):
        shutil.copy(live / name, copy / name)
    base.close()
    before = {file.name: file.read_bytes() for file in copy.iterdir()}
    [table] = open_paths([copy / "labo.db"])
    rows = rows_of(table)
    assert [row[0] for row in rows[:2]] == ["old", "new 0"]
    assert len(rows) == 5001
    assert {file.name: file.read_bytes() for file in copy.iterdir()} == before


def test_a_damaged_sqlite_file_is_read_from_both_ends(tmp_path: Path) -> None:
    path = tmp_path / "labo.db"
    database(path)
    data = bytearray(path.read_bytes())
    middle = len(data) // 2 // 4096 * 4096
    data[middle : middle + 4096] = b"\xee" * 4096
    path.write_bytes(data)
    table = next(iter(open_paths([path])))
    rows = rows_of(table)
    numbers = [int(row[0]) for row in rows]
    assert 2800 < len(numbers) < 3001
    assert len(set(numbers)) == len(numbers)
    assert {0, 3000} <= set(numbers)
    assert [note.code for note in table.notes] == ["sql_damaged"]


SHARES = [0.02, 0.3, 0.6, 0.95, *(pytest.param(k / 50, marks=pytest.mark.long) for k in range(1, 50))]


@pytest.mark.parametrize("share", SHARES)
def test_a_sqlite_file_cut_off_gives_rows_or_says_why(tmp_path: Path, share: float) -> None:
    path = tmp_path / "labo.db"
    database(path)
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * share)])
    try:
        found = {table.table: len(rows_of(table)) for table in open_paths([path])}
    except UserError as error:
        assert error.code == "ingest_sqlite"  # noqa: PT017 - any other is a fault
        assert share < 0.1
        return
    assert found["patients"] > 2000 * share - 100


def test_many_tables_cost_no_more_than_their_own_rows(tmp_path: Path) -> None:
    text = "-- MySQL dump\n" + "".join(  # noqa: S608
        f"CREATE TABLE `t{k}` (`a` int, `b` text);\n"
        f"INSERT INTO `t{k}` VALUES {','.join(f'({n},{chr(39)}x{n}{chr(39)})' for n in range(200))};\n"
        for k in range(60)
    )
    path = written(tmp_path, "dump.sql", text.encode())
    read = 0

    class Counting(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            nonlocal read
            data = super().read(size)
            read += len(data)
            return data

    catalog = carve(Counting(path.read_bytes()), flavour(text[:9999].encode()), Limits())
    assert read == len(text)
    assert sum(span.end - span.start for t in catalog.names.tables.values() for span in t.spans) < len(text)
    tables = list(open_paths([path]))
    assert [table.table for table in tables] == [f"t{k}" for k in range(60)]
    assert all(len(rows_of(table)) == 200 for table in tables)


def test_spans_are_merged_past_a_number(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("etanche.ingest.parsers.sql.carve._SPANS", 10)
    lines = [f"INSERT INTO {'tu'[k % 2]} (a) VALUES ({k});" for k in range(400)]  # noqa: S608
    tables = list(open_paths([written(tmp_path, "dump.sql", "\n".join(lines).encode())]))
    assert [[int(row[0]) for row in rows_of(table)] for table in tables] == [
        list(range(0, 400, 2)),
        list(range(1, 400, 2)),
    ]


def test_a_row_too_long_is_set_aside_and_reading_goes_on(tmp_path: Path) -> None:
    long = b"x" * 20_000_000
    data = b"INSERT INTO t (a, b) VALUES (1,'a'),(2,'" + long + b"'),(3,'c');\nINSERT INTO t (a, b) VALUES (4,'d');\n"
    [table] = open_paths([written(tmp_path, "dump.sql", data)])
    parts = list(table.parts())
    assert b"".join(part.data for part in parts) == b"1\x1fa\n3\x1fc\n4\x1fd\n"
    [item] = [item for part in parts for item in part.quarantined]
    assert (item.line, item.reason) == (2, QuarantineReason.TOO_LONG)
    assert len(item.raw) <= Limits().raw_bytes


def test_a_place_is_the_row_s_number_and_its_offset_in_the_dump(tmp_path: Path) -> None:
    data = b"INSERT INTO t (a, b) VALUES (1,'a'),(2),(3,'c');\n"
    [table] = open_paths([written(tmp_path, "dump.sql", data)])
    [part] = table.parts()
    assert [(run.first_line, run.rows) for run in part.runs] == [(1, 1), (3, 1)]
    [item] = part.quarantined
    assert (item.line, item.reason, item.raw) == (2, QuarantineReason.TOO_FEW_CELLS, b"(2)")
    assert data[item.offset :].startswith(b"(2)")


def test_what_is_not_followed_is_said(tmp_path: Path) -> None:
    data = b"INSERT INTO t (a) VALUES (1);\nUPDATE t SET a = 2;\nINSERT INTO t SELECT * FROM u;\n"
    [table] = open_paths([written(tmp_path, "dump.sql", data)])
    [note] = table.notes
    assert (note.code, dict(note.params)) == ("sql_not_followed", {"statements": 2})


@pytest.mark.parametrize(
    ("name", "data", "reader"),
    [
        ("a.sql", b"-- nothing but\nCREATE TABLE t (a int);\n", "sql_dump"),
        ("a.txt", b"\xef\xbb\xbfINSERT INTO t VALUES (1);", "sql_dump"),
        ("a", b"COPY public.t (a) FROM stdin;\n1\n", "sql_dump"),
        ("a.csv", b"id;requete\n1;INSERT INTO t VALUES (1)\n", "delimited"),
        ("a.csv", b"nom;note\nDurand;a\nINSERT INTO t VALUES (1);x\n", "delimited"),
        ("a.txt", b"Please select an item and insert into the box\n", "delimited"),
    ],
)
def test_bids(name: str, data: bytes, reader: str) -> None:
    found = best(Head(name, data))
    assert found is not None
    assert reader == found.NAME


def test_bytes_are_the_text_that_they_spell() -> None:
    assert spelled(b"48c3a96cc3a86e65") == "Hélène".encode()
    assert spelled(b"00ff") == b"00ff"
    assert spelled(b"123") == b"123"


@pytest.mark.parametrize(
    "data",
    [
        b"INSERT INTO t VALUES (1,'x'); INSERT INTO t SELECT " + b"(" * 30_000,
        b"INSERT INTO t VALUES (1,'x'),(" + b"(" * 30_000 + b"1",
        b"INSERT INTO t VALUES (1,'x')," + b"(1,'a'b),\n" * 2_000,
        b"INSERT INTO t VALUES (1,'x');\n" + b"CREATE " * 50_000,
        b"INSERT INTO t VALUES (1,'x');\n" + b"/* " * 100_000,
        b"INSERT INTO t VALUES (1,'x');\n" + b"'" * 100_001,
        b"INSERT INTO t (" + b"a," * 30_000 + b"b) VALUES (1);INSERT INTO t VALUES (1,'x');",
        b"INSERT INTO t VALUES (1,'x');" + b"CREATE TABLE t (" * 5_000,
    ],
)
def test_hostile_statements_end_soon(tmp_path: Path, data: bytes) -> None:
    tables = list(open_paths([written(tmp_path, "dump.sql", b"-- MySQL dump\n" + data)]))
    assert any(row[:2] == ["1", "x"] for table in tables for row in rows_of(table))


@pytest.mark.parametrize("quotes", [False, True])
def test_clean_lines_of_a_copy_are_taken_whole_and_no_others(quotes):
    """What a look at all lines at once lets pass is what reading each of them gives."""
    cells = [b"\\N", b"a", b"\xc3\xa9", b"", b"x\\N", b"\\Nx", b"\\\\N", b"\\t", b'"', b"\r", b"\0", b"\x1f", b"\\\\"]
    rng = random.Random(4)
    whole = 0
    for _ in range(3000):
        width = rng.randrange(1, 5)
        pool = cells[:4] if rng.random() < 0.5 else cells
        lines = [
            b"\t".join(rng.choices(pool, k=width if rng.random() < 0.95 else rng.randrange(1, 6)))
            for _ in range(rng.randrange(1, 6))
        ]
        at = 0
        for run in copytext.bulk(b"".join(line + b"\n" for line in lines), width, quotes=quotes):
            assert run.first == at
            taken = lines[run.first : run.last]
            if run.clean:
                read = [copytext.cells(line, copytext.PLAIN) for line in taken]
                assert {len(row) for row in read} == {width}
                assert run.data == b"".join(b"\t".join(row) + b"\n" for row in read)
                assert not (quotes and b'"' in run.data)
                whole += len(taken) == len(lines) > 1
            else:
                assert [run.data] == taken
            at = run.last
        assert at == len(lines)
    assert whole > 500


def test_the_end_of_a_copy_is_looked_for_two_bytes_at_a_time():
    rng = random.Random(5)
    for _ in range(3000):
        data = bytes(rng.choices(b"\\.ab\n", k=rng.randrange(9)))
        start = rng.randrange(len(data) + 1)
        assert rowwalk._may_end(data, start) == (data.find(b"\\.", start) >= 0)
