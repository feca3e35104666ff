"""Many rows at once: strings blanked out by whole-array operations, clean tuples turned into delimited bytes.

1. In a window that begins outside strings, a byte is inside one where the count of quotes before it is odd; a quote
   after a backslash that escapes is not counted.  Bytes inside, and the quote that opens, become 0xFF: what is left
   can be searched as if there were no strings.
2. That holds up to the first place where something else quotes or comments (`"`, `--`, `/`, `#`, `$`, `E'…'`), or
   where a string begins or ends next to a word (a quote was lost).  The window's rows are taken up to there.
3. The head of a statement that repeats the one before (`);\\nINSERT INTO t VALUES (`) is blanked to a mere comma.
4. A row is clean when outside its strings stand only numbers, NULL, DEFAULT, TRUE and FALSE, and it has the right
   number of cells.  Clean rows go out in bulk; all others are left to `tokens.slow_row`, one by one.

`tests/property/test_reader_sql_damage.py` holds this to a reference that reads one byte at a time.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from etanche.ingest.parsers.sql.flavour import Flavour
from etanche.ingest.tables import DELIMITER

Bytes = NDArray[np.uint8]
Positions = NDArray[np.intp]

_IN, _GONE = 0xFF, 0xFE
_QUOTE, _BACKSLASH, _COMMA, _OPEN, _CLOSE, _SPACE = 39, 92, 44, 40, 41, 32
_DELIMITER = ord(DELIMITER)

ROWS = re.compile(
    rb"\((?:[^()\"`#$;/]++|\((?:[^()\"`#$;/]++|\([^()\"`#$;/]*+\))*+\))*+\)"
    rb"(?:\s*+,\s*+\((?:[^()\"`#$;/]++|\((?:[^()\"`#$;/]++|\([^()\"`#$;/]*+\))*+\))*+\))*+"
)
"""Rows with commas between them, parentheses nested twice at most; on blanked text."""
_ROW = re.compile(rb"\((?:[^()]++|\((?:[^()]++|\([^()]*+\))*+\))*+\)")
_ALLOWED = b"0123456789.-+,() \t\r\n'" + bytes((_IN, _GONE))
_CAST = re.compile(rb"(CAST\(N?)(\xff++'|[-+\d.]++)( AS [A-Za-z]\w*+(?:\(\d++(?:, ?\d++)?\))?\))", re.IGNORECASE)
_FOUR = bytes((_GONE,)) * 4
_SPECIALS = (b'"', b"`", b"#", b"$")


def _table(members: Iterable[int]) -> NDArray[np.bool_]:
    table = np.zeros(256, np.bool_)
    table[list(members)] = True
    return table


_LEFT_OF_SPACE = _table(b",(")
_RIGHT_OF_SPACE = _table(b",)")
_ODD = ~_table(_ALLOWED)
_DIGITS = _table(b"0123456789.")
_SIGNED = _table(b"0123456789+-")


def _unescape() -> Bytes:
    table = np.arange(256, dtype=np.uint8)
    for escaped, meant in zip(b"0nrtbZ", b"\0\n\r\t\b\x1a", strict=True):
        table[escaped] = meant
    return table


_UNESCAPE = _unescape()


@dataclass(slots=True)
class Blanked:
    """A window whose strings are blanked out."""

    raw: bytes = field(repr=False)
    text: bytes = field(repr=False)
    """As long as `raw`."""
    escapers: Positions | None = field(repr=False)
    """Where backslashes stand that escape the next byte."""
    limit: int
    """Rows are sound up to here."""
    spans: tuple[Positions, Positions] | None = field(default=None, repr=False)
    """Where rows open and close, if none holds parentheses."""

    def rows_end(self) -> int:
        """Return where the last whole row ends of those with which the window begins, 0 when there is none."""
        self.spans = self._flat()
        if self.spans is not None:
            return int(self.spans[1][-1]) + 1
        match = ROWS.match(self.text, 0, self.limit)
        return match.end() if match else 0

    def _flat(self) -> tuple[Positions, Positions] | None:
        """Return where rows open and close, None unless they are plainly one after the other."""
        limit = self.limit
        for stop in (b";", b"/"):
            found = self.text.find(stop, 0, limit)
            limit = found if found >= 0 else limit
        m = np.frombuffer(self.text, np.uint8)[:limit]
        opens, closes = np.flatnonzero(m == _OPEN), np.flatnonzero(m == _CLOSE)
        rows = len(closes)
        if not rows or not rows <= len(opens) <= rows + 1 or opens[0]:
            return None
        if len(opens) > rows and opens[-1] < closes[-1]:
            return None
        opens = opens[:rows]
        ends = closes[:-1]
        if not ((opens < closes).all() and (m[ends + 1] == _COMMA).all()):
            return None
        gaps = opens[1:] - ends
        for gap in np.unique(gaps).tolist() if (gaps != 2).any() else ():
            places = ends[gaps == gap]
            if gap < 2 or not (m[places[:, None] + np.arange(2, gap)] <= _SPACE).all():
                return None
        return opens, closes


def _escapers(a: Bytes) -> Positions:
    """Return the backslashes that escape: in a run of them, every other from the first on."""
    places = np.flatnonzero(a == _BACKSLASH)
    first = np.ones(len(places), np.bool_)
    first[1:] = places[1:] != places[:-1] + 1
    run_start = places[np.flatnonzero(first)][np.cumsum(first) - 1]
    escaping: Positions = places[(places - run_start) % 2 == 0]
    return escaping


_SHIFTS = tuple(np.uint64(shift) for shift in (1, 2, 4, 8, 16, 32))


def _parity(marks: NDArray[np.bool_]) -> Bytes:
    """Return for each place whether the marks up to it are odd in number (1) or even (0), 64 at a time."""
    packed = np.packbits(marks, bitorder="little")
    if len(packed) % 8:
        packed = np.concatenate((packed, np.zeros(8 - len(packed) % 8, np.uint8)))
    words = packed.view(np.uint64)
    for shift in _SHIFTS:
        words = words ^ (words << shift)
    before = np.zeros(len(words), np.bool_)
    before[1:] = np.logical_xor.accumulate((words >> np.uint64(63)).astype(np.bool_))[:-1]
    words = words ^ (0 - before.astype(np.uint64))
    return np.unpackbits(words.view(np.uint8), count=len(marks), bitorder="little")


def blank(raw: bytes, flavour: Flavour, heads: Iterable[bytes] = (), *, sound: bool = False) -> Blanked:
    """Blank out the strings of a window that begins outside strings; `heads` are heads of statements that repeat.

    `sound`: the window is known to hold whole rows and nothing else.
    """
    a = np.frombuffer(raw, np.uint8)
    quotes = a == _QUOTE
    escapers: Positions | None = None
    backslashes = b"\\" in raw
    if flavour.escapes and backslashes:
        escapers = _escapers(a)
        quotes[escapers[escapers < len(a) - 1] + 1] = False
    inside = _parity(quotes)
    text = (a | (0 - inside)).tobytes()
    for head in heads:
        if head in text:
            text = text.replace(head, b")," + b" " * (len(head) - 3) + b"(")
    return Blanked(raw, text, escapers, len(raw) if sound else _limit(text, np.frombuffer(text, np.uint8)))


def _limit(text: bytes, m: Bytes) -> int:
    """Return where rows cease to be sound."""
    limit = len(m)
    for special in _SPECIALS:
        found = text.find(special, 0, limit)
        limit = found if found >= 0 else limit
    if limit < 2:
        return limit
    head, tail = m[: limit - 1], m[1:limit]
    white = (head <= 32) | (head == _COMMA)
    bad = (tail == _IN) & ~(white | (head == _OPEN) | (head >= _GONE) | (head == _QUOTE) | (head == 78))
    bad |= (head == _QUOTE) & ~((tail <= 32) | (tail == _COMMA) | (tail == 41) | (tail >= _GONE))
    bad |= (head == 45) & (tail == 45)
    if bad.any():
        limit = int(np.argmax(bad))
    return limit


@dataclass(frozen=True, slots=True)
class Clean:
    """Rows `first` to `last` (0-based, excluded) of a window, as delimited bytes."""

    first: int
    last: int
    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Converted:
    """A window's rows: where each begins and ends in it, and the clean ones as bytes, in order."""

    opens: Positions = field(repr=False)
    closes: Positions = field(repr=False)
    clean: list[Clean] = field(repr=False)
    quoted: bool
    """Cells are quoted where need be."""


