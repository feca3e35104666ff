"""COPY's formats: text (backslash escapes, `\\N`) and CSV, as cells.

1. Text: a line is clean when its only backslashes are those of `\\N` and it has the right number of cells; clean lines
   go out in bulk, `\\N` taken out.  All others are read one by one.
2. CSV: quotes are doubled (or escaped by ESCAPE), records may take several lines, what equals NULL's text unquoted is
   empty.  A header line is passed over.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Bytes = NDArray[np.uint8]
Positions = NDArray[np.intp]

_BACKSLASH = ord("\\")
_MARKS = b"\t\n\r\0\x1f"
_NO_MARKS_NOR_QUOTES = bytes(byte for byte in range(256) if byte not in _MARKS)
_NO_MARKS = _NO_MARKS_NOR_QUOTES.replace(b'"', b"")
_ESCAPE = re.compile(rb"\\(?:([0-7]{1,3})|x([0-9a-fA-F]{1,2})|(.))", re.DOTALL)
_MEANT = {b"b": b"\b", b"f": b"\f", b"n": b"\n", b"r": b"\r", b"t": b"\t", b"v": b"\v"}
_OPTION = re.compile(
    rb"(?:(FORMAT|DELIMITERS?|NULL|QUOTE|ESCAPE)\s+(?:AS\s+)?|(HEADER|CSV|BINARY)\b\s*)"
    rb"((?(1)(?:E'(?:[^'\\]|\\.|'')*'|'(?:[^']|'')*'|\w+)|(?:TRUE|FALSE|ON|OFF|MATCH|0|1)?))",
    re.IGNORECASE,
)
_FORCE = re.compile(rb"\bFORCE[\s_]+(?:NOT[\s_]+NULL|NULL|QUOTE)\b\s*(?:\([^)]*\)|\*|[\w\", ]*)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class CopyFormat:
    """How a COPY's lines are written."""

    csv: bool = False
    delimiter: bytes = b"\t"
    null: bytes = b"\\N"
    header: bool = False
    quote: bytes = b'"'
    escape: bytes = b'"'

    @property
    def plain(self) -> bool:
        """Tell whether it is the text format as pg_dump writes it."""
        return not self.csv and self.delimiter == b"\t" and self.null == b"\\N" and not self.header


PLAIN = CopyFormat()


def copy_format(options: bytes) -> CopyFormat:
    """Return the format that COPY's options (after STDIN) describe."""
    if not options.strip():
        return PLAIN
    said: dict[bytes, bytes] = {}
    for match in _OPTION.finditer(_FORCE.sub(b"", options)):
        word = (match[1] or match[2]).upper().rstrip(b"S")
        text = match[3] or b""
        if text.endswith(b"'"):
            text = _unescaped(text[2:-1]) if text[:1] in b"Ee" else text[1:-1].replace(b"''", b"'")
        if word in {b"CSV", b"BINARY"}:
            said[b"FORMAT"] = word
        said[word] = text
    csv = said.get(b"FORMAT", b"").upper() == b"CSV"
    quote = said.get(b"QUOTE", b'"') or b'"'
    return CopyFormat(
        csv,
        said.get(b"DELIMITER", b"") or (b"," if csv else b"\t"),
        said.get(b"NULL", b"" if csv else b"\\N"),
        b"HEADER" in said and said[b"HEADER"].lower() not in {b"false", b"off", b"0"},
        quote,
        said.get(b"ESCAPE", b"") or quote,
    )


def _unescaped(text: bytes) -> bytes:
    return _ESCAPE.sub(_meant, text)


def _meant(match: re.Match[bytes]) -> bytes:
    octal, hexadecimal, other = match.groups()
    if octal:
        return bytes((int(octal, 8) & 0xFF,))
    if hexadecimal:
        return bytes((int(hexadecimal, 16),))
    return _MEANT.get(other, other)


def cells(line: bytes, form: CopyFormat) -> list[bytes]:
    """Return the cells of one line of the text format, without its line end."""
    found: list[bytes] = []
    for cell in _cut(line, form.delimiter):
        if cell == form.null:
            found.append(b"")
        else:
            found.append(_unescaped(cell) if b"\\" in cell else cell)
    return found


def _cut(line: bytes, delimiter: bytes) -> list[bytes]:
    """Split at delimiters before which no backslash escapes."""
    if b"\\" + delimiter not in line:
        return line.split(delimiter)
    return re.findall(
        rb"(?:\A|(?<=" + re.escape(delimiter) + rb"))((?:[^\\" + re.escape(delimiter) + rb"]|\\.)*)", line
    )


@dataclass(frozen=True, slots=True)
class Bulk:
    """Clean lines `first` to `last` (excluded) as tab-delimited bytes, or one line that is not clean."""

    first: int
    last: int
    data: bytes = field(repr=False)
    clean: bool


