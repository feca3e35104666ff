"""Identifiers that are a short list of words: each spelling with the value it stands for.

Spellings are compared in capitals, without edges, with the accents that capitals keep in practice.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from etanche.identifiers import celltext

if TYPE_CHECKING:
    import ibis.expr.types as ir


@dataclass(frozen=True)
class Words:
    """A closed list: spelling in capitals -> value."""

    values: dict[str, str]

    def fits(self, text: str) -> bool:
        """Tell whether the text is one of the spellings."""
        return celltext.upper(text) in self.values

    def expr(self, cell: ir.StringValue) -> ir.BooleanValue:
        """Return `fits` as an expression; one letter, the common case, needs no capitals."""
        short = cell.isin([spelling for spelling in self.values if len(spelling) == 1])
        return short.ifelse(True, celltext.upper_expr(cell).isin(list(self.values)))

    def normalise(self, text: str) -> str:
        """Return the value of a spelling, or the text in capitals where it is none."""
        capitals = celltext.upper(text)
        return self.values.get(capitals, capitals)

    def normal_expr(self, cell: ir.StringValue) -> ir.StringValue:
        """Return `normalise` as an expression."""
        groups: dict[str, list[str]] = {}
        for spelling, value in self.values.items():
            if spelling != value:
                groups.setdefault(value, []).append(spelling)

        def value_of(capitals: ir.StringValue) -> ir.StringValue:
            result = capitals
            for value, spellings in groups.items():
                result = capitals.isin(spellings).ifelse(value, result)
            return result

        return celltext.let(celltext.upper_expr(cell), value_of)
