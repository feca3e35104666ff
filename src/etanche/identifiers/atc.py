"""ATC, the classification of medicines (WHO): a letter, two digits, two letters, two digits."""

from __future__ import annotations

from etanche.identifiers import celltext
from etanche.model import Kind

KINDS = (Kind.ATC,)

_SHAPE = celltext.Shape("[ABCDGHJLMNPRSVabcdghjlmnprsv][0-9]{2}[A-Za-z](?:[A-Za-z](?:[0-9]{2})?)?")

fits = _SHAPE.fits
valid = _SHAPE.fits
normalise = celltext.upper
mask = celltext.mask_all
valid_expr = _SHAPE.expr
normal_expr = celltext.upper_expr
