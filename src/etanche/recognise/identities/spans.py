"""Spans of a text that do not overlap.

Rules, in the order in which they apply:

1. Readers give their spans in an order of trust; what stands first keeps its place.
2. A later span that meets an earlier one is dropped.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterable, Iterator

from etanche.model import Finding


class Spans:
    """Findings of one text, in order, none over another."""

    def __init__(self) -> None:
        self._found: list[tuple[int, int, Finding]] = []

    def free(self, start: int, end: int) -> bool:
        """Tell whether nothing found meets `start` to `end`."""
        at = bisect_left(self._found, (start,))
        if at < len(self._found) and self._found[at][0] < end:
            return False
        return at == 0 or self._found[at - 1][1] <= start

    def add(self, found: Iterable[Finding]) -> None:
        """Keep those that meet nothing found before."""
        for finding in found:
            if self.free(finding.start, finding.end):
                insort(self._found, (finding.start, finding.end, finding), key=_start)

    def __iter__(self) -> Iterator[Finding]:
        return (finding for _, _, finding in self._found)

    def __len__(self) -> int:
        return len(self._found)


def _start(entry: tuple[int, int, Finding]) -> tuple[int, ...]:
    return entry[:2]
