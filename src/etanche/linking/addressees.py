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

from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from etanche.linking.picking import first_filled, picked
from etanche.model import Kind, Role

if TYPE_CHECKING:
    import numpy as np

    from etanche.linking.registry import Registry

FIELDS: dict[str, Kind] = {
    "surname": Kind.SURNAME,
    "birth_name": Kind.BIRTH_NAME,
    "first_name": Kind.FIRST_NAME,
    "full_name": Kind.FULL_NAME,
    "sex": Kind.SEX,
    "title": Kind.TITLE,
    "birth_date": Kind.BIRTH_DATE,
    "address": Kind.ADDRESS,
    "postcode": Kind.POSTCODE,
    "commune": Kind.COMMUNE,
    "country": Kind.COUNTRY,
    "email": Kind.EMAIL,
}
"""The cells of a person, by the kind of column that they are of."""
FOLDER = "addressees/"


def addressees(listed: pa.Table, registry: Registry, persons: np.ndarray[Any, Any], families: pa.Array) -> pa.Table:
    """Return who is written to, in the order of `listed`; `persons` are their rows of the registry, in order."""
    held = cells_of(registry, persons, FIELDS)
    return pa.table(
        {
            "registry_key": listed["registry_key"],
            "decision": listed["decision"],
            **held,
            "families": families,
            "rows": listed["rows"],
        }
    )


def cells_of(registry: Registry, persons: np.ndarray[Any, Any], fields: dict[str, Kind]) -> dict[str, pa.Array]:
    """Return cells of some persons of a registry (rows in order, each once) by field."""
    own = {
        name: [column.index for column in registry.columns if column.kind is kind and column.role is Role.PATIENT]
        for name, kind in fields.items()
    }
    wanted = sorted({index for indexes in own.values() for index in indexes})
    cells = picked(registry.kept.parts, registry.kept.width, wanted, persons)
    found = {name: first_filled(cells, indexes, len(persons)) for name, indexes in own.items()}
    if len(own.get("address", ())) > 1:
        found["address"] = _lines([cells[index] for index in own["address"]])
    return found


def _lines(columns: list[pa.Array]) -> pa.Array:
    """Return the filled cells of each row, joined."""
    held = [pc.if_else(pc.equal(column, ""), pa.scalar(None, pa.string()), column) for column in columns]
    return pc.binary_join_element_wise(*held, ", ", null_handling="skip")
