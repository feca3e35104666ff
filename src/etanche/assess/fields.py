"""What the rows leave behind as they stream by: one narrow line a row, and for most columns just their values.

Rules, in the order in which they apply:

1. A column is *listed* when its values repeat, or when its values must be read (dates, phones, postcodes, comments…):
   each part of the file leaves its distinct values and how many rows have them, and every check runs on values, once
   each, instead of on rows.  It is *hashed* otherwise: a row leaves `h<index>`, a 64-bit hash of the normalised cell
   (null when blank), and `v<index>`, whether it passes the kind's check (of dates `d<index>`, the day).  The sample
   decides which; a wrong guess costs time or memory, never a figure.
2. A listed column whose rows must be found again (comments, birth dates, passwords, columns with a check that share
   their kind, and columns that are judged again on all their values) leaves `x<index>`, the hash of the cell as it
   stands.
3. `f0` holds which of the row's first 62 cells are filled, a bit each; `f1` the next 62, and so on: the engine knows
   from reading.  Whatever asks only whether anything is there (kinds without a check in several columns, what a
   person holds) is answered from these bits, and so for columns whose kind is known only once the rows are in.

Cells reach this module without blanks at their edges, and null when empty: the engine sees to that.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from operator import or_
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

import ibis
import numpy as np
import numpy.typing as npt

from etanche.identifiers import dates
from etanche.identifiers._hash import hash64
from etanche.model import Column, Kind, Reason, Role, Sample

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from etanche.assess.engine import Runner

_T = TypeVar("_T")
_Or = TypeVar("_Or", bound=Any)

DATE_KINDS = (Kind.BIRTH_DATE, Kind.DEATH_DATE, Kind.SAMPLE_DATE, Kind.VISIT_DATE, Kind.DATE, Kind.TIMESTAMP)
PHONE_KINDS = (Kind.LANDLINE, Kind.MOBILE, Kind.PHONE)
TEXT_KINDS = (Kind.COMMENT, Kind.DISEASE)
_READ_KINDS = (
    *DATE_KINDS[:-1], *PHONE_KINDS, *TEXT_KINDS, Kind.POSTCODE, Kind.SEX, Kind.TITLE, Kind.LABORATORY, Kind.PREGNANCY,
    Kind.CIP, Kind.CIM10, Kind.ATC, Kind.INSEE_COMMUNE, Kind.PASSWORD, Kind.PASSWORD_HASH,
)  # fmt: skip
_FOUND_AGAIN = (*TEXT_KINDS, Kind.BIRTH_DATE, Kind.PASSWORD, Kind.PASSWORD_HASH, Kind.PREGNANCY)
_REPEATS, _REPEATS_CHECKED = 0.5, 0.9
"""Distinct values among the filled cells of the sample, as a share, up to which a column is listed: more when its kind
has a check, which then runs on fewer values than there are rows."""
_MASK = re.compile("f[0-9]+")
BITS = 62
"""Cells whose being filled one mask tells."""
_SPARSE = 0.2
"""Share of filled cells in the sample up to which a column is listed, whatever its values."""


class Checks(Protocol):
    """A column's own check (recognise builds it)."""

    @property
    def checked(self) -> bool:
        """Whether the kind has a check of its own: otherwise every filled cell is valid."""

    @property
    def valid(self) -> ir.BooleanValue:
        """Whether the cell passes the kind's check."""

    @property
    def normal(self) -> ir.StringValue:
        """The cell as distinct values are counted."""


class Checker(Protocol):
    """Builds a column's check over a cell."""

    def __call__(self, column: Column, cell: ir.StringValue, /) -> Checks:
        """Return the check, of which nothing is built until it is asked for."""


class Which(StrEnum):
    """Which cells of a column count under a kind."""

    ALL = "all"
    LANDLINE = "landline"
    MOBILE = "mobile"
    NEITHER = "neither"


@dataclass(frozen=True, slots=True)
class Spot:
    """Cells of one column that count under one kind."""

    kind: Kind
    column: Column
    which: Which = Which.ALL


Group = tuple[Role | None, Kind]
"""A kind of one role, or of everyone (None)."""


def listed_columns(columns: Sequence[Column], sample: Sample, check: Checker) -> frozenset[int]:
    """Return the indexes of the columns whose values are listed."""
    listed = set()
    for column, cells in zip(columns, sample.columns, strict=True):
        filled = [cell for cell in cells if cell]
        repeats = _REPEATS_CHECKED if kind_has_check(check, column.kind, column.layout) else _REPEATS
        few = len(filled) <= _SPARSE * len(cells) or len(set(filled)) <= repeats * len(filled)
        if column.kind in _READ_KINDS or column.also or few:
            listed.add(column.index)
    return frozenset(listed)


def read_columns(columns: Sequence[Column]) -> list[Column]:
    """Return the columns whose cells are read like texts: texts, and those whose cells hold more than their kind."""
    held = [column for column in columns if column.kind in TEXT_KINDS or column.also]
    return [column for column in held if column.role in (Role.PATIENT, Role.NONE)]


def spots(columns: Sequence[Column]) -> dict[Group, list[Spot]]:
    """Return which cells count under which kind, for everyone and by role, in a fixed order.

    Landline and mobile are told apart by the number, whatever the column is called; a number that is neither counts
    under the kind of its column.
    """
    groups: dict[Group, list[Spot]] = {}
    for column in columns:
        if column.kind in PHONE_KINDS:
            found = [Spot(Kind.LANDLINE, column, Which.LANDLINE), Spot(Kind.MOBILE, column, Which.MOBILE)]
            rest = Which.ALL if column.kind is Kind.PHONE else Which.NEITHER
            found.append(Spot(column.kind, column, rest))
        else:
            found = [Spot(column.kind, column)]
        for spot in found:
            groups.setdefault((None, spot.kind), []).append(spot)
            groups.setdefault((column.role, spot.kind), []).append(spot)
    return groups


