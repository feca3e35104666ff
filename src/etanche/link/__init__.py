"""Which person of a controller's registry is whom in the leak, how sure, and by what.

`sides` makes both sides alike, `blocks` says which pairs are compared, `compare` how alike they are, `model` what that
is worth, `decide` what follows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from etanche.link.blocks import crowded, entry_keys, joined, keyed, pairs
from etanche.link.compare import LEVELS, levels
from etanche.link.decide import NOTIFY, REVIEW, Decided, Decision, bounded, contested, decide, one_person, rivals
from etanche.link.learning import suited
from etanche.link.model import Model, model_of, probability, shipped
from etanche.link.patterns import COUNT as PATTERNS
from etanche.link.patterns import codes, levels_of, vetoed, without
from etanche.link.sides import FIELDS, side
from etanche.link.training import Trained, train

__all__ = [
    "FIELDS",
    "LEVELS",
    "NOTIFY",
    "PATTERNS",
    "REVIEW",
    "Decided",
    "Decision",
    "Model",
    "Trained",
    "bounded",
    "codes",
    "compared",
    "contested",
    "decide",
    "entry_keys",
    "keys_of_rows",
    "levelled",
    "levels_of",
    "model_of",
    "one_person",
    "probability",
    "rivals",
    "shipped",
    "side",
    "suited",
    "train",
    "vetoed",
    "without",
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
    return engine.keep("compared", levelled(rows, persons, found))


def levelled(rows: ir.Table, persons: ir.Table, found: ir.Table) -> ir.Table:
    """Return pairs (`row, person`) of two sides with the level of each comparison, `l_<comparison>`."""
    alike = levels(joined(rows, persons, found))
    return alike.select("row", "person", *(f"l_{name}" for name in LEVELS))


def keys_of_rows(engine: Runner, rows: ir.Table) -> ir.Table:
    """Keep and return the keys of the rows of a leak."""
    return engine.keep("row_keys", keyed(rows, registry=False))
