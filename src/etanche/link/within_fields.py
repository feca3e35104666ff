"""Any table's columns, compared by what they are made of: no column is known by name, no weight beforehand.

Rules, in the order in which they apply:

1. A column is of one sort: a text (names, places, streets), a day, a number (an identifier, a telephone, a house
   number), a code of which the first characters say where (`PREFIX`, a postcode), or a class (sex, state).
2. Texts are in capitals without accents and joints; a day is as written where it is ISO, 1861-12-77 too: what a typing
   error made of a day still resembles it.
3. Two values are equal, or near in the ways of their sort, or differ; a missing one says nothing.
4. Rows are compared that share two fields, each whole or by its beginning, unless those two bring more than `MOST`
   pairs for each row: what many rows share tells nobody from anybody.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import combinations, product
from typing import TYPE_CHECKING, cast

import ibis

from etanche.identifiers._hash import hash64_of
from etanche.identifiers.dates import iso_expr
from etanche.link.compare import alike
from etanche.link.sides import _capitals
from etanche.model import Column, Kind, Role

if TYPE_CHECKING:
    import ibis.expr.types as ir

MOST = 10
"""Pairs for each row that two fields together may bring…"""
MANY = 100_000
"""…up to so many rows: the more there are, the more of them share by chance what few shared."""
CROWD = 400
"""Rows that may share a key."""


class Sort(StrEnum):
    """How the values of a column resemble one another."""

    TEXT = "text"
    DAY = "day"
    NUMBER = "number"
    PREFIX = "prefix"
    CLASS = "class"


LEVELS: dict[Sort, tuple[str, ...]] = {
    Sort.TEXT: ("missing", "equal", "very_close", "close", "initial", "part", "far", "differs"),
    Sort.DAY: ("missing", "equal", "one_off", "turned", "same_year", "two_off", "same_day", "differs"),
    Sort.NUMBER: ("missing", "equal", "one_off", "two_off", "differs"),
    Sort.PREFIX: ("missing", "equal", "all_but_two", "all_but_three", "first_two", "differs"),
    Sort.CLASS: ("missing", "equal", "differs"),
}
"""The levels of each sort, in the order of their numbers."""
EQUAL = 1

_SORTS = {
    Sort.TEXT: (Kind.SURNAME, Kind.BIRTH_NAME, Kind.FIRST_NAME, Kind.FULL_NAME, Kind.ADDRESS, Kind.COMMUNE,
                Kind.BIRTH_PLACE),
    Sort.DAY: (Kind.BIRTH_DATE, Kind.DEATH_DATE),
    Sort.NUMBER: (Kind.NIR, Kind.INS, Kind.PHONE, Kind.MOBILE, Kind.LANDLINE, Kind.EMAIL, Kind.LOGIN),
    Sort.PREFIX: (Kind.POSTCODE, Kind.INSEE_COMMUNE),
    Sort.CLASS: (Kind.SEX, Kind.DEPARTEMENT, Kind.REGION, Kind.COUNTRY),
}  # fmt: skip
_SAYS = {
    Kind.POSTCODE: (Kind.INSEE_COMMUNE, Kind.COMMUNE, Kind.DEPARTEMENT, Kind.REGION),
    Kind.INSEE_COMMUNE: (Kind.COMMUNE, Kind.DEPARTEMENT, Kind.REGION),
    Kind.COMMUNE: (Kind.DEPARTEMENT, Kind.REGION),
    Kind.DEPARTEMENT: (Kind.REGION,),
}
"""What follows from what."""
_SHARED = frozenset(
    {Kind.SURNAME, Kind.BIRTH_NAME, Kind.NIR, Kind.ADDRESS, Kind.COMMUNE, Kind.POSTCODE, Kind.INSEE_COMMUNE,
     Kind.DEPARTEMENT, Kind.REGION, Kind.COUNTRY, Kind.PHONE, Kind.MOBILE, Kind.LANDLINE, Kind.EMAIL}
)  # fmt: skip
_STARTS = {Sort.TEXT: 4, Sort.DAY: 7, Sort.PREFIX: 4}
"""Characters of a field's beginning that are a key too."""
_INITIALS = 3
"""Letters from which a beginning or an end that is a whole other text says anything."""


@dataclass(frozen=True, slots=True)
class Field:
    """One thing that rows are compared by."""

    name: str
    sort: Sort
    shared: bool = False
    """Is it a household's, or a family's, rather than one person's?"""


def fields_of(columns: Sequence[Column]) -> dict[Field, tuple[Column, ...]]:
    """Return what the patients of a leak can be compared by, with the columns that say it, the fullest kind first."""
    sorts = {kind: sort for sort, kinds in _SORTS.items() for kind in kinds}
    own = [column for column in columns if column.role is Role.PATIENT]
    # A postcode says the commune, the department and the region: four fields for one thing would count it four times.
    known = {column.kind for column in own}
    said = {kind for one, others in _SAYS.items() if one in known for kind in others}
    found: dict[Field, tuple[Column, ...]] = {}
    for column in own:
        if column.kind in sorts and column.kind not in said:
            field = Field(f"f_{column.kind.value}", sorts[column.kind], column.kind in _SHARED)
            found[field] = (*found.get(field, ()), column)
    return found


