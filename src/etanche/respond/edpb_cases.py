"""Which of the EDPB's eighteen examples (Guidelines 01/2021) a breach resembles, and what was owed there.

Rules, in the order in which they apply:

1. A breach and an example are sets of marks; what both have, over what either has, is how much they resemble (Jaccard).
2. The marks of a breach come from the census and from what the case stands on; a person may state more.
3. A resemblance decides nothing: what is shared and what differs is shown with it.
"""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from etanche.model import Category, Kind

CLOSEST = 5
_MANY = 100
_OFFICIAL = frozenset({Kind.NIR, Kind.INS})
_CONTACT = frozenset({Kind.ADDRESS, Kind.LANDLINE, Kind.MOBILE, Kind.PHONE, Kind.EMAIL})
_SPECIAL = frozenset({Category.HEALTH, Category.GENETIC, Category.SEX_LIFE})
_CREDENTIALS = frozenset({Kind.PASSWORD, Kind.PASSWORD_HASH, Kind.TOKEN})


@dataclass(frozen=True, slots=True)
class Example:
    """One of the eighteen."""

    number: int
    title: Mapping[str, str]
    """By language."""
    authority: bool
    persons: bool
    marks: frozenset[str]


@dataclass(frozen=True, slots=True)
class Resemblance:
    """An example beside a breach."""

    example: Example
    likeness: float
    """Between 0 and 1."""
    shared: tuple[str, ...]
    only_there: tuple[str, ...]
    only_here: tuple[str, ...]


@cache
def file() -> dict[str, Any]:
    """Return the dated file of the examples."""
    return tomllib.loads((resources.files(__package__) / "edpb_cases.toml").read_text(encoding="utf-8"))


@cache
def examples() -> tuple[Example, ...]:
    """Return the eighteen examples."""
    return tuple(
        Example(each["number"], {"en": each["en"], "fr": each["fr"]}, each["authority"], each["persons"], marks)
        for each in file()["case"]
        for marks in (frozenset(each["marks"]),)
    )


@cache
def marks() -> frozenset[str]:
    """Return every mark that an example has."""
    return frozenset().union(*(each.marks for each in examples()))


def marks_of(
    census: Mapping[str, Any] | None, basis: str | None, persons: Mapping[str, int] | None = None
) -> frozenset[str]:
    """Return the marks of a breach: what the census counted, or what a case without a file stands on.

    `persons` are how many that case concerns, `least` and `most`.
    """
    found = set()
    if basis == "ransomware":
        found |= {"ransomware", "availability", "malicious"}
    elif basis is not None:
        found |= {"exfiltrated", "malicious"}
    if persons and (persons["least"] > _MANY or persons["most"] <= _MANY):
        found |= {"many" if persons["least"] > _MANY else "few"}
    if census is None:
        return frozenset(found)
    kinds = {column["kind"] for column in census["columns"] if column["filled"]}
    held = {category for category, persons in census["categories"].items() if persons}
    severity = census["severity"]
    codes = {reason["code"] for reason in severity["reasons"]}
    found |= {"exfiltrated"}
    for mark, there in (
        ("malicious", "cb_malicious" in codes),
        ("special", held & _SPECIAL),
        ("financial", Category.FINANCIAL in held),
        ("credentials", kinds & _CREDENTIALS),
        ("official", kinds & _OFFICIAL),
        ("contact", kinds & _CONTACT),
        ("unintelligible", "unintelligible" in severity["flags"]),
        ("known_recipient", "cb_confidentiality_known_recipients" in codes),
    ):
        found |= {mark} if there else set()
    return frozenset(found - {"many", "few"} | {"many" if census["persons"] > _MANY else "few"})


def closest(own: Collection[str], most: int = CLOSEST) -> tuple[Resemblance, ...]:
    """Return the examples that share a mark with a breach, the closest first."""
    found = [_beside(each, frozenset(own)) for each in examples()]
    alike = sorted((each for each in found if each.shared), key=lambda each: (-each.likeness, each.example.number))
    return tuple(alike[:most])


def _beside(example: Example, own: frozenset[str]) -> Resemblance:
    shared, either = example.marks & own, example.marks | own
    return Resemblance(
        example,
        round(len(shared) / len(either), 3),
        tuple(sorted(shared)),
        tuple(sorted(example.marks - own)),
        tuple(sorted(own - example.marks)),
    )
