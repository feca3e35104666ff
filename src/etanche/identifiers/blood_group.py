"""Blood group: ABO, and rhesus where it is given ("O+", "AB NEG", "A RH -")."""

from __future__ import annotations

from typing import TYPE_CHECKING

from etanche.identifiers import celltext
from etanche.model import Kind

if TYPE_CHECKING:
    import ibis.expr.types as ir

KINDS = (Kind.BLOOD_GROUP,)

_ABO = "(?:[Aa][Bb]|[ABOabo]|0)"
_POSITIVE = "(?:[+]|[Pp](?:[Oo][Ss](?:[Ii][Tt][Ii][FfVv][Ee]?)?)?[.]?)"
_NEGATIVE = "(?:-|–|[Nn](?:[EeÉé][Gg](?:[Aa][Tt][Ii][FfVv][Ee]?)?)?[.]?)"
_RH = "[ /-]?(?:[Rr][Hh](?:[EeÉé][Ss][Uu][Ss])?)? ?[Dd1]? ?[(]?"
_SHAPE = celltext.Shape(f"{_ABO}(?:{_RH}(?:{_POSITIVE}|{_NEGATIVE})[)]?)?")
_POSITIVE_SHAPE = celltext.Shape(f"{_ABO}{_RH}{_POSITIVE}[)]?")
_NEGATIVE_SHAPE = celltext.Shape(f"{_ABO}{_RH}{_NEGATIVE}[)]?")

fits = _SHAPE.fits
valid = _SHAPE.fits
valid_expr = _SHAPE.expr
mask = celltext.mask_all


def normalise(text: str) -> str:
    """Return "A", "B", "AB" or "O" with "+" or "-" where it is given; any other text in capitals."""
    capitals = celltext.upper(text)
    if not fits(text):
        return capitals
    abo = "AB" if capitals.startswith("AB") else capitals[0].replace("0", "O")
    sign = "+" if _POSITIVE_SHAPE.fits(text) else "-" if _NEGATIVE_SHAPE.fits(text) else ""
    return abo + sign


def normal_expr(cell: ir.StringValue) -> ir.StringValue:
    """Return `normalise` as an expression."""
    capitals = celltext.upper_expr(cell)
    abo = capitals.startswith("AB").ifelse("AB", capitals.left(1).replace("0", "O"))
    sign = _POSITIVE_SHAPE.expr(cell).ifelse("+", _NEGATIVE_SHAPE.expr(cell).ifelse("-", ""))
    return _SHAPE.expr(cell).ifelse(abo + sign, capitals)
