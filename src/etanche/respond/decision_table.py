"""Decisions of many controllers at once: a CSV file, one decision a line, read whole or refused with the line to mend.

Rules, in the order in which they apply:

1. CSV, UTF-8 or what French spreadsheets write (Windows-1252, semicolons); a line of names comes first.
2. `controller article outcome by reasons` must be there and filled; `exception` and `date` may be.
3. A column of another name is refused, and so is a second decision on one article of one controller.
4. An error names line and column, never what the cell holds.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass

from etanche.errors import ExitCode, UserError
from etanche.respond.decision import Asked

REQUIRED = ("controller", "article", "outcome", "by", "reasons")
OPTIONAL = ("exception", "date")
MOST_BYTES = 16 * 2**20


@dataclass(frozen=True, slots=True)
class Line:
    """One decision, with the number of its line."""

    number: int
    controller: str
    asked: Asked


def read(data: bytes, shown: str) -> tuple[Line, ...]:
    """Return the decisions of a file; `shown` names it in errors.  Raises `UserError` (3 for no table, 2)."""
    lines = list(_lines(data, shown))
    header = [cell.strip().lower() for cell in lines[0][1]] if lines else []
    for number, name in enumerate(header, start=1):
        if name not in REQUIRED + OPTIONAL or header.index(name) != number - 1:
            raise UserError("decide_column", ExitCode.USAGE, path=shown, number=number, known=", ".join(_KNOWN))
    for name in REQUIRED:
        if name not in header:
            raise UserError("decide_column_missing", ExitCode.USAGE, path=shown, column=name)
    found = tuple(_line(header, cells, number, shown) for number, cells in lines[1:])
    if not found:
        raise UserError("decide_none", ExitCode.USAGE, path=shown)
    seen: dict[tuple[str, str], int] = {}
    for line in found:
        first = seen.setdefault((line.controller.lower(), line.asked.article), line.number)
        if first != line.number:
            raise UserError("decide_twice", ExitCode.USAGE, path=shown, first=first, second=line.number)
    return found


_KNOWN = (*REQUIRED, *OPTIONAL)


def _lines(data: bytes, shown: str) -> Iterator[tuple[int, list[str]]]:
    if len(data) > MOST_BYTES or b"\0" in data:
        raise UserError("decide_no_table", ExitCode.UNREADABLE, path=shown)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("cp1252", "replace")
    separator = max(",;\t", key=text.partition("\n")[0].count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    before = 0
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield before + 1, cells
            before = reader.line_num
    except csv.Error:
        raise UserError("decide_no_table", ExitCode.UNREADABLE, path=shown) from None


def _line(header: list[str], cells: list[str], number: int, shown: str) -> Line:
    if len(cells) != len(header):
        raise UserError("decide_width", ExitCode.USAGE, path=shown, line=number, cells=len(cells), columns=len(header))
    said = {name: cell.strip() for name, cell in zip(header, cells, strict=True)}
    for name in REQUIRED:
        if not said[name]:
            raise UserError("decide_cell_empty", ExitCode.USAGE, path=shown, line=number, column=name)
    asked = Asked(
        article=said["article"],
        outcome=said["outcome"].lower(),
        by=said["by"],
        reasons=said["reasons"],
        exception=said.get("exception") or None,
        date=said.get("date") or None,
    )
    return Line(number, said["controller"], asked)
