"""The fast path: which lines of a block are clean, by whole-array operations and no loop over lines.

A line is clean when it can go on untouched (but for its encoding and its line end):

1. it holds exactly one delimiter fewer than the table has columns, outside quotes;
2. its quotes, if any, are strictly well-formed: each opens after a delimiter or the line's start, closes before a
   delimiter or the line's end, and is doubled inside;
3. it holds no NUL, no carriage return but at its end, and is not too long.

All other lines are dirty, and the careful path looks at them one by one.  In a block where quotes stand only inside
cells, never at their edges, they are characters like others: the block is `raw`, to be read without quoting.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from etanche.ingest.careful import Shape

Positions = NDArray[np.intp]
Mask = NDArray[np.bool_]

LF, CR, SPACE, QUOTE = 10, 13, 32, 34


@dataclass(frozen=True, slots=True)
class Lines:
    """The lines of a block: where each starts, where its LF stands, and the indices of the dirty ones, rising."""

    starts: Positions = field(repr=False)
    ends: Positions = field(repr=False)
    dirty: list[int] = field(repr=False)
    raw: bool
    """Clean lines hold quotes that are mere characters."""
    quoted: bool
    """Clean lines hold quotes that quote."""


def classify(block: bytes, shape: Shape, long: int) -> Lines:
    """Classify the lines of a block of whole lines, each ended by LF; a line longer than `long` bytes is dirty."""
    a = np.frombuffer(block, np.uint8)
    ends = np.flatnonzero(a == LF)
    starts = np.empty_like(ends)
    starts[:1] = 0
    starts[1:] = ends[:-1] + 1
    delimiter = ord(shape.delimiter)
    raw = quoted = False
    if b'"' in block or (shape.quote != '"' and shape.quote.encode() in block):
        bad, raw = _with_quotes(a, ends, starts, shape)
        quoted = not raw
    else:
        bad = _wrong_count(np.flatnonzero(a == delimiter), starts, ends, shape.cells - 1)
    if b"\0" in block:
        bad[np.searchsorted(ends, np.flatnonzero(a == 0))] = True
    if b"\r" in block and block.count(b"\r") != block.count(b"\r\n"):
        places = np.flatnonzero(a == CR)
        bad[np.searchsorted(ends, places[a[places + 1] != LF])] = True
        if raw:
            # A lone CR goes out between quotes, so quotes cannot be characters in this block.
            raw, quoted = False, True
            bad[np.searchsorted(ends, np.flatnonzero(a == QUOTE))] = True
    if len(ends) and int((ends - starts).max()) > long:
        bad |= (ends - starts) > long
    if shape.cells == 1:
        # Only here can a blank line have the right number of cells.
        bad |= a[starts] <= SPACE
    dirty: list[int] = np.flatnonzero(bad).tolist() if bad.any() else []
    return Lines(starts, ends, dirty, raw, quoted)


def _wrong_count(places: Positions, starts: Positions, ends: Positions, wanted: int) -> Mask:
    """Tell for each line whether it holds another number of `places` than wanted."""
    lines = len(ends)
    if wanted and len(places) == wanted * lines:
        # All lines are right when each line's first and last delimiter stand in it: far cheaper than counting.
        right = (places[::wanted] >= starts).all() and (places[wanted - 1 :: wanted] < ends).all()
        if right:
            return np.zeros(lines, np.bool_)
    counts = np.diff(np.searchsorted(places, ends), prepend=0)
    return np.asarray(counts != wanted, np.bool_)


@dataclass(frozen=True, slots=True)
class _Masks:
    """Places of a block that matter to quotes, one boolean a byte."""

    delimiters: Mask
    quotes: Mask
    after_separator: Mask
    """The byte before is a delimiter or a line end (or there is none)."""
    before_edge: Mask
    """The byte after is a delimiter or part of a line end (or there is none)."""


def _masks(a: NDArray[np.uint8], shape: Shape) -> _Masks:
    delimiters = a == ord(shape.delimiter)
    separators = delimiters | (a == LF)
    return _Masks(delimiters, a == QUOTE, _after(separators, True), _before(separators | (a == CR), True))


def _after(mask: Mask, first: bool) -> Mask:
    """Tell for each byte whether the mask holds at the byte before."""
    moved = np.empty(len(mask), np.bool_)
    moved[0] = first
    moved[1:] = mask[:-1]
    return moved


def _before(mask: Mask, last: bool) -> Mask:
    """Tell for each byte whether the mask holds at the byte after."""
    moved = np.empty(len(mask), np.bool_)
    moved[-1] = last
    moved[:-1] = mask[1:]
    return moved


def _with_quotes(a: NDArray[np.uint8], ends: Positions, starts: Positions, shape: Shape) -> tuple[Mask, bool]:
    """Return which lines of a block with quotes are bad, and whether its quotes are mere characters."""
    masks = _masks(a, shape)
    edge = masks.after_separator | masks.before_edge
    if shape.quote != '"':
        bad = _wrong_count(np.flatnonzero(masks.delimiters), starts, ends, shape.cells - 1)
        suspect = masks.quotes | ((a == ord(shape.quote)) & edge)
        bad[np.searchsorted(ends, np.flatnonzero(suspect))] = True
        return bad, False
    if not (masks.quotes & edge).any():
        return _wrong_count(np.flatnonzero(masks.delimiters), starts, ends, shape.cells - 1), True
    return _ill_formed(a, ends, starts, masks, shape), False


def _ill_formed(a: NDArray[np.uint8], ends: Positions, starts: Positions, masks: _Masks, shape: Shape) -> Mask:
    """Tell for each line whether its quotes or its count of cells are wrong (parity within the line)."""
    quotes = masks.quotes
    odd = (np.diff(np.searchsorted(np.flatnonzero(quotes), ends), prepend=0) & 1).astype(np.bool_)
    toggles = quotes.view(np.uint8)
    if odd.any():
        # The line end of a line with an odd number of quotes toggles once more: parity starts anew with each line.
        toggles = toggles.copy()
        toggles[ends[odd]] = 1
    # `inside` includes the place itself: an opening quote is inside, a closing one is not.
    inside = (np.cumsum(toggles, dtype=np.uint8) & 1).astype(np.bool_)
    wrong = quotes & inside & ~(masks.after_separator | _after(quotes, False))
    wrong |= quotes & ~inside & ~(masks.before_edge | _before(quotes, False))
    if not shape.doublequote:
        # A backslash before a quote means something else here: let the careful path see it.
        wrong[1:] |= quotes[1:] & (a[:-1] == ord("\\"))
    bad = _wrong_count(np.flatnonzero(masks.delimiters & ~inside), starts, ends, shape.cells - 1)
    bad |= odd
    bad[np.searchsorted(ends, np.flatnonzero(wrong))] = True
    return bad
