"""Persons' requests: their clocks, how they stand, and on what ground an answer may refuse.

Rules, in the order in which they apply:

1. Kinds of request and grounds of refusal are a dated file (`rights.toml`); how long a clock runs is a duty of the
   law's files, counted as every other (`counting.py`).
2. A clock starts at the earliest instant at which the request can have been received.
3. Two more months, where the reasons were given to the person within the first (GDPR 12(3)).
4. A health record within 8 days, not before 48 hours; within 2 months where it is older than five years (CSP L.1111-7).
5. What was sent to the person stops the clock.  A draft does not.
6. What stands here names nobody: a request is its number.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from importlib import resources
from typing import Any

from etanche.errors import ExitCode, UserError
from etanche.respond.counting import Counted, count
from etanche.respond.deadlines import ALARMS, elapsed, state_at
from etanche.respond.holidays import Calendar
from etanche.respond.law import Law

OUTCOMES = ("granted", "partly", "refused")


@dataclass(frozen=True, slots=True)
class Request:
    """A kind of request."""

    code: str
    articles: tuple[str, ...]
    duty: str
    """The duty whose clock it starts; empty: none runs."""
    old: str
    """The duty of a health record older than five years; empty: there is no difference."""
    extended: str
    """The duty of an extended request; empty: it cannot be extended."""
    identity: bool
    """Whether how the person was recognised is stated before an answer is drafted."""


@dataclass(frozen=True, slots=True)
class Ground:
    """Why an answer may refuse."""

    code: str
    kinds: frozenset[str]
    article: str
    text: Mapping[str, str]
    """By language."""


@dataclass(frozen=True, slots=True)
class Clock:
    """What runs for a request."""

    duty: str
    counting: str
    opens: datetime
    """Before that instant it may not be done (a health record: 48 hours)."""
    counted: Counted | None


@cache
def file() -> dict[str, Any]:
    """Return the dated file of kinds and grounds."""
    return tomllib.loads((resources.files(__package__) / "rights.toml").read_text(encoding="utf-8"))


@cache
def kinds() -> Mapping[str, Request]:
    """Return the kinds of request by code."""
    return {
        each["code"]: Request(
            each["code"],
            tuple(each["articles"]),
            each.get("duty", ""),
            each.get("old", ""),
            each.get("extended", ""),
            each["identity"],
        )
        for each in file()["kind"]
    }


@cache
def grounds() -> Mapping[str, Ground]:
    """Return the grounds of refusal by code."""
    return {
        each["code"]: Ground(
            each["code"], frozenset(each["kinds"]), each["article"], {"fr": each["fr"], "en": each["en"]}
        )
        for each in file()["ground"]
    }


def kind_of(code: str) -> Request:
    """Return a kind of request; `UserError` (usage) for one that there is not."""
    if code not in kinds():
        raise UserError("rights_kind", ExitCode.USAGE, known=", ".join(kinds()))
    return kinds()[code]


def check_answer(kind: str, outcome: str, given: tuple[str, ...]) -> tuple[Ground, ...]:
    """Return the grounds of an answer; `UserError` (usage): what is refused needs one that fits its kind."""
    if outcome not in OUTCOMES:
        raise UserError("rights_outcome", ExitCode.USAGE, known=", ".join(OUTCOMES))
    fitting = {code: ground for code, ground in grounds().items() if kind in ground.kinds}
    if any(code not in fitting for code in given) or (outcome == "granted") == bool(given):
        code = "rights_no_ground" if outcome == "granted" else "rights_ground"
        raise UserError(code, ExitCode.USAGE, known=", ".join(fitting))
    return tuple(fitting[code] for code in dict.fromkeys(given))


def clock(kind: Request, received: datetime, place: Calendar, law: Law, *, old: bool, extended: bool) -> Clock:
    """Return what runs for a request received at an instant."""
    name = kind.extended if extended else kind.old if old else kind.duty
    if not name:
        return Clock("", "none", received, None)
    duty = law.duty(name)
    duration = duty.duration(received.astimezone(place.zone).date())
    counted = None if duration is None else count(duty.counting, received, duration, place)
    return Clock(name, duty.counting, duty.opens(received), counted)


def standing(entry: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """Return `state`, `elapsed` (percent) and `left` (seconds) of a request of the register at an instant."""
    start = datetime.fromisoformat(entry["received"]["earliest"])
    due = datetime.fromisoformat(entry["due"]) if entry["due"] else None
    sent = datetime.fromisoformat(entry["sent"]) if entry["sent"] else None
    state = state_at("none" if due is None else "counted", start, due, sent, receipt=False, now=now)
    running = sent is None and due is not None
    return {
        "state": state.value,
        "elapsed": round(elapsed(start, due, now), 1) if running and due else None,
        "left": round((due - now).total_seconds()) if running and due else None,
        "too_early": sent is None and now < datetime.fromisoformat(entry["opens"]),
    }


def alarms(entry: Mapping[str, Any]) -> tuple[datetime, ...]:
    """Return when each share of the period of a request has passed."""
    if not entry["due"]:
        return ()
    start, due = datetime.fromisoformat(entry["received"]["earliest"]), datetime.fromisoformat(entry["due"])
    return tuple(start + timedelta(seconds=round((due - start).total_seconds() * share / 100)) for share in ALARMS)
