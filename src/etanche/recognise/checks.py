"""A column's own check over all rows, and the masked example of a cell.

Rules:

1. `filled`: neither null nor blank (non-breaking spaces are blanks).
2. `valid`: what the kind's identifier says; a kind without a check is valid where it is filled.  Dates are checked in
   the column's layout; a column of landlines (mobiles) takes any French number: what line it is is counted apart.
3. `normal`: what distinct values are counted on.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from etanche.identifiers import celltext, dates, find
from etanche.model import Column, Kind

if TYPE_CHECKING:
    import ibis.expr.types as ir

_UNCHECKED = frozenset({Kind.TITLE, Kind.DEPARTEMENT, Kind.NABM})
"""Kinds whose identifier knows spellings but not all: any filled cell counts as valid."""


@dataclass(frozen=True)
class CellChecks:
    """Expressions on one column's cell, each built when it is first asked for: building some takes a millisecond."""

    column: Column
    cell: ir.StringValue

    @property
    def checked(self) -> bool:
        """Whether the kind has a check: otherwise every filled cell is valid."""
        return find(self.column.kind) is not None and self.column.kind not in _UNCHECKED

    @cached_property
    def filled(self) -> ir.BooleanValue:
        """Whether the cell holds anything."""
        return celltext.filled_expr(self.cell)

    @cached_property
    def valid(self) -> ir.BooleanValue:
        """Whether the cell passes the kind's check."""
        identifier = find(self.column.kind)
        if identifier is None or not self.checked:
            return self.filled
        if self.column.kind in dates.KINDS and self.column.layout:
            return dates.date_expr(self.cell, self.column.layout).notnull()
        return identifier.valid_expr(self.cell)

    @cached_property
    def normal(self) -> ir.StringValue:
        """The cell as distinct values are counted."""
        identifier = find(self.column.kind)
        # A handful of values: reading "Mme." and "MME" as one is not worth a chain of comparisons a row.
        if identifier is None or self.column.kind in {Kind.SEX, Kind.TITLE}:
            return celltext.upper_expr(self.cell)
        return identifier.normal_expr(self.cell)


def cell_checks(column: Column, cell: ir.StringValue) -> CellChecks:
    """Return the column's own check of a cell."""
    return CellChecks(column, cell)


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
