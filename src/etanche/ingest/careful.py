"""The careful path: one difficult line at a time, quotes and all.

A line comes here because the fast path could not vouch for it.  In this order:

1. The line is read with its quotes: a quote opens at the start of a cell and closes before a delimiter or the line's
   end; a doubled (or escaped) quote inside is a quote.  The right number of cells makes a row.
2. A quote still open at the line's end: following lines are joined while none is a complete row on its own, up to a
   bound; the quote must close, and the record have exactly the right number of cells.
3. Else quotes are taken literally: first those that never close, then all.  The right number of cells makes a row.
4. Where the table's columns are known (`columns`), lines of doubtful quotes are read in the way that fits them best,
   and lines of too many or too few cells are put right when there is one way only (`ragged`).
5. Else the line is set aside, with the reason.  A stray quote never swallows another line.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from etanche.ingest import ragged
from etanche.ingest.columns import Columns
from etanche.model import QuarantineReason as Why

OUT = "\x1f"
"""What separates cells that a delimiter of several characters separated in the leaked text."""
_SPACE_QUOTE = re.compile(r" +(?=[\"'])")
_DOUBT_CHARS = 100_000
"""A longer line is not worth reading in every way."""
_OTHERS = (";", ",", "\t", "|", " ")


@dataclass(frozen=True, slots=True)
class Shape:
    """What a row of the table looks like."""

    cells: int
    delimiter: str
    quote: str = '"'
    doublequote: bool = True
    """False: a quote inside a quoted cell is written with a backslash."""
    pad: str = ""
    """Spaces that are layout and no part of cells: "after" delimiters, or on "both" sides; none by default."""

    @property
    def out(self) -> str:
        """Return the one character that separates cells once they are read."""
        return self.delimiter if len(self.delimiter) == 1 else OUT

    @property
    def loose(self) -> bool:
        """Tell whether lines cannot go out as they came in."""
        return bool(self.pad) or len(self.delimiter) > 1

    def bare(self, cell: str, *, first: bool = False) -> str:
        """Return a cell that no quotes enclose without the spaces that are layout."""
        if not self.pad or (first and self.pad == "after"):
            return cell
        return cell.strip(" ") if self.pad == "both" else cell.lstrip(" ")

    def squeezed(self, text: str) -> str:
        """Return lines without quotes as they go out."""
        if self.pad:
            d = re.escape(self.delimiter)
            text = re.sub(rf" *{d} *" if self.pad == "both" else rf"{d} +", lambda _: self.delimiter, text)
        return text.replace(self.delimiter, self.out)


@dataclass(frozen=True, slots=True)
class Parsed:
    """Cells of one line or record; `open` when a quote never closed, `stray` when one had to be taken literally."""

    cells: list[str] = field(repr=False)
    open: bool
    stray: bool


@dataclass(frozen=True, slots=True)
class Row:
    """Cells of one record and how many lines it takes."""

    cells: list[str] = field(repr=False)
    lines: int
    realigned: bool = False
    """The line held another number of cells."""


def parse(text: str, shape: Shape, *, lenient: bool = False) -> Parsed:
    """Split a line at delimiters outside quotes.  `lenient`: a quote that never closes is a character like another."""
    delimiter, quote, size, step = shape.delimiter, shape.quote, len(text), len(shape.delimiter)
    if quote not in text:
        cells = text.split(delimiter)
        bare = [shape.bare(cell, first=k == 0) for k, cell in enumerate(cells)] if shape.pad else cells
        return Parsed(bare, open=False, stray=False)
    if not lenient and shape.doublequote and not shape.pad and step == 1 and (found := _plain(text, delimiter, quote)):
        return Parsed(found, open=False, stray=False)
    cells = []
    at, stray, literal = 0, False, False
    while True:
        start = at
        if size > at and text[at] == " " and delimiter != " ":
            blank = _SPACE_QUOTE.match(text, at)
            start = blank.end() if blank else at
        if not literal and start < size and text[start] == quote:
            close, untidy = _close(text, start + 1, shape)
            if close >= 0:
                cell = _unescape(text[start + 1 : close], shape)
                cells.append(ragged.Quoted(cell) if lenient else cell)
                stray = stray or untidy
                at = text.find(delimiter, close + 1)
                if at < 0:
                    return Parsed(cells, open=False, stray=stray)
                at += step
                continue
            if not lenient:
                return Parsed(cells, open=True, stray=True)
            # No later quote closes either: looking again for each would take the square of the line's length.
            stray = literal = True
        end = text.find(delimiter, at)
        if end < 0:
            cells.append(shape.bare(text[at:], first=not cells))
            return Parsed(cells, open=False, stray=stray)
        cells.append(shape.bare(text[at:end], first=not cells))
        at = end + step


def _plain(text: str, delimiter: str, quote: str) -> list[str]:
    """Return the cells of a line with quotes that Python's reader splits the same way, [] where it might not."""
    spaced = " " + quote in text and delimiter != " " and (text[0] == " " or delimiter + " " in text)
    if spaced or text[-1] in "\r\n":
        return []
    try:
        return next(csv.reader((text,), delimiter=delimiter, quotechar=quote, strict=True))
    except csv.Error:
        return []


