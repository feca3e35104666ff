"""How alike two sides of a pair are: one level for each comparison, as expressions.

Rules, in the order in which they apply:

1. Names: the best of birth and usual name on either side; a part of a compound name counts as one; a surname that
   stands where the first name should is an inversion, and both comparisons say so.
2. A birth date is equal, turned (day and month changed about), off by one character, or of the same year only.
3. A NIR speaks where it is each side's own; one that is equal but not the row's own (a child's under its parent's)
   says little of who the row is.
4. Address, postcode and telephone are one comparison, `home`: a household shares them all.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial, reduce
from inspect import Parameter, Signature
from operator import or_
from typing import TYPE_CHECKING, cast

import ibis
import ibis.expr.datatypes as dt

if TYPE_CHECKING:
    import ibis.expr.types as ir

LEVELS: dict[str, tuple[str, ...]] = {
    "nir": ("missing", "equal", "near", "differs", "not_own_equal", "not_own"),
    "name": ("missing", "equal", "very_close", "close", "part", "far", "differs", "turned"),
    "first": ("missing", "equal", "very_close", "close", "part", "initial", "far", "differs", "turned"),
    "birth": ("missing", "equal", "turned", "one_off", "same_year", "differs"),
    "sex": ("missing", "equal", "differs"),
    "home": tuple(
        f"{address}_{phone}"
        for address in ("missing", "equal", "close", "same_place", "same_department", "differs")
        for phone in ("missing", "equal", "differs")
    ),
}
"""The levels of each comparison, in the order of their numbers."""

_TURNED = 0.92
"""Likeness under which names are held for other names, and from which each stands in the other's place."""
_PART = 4
"""Letters from which a part of a compound name says anything."""


def _builtin(name: str, result: dt.DataType) -> Callable[..., ir.Value]:
    def stand_in() -> None:
        """Never called: the engine has the function."""

    parameters = [Parameter(f"text{number}", Parameter.POSITIONAL_OR_KEYWORD) for number in range(2)]
    stand_in.__signature__ = Signature(parameters)  # type: ignore[attr-defined]
    function: Callable[..., ir.Value] = ibis.udf.scalar.builtin(
        stand_in, name=name, signature=((dt.string, dt.string), result)
    )
    return function


_JARO_WINKLER = _builtin("jaro_winkler_similarity", dt.float64)


def alike(one: ir.StringValue, other: ir.StringValue) -> ir.FloatingValue:
    """Return the Jaro-Winkler similarity of two texts, 0 where one is missing (Winkler 1990).

    Most texts that meet are equal, and what is equal need not be measured.
    """
    near = ibis.ifelse(one == other, ibis.literal(1.0), _JARO_WINKLER(one, other))
    return cast("ir.FloatingValue", near.fill_null(0.0))


def levels(pairs: ir.Table) -> ir.Table:
    """Return pairs with a column of level numbers for each comparison.

    `pairs` has the fields of both sides (`sides.FIELDS`), those of the registry with `r_` before them.
    """
    near = pairs.mutate(s_name=_near_names(pairs), s_first=alike(pairs["first"], pairs.r_first))
    crossed = ibis.ifelse(near.s_name < _TURNED, _near_crossed(near), ibis.literal(0.0))
    near = near.mutate(s_turned=crossed >= _TURNED, s_address=alike(near.address, near.r_address))
    found: dict[str, ir.Value] = {
        "nir": _nir(near),
        "name": _name(near),
        "first": _first(near),
        "birth": _birth(near),
        "sex": _same(near.sex, near.r_sex),
        "home": _home(near),
    }
    return near.mutate(**{f"l_{name}": level.cast("int8") for name, level in found.items()})


def _number(comparison: str, level: str) -> int:
    return LEVELS[comparison].index(level)


def _near_names(pairs: ir.Table) -> ir.FloatingValue:
    """Return how near the nearest family names are."""
    either = [(pairs[one], pairs[other]) for one in ("name", "other") for other in ("r_name", "r_other")]
    same = reduce(or_, [(one == other).fill_null(False) for one, other in either])
    nearest = ibis.greatest(*(_JARO_WINKLER(one, other).fill_null(0.0) for one, other in either))
    return cast("ir.FloatingValue", ibis.ifelse(same, ibis.literal(1.0), nearest))


