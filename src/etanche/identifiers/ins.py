"""INS, the French national health identity: a NIR or NIA of 15 digits, often followed by the OID of its kind.

The OIDs are those of the INSi referential (ANS): 1.2.250.1.213.1.4.8 for a NIR, .9 for a NIA (a number in waiting), .10
for tests and .11 for demonstrations, whose bearers do not exist.

>>> authority("180055612345655^1.2.250.1.213.1.4.10"), authority("180055612345655")
('test', '')
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from etanche.identifiers import celltext, nir
from etanche.model import Kind

if TYPE_CHECKING:
    import ibis.expr.types as ir

KINDS = (Kind.INS,)

_OID = r"(?:urn:oid:)?1\.2\.250\.1\.213\.1\.4\.(?:8|9|10|11)"
_SHAPE = celltext.Shape(f"{nir.NUMBER}{celltext.GAP}[0-9]{{2}}(?:[ |^&;:/-]*{_OID})?")
_WITH_OID = celltext.Shape(f"{nir.NUMBER}{celltext.GAP}[0-9]{{2}}[ |^&;:/-]*{_OID}")
_TAIL = f"[ |^&;:/-]*{_OID}{celltext.AFTER}$"
_tail = re.compile(_TAIL)
AUTHORITIES = {"8": "nir", "9": "nia", "10": "test", "11": "demonstration"}
"""Who gave the number, by the last figure of the OID."""
_AUTHORITY = f"{_OID.replace('(?:8|9|10|11)', '(8|9|10|11)')}{celltext.AFTER}$"

fits = _SHAPE.fits
has_oid = _WITH_OID.fits


def normalise(text: str) -> str:
    """Return the 15 digits without the OID."""
    return celltext.compact(_tail.sub("", text))


def normal_expr(cell: ir.StringValue) -> ir.StringValue:
    """Return `normalise` as an expression."""
    return celltext.compact_expr((cell.length() > 30).ifelse(cell.re_replace(_TAIL, ""), cell))


def authority(text: str) -> str:
    """Return who gave the number (`AUTHORITIES`), empty without an OID."""
    found = re.search(_AUTHORITY, text)
    return AUTHORITIES[found[1]] if found else ""


def authority_expr(cell: ir.StringValue) -> ir.StringValue:
    """Return `authority` as an expression."""
    import ibis  # noqa: PLC0415 - half a second that plain Python callers need not pay

    figure = cell.re_extract(_AUTHORITY, 1)
    return ibis.cases(*((figure == last, name) for last, name in AUTHORITIES.items()), else_="")


def valid(text: str) -> bool:
    """Tell whether shape and key are right."""
    return fits(text) and nir.valid(normalise(text))


def valid_expr(cell: ir.StringValue) -> ir.BooleanValue:
    """Return `valid` as an expression."""
    return celltext.all_of(_SHAPE.expr(cell), nir.valid_expr(normal_expr(cell)))


mask = nir.mask
