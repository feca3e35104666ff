"""Cells of a few rows among many: what is kept of a file so that they can be had again, and how they are read.

Rules, in the order in which they apply:

1. What streams by once (a registry) is kept in memory, packed, as it came: a third of its size, and nothing on a disk.
2. Only the rows and columns asked for become cells; a cell is text without blanks at its edges, "" when empty.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import zstandard

from etanche.engines import cells
from etanche.engines.blanks import BLANKS

if TYPE_CHECKING:
    from etanche.engines import DelimitedPart
    from etanche.model import Dialect

_LEVEL = 1
_THREADS = 2
_BLANKS = "".join(BLANKS)


@dataclass(frozen=True, slots=True)
class PackedPart:
    """A part of rows, packed."""

    packed: bytes = field(repr=False)
    dialect: Dialect
    rows: int
    places: tuple[int, ...]

    @property
    def data(self) -> bytes:
        """The text."""
        return zstandard.ZstdDecompressor().decompress(self.packed)


@dataclass(slots=True)
class Kept:
    """The parts of a file that was read, packed in memory."""

    width: int
    parts: list[PackedPart] = field(default_factory=list)

    def through(self, parts: Iterable[DelimitedPart]) -> Iterator[DelimitedPart]:
        """Yield the parts as they come, keeping each on the way."""
        packer = zstandard.ZstdCompressor(level=_LEVEL)
        for part in parts:
            self.parts.append(PackedPart(packer.compress(part.data), part.dialect, part.rows, tuple(part.places)))
            yield part


def picked(
    parts: Iterable[DelimitedPart], width: int, indexes: Sequence[int], rows: np.ndarray[Any, Any]
) -> dict[int, pa.Array]:
    """Return the cells of some rows by column; `rows` are positions over all parts from 0, in order, each once.

    Parts that are all there (`Kept`) are read side by side; others one by one, so that one at a time is held.
    """
    wanted = _wanted(parts, rows)
    if isinstance(parts, Sequence):
        with ThreadPoolExecutor(_THREADS, thread_name_prefix="pick") as workers:
            taken = list(workers.map(lambda each: _taken(each[0], each[1], width, indexes), wanted))
    else:
        taken = [_taken(part, here, width, indexes) for part, here in wanted]
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
    held = pa.array([""] * count, pa.string())
    for index in indexes:
        held = pc.if_else(pc.equal(held, ""), cells_of[index], held)
    return held
