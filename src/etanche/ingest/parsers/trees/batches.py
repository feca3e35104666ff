"""What a format that holds trees gives: batches of records, leaves as text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from etanche.model import Quarantined


@dataclass(slots=True)
class Batch:
    """Some records that stand at the same place of a document.

    A record is a dict; its leaves are `str`, `bool` or None, its nodes dicts and lists.
    """

    values: list[Any] = field(default_factory=list, repr=False)
    path: tuple[str, ...] = ()
    """Keys that lead from the document's root to the list that holds the records; empty for the document itself."""
    numbers: Sequence[int] = ()
    """Place of each record, from 1: its number, or the line it stands on."""
    parent: int = 0
    """Number of the document, for records below a path."""
    offset: int = 0
    partial: bool = False
    """The values are parts of one document too large to hold, to be put together."""
    end: bool = False
    """A document given in parts ends here."""
    quarantined: list[Quarantined] = field(default_factory=list, repr=False)
    blank: int = 0
    lines: tuple[int, ...] = ()
    """Lines that each record takes; empty when it is one."""


class Trees(Protocol):
    """A format that gives trees."""

    encoding: str

    def batches(self, needles: tuple[bytes, ...] = ()) -> Iterator[Batch]:
        """Read the entry from its start.  Records that hold none of the needles may be passed over unread."""
