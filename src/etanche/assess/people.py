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
from typing import TYPE_CHECKING

import ibis
import numpy as np
import numpy.typing as npt

from etanche.assess.categories import category_of
from etanche.assess.fields import filled_any, filled_cells, mask_names
from etanche.assess.findings import category_bits
from etanche.identifiers._hash import no_hash
from etanche.model import PERSON_ROLES, Category, Column, Kind, Passwords, Role, Share

if TYPE_CHECKING:
    import ibis.expr.types as ir

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
    birth: npt.NDArray[np.datetime64]
    """Days, not-a-time where unknown."""


def flags_of(masks: Mapping[str, Bits], by_flag: Mapping[str, set[int]]) -> Bits:
    """Return the flags of people: a bit for each that any filled cell of theirs brings; `masks` are `f0`, `f1`…"""
    flags = np.zeros(len(masks["f0"]), np.int64)
    for flag, holding in by_flag.items():
        flags |= np.where(filled_cells(masks, holding), _bit(flag), 0)
    return flags


def make_people(
    engine: Runner, tables: Tables, labels: ir.Table, said: ir.Table, columns: Sequence[Column], bits: TopicBits
) -> People:
    """Return the patients, in no order."""
    facts, checked = tables.facts, tables.checked
    births = [column for column in columns if column.role is Role.PATIENT and column.kind is Kind.BIRTH_DATE]
    keys = [ibis._[f"x{column.index}"] for column in births]
    key = no_hash() if not keys else ibis.coalesce(*keys) if len(keys) > 1 else keys[0]
    masks = mask_names(facts.columns)
    rows = facts.select("row", *masks, key=key)
    rows = rows.filter(filled_any(rows, _patients_cells(columns))).inner_join(labels, "row").left_join(said, "row")
    days = checked.filter(checked.col.isin([column.index for column in births] or [-1]) & checked.day.notnull())
    if len(births) > 1:
        days = days.group_by("raw").aggregate(day=days.day.min())
    rows = rows.left_join(days.select(key="raw", day="day"), "key")
    rows = rows.select("person", *masks, "day", *_SAID)
    held = engine.fetch(
        rows.group_by("person").aggregate(
            **{name: rows[name].bit_or() for name in masks},
            **{name: rows[name].bit_or().fill_null(0) for name in _SAID},
            birth=rows.day.min(),
        )
    )
    arrays = {name: held[name].to_numpy() for name in (*masks, *_SAID)}
    flags = flags_of(arrays, flagged(columns))
    mentioned, found = arrays["mentioned"], arrays["held"]
    for category, topics in (
        (Category.HEALTH, bits.any_health),
        (Category.GENETIC, bits.genetic),
        (Category.SEX_LIFE, bits.sex_life),
    ):
        flags |= np.where(mentioned & topics, _bit(category.value), 0)
    for category, kinds in category_bits().items():
        flags |= np.where(found & kinds, _bit(category.value), 0)
    return People(flags, arrays["affirmed"], arrays["negated"], held["birth"].to_numpy())


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
    known = people.birth[~np.isnat(people.birth)].astype("datetime64[D]")
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


def count_roles(engine: Runner, facts: ir.Table, labels: ir.Table, persons: int) -> dict[Role, int]:
    """Return distinct persons by role; `facts` holds `r_<role>` or `w_<role>` (within a patient) for each."""
    counts = {Role.PATIENT: persons}
    for role in PERSON_ROLES:
        told = told_apart(engine, facts, labels, role)
        if told is not None and len(told[1]):
            counts[role] = len(told[1])
    return counts


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
        differ = [keys[order]]
    else:
        persons = engine.fetch(labels.select("person"))["person"].to_numpy()[rows]
        order = np.lexsort((keys, persons))
        differ = [keys[order], persons[order]]
    begins = np.ones(len(rows), np.bool_)
    begins[1:] = reduce(or_, [each[1:] != each[:-1] for each in differ])
    return rows[order], np.flatnonzero(begins)


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