def side_of_any(rows: ir.Table, columns: Sequence[Column]) -> ir.Table:
    """Return the fields of each row (`fields_of`), made alike; `rows` has the cells `c<index>`."""
    made: dict[str, ir.StringValue] = {}
    for field, own in fields_of(columns).items():
        cells = [normal(_read(rows[f"c{column.index}"], column), field.sort) for column in own]
        made[field.name] = ibis.coalesce(*cells) if len(cells) > 1 else cells[0]
    return rows.select(**made)


def _read(cell: ir.StringValue, column: Column) -> ir.StringValue:
    """Return a day as ISO where it is one, any other cell as it is."""
    day = column.kind is Kind.BIRTH_DATE and column.layout
    return ibis.coalesce(iso_expr(cell, column.layout), cell) if day else cell


def normal(cell: ir.StringValue, sort: Sort) -> ir.StringValue:
    """Return a cell as values of its sort are compared; null where nothing is left."""
    if sort is Sort.DAY:
        return cell.strip().nullif("")
    return cast("ir.StringValue", _capitals(cell).re_replace("[^A-Z0-9]+", "").nullif(""))


def keys(fields: Sequence[Field]) -> Iterator[tuple[str, tuple[tuple[Field, int], ...]]]:
    """Yield the keys there may be: a name, and two fields with the number of characters, 0 for all of them."""
    parts = {field: (0, _STARTS[field.sort]) if field.sort in _STARTS else (0,) for field in fields}
    for one, other in combinations(fields, 2):
        for left, right in product(parts[one], parts[other]):
            yield f"{one.name}:{left}/{other.name}:{right}", ((one, left), (other, right))


def keyed(rows: ir.Table, name: str, parts: Sequence[tuple[Field, int]]) -> ir.Table:
    """Return the key of each row that has it: `row, key`."""
    texts = [rows[field.name].left(start) if start else rows[field.name] for field, start in parts]
    return rows.select("row", key=hash64_of(name, *texts)).filter(ibis._.key.notnull())


def levels(pairs: ir.Table, fields: Sequence[Field]) -> ir.Table:
    """Return pairs with a level number for each field, `l_<name>`; the other row's fields have `r_` before them."""
    near = pairs.mutate(
        **{f"s_{field.name}": _likeness(pairs, field) for field in fields if field.sort in _LIKENESS},
    )
    return near.mutate(**{f"l_{field.name}": _level(near, field).cast("int8") for field in fields})


def _likeness(pairs: ir.Table, field: Field) -> ir.NumericValue:
    one, other = pairs[field.name], pairs[f"r_{field.name}"]
    # Most pairs are of values that are far apart in length or equal, and distance is dear.
    return alike(one, other) if field.sort is Sort.TEXT else one.levenshtein(other)


_LIKENESS = frozenset({Sort.TEXT, Sort.DAY, Sort.NUMBER})


def _level(near: ir.Table, field: Field) -> ir.IntegerValue:
    one, other = near[field.name], near[f"r_{field.name}"]
    number = LEVELS[field.sort].index
    special = {
        Sort.TEXT: _text,
        Sort.DAY: _day,
        Sort.NUMBER: _number,
        Sort.PREFIX: _prefix,
        Sort.CLASS: lambda *_: {},
    }[field.sort]
    likeness = near[f"s_{field.name}"] if field.sort in _LIKENESS else ibis.null("int64")
    cases = [(holds.fill_null(False), number(level)) for level, holds in special(one, other, likeness).items()]
    missing = (one.isnull() | other.isnull(), number("missing"))
    return ibis.cases(missing, (one == other, number("equal")), *cases, else_=number("differs"))


def _text(one: ir.StringValue, other: ir.StringValue, near: ir.NumericValue) -> dict[str, ir.BooleanValue]:
    shorter = ibis.least(one.length(), other.length())
    whole = one.startswith(other) | other.startswith(one) | one.endswith(other) | other.endswith(one)
    return {
        "very_close": near >= 0.94,
        "close": near >= 0.88,
        "initial": (shorter == 1) & (one.left(1) == other.left(1)),
        "part": (shorter >= _INITIALS) & whole,
        "far": near >= 0.7,
    }


def _day(one: ir.StringValue, other: ir.StringValue, near: ir.NumericValue) -> dict[str, ir.BooleanValue]:
    year = one.left(4) == other.left(4)
    crossed = (one.substr(5, 2) == other.substr(8, 2)) & (one.substr(8, 2) == other.substr(5, 2))
    return {
        "one_off": near == 1,
        "turned": year & crossed,
        "same_year": year,
        "two_off": near == 2,
        "same_day": one.right(6) == other.right(6),
    }


def _number(_one: ir.StringValue, _other: ir.StringValue, near: ir.NumericValue) -> dict[str, ir.BooleanValue]:
    return {"one_off": near == 1, "two_off": near == 2}


def _prefix(one: ir.StringValue, other: ir.StringValue, _near: ir.NumericValue) -> dict[str, ir.BooleanValue]:
    size = one.length()
    return {
        f"all_but_{word}": (size > less + 1)
        & (size == other.length())
        & (one.left(size - less) == other.left(size - less))
        for word, less in (("two", 2), ("three", 3))
    } | {"first_two": one.left(2) == other.left(2)}
