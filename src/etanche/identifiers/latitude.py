"""Latitude or longitude: decimal degrees (WGS 84), a pair of them, or metres of Lambert-93 (EPSG 2154).

A point or a comma stands before the decimals; a pair is latitude and longitude, with points, behind a comma.
"""

from __future__ import annotations

from etanche.identifiers import celltext
from etanche.model import Kind

KINDS = (Kind.LATITUDE, Kind.LONGITUDE)

_DEGREES = "[+-]?(?:1[0-7][0-9]|[0-9]?[0-9]|180)"
_METRES = "(?:[1-9][0-9]{4,5}|1[0-2][0-9]{5}|6[0-9]{6}|7[01][0-9]{5})(?:[.,][0-9]{1,20})?"
_PAIR = f"{_DEGREES}[.][0-9]{{1,20}}, ?{_DEGREES}[.][0-9]{{1,20}}"
_SHAPE = celltext.Shape(f"{_DEGREES}(?:[.,][0-9]{{1,20}})?|{_METRES}|{_PAIR}")

fits = _SHAPE.fits
valid = _SHAPE.fits
normalise = celltext.tidy
mask = celltext.mask_all
valid_expr = _SHAPE.expr
normal_expr = celltext.tidy_expr
