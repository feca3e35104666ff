"""INSEE code of a French commune: département (2A and 2B for Corsica) and three digits (COG)."""

from __future__ import annotations

from etanche.identifiers import celltext
from etanche.model import Kind

KINDS = (Kind.INSEE_COMMUNE,)

_SHAPE = celltext.Shape("(?:0[1-9]|[1-8][0-9]|9[0-578]|2[ABab])[0-9]{3}")

fits = _SHAPE.fits
valid = _SHAPE.fits
normalise = celltext.upper
mask = celltext.mask_all
valid_expr = _SHAPE.expr
normal_expr = celltext.upper_expr
