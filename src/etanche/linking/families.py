"""Which families of data the rows of a person hold: what a letter may say of them, and no more.

Rules, in the order in which they apply:

1. A family is held by a row in which a patient's own cell of one of its kinds is filled: a bit of a mask for each row,
   computed in the engine while the rows stream by.
2. Texts are read only of the rows that matter, each distinct text once: one that speaks of a clinical topic, even to
   deny it, is health data, or genetic data or sex life besides.
3. A person holds what any of their rows holds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Any

import ibis
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from etanche import lexicon
from etanche.assess.fields import filled_any
from etanche.linking.picking import picked
from etanche.model import FAMILIES, FAMILIES_OF_TEXTS, Column, Kind, Role
from etanche.recognise import texts
from etanche.recognise.topics.dictionary import topic_rules

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from etanche.engines import DelimitedPart, Engine

    Ints = np.ndarray[Any, np.dtype[np.int64]]

_CODES = tuple(FAMILIES)
_BIT = {family: 1 << number for number, family in enumerate(_CODES)}
_TEXTS = (Kind.COMMENT, Kind.DISEASE)


def family_mask(part: ir.Table, columns: Sequence[Column]) -> ir.Table:
    """Return the families that each row holds as `families`, a bit each; `part` has the masks `f0`…"""
    held = {
        family: {column.index for column in columns if column.role is Role.PATIENT and column.kind in kinds}
        for family, kinds in FAMILIES.items()
    }
    bits = [ibis.ifelse(filled_any(part, some), _BIT[family], 0) for family, some in held.items() if some]
    mask: ir.IntegerValue = reduce(or_, bits) if bits else ibis.literal(0)
    return part.select(families=mask.cast("int16"))


def masks(engine: Engine, families: ir.Table, rows: Ints) -> Ints:
    """Return the masks of some rows, from what `family_mask` left."""
    found = engine.fetch(families.select("row", "families"))
    every = np.zeros(found.num_rows, np.int64)
    every[found["row"].to_numpy()] = found["families"].to_numpy()
    return every[rows]


def with_texts(mask: Ints, rows: Ints, parts: Callable[[], Iterable[DelimitedPart]], columns: Sequence[Column]) -> Ints:
    """Return the masks of rows with what their texts hold; `parts` are read only where there are texts."""
    own = [column.index for column in columns if column.kind in _TEXTS and column.role in (Role.PATIENT, Role.NONE)]
    if not own or not len(rows):
        return mask
    asked, place = np.unique(rows, return_inverse=True)
    more = np.zeros(len(asked), np.int64)
    for cells in picked(parts(), len(columns), own, asked).values():
        distinct = pc.dictionary_encode(cells)
        more |= _bits_of_texts(distinct.dictionary.to_pylist())[distinct.indices.to_numpy(zero_copy_only=False)]
    return mask | more[place]


def _bits_of_texts(distinct: Sequence[str]) -> Ints:
    """Return the mask of each text."""
    own = lexicon.own.topic_files()
    rules = topic_rules(own)
    bits = {
        name: reduce(or_, (_BIT[family] for family in FAMILIES_OF_TEXTS.get(each.category, ())), 0)
        for name, each in rules.items()
    }
    heard = texts.topics(distinct, own)
    return np.array([reduce(or_, (bits.get(topic, 0) for topic, _ in said), 0) for said in heard], np.int64)


def of_persons(mask: Ints, person: Ints, count: int) -> pa.Array:
    """Return the codes of the families that each person's rows hold: `mask` and `person` are of rows, aligned."""
    held = np.zeros(count, np.int64)
    np.bitwise_or.at(held, person, mask)
    patterns, which = np.unique(held, return_inverse=True)
    named = pa.array([[code for code in _CODES if _BIT[code] & pattern] for pattern in patterns], pa.list_(pa.string()))
    return named.take(pa.array(which.reshape(-1)))
