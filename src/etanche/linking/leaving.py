"""What linking leaves sealed for those who come after: who is written to, what was compared, who may be judged."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

from etanche.link import shipped
from etanche.linking.addressees import FIELDS, addressees, cells_of, fields_of
from etanche.linking.families import masks, of_persons, with_texts
from etanche.linking.lists import ADDRESSEES, PAIRS, SAMPLE
from etanche.linking.sample import ASKED, pairs_of, sample_of

if TYPE_CHECKING:
    import ibis.expr.types as ir
    import pyarrow as pa

    from etanche.engines import DelimitedPart, Engine
    from etanche.link import Decided, Model
    from etanche.linking.registry import Registry
    from etanche.model import Column


def cell_fields(columns: Sequence[Column]) -> dict[str, list[int]]:
    """Return the columns of a registry whose cells are left of those who are found, by field."""
    return fields_of(columns, {**FIELDS, **ASKED})


def left_behind(
    engine: Engine,
    families: ir.Table,
    parts: Callable[[], Iterable[DelimitedPart]],
    leaked: Sequence[Column],
    registry: Registry,
    table: pa.Table,
    decided: Decided,
    listed: pa.Table,
    model: Model | None = None,
) -> dict[str, pa.Table]:
    """Return the tables to be sealed, by folder.

    `families` is what `family_mask` left in the engine; `parts` reads the leak again; `model` is
    what weighed the pairs, the shipped one where none is named.
    """
    found = table["row"].to_numpy()[decided.pair]
    mask = with_texts(masks(engine, families, found), found, parts, leaked)
    cells = cells_of(registry, decided.person, cell_fields(registry.columns))
    return {
        ADDRESSEES: addressees(listed, cells, of_persons(mask, decided.pair_person, len(decided.person))),
        PAIRS: pairs_of(table, decided, model or shipped()),
        SAMPLE: sample_of(decided, cells, registry.columns),
    }
