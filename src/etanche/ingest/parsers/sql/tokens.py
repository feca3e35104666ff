"""The grammar's small parts: statement heads, names, and one row read token by token.

Everything works on bytes, whose ASCII part is the same in all encodings that dumps come in.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import Enum
from functools import cache

_IDENT = rb"(?:`(?:[^`]|``)*+`|\"(?:[^\"]|\"\")*+\"|\[(?:[^\]]|\]\])*+\]|[\w$@#:\x80-\xff]++)"
_W = rb"(?:\s++|/\*(?!M?!)(?:[^*]|\*(?!/))*+\*/|/\*M?!\d*|\*/|--[^\n]*+\n|#[^\n]*+\n)*+"
_NAME = rb"(" + _IDENT + rb"(?:" + _W + rb"\." + _W + _IDENT + rb"?){0,3})"
_COLUMN = _IDENT + rb"(?:" + _W + rb"\." + _W + _IDENT + rb")*+"
_LIST = rb"\((" + _W + _COLUMN + _W + rb"(?:," + _W + _COLUMN + _W + rb")*+)\)"
_FLAGS = re.DOTALL | re.IGNORECASE

IDENT = re.compile(_IDENT)
BLANK = re.compile(_W)
"""White space and comments; the marks of MySQL's conditional comments, whose inside counts."""
INTO = re.compile(
    rb"(?:INSERT|REPLACE)\b"
    + _W
    + rb"(?:(?:LOW_PRIORITY|DELAYED|HIGH_PRIORITY|IGNORE|OR"
    + _W
    + rb"\w+)\b"
    + _W
    + rb")*+(?:INTO\b"
    + _W
    + rb")?"
    + _NAME
    + _W
    + rb"(?:PARTITION"
    + _W
    + rb"\([^()]*\)"
    + _W
    + rb")?(?:AS\b"
    + _W
    + _IDENT
    + _W
    + rb")?(?:"
    + _LIST
    + _W
    + rb")?(?:OVERRIDING"
    + _W
    + rb"\w+"
    + _W
    + rb"VALUE\b"
    + _W
    + rb")?(VALUES?\b|SET\b|SELECT\b|WITH\b|DEFAULT"
    + _W
    + rb"VALUES\b|\(|TABLE\b|EXEC\w*|OUTPUT\b)",
    _FLAGS,
)
"""Groups: name, columns, what follows."""
ALL_INTO = re.compile(rb"INTO\b" + _W + _NAME + _W + rb"(?:" + _LIST + _W + rb")?VALUES\b", _FLAGS)
INSERT_ALL = re.compile(rb"INSERT\b" + _W + rb"(?:ALL|FIRST)\b" + _W + rb"(?=INTO\b)", _FLAGS)
COPY = re.compile(
    rb"COPY\b"
    + _W
    + rb"(?:BINARY\b"
    + _W
    + rb")?"
    + _NAME
    + _W
    + rb"(?:"
    + _LIST
    + _W
    + rb")?FROM\b"
    + _W
    + rb"STDIN\b((?:[^;']|'[^']*'){0,2000}?);[ \t]*\r?\n",
    _FLAGS,
)
"""Groups: name, columns, options."""
CREATE_TABLE = re.compile(
    rb"CREATE\b"
    + _W
    + rb"(?:(?:GLOBAL|LOCAL|TEMPORARY|TEMP|UNLOGGED|VIRTUAL|FOREIGN|OR"
    + _W
    + rb"REPLACE)\b"
    + _W
    + rb")*+TABLE\b"
    + _W
    + rb"(?:IF"
    + _W
    + rb"NOT"
    + _W
    + rb"EXISTS\b"
    + _W
    + rb")?"
    + _NAME
    + _W
    + rb"\(",
    _FLAGS,
)
ROUTINE = re.compile(
    rb"CREATE\b(?:[^;'\"(]|\"[^\"]*\"|'[^']*')*?\b(FUNCTION|PROCEDURE|PROC|TRIGGER|EVENT|PACKAGE)\b", _FLAGS
)
DELIMITER = re.compile(rb"DELIMITER[ \t]+([^\s]+)[^\n]*\n?", re.IGNORECASE)
USE = re.compile(rb"USE\b" + _W + rb"(" + _IDENT + rb")", _FLAGS)
NAMES = re.compile(rb"SET\b" + _W + rb"(?:NAMES|client_encoding" + _W + rb"(?:=|TO))" + _W + rb"'?([\w-]+)", _FLAGS)
GO = re.compile(rb"GO[ \t]*(?:\d+[ \t]*)?(?:\r?\n|\r|\Z)", re.IGNORECASE)
KEY_LINE = re.compile(
    rb"^[ \t]*+(?:(?:INSERT|REPLACE)\s+(?:IGNORE\s+)?(?:INTO\b|[\[`\"])|CREATE\s+(?:TABLE|INDEX|UNIQUE|VIEW|TRIGGER|OR)"
    rb"\b|COPY\s+[\w\"][^\n]*FROM\s+stdin|(?:DROP|ALTER|LOCK)\s+TABLES?\b|UNLOCK\s+TABLES|COMMIT\s*;|GO\s*$|/\*!\d{5})",
    re.MULTILINE | re.IGNORECASE,
)
"""A line that begins a statement, for finding one's way again after damage."""
ROW_EDGE = re.compile(rb"\)\s*+,\s*+(?=\()")


