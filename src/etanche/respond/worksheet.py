"""The severity of a breach on a worksheet (ENISA 2013): SE = DPC x EI + CB, each term with who chose it and why.

Rules, in the order in which they apply:

1. What may be chosen, and its points, is a dated file (`worksheet.toml`).
2. A term is that of the census, or one that a named person states with a reason; without a census, all three are.
3. DPC moves in whole steps within what its category allows, and stays within 1 to 4.
4. The score never replaces the test of articles 33 and 34: it is put beside a decision, and decides nothing.

>>> data_context("simple+2").points, circumstances("confidentiality=0.5, malicious=0.5").points
(3, 1.0)
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

FORMAT = "etanche-severity/1"
TERMS = ("dpc", "ei", "cb")
_DPC = re.compile(r"([a-z]+)([+-][0-3])?")
_LEAST, _MOST = 1, 4


@dataclass(frozen=True, slots=True)
class Choice:
    """What was chosen for a term, and the points that it gives."""

    chosen: str
    points: float


@dataclass(frozen=True, slots=True)
class Stated:
    """A term that a person states."""

    term: str
    chosen: str
    reason: str
    by: str
    role: str


@cache
def method() -> dict[str, Any]:
    """Return the dated file of the method."""
    return tomllib.loads((resources.files(__package__) / "worksheet.toml").read_text(encoding="utf-8"))


def data_context(text: str) -> Choice:
    """Return the points of "sensitive", "simple+2", or of a bare number; `UserError` (usage) for anything else."""
    said = text.strip().lower()
    if said in {"1", "2", "3", "4"}:
        return Choice(said, int(said))
    match = _DPC.fullmatch(said)
    of = {each["code"]: each for each in method()["dpc"]}
    step = int(match[2] or 0) if match else 0
    if match is None or match[1] not in of or not of[match[1]]["least"] <= step <= of[match[1]]["most"]:
        known = ", ".join(f"{code} ({each['least']:+d}…{each['most']:+d})" for code, each in of.items())
        raise UserError("severity_dpc", ExitCode.USAGE, known=known)
    return Choice(said, min(max(of[match[1]]["points"] + step, _LEAST), _MOST))


def identification(text: str) -> Choice:
    """Return the points of "maximum" or of "0.75"; `UserError` (usage) for anything else."""
    said = text.strip().lower().replace(",", ".")
    for each in method()["ei"]:
        if said == each["code"] or _number(said) == each["points"]:
            return Choice(each["code"], each["points"])
    raise UserError("severity_ei", ExitCode.USAGE, known=", ".join(each["code"] for each in method()["ei"]))


def circumstances(text: str) -> Choice:
    """Return the sum of "confidentiality=0.5, malicious=0.5"; what is not named is 0.  `UserError` (usage)."""
    of = {each["code"]: each["points"] for each in method()["cb"]}
    found: dict[str, float] = {}
    for part in filter(None, re.split(r"[;\s]+|,(?!\d)", text.strip().lower())):
        name, _, points = part.partition("=")
        number = _number(points.replace(",", "."))
        if name not in of or name in found or number not in of[name]:
            known = ", ".join(f"{code} ({'/'.join(map(str, each))})" for code, each in of.items())
            raise UserError("severity_cb", ExitCode.USAGE, known=known)
        found[name] = number
    return Choice(" ".join(f"{name}={points:g}" for name, points in found.items()), sum(found.values()))


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return -1.0


_READ = {"dpc": data_context, "ei": identification, "cb": circumstances}


def read(stated: Stated) -> Choice:
    """Return what a person chose for a term; `UserError` (usage) for what cannot be chosen."""
    return _READ[stated.term](stated.chosen)


def band(score: float) -> str:
    """Return the band of a score."""
    found: str = next(each["code"] for each in method()["band"] if score < each.get("below", float("inf")))
    return found


def filled(census: Mapping[str, Any] | None, stated: Mapping[str, Stated]) -> dict[str, Any]:
    """Return `result` and `terms` of a worksheet.

    `census` is the severity of the census.  Raises `UserError` (usage) for a term that nobody states and no census has.
    """
    terms = [_term(name, census, stated.get(name)) for name in TERMS]
    missing = [term["term"] for term in terms if term["points"] is None]
    if missing:
        raise UserError("severity_missing", ExitCode.USAGE, names=", ".join(f"--{name}" for name in missing))
    dpc, ei, cb = (term["points"] for term in terms)
    score = round(dpc * ei + cb, 2)
    flags = list(census["flags"]) if census else []
    return {
        "result": {"dpc": dpc, "ei": ei, "cb": cb, "score": score, "band": band(score), "flags": flags},
        "terms": terms,
    }


def stated_in(document: Mapping[str, Any]) -> dict[str, Stated]:
    """Return the terms that a worksheet has from a person."""
    return {
        term["term"]: Stated(term["term"], term["chosen"], term["reason"], term["by"], term["role"])
        for term in document.get("terms", ())
        if term["from"] == "person"
    }


def _term(name: str, census: Mapping[str, Any] | None, stated: Stated | None) -> dict[str, Any]:
    counted = census[name] if census else None
    reasons = [each for each in census["reasons"] if each["code"].startswith(f"{name}_")] if census else []
    choice = read(stated) if stated else None
    return {
        "term": name,
        "points": choice.points if choice else counted,
        "from": "person" if choice else "census",
        "chosen": choice.chosen if choice else None,
        "reason": stated.reason if stated else None,
        "by": stated.by if stated else None,
        "role": stated.role if stated else None,
        "census": counted,
        "census_reasons": reasons,
    }