def _close(text: str, at: int, shape: Shape) -> tuple[int, bool]:
    """Return where the quoted cell that began before `at` closes (-1: never), and whether stray quotes lie inside."""
    quote, delimiter, size = shape.quote, shape.delimiter, len(text)
    untidy = False
    while True:
        at = text.find(quote, at)
        if at < 0:
            return -1, untidy
        if not shape.doublequote and _escaped(text, at):
            at += 1
            continue
        after = at + 1
        if shape.doublequote and after < size and text[after] == quote:
            at += 2
            continue
        while delimiter != " " and after < size and text[after] == " ":
            after += 1
        if after >= size or text.startswith(delimiter, after):
            return at, untidy
        untidy = True
        at += 1


def _escaped(text: str, at: int) -> bool:
    """Tell whether an odd number of backslashes precedes a place."""
    count = 0
    while at - count > 0 and text[at - count - 1] == "\\":
        count += 1
    return count % 2 == 1


def _unescape(cell: str, shape: Shape) -> str:
    if shape.doublequote:
        return cell.replace(shape.quote * 2, shape.quote)
    return cell.replace("\\" + shape.quote, shape.quote)


def complete(text: str, shape: Shape) -> bool:
    """Tell whether a line is a row on its own, with its quotes or without."""
    if text.count(shape.delimiter) == shape.cells - 1:
        return True
    parsed = parse(text, shape)
    return not parsed.open and len(parsed.cells) == shape.cells


def resolve(
    text: str,
    following: Callable[[int], str | None],
    shape: Shape,
    join_lines: int,
    join_chars: int,
    columns: Columns | None = None,
) -> Row | Why:
    """Return the row that begins with `text`, or why there is none.

    `following(k)` gives the text of the k-th line after, None where there is none or where it cannot be read.
    """
    parsed = parse(text, shape)
    if not parsed.open and len(parsed.cells) == shape.cells:
        doubtful = columns is not None and len(text) < _DOUBT_CHARS and _doubtful(text, shape)
        return Row(_best(text, shape, parsed.cells, columns) if columns and doubtful else parsed.cells, 1)
    if parsed.open:
        joined = _join(text, following, shape, join_lines, join_chars)
        if joined is not None:
            return joined
        lenient = parse(text, shape, lenient=True)
        if len(lenient.cells) == shape.cells:
            return Row(_best(text, shape, lenient.cells, columns) if columns else lenient.cells, 1)
    return _last_resort(text, shape, parsed, columns)


def _last_resort(text: str, shape: Shape, parsed: Parsed, columns: Columns | None) -> Row | Why:
    """Return the row of a line with all its quotes as characters, or put right; or why there is none."""
    plain = literal(text, shape)
    if isinstance(plain, Row):
        return Row(_best(text, shape, plain.cells, columns), 1) if columns else plain
    if columns is not None and len(text) < _DOUBT_CHARS:
        cells, realigned = _put_right(text, shape, columns)
        if cells:
            return Row(cells, 1, realigned)
    if parsed.open or parsed.stray:
        return Why.UNBALANCED_QUOTE
    return Why.TOO_FEW_CELLS if len(parsed.cells) < shape.cells else Why.TOO_MANY_CELLS


def _doubtful(text: str, shape: Shape) -> bool:
    """Tell whether a quote stands at the edge of a cell, and another where none should."""
    quote, delimiter = shape.quote, shape.delimiter
    if quote not in text:
        return False
    if text[0] == quote or delimiter + quote in text:
        return not ragged.tidy(text, delimiter, quote)
    return text[-1] == quote or quote + delimiter in text


def _opens(text: str, shape: Shape) -> bool:
    """Tell whether a quote stands where a cell begins, spaces apart."""
    quote, delimiter = shape.quote, shape.delimiter
    return (
        text[0] == quote
        or delimiter + quote in text
        or (" " + quote in text and (text.lstrip(" ")[0] == quote or delimiter + " " in text))
    )


def _readings(text: str, shape: Shape) -> list[tuple[float, list[str]]]:
    """Return the ways to read a line, each with its price."""
    ways = [(0.0, parse(text, shape, lenient=True).cells)]
    if shape.pad:
        text = replace(shape, delimiter=shape.out).squeezed(text) if len(shape.delimiter) == 1 else text
    if shape.quote in text:
        if "\\" + shape.quote in text:
            other = replace(shape, doublequote=not shape.doublequote)
            ways.append((-0.2, parse(text, other, lenient=True).cells))
        ways += ragged.readings(text, shape.delimiter, shape.quote)
    return ways


