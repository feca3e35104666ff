"""Which person of a controller's registry is whom in the leak, how sure, and by what.

`sides` makes both sides alike, `blocks` says which pairs are compared, `compare` how alike they are, `model` what that
is worth, `decide` what follows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from etanche.link.blocks import crowded, entry_keys, joined, keyed, pairs
from etanche.link.compare import LEVELS, levels
from etanche.link.decide import NOTIFY, REVIEW, Decided, Decision, contested, decide, one_person
from etanche.link.model import Model, probability, shipped
from etanche.link.patterns import COUNT as PATTERNS
from etanche.link.patterns import codes, levels_of, vetoed
from etanche.link.sides import FIELDS, side

__all__ = [
    "FIELDS",
    "LEVELS",
    "NOTIFY",
    "PATTERNS",
    "REVIEW",
    "Decided",
    "Decision",
    "Model",
    "codes",
    "compared",
    "contested",
    "decide",
    "entry_keys",
    "keys_of_rows",
    "levels_of",
    "one_person",
    "probability",
    "shipped",
    "side",
    "vetoed",
]

if TYPE_CHECKING:
    import ibis.expr.types as ir


class Runner(Protocol):
    """Runs expressions (an engine)."""

    def keep(self, name: str, expression: ir.Table, /) -> ir.Table:
        """Run an expression once and keep its result."""


def compared(engine: Runner, rows: ir.Table, persons: ir.Table, row_keys: ir.Table | None = None) -> ir.Table:
    """Keep and return the pairs of rows and persons that may be one, with the level of each comparison.

    Both are what `side` makes, with `row`, their number; the result has `row, person` and `l_<comparison>`.
    `row_keys` are what `keys_of_rows` kept of the rows, where they meet several lots of persons.
    """
    some = keys_of_rows(engine, rows) if row_keys is None else row_keys
    many = engine.keep("person_keys", keyed(persons, registry=True).semi_join(some, "key"))
    found = engine.keep("pairs", pairs(some, many, engine.keep("crowded", crowded(many))))
    alike = levels(joined(rows, persons, found))
    return engine.keep("compared", alike.select("row", "person", *(f"l_{name}" for name in LEVELS)))


def keys_of_rows(engine: Runner, rows: ir.Table) -> ir.Table:
    """Keep and return the keys of the rows of a leak."""
    return engine.keep("row_keys", keyed(rows, registry=False))
