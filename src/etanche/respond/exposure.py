"""What the organisation may be fined at most: both tiers of GDPR 83, the greater of an amount and a share of turnover.

Rules, in the order in which they apply:

1. Amounts, shares and duties are a dated file (`exposure.toml`).
2. The turnover is the worldwide one of the year before, of the undertaking (recital 150): a number, a range or unknown.
   Unknown gives the formula, and the amount below which no ceiling can fall.
3. A ceiling is no forecast.

>>> [tier.ceiling(Turnover(600_000_000, 600_000_000)) for tier in tiers()]
[(12000000, 12000000), (24000000, 24000000)]
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from etanche.errors import ExitCode, UserError
from etanche.respond.moments import UNKNOWN

FORMAT = "etanche-exposure/1"
_UNITS = {"": 1, "k": 10**3, "m": 10**6, "md": 10**9, "g": 10**9, "bn": 10**9}
_AMOUNT = re.compile(r"(\d{1,15}(?:[.,]\d{1,3})?)\s*(k|m|md|g|bn)?\s*(?:€|eur|euros)?", re.IGNORECASE)
_SPACES = re.compile(r"(?<=\d)[ _'\u00a0\u202f](?=\d)")
_RANGE = re.compile(r"\s*(?:\.\.|–|(?<=[\dkmdgn€ ])-)\s*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Turnover:
    """A turnover in euros: the least and the most that it can be."""

    least: int
    most: int


@dataclass(frozen=True, slots=True)
class Tier:
    """One of the two."""

    code: str
    article: str
    euros: int
    share: int
    """Percent."""
    duties: tuple[Mapping[str, str], ...]

    def ceiling(self, turnover: Turnover | None) -> tuple[int, int | None]:
        """Return the least and the most that the ceiling can be, in euros; None: it has no known end."""
        if turnover is None:
            return self.euros, None
        return self._ceiling(turnover.least), self._ceiling(turnover.most)

    def _ceiling(self, turnover: int) -> int:
        return max(self.euros, turnover * self.share // 100)

    @property
    def threshold(self) -> int:
        """The turnover from which the share is the greater, in euros."""
        return self.euros * 100 // self.share


@cache
def file() -> dict[str, Any]:
    """Return the dated file of the tiers."""
    return tomllib.loads((resources.files(__package__) / "exposure.toml").read_text(encoding="utf-8"))


@cache
def tiers() -> tuple[Tier, ...]:
    """Return both tiers, the lower one first."""
    return tuple(
        Tier(each["code"], each["article"], each["euros"], each["share"], tuple(each["duty"]))
        for each in file()["tier"]
    )


def turnover(text: str) -> Turnover | None:
    """Return what "850 000", "12.5M", "10M..15M" mean; None for unknown.  `UserError` (usage) for anything else."""
    said = _SPACES.sub("", text.strip())
    if said.lower() in UNKNOWN:
        return None
    ends = [_euros(part) for part in _RANGE.split(said)]
    if len(ends) > 2 or ends[-1] < ends[0]:
        raise UserError("exposure_turnover", ExitCode.USAGE)
    return Turnover(ends[0], ends[-1])


def _euros(text: str) -> int:
    match = _AMOUNT.fullmatch(text.strip())
    if match is None:
        raise UserError("exposure_turnover", ExitCode.USAGE)
    whole, _, part = match[1].replace(",", ".").partition(".")
    # In thousandths: 12.345M is exact, and a fraction of a euro is left out.
    return (int(whole) * 1000 + int(part.ljust(3, "0"))) * _UNITS[(match[2] or "").lower()] // 1000


def document(code: str, known: Turnover | None) -> dict[str, Any]:
    """Return the exposure of a controller."""
    found = file()
    return {
        "format": FORMAT,
        "code": code,
        "turnover": None if known is None else {"least": known.least, "most": known.most},
        "tiers": [_tier(tier, known) for tier in tiers()],
        "law": {
            "title": found["title"],
            "source": found["source"],
            "written": found["written"].isoformat(),
            "reviewed": found["reviewed"].isoformat() if "reviewed" in found else None,
            "mark": found["mark"],
        },
    }


def _tier(tier: Tier, known: Turnover | None) -> dict[str, Any]:
    least, most = tier.ceiling(known)
    return {
        "tier": tier.code,
        "article": tier.article,
        "euros": tier.euros,
        "percent": tier.share,
        "threshold": tier.threshold,
        "ceiling": {"least": least, "most": most},
        "duties": [duty["article"] for duty in tier.duties],
    }
