"""The bidding of readers: each looks at the first bytes and the name, the best bid opens.

1. A reader is one module of `ingest/readers/` with `NAME`, `bid(head)` and `tables(entry, limits)`.
2. Readers are found by looking in the folder: adding one changes nothing here.
3. Bids: 0 no; under 0.5 "if nobody knows better"; 0.6 the refuser, who only knows what it cannot read; from 0.7 on a
   reader that recognises its format.  Ties go to the name that sorts first, so that a verdict never depends on order.

    >>> best(Head("leak.csv", b"nom;ville\\nDupont;Brest\\n")).NAME
    'delimited'
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Protocol, cast

from etanche.ingest import readers

if TYPE_CHECKING:
    from etanche.ingest.entries import Entry
    from etanche.ingest.limits import Limits
    from etanche.ingest.tables import Table


@dataclass(frozen=True, slots=True)
class Head:
    """What readers look at: the name and the first bytes (64 KiB at most)."""

    name: str
    data: bytes = field(repr=False)

    @property
    def suffix(self) -> str:
        """Return the name's last suffix, small letters, without its dot."""
        stem, dot, suffix = self.name.rpartition(".")
        return suffix.lower() if dot and stem else ""


@dataclass(frozen=True, slots=True)
class Bid:
    """How sure a reader is (0 to 1) that the bytes are its own, and the code of why."""

    score: float
    reason: str


class Reader(Protocol):
    """What a module of `ingest/readers/` offers."""

    NAME: str

    def bid(self, head: Head, /) -> Bid:
        """Return how sure the reader is."""

    def tables(self, entry: Entry, limits: Limits, /) -> Iterator[Table | Entry]:
        """Yield tables, or (for archives) entries to be bid for in turn."""


@cache
def all_readers() -> tuple[Reader, ...]:
    """Return every reader there is, by name."""
    names = sorted(info.name for info in pkgutil.iter_modules(readers.__path__))
    return tuple(cast("Reader", importlib.import_module(f"{readers.__name__}.{name}")) for name in names)


def best(head: Head) -> Reader | None:
    """Return the reader with the highest bid, None when nobody bids."""
    bids = [(reader.bid(head).score, reader) for reader in all_readers()]
    score, reader = max(bids, key=lambda bid: bid[0])
    return reader if score > 0 else None
