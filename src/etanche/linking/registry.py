"""A controller's registry: how it is opened, and what makes it one.

Rules, in the order in which they apply:

1. It is opened as any file is, its columns recognised; a file of corrections puts them right.
2. It is one table that tells persons by a name, a first name and a day of birth, each once.
3. How it is read and searched, and what numbers its persons, is said in `search`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from etanche import ingest, leak, rows
from etanche.config import Config
from etanche.errors import ExitCode, UserError
from etanche.linking.requests import LinkRequest
from etanche.model import Column, Kind, Role

if TYPE_CHECKING:
    import ibis.expr.types as ir
    import numpy.typing as npt

    Ints = npt.NDArray[np.int64]

NAMES = frozenset({Kind.SURNAME, Kind.BIRTH_NAME, Kind.FULL_NAME})
_ONCE = (Kind.BIRTH_DATE, Kind.FIRST_NAME, Kind.NIR, Kind.SEX)
"""Kinds of which a registry has one column: two would be two things, and nobody could say which is meant."""
_PART = 8 << 20
"""Bytes of its parts: some are always waiting, and every thread has one."""
_KEY_KINDS = frozenset({Kind.IDENTIFIER, Kind.NUMBER, Kind.UNKNOWN})
_KEY_NAME = re.compile(
    r"(^|[_\W])(id|ipp|nip|num|numero|no|ref|cle|key|code|dossier|patient|uuid)([_\W]|$|\d)|id$", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Births:
    """How many persons of a registry have a day of birth, and of how many it cannot be read."""

    filled: int
    unread: int


@dataclass(frozen=True, slots=True)
class Registry:
    """What is left of a registry that was searched."""

    persons: ir.Table
    """What was compared (`link.side`) of the persons who have a pair, with `row`, their row of the registry."""
    numbers: Ints = field(repr=False)
    """The same rows, in order…"""
    cells: pa.Table = field(repr=False)
    """…and what is to be known of each, cells by column (`c<index>`), null where there is nothing."""
    key: int | None
    """The column of its unique identifier, one of those cells; None where rows are numbered instead."""
    columns: tuple[Column, ...]
    reading: rows.Reading
    births: Births

    @property
    def key_name(self) -> str:
        """The name of that column, empty without one."""
        return "" if self.key is None else self.columns[self.key].name

    def cells_of(self, persons: Ints, indexes: Sequence[int]) -> dict[int, pa.Array]:
        """Return cells of some persons, given as rows of the registry, by column; "" where there is nothing."""
        places = pa.array(np.searchsorted(self.numbers, persons))
        return {index: pc.fill_null(self.cells[f"c{index}"].take(places).combine_chunks(), "") for index in indexes}


def opened(request: LinkRequest, config: Config) -> leak.Leak:
    """Open a registry as any file is opened."""
    limits, passwords = ingest.limits_of(config.limits), ingest.passwords_of(request.passwords)
    limits = replace(limits, part_bytes=min(limits.part_bytes, _PART))
    return leak.open_leak([request.registry], request.table, request.corrections, limits, passwords)


def of_one_table(opened: leak.Leak, shown: str) -> tuple[Column, ...]:
    """Return the columns of a registry.  Raises `UserError` where it cannot be linked."""
    if len(opened.layout.shapes) > 1:
        tables = ", ".join(shape.label for shape in opened.layout.shapes)
        raise UserError("link_several_tables", ExitCode.USAGE, path=shown, tables=tables)
    _check(opened.columns, shown)
    return opened.columns


def birth_columns(columns: Sequence[Column]) -> list[int]:
    """Return the columns of the persons' days of birth."""
    return [column.index for column in columns if column.kind is Kind.BIRTH_DATE and column.role is Role.PATIENT]


def key_columns(columns: Sequence[Column]) -> list[int]:
    """Return the columns that may number persons, in order: named as such, and of no other meaning."""
    return [
        column.index
        for column in columns
        if column.kind in _KEY_KINDS and column.role in (Role.NONE, Role.PATIENT) and _KEY_NAME.search(column.name)
    ]


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
