"""Rows that are given by other means than VALUES: SET a = 1, and SELECTs of literals."""

from __future__ import annotations

from collections.abc import Iterator

from etanche.ingest.parsers.sql import tokens as t
from etanche.ingest.parsers.sql.tokens import SlowRow, Token

Found = list[tuple[Token, int, int]]
"""Tokens with where they begin and end."""
Given = list[tuple[SlowRow, tuple[bytes, ...] | None]]
"""Rows, each with the names of its columns where it says them."""


def _split(found: Found) -> Iterator[Found]:
    """Split tokens at commas outside parentheses."""
    depth = 0
    part: Found = []
    for each in found:
        text = each[0].text if each[0].kind == "p" else b""
        depth += (text == b"(") - (text == b")")
        if text == b"," and depth == 0:
            yield part
            part = []
        else:
            part.append(each)
    yield part


def _row_of(parts: list[Found], buf: bytes) -> SlowRow:
    written = [buf[part[0][1] : part[-1][2]] if part else b"" for part in parts]
    return SlowRow([[each[0] for each in part] for part in parts], written, 0)


def set_row(found: Found, buf: bytes) -> Given:
    """Return the row of `SET a = 1, b = 'x'`."""
    for k, (token, _, _) in enumerate(found):
        if (
            token.kind == "w"
            and token.text.upper() == b"ON"
            and found[k + 1 :]
            and found[k + 1][0].text.upper() == b"DUPLICATE"
        ):
            found = found[:k]
            break
    names: list[bytes] = []
    parts: list[Found] = []
    for part in _split(found):
        equals = next((k for k, each in enumerate(part) if each[0].text in {b"=", b":"}), 0)
        if not equals:
            return []
        names.append(t.names_of(buf[part[0][1] : part[equals - 1][2]])[-1])
        parts.append(part[equals + 1 + (part[equals][0].text == b":") :])
    return [(_row_of(parts, buf), tuple(names))]


def select_rows(found: Found, buf: bytes) -> Given:
    """Return the rows of `SELECT 1, 'x' UNION ALL SELECT …`, none when it reads from a table."""
    selects: list[Found] = [[]]
    skip_to = 0
    around: list[bool] = []
    for k, each in enumerate(found):
        text = each[0].text
        word = text.upper() if each[0].kind == "w" else b""
        if word == b"UNION":
            selects.append([])
        elif word == b"FROM":
            if k + 1 >= len(found) or found[k + 1][0].text.upper() not in {b"DUAL", b"SYSIBM.SYSDUMMY1"}:
                return []
            skip_to = k + 2
        elif text == b"(":
            # A parenthesis that goes round a whole SELECT is no part of a value.
            around.append(k + 1 < len(found) and found[k + 1][0].text.upper() == b"SELECT")
            selects[-1] += [] if around[-1] else [each]
        elif text == b")":
            selects[-1] += [] if not around or around.pop() else [each]
        elif k >= skip_to and not (word in {b"SELECT", b"ALL"} and not selects[-1]):
            selects[-1].append(each)
    return [(_row_of([_no_alias(part) for part in _split(select)], buf), None) for select in selects]


def _no_alias(part: Found) -> Found:
    """Take `AS name`, or a mere name, off a selected value."""
    if len(part) > 2 and part[-2][0].text.upper() == b"AS":
        return part[:-2]
    if len(part) == 2 and part[1][0].kind in "wn" and part[0][0].kind in "sw" and not part[0][0].text.startswith(b"_"):
        return part[:1]
    return part
