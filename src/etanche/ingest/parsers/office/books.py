"""What a workbook is, whatever its format, and how its rows are looked at one by one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol

from etanche.ingest.parsers.office.sheetxml import Block, Item, Row

LOOK = 80
"""Rows of each sheet that a survey shows."""


class Book(Protocol):
    """A workbook of any format."""

    def sheets(self) -> Sequence[tuple[str, bool]]:
        """Return the name of each sheet and whether it is hidden."""

    def width(self, index: int) -> int:
        """Return how many columns a sheet has."""

    def batches(self, index: int, most: int) -> Iterator[list[Item]]:
        """Yield the rows of a sheet, the first `most` of them (-1: all)."""

    def notes(self) -> dict[str, int]:
        """Return the codes of what was noticed, with a count each."""

    def position(self) -> int:
        """Return how far in the file the pass is."""


def singly(batch: Iterable[Item]) -> Iterator[Row]:
    """Yield the rows of a batch one by one."""
    for item in batch:
        if isinstance(item, Block):
            yield from item.rows()
        elif isinstance(item, Row):
            yield item


def filled(cells: Sequence[str]) -> int:
    """Return how many cells there are up to the last that holds something."""
    count = len(cells)
    while count and not cells[count - 1]:
        count -= 1
    return count
