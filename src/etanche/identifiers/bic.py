"""BIC, the code of a bank (ISO 9362): four letters, a country, two characters, three more for a branch."""

from __future__ import annotations

from typing import TYPE_CHECKING

from etanche.identifiers import celltext
from etanche.model import Kind

if TYPE_CHECKING:
    import ibis.expr.types as ir

KINDS = (Kind.BIC,)

_SHAPE = celltext.Shape("[A-Za-z]{6}[0-9A-Za-z]{2}(?:[0-9A-Za-z]{3})?")
_COUNTRIES = [
    "AD", "AE", "AT", "AU", "BE", "BG", "BR", "CA", "CH", "CI", "CN", "CY", "CZ", "DE", "DK", "DZ", "EE", "ES", "FI",
    "FR", "GB", "GF", "GI", "GP", "GR", "HK", "HR", "HU", "IE", "IL", "IN", "IS", "IT", "JP", "LB", "LI", "LT", "LU",
    "LV", "MA", "MC", "MQ", "MT", "MU", "NC", "NL", "NO", "NZ", "PF", "PL", "PM", "PT", "RE", "RO", "RS", "RU", "SE",
    "SG", "SI", "SK", "SM", "SN", "TN", "TR", "UA", "US", "VA", "YT", "ZA",
]  # fmt: skip

fits = _SHAPE.fits
normalise = celltext.upper
normal_expr = celltext.upper_expr
mask = celltext.mask_all


def valid(text: str) -> bool:
    """Tell whether the shape is right and the country one whose banks are met in French files."""
    return fits(text) and normalise(text)[4:6] in _COUNTRIES


def valid_expr(cell: ir.StringValue) -> ir.BooleanValue:
    """Return `valid` as an expression."""
    return celltext.all_of(_SHAPE.expr(cell), normal_expr(cell).substr(4, 2).isin(_COUNTRIES))
