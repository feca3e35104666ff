"""ALD, the French long-term conditions: ALD 1 to 32 (code de la sécurité sociale, D160-4, and 31 and 32)."""

from __future__ import annotations

from etanche.identifiers import celltext
from etanche.model import Kind

KINDS = (Kind.ALD,)

_SHAPE = celltext.Shape("(?:[Aa][Ll][Dd] ?(?:[Nn]° ?)?)?0?(?:[1-9]|[12][0-9]|3[0-2])")

fits = _SHAPE.fits
valid = _SHAPE.fits
normalise = celltext.upper
mask = celltext.mask_all
valid_expr = _SHAPE.expr
normal_expr = celltext.upper_expr
