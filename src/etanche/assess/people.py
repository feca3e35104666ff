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

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import reduce
from operator import and_, or_
from typing import TYPE_CHECKING

import ibis

from etanche.assess.categories import category_of
from etanche.assess.counts import one_row
from etanche.assess.fields import filled_any
from etanche.assess.findings import category_bits
from etanche.identifiers._hash import no_hash
from etanche.model import PERSON_ROLES, Category, Column, Kind, Passwords, Role, Share

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from etanche.assess.counts import Tables
    from etanche.assess.engine import Runner

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


def flags_of(people: ir.Table, by_flag: Mapping[str, set[int]]) -> ir.IntegerValue:
    """Return a person's flags: a bit for each that any filled cell of theirs brings."""
    nothing = ibis.literal(0, type="int64")
    bits = [ibis.ifelse(filled_any(people, holding), _bit(flag), nothing) for flag, holding in by_flag.items()]
    return reduce(or_, bits) if bits else nothing


def make_people(
    engine: Runner, tables: Tables, labels: ir.Table, said: ir.Table, columns: Sequence[Column], bits: TopicBits
) -> ir.Table:
    """Keep and return one line a person: `flags, affirmed, negated, mentioned, birth`."""
    facts, checked = tables.facts, tables.checked
    births = [column for column in columns if column.role is Role.PATIENT and column.kind is Kind.BIRTH_DATE]
    keys = [ibis._[f"x{column.index}"] for column in births]
    key = no_hash() if not keys else ibis.coalesce(*keys) if len(keys) > 1 else keys[0]
    masks = [name for name in facts.columns if re.fullmatch("f[0-9]+", name)]
    somebodys = facts.filter(filled_any(facts, _patients_cells(columns)))
    rows = somebodys.select("row", *masks, key=key).inner_join(labels, "row").left_join(said, "row")
    days = checked.filter(checked.col.isin([column.index for column in births] or [-1]) & checked.day.notnull())
    if len(births) > 1:
        days = days.group_by("raw").aggregate(day=days.day.min())
    rows = rows.left_join(days.select(key="raw", day="day"), "key")
    rows = rows.select("person", *masks, "day", "affirmed", "negated", "mentioned", "held")
    people = rows.group_by("person").aggregate(
        **{name: rows[name].bit_or() for name in masks},
        birth=rows.day.min(),
        affirmed=rows.affirmed.bit_or().fill_null(0),
        negated=rows.negated.bit_or().fill_null(0),
        mentioned=rows.mentioned.bit_or().fill_null(0),
        held=rows.held.bit_or().fill_null(0),
    )
    topical = (
        ibis.ifelse((people.mentioned & bits.any_health) > 0, _bit(Category.HEALTH.value), 0)
        | ibis.ifelse((people.mentioned & bits.genetic) > 0, _bit(Category.GENETIC.value), 0)
        | ibis.ifelse((people.mentioned & bits.sex_life) > 0, _bit(Category.SEX_LIFE.value), 0)
    )
    inside = [ibis.ifelse((people.held & mask) > 0, _bit(name.value), 0) for name, mask in category_bits().items()]
    flags = reduce(or_, inside, flags_of(people, flagged(columns)) | topical)
    return engine.keep("people", people.mutate(flags=flags).drop(*masks, "held"))


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


def count_people(engine: Runner, people: ir.Table) -> tuple[int, dict[Category, int]]:
    """Return the number of persons, and how many hold data of each category."""
    sums = {category.value: _holds(people, category.value).sum().fill_null(0) for category in Category}
    counted = one_row(engine, people.aggregate(persons=people.count(), **sums))
    return counted["persons"], {category: counted[category.value] for category in Category if counted[category.value]}


def count_ages(engine: Runner, people: ir.Table, reference: date) -> tuple[dict[str, int], int]:
    """Return persons by age band at the reference date, and how many are minors."""
    day = people.birth
    had_birthday = (day.month() * 100 + day.day()) <= reference.month * 100 + reference.day
    age = reference.year - day.year() - ibis.ifelse(had_birthday, 0, 1)
    known = day.notnull() & (age >= 0) & (age < 130)
    band = ibis.cases(
        (~known.fill_null(False), "unknown"),
        *((age >= first, name) for first, name in reversed(AGE_BANDS)),
        else_="unknown",
    )
    grouped = people.select(band=band, minor=(known & (age < 18)).fill_null(False))
    counted = engine.fetch(grouped.group_by("band").aggregate(n=grouped.count(), minors=grouped.minor.sum()))
    by_band = {line["band"]: int(line["n"]) for line in counted.to_pylist()}
    minors = sum(int(line["minors"] or 0) for line in counted.to_pylist())
    names = [name for _, name in AGE_BANDS] + ["unknown"]
    return {name: by_band[name] for name in names if name in by_band}, minors


def count_combinations(
    engine: Runner, people: ir.Table, persons: int, bits: TopicBits, passwords: Passwords | None
) -> dict[str, Share]:
    """Return persons by combination that hurts; those that no column of the file allows are left out."""
    conditions = combinations_of(people)
    conditions["hiv_name"] = ((people.affirmed & bits.hiv) > 0) & _holds(people, "name")
    sums = {name: condition.sum().fill_null(0) for name, condition in conditions.items()}
    counted = one_row(engine, people.aggregate(**sums))
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


def combinations_of(people: ir.Table) -> dict[str, ir.BooleanValue]:
    """Return each combination that flags alone tell as a condition on a person."""
    return {name: _all(people, *flags) for name, flags in _COMBINATIONS.items()}


def count_roles(engine: Runner, facts: ir.Table, labels: ir.Table, persons: int) -> dict[Role, int]:
    """Return distinct persons by role; `facts` holds `r_<role>` or `w_<role>` (within a patient) for each."""
    counts = {Role.PATIENT: persons}
    for role in PERSON_ROLES:
        alone, within = f"r_{role.value}", f"w_{role.value}"
        if alone in facts.columns:
            expression = facts.aggregate(n=facts[alone].nunique())
        elif within in facts.columns:
            known = facts.select("row", key=facts[within]).filter(ibis._.key.notnull()).inner_join(labels, "row")
            pairs = known.select("person", "key").distinct()
            expression = pairs.aggregate(n=pairs.count())
        else:
            continue
        number = one_row(engine, expression)["n"]
        if number:
            counts[role] = number
    return counts


def _bit(flag: str) -> ir.IntegerScalar:
    return ibis.literal(1 << _FLAGS.index(flag), type="int64")


def _holds(people: ir.Table, flag: str) -> ir.BooleanValue:
    return (people.flags & _bit(flag)) > 0


def _all(people: ir.Table, *flags: str) -> ir.BooleanValue:
    return reduce(and_, [_holds(people, flag) for flag in flags])


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


def categories_held(people: ir.Table) -> dict[str, ir.BooleanValue]:
    """Return whether a person holds data of each category, by the category's name."""
    return {category.value: _holds(people, category.value) for category in Category}
