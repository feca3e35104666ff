r"""HPRIM messages of segments (HPRIM 1.x to 2.x for laboratories: `H|~^\&|`, P, OBR, OBX, C): one table a segment.

1. HPRIM is HL7's cousin (ASTM E1238) with other separators and a patient of its own (P): the rest is as for HL7 v2.
2. A segment broken off after 220 characters goes on in a segment A: the two are one.
3. A message may hold several patients: rows say the number of theirs in the message.
4. What analysers send (ASTM E1394: `H|\^&|`, P, O, R) is the same with other separators.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from etanche.ingest.bids import Bid, Head
from etanche.ingest.entries import Entry
from etanche.ingest.limits import Limits
from etanche.ingest.parsers.messages import Family, message_tables
from etanche.ingest.parsers.segments import narrow
from etanche.ingest.tables import CellTable

NAME = "hprim"
_FIRST = re.compile(rb"[\x0b\s]{0,64}H([^\w\s])([^\w\s]{3,5})\1[^\r\n]*[\r\n]")
_FAMILY = Family(
    NAME,
    "hprim.toml",
    header="H",
    patient="P",
    patient_fields=(2, 3, 4),
    control_field=2,
    unnumbered={"H": [""]},
    after_orders=frozenset({"OBX", "C"}),
    batches={"H": 1, "L": -1},
    continued=b"A",
    patients_counted=True,
)


def bid(head: Head) -> Bid:
    """Bid on a header segment with its separators."""
    match = _FIRST.match(narrow(head.data))
    if match is None or len(set(match.group(2))) < 3:
        return Bid(0, "no_header")
    return Bid(0.95, "message_header")


def starts(head: bytes) -> re.Pattern[bytes]:
    """Return what begins a segment: a short name and the field separator."""
    match = _FIRST.match(narrow(head))
    mark = re.escape(match.group(1)) if match else rb"\|"
    return re.compile(rb"[\r\n\x0b\x1c][ \t]{0,8}(H(?=[^\w\s])|[A-Z]{1,3}(?=%b))" % mark)


def tables(entry: Entry, limits: Limits) -> Iterator[CellTable | Entry]:
    """Yield one table a kind of segment, in the order in which they appear."""
    yield from message_tables(entry, limits, _FAMILY, starts(entry.head()))
