"""CREATE TABLE: the names of the columns and the types they were declared with."""

from __future__ import annotations

import re
from dataclasses import dataclass

from etanche.ingest.parsers.sql.tokens import IDENT, Stop, Token, slow_row, token, unquoted

_NO_COLUMN = frozenset(
    {"primary", "key", "unique", "index", "constraint", "foreign", "check", "fulltext", "spatial", "exclude", "like"}
    | {"period", "inherits", "supplemental"}
)
_TYPE_ENDS = frozenset(
    {"not", "null", "default", "primary", "unique", "auto_increment", "collate", "character", "charset", "comment"}
    | {"generated", "references", "check", "identity", "constraint", "on", "as", "enable", "unsigned", "zerofill"}
)


@dataclass(frozen=True, slots=True)
class Declared:
    """One column as declared: its name, and its type as written (a hint, never acted on)."""

    name: bytes
    type: str


def columns(data: bytes, at: int, *, escapes: bool, hashes: bool, whole: bool) -> tuple[list[Declared], int] | Stop:
    """Read the parenthesised list of a CREATE TABLE that begins at `at`; return its columns and where it ends."""
    row = slow_row(data, at, token(escapes, hashes), whole=whole)
    if isinstance(row, Stop):
        return row
    found: list[Declared] = []
    for cell, written in zip(row.cells, row.written, strict=True):
        declared = _column(cell, written)
        if declared is not None:
            found.append(declared)
    return found, row.end


def _column(cell: list[Token], written: bytes) -> Declared | None:
    """Return the column that one item of the list declares, None when it declares a key or a constraint."""
    if not cell:
        return None
    first, rest = cell[0], cell[1:]
    if first.text == b"[":
        # SQL Server's brackets are no token of values: take the name from the bytes.
        match = IDENT.search(written, written.find(b"["))
        if match is None:
            return None
        after = re.search(rb"\[?(\w+)\]?", written[match.end() :])
        return Declared(unquoted(match[0]), after[1].decode("ascii", "replace").lower() if after else "")
    if first.kind == "w" and first.text.lower().decode("ascii", "replace") in _NO_COLUMN and not _is_name(rest):
        return None
    if first.kind not in "wn" and first.kind != "s":
        return None
    kind: list[str] = []
    for token_ in rest:
        word = token_.text.decode("ascii", "replace")
        if word.lower() in _TYPE_ENDS or len(kind) > 12 or token_.kind == "s":
            break
        kind.append(word if word in "()," else f" {word}")
    spoken = "".join(kind).replace("( ", "(").replace(", ", ",").strip()
    return Declared(unquoted(first.text), spoken.lower())


def _is_name(rest: list[Token]) -> bool:
    """Tell whether a word that begins constraints is a column's name here: a plain type follows (`key text`)."""
    types = {b"text", b"int", b"integer", b"bigint", b"varchar", b"varchar2", b"char", b"nvarchar", b"character"}
    return bool(rest) and rest[0].text.lower() in types
