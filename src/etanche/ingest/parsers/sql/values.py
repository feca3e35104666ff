"""What a literal or an expression is as text.

1. A string is its text, escapes undone by its own rules: '…' by the flavour's, E'…' with backslashes, U&'…' with code
   points, N'…' and charset introducers as '…', $tag$…$tag$ and q'[…]' untouched.
2. NULL and DEFAULT are empty.  Numbers and words (TRUE) are as written.
3. Bytes (X'…', 0x…, _binary '…') are the text they spell in UTF-8 if it has no control characters, else hexadecimal.
   B'0101' is its digits.
4. What wraps one literal is taken off: parentheses, `CAST(x AS t)`, `x::t`, `DATE x`, `TO_DATE(x, layout)`, and the
   `replace(x, '\\n', char(10))` and `unistr(x)` by which SQLite writes line breaks.
5. Any other expression is as written.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import cache

from etanche.ingest.parsers.sql.tokens import Token

_MYSQL_ESCAPE = re.compile(rb"\\(.)|''", re.DOTALL)
_MYSQL = {b"0": b"\0", b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"Z": b"\x1a", b"%": b"\\%", b"_": b"\\_"}
_C_ESCAPE = re.compile(rb"\\(?:([0-7]{1,3})|x([0-9a-fA-F]{1,2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|(.))|''", re.DOTALL)
_C = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}
_CODE = re.compile(rb"\\(?:\\|\+([0-9a-fA-F]{6})|u?([0-9a-fA-F]{4})|U([0-9a-fA-F]{8}))|''")
_HEX = re.compile(rb"0[xX]([0-9a-fA-F]*)")
_TYPED = frozenset({b"date", b"time", b"timestamp", b"datetime", b"interval", b"numeric", b"uuid", b"json", b"jsonb"})
_WRAPS = frozenset(
    {b"cast", b"try_cast", b"to_date", b"to_timestamp", b"to_timestamp_tz", b"to_clob", b"to_nclob", b"str_to_date"}
    | {b"date", b"datetime", b"timestamp", b"to_number", b"hextoraw", b"unhex", b"convert", b"json", b"rawtohex"}
    | {b"st_geomfromtext", b"inet6_aton", b"to_char"}
)
_NOTHING = frozenset((b"NULL", b"DEFAULT"))
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


def string(text: bytes, *, escapes: bool) -> bytes:
    """Return what a string token says."""
    first = text[:1].lower()
    if first == b"$":
        tag = text.index(b"$", 1) + 1
        return text[tag:-tag]
    inner = text[text.index(b"'") + 1 : -1]
    if first in {b"x", b"b"}:
        digits = re.sub(rb"\s", b"", inner)
        return digits if first == b"b" else spelled(digits)
    if first == b"q" or text[:2].lower() == b"nq":
        return inner[1:-1]
    if first == b"u":
        return _CODE.sub(_code, inner)
    if first == b"e":
        return _C_ESCAPE.sub(_c, inner)
    return _MYSQL_ESCAPE.sub(_mysql, inner) if escapes and b"\\" in inner else inner.replace(b"''", b"'")


def _mysql(match: re.Match[bytes]) -> bytes:
    return b"'" if match[1] is None else _MYSQL.get(match[1], match[1])


def _c(match: re.Match[bytes]) -> bytes:
    octal, hexadecimal, short, long, other = match.groups()
    if octal:
        return bytes((int(octal, 8) & 0xFF,))
    if hexadecimal:
        return bytes((int(hexadecimal, 16),))
    if short or long:
        return _point(short or long)
    return b"'" if other is None else _C.get(other, other)


def _code(match: re.Match[bytes]) -> bytes:
    if match[0] == b"''":
        return b"'"
    digits = match[1] or match[2] or match[3]
    return b"\\" if digits is None else _point(digits)


def _point(digits: bytes) -> bytes:
    """Return a code point as UTF-8; what is none stays as digits."""
    number = int(digits, 16)
    return digits if number > 0x10FFFF else chr(number).encode("utf-8", "surrogatepass")


def spelled(digits: bytes) -> bytes:
    """Return the text that hexadecimal digits spell in UTF-8, the digits where it is none."""
    if not digits or len(digits) % 2:
        return digits
    try:
        data = bytes.fromhex(digits.decode("ascii"))
    except ValueError:
        return digits
    return data if _is_text(data) else digits


def binary(data: bytes) -> bytes:
    """Return bytes as the text they spell in UTF-8, as hexadecimal where it is none."""
    return data if _is_text(data) else data.hex().encode("ascii")


def _is_text(data: bytes) -> bool:
    try:
        return not _CONTROL.search(data.decode("utf-8"))
    except UnicodeDecodeError:
        return False


@cache
def _plain_cell(escapes: bool) -> re.Pattern[bytes]:
    """Return the expression of a cell that is one plain literal, with what ends it: string, word, `,` or `)`."""
    inner = rb"(?:[^'\\]++|\\.|'')*+" if escapes else rb"(?:[^']++|'')*+"
    word = rb"[-+]?(?:\d[\d.]*+[eE][-+]\d++|[\w.]++)(?:\(\))?"
    return re.compile(rb"\s*+(?:[nN]?'(" + inner + rb")'|(" + word + rb"))\s*+([,)])", re.DOTALL)


def plain_row(data: bytes, at: int, *, escapes: bool) -> tuple[list[bytes], int] | None:
    """Read a parenthesised row of plain literals at `at`: its cells and its end; None for any other (`slow_row`)."""
    match_cell = _plain_cell(escapes).match
    cells: list[bytes] = []
    at += 1
    while match := match_cell(data, at):
        string_, word, end = match.groups()
        if word is None:
            if escapes and b"\\" in string_:
                string_ = _MYSQL_ESCAPE.sub(_mysql, string_)
            elif b"''" in string_:
                string_ = string_.replace(b"''", b"'")
            cells.append(string_)
        elif word[:1] == b"0" and (digits := _HEX.fullmatch(word)):
            cells.append(spelled(digits[1]))
        else:
            cells.append(b"" if word.upper() in _NOTHING else word)
        at = match.end()
        if end == b")":
            return cells, at
    return None


def value(tokens: Sequence[Token], written: bytes, *, escapes: bool) -> bytes:
    """Return the text of one cell, given its tokens and its bytes as written."""
    found = _literal(list(tokens), escapes=escapes, depth=0)
    return written.strip() if found is None else found


def _literal(tokens: list[Token], *, escapes: bool, depth: int) -> bytes | None:  # noqa: PLR0911 - one a rule
    """Return the value of tokens that hold one literal, None for a real expression."""
    if not tokens or depth > 20:
        return b"" if not tokens else None
    first = tokens[0]
    if len(tokens) == 1:
        return _single(first, escapes=escapes)
    if first.kind == "w" and first.text.startswith(b"_") and len(tokens) == 2 and tokens[1].kind in "sw":
        if first.text.lower() != b"_binary":
            return _literal(tokens[1:], escapes=escapes, depth=depth + 1)
        said = _single(tokens[1], escapes=escapes)
        return said if tokens[1].kind == "w" else binary(said)
    if all(token.kind == "s" for token in tokens) or _is_double(tokens):
        return b"".join(_single(token, escapes=escapes) for token in tokens)
    if len(tokens) == 2 and first.text in (b"-", b"+") and tokens[1].text[:1].isdigit():
        return first.text + tokens[1].text
    for k in range(len(tokens) - 1, 0, -1):
        if tokens[k].text == b"::" and not any(token.text in b"()," for token in tokens[k + 1 :] if token.text == b","):
            return _literal(tokens[:k], escapes=escapes, depth=depth + 1)
    if first.text == b"(" and _closing(tokens, 0) == len(tokens) - 1:
        return _literal(tokens[1:-1], escapes=escapes, depth=depth + 1)
    if first.kind == "w" and len(tokens) == 2 and first.text.lower() in _TYPED and tokens[1].kind == "s":
        return _single(tokens[1], escapes=escapes)
    if first.kind == "w" and tokens[1].text == b"(" and _closing(tokens, 1) == len(tokens) - 1:
        return _call(first.text.lower(), _arguments(tokens[2:-1]), escapes=escapes, depth=depth)
    return None


def _is_double(tokens: list[Token]) -> bool:
    return all(token.kind == "n" and token.text.startswith(b'"') for token in tokens)


def _single(token: Token, *, escapes: bool) -> bytes:
    if token.kind == "s":
        return string(token.text, escapes=escapes)
    if token.kind == "n" and token.text.startswith(b'"'):
        inner = token.text[1:-1].replace(b'""', b'"')
        return _MYSQL_ESCAPE.sub(_mysql, inner) if escapes and b"\\" in inner else inner
    if token.text.upper() in _NOTHING:
        return b""
    match = _HEX.fullmatch(token.text)
    return spelled(match[1]) if match else token.text


def _closing(tokens: list[Token], at: int) -> int:
    """Return where the parenthesis that opens at `at` closes, -1 when nowhere."""
    depth = 0
    for k in range(at, len(tokens)):
        if tokens[k].kind == "p":
            depth += (tokens[k].text == b"(") - (tokens[k].text == b")")
            if depth == 0:
                return k
    return -1


def _arguments(tokens: list[Token]) -> list[list[Token]]:
    """Split at commas outside parentheses."""
    found: list[list[Token]] = [[]]
    depth = 0
    for token in tokens:
        if token.kind == "p":
            depth += (token.text == b"(") - (token.text == b")")
            if token.text == b"," and depth == 0:
                found.append([])
                continue
        found[-1].append(token)
    return found


def _call(name: bytes, arguments: list[list[Token]], *, escapes: bool, depth: int) -> bytes | None:
    """Return the value of a function that says nothing but its literal, None for any other."""
    if name in {b"replace", b"unistr", b"char", b"chr"}:
        return _sqlite(name, [_literal(each, escapes=escapes, depth=depth + 1) for each in arguments])
    if name not in _WRAPS or not arguments:
        return None
    wrapped = arguments[0]
    if name == b"convert" and len(arguments) > 1 and wrapped and wrapped[0].kind == "w":
        # SQL Server: CONVERT(type, x); MySQL: CONVERT(x, type).
        wrapped = arguments[1] if not _is_value(wrapped) else wrapped
    for k, token in enumerate(wrapped):
        if k and token.kind == "w" and token.text.upper() in {b"AS", b"USING"}:
            kind = wrapped[k + 1].text.lower() if len(wrapped) > k + 1 else b""
            if k == 1 and _HEX.fullmatch(wrapped[0].text) and kind in {b"datetime", b"date", b"smalldatetime"}:
                return _stored_date(wrapped[0].text, kind)
            wrapped = wrapped[:k]
            break
    said = _literal(wrapped, escapes=escapes, depth=depth + 1)
    return spelled(said) if name in {b"unhex", b"hextoraw"} and said is not None else said


def _sqlite(name: bytes, said: list[bytes | None]) -> bytes | None:
    """Return the value of the functions by which SQLite writes line breaks."""
    known = [each for each in said if each is not None]
    if len(known) != len(said):
        return None
    if name == b"unistr" and len(known) == 1:
        return _CODE.sub(_code, known[0])
    if name == b"replace" and len(known) == 3:
        return known[0].replace(known[1], known[2]) if known[1] else known[0]
    is_code = name in {b"char", b"chr"} and len(known) == 1 and known[0].isdigit() and len(known[0]) < 6
    return chr(int(known[0])).encode() if is_code and int(known[0]) < 0xD800 else None


def _is_value(tokens: list[Token]) -> bool:
    return tokens[0].kind == "s" or tokens[0].text[:1].isdigit() or tokens[0].text.upper() == b"NULL"


def _stored_date(text: bytes, kind: bytes) -> bytes:
    """Return the ISO date that SQL Server's scripts write as the bytes it is stored in."""
    data = bytes.fromhex(text[2:].decode("ascii")) if len(text) % 2 == 0 else b""
    start = datetime(1900, 1, 1, tzinfo=UTC)
    try:
        if kind == b"datetime" and len(data) == 8:
            days, ticks = int.from_bytes(data[:4], signed=True), int.from_bytes(data[4:])
            moment = start + timedelta(days=days, milliseconds=round(ticks * 10 / 3))
        elif kind == b"smalldatetime" and len(data) == 4:
            moment = start + timedelta(days=int.from_bytes(data[:2]), minutes=int.from_bytes(data[2:]))
        elif kind == b"date" and len(data) == 3:
            moment = datetime(1, 1, 1, tzinfo=UTC) + timedelta(days=int.from_bytes(data, "little"))
            return moment.date().isoformat().encode()
        else:
            return text
    except OverflowError:
        return text
    spoken = moment.replace(tzinfo=None).isoformat(" ", "milliseconds")
    return spoken.removesuffix(".000").encode()
