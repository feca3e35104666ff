"""An excerpt of a custody log: some entries in full, the others as the hashes that hold the chain together.

Rules, in the order in which they apply:

1. Of an entry that is withheld `seq`, `prev` and `hash` stay: whoever holds the excerpt can check that nothing was
   taken out or put in between.
2. An entry in full hashes to its `hash`: it is the one that was logged.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from etanche.casefile.custody import LOG, Entry, read
from etanche.crypto import GENESIS, link

FORMAT = "etanche-custody-excerpt/1"


def excerpt(case: Path, shown: Callable[[Entry], bool]) -> dict[str, Any]:
    """Return the log of a case, the entries that are not to be shown withheld: `head entries withheld log`."""
    entries, found = read((case / LOG).read_bytes())
    told = [_whole(entry) if shown(entry) else _link(entry) for entry in entries]
    withheld = sum("event" not in entry for entry in told)
    return {"format": FORMAT, "head": found.head, "entries": len(told), "withheld": withheld, "log": told}


def _whole(entry: Entry) -> dict[str, Any]:
    return {name: getattr(entry, name) for name in Entry.__slots__}


def _link(entry: Entry) -> dict[str, Any]:
    return {"seq": entry.seq, "prev": entry.prev, "hash": entry.hash}


def sound(told: Mapping[str, Any]) -> bool:
    """Tell whether an excerpt is unbroken, and each entry in full the one that was logged."""
    head, log = GENESIS, told.get("log")
    if not isinstance(log, list) or not all(isinstance(entry, dict) for entry in log):
        return False
    for number, entry in enumerate(log, start=1):
        if entry.get("seq") != number or entry.get("prev") != head or not isinstance(entry.get("hash"), str):
            return False
        if "event" in entry and link(entry) != entry["hash"]:
            return False
        head = entry["hash"]
    return bool(head == told.get("head") and len(log) == told.get("entries"))
