"""The controllers file: who answers for the data, one line each; read whole or refused with the line to mend.

Rules, in the order in which they apply:

1. CSV, UTF-8 or what French spreadsheets write (Windows-1252, semicolons); columns by name, in any order
   (`controllers.toml`).  A column that nobody knows is refused: a slip in "aware" must not lose a clock.
2. Code and name are all that must be there; every other blank is listed as missing where it is needed.
3. A SIREN is one controller: two lines that share one are one controller with several laboratories.
4. No moment lies in the future.
5. An error names line and column, never what the cell holds.
"""

from __future__ import annotations

import csv
import difflib
import io
import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from importlib import resources
from zoneinfo import ZoneInfoNotFoundError

from etanche.errors import ExitCode, UserError
from etanche.identifiers import departement as departements
from etanche.identifiers import email, finess, postcode, siren
from etanche.respond.choices import Choice, choice, choices
from etanche.respond.holidays import Calendar, calendar
from etanche.respond.law import jurisdictions
from etanche.respond.moments import UNKNOWN, Moment, parse

DEFAULT_JURISDICTION = "france"
MOST_BYTES = 16 * 2**20
_CODE = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9_-]{0,38}[A-Za-z0-9])?")
_RANGE = re.compile(r"\d{1,9}(?:\s*(?:-|\.\.|–)\s*\d{1,9})?")
# Names that Windows keeps for devices: a folder cannot be called so there.
_DEVICES = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Asked:
    """A column of the file."""

    name: str
    kind: str
    required: bool


@dataclass(frozen=True, slots=True)
class Controller:
    """One controller, as its line has it."""

    code: str
    """Names its folder: letters, digits, hyphens and underscores."""
    name: str
    jurisdiction: str
    calendar: Calendar
    cells: Mapping[str, str] = field(repr=False)
    """Every cell that is filled, by column."""
    moments: Mapping[str, Moment] = field(repr=False)
    """The cells that are moments and known."""

    def chosen(self, column: str) -> Choice | None:
        """Return which answer of its list a cell is; None where it is not filled."""
        return choice(column, self.cells[column]) if self.says(column) else None

    def says(self, column: str) -> bool:
        """Tell whether a cell is filled with something known."""
        return self.cells.get(column, "").lower() not in UNKNOWN


@cache
def columns() -> tuple[Asked, ...]:
    """Return the columns that a controllers file may have."""
    data = tomllib.loads((resources.files(__package__) / "controllers.toml").read_text(encoding="utf-8"))
    return tuple(Asked(each["name"], each["kind"], each.get("required", False)) for each in data["column"])


def read(data: bytes, shown: str, now: datetime) -> tuple[Controller, ...]:
    """Return the controllers of a file, in its order; `shown` names it in errors.

    Raises `UserError` (unreadable for no table of text, usage for what is wrong in it).
    """
    lines = _lines(data, shown)
    header = [cell.strip().lower() for cell in lines[0][1]]
    _check_header(header, shown)
    found = tuple(_controller(dict(_cells(header, cells, line, shown)), line, shown, now) for line, cells in lines[1:])
    if not found:
        raise UserError("controllers_none", ExitCode.USAGE, path=shown)
    numbers = [line for line, _ in lines[1:]]
    _check_once([one.code.lower() for one in found], numbers, "code", shown)
    sirens = [siren.normalise(one.cells.get("siren", "")) for one in found]
    for first, second in _twice(sirens):
        raise UserError(
            "controllers_siren_twice", ExitCode.USAGE, path=shown, first=numbers[first], second=numbers[second]
        )
    return found


