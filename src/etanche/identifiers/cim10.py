"""CIM-10 (ICD-10), French use: a letter, two digits and up to four more, dagger and star allowed (ATIH)."""

from __future__ import annotations

from etanche.identifiers import celltext
from etanche.model import Kind

KINDS = (Kind.CIM10,)

_SHAPE = celltext.Shape(r"[A-Za-z][0-9]{2}(?:\.?[0-9+][0-9A-Za-z+-]{0,4})?[+*†]?")

fits = _SHAPE.fits
valid = _SHAPE.fits
normalise = celltext.upper
mask = celltext.mask_all
valid_expr = _SHAPE.expr
normal_expr = celltext.upper_expr
