"""ATC, the classification of medicines (WHO): a letter, two digits, two letters, two digits."""

from __future__ import annotations

from etanche.identifiers import _cells
from etanche.model import Kind

KINDS = (Kind.ATC,)

_SHAPE = _cells.Shape("[ABCDGHJLMNPRSVabcdghjlmnprsv][0-9]{2}[A-Za-z](?:[A-Za-z](?:[0-9]{2})?)?")

fits = _SHAPE.fits
valid = _SHAPE.fits
normalise = _cells.upper
mask = _cells.mask_all
valid_expr = _SHAPE.expr
normal_expr = _cells.upper_expr
