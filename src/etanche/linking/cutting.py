"""Parts of rows cut small, so that every thread has work to its end and memory holds few rows as cells."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from etanche.engines import DelimitedPart
    from etanche.model import Dialect

_SIZE = 12 << 20
"""Bytes of a piece, or a little less."""


@dataclass(frozen=True, slots=True)
class _Piece:
    """Some rows of a part."""

    data: bytes = field(repr=False)
    dialect: Dialect
    rows: int
    places: tuple[int, ...]


def cut(parts: Iterable[DelimitedPart], size: int = _SIZE) -> Iterator[DelimitedPart]:
    """Yield the parts, those whose rows are lines in pieces of some `size` bytes (a cell in quotes may hold an end)."""
    for part in parts:
        if part.dialect.quote or len(part.data) <= size:
            yield part
            continue
        start, left = 0, part.rows
        while start < len(part.data):
            end = part.data.rfind(b"\n", start, start + size) + 1
            if end <= start:
                end = part.data.find(b"\n", start) + 1 or len(part.data)
            if len(part.data) - end < size // 4:
                end = len(part.data)
            data = part.data[start:end]
            # What is left is the last piece's: where it has another number, the engine finds that out.
            rows = left if end == len(part.data) else data.count(b"\n")
            start, left = end, left - rows
            yield _Piece(data, part.dialect, rows, tuple(part.places))
