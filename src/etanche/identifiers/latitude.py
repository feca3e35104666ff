"""Latitude or longitude in decimal degrees (WGS 84), a point or a comma before the decimals."""

from __future__ import annotations

from etanche.identifiers import celltext
from etanche.model import Kind

KINDS = (Kind.LATITUDE, Kind.LONGITUDE)

_SHAPE = celltext.Shape("[+-]?(?:1[0-7][0-9]|[0-9]?[0-9]|180)(?:[.,][0-9]{1,20})?")

fits = _SHAPE.fits
valid = _SHAPE.fits
normalise = celltext.tidy
mask = celltext.mask_all
valid_expr = _SHAPE.expr
normal_expr = celltext.tidy_expr
