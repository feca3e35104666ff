"""Requests of many persons at once: a CSV file, a request a line, read whole or refused with the line to mend.

Rules, in the order in which they apply:

1. CSV, UTF-8 or what French spreadsheets write; `controller kind name` must be there and filled; `received older
   identity departement address email phone birth_date represents said` may be.  An address has its lines apart by `|`.
2. A column of another name is refused.
3. An error names line and column, never what the cell holds.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass, field

from etanche.errors import ExitCode, UserError
from etanche.respond.decision import one_line
from etanche.responding.asking import Person

REQUIRED = ("controller", "kind", "name")
OPTIONAL = (
    "received", "older", "identity", "departement", "address", "email", "phone", "birth_date", "represents", "said",
)  # fmt: skip
MOST_BYTES = 64 * 2**20
_YES = frozenset({"yes", "oui", "1", "x", "true"})
_NO = frozenset({"", "no", "non", "0", "false"})


@dataclass(frozen=True, slots=True)
class Line:
    """One request, with the number of its line."""

    number: int
    controller: str
    kind: str
    person: Person = field(repr=False)
    received: str | None
    older: bool
    identity: str | None = field(repr=False)
    departement: str | None


def read(data: bytes, shown: str) -> tuple[Line, ...]:
    """Return the requests of a file; `shown` names it in errors.  Raises `UserError` (3 for no table, 2)."""
    lines = list(_lines(data, shown))
    header = [cell.strip().lower() for cell in lines[0][1]] if lines else []
    for number, name in enumerate(header, start=1):
        if name not in REQUIRED + OPTIONAL or header.index(name) != number - 1:
            known = ", ".join(REQUIRED + OPTIONAL)
            raise UserError("rights_column", ExitCode.USAGE, path=shown, number=number, known=known)
    for name in REQUIRED:
        if name not in header:
            raise UserError("decide_column_missing", ExitCode.USAGE, path=shown, column=name)
    found = tuple(_line(header, cells, number, shown) for number, cells in lines[1:])
    if not found:
        raise UserError("rights_none", ExitCode.USAGE, path=shown)
    return found


def _lines(data: bytes, shown: str) -> Iterator[tuple[int, list[str]]]:
    if len(data) > MOST_BYTES or b"\0" in data:
        raise UserError("rights_no_table", ExitCode.UNREADABLE, path=shown)
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
        raise UserError("rights_no_table", ExitCode.UNREADABLE, path=shown) from None


def _line(header: list[str], cells: list[str], number: int, shown: str) -> Line:
    if len(cells) != len(header):
        raise UserError("decide_width", ExitCode.USAGE, path=shown, line=number, cells=len(cells), columns=len(header))
    said = {name: cell.strip() for name, cell in zip(header, cells, strict=True)}
    wanted = {"older"} if said.get("older", "").lower() not in _YES | _NO else set()
    wanted |= {name for name in REQUIRED if not one_line(said[name])}
    for name in header:
        if name in wanted:
            raise UserError("rights_cell", ExitCode.USAGE, path=shown, line=number, column=name)
    address = tuple(one_line(line) for line in said.get("address", "").split("|") if line.strip())
    own = {name: one_line(said.get(name, "")) for name in ("email", "phone", "birth_date", "represents")}
    return Line(
        number=number,
        controller=said["controller"],
        kind=said["kind"].lower(),
        person=Person(one_line(said["name"]), address, said=said.get("said", ""), **own),
        received=said.get("received") or None,
        older=said.get("older", "").lower() in _YES,
        identity=said.get("identity") or None,
        departement=said.get("departement") or None,
    )
