"""Cells of a few rows among many, as they are read again from sealed parts.

Only the rows and columns asked for become cells; a cell is text without blanks at its edges, "" when empty.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from etanche.engines import cells
from etanche.engines.blanks import BLANKS

if TYPE_CHECKING:
    from etanche.engines import DelimitedPart

_BLANKS = "".join(BLANKS)


def picked(
    parts: Iterable[DelimitedPart], width: int, indexes: Sequence[int], rows: np.ndarray[Any, Any]
) -> dict[int, pa.Array]:
    """Return the cells of some rows by column; `rows` are positions over all parts from 0, in order, each once."""
    taken = [_taken(part, here, width, indexes) for part, here in _wanted(parts, rows)]
    return {
        index: pa.concat_arrays([each[place] for each in taken]) if taken else pa.array([], pa.string())
        for place, index in enumerate(indexes)
    }


def _wanted(
    parts: Iterable[DelimitedPart], rows: np.ndarray[Any, Any]
) -> Iterator[tuple[DelimitedPart, np.ndarray[Any, Any]]]:
    """Yield the parts that hold any of the rows, with the places of those in them."""
    first = 0
    for part in parts:
        here = rows[np.searchsorted(rows, first) : np.searchsorted(rows, first + part.rows)] - first
        first += part.rows
        if len(here):
            yield part, here


def _taken(part: DelimitedPart, rows: np.ndarray[Any, Any], width: int, indexes: Sequence[int]) -> list[pa.Array]:
    """Return the cells of some rows of a part, by column."""
    table = cells.read(part.data, len(part.places) or width, part.dialect.delimiter, part.dialect.quote)
    places = part.places or range(width)
    at = {column: place for place, column in enumerate(places)}
    asked = pa.array(rows)
    return [
        pc.fill_null(pc.utf8_trim(table.column(at[index]).take(asked).combine_chunks(), _BLANKS), "").cast(pa.string())
        if index in at
        else pa.array([""] * len(rows), pa.string())
        for index in indexes
    ]


def first_filled(cells_of: dict[int, pa.Array], indexes: Sequence[int], count: int) -> pa.Array:
    """Return of each row the first cell that is filled among some columns; "" where there is none."""
    first, *others = (cells_of[index] for index in indexes) if indexes else (pa.array([""] * count, pa.string()),)
    for other in others:
        first = pc.if_else(pc.equal(first, ""), other, first)
    return first
