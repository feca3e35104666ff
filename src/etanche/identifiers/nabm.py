"""NABM, the French list of laboratory tests: four digits (leading zeros may be lost), several may share a cell."""

from __future__ import annotations

from etanche.identifiers import celltext
from etanche.model import Kind

KINDS = (Kind.NABM,)

_SHAPE = celltext.Shape("(?:[0-9]{3,4})(?:[ ,;+|/-]{1,3}[0-9]{3,4})*")

fits = _SHAPE.fits
valid = _SHAPE.fits
normalise = celltext.upper
mask = celltext.mask_all
valid_expr = _SHAPE.expr
normal_expr = celltext.upper_expr
