"""What stands above the rows of a delimited text: preamble, header of one line or several; and what its columns hold.

1. Lines above the header are a preamble only when a header was found (or when they are comments or `sep=`): else they
   are damaged rows, and the quarantine takes them.
2. A header row may lack cells or have empty ones too many; a row below is never taken for one by this.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from etanche.ingest import headers, ragged
from etanche.ingest.careful import Row, Shape, parse, resolve
from etanche.ingest.columns import LEAST_ROWS, Columns
from etanche.ingest.limits import Limits
from etanche.ingest.parts import spread

_PREAMBLE_MOST = 40
_PROFILED = 800
_HEADER_MOST = 5
_CONVINCING = 0.3
_TITLE_MOST = 8
_OTHERS = (";", ",", "\t", "|", " ")


def profile(places: list[list[str]], shape: Shape) -> Columns | None:
    """Return what the columns hold by the clean rows of all places, None where there are too few."""
    each = 2 * max(20, _PROFILED // len(places))
    rows: list[Sequence[str]] = [row for place in places for row in _body(spread(place, each), shape, each)]
    return Columns(spread(rows, _PROFILED)) if shape.cells > 1 and len(rows) >= LEAST_ROWS else None


@dataclass(frozen=True, slots=True)
class Top:
    """What stands above the rows."""

    lines: int
    """Lines above the first row, the header's included."""
    names: tuple[str, ...]
    header: bool
    """Whether the names are the text's own."""
    titles: tuple[str, ...] = ()
    """The header's cells as they are written, nothing where there is no header."""
    line: str = ""
    """The header as it is written, where it takes one line."""


def above_rows(lines: list[list[str]], shape: Shape, limits: Limits) -> Top:
    """Return what stands above the rows, by the lines of the head and of other places."""
    head = lines[0]
    comments = 0
    while comments < len(head) and (not head[comments].strip() or headers.is_comment(head[comments])):
        comments += 1
    comments = comments if any(headers.is_comment(line) for line in head[:comments]) else 0
    elsewhere = [row for place in lines[1:] for row in _body(place, shape)][:300]
    for at in range(min(len(head), _PREAMBLE_MOST)):
        row = _first(head, at, shape, limits) or _otherwise(head, at, elsewhere, shape)
        if row is None:
            continue
        body = [*_body(head[at + row.lines :], shape), *elsewhere]
        doubtful = row.realigned or sum(not cell.strip() for cell in row.cells) * 2 >= len(row.cells)
        if (_sparse(row.cells) and shape.cells > 2) or (doubtful and _title(body)):
            # A title with the delimiters of a spreadsheet behind it.
            continue
        least = 0.0 if all(_above(line, shape) for line in head[:at]) else _CONVINCING
        if headers.is_header(row.cells, body, least):
            return _whole_header(head, at, row, elsewhere, shape, limits)
        break
    return Top(comments, headers.default_names(shape.cells), header=False)


def _title(body: list[list[str]]) -> bool:
    """Tell whether one of the next rows is rather the header."""
    for k, row in enumerate(body[:_TITLE_MOST]):
        if all(cell.strip() for cell in row):
            return headers.is_header(row, body[k + 1 :], _CONVINCING)
    return False


def _otherwise(head: list[str], at: int, elsewhere: list[list[str]], shape: Shape) -> Row | None:
    """Return the header at a line that is written with another delimiter than the rows, if it convinces as one."""
    line = head[at]
    if shape.cells < 3 or shape.delimiter in line or not line.strip():
        return None
    for delimiter in _OTHERS:
        cells = line.split(delimiter) if delimiter in line and '"' not in line else []
        if '"' in line:
            cells = next((found for _, found in ragged.readings(line, delimiter, shape.quote)), [])
        if len(cells) == shape.cells and all(cell.strip() for cell in cells):
            body = [*_body(head[at + 1 :], shape), *elsewhere]
            return Row(cells, 1) if headers.is_header(cells, body, _CONVINCING) else None
    return None


def _whole_header(head: list[str], at: int, row: Row, elsewhere: list[list[str]], shape: Shape, limits: Limits) -> Top:
    """Return the header that begins at a line, with the lines below that go on it."""
    parts = [row.cells]
    end = at + row.lines
    while len(parts) < _HEADER_MOST and end < len(head):
        more = _first(head, end, shape, limits)
        if more is None:
            break
        body = [*_body(head[end + more.lines :], shape), *elsewhere]
        if not headers.goes_on(row.cells, more.cells, body):
            break
        parts.append(more.cells)
        end += more.lines
    titles = headers.joined(parts)
    return Top(
        end, headers.clean_names(titles), header=True, titles=tuple(titles), line=head[at] if end == at + 1 else ""
    )


def _first(head: list[str], at: int, shape: Shape, limits: Limits) -> Row | None:
    """Return the row that begins at a line of the head, if one could; the very first may lack its last cells."""
    line = head[at].removeprefix("\ufeff")
    if not line.strip() or headers.is_comment(line):
        return None

    def following(k: int) -> str | None:
        return head[at + k] if at + k < len(head) else None

    row = resolve(line, following, shape, limits.join_lines, limits.line_bytes)
    if isinstance(row, Row):
        return row
    for _, cells in ragged.readings(line, shape.delimiter, shape.quote):
        if len(cells) == shape.cells:
            return Row(cells, 1)
    return _ragged_header(parse(line, shape, lenient=True).cells, shape)


def _ragged_header(cells: list[str], shape: Shape) -> Row | None:
    """Return the row that cells of another number make as a header, if they can."""
    blank = sum(not cell.strip() for cell in cells)
    if len(cells) > shape.cells:
        if not any(cell.strip() for cell in cells[shape.cells :]):
            return Row(cells[: shape.cells], 1)
        filled = [cell for cell in cells if cell.strip()]
        return Row(filled, 1, realigned=True) if len(cells) - blank == shape.cells else None
    if len(cells) > 1 and all(cell.strip() for cell in cells[:-1]):
        # Cut, or without a name for what a last delimiter opens; a line that is no header is not taken for one by this.
        return Row(cells + [""] * (shape.cells - len(cells)), 1, realigned=True)
    return None


def _above(line: str, shape: Shape) -> bool:
    """Tell whether a line above a header is clearly part of a preamble: blank cells but for few, or a comment."""
    cells = line.split(shape.delimiter)
    return headers.is_comment(line) or _sparse(cells + [""] * (shape.cells - len(cells)))


def _sparse(cells: list[str]) -> bool:
    """Tell whether most cells are blank."""
    return sum(bool(cell.strip()) for cell in cells) <= max(1, len(cells) // 3)


def _body(place: list[str], shape: Shape, most: int = 100) -> list[list[str]]:
    """Return the cells of lines that are rows, of the first `most` lines."""
    rows: list[list[str]] = []
    for line in place[:most]:
        if shape.quote in line or shape.pad:
            parsed = parse(line, shape)
            if not parsed.open and len(parsed.cells) == shape.cells:
                rows.append(parsed.cells)
        elif line.count(shape.delimiter) == shape.cells - 1:
            rows.append(line.split(shape.delimiter))
    return rows
