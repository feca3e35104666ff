"""French département by its code: 01-95, 2A, 2B, 971-978, 984-988."""

from __future__ import annotations

from etanche.identifiers import celltext
from etanche.model import Kind

KINDS = (Kind.DEPARTEMENT,)

_SHAPE = celltext.Shape("0?[1-9]|[1-8][0-9]|9[0-5]|2[ABab]|97[1-8]|98[4-8]")

fits = _SHAPE.fits
valid = _SHAPE.fits
normalise = celltext.upper
mask = celltext.mask_all
valid_expr = _SHAPE.expr
normal_expr = celltext.upper_expr
