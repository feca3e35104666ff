"""Corrections of the verdict, as a user writes them: TOML or CSV.

    [columns."NUM_SECU"]        # or ["NUM_SECU"]
    kind = "nir"
    role = "patient"

    column,kind,role
    #3,surname,prescriber

A column is named by its header or by its place ("#3" is the third).  Unknown kinds, roles and columns are refused.
"""

from __future__ import annotations

import csv
import io
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from etanche.errors import ExitCode, UserError
from etanche.model import Correction, Kind, Role


def corrections_from_toml(content: bytes) -> tuple[Correction, ...]:
    """Return the corrections in a TOML or CSV file.

    Raises `UserError` (usage): `map_malformed`, `map_unknown_kind`, `map_unknown_role`.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise UserError("map_malformed", ExitCode.USAGE) from None
    entries = list(_csv_entries(text)) if _is_csv(text) else list(_toml_entries(text))
    return tuple(_correction(column, kind, role) for column, kind, role in entries)


def _first_line(text: str) -> str:
    return next((line for line in text.splitlines() if line.strip() and not line.startswith("#")), "")


def _is_csv(text: str) -> bool:
    first = _first_line(text).lower().replace(";", ",").replace("\t", ",")
    return first.startswith(("column,", "colonne,"))


def _csv_entries(text: str) -> Iterator[tuple[str, str, str]]:
    start = text.index(_first_line(text))
    first = _first_line(text)
    delimiter = max(",;\t", key=first.count)
    for row in list(csv.reader(io.StringIO(text[start:]), delimiter=delimiter))[1:]:
        if any(cell.strip() for cell in row):
            cells = [cell.strip() for cell in (*row, "", "", "")]
            yield cells[0], cells[1], cells[2]


def _toml_entries(text: str) -> Iterator[tuple[str, str, str]]:
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        document = {}
    # `[columns.NAME]`, or `[NAME]` where no table is called so.
    tables = document.get("columns", document)
    if not isinstance(tables, Mapping) or not tables:
        raise UserError("map_malformed", ExitCode.USAGE)
    for column, entry in tables.items():
        if not isinstance(entry, Mapping) or not set(entry) <= {"kind", "role"}:
            raise UserError("map_malformed", ExitCode.USAGE)
        yield column, _text(entry.get("kind")), _text(entry.get("role"))


def _text(value: Any) -> str:  # noqa: ANN401 - whatever TOML holds
    return "" if value is None else str(value)


def _correction(column: str, kind: str, role: str) -> Correction:
    if not column or not (kind or role):
        raise UserError("map_malformed", ExitCode.USAGE)
    if kind and kind.lower() not in set(Kind):
        raise UserError("map_unknown_kind", ExitCode.USAGE, column=column, allowed=", ".join(Kind))
    if role and role.lower() not in set(Role):
        raise UserError("map_unknown_role", ExitCode.USAGE, column=column, allowed=", ".join(Role))
    return Correction(column, Kind(kind.lower()) if kind else None, Role(role.lower()) if role else None)


def by_index(names: Sequence[str], corrections: Sequence[Correction]) -> dict[int, Correction]:
    """Return the corrections by 0-based column; a name also matches without regard to case and blanks at its edges.

    Raises `UserError` (usage) `map_unknown_column` for a column that is not there.
    """
    exact = {name: index for index, name in reversed(list(enumerate(names)))}
    loose = {name.strip().casefold(): index for index, name in reversed(list(enumerate(names)))}
    found: dict[int, Correction] = {}
    for correction in corrections:
        index = exact.get(correction.column, loose.get(correction.column.strip().casefold()))
        place = correction.column[1:]
        if index is None and correction.column.startswith("#") and place.isascii() and place.isdigit():
            index = int(place) - 1
        if index is None or not 0 <= index < len(names):
            raise UserError(
                "map_unknown_column",
                ExitCode.USAGE,
                column=correction.column,
                count=len(names),
            )
        found[index] = correction
    return found
