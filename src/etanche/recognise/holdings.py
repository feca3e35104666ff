"""What each cell of a packed or mixed column holds besides the column's own kind, for the census to count.

Rules, in the order in which they apply:

1. A cell is read in pieces; those of the column's own kind count with the column and are left out.
2. A date counts where the column says that its dates are births; a code or a single name among others tells too little.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from etanche.model import Column, Finding, Kind
from etanche.recognise.findings import Found, weighed
from etanche.recognise.pieces import pieces

_LONGEST = 1_000
"""Characters of one cell that are read."""
_MUTE = frozenset({Kind.DATE, Kind.IDENTIFIER, Kind.SURNAME})


def holdings(cells: Sequence[str], column: Column) -> Iterator[tuple[Found, ...]]:
    """Yield what each cell holds besides, in its order; the caller passes distinct cells."""
    births = any(held.kind is Kind.BIRTH_DATE for held in column.also)
    for cell in cells:
        told = []
        for kind, text in pieces(cell[:_LONGEST]).found:
            named = Kind.BIRTH_DATE if births and kind is Kind.DATE else kind
            if named not in _MUTE and named is not column.kind:
                told.append(weighed(text, Finding(named, 0, len(text))))
        yield tuple(told)
