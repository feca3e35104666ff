"""E-mail address (RFC 5322, the part in daily use): a local part, an at sign, a domain with a top level of letters."""

from __future__ import annotations

from etanche.identifiers import celltext
from etanche.model import Kind

KINDS = (Kind.EMAIL,)

_WORD = "[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL = "[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_SHAPE = celltext.Shape("[^@ ,;<>]+@[^@ ,;<>]+")
_VALID = celltext.Shape(f"{_WORD}(?:[.]{_WORD})*@(?:{_LABEL}[.])+[A-Za-z]{{2,24}}")

fits = _SHAPE.fits
valid = _VALID.fits
normalise = celltext.lower
valid_expr = _VALID.expr
normal_expr = celltext.lower_expr


def mask(text: str) -> str:
    """Return stars around the at sign, with the top level domain when it has letters only."""
    host = celltext.tidy(text).rpartition("@")[2]
    top = host.rpartition(".")[2]
    return f"***@***.{top}" if top.isascii() and top.isalpha() and len(top) <= 6 else "***@***"
