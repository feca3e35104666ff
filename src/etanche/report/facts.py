"""What a report must say besides the figures: which case, which file, by what version, on what ground it is held."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from etanche.model import Reason, Source

ACQUISITION_KEYS = ("from_whom", "how", "when", "ground", "until")
"""What is recorded on where the file came from; "not stated" is an answer."""
NOT_STATED = "not stated"


@dataclass(frozen=True, slots=True)
class Facts:
    """The frame of a report.  `made_at` is aware and in UTC, `custody_head` the head of the custody chain (hex)."""

    case_id: str
    version: str
    made_at: datetime
    sources: tuple[Source, ...]
    custody_head: str
    acquisition: dict[str, str]
    key_statement: str
    """Code of `words/<language>/report.toml`, table `key`: who can open the rows ("keyring", "file", "passphrase")."""
    notes: tuple[Reason, ...] = ()
    """What opening had to say beside the rows (codes of `words/<language>/ingest.toml`)."""

    def __post_init__(self) -> None:
        """Refuse a naive or local time: a report is read in other time zones than it was made in."""
        if self.made_at.utcoffset() != timedelta(0):
            msg = "made_at must be in UTC"
            raise ValueError(msg)

    @property
    def stamp(self) -> str:
        """Return the time of making in ISO 8601, to the second."""
        return self.made_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
