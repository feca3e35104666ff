"""SQL dumps and scripts: MySQL, MariaDB, PostgreSQL, SQLite, SQL Server, Oracle, as text.

1. One pass over the dump finds its tables and where the rows of each lie (`parsers.sql.carve`); each table then reads
   its own stretches of the dump, so that many tables cost no more passes than few.
2. A packed dump is unpacked once, to where it can be read from any place (`seekable`); so is one in UTF-16.
3. The sample is taken of what the first pass kept of each table: looking at a table reads nothing again.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from etanche.ingest.bids import Bid, Head
from etanche.ingest.entries import Entry
from etanche.ingest.limits import Limits
from etanche.ingest.parsers.sql.wide import narrow
from etanche.ingest.tables import CellTable

NAME = "sql_dump"

_MARKS = re.compile(
    rb"-- (?:MySQL dump|MariaDB dump|PostgreSQL database|phpMyAdmin|HeidiSQL|Adminer|Dump completed)|/\*M?!\d{5} SET "
    rb"|PRAGMA foreign_keys=OFF;|SET (?:ANSI_NULLS|IDENTITY_INSERT|standard_conforming_strings)\b",
    re.IGNORECASE,
)
_STATEMENT = re.compile(
    rb"^[ \t]*+(?:INSERT\s+(?:\w+\s+){0,3}?(?:INTO\s+)?[\w`\"\[.$\]]+(?:\s*\([^()]{1,60000}\))?"
    rb"\s*(?:VALUES?\b|SET\b|SELECT\b)|REPLACE\s+INTO\s+[`\"\[\w.]+[^;]{0,4000}?(?:VALUES?\b|SET\b)"
    rb"|INSERT\s+ALL\s+INTO\b"
    rb"|CREATE\s+(?:\w+\s+){0,3}?TABLE\s+(?:IF\s+NOT\s+EXISTS\s+)?[`\"\[\w.\]]+\s*\("
    rb"|COPY\s+[\w.\"]+\s*(?:\([^()]{1,60000}\))?\s*FROM\s+stdin)",
    re.MULTILINE | re.IGNORECASE,
)
_BLANK = re.compile(rb"(?:\s++|--[^\n]*+(?:\n|\Z)|/\*.*?\*/;?|#[^\n]*+\n)*+", re.DOTALL)


def bid(head: Head) -> Bid:
    """Bid on the marks of the programs that write dumps, and on statements that begin a line."""
    data = narrow(head.data)
    start = _MARKS.search(data, 0, 8192)
    found = _STATEMENT.search(data)
    if found and (start or not data[: found.start()].strip() or _only_sql(data, found.start())):
        return Bid(0.9, "statements")
    if start and data.lstrip().startswith((b"--", b"/*", b"SET", b"PRAGMA", b"USE", b"\\")):
        return Bid(0.85, "marks")
    if found and head.suffix in {"sql", "dump", "ddl", "psql"}:
        return Bid(0.85, "named")
    if head.suffix in {"sql", "psql"} and _BLANK.match(data) and b";" in data and b"\n" in data:
        return Bid(0.72, "named")
    return Bid(0, "no_sql")


_KNOWN = re.compile(
    rb"(?:SET|USE|DROP|CREATE|BEGIN|START|PRAGMA|LOCK|DELIMITER|GO|INSERT|REPLACE|ALTER|TRUNCATE|COPY|SELECT|IF|REM|PROMPT"
    rb"|SPOOL|DECLARE|DELETE|COMMIT|PRINT|\\\w+)\b",
    re.IGNORECASE,
)


def _only_sql(data: bytes, end: int) -> bool:
    """Tell whether what stands before the first statement with data begins like SQL."""
    match = _BLANK.match(data, 0, end)
    return match is not None and (match.end() >= end or _KNOWN.match(data, match.end()) is not None)


def tables(entry: Entry, limits: Limits) -> Iterator[CellTable]:
    """Yield each table of the dump, in the order in which they come.  Raises `UserError` when there is none."""
    from etanche.ingest.parsers.sql import dump  # noqa: PLC0415 - its grammar takes long to load, and few files are SQL

    yield from dump.tables(entry, limits)
