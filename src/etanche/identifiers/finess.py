"""FINESS, the number of a French health establishment: département and seven digits, the last a Luhn key.

Numbers of Corsica (2A, 2B) are judged by their shape: the register does not say what its letter counts in the key.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from etanche.identifiers import celltext
from etanche.model import Kind

if TYPE_CHECKING:
    import ibis.expr.types as ir

KINDS = (Kind.FINESS,)

_G = celltext.GAP
_SHAPE = celltext.Shape(f"(?:0[1-9]|[1-9][0-9]|2[ABab]){_G}[0-9]{_G}[0-9]{{3}}{_G}[0-9]{{3}}")

fits = _SHAPE.fits
normalise = celltext.compact
normal_expr = celltext.compact_expr


def valid(text: str) -> bool:
    """Tell whether shape and key are right."""
    if not fits(text):
        return False
    number = normalise(text)
    return number[1] in "AB" or celltext.luhn(number)


def valid_expr(cell: ir.StringValue) -> ir.BooleanValue:
    """Return `valid` as an expression."""
    right = celltext.let(
        normal_expr(cell),
        lambda number: number.substr(1, 1).isin(["A", "B"]).ifelse(True, celltext.luhn_expr(number, 9)),
    )
    return celltext.all_of(_SHAPE.expr(cell), right)


def mask(text: str) -> str:
    """Return the layout with the département only."""
    return celltext.mask_keeping(text, 2)
