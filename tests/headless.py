"""Rows of made-up people whose columns agree with one another, for files without a header: any order, any dirt.

A person's NIR has the sex, the month of birth and the commune of birth of the other columns; postcode and commune of
the address are one place; the prescriber is one of forty.
"""

# ruff: noqa: E501 - tables of cases read best a line a case

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache

import lookalikes
from etanche import lexicon
from etanche.identifiers.nir import key
from etanche.model import Kind, Role

Person = dict[str, str]
LINES = frozenset({Kind.LANDLINE, Kind.MOBILE, Kind.PHONE})


@dataclass(frozen=True)
class Field:
    """A column: how a person fills it, kinds and roles that are right, and those that are no error but too little."""

    name: str
    fill: Callable[[random.Random, Person], str]
    kinds: frozenset[Kind]
    roles: frozenset[Role] = frozenset({Role.PATIENT})


@cache
def _births() -> list[tuple[str, str]]:
    """Return INSEE code and name of communes, one in fifty."""
    known = lexicon.communes()
    return [pair for pair in zip(known.insee, known.name, strict=True) if not pair[0].startswith(("97", "98"))][::50]


@cache
def _doctors() -> list[Person]:
    rng = random.Random(99)
    return [
        {"surname": lookalikes.surname(rng), "first": lookalikes.first_name(rng), "rpps": lookalikes.checked_by_luhn(f"10{rng.randrange(10**8):08}")}
        for _ in range(40)
    ]  # fmt: skip


@cache
def _first_names(sex: str) -> list[str]:
    """Return first names of one sex as often as France gives them."""
    known = lexicon.first_name_frequencies("F" if sex == "2" else "M")
    weights = [int(total) for total in known.counts.sum(axis=1, dtype=int)]
    return random.Random(sex).choices(known.names, weights, k=2000)


def person(rng: random.Random) -> Person:
    """Return one person, all of whose columns agree."""
    year, month, day, sex = rng.randrange(1925, 2021), rng.randrange(1, 13), rng.randrange(1, 29), rng.choice("12")
    insee, born_at = rng.choice(_births())
    number = f"{sex}{year % 100:02}{month:02}{insee}{rng.randrange(1, 999):03}"
    postcode, commune, home = rng.choice(lookalikes._communes())
    surname = lookalikes.surname(rng)
    doctor = rng.choice(_doctors())
    return {
        "nir": f"{number}{key(number):02}", "nir13": number, "sex12": sex, "sexmf": "MF"[sex == "2"],
        "title": "Mme" if sex == "2" else "M.", "born": f"{day:02}/{month:02}/{year}", "born8": f"{year}{month:02}{day:02}",
        "surname": surname, "birth_name": surname if rng.random() < 0.6 else lookalikes.surname(rng),
        "first": rng.choice(_first_names(sex)), "birth_insee": insee, "birth_place": born_at, "postcode": postcode,
        "commune": commune, "insee": home, "doctor": doctor["surname"], "doctor_first": doctor["first"], "rpps": doctor["rpps"],
    }  # fmt: skip


def _of(name: str) -> Callable[[random.Random, Person], str]:
    return lambda rng, one: one[name]


def _some(fill: lookalikes.Fill, share: float = 1.0) -> Callable[[random.Random, Person], str]:
    return lambda rng, one: fill(rng, 0) if rng.random() < share else ""