def _near_crossed(pairs: ir.Table) -> ir.FloatingValue:
    """Return how near names are with the first name in the family name's place; 0 where they are not turned."""
    one = alike(pairs.name, pairs.r_first)
    other = ibis.greatest(*(alike(pairs["first"], pairs[name]) for name in ("r_name", "r_other")))
    return cast("ir.FloatingValue", ibis.ifelse(one >= _TURNED, ibis.least(one, other), ibis.literal(0.0)))


def _graded(comparison: str, near: ir.FloatingValue, *special: tuple[ir.BooleanValue, str]) -> ir.IntegerValue:
    """Return the level of a likeness, or of the first special case that holds and is not outdone by likeness."""
    number = partial(_number, comparison)
    high = ((near >= 0.9999, number("equal")), (near >= 0.96, number("very_close")), (near >= 0.9, number("close")))
    cases = [*high, *((holds.fill_null(False), number(level)) for holds, level in special)]
    return ibis.cases(*cases, (near >= 0.78, number("far")), else_=number("differs"))


def _part_of(one: ir.StringValue, other: ir.StringValue) -> ir.BooleanValue:
    """Tell whether one name begins or ends the other."""
    long = (one.length() >= _PART) & (other.length() >= _PART)
    meets = one.startswith(other) | other.startswith(one) | one.endswith(other) | other.endswith(one)
    return (long & meets).fill_null(False)


def _name(near: ir.Table) -> ir.IntegerValue:
    part = _part_of(near.name, near.r_name)
    for one, other in (("name", "r_other"), ("other", "r_name"), ("other", "r_other")):
        part = part | _part_of(near[one], near[other])
    graded = _graded("name", near.s_name, (near.s_turned, "turned"), (part, "part"))
    missing = (near.name.isnull() & near.other.isnull()) | (near.r_name.isnull() & near.r_other.isnull())
    return ibis.ifelse(missing, _number("name", "missing"), graded)


def _first(near: ir.Table) -> ir.IntegerValue:
    one, other = near["first"], near.r_first
    short = (one.length() == 1) | (other.length() == 1)
    initial = short & (one.left(1) == other.left(1))
    graded = _graded(
        "first", near.s_first, (near.s_turned, "turned"), (initial, "initial"), (_part_of(one, other), "part")
    )
    return ibis.ifelse(one.isnull() | other.isnull(), _number("first", "missing"), graded)


def _birth(near: ir.Table) -> ir.IntegerValue:
    one, other = near.born, near.r_born
    year = one.left(4) == other.left(4)
    turned = year & (one.substr(5, 2) == other.substr(8, 2)) & (one.substr(8, 2) == other.substr(5, 2))
    number = partial(_number, "birth")
    return ibis.cases(
        (one.isnull() | other.isnull(), number("missing")),
        (one == other, number("equal")),
        (turned, number("turned")),
        (one.levenshtein(other) == 1, number("one_off")),
        (year, number("same_year")),
        else_=number("differs"),
    )


def _nir(near: ir.Table) -> ir.IntegerValue:
    number = partial(_number, "nir")
    both = near.bearer.notnull() & near.r_bearer.notnull()
    return ibis.cases(
        (near.nir.isnull() | near.r_nir.isnull(), number("missing")),
        (both & (near.bearer == near.r_bearer), number("equal")),
        (both & (near.bearer.levenshtein(near.r_bearer) <= 2), number("near")),
        (both, number("differs")),
        (near.nir == near.r_nir, number("not_own_equal")),
        else_=number("not_own"),
    )


def _same(one: ir.StringValue, other: ir.StringValue) -> ir.IntegerValue:
    return ibis.cases((one.isnull() | other.isnull(), 0), (one == other, 1), else_=2)


def _home(near: ir.Table) -> ir.IntegerValue:
    unknown = (near.address.isnull() | near.r_address.isnull()) & (near.postcode.isnull() | near.r_postcode.isnull())
    place = ibis.cases(
        (unknown, 0),
        (near.s_address >= 0.9999, 1),
        (near.s_address >= 0.92, 2),
        ((near.postcode == near.r_postcode).fill_null(False), 3),
        ((near.postcode.left(2) == near.r_postcode.left(2)).fill_null(False), 4),
        else_=5,
    )
    line = ibis.cases((near.phone.isnull() | near.r_phone.isnull(), 0), (near.phone == near.r_phone, 1), else_=2)
    mail = (near.mail == near.r_mail).fill_null(False)
    return place * 3 + ibis.ifelse(mail, 1, line)
