"""Address on the web: a scheme and a host, or a host beginning with www."""

from __future__ import annotations

from etanche.identifiers import _cells
from etanche.model import Kind

KINDS = (Kind.URL,)

_SHAPE = _cells.Shape("(?:(?:https?|ftp|sftp|ldap)://|[Ww]{3}[.])[^ <>]{3,}")

fits = _SHAPE.fits
valid = _SHAPE.fits
normalise = _cells.tidy
mask = _cells.mask_all
valid_expr = _SHAPE.expr
normal_expr = _cells.tidy_expr
