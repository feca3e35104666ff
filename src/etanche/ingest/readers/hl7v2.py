r"""HL7 v2 messages (ER7): one table a kind of segment, and the documents that travel in them.

1. Any number of messages, with or without batch headers (FHS, BHS) or MLLP frames, segments ended by CR, LF or CRLF.
2. Every row says its message (its number in the entry and MSH-10), whose it is (the first identifier of PID-3), and
   for what follows an order (OBX, NTE) the number of that OBR in the message: rows of several tables can be joined.
3. Columns are those that are filled somewhere (`parsers/hl7v2.toml` names fields), so an entry is read once to find
   them, and once for each table.
4. UTF-8 is believed before MSH-18, which lies; text that is no UTF-8 is decoded as the encoding chooser says.
5. A document in OBX-5 (ED, Base64 or Hex) becomes an entry of its own, named in its row; plain text stays in the
   row.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from etanche.ingest.bids import Bid, Head
from etanche.ingest.entries import Entry
from etanche.ingest.limits import Limits
from etanche.ingest.parsers.hl7fields import fields
from etanche.ingest.parsers.messages import Family, message_tables
from etanche.ingest.parsers.segments import narrow
from etanche.ingest.tables import CellTable

NAME = "hl7v2"
_FIRST = re.compile(rb"[\x0b\s]{0,64}(?:MSH|FHS|BHS)([^\w\s])[^\w\s]{2,5}\1")
_LATER = re.compile(rb"[\r\n\x0b]MSH([^\w\s])[^\w\s]{2,5}\1")
_FAMILY = Family(
    NAME,
    "hl7v2.toml",
    header="MSH",
    patient="PID",
    patient_fields=(3,),
    control_field=9,
    unnumbered={"MSH": ["", ""], "FHS": ["", ""], "BHS": ["", ""]},
    after_orders=frozenset({"OBX", "NTE", "SPM", "TCD", "SID"}),
    batches={"FHS": 1, "BHS": 1, "FTS": -1, "BTS": -1},
)


def bid(head: Head) -> Bid:
    """Bid on a message header with its separators, at the start or after a few lines that are none."""
    data = narrow(head.data)
    if _FIRST.match(data):
        return Bid(0.95, "message_header")
    return Bid(0.7, "message_header_later") if _LATER.search(data) else Bid(0, "no_message_header")


def starts(head: bytes) -> re.Pattern[bytes]:
    """Return what begins a segment: its name and the field separator, or a known name alone on a line."""
    data = narrow(head)
    match = _FIRST.match(data) or _LATER.search(data)
    mark = re.escape(match.group(1)) if match else rb"\|"
    alone = "|".join(sorted(fields(_FAMILY.spec))).encode()
    return re.compile(
        rb"[\r\n\x0b\x1c][ \t]{0,8}((?:MSH|FHS|BHS)(?=[^\w\s])|[A-Z][A-Z0-9]{2}(?=%b)|(?:%b)(?=[\r\n]))" % (mark, alone)
    )


def tables(entry: Entry, limits: Limits) -> Iterator[CellTable | Entry]:
    """Yield one table a kind of segment, in the order in which they appear, then the documents."""
    yield from message_tables(entry, limits, _FAMILY, starts(entry.head()))
