"""Which rows and persons are compared at all: those that share one of these keys.

Rules, in the order in which they apply:

1. Each key is a few fields together; a row that lacks one has no such key.
2. A key that more than `CROWD` registry persons share (a switchboard's telephone, a home's address) says nothing of who
   one is, and is left out.
3. A pair found by several keys is compared once.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import ibis

from etanche.identifiers._hash import hash64_of
from etanche.link.sides import FIELDS

if TYPE_CHECKING:
    import ibis.expr.types as ir

CROWD = 60
"""Persons of a registry who may share a key."""


def keys(side: ir.Table, *, registry: bool) -> Iterator[tuple[str, ir.IntegerValue]]:
    """Yield the keys of one side; keys of one name meet."""
    first, born = side["first"], side.born
    year, start = born.substr(0, 4), first.substr(0, 3)
    yield "nir", hash64_of("nir", side.nir)
    for family in (side.name, side.other):
        yield "name_first", hash64_of("nf", family, first, year)
        yield "name_home", hash64_of("nh", family, first, side.postcode)
        yield "start_birth", hash64_of("sb", family.substr(0, 3), born)
    if registry:
        # A first name in the surname's place.
        yield "start_birth", hash64_of("sb", start, born)
    yield "first_birth", hash64_of("fb", first, born)
    yield "first_phone", hash64_of("fp", first.substr(0, 2), side.phone)
    yield "first_address", hash64_of("fa", start, side.address, side.postcode)
    yield "birth_home", hash64_of("bh", born, side.postcode)
    yield "mail", hash64_of("ma", start, side.mail)


def pairs(rows: ir.Table, persons: ir.Table) -> list[ir.Table]:
    """Return tables `row, person` of the pairs to compare, one a name of keys; a pair may come several times."""
    left, right = _by_name(rows, registry=False), _by_name(persons, registry=True)
    found = []
    for name in left:
        some = _all(*(rows.select("row", key=key).filter(ibis._.key.notnull()) for key in left[name]))
        many = _all(*(persons.select(person="row", key=key).filter(ibis._.key.notnull()) for key in right[name]))
        crowded = many.group_by("key").aggregate(n=ibis._.count()).filter(ibis._.n > CROWD).select("key")
        found.append(some.anti_join(crowded, "key").inner_join(many, "key").select("row", "person"))
    return found


def joined(rows: ir.Table, persons: ir.Table, found: Sequence[ir.Table]) -> ir.Table:
    """Return each pair once with the fields of both sides, those of the person with `r_` before them."""
    both = found[0] if len(found) == 1 else ibis.union(*found, distinct=True)
    named = persons.select(person="row", **{f"r_{name}": persons[name] for name in FIELDS})
    return both.inner_join(rows, "row").inner_join(named, "person")


def entry_keys(persons: ir.Table) -> ir.Table:
    """Return the keys by which two entries of a registry are one person: `row, e0, e1, e2`.

    The same NIR, each entry's own; the same names and birth date with the same address, or the same telephone.
    """
    names = (persons.name, persons["first"], persons.born)
    return persons.select(
        "row",
        e0=hash64_of("en", persons.bearer),
        e1=hash64_of("ea", *names, persons.address),
        e2=hash64_of("et", *names, persons.phone),
    )


def _all(*tables: ir.Table) -> ir.Table:
    return ibis.union(*tables) if len(tables) > 1 else tables[0]


def _by_name(side: ir.Table, *, registry: bool) -> dict[str, list[ir.IntegerValue]]:
    found: dict[str, list[ir.IntegerValue]] = {}
    for name, key in keys(side, registry=registry):
        found.setdefault(name, []).append(key)
    return found
