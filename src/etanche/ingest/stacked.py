"""Several tables one below the other in one text: where each begins.

1. A table begins at a header whose rows below have its number of cells, when the rows above have another number or a
   blank line parts them, and the rows above are a table themselves.
2. The header of the first table seen again begins no table: it was written twice.
3. Looked for only where the whole text is at hand; elsewhere rows of another width are set aside.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from etanche.ingest import headers
from etanche.ingest.careful import Shape, parse

_NEAR = 8
_BODY = 40
_LEAST_ABOVE = 3
_TRIED_MOST = 2000
_CONVINCING = 0.35


def starts(lines: Sequence[str], shape: Shape) -> list[int]:
    """Return the indices of the lines with which tables begin, the first line always among them."""
    counts = [_count(line, shape) for line in lines]
    found = [0]
    above = 0
    tried = 0
    for at, cells in enumerate(counts):
        if at and cells >= 2 and (counts[at - 1] == 0 or cells != above) and tried < _TRIED_MOST:
            tried += 1
            if _begins(lines, counts, found[-1], at, shape):
                found.append(at)
        above = cells or above
    return found


def width(lines: Sequence[str], shape: Shape) -> int:
    """Return the number of cells that most rows of a table have."""
    counts = Counter(_count(line, shape) for line in lines)
    counts.pop(0, None)
    return max(counts, key=lambda cells: (counts[cells] * min(cells, 2), cells)) if counts else shape.cells


def _count(line: str, shape: Shape) -> int:
    if not line.strip():
        return 0
    plain = line.count(shape.delimiter) + 1
    if plain == shape.cells or shape.quote not in line:
        return plain
    parsed = parse(line, shape)
    return len((parse(line, shape, lenient=True) if parsed.open else parsed).cells)


def _cells(line: str, shape: Shape) -> list[str]:
    return [cell.strip() for cell in parse(line, shape, lenient=True).cells]


def _begins(lines: Sequence[str], counts: Sequence[int], first: int, at: int, shape: Shape) -> bool:
    """Tell whether a table begins at a line, the last one having begun at line `first`."""
    cells = counts[at]
    below = [count for count in counts[at + 1 : at + 1 + 2 * _NEAR] if count][:_NEAR]
    alike = sum(count == cells for count in below)
    if not below or alike * 5 < 3 * len(below):
        return False
    above = Counter(count for count in counts[first:at] if count)
    others, times = max(above.items(), key=lambda item: (item[1], item[0])) if above else (0, 0)
    same = others == cells and counts[at - 1] != 0
    if others < 2 or times < _LEAST_ABOVE or same:
        return False
    row = _cells(lines[at], shape)
    body = _rows_of(lines, counts, at + 1, cells, shape)
    if len(set(row)) < len(row) or not all(row) or not headers.is_header(row, body, _CONVINCING):
        return False
    over = _rows_of(lines[:at], counts, first, others, shape)
    if sum(sum(map(bool, one)) * 2 >= len(one) for one in over) < _LEAST_ABOVE:
        # Lines of a preamble, in a spreadsheet's cells.
        return False
    if others != cells:
        return True
    # As wide as the table above: its rows must not be of the kind that this line would be.
    return over[0] != row and headers.is_header(row, over[1:], _CONVINCING)


def _rows_of(lines: Sequence[str], counts: Sequence[int], first: int, cells: int, shape: Shape) -> list[list[str]]:
    """Return the rows of so many cells from a line on."""
    found = [_cells(lines[k], shape) for k in range(first, min(first + _BODY, len(lines))) if counts[k] == cells]
    return [row for row in found if len(row) == cells]
