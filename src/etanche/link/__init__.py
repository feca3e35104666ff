"""Which person of a controller's registry is whom in the leak, how sure, and by what.

`sides` makes both sides alike, `blocks` says by which keys they meet, `meeting` which pairs are compared, `compare` how
alike they are, `model` and `rarity` what that is worth, `decide` what follows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from etanche.link.blocks import entry_keys, joined, key_columns
from etanche.link.chance import chances
from etanche.link.compare import LEVELS, levels
from etanche.link.decide import NOTIFY, REVIEW, Decided, Decision, bounded, contested, decide, rivals
from etanche.link.learning import best_of_rows, gain, of_other_nirs, shift, suited, told
from etanche.link.meeting import Runner, Side, alike, pairs, ready
from etanche.link.model import Model, model_of, probability, shipped
from etanche.link.patterns import COUNT as PATTERNS
from etanche.link.patterns import codes, denied, distinct, levels_of, vetoed, without
from etanche.link.rarity import Rarity, classes
from etanche.link.rarity import learnt as learnt_rarity
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
    "Rarity",
    "Side",
    "Trained",
    "best_of_rows",
    "bounded",
    "chances",
    "classes",
    "codes",
    "compared",
    "contested",
    "decide",
    "denied",
    "distinct",
    "entry_keys",
    "gain",
    "key_columns",
    "learnt_rarity",
    "levelled",
    "levels_of",
    "met",
    "model_of",
    "of_other_nirs",
    "probability",
    "ready",
    "rivals",
    "shift",
    "shipped",
    "side",
    "suited",
    "told",
    "train",
    "vetoed",
    "without",
]

if TYPE_CHECKING:
    import ibis.expr.types as ir
    import pyarrow as pa


def compared(engine: Runner, rows: ir.Table, persons: ir.Table) -> ir.Table:
    """Return the pairs of rows and persons that may be one, with the level of each comparison.

    Both are what `side` makes, with `row`, their number; the result, kept as `compared`, has `row, person` and
    `l_<comparison>`.
    """
    return engine.put(
        "compared", met(engine, ready(engine, rows, registry=False), ready(engine, persons, registry=True))
    )


def met(engine: Runner, rows: Side, persons: Side) -> pa.Table:
    """Return the same of sides that are ready: rows that meet several lots of persons are so once."""
    return alike(engine, rows, persons, *pairs(rows, persons))


def levelled(rows: ir.Table, persons: ir.Table, found: ir.Table) -> ir.Table:
    """Return pairs (`row, person`) of two sides with the level of each comparison, `l_<comparison>`."""
    alike = levels(joined(rows, persons, found))
    return alike.select("row", "person", *(f"l_{name}" for name in LEVELS))