def convert(window: Blanked, end: int, width: int, *, quoted: bool) -> Converted:
    """Return the rows before `end` (as `rows_end` gave it); those of other than `width` cells are not clean."""
    layout = _layout(window, end, width)
    found = None if quoted else _plain(layout)
    if found is None:
        return Converted(layout.opens, layout.closes, _quoted(window, end, width, layout), quoted=True)
    return Converted(layout.opens, layout.closes, found, quoted=False)


@dataclass(slots=True)
class _Layout:
    """Where things stand in a window's rows."""

    a: Bytes
    m: Bytes
    opens: Positions
    closes: Positions
    commas: Positions
    gaps: Positions
    """Commas between rows."""
    dirty: NDArray[np.bool_]
    escapers: Positions | None


def _layout(window: Blanked, end: int, width: int) -> _Layout:
    text = _without_words(window.text[:end], flat=window.spans is not None)
    m = np.frombuffer(text, np.uint8)
    opens, closes, dirty = _spans(text, m, window.spans)
    commas = np.flatnonzero(m == _COMMA)
    gaps = _gaps(opens, closes, commas, width)
    if gaps is None:
        row = np.searchsorted(closes, commas)
        between = commas < opens[row]
        gaps = commas[between]
        dirty |= np.bincount(row[~between], minlength=len(closes)) != width - 1
    if text.translate(None, _ALLOWED):
        dirty[_rows(closes, _odd_places(text))] = True
    _spaces(m, closes, dirty)
    escapers = window.escapers
    if escapers is not None:
        escapers = escapers[escapers < end - 1]
    return _Layout(np.frombuffer(window.raw, np.uint8)[:end], m, opens, closes, commas, gaps, dirty, escapers)


