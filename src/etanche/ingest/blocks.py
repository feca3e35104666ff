"""The fast path: which lines of a block are clean, by whole-array operations and no loop over lines.

A line is clean when it can go on untouched (but for its encoding and its line end):

1. it holds exactly one delimiter fewer than the table has columns, outside quotes;
2. its quotes, if any, are strictly well-formed: each opens after a delimiter or the line's start, closes before a
   delimiter or the line's end, and is doubled inside;
3. it holds no NUL, no carriage return but at its end, and is not too long.

A record over several lines is clean when its quotes open in the first and close in the last, the lines between hold
none, and no line of it could be a row of its own.

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
    spans: list[tuple[int, int]] = field(repr=False)
    """First and last line of each clean record that takes several lines, in order."""
    raw: bool
    """Clean lines hold quotes that are mere characters."""
    quoted: bool
    """Clean lines hold quotes that quote."""


def classify(block: bytes, shape: Shape, long: int, join: int) -> Lines:
    """Classify the lines of a block of whole lines, each ended by LF.

    A line or record longer than `long` bytes is dirty; records take at most `join` lines (1: look for none).
    """
    a = np.frombuffer(block, np.uint8)
    ends = np.flatnonzero(a == LF)
    starts = np.empty_like(ends)
    starts[:1] = 0
    starts[1:] = ends[:-1] + 1
    delimiter = ord(shape.delimiter)
    raw = quoted = False
    spans: list[tuple[int, int]] = []
    if b'"' in block or (shape.quote != '"' and shape.quote.encode() in block):
        bad, raw, spans = _with_quotes(a, ends, shape, join)
        quoted = not raw
    else:
        bad = _count(a == delimiter, ends) != shape.cells - 1
    if b"\0" in block:
        bad[np.searchsorted(ends, np.flatnonzero(a == 0))] = True
    if b"\r" in block and block.count(b"\r") != np.count_nonzero(a[ends[ends > 0] - 1] == CR):
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
    if spans:
        spans = _sound(spans, bad, starts, ends, long)
    dirty: list[int] = np.flatnonzero(bad).tolist() if bad.any() else []
    return Lines(starts, ends, dirty, spans, raw, quoted)


def _sound(
    spans: list[tuple[int, int]], bad: Mask, starts: Positions, ends: Positions, long: int
) -> list[tuple[int, int]]:
    """Keep the records of which no line is bad; all lines of the others become so."""
    kept: list[tuple[int, int]] = []
    for first, last in spans:
        if bad[first : last + 1].any() or ends[last] - starts[first] > long:
            bad[first : last + 1] = True
        else:
            kept.append((first, last))
    return kept


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


def _with_quotes(
    a: NDArray[np.uint8], ends: Positions, shape: Shape, join: int
) -> tuple[Mask, bool, list[tuple[int, int]]]:
    """Return which lines of a block with quotes are bad, whether its quotes are mere characters, and records."""
    masks = _masks(a, shape)
    edge = masks.after_separator | masks.before_edge
    if shape.quote != '"':
        bad = _count(masks.delimiters, ends) != shape.cells - 1
        suspect = masks.quotes | ((a == ord(shape.quote)) & edge)
        bad[np.searchsorted(ends, np.flatnonzero(suspect))] = True
        return bad, False, []
    if not (masks.quotes & edge).any():
        return _count(masks.delimiters, ends) != shape.cells - 1, True, []
    per_line = _count(masks.quotes, ends)
    inside = _inside(masks.quotes, ends, (per_line & 1).astype(np.bool_))
    spans: list[tuple[int, int]] = []
    if join > 1 and (per_line & 1).any():
        spans = _records(masks, inside, ends, per_line, shape.cells - 1, join)
        if spans:
            alone = (per_line & 1).astype(np.bool_)
            alone[np.array(spans).ravel()] = False
            inside = _inside(masks.quotes, ends, alone)
    return _ill_formed(a, ends, masks, inside, shape, spans), False, spans


def _inside(quotes: Mask, ends: Positions, reset: Mask) -> Mask:
    """Tell for each byte whether it is inside quotes; an opening quote is, a closing one is not.

    After the lines of `reset`, which have an odd number of quotes, parity starts anew.
    """
    toggles = quotes.view(np.uint8)
    if reset.any():
        toggles = toggles.copy()
        toggles[ends[reset]] = 1
    return (np.cumsum(toggles, dtype=np.uint8) & 1).astype(np.bool_)


def _count(mask: Mask, ends: Positions) -> Positions:
    """Count by line the bytes where a mask holds.

    As bits, 64 to a number, of which the processor counts the ones: a quarter of the time of listing their places.
    """
    packed = np.packbits(mask, bitorder="little")
    words = np.zeros(len(packed) // 8 + 1, "<u8")
    words.view(np.uint8)[: len(packed)] = packed
    before = np.zeros(len(words) + 1, np.intp)
    np.cumsum(np.bitwise_count(words), out=before[1:])
    at, bit = ends >> 6, (ends & 63).astype(np.uint64)
    within = np.bitwise_count(words[at] & ((np.uint64(1) << bit) - np.uint64(1)))
    return np.asarray(np.diff(before[at] + within, prepend=0), np.intp)


def _records(
    masks: _Masks, inside: Mask, ends: Positions, quotes: Positions, wanted: int, join: int
) -> list[tuple[int, int]]:
    """Return pairs of lines, each with an odd number of quotes, between which a record may stretch."""
    odd = np.flatnonzero(quotes & 1)
    outer = _count(masks.delimiters & ~inside, ends)
    every = _count(masks.delimiters, ends)
    first, last = odd[:-1], odd[1:]
    # Read from inside a quote, a closing line's delimiters change places: the inner ones are the outer ones.
    fits = (outer[first] + every[last] - outer[last] == wanted) & (last - first < join)
    # Where both could be rows of their own, only the careful path may judge.
    fits &= (every[first] != wanted) | (every[last] != wanted)
    cumulated = np.concatenate(([0], np.cumsum((quotes > 0) | (every == wanted))))
    fits &= cumulated[last] == cumulated[first + 1]
    spans: list[tuple[int, int]] = []
    free = 0
    for k in np.flatnonzero(fits).tolist():
        if k >= free:
            spans.append((int(first[k]), int(last[k])))
            free = k + 2
    return spans


def _ill_formed(
    a: NDArray[np.uint8], ends: Positions, masks: _Masks, inside: Mask, shape: Shape, spans: list[tuple[int, int]]
) -> Mask:
    """Tell for each line whether its quotes or its count of cells are wrong."""
    quotes = masks.quotes
    wrong = quotes & inside & ~(masks.after_separator | _after(quotes, False))
    wrong |= quotes & ~inside & ~(masks.before_edge | _before(quotes, False))
    if not shape.doublequote:
        # A backslash before a quote means something else here: let the careful path see it.
        wrong[1:] |= quotes[1:] & (a[:-1] == ord("\\"))
    counts = _count(masks.delimiters & ~inside, ends)
    # `_records` has counted the delimiters of records, and an odd number of quotes is what makes them.
    bad = (counts != shape.cells - 1) | (_count(quotes, ends) & 1).astype(np.bool_)
    bad[_within(spans, len(ends))] = False
    bad[np.searchsorted(ends, np.flatnonzero(wrong))] = True
    return np.asarray(bad, np.bool_)


def _within(spans: list[tuple[int, int]], lines: int) -> Mask:
    """Tell for each line whether it belongs to a record."""
    steps = np.zeros(lines + 1, np.int8)
    if spans:
        both = np.array(spans)
        steps[both[:, 0]] += 1
        steps[both[:, 1] + 1] -= 1
    return np.cumsum(steps[:-1]).astype(np.bool_)
