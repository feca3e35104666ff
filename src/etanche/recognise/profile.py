"""One column's sample, seen from the outside: how many cells are filled, and what share of them says yes to a question.

Rules:

1. Questions are asked of distinct values, at most `SEEN` of them spread over the sample; shares are of filled cells.
2. A question that no one of the first values answers with yes is dropped early: the share is 0.
3. Answers are kept: a question is asked once of a column.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

from etanche.identifiers import celltext
from etanche.lexicon.fold import fold

SEEN = 320
_FIRST = 48
_ENOUGH = 24


def _without_decimals(values: list[tuple[str, int]]) -> list[tuple[str, int]]:
    """Return codes that a data frame has made numbers ("75011.0") as they were."""
    if values and all(text.endswith(".0") and text[:-2].isdigit() for text, _ in values):
        return [(text[:-2], count) for text, count in values]
    return values


class Profile:
    """A column's sample; holds cells, so it has no `repr` of them and leaves no step."""

    def __init__(self, cells: Sequence[str]) -> None:
        self.cells = cells
        tidied = Counter(text for cell in cells if cell and (text := cell if cell.isalnum() else celltext.tidy(cell)))
        self.rows = len(cells)
        self.filled = tidied.total()
        self.distinct = len(tidied)
        values = _without_decimals(list(tidied.items()))
        step = max(1, -(-len(values) // SEEN))
        self._values = values[::step]
        self.seen = sum(count for _, count in self._values)
        self.layout: tuple[str, float] | None = None
        self._folded: list[tuple[str, int]] | None = None
        self._shares: dict[tuple[object, bool], float] = {}

    def __repr__(self) -> str:
        return f"Profile({self.filled} of {self.rows} filled, {self.distinct} distinct)"

    @property
    def values(self) -> list[str]:
        """The distinct values that questions are asked of."""
        return [text for text, _ in self._values]

    @property
    def counted(self) -> list[tuple[str, int]]:
        """The same with the number of cells that hold each."""
        return self._values

    @property
    def folded(self) -> list[tuple[str, int]]:
        """The same, folded for the lexicon, with their counts."""
        if self._folded is None:
            self._folded = [(fold(text), count) for text, count in self._values]
        return self._folded

    def share(self, question: Callable[[str], bool], *, folded: bool = False) -> float:
        """Return the share of filled cells whose value answers yes (0 when there is none)."""
        key = (question, folded)
        if key not in self._shares:
            self._shares[key] = self._ask(question, self.folded if folded else self._values)
        return self._shares[key]

    def _ask(self, question: Callable[[str], bool], values: list[tuple[str, int]]) -> float:
        yes = 0
        for place, (text, count) in enumerate(values):
            if place == _FIRST and not yes:
                return 0.0
            if question(text):
                yes += count
        return yes / self.seen if self.seen else 0.0

    @property
    def enough(self) -> bool:
        """Whether there are enough different values for shares to mean something without a header."""
        return self.distinct >= _ENOUGH
