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

from etanche.identifiers import phone

TELLING = 6
"""Digits that decide, at most."""
_OWN = ("landline", "box", "mobile")


@cache
def _plan() -> dict[str, tuple[str, str]]:
    """Return line and first day by beginning."""
    text = (resources.files(__package__) / "phone_plan.toml").read_text(encoding="utf-8")
    return {
        prefix: (entry["line"], entry["since"].isoformat())
        for entry in tomllib.loads(text)["range"]
        for prefix in entry["prefixes"]
    }


def of_range(beginning: str) -> tuple[str, str]:
    """Return line and first day (ISO) of the numbers that begin so, by six digits or more; empty for no open range."""
    known = _plan()
    for size in range(TELLING, 1, -1):
        if beginning[:size] in known:
            return known[beginning[:size]]
    return "", ""


def _range(text: str) -> tuple[str, str]:
    return of_range(phone.normalise(text)) if phone.valid(text) else ("", "")


def line(text: str) -> str:
    """Return the line of a French number; empty for any other text and for a range that is not open."""
    return _range(text)[0]


def own_on(text: str, day: str) -> bool:
    """Tell whether a number could be a person's on a day (ISO); those kept for fiction are nobody's."""
    return open_on(_range(text), day)


def open_on(found: tuple[str, str], day: str) -> bool:
    """Tell whether a range (`of_range`) is of persons' numbers and was open on a day (ISO)."""
    line, since = found
    return line in _OWN and since <= day
