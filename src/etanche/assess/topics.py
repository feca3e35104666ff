"""Who is said to be what: clinical topics of free texts, by row, as bits that persons can be summed over.

Rules, in the order in which they apply:

1. Distinct texts only are read, outside the engine; what they say comes back to the rows by a join on the text.
2. A topic is affirmed in a row when any text of the row affirms it, the past included; what is uncertain or said of
   someone else affirms nothing and denies nothing.
3. It is negated when a text denies it and none affirms it.
4. A pregnancy column that says yes affirms the topic pregnancy.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

import ibis
import numpy as np
import pyarrow as pa

from etanche.assess.fields import TEXT_KINDS, read_columns, union
from etanche.identifiers._hash import hash64
from etanche.model import PERSON_ROLES, Column, Kind, Stance, TopicCount

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from etanche.assess.counts import Tables
    from etanche.assess.engine import Runner

Heard = Iterable[tuple[str, Iterable[tuple[str, Stance]]]]
"""Distinct texts, each with the topics it speaks of and how."""

_YES = ("O", "OUI", "Y", "YES", "1", "TRUE", "VRAI", "ENCEINTE")
_SAYING = {Stance.AFFIRMED: "affirmed", Stance.PAST: "affirmed", Stance.NEGATED: "negated"}
_NOTHING = (0, 0)
_BITS = ("affirmed", "negated", "mentioned", "held", "sound")


def distinct_texts(engine: Runner, values: ir.Table, columns: Sequence[Column]) -> list[str]:
    """Return the texts that must be read, each once; `values` has the value lists of all rows."""
    indexes = [column.index for column in read_columns(columns) if column.kind in TEXT_KINDS]
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


def place_topics(
    engine: Runner,
    tables: Tables,
    columns: Sequence[Column],
    topics: Sequence[str],
    heard: Heard,
    held: Mapping[str, tuple[int, int]],
) -> ir.Table:
    """Return a table `row, affirmed, negated, mentioned, held, sound`, for rows that say anything.

    The first three are bits by the order of `topics`; the others those of the kinds found in the texts, and of the
    kinds found valid (`findings.py`).  `heard` holds the distinct texts and what each says, `held` the kinds by text.
    """
    bit = {topic: 1 << number for number, topic in enumerate(topics)}
    facts, checked = tables.facts, tables.checked
    texts = engine.put("heard", _bits(heard, bit, held))
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
    return engine.keep("said", together.group_by("row").aggregate(**{name: together[name].bit_or() for name in _BITS}))


def count_topics(engine: Runner, said: ir.Table, topics: Sequence[str]) -> dict[str, TopicCount]:
    """Return how many lines of `said` (rows, or persons) affirm each topic, and how many only deny it."""
    sums = {}
    for number in range(len(topics)):
        mask = 1 << number
        affirmed = (said.affirmed & mask) > 0
        sums[f"a{number}"] = affirmed.sum().fill_null(0)
        sums[f"n{number}"] = (~affirmed & ((said.negated & mask) > 0)).sum().fill_null(0)
    counted = engine.fetch(said.aggregate(**sums)).to_pylist()[0]
    counts = {
        topic: TopicCount(int(counted[f"a{number}"]), int(counted[f"n{number}"])) for number, topic in enumerate(topics)
    }
    return {topic: count for topic, count in counts.items() if count.affirmed or count.negated}


def _bits(heard: Heard, bit: dict[str, int], held: Mapping[str, tuple[int, int]]) -> pa.Table:
    """Return the texts that speak of anything with their masks; few ways of speaking serve many texts."""
    known: dict[tuple[tuple[str, Stance], ...], tuple[int, int, int]] = {}
    texts, masks = [], []
    for text, mentions in heard:
        key = tuple(mentions)
        if key not in known:
            known[key] = _masks(key, bit)
        kinds = held.get(text, _NOTHING)
        if known[key][2] or kinds[0]:
            texts.append(text)
            masks.append(known[key] + kinds)
    columns = np.array(masks, dtype=np.int64).reshape(-1, len(_BITS)).T
    return pa.table({"text": pa.array(texts, pa.string()), **dict(zip(_BITS, columns, strict=True))})


def _masks(mentions: Iterable[tuple[str, Stance]], bit: dict[str, int]) -> tuple[int, int, int]:
    """Return what is affirmed, what is denied, and what is mentioned at all."""
    masks = {"affirmed": 0, "negated": 0}
    mentioned = 0
    for topic, stance in mentions:
        if topic in bit:
            mentioned |= bit[topic]
            if stance in _SAYING:
                masks[_SAYING[stance]] |= bit[topic]
    return masks["affirmed"], masks["negated"], mentioned