def bulk(data: bytes, width: int, *, quotes: bool) -> list[Bulk]:
    """Split whole lines into runs of clean ones and single others; `quotes`: a quote makes a line unclean."""
    if rows := _all_clean(data, width, quotes=quotes):
        return rows
    a = np.frombuffer(data, np.uint8)
    ends = np.flatnonzero(a == 10)
    starts = np.empty_like(ends)
    starts[:1] = 0
    starts[1:] = ends[:-1] + 1
    bad = _wrong(a, starts, ends, width - 1)
    if b"\\" in data:
        bad[np.searchsorted(ends, _no_nulls(a, np.flatnonzero(a == _BACKSLASH)))] = True
    for mark in (b"\r", b"\0", b"\x1f") + ((b'"',) if quotes else ()):
        if mark in data:
            bad[np.searchsorted(ends, np.flatnonzero(a == mark[0]))] = True
    found: list[Bulk] = []
    at = 0
    for k in [*np.flatnonzero(bad).tolist(), len(ends)]:
        if k > at:
            run = data[starts[at] : ends[k - 1] + 1]
            found.append(Bulk(at, k, run.replace(b"\\N", b""), clean=True))
        if k < len(ends):
            found.append(Bulk(k, k + 1, data[starts[k] : ends[k]], clean=False))
        at = k + 1
    return found


def _all_clean(data: bytes, width: int, *, quotes: bool) -> list[Bulk]:
    """Return whole lines as one run when all are clean, nothing else: a few looks at all bytes at once tell."""
    row = b"\t" * (width - 1) + b"\n"
    marks = data.translate(None, _NO_MARKS if quotes else _NO_MARKS_NOR_QUOTES)
    rows = len(marks) // len(row)
    if marks != row * rows:
        return []
    if b"\\" in data:
        a = np.frombuffer(data, np.uint8)
        nulls = np.flatnonzero(a == _BACKSLASH)
        if len(_no_nulls(a, nulls)):
            return []
        # One byte is taken out faster than two: `N` becomes a backslash first.
        a = a.copy()
        a[nulls + 1] = _BACKSLASH
        data = a.tobytes().replace(b"\\", b"")
    return [Bulk(0, rows, data, clean=True)] if rows else []


def _no_nulls(a: Bytes, places: Positions) -> Positions:
    """Return those backslashes that are not of a cell which is all `\\N`."""
    before = a[np.maximum(places, 1) - 1]
    after = a[np.minimum(places + 2, len(a) - 1)]
    nulls = (a[places + 1] == 78) & ((before == 9) | (before == 10) | (places == 0)) & ((after == 9) | (after == 10))
    others: Positions = places[~nulls]
    return others


def _wrong(a: Bytes, starts: Positions, ends: Positions, wanted: int) -> NDArray[np.bool_]:
    """Tell for each line whether it holds another number of tabs than wanted."""
    tabs = np.flatnonzero(a == 9)
    if len(tabs) == wanted * len(ends) and (
        not wanted or ((tabs[::wanted] >= starts).all() and (tabs[wanted - 1 :: wanted] < ends).all())
    ):
        return np.zeros(len(ends), np.bool_)
    return np.asarray(np.diff(np.searchsorted(tabs, ends), prepend=0) != wanted, np.bool_)


class CsvLines:
    """Records of COPY's CSV format, from blocks of lines."""

    def __init__(self, form: CopyFormat, most: int) -> None:
        """Begin; a record longer than `most` bytes is given up."""
        self._form, self._most = form, most
        self._pending = b""
        self._header = form.header
        quote, escape = re.escape(form.quote), re.escape(form.escape)
        inside = rb"(?:[^" + quote + escape + rb"]++|" + escape + rb"[" + quote + escape + rb"])*+"
        self._cell = re.compile(
            rb"(?:" + quote + rb"(" + inside + rb")" + quote + rb"|([^" + re.escape(form.delimiter) + rb"]*+))"
            rb"(" + re.escape(form.delimiter) + rb"|\Z)",
            re.DOTALL,
        )
        self._escaped = re.compile(escape + rb"(.)", re.DOTALL)

    def records(self, data: bytes) -> list[tuple[bytes, list[bytes] | None]]:
        """Return each record as written with its cells (None: its quotes do not fit); the last may be pending."""
        found: list[tuple[bytes, list[bytes] | None]] = []
        for line in data.split(b"\n")[: -1 if data.endswith(b"\n") else None]:
            record = self._pending + b"\n" + line if self._pending else line
            if (
                record.count(self._form.quote) % 2
                and self._form.escape == self._form.quote
                and len(record) < self._most
            ):
                self._pending = record
                continue
            self._pending = b""
            if self._header:
                self._header = False
                continue
            found.append((record, self._cells(record.removesuffix(b"\r"))))
        return found

    def rest(self) -> bytes:
        """Return what is left of a record that never ended."""
        rest, self._pending = self._pending, b""
        return rest

    def _cells(self, record: bytes) -> list[bytes] | None:
        cells_: list[bytes] = []
        at = 0
        while True:
            match = self._cell.match(record, at)
            if match is None:
                return None
            quoted, plain, delimiter = match.groups()
            if quoted is not None:
                cells_.append(self._escaped.sub(rb"\1", quoted))
            else:
                cells_.append(b"" if plain == self._form.null else plain)
            at = match.end()
            if not delimiter:
                return cells_