def names_of(listed: bytes) -> list[bytes]:
    """Return the names of a list of columns, or the parts of a qualified name, unquoted."""
    found: list[bytes] = []
    at = 0
    joined = False
    while at < len(listed):
        at = skip(listed, at)
        match = IDENT.match(listed, at)
        if match:
            name = unquoted(match[0])
            if joined and found:
                found[-1] = name
            else:
                found.append(name)
            joined = False
            at = match.end()
        else:
            joined = listed[at : at + 1] == b"."
            at += 1
    return found


def parts_of(name: bytes) -> list[bytes]:
    """Return the parts of a qualified name, unquoted."""
    return [unquoted(match[0]) for match in IDENT.finditer(name)]


def unquoted(name: bytes) -> bytes:
    """Return a name without its quotes."""
    for opening, closing in ((b"`", b"`"), (b'"', b'"'), (b"[", b"]")):
        if len(name) > 1 and name.startswith(opening) and name.endswith(closing):
            return name[1:-1].replace(closing * 2, closing)
    return name


def skip(data: bytes, at: int) -> int:
    """Return the place after white space and comments."""
    match = BLANK.match(data, at)
    return match.end() if match else at


class Stop(Enum):
    """Why no row could be read."""

    MORE = "more"
    """The bytes end before the row does."""
    BAD = "bad"
    """No row can be made of what follows."""


@dataclass(frozen=True, slots=True)
class Token:
    """One token: its kind, its bytes."""

    kind: str
    """s string, n name in quotes, w word, p punctuation."""
    text: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class SlowRow:
    """One row, token by token: the tokens of each cell, each cell's bytes as written, and where the row ends."""

    cells: list[list[Token]] = field(repr=False)
    written: list[bytes] = field(repr=False)
    end: int


@cache
def token(escapes: bool, hashes: bool) -> re.Pattern[bytes]:
    """Return the expression of one token: named groups b blank, s string, n quoted name, w word, p punctuation."""
    plain = rb"'(?:[^'\\]++|\\.|'')*+'" if escapes else rb"'(?:[^']++|'')*+'"
    double = rb"\"(?:[^\"\\]++|\\.|\"\")*+\"" if escapes else rb"\"(?:[^\"]++|\"\")*+\""
    comment = rb"|\#[^\n]*+\n?" if hashes else rb""
    return re.compile(
        rb"(?P<b>\s++|--[^\n]*+\n?|/\*(?!M?!)(?:[^*]++|\*(?!/))*+\*/|/\*M?!\d*|\*/" + comment + rb")"
        rb"|(?P<s>(?:[NBX]|U&)?(?:" + plain + rb")|E'(?:[^'\\]++|\\.|'')*+'"
        rb"|N?Q'(?:\[.*?\]'|\{.*?\}'|\(.*?\)'|<.*?>'|(?P<q>[^\s\[{(<']).*?(?P=q)')"
        rb"|\$(?P<t>(?:[A-Za-z_\x80-\xff][\w\x80-\xff]*)?)\$.*?\$(?P=t)\$)"
        rb"|(?P<n>" + double + rb"|`(?:[^`]|``)*+`)"
        rb"|(?P<w>\d[\d.]*+[eE][-+]\d+|[\w.\x80-\xff]++)|(?P<p>::|[^\s\w])",
        re.DOTALL | re.IGNORECASE,
    )


def slow_row(data: bytes, at: int, pattern: re.Pattern[bytes], *, whole: bool) -> SlowRow | Stop:
    """Read one parenthesised row that begins at `at`.  `whole`: no bytes follow those given."""
    cells: list[list[Token]] = [[]]
    written: list[bytes] = []
    depth, start, size = 0, at + 1, len(data)
    while at < size and (match := pattern.match(data, at)):
        kind, text, end = match.lastgroup or "p", match[0], match.end()
        if text in _QUOTES or (end >= size and not whole and not (text == b")" and depth == 1)):
            # A quote that never closes in what is held, or a token that may go on.
            break
        if kind == "p":
            depth += _DEPTH.get(text, 0)
            if text == b";":
                return Stop.BAD
            if depth == 0:
                written.append(data[start:at])
                return SlowRow(cells, written, end)
            if text == b"," and depth == 1:
                written.append(data[start:at])
                cells.append([])
                start = end
        if kind != "b" and at >= start:
            cell = cells[-1]
            if cell and depth == 1 and data[at - 1 : at] not in _APART and _clash(cell[-1], kind):
                return Stop.BAD
            cell.append(Token(kind, text))
        at = end
    return Stop.BAD if whole else Stop.MORE


_DEPTH = {b"(": 1, b"[": 1, b")": -1, b"]": -1}
_QUOTES = frozenset((b"'", b'"', b"`"))
_APART = frozenset((b" ", b"\n", b"\t", b"\r", b"/", b"(", b"!"))


def _clash(last: Token, kind: str) -> bool:
    """Tell whether a word right after a string, or a string right after a word, shows that a quote was lost."""
    if last.kind == "s":
        return kind in "swn"
    return last.kind == "w" and kind == "s" and not last.text.startswith(b"_")
