"""Which rows and persons are compared at all: those that share one of these keys.

Rules, in the order in which they apply:

1. Each key is a few fields together; a row that lacks one has no such key.
2. A key that more than `CROWD` registry persons share (a switchboard's telephone, a home's address) says nothing of who
   one is, and is left out.
3. A pair found by several keys is compared once.

All keys of a side are one long table, so that the two sides meet in one join (measured on the model case: 3.3 s of CPU
against 4.1 with a join for each key).
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


def keyed(side: ir.Table, *, registry: bool) -> ir.Table:
    """Return all keys of one side: `row, key`."""
    each = [
        side.filter([text.notnull() for text in texts]).select("row", key=hash64_of(name, *texts))
        for name, texts in keys(side, registry=registry)
    ]
    return ibis.union(*each)


def crowded(person_keys: ir.Table) -> ir.Table:
    """Return the keys that too many persons share."""
    return person_keys.group_by("key").aggregate(n=ibis._.count()).filter(ibis._.n > CROWD).select("key")


def pairs(row_keys: ir.Table, person_keys: ir.Table, left_out: ir.Table) -> ir.Table:
    """Return the pairs to compare, `row, person`, each once."""
    named = person_keys.anti_join(left_out, "key").select("key", person="row")
    return row_keys.inner_join(named, "key").select("row", "person").distinct()


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
