"""The one gate of figures: no count under 5 leaves in a shareable report, nor one that subtraction would give back.

Rules, in the order in which they apply:

1. A count of 1 to 4 is hidden (0 and 5 stay).  So is a part of which its whole lacks only 1 to 4: the rest is a count.
2. Figures that add up to a published one are tied by a `Sum`.  What a sum hides (its hidden parts and its rest) must
   stay open: two figures or more, that together exceed their number by 4 or more, so that each of them might be 5 for
   all the reader knows.  Until that holds, one more is hidden: the smallest part still shown; else the whole group
   of parts is withheld, so that not even their number shows; else the whole.
3. Figures that the report can hardly do without (`kept`) come last under rule 2.
4. Two keys of one figure are hidden together: a `Sum` of one part without rest.

The gate knows nothing of the census: `shareable` names the sums.  After the practice of statistical agencies (primary
and complementary suppression; Hundepool and others, "Statistical Disclosure Control", 2012, ch. 4).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

LEAST = 5
"""The smallest count that a shareable report shows."""

Path = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sum:
    """`whole` is the sum of `parts` and of a rest that is not published, but that whoever subtracts may know.

    `group` names the mapping that is emptied when its parts cannot be protected.
    """

    whole: Path
    parts: tuple[Path, ...]
    group: Path | None = None


def small(count: int) -> bool:
    """Say whether a count may not be shown."""
    return 0 < count < LEAST


class Gate:
    """Figures by path, the sums that tie them, and which of them are hidden so far."""

    def __init__(self, figures: dict[Path, int], sums: Iterable[Sum], kept: frozenset[Path]) -> None:
        self.figures = figures
        self.kept = kept
        self.sums = [item for item in sums if item.whole in figures and item.parts]
        self.hidden = {path for path, count in figures.items() if small(count)}
        self.withheld: set[Path] = set()

    def close(self) -> None:
        """Hide what the rules ask for, until nothing changes (every round hides something, so it ends)."""
        for item in self.sums:
            whole = self.figures[item.whole]
            near = {part for part in item.parts if self.figures[part] and small(whole - self.figures[part])}
            self.hidden |= near - self.kept
        changed = True
        while changed:
            changed = False
            for item in self.sums:
                changed |= self._protect(item)

    def _protect(self, item: Sum) -> bool:
        """Hide one more figure of a sum that gives a hidden one away; say whether anything had to be hidden."""
        if item.group in self.withheld or not self._gives_away(item):
            return False
        shown = {part for part in item.parts if part not in self.hidden and self.figures[part] > 0}
        if shown - self.kept:
            self.hidden.add(min(shown - self.kept, key=lambda part: (self.figures[part], part)))
        elif item.group:
            self.withheld.add(item.group)
            self.hidden.update(item.parts)
        elif item.whole not in self.hidden | self.kept:
            self.hidden.add(item.whole)
        else:
            self.hidden.add(min(shown, default=item.whole, key=lambda part: (self.figures[part], part)))
        return True

    def _gives_away(self, item: Sum) -> bool:
        """Say whether the hidden figures of a sum can be worked out, or nearly, from those shown."""
        rest = self.figures[item.whole] - sum(self.figures[part] for part in item.parts)
        hidden = [self.figures[part] for part in item.parts if part in self.hidden]
        if item.whole in self.hidden:
            return not hidden and rest <= 0
        if not hidden and not small(rest):
            return False
        hidden += [rest] if rest > 0 else []
        return len(hidden) < 2 or sum(hidden) < len(hidden) + LEAST - 1
