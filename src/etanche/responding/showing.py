"""Which entries of the custody log one controller may show: its own, and those of the whole case.

Rules, in the order in which they apply:

1. An entry is shown when its event and its parameters are known to concern the whole case, or this controller alone.
   Any other is withheld: what is not known is not shown.
2. What is privileged is withheld, its own controller's included.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from etanche.casefile import Entry, Event

_PRIVILEGED = frozenset({Event.EXPOSURE_SHOWN})
_WHOLE = frozenset(
    {
        Event.CREATED, Event.ACQUIRED, Event.CORRECTED, Event.LIST_USED, Event.TRIAGED, Event.FAILED, Event.HELD,
        Event.RELEASED, Event.PURGE_BEGUN, Event.DATA_PURGED, Event.PURGED, Event.LOG_REPAIRED, Event.RECOVERED,
    }
)  # fmt: skip
"""Events of the whole case, whatever they say."""
_PLAIN = {
    Event.COMMAND: frozenset({"command", "files", "packs", "resumed"}),
    Event.ROWS_SEALED: frozenset({"rows", "quarantined", "parts", "bytes", "manifest"}),
    Event.INPUT_READ: frozenset({"path", "member", "sha256", "size"}),
}
"""Events that are of the whole case where they say no more than this."""
_RESULTS = frozenset(
    {"census.json", "report.html", "report-shareable.html", "respond.json", "letters.json", "rights.json"}
)
_KEPT = (("decisions", "33-"), ("decisions", "34-"), ("severities", ""))
_FILES_OF_ALL = frozenset({"controllers", "letters-lists"})


def may_be_shown(entry: Entry, code: str) -> bool:
    """Tell whether a controller may show an entry."""
    if entry.event in _PRIVILEGED:
        return False
    if entry.event in _WHOLE:
        return True
    if "controller" in entry.params:
        return bool(entry.params["controller"] == code) and entry.event != Event.COMMAND
    return _speaks_of_it(entry, code) or (entry.event in _PLAIN and entry.params.keys() <= _PLAIN[Event(entry.event)])


def _speaks_of_it(entry: Entry, code: str) -> bool:
    """Tell whether an entry that names its controller in a way of its own names this one, or none."""
    params: Mapping[str, Any] = entry.params
    match entry.event:
        case Event.RESULT_WRITTEN:
            said = own_result(str(params.get("name", "")), code)
        case Event.LINKED | Event.SETTLED:
            said = params.get("name") == code
        case Event.RESPONDED:
            said = set(str(params.get("changed", "")).split()) <= {code}
        case Event.SHOWN:
            said = str(params.get("number", "")).rpartition("-")[0] == code
        case Event.INPUT_READ if "what" in params:
            said = params["what"] in _FILES_OF_ALL or params.get("name") == code
        case _:
            said = False
    return bool(said)


def own_result(name: str, code: str) -> bool:
    """Tell whether a result of the case is of the whole case, or this controller's own."""
    own = {f"severity-{code}.json", f"link-{code}.json", f"decision-{code}-33.json", f"decision-{code}-34.json"}
    return (
        name in _RESULTS | own
        or name.startswith(f"respond/{code}/")
        or any(_numbered(name, f"{folder}/{code}-{rest}") for folder, rest in _KEPT)
    )


def _numbered(name: str, start: str) -> bool:
    """Tell whether a name is a start, a number and `.json`: "LAB-33-1" is no result of "LAB"."""
    return name.startswith(start) and name.removeprefix(start).removesuffix(".json").isdigit()
