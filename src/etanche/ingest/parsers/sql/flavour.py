"""Which SQL a dump speaks, told from its first bytes.

1. Marks of a program (`mysqldump`, `pg_dump`, `PRAGMA`, `GO`) decide; so does `SET standard_conforming_strings`.
2. Without marks: where strings hold `\\'`, that reading of the first statements is taken under which strings are
   followed by a comma or a parenthesis; without any, a backslash is a character like others (standard SQL).
"""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Flavour:
    """What differs from one SQL to the next."""

    escapes: bool
    """A backslash in '…' escapes."""
    hashes: bool = False
    """`#` begins a comment."""
    lines: bool = False
    """Statements need no `;`: a line that begins one ends the one before, and GO ends a batch (SQL Server)."""
    encoding: str = ""
    """Encoding that the dump declares (Python's name), empty when none."""


_MYSQL = re.compile(
    rb"-- (?:MySQL|MariaDB) dump|-- phpMyAdmin|/\*M?!\d{5}|\) ?(?:TYPE|ENGINE) ?=|^LOCK TABLES `|-- HeidiSQL|-- Adminer"
    rb"|^(?:INSERT|REPLACE)[^\n'(]* `[^\n]*? VALUES|^CREATE TABLE [^\n(]*`|AUTO_INCREMENT|^SET NAMES ",
    re.MULTILINE | re.IGNORECASE,
)
_PLAIN = re.compile(
    rb"-- PostgreSQL database|^\\restrict|^SET (?:client_encoding|search_path|statement_timeout)|^PRAGMA |^GO\r?$|^SET "
    rb"(?:ANSI_NULLS|IDENTITY_INSERT)|^INSERT(?: INTO)? \[|^BEGIN TRANSACTION;\r?$|^REM |VARCHAR2|TO_DATE\(|^COPY ",
    re.MULTILINE,
)
_NO_ESCAPES = re.compile(rb"SET[^\n;]{0,200}sql_mode[^\n;]{0,200}NO_BACKSLASH_ESCAPES", re.IGNORECASE)
_CONFORMING = re.compile(rb"^SET standard_conforming_strings\s*(?:=|TO)\s*'?(on|off)", re.MULTILINE | re.IGNORECASE)
_NAMES = re.compile(
    rb"(?:SET NAMES|SET client_encoding\s*(?:=|TO)|^\\encoding|DEFAULT CHARSET=|SET character_set_client\s*=)"
    rb"\s*['\"]?([\w-]+)",
    re.MULTILINE | re.IGNORECASE,
)
_ENCODINGS = {
    "utf8": "utf-8",
    "utf-8": "utf-8",
    "utf8mb3": "utf-8",
    "utf8mb4": "utf-8",
    "unicode": "utf-8",
    "latin1": "cp1252",
    "win1252": "cp1252",
    "cp1252": "cp1252",
    "iso-8859-1": "cp1252",
    "latin9": "iso8859-15",
    "latin-9": "iso8859-15",
    "win1250": "cp1250",
    "cp1250": "cp1250",
    "cp850": "cp850",
    "cp437": "cp437",
    "macroman": "mac_roman",
}
"""MySQL calls cp1252 latin1; a dump that says LATIN1 and holds 0x80-0x9f is in cp1252 too."""
_LINES = re.compile(rb"^GO\r?$|^SET (?:ANSI_NULLS|IDENTITY_INSERT)|^INSERT(?: INTO)? \[", re.MULTILINE | re.IGNORECASE)
_ESCAPED = re.compile(rb"\\'")
_LITERALS = {
    True: re.compile(rb"'(?:[^'\\]|\\.|'')*+'(\s*[,)]|.)", re.DOTALL),
    False: re.compile(rb"'(?:[^']|'')*+'(\s*[,)]|.)", re.DOTALL),
}
_VALUES = re.compile(rb"\bVALUES?\s*\(", re.IGNORECASE)


def flavour(head: bytes) -> Flavour:
    """Return the flavour that the first bytes of a dump (64 KiB or so, ASCII-compatible) show."""
    names = _NAMES.search(head)
    encoding = _ENCODINGS.get(names[1].decode("ascii", "replace").lower(), "") if names else ""
    conforming = _CONFORMING.search(head)
    if conforming:
        return Flavour(conforming[1].lower() == b"off", encoding=encoding)
    if _NO_ESCAPES.search(head):
        return Flavour(escapes=False, hashes=True, encoding=encoding)
    if _PLAIN.search(head):
        return Flavour(escapes=False, lines=bool(_LINES.search(head)), encoding=encoding)
    if _MYSQL.search(head):
        return Flavour(escapes=True, hashes=True, encoding=encoding)
    return Flavour(_looks_escaped(head), encoding=encoding)


def _looks_escaped(head: bytes) -> bool:
    """Tell which reading of backslashes leaves strings where strings can stand."""
    start = _VALUES.search(head)
    if start is None or not _ESCAPED.search(head, start.end()):
        return False
    votes = {
        escapes: sum(-1 if match[1].strip() not in {b",", b")"} else 1 for match in pattern.finditer(head, start.end()))
        for escapes, pattern in _LITERALS.items()
    }
    return votes[True] >= votes[False]
