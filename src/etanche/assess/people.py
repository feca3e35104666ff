"""Persons counted: the patients of the file by category, by age, by combination that hurts; everyone else by role.

Rules, in the order in which they apply:

1. `labels` says whose row each row is.  A person holds what any of their rows holds.  A row without a filled cell that
   could be a patient's (a blank one, one of a list of prescribers) is nobody's.
2. Categories (GDPR art. 4, 9, 10, 87) come from the kinds of the patient's columns, and from what comments say:
   a text that mentions a clinical topic, even to deny it, is health data; a number in it is what it is in a column.
3. Age is counted in whole years at the reference date; the earliest valid birth date of a person counts.
4. Others (prescribers, spouses…) are counted by their key; one known by name only counts once for each patient.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from etanche.assess.categories import category_of
from etanche.assess.fields import filled_cells, mask_arrays, mask_names
from etanche.assess.findings import category_bits
from etanche.model import PERSON_ROLES, Category, Column, Kind, Passwords, Role, Share

if TYPE_CHECKING:
    import ibis.expr.types as ir
    import pyarrow as pa

    from etanche.assess.counts import Tables
    from etanche.assess.engine import Runner

Bits = npt.NDArray[np.int64]
Marks = npt.NDArray[np.bool_]

AGE_BANDS = (
    (0, "0-14"),
    (15, "15-17"),
    (18, "18-29"),
    (30, "30-44"),
    (45, "45-59"),
    (60, "60-74"),
    (75, "75-89"),
    (90, "90+"),
)
"""First age of each band and its name; "unknown" is for persons without a valid birth date."""
_ADULT, _OLDEST = 18, 130
_NO_DAY = np.iinfo(np.int32).max
_SAID = ("affirmed", "negated", "mentioned", "held")

_NAMES = (Kind.SURNAME, Kind.BIRTH_NAME, Kind.FULL_NAME)
_CONTACT = (Kind.EMAIL, Kind.MOBILE, Kind.LANDLINE, Kind.PHONE, Kind.ADDRESS)
_FLAGS = (
    "name",
    "nir",
    "birth",
    "address",
    "contact",
    "email",
    "iban",
    "password",
    *(category.value for category in Category),
)
_KINDS_OF_FLAG: dict[str, tuple[Kind, ...]] = {
    "name": _NAMES,
    "nir": (Kind.NIR, Kind.INS),
    "birth": (Kind.BIRTH_DATE,),
    "address": (Kind.ADDRESS,),
    "contact": _CONTACT,
    "email": (Kind.EMAIL,),
    "iban": (Kind.IBAN, Kind.CARD),
    "password": (Kind.PASSWORD, Kind.PASSWORD_HASH),
}

_TELLING = frozenset(
    {*_NAMES, *_CONTACT, Kind.NIR, Kind.INS, Kind.FIRST_NAME, Kind.LOGIN, Kind.IDENTIFIER, Kind.NUMBER}
)
"""Kinds of a patient's columns that say whose a row is."""
_INTERNAL = frozenset({
    Kind.IDENTIFIER, Kind.CONSTANT, Kind.FILE_NAME, Kind.TIMESTAMP, Kind.BOOLEAN, Kind.NUMBER, Kind.AMOUNT, Kind.URL,
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class TopicBits:
    """Masks of topics by category, by the order of the topics."""

    any_health: int
    genetic: int
    sex_life: int
    hiv: int


def flagged(columns: Sequence[Column], role: Role = Role.PATIENT) -> dict[str, set[int]]:
    """Return the columns that bring each trait and category to persons of a role, of those that any brings."""
    own = [column for column in columns if column.role is role or (role is Role.PATIENT and column.role is Role.NONE)]
    by_flag = {flag: {column.index for column in own if column.kind in kinds} for flag, kinds in _KINDS_OF_FLAG.items()}
    for column in own:
        category = category_of(column.kind, role)
        if category is not None and column.role is role:
            by_flag.setdefault(category.value, set()).add(column.index)
    return {flag: holding for flag, holding in by_flag.items() if holding}


@dataclass(frozen=True, slots=True)
class People:
    """The patients: an array of each, all of one length, a patient a place."""

    flags: Bits
    """What they hold: traits and categories, a bit each (`_FLAGS`)."""
    affirmed: Bits
    negated: Bits
    """Topics that texts affirm and deny of them, a bit each."""
    birth: npt.NDArray[np.int32]
    """Days since 1970, `_NO_DAY` where unknown."""


def flags_of(masks: Mapping[str, Bits], by_flag: Mapping[str, set[int]]) -> Bits:
    """Return the flags of people: a bit for each that any filled cell of theirs brings; `masks` are `f0`, `f1`…"""
    flags = np.zeros(len(masks["f0"]), np.int64)
    for flag, holding in by_flag.items():
        flags |= np.where(filled_cells(masks, holding), _bit(flag), 0)
    return flags


def make_people(
    engine: Runner, tables: Tables, labels: ir.Table, said: ir.Table, columns: Sequence[Column], bits: TopicBits
) -> People:
    """Return the patients, in no order.

    Arrays are sorted by person and taken together: a database makes a table of whatever it joins and another of the
    persons, which at two million rows was a third of all memory.
    """
    masks = mask_arrays(engine, tables.facts)
    whose = engine.fetch(labels.select("person"))["person"].to_numpy()
    rows = np.flatnonzero(filled_cells(masks, _patients_cells(columns)))
    rows = rows[np.argsort(whose[rows], kind="stable")]
    begins = beginnings(whose[rows])
    brought = {name: np.bitwise_or.reduceat(mask[rows], begins) for name, mask in masks.items()}
    birth = np.minimum.reduceat(_days(engine, tables, columns)[rows], begins)
    told = _told(engine.fetch(said.select("row", *_SAID)), whose, rows, whose[rows[begins]])
    flags = flags_of(brought, flagged(columns))
    for category, topics in (
        (Category.HEALTH, bits.any_health),
        (Category.GENETIC, bits.genetic),
        (Category.SEX_LIFE, bits.sex_life),
    ):
        flags |= np.where(told["mentioned"] & topics, _bit(category.value), 0)
    for category, kinds in category_bits().items():
        flags |= np.where(told["held"] & kinds, _bit(category.value), 0)
    return People(flags, told["affirmed"], told["negated"], birth)


def _told(said: pa.Table, whose: Bits, rows: Bits, persons: Bits) -> dict[str, Bits]:
    """Return what the texts of each person's own rows say together; `persons` are in order."""
    own = np.zeros(len(whose), np.bool_)
    own[rows] = True
    of = said["row"].to_numpy()
    lines = np.flatnonzero(own[of])
    lines = lines[np.argsort(whose[of[lines]], kind="stable")]
    begins = beginnings(whose[of[lines]])
    places = np.searchsorted(persons, whose[of[lines[begins]]])
    told = {name: np.zeros(len(persons), np.int64) for name in _SAID}
    for name, together in told.items():
        together[places] = np.bitwise_or.reduceat(said[name].to_numpy()[lines], begins)
    return told


def _days(engine: Runner, tables: Tables, columns: Sequence[Column]) -> npt.NDArray[np.int32]:
    """Return the day of birth that each row's first filled cell of one gives, since 1970; `_NO_DAY` without one."""
    facts, checked = tables.facts, tables.checked
    births = [column.index for column in columns if column.role is Role.PATIENT and column.kind is Kind.BIRTH_DATE]
    read = checked.filter(checked.col.isin(births or [-1]) & checked.day.notnull())
    known = engine.fetch(read.group_by("raw").aggregate(day=read.day.min()).order_by("raw"))
    raw, day = known["raw"].to_numpy(), known["day"].to_numpy().astype("datetime64[D]").astype(np.int64)
    mask = mask_names(facts.columns)[0]
    days = np.full(len(engine.fetch(facts.select(mask))), _NO_DAY, np.int32)
    open_still = np.ones(len(days), np.bool_)
    for name in (f"x{index}" for index in births if len(raw)):
        cells = engine.fetch(facts.select(name))[name]
        filled = cells.is_valid().to_numpy() & open_still
        keys = cells.fill_null(0).to_numpy()[filled]
        places = np.minimum(np.searchsorted(raw, keys), len(raw) - 1)
        days[filled] = np.where(raw[places] == keys, day[places], _NO_DAY)
        open_still &= ~filled
    return days


def _patients_cells(columns: Sequence[Column]) -> set[int]:
    """Return the columns whose filled cells make a row a patient's.

    An internal number tells of nobody in a file that holds others and no patient.  Among several tables, the rows of
    one that says in no way whose they are (a list of analyses, a journal) are nobody's; so are a letter's lines.
    """
    roles = {column.role for column in columns}
    mute = _INTERNAL if Role.PATIENT not in roles and roles & set(PERSON_ROLES) else frozenset()
    own = [
        column
        for column in columns
        if column.role in (Role.PATIENT, Role.NONE) and column.kind not in mute and column.reason.code != "prose"
    ]
    telling = {column.table for column in own if column.role is Role.PATIENT and column.kind in _TELLING}
    several = len({column.table for column in columns}) > 1
    return {column.index for column in own if not several or column.table in telling}


def count_people(people: People) -> tuple[int, dict[Category, int]]:
    """Return the number of persons, and how many hold data of each category."""
    counted = {Category(name): np.count_nonzero(held) for name, held in categories_held(people.flags).items()}
    return len(people.flags), {category: int(number) for category, number in counted.items() if number}


def count_ages(people: People, reference: date) -> tuple[dict[str, int], int]:
    """Return persons by age band at the reference date, and how many are minors."""
    known = people.birth[people.birth != _NO_DAY].astype("datetime64[D]")
    months = known.astype("datetime64[M]")
    years = known.astype("datetime64[Y]").astype(np.int64) + 1970
    month, day = months.astype(np.int64) % 12 + 1, (known - months).astype(np.int64) + 1
    age = reference.year - years - (month * 100 + day > reference.month * 100 + reference.day)
    age = age[(age >= 0) & (age < _OLDEST)]
    firsts = [first for first, _ in AGE_BANDS]
    counted = np.bincount(np.searchsorted(firsts, age, side="right") - 1, minlength=len(AGE_BANDS))
    by_band = {name: int(number) for (_, name), number in zip(AGE_BANDS, counted, strict=True) if number}
    unknown = len(people.birth) - len(age)
    return by_band | ({"unknown": unknown} if unknown else {}), int(np.count_nonzero(age < _ADULT))


def count_combinations(people: People, persons: int, bits: TopicBits, passwords: Passwords | None) -> dict[str, Share]:
    """Return persons by combination that hurts; those that no column of the file allows are left out."""
    conditions = combinations_of(people.flags)
    conditions["hiv_name"] = ((people.affirmed & bits.hiv) != 0) & _all(people.flags, "name")
    counted = {name: int(np.count_nonzero(condition)) for name, condition in conditions.items()}
    if passwords:
        counted |= {"password_reused": passwords.reused.patients, "password_weak": passwords.weak_patients}
    return {name: Share(number, persons, "persons") for name, number in counted.items() if number}


_COMBINATIONS = {
    "nir_birth_date_address": ("nir", "birth", "address"),
    "nir_name": ("nir", "name"),
    "identity_full": ("name", "birth", "address"),
    "health_name": (Category.HEALTH.value, "name"),
    "health_contact": (Category.HEALTH.value, "contact"),
    "name_contact": ("name", "contact"),
    "password_email": ("password", "email"),
    "iban_identity": ("iban", "name"),
}
"""Combinations that flags alone tell."""


def combinations_of(flags: Bits) -> dict[str, Marks]:
    """Return each combination that flags alone tell: who holds it."""
    return {name: _all(flags, *together) for name, together in _COMBINATIONS.items()}


def categories_held(flags: Bits) -> dict[str, Marks]:
    """Return who holds data of each category, by the category's name."""
    return {category.value: _all(flags, category.value) for category in Category}


def told_apart(engine: Runner, facts: ir.Table, labels: ir.Table, role: Role) -> tuple[Bits, Bits] | None:
    """Return the rows that name somebody of a role, those of one person together, and where each person begins."""
    names = [name for name in (f"r_{role.value}", f"w_{role.value}") if name in facts.columns]
    if not names:
        return None
    key = engine.fetch(facts.select(names[0]))[names[0]]
    rows = np.flatnonzero(key.is_valid().to_numpy())
    keys = key.drop_null().to_numpy()
    if names[0].startswith("r_"):
        order = np.argsort(keys)
        return rows[order], beginnings(keys[order])
    persons = engine.fetch(labels.select("person"))["person"].to_numpy()[rows]
    order = np.lexsort((keys, persons))
    return rows[order], beginnings(keys[order], persons[order])


def beginnings(*ordered: npt.NDArray[np.integer[Any]]) -> Bits:
    """Return where a line differs from the one before it, the first line included; arrays of one length, sorted."""
    differ = np.ones(len(ordered[0]), np.bool_)
    differ[1:] = reduce(or_, [each[1:] != each[:-1] for each in ordered])
    return np.flatnonzero(differ)


def _bit(flag: str) -> int:
    return 1 << _FLAGS.index(flag)


def _all(flags: Bits, *names: str) -> Marks:
    wanted = sum(map(_bit, names))
    held: Marks = (flags & wanted) == wanted
    return held


def topic_bits(topics: Mapping[str, Category]) -> TopicBits:
    """Return the masks of the topics by what they weigh as (keys in the order of the bits)."""
    masks = dict.fromkeys(Category, 0)
    hiv = 0
    for number, (topic, category) in enumerate(topics.items()):
        masks[category] |= 1 << number
        if topic == "hiv":
            hiv = 1 << number
    health = masks[Category.HEALTH] | masks[Category.GENETIC] | masks[Category.SEX_LIFE]
    return TopicBits(health, masks[Category.GENETIC], masks[Category.SEX_LIFE], hiv)
