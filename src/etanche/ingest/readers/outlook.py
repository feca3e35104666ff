"""Outlook messages (.msg): one table of one message, and its attachments as entries; parsed in the sandbox.

1. Columns are those of mails (`readers.mail`); the date is Outlook's, in UTC.
2. A message attached to a message is named, not opened (Outlook keeps it unpacked inside the other).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial

from etanche.errors import ExitCode, UserError
from etanche.ingest import sandbox
from etanche.ingest.bids import Bid, Head
from etanche.ingest.entries import Entry, Stream
from etanche.ingest.limits import Limits
from etanche.ingest.parsers.embedded import Memory
from etanche.ingest.parsers.gather import Gather
from etanche.ingest.parsers.mailparts import PROSE, of_html
from etanche.ingest.scan import Piece
from etanche.ingest.seekable import local_path
from etanche.ingest.tables import CellTable

NAME = "outlook"
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_PROPERTIES = "__properties_version".encode("utf-16-le")
_ORDER = (
    *("date", "from_name", "from_email", "to", "cc", "bcc", "account", "subject"),
    *("message_id", "in_reply_to", "attachments", "headers", "text"),
)
_UNSAFE = re.compile(r"[\x00-\x1f\x7f/\\:*?\"<>|]+")


def bid(head: Head) -> Bid:
    """Bid on a compound file that is called a message, or whose directory is seen to be one's."""
    if not head.data.startswith(_OLE):
        return Bid(0, "no_magic")
    return Bid(0.95, "message") if head.suffix == "msg" or _PROPERTIES in head.data else Bid(0, "other_ole")


def tables(entry: Entry, limits: Limits) -> Iterator[CellTable | Entry]:
    """Yield the message as a table of one row, then its attachments.  Raises `UserError` when it is none."""
    cells, folders = _message(entry, limits)
    names = tuple(name for name in _ORDER if name in cells)
    if not names:
        shown = "!".join((entry.outer.shown, *entry.members))
        raise UserError("ingest_msg_damaged", ExitCode.UNREADABLE, path=shown)
    yield CellTable(entry, limits, NAME, names=names, pieces=partial(_pieces, cells, names, limits), prose=PROSE)
    for folder, name, size in folders:
        child = Entry(entry.outer, (*entry.members, name), max(1, size), entry.opener, entry.meter)
        child.opener = partial(_open, entry, limits, folder)
        yield child


def _message(entry: Entry, limits: Limits) -> tuple[dict[str, str], list[tuple[str, str, int]]]:
    """Return the cells of the message, and folder, name and size of the attachments that can be opened."""
    shown = "!".join((entry.outer.shown, *entry.members))
    cells: dict[str, str] = {}
    found: list[tuple[str, str, int]] = []
    with local_path(entry, limits) as path:
        for header, _ in sandbox.run("outlook:message", path, {}, limits, shown=shown):
            cells = {name: str(cell).replace("\r\n", "\n") for name, cell in header["cells"].items()}
            names: list[str] = []
            for number, (folder, name, size) in enumerate(header["attachments"], start=1):
                kept = _UNSAFE.sub("_", name)[:150].strip(" .") or f"part-{number}"
                names.append(f"{kept}_{number}" if kept in names else kept)
                if size > 0:
                    found.append((folder, names[-1], size))
            if names:
                cells["attachments"] = "\n".join(names)
    if "html" in cells:
        cells["text"] = of_html(cells.pop("html"))
    return {name: cell for name, cell in cells.items() if cell}, found


def _open(entry: Entry, limits: Limits, folder: str) -> Stream:
    shown = "!".join((entry.outer.shown, *entry.members))
    data = bytearray()
    with local_path(entry, limits) as path:
        for _, body in sandbox.run("outlook:attachment", path, {"folder": folder}, limits, shown=shown):
            data += body
            if len(data) > limits.nested_bytes:
                raise UserError("ingest_unpack_first", ExitCode.UNREADABLE, path=shown)
    return Memory(bytes(data))


def _pieces(cells: dict[str, str], names: tuple[str, ...], limits: Limits) -> Iterator[Piece]:
    """Yield the one row."""
    gather = Gather(names, limits)
    raw = "\n".join(cells.values()).encode("utf-8", "surrogatepass")
    if piece := gather.add(dict(cells), 1, 0, raw):
        yield piece
    yield from gather.rest()