def _odd_places(text: bytes) -> Positions:
    """Return where something stands outside strings that is no number and no truth value."""
    for word in (b"true", b"false", b"TRUE", b"FALSE"):
        text = text.replace(word, b"0" * len(word))
    m = np.frombuffer(text, np.uint8)
    places = np.flatnonzero(_ODD[m])
    places = places[places < len(m) - 1]
    exponents = ((m[places] | 32) == 101) & _DIGITS[m[places - 1]] & _SIGNED[m[places + 1]]
    odd: Positions = places[~exponents]
    return odd


def _without_words(text: bytes, *, flat: bool) -> bytes:
    """Blank out NULL, DEFAULT, the N of N'…', and what stands around the literal of a CAST."""
    text = text.replace(b"NULL", _FOUR)
    if not text.translate(None, _ALLOWED):
        return text
    if not flat and (b"CAST(" in text or b"cast(" in text):
        text = _CAST.sub(_uncast, text)
    text = text.replace(b"null", _FOUR).replace(b"DEFAULT", bytes((_GONE,)) * 7)
    return text.replace(b"N\xff", bytes((_GONE, _IN)))


def _uncast(match: re.Match[bytes]) -> bytes:
    """Blank out what stands around the literal of a CAST."""
    gone = bytes((_GONE,))
    return gone * len(match[1]) + match[2] + gone * len(match[3])


def _rows(closes: Positions, places: Positions) -> Positions:
    return np.searchsorted(closes, places)


def _spans(
    text: bytes, m: Bytes, known: tuple[Positions, Positions] | None
) -> tuple[Positions, Positions, NDArray[np.bool_]]:
    """Return where rows open and close, and which hold parentheses of their own."""
    if known is not None:
        return *known, np.zeros(len(known[0]), np.bool_)
    opens = np.flatnonzero(m == _OPEN)
    spans = np.array([match.span() for match in _ROW.finditer(text)], np.intp).reshape(-1, 2)
    outer, ends = spans[:, 0], spans[:, 1] - 1
    counts = np.searchsorted(opens, ends) - np.searchsorted(opens, outer)
    return outer, ends, np.asarray(counts > 1, np.bool_)


def _gaps(opens: Positions, closes: Positions, commas: Positions, width: int) -> Positions | None:
    """Return the commas between rows if each row holds `width - 1` others, None if not."""
    rows = len(opens)
    if len(commas) != rows * width - 1:
        return None
    gaps = commas[width - 1 :: width]
    if not ((closes[:-1] < gaps) & (gaps < opens[1:])).all():
        return None
    if width > 1 and not ((commas[::width] > opens).all() and (commas[width - 2 :: width] < closes).all()):
        return None
    return gaps


