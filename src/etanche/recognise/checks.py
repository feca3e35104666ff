"""A column's own check over all rows, and the masked example of a cell.

Rules:

1. `filled`: neither null nor blank (non-breaking spaces are blanks).
2. `valid`: what the kind's identifier says; a kind without a check is valid where it is filled.  Dates are checked in
   the column's layout; a column of landlines (mobiles) takes any French number: what line it is is counted apart.
3. `normal`: what distinct values are counted on.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from etanche.identifiers import celltext, dates, find
from etanche.model import Column, Kind

if TYPE_CHECKING:
    import ibis.expr.types as ir

_UNCHECKED = frozenset({Kind.TITLE, Kind.DEPARTEMENT, Kind.NABM})
"""Kinds whose identifier knows spellings but not all: any filled cell counts as valid."""


@dataclass(frozen=True, slots=True)
class CellChecks:
    """Expressions on one column's cell."""

    filled: ir.BooleanValue
    valid: ir.BooleanValue
    normal: ir.StringValue


def cell_checks(column: Column, cell: ir.StringValue) -> CellChecks:
    """Return the column's own check; `valid` is the very object `filled` for a kind without one."""
    filled = celltext.filled_expr(cell)
    identifier = find(column.kind)
    if identifier is None:
        return CellChecks(filled, filled, celltext.upper_expr(cell))
    if column.kind in dates.KINDS and column.layout:
        return CellChecks(filled, dates.date_expr(cell, column.layout).notnull(), identifier.normal_expr(cell))
    # A handful of values: reading "Mme." and "MME" as one is not worth a chain of comparisons a row.
    normal = celltext.upper_expr(cell) if column.kind in {Kind.SEX, Kind.TITLE} else identifier.normal_expr(cell)
    if column.kind in _UNCHECKED:
        return CellChecks(filled, filled, normal)
    return CellChecks(filled, identifier.valid_expr(cell), normal)


def mask(kind: Kind, text: str) -> str:
    """Return an example of a cell that shows its layout and identifies nobody, at most 24 characters.

    Free text keeps nothing but the length of its first words; passwords and names not even their length.
    """
    identifier = find(kind)
    if identifier is not None:
        return identifier.mask(text)
    if kind in {Kind.PASSWORD, Kind.TOKEN, Kind.SURNAME, Kind.BIRTH_NAME, Kind.FIRST_NAME, Kind.LOGIN}:
        return "***" if celltext.filled(text) else ""
    return celltext.mask_all(text)
