"""Which line a French number is of, and since when its range is open (`phone_plan.toml`, after ARCEP).

Rules, in the order in which they apply:

1. The longest beginning in the plan decides; a number that none fits is of no open range.
2. A number could be a person's on a day when its line is a landline, a box or a mobile and its range was open.
3. Geography decides nothing: since 2023 a number of 01-05 may be used anywhere in its territory.

>>> line("+33 6 39 98 12 34"), line("0733221100"), line("0700221100")
('fiction', 'mobile', '')
>>> own_on("0733221100", "2009-12-31"), own_on("0733221100", "2021-02-01")
(False, True)
"""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

from etanche.identifiers import phone

if TYPE_CHECKING:
    import ibis.expr.types as ir

_OWN = ("landline", "box", "mobile")


@cache
def _plan() -> dict[str, tuple[str, str]]:
    """Return line and first day by beginning, the longest beginnings first."""
    text = (resources.files(__package__) / "phone_plan.toml").read_text(encoding="utf-8")
    found = {
        prefix: (entry["line"], entry["since"].isoformat())
        for entry in tomllib.loads(text)["range"]
        for prefix in entry["prefixes"]
    }
    return dict(sorted(found.items(), key=lambda item: (-len(item[0]), item[0])))


def _range(text: str) -> tuple[str, str]:
    if phone.valid(text):
        number = phone.normalise(text)
        for prefix, entry in _plan().items():
            if number.startswith(prefix):
                return entry
    return "", ""


def line(text: str) -> str:
    """Return the line of a French number; empty for any other text and for a range that is not open."""
    return _range(text)[0]


def own_on(text: str, day: str) -> bool:
    """Tell whether a number could be a person's on a day (ISO); those kept for fiction are nobody's."""
    found, since = _range(text)
    return found in _OWN and since <= day


def line_expr(number: ir.StringValue) -> ir.StringValue:
    """Return `line` of a valid number, normalised, as an expression."""
    return _cased(number, 0)


def own_on_expr(number: ir.StringValue, day: str) -> ir.BooleanValue:
    """Return `own_on` of a valid number, normalised, as an expression."""
    return line_expr(number).isin(_OWN) & (_cased(number, 1) <= day)


def _cased(number: ir.StringValue, part: int) -> ir.StringValue:
    import ibis  # noqa: PLC0415 - half a second that plain Python callers need not pay

    groups: dict[tuple[int, str], list[str]] = {}
    for prefix, entry in _plan().items():
        groups.setdefault((len(prefix), entry[part]), []).append(prefix)
    found = ibis.cases(*((number.left(size).isin(some), value) for (size, value), some in groups.items()), else_="")
    return number.isnull().ifelse("", found)
