"""French postcode: five digits whose first two or three tell the département (La Poste)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from etanche.identifiers import celltext
from etanche.model import Kind

if TYPE_CHECKING:
    import ibis.expr.types as ir

KINDS = (Kind.POSTCODE,)

_VALID = celltext.Shape("(?:0[1-9]|[1-8][0-9]|9[0-578])[0-9]{3}")
_SHAPE = celltext.Shape("(?:0?[1-9]|[1-8][0-9]|9[0-578])[0-9]{3}(?:[.]0)?")
_CORSICA = {"200": "2A", "201": "2A", "202": "2B", "206": "2B"}

fits = _SHAPE.fits
valid = _VALID.fits
normalise = celltext.tidy
valid_expr = _VALID.expr
normal_expr = celltext.tidy_expr


def departement(text: str) -> str | None:
    """Return the département of a valid postcode; None for any other text and for a Corsican one of neither half."""
    if not valid(text):
        return None
    code = celltext.tidy(text)
    if code.startswith("20"):
        return _CORSICA.get(code[:3])
    return code[:3] if code.startswith(("97", "98")) else code[:2]


def departement_expr(cell: ir.StringValue) -> ir.StringValue:
    """Return `departement` as an expression: null where it is not decidable."""
    code = celltext.tidy_expr(cell)
    three, two = code.left(3), code.left(2)
    corsica = three.isin(["200", "201"]).ifelse("2A", three.isin(["202", "206"]).ifelse("2B", None))
    told = two.isin(["97", "98"]).ifelse(three, (two == "20").ifelse(corsica, two))
    return _VALID.expr(cell).ifelse(told, None)


def mask(text: str) -> str:
    """Return the département and stars."""
    return celltext.mask_keeping(text, 2)
