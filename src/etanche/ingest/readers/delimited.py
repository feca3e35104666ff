"""Delimited text, of any dialect and encoding: what is text and nobody knows better."""

from __future__ import annotations

from collections.abc import Iterator

from etanche.ingest.bids import Bid, Head
from etanche.ingest.encodings import bom, wide
from etanche.ingest.entries import Entry
from etanche.ingest.limits import Limits
from etanche.ingest.table import TextTable, text_tables

NAME = "delimited"
_SUFFIXES = frozenset({"csv", "tsv", "txt", "tab", "dat", "psv", "asc"})
_SURE = 512
"""Random bytes of this length hold a control character but for one time in 10^16."""
_TEXT_CONTROLS = b"\t\n\r\x0b\x0c\x1a\x1b\x01\x1c\x1d\x1e\x1f"


def bid(head: Head) -> Bid:
    """Bid on anything that is text: few control characters, and bytes that some encoding explains."""
    if not _is_text(head.data):
        return Bid(0, "binary")
    return Bid(0.5, "text_named") if head.suffix in _SUFFIXES else Bid(0.4, "text")


def _is_text(data: bytes) -> bool:
    """Tell whether bytes look like text."""
    if not data:
        return False
    if bom(data)[0] or wide(data):
        return True
    controls = len(data) - len(data.translate(None, bytes(b for b in range(32) if b not in _TEXT_CONTROLS) + b"\x7f"))
    if controls > 0.03 * len(data):
        return False
    high = len(data) - len(data.translate(None, bytes(range(0x80, 0x100))))
    if high <= 0.35 * len(data):
        return True
    # Beyond that share only scripts other than Latin; what is packed or encrypted is never long without controls.
    if "\ufffd" not in data.decode("utf-8", "replace")[:-4]:
        return True
    return len(data) >= _SURE and not controls and any(end in data for end in (b"\n", b"\r"))


def tables(entry: Entry, limits: Limits) -> Iterator[TextTable]:
    """Yield the tables that stand one below the other in a text: one, mostly."""
    yield from text_tables(entry, limits, NAME)