def shared(groups: Mapping[Group, Sequence[Spot]]) -> dict[tuple[Spot, ...], int]:
    """Return the sets of spots that only rows can tell (cells of several columns), numbered."""
    found: dict[tuple[Spot, ...], int] = {}
    for members in groups.values():
        if len({spot.column.index for spot in members}) > 1:
            found.setdefault(tuple(members), len(found))
    return found


def kind_has_check(check: Checker, kind: Kind, layout: str) -> bool:
    """Tell whether a kind (in a layout, for dates) has a check of its own."""
    return check(Column(0, "", kind, Role.NONE, 0.0, Reason(""), layout), ibis.literal("")).checked


def found_again(
    columns: Sequence[Column], check: Checker, listed: frozenset[int], sparse: frozenset[int]
) -> frozenset[int]:
    """Return the indexes of the listed columns whose rows must be found again (rule 2).

    `sparse` are the listed columns that are judged again on all their values: they may turn out to be of any kind.
    """
    together = {spot.column for members in shared(spots(columns)) for spot in members}
    return sparse | frozenset(
        column.index
        for column in columns
        if column.index in listed
        and (
            column.kind in _FOUND_AGAIN
            or column.also
            or (
                column in together and (column.kind in PHONE_KINDS or kind_has_check(check, column.kind, column.layout))
            )
        )
    )


def checked_cells(rows: ir.Table, columns: Sequence[Column], check: Checker, listed: frozenset[int]) -> ir.Table:
    """Return the rows with the cells of hashed columns normalised (`n<index>`) and checked (`v<index>`)."""
    fields: dict[str, ir.Value] = {}
    for column in columns:
        if column.index in listed:
            continue
        cell = rows[f"c{column.index}"]
        checks = check(column, cell)
        if checks.checked:
            # CASE keeps the engine from normalising the blanks of a sparse column.
            fields[f"n{column.index}"] = ibis.ifelse(cell.notnull(), checks.normal, ibis.null("string"))
            if column.kind in DATE_KINDS and column.layout:
                fields[f"d{column.index}"] = ibis.ifelse(cell.notnull(), _day(column, cell), ibis.null("date"))
            else:
                fields[f"v{column.index}"] = ibis.ifelse(cell.notnull(), checks.valid, ibis.literal(False))
    return rows.mutate(**fields)


def _day(column: Column, cell: ir.StringValue) -> ir.DateValue:
    return dates.date_expr(cell, column.layout)


def row_fields(
    rows: ir.Table, columns: Sequence[Column], listed: frozenset[int], again: frozenset[int]
) -> dict[str, ir.Value]:
    """Return what each row leaves, by name (rules 1 to 3); `rows` comes from `checked_cells`."""
    fields: dict[str, ir.Value] = {}
    for column in columns:
        index = column.index
        cell = rows[f"c{index}"]
        if index not in listed:
            normal = rows[f"n{index}"] if f"n{index}" in rows.columns else cell
            fields[f"h{index}"] = hash64(normal)
            fields |= {name: rows[name] for name in (f"v{index}", f"d{index}") if name in rows.columns}
        elif index in again:
            fields[f"x{index}"] = hash64(cell)
    masks = range(-(-len(columns) // BITS))
    return fields | {f"f{number}": rows[f"f{number}"] for number in masks}


def mask_names(columns: Sequence[str]) -> list[str]:
    """Return the names of the masks among those of the facts."""
    return [name for name in columns if _MASK.fullmatch(name)]


def mask_arrays(engine: Runner, facts: ir.Table) -> dict[str, npt.NDArray[np.int64]]:
    """Return the masks of the facts as arrays, a row a place, by name."""
    names = mask_names(facts.columns)
    return {name: engine.fetch(facts.select(name))[name].to_numpy() for name in names}


def filled_any(table: ir.Table, indexes: Collection[int]) -> ir.BooleanValue:
    """Return whether any of these columns is filled: in a row of the facts, or in any row of a person."""
    found = [(table[name] & ibis.literal(mask, type="int64")) != 0 for name, mask in _masks(indexes).items()]
    return any_of(found) if found else ibis.literal(False)


def filled_cells(masks: Mapping[str, npt.NDArray[np.int64]], indexes: Collection[int]) -> npt.NDArray[np.bool_]:
    """Return the same of masks as arrays, `f0`, `f1`…"""
    found = [(masks[name] & mask) != 0 for name, mask in _masks(indexes).items()]
    return any_of(found) if found else np.zeros(len(masks["f0"]), np.bool_)


def _masks(indexes: Collection[int]) -> dict[str, int]:
    masks: dict[str, int] = {}
    for index in sorted(indexes):
        name = f"f{index // BITS}"
        masks[name] = masks.get(name, 0) | 1 << index % BITS
    return masks


def union(tables: Sequence[ir.Table]) -> ir.Table:
    """Return the lines of all tables (at least one); a chain of hundreds would be deeper than Python recurses."""
    return _paired_off(tables, lambda one, other: one.union(other))


def any_of(conditions: Sequence[_Or]) -> _Or:
    """Return all conditions (at least one), or bits, joined by "or", as flat as `union`."""
    return _paired_off(conditions, or_)


def _paired_off(items: Sequence[_T], join: Callable[[_T, _T], _T]) -> _T:
    while len(items) > 1:
        pairs = (items[at : at + 2] for at in range(0, len(items), 2))
        items = [join(*pair) if len(pair) == 2 else pair[0] for pair in pairs]
    return items[0]
