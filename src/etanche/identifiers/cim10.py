"""CIM-10 (ICD-10), French use: a letter, two digits and up to four more, dagger and star allowed (ATIH).

`listed` asks more: whether the category of three characters exists (`cim10.toml`).  The WHO's labels may not be
redistributed, and none is shipped.

>>> listed("B99.9"), valid("B93.1"), listed("B93.1")
(True, True, False)
"""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources

from etanche.identifiers import celltext
from etanche.identifiers._chapters import first_three
from etanche.model import Kind

KINDS = (Kind.CIM10,)

_SHAPE = celltext.Shape(r"[A-Za-z][0-9]{2}(?:\.?[0-9+][0-9A-Za-z+-]{0,4})?[+*†]?")

fits = _SHAPE.fits
valid = _SHAPE.fits
normalise = celltext.upper
mask = celltext.mask_all
valid_expr = _SHAPE.expr
normal_expr = celltext.upper_expr


@cache
def categories() -> frozenset[str]:
    """Return the categories of three characters."""
    return first_three(tomllib.loads((resources.files(__package__) / "cim10.toml").read_text(encoding="utf-8")))


def listed(text: str) -> bool:
    """Tell whether a code is of a category that exists."""
    return fits(text) and normalise(text)[:3] in categories()
