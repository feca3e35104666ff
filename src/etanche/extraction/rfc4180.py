r"""Rows of a part as RFC 4180 text: UTF-8, comma, LF, quotes only where a cell needs them.

1. A cell is quoted when it holds a comma, a quote or a line break; a quote in it is doubled.  What the part has
   already quoted stays so.
2. The one empty cell of a row of one column is written `""`: most programs take an empty line for no row.
3. Cells are not changed.  Only a lone surrogate, which JSON allows and UTF-8 cannot spell, is written as JSON does
   (`\ud83d`).
4. Whole arrays, no loop over rows, in blocks that fit the cache.

    >>> b"".join(comma_separated(b"1;Brest, Quimper\n", Dialect(";"), 2))
    b'1,"Brest, Quimper"\n'
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from etanche.model import Dialect

_BLOCK = 1 << 17
_LF, _CR, _QUOTE, _COMMA = 10, 13, 34, 44
_SURROGATE = re.compile(rb"\xed[\xa0-\xbf][\x80-\xbf]")

Bytes = NDArray[np.uint8]
Positions = NDArray[np.intp]


def header_line(names: Sequence[str]) -> bytes:
    """Return the line of column names."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerow(names)
    return text.getvalue().encode("utf-8", "backslashreplace")


def comma_separated(data: bytes, dialect: Dialect, columns: int) -> Iterator[bytes]:
    """Yield the rows of a part (UTF-8, LF, `dialect`; `columns` cells each) as RFC 4180 text, block after block."""
    for block in blocks(data, quoted=dialect.quote != ""):
        yield _rewritten(spelt(block), dialect, columns)


def blocks(data: bytes, *, quoted: bool, size: int = _BLOCK) -> Iterator[bytes]:
    """Cut rows into blocks of about `size` bytes, each of whole records."""
    start, total = 0, len(data)
    if total <= size:
        yield data
        return
    while start < total:
        end = data.find(b"\n", start + size) + 1 or total
        if quoted:
            odd = data.count(b'"', start, end) % 2
            while odd and end < total:
                after = data.find(b"\n", end) + 1 or total
                odd = (odd + data.count(b'"', end, after)) % 2
                end = after
        yield data[start:end]
        start = end


def spelt(block: bytes) -> bytes:
    """Return a block as UTF-8 that every program takes: surrogates spelt, in pairs as the character that they mean."""
    if b"\xed" not in block or not _SURROGATE.search(block):
        return block
    units = block.decode("utf-8", "surrogatepass").encode("utf-16-le", "surrogatepass")
    return units.decode("utf-16-le", "surrogatepass").encode("utf-8", "backslashreplace")


def _rewritten(block: bytes, dialect: Dialect, columns: int) -> bytes:
    """Return one block of whole records as RFC 4180 text."""
    if columns == 1:
        return _one_column(block, quoted=dialect.quote != "")
    if dialect.quote:
        return _quoted(block, ord(dialect.delimiter))
    return _unquoted(block, ord(dialect.delimiter))


def _unquoted(block: bytes, delimiter: int) -> bytes:
    """Rewrite rows in which quotes are characters like others."""
    special = [mark for mark in b'",\r' if mark != delimiter and mark in block]
    if not special:
        return _translated(block, delimiter)
    a = np.frombuffer(block, np.uint8)
    places = _places(a, special)
    edges = _places(a, [delimiter, _LF])
    return _with_quotes(_translated(block, delimiter), edges, places, a)


def _quoted(block: bytes, delimiter: int) -> bytes:
    """Rewrite rows in which cells may be quoted, strictly."""
    others = [mark for mark in b",\r" if mark != delimiter and mark in block]
    if delimiter == _COMMA and not others:
        return block
    if b'"' not in block:
        return _unquoted(block, delimiter)
    a = np.frombuffer(block, np.uint8)
    inside = np.bitwise_xor.accumulate((a == _QUOTE).view(np.uint8)).view(np.bool_)
    edges = _places(a, [delimiter, _LF])
    edges = edges[~inside[edges]]
    # A delimiter between quotes stays what it is.
    text = a.copy()
    text[edges[a[edges] == delimiter]] = _COMMA
    if not others:
        return text.tobytes()
    places = _places(a, others)
    return _with_quotes(text, edges, places[~inside[places]], a)


def _one_column(block: bytes, *, quoted: bool) -> bytes:
    """Rewrite rows of one cell: nothing separates, empty rows are to be seen."""
    if quoted:
        a = np.frombuffer(block, np.uint8)
        inside = np.bitwise_xor.accumulate((a == _QUOTE).view(np.uint8)).view(np.bool_)
        edges = np.flatnonzero((a == _LF) & ~inside)
        places = _places(a, [_COMMA, _CR])
        places = places[~inside[places]]
    elif b'"' in block or b"," in block or b"\r" in block or b"\n\n" in block or block.startswith(b"\n"):
        a = np.frombuffer(block, np.uint8)
        edges = np.flatnonzero(a == _LF)
        places = _places(a, [_QUOTE, _COMMA, _CR])
    else:
        return block
    starts = np.concatenate(([0], edges[:-1] + 1)) if len(edges) else edges
    empty = edges[starts == edges]
    return _with_quotes(block, edges, np.union1d(places, empty), a)


def _places(a: Bytes, marks: Sequence[int]) -> Positions:
    """Return where any of some bytes stands."""
    found = a == marks[0]
    for mark in marks[1:]:
        found |= a == mark
    return np.flatnonzero(found)


def _translated(block: bytes, delimiter: int) -> bytes:
    return block if delimiter == _COMMA else block.replace(bytes([delimiter]), b",")


def _with_quotes(text: bytes | Bytes, edges: Positions, places: Positions, a: Bytes) -> bytes:
    """Return `text` with quotes around the cells in which `places` stand, and those quotes among them doubled.

    A cell ends where an edge stands; `a` is the text as it was.
    """
    cells = np.unique(np.searchsorted(edges, places))
    starts = np.where(cells > 0, edges[cells - 1] + 1, 0)
    added = np.concatenate((starts, edges[cells], places[a[places] == _QUOTE]))
    added.sort()
    old = text if isinstance(text, np.ndarray) else np.frombuffer(text, np.uint8)
    new = np.full(len(old) + len(added), _QUOTE, np.uint8)
    kept = np.ones(len(new), np.bool_)
    kept[added + np.arange(len(added))] = False
    new[kept] = old
    return new.tobytes()
