"""IP address, version 4 (RFC 791) or 6 (RFC 4291)."""

from __future__ import annotations

from etanche.identifiers import celltext
from etanche.model import Kind

KINDS = (Kind.IP,)

_SHAPE = celltext.Shape(
    "(?:(?:25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])[.]){3}(?:25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])(?:/[0-9]{1,2})?"
    "|(?:[0-9A-Fa-f]{1,4}:){7}[0-9A-Fa-f]{1,4}"
    "|(?:[0-9A-Fa-f]{1,4}:){1,6}:(?:[0-9A-Fa-f]{1,4}:){0,5}[0-9A-Fa-f]{0,4}|::(?:[0-9A-Fa-f]{1,4}:){0,6}[0-9A-Fa-f]{1,4}"
)

fits = _SHAPE.fits
valid = _SHAPE.fits
normalise = celltext.lower
mask = celltext.mask_all
valid_expr = _SHAPE.expr
normal_expr = celltext.lower_expr