def _spaces(m: Bytes, closes: Positions, dirty: NDArray[np.bool_]) -> None:
    """Mark rows with white space that stands neither after a comma or `(` nor before a comma or `)`."""
    white = m <= 32
    if not white.any():
        return
    first = np.flatnonzero(white[1:] & ~white[:-1])
    last = np.flatnonzero(white[:-1] & ~white[1:])
    apart = ~_LEFT_OF_SPACE[m[first]] & ~_RIGHT_OF_SPACE[m[last + 1]]
    if apart.any():
        dirty[_rows(closes, first[apart])] = True


def _runs(dirty: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Return the runs of rows that are not dirty."""
    if not dirty.any():
        return [(0, len(dirty))]
    edges = np.flatnonzero(np.diff(np.concatenate(([True], dirty, [True])).view(np.int8)))
    return [(int(first), int(last)) for first, last in edges.reshape(-1, 2)]


def _marks(layout: _Layout) -> tuple[Bytes, NDArray[np.bool_], NDArray[np.bool_], NDArray[np.bool_]]:
    """Return the bytes with delimiters and escapes put in, which to keep, and where strings open and close."""
    m = layout.m
    out = layout.a.copy()
    out[layout.commas] = _DELIMITER
    out[layout.closes] = 10
    inside = m == _IN
    starts = inside.copy()
    starts[1:] &= ~inside[:-1]
    ends = m == _QUOTE
    keep = ~((m == _OPEN) | (m <= 32) | (m == _GONE) | ends | starts)
    doubled = np.flatnonzero(starts[1:] & ends[:-1]) + 1
    if len(doubled):
        keep[doubled] = True
        starts[doubled] = False
        ends[doubled - 1] = False
    keep[layout.gaps] = False
    escapers = layout.escapers
    if escapers is not None and len(escapers):
        escaped = escapers + 1
        meant = out[escaped]
        keep[escapers] = (meant == 37) | (meant == 95)
        out[escaped] = _UNESCAPE[meant]
        keep[escaped] = meant != 48
    return out, keep, starts, ends


def _plain(layout: _Layout) -> list[Clean] | None:
    """Return the clean rows, cells not quoted; None when a cell holds a line break or the delimiter."""
    out, keep, _, _ = _marks(layout)
    found: list[Clean] = []
    for first, last in _runs(layout.dirty):
        start, end = int(layout.opens[first]), int(layout.closes[last - 1]) + 1
        data = out[start:end][keep[start:end]].tobytes()
        rows = last - first
        commas = np.searchsorted(layout.commas, (start, end))
        delimiters = int(commas[1] - commas[0]) - (rows - 1)
        if data.count(b"\n") != rows or b"\r" in data or data.count(b"\x1f") != delimiters:
            return None
        found.append(Clean(first, last, data.replace(b"\0", b"") if b"\0" in data else data))
    return found


def _quoted(window: Blanked, end: int, width: int, layout: _Layout) -> list[Clean]:
    """Return the clean rows with every string in quotes, the quotes in them doubled."""
    raw = window.raw[:end]
    if b'"' in raw:
        text = window.text[:end]
        a = np.frombuffer(raw, np.uint8)
        twice = np.where(a == 34, 2, 1)
        places = np.cumsum(twice) - twice
        raw = raw.replace(b'"', b'""')
        escapers = window.escapers
        if escapers is not None:
            escapers = escapers[escapers < end]
            escapers = places[escapers]
        text = np.repeat(np.frombuffer(text, np.uint8), twice).tobytes()
        moved_spans = None
        if window.spans is not None:
            moved_spans = places[window.spans[0]], places[window.spans[1]]
        layout = _layout(Blanked(raw, text, escapers, len(raw), moved_spans), len(raw), width)
    out, keep, starts, ends = _marks(layout)
    edges = starts | ends
    out[edges] = 34
    keep |= edges
    found: list[Clean] = []
    for first, last in _runs(layout.dirty):
        start, stop = int(layout.opens[first]), int(layout.closes[last - 1]) + 1
        data = out[start:stop][keep[start:stop]].tobytes()
        found.append(Clean(first, last, data.replace(b"\0", b"") if b"\0" in data else data))
    return found