def _lines(data: bytes, shown: str) -> list[tuple[int, list[str]]]:
    """Return the lines that hold something, with their numbers."""
    if len(data) > MOST_BYTES or b"\0" in data:
        raise UserError("controllers_no_table", ExitCode.UNREADABLE, path=shown)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("cp1252", "replace")
    first = text.partition("\n")[0]
    separator = max(",;\t", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    try:
        lines = [(reader.line_num, cells) for cells in reader if any(cell.strip() for cell in cells)]
    except csv.Error:
        raise UserError("controllers_no_table", ExitCode.UNREADABLE, path=shown) from None
    if not lines:
        raise UserError("controllers_none", ExitCode.USAGE, path=shown)
    return lines


def _check_header(header: Sequence[str], shown: str) -> None:
    known = [column.name for column in columns()]
    for column in columns():
        if column.required and column.name not in header:
            raise UserError("controllers_column_missing", ExitCode.USAGE, path=shown, column=column.name)
    for number, name in enumerate(header, start=1):
        if name not in known:
            near = difflib.get_close_matches(name, known, 1, 0.5)
            if near:
                raise UserError("controllers_column_near", ExitCode.USAGE, path=shown, number=number, near=near[0])
            raise UserError("controllers_column_unknown", ExitCode.USAGE, path=shown, number=number)
    for first, second in _twice(list(header)):
        raise UserError("controllers_column_twice", ExitCode.USAGE, path=shown, first=first + 1, second=second + 1)


def _cells(header: Sequence[str], cells: Sequence[str], line: int, shown: str) -> list[tuple[str, str]]:
    if len(cells) != len(header):
        raise UserError(
            "controllers_width", ExitCode.USAGE, path=shown, line=line, cells=len(cells), columns=len(header)
        )
    return [(name, cell.strip()) for name, cell in zip(header, cells, strict=True) if cell.strip()]


def _controller(cells: dict[str, str], line: int, shown: str, now: datetime) -> Controller:
    for column in columns():
        cell = cells.get(column.name, "")
        if column.required and not cell:
            raise UserError("controllers_cell_empty", ExitCode.USAGE, path=shown, line=line, column=column.name)
        if cell and cell.lower() not in UNKNOWN and not _right(column, cell):
            raise _wrong(shown, line, column)
    place = _calendar(cells, line, shown)
    moments = {}
    for column in columns():
        if column.kind != "past" or column.name not in cells:
            continue
        try:
            moment = parse(cells[column.name], place.zone)
        except (ValueError, OverflowError):
            raise _wrong(shown, line, column) from None
        if moment is not None and moment.earliest > now:
            raise UserError("controllers_future", ExitCode.USAGE, path=shown, line=line, column=column.name)
        if moment is not None:
            moments[column.name] = moment
    jurisdiction = cells.get("jurisdiction", DEFAULT_JURISDICTION).lower()
    return Controller(cells["code"], cells["name"], jurisdiction, place, cells, moments)


def _right(column: Asked, cell: str) -> bool:
    if column.kind == "choice":
        return choice(column.name, cell) is not None
    check = _CHECKS.get(column.kind)
    return check is None or check(cell)


def _calendar(cells: dict[str, str], line: int, shown: str) -> Calendar:
    """Return the calendar of the place: its département, or the one that its postcode lies in."""
    own = cells.get("departement", "").upper()
    if not own and postcode.fits(cells.get("postcode", "")):
        own = postcode.departement(cells["postcode"]) or ""
    try:
        return calendar(cells.get("jurisdiction", DEFAULT_JURISDICTION).lower(), own.zfill(2), cells.get("time_zone"))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        zone = next(column for column in columns() if column.name == "time_zone")
        raise _wrong(shown, line, zone) from None


def _wrong(shown: str, line: int, column: Asked) -> UserError:
    return UserError(
        "controllers_value",
        ExitCode.USAGE,
        path=shown,
        line=line,
        column=column.name,
        example=", ".join(each.code for each in choices(column.name)) or EXAMPLES[column.kind],
    )


def _check_once(values: Sequence[str], numbers: Sequence[int], column: str, shown: str) -> None:
    for first, second in _twice(values):
        raise UserError(
            "controllers_twice",
            ExitCode.USAGE,
            path=shown,
            column=column,
            first=numbers[first],
            second=numbers[second],
        )


def _twice(values: Sequence[str]) -> list[tuple[int, int]]:
    """Return the places of values that stand twice, each with its first place; blanks apart."""
    seen: dict[str, int] = {}
    return [
        (seen[value], place) for place, value in enumerate(values) if value and seen.setdefault(value, place) != place
    ]


_CHECKS: dict[str, Callable[[str], bool]] = {
    "code": lambda cell: _CODE.fullmatch(cell) is not None and _DEVICES.fullmatch(cell) is None,
    "siren": siren.valid,
    "finess": finess.valid,
    "postcode": postcode.fits,
    "departement": lambda cell: departements.fits(cell.zfill(2)),
    "jurisdiction": lambda cell: cell.lower() in jurisdictions(),
    "range": lambda cell: _RANGE.fullmatch(cell) is not None,
    "email": email.fits,
}
EXAMPLES = {
    "code": "LAB01",
    "siren": "552 100 554",
    "finess": "750000549",
    "postcode": "75013",
    "departement": "75, 2A, 974",
    "zone": "Europe/Paris",
    "jurisdiction": "france",
    "range": "50, 50-80",
    "email": "dpo@lab.example.org",
    "past": "2026-11-20 16:00, 20/11/2026, 2026-11-18 .. 2026-11-20, unknown",
}
"""What a right cell looks like, by kind."""
