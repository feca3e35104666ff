"""Each statement of `sql_statements.toml` gives the rows that it says, and no others."""

from __future__ import annotations

import csv
import io
import tomllib
from pathlib import Path
from typing import Any

import pytest

from etanche.ingest import open_paths

CASES: list[dict[str, Any]] = tomllib.loads((Path(__file__).parent / "sql_statements.toml").read_text("utf-8"))["case"]
PROGRAMS = {
    "mysql": "-- MySQL dump 10.13  Distrib 8.0.36\n",
    "postgresql": "--\n-- PostgreSQL database dump\n--\nSET standard_conforming_strings = on;\n",
    "sqlserver": "USE [labo]\nGO\nSET ANSI_NULLS ON\nGO\n",
}


def written(case: dict[str, Any]) -> bytes:
    """Return the dump of a case."""
    text = PROGRAMS.get(case.get("program", ""), "") + case["sql"]
    if case.get("crlf"):
        text = text.replace("\n", "\r\n")
    if case.get("bytes"):
        return text.encode().replace(b"\\xe9", b"\xe9").replace(b"\\xe8", b"\xe8")
    return text.encode(case.get("encoding", "utf-8"))


def cells(data: bytes, delimiter: str, quote: str) -> list[list[str]]:
    """Return the rows of a part by Python's own reader."""
    quoting = csv.QUOTE_MINIMAL if quote else csv.QUOTE_NONE
    # To csv an empty line is a row without cells; here it is one empty cell.
    return [
        row or [""] for row in csv.reader(io.StringIO(data.decode(), newline=""), delimiter=delimiter, quoting=quoting)
    ]


def read(path: Path) -> tuple[dict[str, list[list[str]]], int]:
    """Return the rows of each table, header first, and how many records were set aside."""
    found: dict[str, list[list[str]]] = {}
    aside = 0
    for table in open_paths([path]):
        rows = [list(table.names)]
        for part in table.parts():
            got = cells(part.data, part.dialect.delimiter, part.dialect.quote)
            assert len(got) == part.rows
            rows += got
        assert table.ledger.rows == len(rows) - 1
        aside += table.ledger.quarantined
        sample = table.sample(50)
        assert {*zip(*sample.columns, strict=True)} <= {tuple(row) for row in rows[1:]}
        found[table.table] = rows
    return found, aside


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_statement(case: dict[str, Any], tmp_path: Path) -> None:
    path = tmp_path / "dump.sql"
    path.write_bytes(written(case))
    found, aside = read(path)
    prefix = "labo." if case.get("program") == "sqlserver" else ""
    expected = {prefix + name if "." not in name else name: rows for name, rows in case["tables"].items()}
    assert found == expected
    assert aside == case.get("aside", 0)
