"""Who is said to be what: clinical topics of free texts, by row, as bits that persons can be summed over.

Rules, in the order in which they apply:

1. Distinct texts only are read, outside the engine; what they say comes back to the rows by a join on the text.
2. A topic is affirmed in a row when any text of the row affirms it, the past included; what is uncertain or said of
   someone else affirms nothing and denies nothing.
3. It is negated when a text denies it and none affirms it.
4. A pregnancy column that says yes affirms the topic pregnancy.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import ibis
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from etanche.assess.fields import TEXT_KINDS, read_columns, union
from etanche.identifiers._hash import hash64
from etanche.model import PERSON_ROLES, Column, Kind, TopicCount

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from etanche.assess.counts import Tables
    from etanche.assess.engine import Runner
    from etanche.assess.findings import Told

Bits = npt.NDArray[np.int64]

_YES = ("O", "OUI", "Y", "YES", "1", "TRUE", "VRAI", "ENCEINTE")
_BITS = ("affirmed", "negated", "mentioned", "held", "sound")


def text_columns(columns: Sequence[Column]) -> list[int]:
    """Return the columns whose cells are texts that must be read."""
    return [column.index for column in read_columns(columns) if column.kind in TEXT_KINDS]


def distinct_texts(engine: Runner, values: ir.Table, indexes: Sequence[int]) -> list[str]:
    """Return the texts of some columns, each once; `values` has the value lists of all rows."""
    if not indexes:
        return []
    found = engine.fetch(values.filter(values.col.isin(indexes)).select("value").distinct())
    texts: list[str] = found["value"].to_pylist()
    return texts


def packed_cells(engine: Runner, values: ir.Table, columns: Sequence[Column]) -> list[tuple[Column, list[str]]]:
    """Return the columns whose cells hold more than their kind, texts apart, each with its distinct cells."""
    told = []
    for column in read_columns(columns):
        if column.kind not in TEXT_KINDS:
            found = engine.fetch(values.filter(values.col == column.index).select("value"))
            told.append((column, found["value"].to_pylist()))
    return told


def place_topics(engine: Runner, tables: Tables, columns: Sequence[Column], told: Told) -> ir.Table:
    """Return a table `row, affirmed, negated, mentioned, held, sound`, for rows that say anything.

    The first three are bits by the order of `told.topics`; the others those of the kinds found in the texts, and of
    the kinds found valid (`findings.py`).
    """
    bit = {topic: 1 << number for number, topic in enumerate(told.topics)}
    facts, checked = tables.facts, tables.checked
    masks = np.frombuffer(told.masks, np.int64).reshape(-1, len(_BITS)).T
    spoken = {"text": pa.array(told.speaking, pa.string()), **dict(zip(_BITS, map(pa.array, masks), strict=True))}
    texts = engine.put("heard", pa.table(spoken))
    texts = texts.mutate(key=hash64(texts.text))
    pieces = [
        facts.select("row", key=facts[f"x{column.index}"]).inner_join(texts, "key").select("row", *_BITS)
        for column in read_columns(columns)
    ]
    for column in columns:
        if column.kind is Kind.PREGNANCY and column.role in PERSON_ROLES and "pregnancy" in bit:
            said = checked.filter((checked.col == column.index) & checked.value.upper().isin(_YES)).select(key="raw")
            own = ibis.literal(bit["pregnancy"], type="int64")
            none = ibis.literal(0, type="int64")
            rows = facts.select("row", key=facts[f"x{column.index}"]).inner_join(said, "key")
            pieces.append(rows.select("row", affirmed=own, negated=none, mentioned=own, held=none, sound=none))
    if not pieces:
        return engine.put("said", pa.table({name: pa.array([], pa.int64()) for name in ("row", *_BITS)}))
    together = union(pieces)
    said = together.group_by("row").aggregate(**{name: together[name].bit_or() for name in _BITS})
    return engine.put("said", engine.fetch(said))


def count_topics(affirmed: Bits, negated: Bits, topics: Sequence[str]) -> dict[str, TopicCount]:
    """Return how many (rows, or persons) affirm each topic, and how many only deny it; a bit each, by their order."""
    counts = {}
    for number, topic in enumerate(topics):
        yes = (affirmed >> number) & 1
        only_no = (negated >> number) & 1 & ~yes
        counts[topic] = TopicCount(int(np.count_nonzero(yes)), int(np.count_nonzero(only_no)))
    return {topic: count for topic, count in counts.items() if count.affirmed or count.negated}
