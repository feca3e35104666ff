"""Which rows and persons are compared at all: those that share one of these keys.

Rules, in the order in which they apply:

1. Each key is a few fields together; a row that lacks one has no such key.
2. A key that more than `CROWD` registry persons share (a switchboard's telephone, a home's address) says nothing of who
   one is, and is left out.
3. A pair found by several keys is compared once.

How the two sides meet is told in `meeting`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import ibis

from etanche.identifiers._hash import hash64_of
from etanche.link.sides import FIELDS

if TYPE_CHECKING:
    import ibis.expr.types as ir

CROWD = 60
"""Persons of a registry who may share a key."""


def keys(side: ir.Table, *, registry: bool) -> Iterator[tuple[str, tuple[ir.StringValue, ...]]]:
    """Yield the keys of one side, each as the texts that make it; keys of one name meet."""
    first, born = side["first"], side.born
    year, start = born.substr(0, 4), first.substr(0, 3)
    yield "nir", (side.nir,)
    for family in (side.name, side.other):
        yield "name_first", (family, first, year)
        yield "name_home", (family, first, side.postcode)
        yield "start_birth", (family.substr(0, 3), born)
    if registry:
        # A first name in the surname's place.
        yield "start_birth", (start, born)
    yield "first_birth", (first, born)
    yield "first_phone", (first.substr(0, 2), side.phone)
    yield "first_address", (start, side.address, side.postcode)
    yield "birth_home", (born, side.postcode)
    yield "mail", (start, side.mail)


def key_names(*, registry: bool) -> list[str]:
    """Return the names of the columns of keys of one side."""
    none = ibis.table(FIELDS, name="none")
    return [f"k{number}" for number, _ in enumerate(keys(none, registry=registry))]


def key_columns(side: ir.Table, *, registry: bool) -> ir.Table:
    """Return a side with a column for each key, a hash; 0 where a row has none."""
    each = [hash64_of(name, *texts).fill_null(0) for name, texts in keys(side, registry=registry)]
    return side.mutate(**dict(zip(key_names(registry=registry), each, strict=True)))


def joined(rows: ir.Table, persons: ir.Table, found: ir.Table) -> ir.Table:
    """Return each pair with the fields of both sides, those of the person with `r_` before them."""
    named = persons.select(person="row", **{f"r_{name}": persons[name] for name in FIELDS})
    return found.inner_join(rows, "row").inner_join(named, "person")


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
