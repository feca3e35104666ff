"""A controller's registry in the engine.

Rules, in the order in which they apply:

1. It is opened as any file is, its columns recognised; a file of corrections puts them right.
2. It is one table that tells persons by a name, a first name and a day of birth, each once.
3. A person's key is the first column named as one whose cells number all of them; else the row's number.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from etanche import ingest, leak, link, rows
from etanche.config import Config
from etanche.engines import Engine
from etanche.errors import ExitCode, UserError
from etanche.linking.picking import Kept
from etanche.linking.requests import LinkRequest
from etanche.model import Column, Kind, Reason, Role

if TYPE_CHECKING:
    import ibis.expr.types as ir

NAMES = frozenset({Kind.SURNAME, Kind.BIRTH_NAME, Kind.FULL_NAME})
_ONCE = (Kind.BIRTH_DATE, Kind.FIRST_NAME, Kind.NIR, Kind.SEX)
"""Kinds of which a registry has one column: two would be two things, and nobody could say which is meant."""
_KEY_KINDS = frozenset({Kind.IDENTIFIER, Kind.NUMBER, Kind.UNKNOWN})
_KEY_NAME = re.compile(
    r"(^|[_\W])(id|ipp|nip|num|numero|no|ref|cle|key|code|dossier|patient|uuid)([_\W]|$|\d)|id$", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Registry:
    """A registry's tables in the engine."""

    persons: ir.Table
    keys: ir.Table | None
    """`row, key`: the cells of its unique identifier; None where rows are numbered instead."""
    key_name: str
    columns: tuple[Column, ...]
    reading: rows.Reading
    kept: Kept = field(repr=False)
    """Its cells, packed: what is to be known of the few who are found."""


def columns_of(census: dict[str, Any]) -> tuple[Column, ...]:
    """Return the columns of a leak as the census has them."""
    return tuple(
        Column(
            index=column["index"],
            name=column["name"],
            kind=Kind(column["kind"]),
            role=Role(column["role"]),
            confidence=column["confidence"],
            reason=Reason(column["reason_code"]),
            layout=column["layout"],
        )
        for column in census["columns"]
    )


def opened(request: LinkRequest, config: Config) -> leak.Leak:
    """Open a registry as any file is opened."""
    limits, passwords = ingest.limits_of(config.limits), ingest.passwords_of(request.passwords)
    return leak.open_leak([request.registry], request.table, request.corrections, limits, passwords)


def load(engine: Engine, request: LinkRequest, opened: leak.Leak) -> Registry:
    """Read a registry into the engine.  Raises `UserError` where it cannot be linked."""
    shown = str(request.registry)
    if len(opened.layout.shapes) > 1:
        tables = ", ".join(shape.label for shape in opened.layout.shapes)
        raise UserError("link_several_tables", ExitCode.USAGE, path=shown, tables=tables)
    columns = opened.columns
    _check(columns, shown)
    candidates = [
        column.index
        for column in columns
        if column.kind in _KEY_KINDS and column.role in (Role.NONE, Role.PATIENT) and _KEY_NAME.search(column.name)
    ]

    def cells(part: ir.Table) -> ir.Table:
        return part.select(*(part[f"c{index}"] for index in candidates or [0]))

    kept = Kept(len(columns))
    loaded = engine.load(
        len(columns),
        kept.through(opened.parts(lambda done, total: request.progress("reading", done, total))),
        {"registry": lambda part: link.side(part, columns), "cells": cells},
    )
    reading = opened.reading()
    if not reading.ledger.rows:
        raise UserError("link_empty", ExitCode.USAGE, path=shown)
    key = _key(engine, loaded["cells"], candidates, reading.ledger.rows)
    found = None if key is None else loaded["cells"].select("row", key=loaded["cells"][f"c{key}"])
    return Registry(loaded["registry"], found, "" if key is None else columns[key].name, columns, reading, kept)


def _check(columns: Sequence[Column], shown: str) -> None:
    """Refuse a registry that lacks what persons are told by, or has it twice."""
    own = [column for column in columns if column.role is Role.PATIENT]
    kinds = [column.kind for column in own]
    if not NAMES & set(kinds) or not {Kind.FIRST_NAME, Kind.FULL_NAME} & set(kinds):
        raise UserError("link_no_name_column", ExitCode.USAGE, path=shown)
    if Kind.BIRTH_DATE not in kinds:
        raise UserError("link_no_birth_column", ExitCode.USAGE, path=shown)
    for kind in _ONCE:
        if kinds.count(kind) > 1:
            names = ", ".join(column.name for column in own if column.kind is kind)
            raise UserError("link_two_columns", ExitCode.USAGE, path=shown, kind=kind.value, columns=names)


def _key(engine: Engine, cells: ir.Table, candidates: Sequence[int], count: int) -> int | None:
    """Return the first column that numbers the registry's persons, each once; None without one."""
    if not candidates:
        return None
    sums = {f"n{index}": cells[f"c{index}"].nunique() for index in candidates}
    counted = engine.fetch(cells.aggregate(**sums)).to_pylist()[0]
    return next((index for index in candidates if counted[f"n{index}"] == count), None)
