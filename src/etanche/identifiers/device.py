"""Number of a device or a connection: UUID (RFC 9562), MAC address (IEEE 802), mobile IMEI is left to its header."""

from __future__ import annotations

from etanche.identifiers import celltext
from etanche.model import Kind

KINDS = (Kind.DEVICE,)

_SHAPE = celltext.Shape("[0-9A-Fa-f]{8}-(?:[0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}|(?:[0-9A-Fa-f]{2}[:-]){5}[0-9A-Fa-f]{2}")

fits = _SHAPE.fits
valid = _SHAPE.fits
normalise = celltext.lower
mask = celltext.mask_all
valid_expr = _SHAPE.expr
normal_expr = celltext.lower_expr
