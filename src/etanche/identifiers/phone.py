"""French telephone number: ten digits beginning with 01 to 09, or the international form.

Rules, in the order in which they apply (ARCEP, plan national de numérotation):

1. `+33` or `0033` (an idle `(0)` allowed) and nine digits, or `0` and nine digits; the first of the nine is 1 to 9.
2. 06 and 07 are mobile; 01 to 05 and 09 are landline; 08 is neither (services).
3. Foreign numbers in international form fit; they are not valid, for their plans are not judged here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from etanche.identifiers import celltext
from etanche.model import Kind

if TYPE_CHECKING:
    import ibis.expr.types as ir

KINDS = (Kind.PHONE, Kind.LANDLINE, Kind.MOBILE)

_G = "[" + celltext.BLANKS + "./-]{0,2}"
_FRENCH = f"(?:0|(?:[+]|00)33{_G}(?:[(]0[)]{_G}|0)?)[1-9](?:{_G}[0-9]){{8}}"
_VALID = celltext.Shape(_FRENCH)
_SHAPE = celltext.Shape(f"{_FRENCH}|(?:[+]|00)[1-9][0-9]?(?:{_G}[0-9]){{7,13}}")

fits = _SHAPE.fits
valid = _VALID.fits
valid_expr = _VALID.expr


def normalise(text: str) -> str:
    """Return ten digits where the text is French, else the text without separators."""
    number = celltext.compact(text)
    foreign = number.startswith(("+33", "0033")) and len(number) > 11
    return "0" + number[-9:] if foreign else number


def normal_expr(cell: ir.StringValue) -> ir.StringValue:
    """Return `normalise` as an expression."""

    def home(number: ir.StringValue) -> ir.StringValue:
        foreign = (number.startswith("+33") | number.startswith("0033")) & (number.length() > 11)
        return foreign.ifelse(number.right(9).lpad(10, "0"), number)

    return celltext.let(celltext.compact_expr(cell), home)


def _line(text: str, digits: str) -> bool:
    return valid(text) and normalise(text)[1] in digits


def _line_expr(cell: ir.StringValue, digits: str) -> ir.BooleanValue:
    line = normal_expr(cell).substr(1, 1).isin(list(digits))
    return celltext.all_of(valid_expr(cell), line)


def is_mobile(text: str) -> bool:
    """Tell whether the text is a French mobile number."""
    return _line(text, "67")


def is_mobile_expr(cell: ir.StringValue) -> ir.BooleanValue:
    """Return `is_mobile` as an expression."""
    return _line_expr(cell, "67")


def is_landline(text: str) -> bool:
    """Tell whether the text is a French landline number, those of boxes (09) included."""
    return _line(text, "123459")


def is_landline_expr(cell: ir.StringValue) -> ir.BooleanValue:
    """Return `is_landline` as an expression."""
    return _line_expr(cell, "123459")


def mask(text: str) -> str:
    """Return the layout with the first two digits."""
    return celltext.mask_keeping(text, 2)
