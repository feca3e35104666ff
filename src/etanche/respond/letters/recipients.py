"""Who a letter is addressed to, in which words, and what keeps it back.

Rules, in the order in which they apply (`rules.toml` has the ages and the articles):

1. The lists come first.  The dead are not written to, nor those whom a letter may harm; a guardian, a confidential or
   a corrected address takes the registry's place; a link that a person found wrong is no link.
2. A link still in review waits for a person.
3. A minor's letter goes to the holders of parental authority; where rows may be under the minor's own secrecy a
   biologist looks first.
4. An address that the post would not deliver to waits in the incomplete pile, with what is wrong.
5. What is told are families of data, never a topic: what is narrower (genetic data, sex life) is health data.
6. Somebody who is no patient is told of their own data alone: neither who the patient is nor that there is one.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from functools import cache
from importlib import resources
from typing import Any

from etanche.respond.letters.lists import NOTHING, Listed, Mention
from etanche.respond.letters.postal import Envelope, envelope


class Who(StrEnum):
    """In which capacity somebody is written to."""

    PATIENT = "patient"
    PARENTS = "parents"
    GUARDIAN = "guardian"
    OTHER = "other"
    """An insured parent, a spouse, a trusted person: the letter does not say which."""
    PRESCRIBER = "prescriber"


class Pile(StrEnum):
    """Where a letter lies; `READY` ones may be released."""

    READY = "ready"
    REVIEW = "review"
    BIOLOGIST = "biologist"
    OWN_SECRECY = "own_secrecy"
    GUARDIANSHIP = "guardianship"
    CONFIDENTIAL = "confidential"
    AT_RISK = "at_risk"
    INCOMPLETE = "incomplete"
    DECEASED = "deceased"
    NOT_THEM = "not_them"
    WITHDRAWN = "withdrawn"
    """On an earlier list of persons, not on the present one."""
    RETURNED = "returned"


CLOSED = frozenset({Pile.DECEASED, Pile.NOT_THEM, Pile.WITHDRAWN})
"""Piles of letters that nobody has to do anything about."""
TOLD = ("civil", "nir", "contact", "credentials", "financial", "health", "professional")
"""What a letter may name, in its order."""
_CHILD_TITLES = frozenset({"ENFANT", "BEBE", "NOURRISSON"})


@dataclass(frozen=True, slots=True)
class Addressee:
    """Somebody in the file, with what a letter needs."""

    key: str = field(repr=False)
    """Tells them from everybody else of one controller, now and at the next run."""
    registry_key: str = field(repr=False)
    """"" for whoever is in no registry."""
    who: Who
    surname: str = field(repr=False)
    first_name: str = field(repr=False)
    salutation: str
    """`madam`, `sir` or `both`."""
    born: date | None = field(repr=False)
    place: Mapping[str, str] = field(repr=False)
    """`address, postcode, commune, country`."""
    email: str = field(repr=False)
    families: frozenset[str]
    review: bool = False
    child: bool = False
    """A title says so, whatever the day of birth."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A letter before it has a number."""

    key: str = field(repr=False)
    registry_key: str = field(repr=False)
    who: Who
    salutation: str
    envelope: Envelope = field(repr=False)
    families: tuple[str, ...]
    variant: str
    """"" for whatever the run asks for; else `en` or `fr-large`."""
    email: str = field(repr=False)
    pile: Pile
    why: tuple[str, ...] = ()
    """What is wrong with the address."""
    leaked_address: bool = False


@cache
def rules() -> dict[str, Any]:
    """Return the dated rules."""
    return tomllib.loads((resources.files(__package__) / "rules.toml").read_text(encoding="utf-8"))


def told(families: Iterable[str]) -> tuple[str, ...]:
    """Return what a letter calls these families, each once, in its order."""
    said = rules()["told"]
    names = {said[family] for family in families}
    return tuple(name for name in TOLD if name in names)


def age(born: date | None, today: date) -> int | None:
    """Return whole years, None where the day of birth is not known."""
    if born is None:
        return None
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))


def draft(one: Addressee, mention: Mention | None, today: date) -> Draft:
    """Return the letter to one addressee, by the rules above."""
    mention = mention or NOTHING
    years = age(one.born, today)
    minor = one.who is Who.PATIENT and (one.child or (years is not None and years < rules()["minor"]["age"]))
    who = one.who
    if Listed.GUARDIANSHIP in mention.lists:
        who = Who.GUARDIAN
    elif minor and Listed.OWN_SECRECY not in mention.lists:
        who = Who.PARENTS
    window = _window(one, who, mention)
    pile = _pile(one, who, mention, window, years)
    variant = "en" if Listed.ENGLISH in mention.lists else "fr-large" if Listed.LARGE_PRINT in mention.lists else ""
    return Draft(
        key=one.key,
        registry_key=one.registry_key,
        who=who,
        salutation=one.salutation if who not in (Who.PARENTS, Who.GUARDIAN) else "both",
        envelope=window,
        families=told(one.families),
        variant=variant,
        # Who reads a child's or a ward's e-mail is not known.
        email=one.email if who not in (Who.PARENTS, Who.GUARDIAN) else "",
        pile=pile,
        why=window.faults if pile is Pile.INCOMPLETE else (),
        leaked_address=not one.registry_key and "address" not in mention.place,
    )


def _window(one: Addressee, who: Who, mention: Mention) -> Envelope:
    place = mention.place if "address" in mention.place else one.place
    name = f"{one.first_name} {one.surname}".strip()
    title = {"madam": "MADAME ", "sir": "MONSIEUR "}.get(one.salutation, "") if name else ""
    whose = [title + name]
    if who is Who.PARENTS:
        whose = ["TITULAIRES DE L AUTORITE PARENTALE", f"DE {name}" if name else ""]
    elif who is Who.GUARDIAN:
        whose = [mention.place.get("name", ""), f"POUR {name}" if name else ""]
    cells = (place.get(column, "") for column in ("address", "postcode", "commune", "country"))
    made = envelope(whose, *cells)
    return made if name else Envelope(made.lines, made.postcode, made.country, ("no_name", *made.faults))


def _pile(one: Addressee, who: Who, mention: Mention, window: Envelope, years: int | None) -> Pile:
    said, elsewhere = mention.lists, "address" in mention.place
    unguarded = Listed.GUARDIANSHIP in said and not (elsewhere and mention.place.get("name"))
    secret = who is Who.PARENTS and Listed.CLEARED not in said and _own_secrecy(one.families, years)
    found = (
        (Pile.DECEASED, Listed.DECEASED in said),
        (Pile.NOT_THEM, Listed.NOT_THEM in said),
        (Pile.AT_RISK, Listed.AT_RISK in said),
        (Pile.GUARDIANSHIP, unguarded),
        (Pile.CONFIDENTIAL, Listed.CONFIDENTIAL in said and not elsewhere),
        (Pile.REVIEW, one.review and Listed.CONFIRMED not in said),
        (Pile.OWN_SECRECY, Listed.OWN_SECRECY in said),
        (Pile.BIOLOGIST, secret),
        (Pile.INCOMPLETE, bool(window.faults)),
    )
    return next((pile for pile, holds in found if holds), Pile.READY)


def _own_secrecy(families: frozenset[str], years: int | None) -> bool:
    rule = rules()["own_secrecy"]
    if families & set(rule["families"]):
        return True
    return years is not None and years >= rule["age"] and "health" in told(families)


def is_child_title(title: str) -> bool:
    """Tell whether a title, folded, is a child's."""
    return title in _CHILD_TITLES