D = frozenset({Role.PRESCRIBER})
ANY = frozenset(Role)
FIELDS: dict[str, Field] = {field.name: field for field in (
    Field("nir", _of("nir"), frozenset({Kind.NIR})),
    Field("nir13", _of("nir13"), frozenset({Kind.NIR})),
    Field("sex12", _of("sex12"), frozenset({Kind.SEX})),
    Field("sexmf", _of("sexmf"), frozenset({Kind.SEX})),
    Field("title", _of("title"), frozenset({Kind.TITLE})),
    Field("born", _of("born"), frozenset({Kind.BIRTH_DATE})),
    Field("born8", _of("born8"), frozenset({Kind.BIRTH_DATE})),
    Field("surname", _of("surname"), frozenset({Kind.SURNAME})),
    Field("birth_name", _of("birth_name"), frozenset({Kind.BIRTH_NAME, Kind.SURNAME})),
    Field("married_from", lambda rng, one: one["birth_name"] if one["sex12"] == "2" else "", frozenset({Kind.BIRTH_NAME})),
    Field("pregnant", lambda rng, one: rng.choice("ON") if one["sex12"] == "2" and rng.random() < 0.3 else "", frozenset({Kind.PREGNANCY})),
    Field("first", _of("first"), frozenset({Kind.FIRST_NAME})),
    Field("birth_insee", _of("birth_insee"), frozenset({Kind.INSEE_COMMUNE, Kind.BIRTH_PLACE})),
    Field("birth_place", _of("birth_place"), frozenset({Kind.BIRTH_PLACE})),
    Field("postcode", _of("postcode"), frozenset({Kind.POSTCODE})),
    Field("commune", _of("commune"), frozenset({Kind.COMMUNE})),
    Field("insee", _of("insee"), frozenset({Kind.INSEE_COMMUNE})),
    Field("address", _some(lookalikes._street), frozenset({Kind.ADDRESS})),
    Field("mobile", _some(lookalikes._phone("67"), 0.5), LINES),
    Field("landline", _some(lookalikes._phone("12345", " "), 0.6), LINES),
    Field("email", _some(lookalikes._mail, 0.3), frozenset({Kind.EMAIL})),
    Field("sampled", _some(lookalikes._day(2016, 2021, "%d/%m/%Y")), frozenset({Kind.DATE, Kind.SAMPLE_DATE, Kind.VISIT_DATE}), ANY),
    Field("doctor", _of("doctor"), frozenset({Kind.SURNAME, Kind.DOCTOR}), D),
    Field("doctor_first", _of("doctor_first"), frozenset({Kind.FIRST_NAME}), D),
    Field("rpps", _of("rpps"), frozenset({Kind.RPPS}), D),
    Field("blood", _some(lookalikes._one_of("A+", "O+", "O-", "AB+", "B-"), 0.3), frozenset({Kind.BLOOD_GROUP})),
    Field("id", _some(lookalikes._pattern("D########")), frozenset({Kind.IDENTIFIER}), ANY),
)}  # fmt: skip

FILES: dict[str, tuple[str, ...]] = {
    "laboratory": (
        "id",
        "nir",
        "title",
        "surname",
        "birth_name",
        "first",
        "sexmf",
        "born",
        "address",
        "postcode",
        "commune",
        "landline",
        "mobile",
        "email",
        "doctor",
        "doctor_first",
        "rpps",
        "sampled",
        "blood",
    ),
    "health insurance": (
        "nir13",
        "surname",
        "first",
        "born8",
        "sex12",
        "birth_insee",
        "birth_place",
        "address",
        "postcode",
        "commune",
        "insee",
    ),
    "town": (
        "surname",
        "birth_name",
        "first",
        "sex12",
        "born",
        "birth_place",
        "address",
        "postcode",
        "commune",
        "mobile",
    ),
    "few": ("nir", "born8", "sex12"),
}
DIRT = (0.0, 0.03, 0.08)


def table(fields: Sequence[str], rows: int, dirt: float, rng: random.Random) -> tuple[tuple[str, ...], ...]:
    """Return the cells of some fields, by column; a share of the filled ones is dirt."""
    people = [person(rng) for _ in range(rows)]
    cells = [[FIELDS[name].fill(rng, one) for one in people] for name in fields]
    for column in cells:
        for row, text in enumerate(column):
            if text and rng.random() < dirt:
                column[row] = rng.choice(lookalikes.DIRT)
    return tuple(map(tuple, cells))
