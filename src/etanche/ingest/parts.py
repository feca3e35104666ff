"""Rows on their way to an engine: pieces gathered into parts, whatever format they came from.

1. A part is some tens of MiB of rows as UTF-8 text, each of exactly the table's number of cells.
2. A part never mixes quotes that quote with quotes that are mere characters.
3. Parts say which lines (or records, or rows of a sheet) of the leaked entry their rows are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import TypeVar

from etanche.ingest.scan import Piece, Run
from etanche.model import Dialect, Quarantined

Progress = Callable[[int, int], None]
_T = TypeVar("_T")
_PLACE = 256
"""Bytes that telling where a row is from takes: with short rows of several lines, more than the rows themselves."""

_FIRST = 4
"""The first part is so much smaller than the others: whoever waits for it begins so much sooner."""


@dataclass(frozen=True, slots=True)
class Part:
    """Some tens of MiB of rows, ready for an engine."""

    data: bytes = field(repr=False)
    """UTF-8, LF line ends, rows only, each of exactly the table's number of cells."""
    dialect: Dialect
    """How `data` is delimited: with quote "" quotes are characters like others, else they are strictly well-formed."""
    rows: int
    """Rows in `data`, counted here; an engine that counts otherwise is wrong."""
    runs: tuple[Run, ...]
    """Which lines of the leaked file the rows are, run-length coded, in order."""
    quarantined: tuple[Quarantined, ...] = field(repr=False)
    """Lines set aside, in order."""
    table: int = 0
    """Which of several tables the rows are of, in the order of whoever joins them."""
    places: tuple[int, ...] = ()
    """Where the cells stand among the columns of several tables joined; empty when they are one for one."""


class Builder:
    """Gathers pieces into parts; a part never mixes quotes that quote with quotes that are mere characters."""

    def __init__(self, delimiter: str, size: int) -> None:
        self._delimiter, self._full = delimiter, size
        self._target = size // _FIRST
        self._reset()

    def _reset(self) -> None:
        self._chunks: list[bytes] = []
        self._runs: list[Run] = []
        self._quarantined: list[Quarantined] = []
        self._rows = self._size = 0
        self._raw = self._quoted = False

    def add(self, piece: Piece) -> Iterator[Part]:
        """Take a piece; yield a part when one is full or cannot take it."""
        if (self._raw and piece.quoted) or (self._quoted and piece.raw):
            yield from self.rest()
        for run in piece.runs:
            self._append(replace(run, first_row=run.first_row + self._rows))
        self._chunks += piece.chunks
        self._quarantined += piece.quarantined
        self._rows += piece.rows
        self._size += sum(map(len, piece.chunks)) + sum(len(item.raw) for item in piece.quarantined)
        self._raw, self._quoted = self._raw or piece.raw, self._quoted or piece.quoted
        if self._size + _PLACE * (len(self._runs) + len(self._quarantined)) >= self._target:
            yield from self.rest()

    def _append(self, run: Run) -> None:
        last = self._runs[-1] if self._runs else None
        if last and last.one_line_each and run.one_line_each and last.first_line + last.rows == run.first_line:
            rows = last.rows + run.rows
            self._runs[-1] = replace(last, rows=rows, lines=rows)
        else:
            self._runs.append(run)

    def rest(self) -> Iterator[Part]:
        """Yield what is left, if anything."""
        if self._chunks or self._quarantined:
            dialect = Dialect(self._delimiter, '"' if self._quoted else "")
            data = self._chunks[0] if len(self._chunks) == 1 else b"".join(self._chunks)
            part = Part(data, dialect, self._rows, tuple(self._runs), tuple(self._quarantined))
            self._reset()
            self._target = self._full
            yield part


def spread(items: list[_T], wanted: int) -> list[_T]:
    """Return at most `wanted` items, evenly spread."""
    if len(items) <= wanted:
        return items
    step = len(items) / wanted
    return [items[int(k * step)] for k in range(wanted)]
