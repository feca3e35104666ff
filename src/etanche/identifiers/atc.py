"""ATC, the classification of medicines (WHO): a letter, two digits, two letters, two digits.

`listed` asks more: whether the therapeutic group (the first three characters) exists.  The WHO's index may not be
redistributed; its 94 groups are part of every description of the system.

>>> listed("N02BE01"), valid("N09AA01"), listed("N09AA01")
(True, True, False)
"""

from __future__ import annotations

from etanche.identifiers import celltext
from etanche.identifiers._chapters import first_three
from etanche.model import Kind

KINDS = (Kind.ATC,)

_SHAPE = celltext.Shape("[ABCDGHJLMNPRSVabcdghjlmnprsv][0-9]{2}[A-Za-z](?:[A-Za-z](?:[0-9]{2})?)?")
GROUPS = first_three({
    "A": "01-16", "B": "01-03 05-06", "C": "01-05 07-10", "D": "01-11", "G": "01-04", "H": "01-05", "J": "01-02 04-07",
    "L": "01-04", "M": "01-05 09", "N": "01-07", "P": "01-03", "R": "01-03 05-07", "S": "01-03",
    "V": "01 03-04 06-10 20",
})  # fmt: skip
"""The therapeutic groups."""

fits = _SHAPE.fits
valid = _SHAPE.fits
normalise = celltext.upper
mask = celltext.mask_all
valid_expr = _SHAPE.expr
normal_expr = celltext.upper_expr


def listed(text: str) -> bool:
    """Tell whether a code is of a group that exists."""
    return fits(text) and normalise(text)[:3] in GROUPS
