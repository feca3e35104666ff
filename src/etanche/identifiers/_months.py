"""Days with their month in words: "12 mars 1970", "1er févr. 2021", "3 December 1999"."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from etanche.identifiers import celltext

if TYPE_CHECKING:
    import ibis.expr.types as ir

LAYOUT = "%d %B %Y"
_BEGINNINGS = (
    ("jan",), ("f",), ("mar",), ("av", "ap"), ("mai", "may"), ("juin", "jun"), ("juil", "jul"), ("ao", "aug"),
    ("sep",), ("oct",), ("nov",), ("d",),
)  # fmt: skip
"""How the name of each month begins, in French and English, small letters: enough to tell it from the others."""
_NAMES = (
    "janv(?:ier)?|jan(?:uary)?|f[ée]v(?:r(?:ier)?)?|feb(?:ruary)?|mars?|march|avr(?:il)?|apr(?:il)?|mai|may|juin|june?"
    "|juil(?:let)?|jul(?:y)?|ao[ûu]t|aug(?:ust)?|sept(?:embre|ember)?|sep|oct(?:obre|ober)?|nov(?:embre|ember)?"
    "|d[ée]c(?:embre|ember)?"
)
_DAY, _YEAR = "([0-3]?[0-9])(?:er)?", "((?:1[89]|2[01])[0-9]{2})"
PATTERN = f"(?i:{_DAY}[ .-]+({_NAMES})[.]?[ -]+{_YEAR})"


def _month(name: str) -> int:
    small = name.lower()
    return next(number for number, starts in enumerate(_BEGINNINGS, 1) if small.startswith(starts))


def parts(text: str) -> tuple[int, int, int] | None:
    """Return year, month and day of such a cell, None for another."""
    found = re.match(PATTERN, celltext.tidy(text))
    return (int(found[3]), _month(found[2]), int(found[1])) if found else None


def rebuilt(cell: ir.StringValue) -> ir.StringValue:
    """Return "YYYY-MM-DD" of such a cell as an expression; something that is no date for others."""
    import ibis  # noqa: PLC0415 - half a second that plain Python callers need not pay

    name = cell.re_extract(PATTERN, 2).lower()
    month = ibis.cases(
        *((name.startswith(start), f"{number:02}") for number, starts in enumerate(_BEGINNINGS, 1) for start in starts),
        else_="",
    )
    return cell.re_extract(PATTERN, 3) + "-" + month + "-" + cell.re_extract(PATTERN, 1).lpad(2, "0")