def _best(text: str, shape: Shape, cells: list[str], columns: Columns | None) -> list[str]:
    """Return the reading of the right number of cells that fits best; `cells` where none is better."""
    if columns is None or not _doubtful(text, shape):
        return cells
    fit = columns.fit(cells)
    best = (fit, cells)
    # Quotes that begin no cell leave one way to read a line of the right number of cells.
    one = not shape.pad and text.count(shape.delimiter) == shape.cells - 1 and not _opens(text, shape)
    for price, found in () if one else _readings(text, shape):
        if len(found) == shape.cells and found != cells:
            best = max(best, (columns.fit(found) - price, found), key=lambda one: one[0])
    if best[0] < columns.floor:
        put, _ = _put_right(text, shape, columns, least=best[0] + 1)
        return put or best[1]
    return best[1]


def _put_right(text: str, shape: Shape, columns: Columns, least: float = -1e9) -> tuple[list[str], bool]:
    """Return the row that a line of another number of cells makes when there is one way only, and whether it was moved.

    A line that another delimiter splits better is read with that one.
    """
    found = _aligned(text, shape, columns, least)
    if found[0] or (text.count(shape.delimiter) + 1) * 3 > shape.cells * 2:
        return found
    for other in _OTHERS:
        if other != shape.delimiter and text.count(other) >= shape.cells - 1:
            found = _aligned(text, replace(shape, delimiter=other), columns, least)
            if found[0]:
                return found[0], True
    return [], False


def _aligned(text: str, shape: Shape, columns: Columns, least: float) -> tuple[list[str], bool]:
    """Return the best row of all readings with one delimiter, nothing when it is not sure."""
    best: tuple[float, list[str], bool, bool] = (least, [], False, False)
    seen: list[list[str]] = []
    for price, cells in _readings(text, shape):
        if cells in seen:
            continue
        seen.append(cells)
        if len(cells) == shape.cells:
            best = max(best, (columns.fit(cells) - price, cells, True, False), key=lambda one: one[0])
        elif len(cells) * 2 > shape.cells:
            found = ragged.align(cells, columns, shape.delimiter, spaced=shape.delimiter == " ")
            if found and found.score - price > best[0]:
                best = (found.score - price, found.cells, found.sure, True)
    _, cells, sure, moved = best
    return (cells, moved) if sure and columns.fits(cells) else ([], False)


def literal(text: str, shape: Shape) -> Row | Why:
    """Return the row of a line whose quotes are characters like others, or why there is none."""
    cells = text.split(shape.delimiter)
    if len(cells) == shape.cells:
        return Row([shape.bare(cell, first=k == 0) for k, cell in enumerate(cells)] if shape.pad else cells, 1)
    return Why.TOO_FEW_CELLS if len(cells) < shape.cells else Why.TOO_MANY_CELLS


def _join(
    text: str, following: Callable[[int], str | None], shape: Shape, join_lines: int, join_chars: int
) -> Row | None:
    """Return the record that `text` and the lines after it make, None when they make none."""
    pieces, size = [text], len(text)
    whole = complete(text, shape)
    for k in range(1, join_lines):
        line = following(k)
        if line is None or _stands_alone(line, shape, whole=whole):
            return None
        pieces.append(line)
        size += len(line) + 1
        if size > join_chars:
            return None
        if shape.quote not in line:
            continue
        parsed = parse("\n".join(pieces), shape)
        if not parsed.open:
            return Row(parsed.cells, k + 1) if len(parsed.cells) == shape.cells else None
    return None


def _stands_alone(line: str, shape: Shape, *, whole: bool) -> bool:
    """Tell whether a line inside an open quote is rather a row of its own.

    With one column only a quote tells.  A line that has the right number of cells but begins by closing a quote goes
    on what came before, unless that was a `whole` row as well.
    """
    if shape.cells == 1:
        return line.startswith(shape.quote)
    return complete(line, shape) and (whole or not _closes_first(line, shape))


def _closes_first(line: str, shape: Shape) -> bool:
    """Tell whether a line, read from inside quotes, closes them properly before anything else."""
    at, untidy = _close(line, 0, shape)
    return at >= 0 and not untidy


def write(cells: list[str], delimiter: str) -> tuple[str, bool]:
    """Return the cells as one well-formed line without its end, and whether a cell had to be quoted."""
    line = delimiter.join(cells)
    if '"' not in line and "\n" not in line and "\r" not in line and line.count(delimiter) == len(cells) - 1:
        return line, False
    ends = "\n" in line or "\r" in line
    quoted = [
        '"' + cell.replace('"', '""') + '"'
        if '"' in cell or delimiter in cell or (ends and ("\n" in cell or "\r" in cell))
        else cell
        for cell in cells
    ]
    return delimiter.join(quoted), True
