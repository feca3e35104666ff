"""What the custody log adds up to: `case.json`, and where the file came from.

The log is the truth; `case.json` is only a picture of it, made again after every entry and at every opening.
Its keys: `format id created version by key head entries acquisition hold inputs results done data_purged purged`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from etanche.casefile.custody import Entry, Event, Param
from etanche.crypto import GENESIS
from etanche.errors import ExitCode, UserError
from etanche.model import Reason

FORMAT = "etanche-case/1"
NOT_STATED = "not stated"


@dataclass(frozen=True, slots=True)
class Acquisition:
    """Where the leaked file came from, as stated; None: not stated (GDPR art. 5(1)(b), 5(1)(e), 6)."""

    from_whom: str | None = None
    how: str | None = None
    when: str | None = None
    ground: str | None = None
    """On what ground the file is held."""
    until: date | None = None
    """The day by which it is to be destroyed."""

    def params(self) -> dict[str, Param]:
        """Return the statement as it stands in the log: every part, `not stated` where it is not."""
        said = {name: getattr(self, name) for name in ("from_whom", "how", "when", "ground")}
        stated: dict[str, Param] = {name: value or NOT_STATED for name, value in said.items()}
        return {**stated, "until": self.until.isoformat() if self.until else NOT_STATED}

    def warnings(self, today: date) -> tuple[Reason, ...]:
        """Return what ought to be said of the statement (codes of `words/<language>/casefile.toml`)."""
        if self.until is not None and self.until < today:
            return (Reason("until_past", (("until", self.until.isoformat()),)),)
        return ()


def parse_until(text: str) -> date:
    """Return the day of "2026-12-31" or "31/12/2026"; `UserError` (usage) for anything else."""
    text = text.strip()
    try:
        if text[2:3] == text[5:6] == "/":
            return date(int(text[6:]), int(text[3:5]), int(text[:2]))
        return date.fromisoformat(text)
    except ValueError:
        raise UserError("case_until", ExitCode.USAGE, value=text[:40]) from None


@dataclass(frozen=True, slots=True)
class Written:
    """A result as it was written: SHA-256 (hexadecimal), bytes, moment."""

    sha256: str
    size: int
    time: str


@dataclass(slots=True)
class Summary:
    """The state of a case, folded from its log entry by entry."""

    case_id: str = ""
    created: str = ""
    version: str = ""
    """The version of étanche that made the case."""
    by: str = ""
    way: str = ""
    head: str = GENESIS
    entries: int = 0
    acquisition: dict[str, Any] = field(default_factory=dict)
    hold: dict[str, Any] | None = None
    inputs: list[dict[str, Any]] = field(default_factory=list)
    results: dict[str, Written] = field(default_factory=dict)
    done: list[dict[str, Any]] = field(default_factory=list)
    manifest: str | None = None
    """Hash of the manifest of the sealed parts."""
    purging: str | None = None
    """Scope ("data", "all") of a purge that was begun and not finished."""
    data_purged: str | None = None
    purged: str | None = None
    key_destroyed: bool = False

    def add(self, entry: Entry) -> None:
        """Take one more entry into account."""
        params = dict(entry.params)
        self.head, self.entries = entry.hash, entry.seq
        self.done.append({"time": entry.time, "event": entry.event, "version": entry.version})
        if "manifest" in params:
            self.manifest = params["manifest"]
        match entry.event:
            case Event.CREATED:
                self.case_id, self.way = str(params.get("case", "")), str(params.get("key", ""))
                self.created, self.version, self.by = entry.time, entry.version, entry.by
            case Event.ACQUIRED:
                self.acquisition = params
            case Event.INPUT_READ:
                self.inputs.append(params)
            case Event.RESULT_WRITTEN if "sha256" in params:
                self.results[params["name"]] = Written(params["sha256"], params["size"], entry.time)
            case Event.HELD:
                self.hold = {**params, "since": entry.time}
            case Event.RELEASED:
                self.hold = None
            case Event.PURGE_BEGUN:
                self.purging = params["scope"]
            case Event.DATA_PURGED:
                self.data_purged, self.purging = entry.time, None
                self.key_destroyed = bool(params["key_destroyed"])
            case Event.PURGED:
                self.purged, self.purging, self.key_destroyed = entry.time, None, True

    def picture(self) -> dict[str, Any]:
        """Return the content of `case.json`."""
        results = {name: {"sha256": w.sha256, "size": w.size, "time": w.time} for name, w in self.results.items()}
        return {
            "format": FORMAT,
            "id": self.case_id,
            "created": self.created,
            "version": self.version,
            "by": self.by,
            "key": self.way,
            "head": self.head,
            "entries": self.entries,
            "acquisition": self.acquisition,
            "hold": self.hold,
            "inputs": self.inputs,
            "results": results,
            "done": self.done,
            "data_purged": self.data_purged,
            "purged": self.purged,
        }


def fold(entries: Sequence[Entry]) -> Summary:
    """Return the state that a log adds up to."""
    summary = Summary()
    for entry in entries:
        summary.add(entry)
    return summary
