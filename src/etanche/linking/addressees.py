"""Who is written to: of each person to be notified or reviewed, the cells of the registry that a letter needs.

Sealed as `addressees/<list>`, a Parquet file of one row a person, in the order of the list:
`registry_key, decision, surname, birth_name, first_name, full_name, sex, title, birth_date, address, postcode, commune,
country, email, families, rows`.

Rules, in the order in which they apply:

1. Cells stand as in the registry, "" where it has no such column; lines of an address are joined by a comma.
2. `families` is what the person's own rows of the leak hold (`families.py`), not what the file holds.
3. No NIR, no telephone, no health: who writes a letter needs none of them.
"""

from __future__ import annotations

from functools import reduce
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from etanche.linking.picking import first_filled, picked
from etanche.model import Kind, Role

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import numpy as np

    from etanche.engines import DelimitedPart
    from etanche.linking.registry import Registry
    from etanche.model import Column

FIELDS: dict[str, tuple[Kind, ...]] = {
    name: (Kind(name),)
    for name in (
        "surname", "birth_name", "first_name", "full_name", "sex", "title", "birth_date", "address", "postcode",
        "commune", "country", "email",
    )
}  # fmt: skip
"""The cells of a person, by the kinds of column that they are of."""


def addressees(listed: pa.Table, cells: Mapping[str, pa.Array], families: pa.Array) -> pa.Table:
    """Return who is written to, in the order of `listed`, whose cells of the registry are `cells`."""
    return pa.table(
        {
            "registry_key": listed["registry_key"],
            "decision": listed["decision"],
            **{name: cells[name] for name in FIELDS},
            "families": families,
            "rows": listed["rows"],
        }
    )


def fields_of(columns: Sequence[Column], fields: Mapping[str, Sequence[Kind]]) -> dict[str, list[int]]:
    """Return the columns of the person that a field is of, those of its first kind first."""
    own = [column for column in columns if column.role is Role.PATIENT]
    return {
        name: [column.index for kind in kinds for column in own if column.kind is kind]
        for name, kinds in fields.items()
    }


def cells_of(
    registry: Registry, persons: np.ndarray[Any, Any], fields: Mapping[str, Sequence[int]]
) -> dict[str, pa.Array]:
    """Return cells of some persons of a registry by field: the first filled of its columns, an address whole."""
    return _by_field(registry.cells_of(persons, _indexes(fields)), fields, len(persons))


def cells_by_field(
    parts: Iterable[DelimitedPart], width: int, rows: np.ndarray[Any, Any], fields: Mapping[str, Sequence[int]]
) -> dict[str, pa.Array]:
    """Return cells of some rows (in order, each once) by field: the first filled of its columns, an address whole."""
    return _by_field(picked(parts, width, _indexes(fields), rows), fields, len(rows))


def _indexes(fields: Mapping[str, Sequence[int]]) -> list[int]:
    """Return the columns that fields are of, each once."""
    return sorted({index for indexes in fields.values() for index in indexes})


def _by_field(cells: dict[int, pa.Array], fields: Mapping[str, Sequence[int]], count: int) -> dict[str, pa.Array]:
    found = {name: first_filled(cells, indexes, count) for name, indexes in fields.items()}
    lines = {name: indexes for name, indexes in fields.items() if name.endswith("address") and len(indexes) > 1}
    return found | {name: _lines([cells[index] for index in indexes]) for name, indexes in lines.items()}


def _lines(columns: list[pa.Array]) -> pa.Array:
    """Return the filled cells of each row, joined."""
    held = [pc.if_else(pc.equal(column, ""), pa.scalar(None, pa.string()), column) for column in columns]
    # Joined with nothing but nulls, a row would be left out and those after it would move up (Arrow 26).
    none = reduce(pc.and_, [pc.is_null(column) for column in held])
    held[0] = pc.if_else(none, "", held[0])
    return pc.binary_join_element_wise(*held, ", ", null_handling="skip")
