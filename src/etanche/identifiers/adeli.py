"""ADELI, the older number of a French health professional: département and seven digits.

The register's key is not published, so that shape is all that is judged.
"""

from __future__ import annotations

from etanche.identifiers import celltext
from etanche.model import Kind

KINDS = (Kind.ADELI,)

_G = celltext.GAP
_SHAPE = celltext.Shape(f"(?:0[1-9]|[1-9][0-9]|2[ABab]){_G}[0-9]{_G}[0-9]{{5}}{_G}[0-9]")

fits = _SHAPE.fits
valid = _SHAPE.fits
normalise = celltext.compact
mask = celltext.mask_all
valid_expr = _SHAPE.expr
normal_expr = celltext.compact_expr
