"""SQL dumps: the fast reader gives what a slow one gives; a cut costs what it cuts; nothing crashes it."""

from __future__ import annotations

import csv
import gzip
import io
import random
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from etanche.errors import UserError
from etanche.ingest import Limits, open_paths
from etanche.ingest.parsers.sql import rowwalk
from etanche.ingest.tables import Table

sys.path.insert(0, str(Path(__file__).parent))
import sql_reference as reference

SMALL = Limits(block_bytes=300)
PIECES = ("a", "é", "'", "\\", '"', ";", "--", "/*", "#", "(", ")", "),(", ",", "NULL", "\n", "\t", " ", "$$", "`", "N",
          "INSERT INTO t VALUES (", "0", "\r", "\x1f", "%", "E", "x" * 60)  # fmt: skip
TEXTS = st.lists(st.sampled_from(PIECES), max_size=6).map("".join)
WORDS = st.sampled_from(["NULL", "DEFAULT", "1", "-5", "007", "1.50", "1e-5", "true", "FALSE", ".5", "-0.25E+3"])
CELLS = st.one_of(TEXTS.map(lambda text: ("s", text)), WORDS.map(lambda word: ("w", word)))
SETTINGS = settings(
    max_examples=150, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def rows_of(table: Table) -> list[list[str]]:
    """Return all rows of a table by Python's own reader."""
    found: list[list[str]] = []
    for part in table.parts():
        quoting = csv.QUOTE_MINIMAL if part.dialect.quote else csv.QUOTE_NONE
        text = io.StringIO(part.data.decode(), newline="\n")
        got = [row or [""] for row in csv.reader(text, delimiter=part.dialect.delimiter, quoting=quoting)]
        assert len(got) == part.rows
        found += got
    return found


def read(path: Path, limits: Limits | None = None) -> tuple[list[list[str]], int]:
    """Return the rows of the only table, and how many records were set aside."""
    tables = list(open_paths([path], limits or Limits()))
    assert len(tables) == 1
    rows = rows_of(tables[0])
    assert tables[0].ledger.rows == len(rows)
    return rows, tables[0].ledger.quarantined


def spelled(cell: tuple[str, str], *, escapes: bool, national: bool) -> str:
    """Return a cell as SQL."""
    kind, text = cell
    if kind == "w":
        return text
    text = text.replace("'", "''")
    if escapes:
        text = text.replace("\\", "\\\\").replace("\n", "\\n").replace("\r", "\\r").replace('"', '\\"')
    return f"{'N' if national else ''}'{text}'"


@SETTINGS
@given(
    rows=st.lists(st.lists(CELLS, min_size=3, max_size=3), min_size=1, max_size=30),
    escapes=st.booleans(),
    national=st.booleans(),
    each=st.integers(1, 5),
    gaps=st.lists(st.sampled_from([",", ", ", ",\n", " ,\n\t"]), min_size=30, max_size=30),
)
def test_inserts_are_read_as_a_slow_reader_reads_them(
    tmp_path: Path,
    rows: list[list[tuple[str, str]]],
    escapes: bool,
    national: bool,
    each: int,
    gaps: list[str],
) -> None:
    head = "INSERT INTO t (a, b, c) VALUES "
    tuples = [f"({', '.join(spelled(cell, escapes=escapes, national=national) for cell in row)})" for row in rows]
    body = ""
    for k, text in enumerate(tuples):
        if k % each == 0:
            body += (";\n" if k else "") + head + text
        else:
            body += gaps[k] + text
    body += ";\n"
    mark = "-- MySQL dump 10\n" if escapes else "SET standard_conforming_strings = on;\n"
    path = tmp_path / "dump.sql"
    path.write_bytes((mark + body).encode())
    expected = reference.inserts(body, head, escapes=escapes)
    assert len(expected) == len(rows)
    assert read(path) == (expected, 0)
    assert read(path, SMALL) == (expected, 0)


@SETTINGS
@given(rows=st.lists(st.lists(st.one_of(TEXTS, st.none()), min_size=3, max_size=3), min_size=1, max_size=30))
def test_copies_are_read_as_a_slow_reader_reads_them(tmp_path: Path, rows: list[list[str | None]]) -> None:
    def spelled(cell: str | None) -> str:
        if cell is None:
            return "\\N"
        for char, letter in (("\\", "\\"), ("\n", "n"), ("\t", "t"), ("\r", "r")):
            cell = cell.replace(char, "\\" + letter)
        return cell

    body = "".join("\t".join(map(spelled, row)) + "\n" for row in rows) + "\\.\n"
    path = tmp_path / "dump.sql"
    path.write_bytes(("COPY public.t (a, b, c) FROM stdin;\n" + body).encode())
    expected = reference.copied(body)
    assert expected == [[cell or "" for cell in row] for row in rows]
    assert read(path) == (expected, 0)
    assert read(path, SMALL) == (expected, 0)


def sound(rng: random.Random, rows: int, *, copy: bool) -> list[bytes]:
    """Return a dump in pieces: its head, then each row with what ends it."""
    texts = ("Lefèvre", "l''été; (ok)", "a -- b", "x" * 40, "")
    head = b"COPY public.t (a, b, c) FROM stdin;\n" if copy else b"SET standard_conforming_strings = on;\n"
    found = [head]
    for k in range(rows):
        name = rng.choice(texts)
        if copy:
            found.append(f"{k}\t{name}\t\\N\n".encode())
        else:
            start = "INSERT INTO t (a, b, c) VALUES " if k % 7 == 0 else ""
            end = ";" if k % 7 == 6 else ","
            found.append(f"{start}({k}, '{name}', NULL){end}\n".encode())
    return found


@pytest.mark.parametrize("copy", [False, True])
def test_cut_anywhere_whole_rows_are_read(tmp_path: Path, copy: bool) -> None:
    rng = random.Random(11)
    pieces = sound(rng, 400, copy=copy)
    whole = b"".join(pieces)
    path = tmp_path / "dump.sql"
    for at in sorted(rng.sample(range(len(pieces[0]) + len(pieces[1]), len(whole)), 50)):
        path.write_bytes(whole[:at])
        ends = []
        size = len(pieces[0])
        for piece in pieces[1:]:
            # A row is whole with its parenthesis, or with the end of its line.
            ends.append(size + (len(piece) if copy else piece.rindex(b")") + 1))
            size += len(piece)
        complete = sum(end <= at for end in ends)
        rows, aside = read(path)
        assert [int(row[0]) for row in rows] == list(range(complete))
        assert aside <= 1


def test_a_packed_dump_is_read_as_far_as_it_goes(tmp_path: Path) -> None:
    whole = b"".join(sound(random.Random(3), 20_000, copy=False))
    packed = gzip.compress(whole)
    path = tmp_path / "dump.sql.gz"
    path.write_bytes(packed[: len(packed) // 2])
    rows, _ = read(path)
    assert 0 < len(rows) < 20_000
    assert [int(row[0]) for row in rows] == list(range(len(rows)))


DEBRIS = (
    *(
        b"'",
        b"\\",
        b"(",
        b")",
        b"),(",
        b";",
        b"\n",
        b"/*",
        b"*/",
        b"--",
        b"$$",
        b"`",
        b'"',
        b"\xff",
        b"\0",
        b"\t",
        b",",
    ),
    *(
        b"INSERT INTO t VALUES (1,'x'),",
        b"INSERT INTO u (a) SELECT ",
        b"COPY t FROM stdin;\n",
        b"\\.\n",
        b"NULL",
        b"0x41",
    ),
    *(
        b"CREATE TABLE t (",
        b"CREATE TRIGGER x BEGIN ",
        b"DELIMITER ;;\n",
        b"END;;",
        b"_binary '",
        b"CAST(",
        b"E'",
        b"GO\n",
    ),
    *(
        b"/*!40000 ",
        b"REPLACE INTO `t` SET a = ",
        b" UNION ALL SELECT 1",
        b"INSERT ALL INTO t VALUES (1) ",
        b"1",
        b"AS",
    ),
    *(b"WITH (FORMAT csv)", b"q'[", b"U&'\\", b"[", b"]", b"VALUES"),
)


@settings(
    max_examples=400, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(debris=st.lists(st.sampled_from(DEBRIS), max_size=40), mysql=st.booleans())
def test_debris_neither_crashes_nor_hangs(tmp_path: Path, debris: list[bytes], mysql: bool) -> None:
    path = tmp_path / "dump.sql"
    mark = b"-- MySQL dump\n" if mysql else b"-- PostgreSQL database dump\n"
    path.write_bytes(mark + b"INSERT INTO t (a, b) VALUES (1, 'x');\n" + b"".join(debris))
    try:
        for table in open_paths([path], SMALL):
            rows = rows_of(table)
            assert table.ledger.lines == len(rows) + table.ledger.quarantined
    except UserError as error:
        assert error.code == "ingest_sql_no_rows"  # noqa: PT017 - any other is a fault


def test_what_a_first_walk_noted_changes_no_row(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "dump.sql"
    path.write_bytes(b"".join(sound(random.Random(5), 30_000, copy=False)))
    noted = read(path)
    monkeypatch.setattr(rowwalk, "_WORTH", 1 << 60)
    assert read(path) == noted
    assert len(noted[0]) == 30_000
