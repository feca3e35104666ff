"""Cells of a few rows among many: what is kept of a file so that they can be had again, and how they are read.

Rules, in the order in which they apply:

1. What streams by once (a registry) is kept in memory, packed, as it came: a third of its size, and nothing on a disk.
2. Only the rows and columns asked for become cells; a cell is text without blanks at its edges, "" when empty.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
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
    """Return the cells of some rows by column; `rows` are positions over all parts from 0, in order, each once."""
    found: dict[int, list[pa.Array]] = {index: [] for index in indexes}
    first = 0
    for part in parts:
        here = rows[np.searchsorted(rows, first) : np.searchsorted(rows, first + part.rows)] - first
        first += part.rows
        if not len(here):
            continue
        table = cells.read(part.data, len(part.places) or width, part.dialect.delimiter, part.dialect.quote)
        place = {column: at for at, column in enumerate(part.places)} if part.places else {i: i for i in indexes}
        for index in indexes:
            if index in place:
                taken = table.column(place[index]).take(pa.array(here)).combine_chunks()
                found[index].append(pc.fill_null(pc.utf8_trim(taken, _BLANKS), ""))
            else:
                found[index].append(pa.array([""] * len(here), pa.string()))
    return {index: _joined(held) for index, held in found.items()}


def first_filled(cells_of: dict[int, pa.Array], indexes: Sequence[int], count: int) -> pa.Array:
    """Return of each row the first cell that is filled among some columns; "" where there is none."""
    held = pa.array([""] * count, pa.string())
    for index in indexes:
        held = pc.if_else(pc.equal(held, ""), cells_of[index], held)
    return held


def _joined(held: Sequence[pa.Array]) -> pa.Array:
    return pa.concat_arrays([pa.array(each, pa.string()) for each in held]) if held else pa.array([], pa.string())
