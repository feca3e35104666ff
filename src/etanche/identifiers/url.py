"""Address on the web: a scheme and a host, or a host beginning with www."""

from __future__ import annotations

from etanche.identifiers import celltext
from etanche.model import Kind

KINDS = (Kind.URL,)

_SHAPE = celltext.Shape("(?:(?:https?|ftp|sftp|ldap)://|[Ww]{3}[.])[^ <>]{3,}")

fits = _SHAPE.fits
valid = _SHAPE.fits
normalise = celltext.tidy
mask = celltext.mask_all
valid_expr = _SHAPE.expr
normal_expr = celltext.tidy_expr
