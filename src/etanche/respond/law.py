"""The law as data: duties read from dated files, one a text of law, checked as they are read.

Rules, in the order in which they apply:

1. A jurisdiction is a folder of `law/`; its `pack.toml` says which others it includes.  A new one is a new folder.
2. A file with a `pack` of its own holds duties that count only where somebody switched them on.
3. Every duty has an article, a day of effect and a mark: read in its source, or known and to be checked by counsel.
4. The limit that holds is that of the day on which the clock started.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Any

from etanche.respond.counting import RULES, Duration

ENDLESS = frozenset({"none", "standing"})
_MARKS = frozenset({"read", "known"})
_KEYS = frozenset(
    "code who to starts counting condition needs proof articles from mark sure limit not_before proposed vector".split()  # noqa: SIM905
)


@dataclass(frozen=True, slots=True)
class Limit:
    """How long a period is, from a day on."""

    since: date
    duration: str


@dataclass(frozen=True, slots=True)
class Vector:
    """A worked example: local times; the readings that it names must come out as they stand."""

    event: str
    due: str
    departement: str
    readings: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Duty:
    """What somebody owes somebody."""

    code: str
    who: str
    to: str
    starts: str
    """Which moment starts the clock: a column of the controllers file, or "request"."""
    counting: str
    condition: str
    articles: tuple[str, ...]
    since: date
    mark: str
    sure: bool
    title: str
    """The text of law it stands in."""
    written: date
    """The day of its file."""
    reviewed: date | None
    """The day on which a lawyer held the file against its source; None: nobody has."""
    proof: str = ""
    """First part of the columns that say it was done: `PROOF_filed`, `PROOF_receipt`."""
    needs: tuple[str, ...] = ()
    limits: tuple[Limit, ...] = ()
    proposed: tuple[tuple[str, str], ...] = ()
    """Durations that somebody has proposed, with the source: named, never counted with."""
    vectors: tuple[Vector, ...] = ()
    not_before: str = ""
    """How long must pass before it may be done at all (ISO 8601); empty: nothing need."""
    pack: str | None = None

    def __post_init__(self) -> None:
        if self.mark not in _MARKS or not self.articles:
            msg = f"{self.code} needs an article and a mark"
            raise ValueError(msg)
        if (self.counting in ENDLESS) == bool(self.limits) or self.counting not in ENDLESS | RULES.keys():
            msg = f"{self.code} cannot be counted"
            raise ValueError(msg)
        if self.not_before and not Duration.parse(self.not_before).hours:
            msg = f"{self.code} may not be done before hours have passed"
            raise ValueError(msg)

    def duration(self, day: date) -> Duration | None:
        """Return how long the period is that starts on a day; None: without limit, or before the law was."""
        holding = [limit for limit in self.limits if limit.since <= day]
        return Duration.parse(max(holding, key=lambda limit: limit.since).duration) if holding else None

    def opens(self, event: datetime) -> datetime:
        """Return the instant from which it may be done."""
        return event + timedelta(hours=Duration.parse(self.not_before).hours) if self.not_before else event


@dataclass(frozen=True, slots=True)
class Law:
    """The law of a jurisdiction."""

    jurisdiction: str
    authority: str
    duties: tuple[Duty, ...]
    """In the order of the files; those of packs that were not asked for left out."""

    def duty(self, code: str) -> Duty:
        """Return a duty by its code; `KeyError` for one that there is not."""
        return {duty.code: duty for duty in self.duties}[code]


def jurisdictions() -> tuple[str, ...]:
    """Return the jurisdictions that have a pack."""
    return tuple(sorted(each.name for each in _root().iterdir() if (each / "pack.toml").is_file()))


def packs() -> tuple[str, ...]:
    """Return the packs that can be switched on."""
    return tuple(sorted({duty.pack for name in jurisdictions() for duty in _duties(name) if duty.pack}))


@cache
def law(jurisdiction: str, switched_on: frozenset[str] = frozenset()) -> Law:
    """Return the law of a jurisdiction, with the packs that were asked for."""
    duties = tuple(duty for duty in _duties(jurisdiction) if duty.pack is None or duty.pack in switched_on)
    return Law(jurisdiction, _pack(jurisdiction)["authority"], duties)


def _root() -> Traversable:
    return resources.files(__package__) / "law"


def _pack(jurisdiction: str) -> dict[str, Any]:
    return tomllib.loads((_root() / jurisdiction / "pack.toml").read_text(encoding="utf-8"))


@cache
def _duties(jurisdiction: str) -> tuple[Duty, ...]:
    folders = [*_pack(jurisdiction)["includes"], jurisdiction]
    return tuple(duty for folder in folders for duty in _folder(_root() / folder))


def _folder(folder: Traversable) -> Iterator[Duty]:
    for file in sorted(folder.iterdir(), key=lambda each: each.name):
        data = tomllib.loads(file.read_text(encoding="utf-8"))
        for entry in data.get("duty", ()):
            yield _duty(entry, data)


def _duty(entry: dict[str, Any], data: dict[str, Any]) -> Duty:
    if stray := entry.keys() - _KEYS:
        msg = f"{entry.get('code')}: {sorted(stray)}"
        raise ValueError(msg)
    return Duty(
        code=entry["code"],
        who=entry["who"],
        to=entry["to"],
        starts=entry["starts"],
        counting=entry["counting"],
        condition=entry["condition"],
        articles=tuple(entry["articles"]),
        since=entry["from"],
        mark=entry["mark"],
        sure=entry["sure"],
        title=data["title"],
        written=data["written"],
        reviewed=data.get("reviewed"),
        proof=entry.get("proof", ""),
        needs=tuple(entry.get("needs", ())),
        limits=tuple(Limit(limit["from"], limit["duration"]) for limit in entry.get("limit", ())),
        proposed=tuple((each["duration"], each["source"]) for each in entry.get("proposed", ())),
        vectors=tuple(_vector(each) for each in entry.get("vector", ())),
        not_before=entry.get("not_before", ""),
        pack=data.get("pack"),
    )


def _vector(entry: dict[str, Any]) -> Vector:
    readings = tuple(entry.get("readings", {}).items())
    return Vector(entry["event"], entry["due"], entry.get("departement", "75"), readings)
