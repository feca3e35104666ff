"""What one controller owes as `respond.json` tells it, with the states of a moment, and as entries of a calendar."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, tzinfo
from hashlib import sha256
from typing import Any

from etanche import respond
from etanche.words import Words

_ADDRESS = ("address", "postcode", "commune")
_AFTER_AWARE = ("cnil_filed", "persons_filed")


def entry_of(controller: respond.Controller, switched_on: frozenset[str], now: datetime) -> dict[str, Any]:
    """Return the part of one controller."""
    law = respond.law(controller.jurisdiction, switched_on)
    owed = respond.deadlines(controller, law)
    return {
        "code": controller.code,
        "name": controller.name,
        "jurisdiction": controller.jurisdiction,
        "authority": law.authority,
        "zone": controller.calendar.zone.key,
        "departement": controller.calendar.departement,
        "duties": [_duty(each, controller.calendar.zone, now) for each in owed],
        "missing": list(dict.fromkeys([*(name for each in owed for name in each.missing), *_nowhere(controller)])),
        "doubtful": _doubtful(controller),
    }


def _nowhere(controller: respond.Controller) -> tuple[str, ...]:
    """Return what is missing of a controller that nobody could write to: every document asks for its address."""
    return () if any(map(controller.says, _ADDRESS)) else ("address",)


def _doubtful(controller: respond.Controller) -> list[str]:
    """Return what was told before the controller was aware of the breach: one of the two moments is wrong."""
    aware = controller.moments.get("aware")
    said = ((name, controller.moments.get(name)) for name in _AFTER_AWARE)
    return [name for name, moment in said if aware and moment and moment.latest < aware.earliest]


def _duty(deadline: respond.Deadline, zone: tzinfo, now: datetime) -> dict[str, Any]:
    duty = deadline.duty
    stated = {
        "duty": duty.code,
        "who": duty.who,
        "to": duty.to,
        "condition": duty.condition,
        "counting": duty.counting,
        "starts": _moment(deadline.starts, zone),
        "basis": deadline.basis,
        "due": _at(deadline.due, zone),
        "readings": [
            {"code": each.code, "due": _at(each.due, zone), "contested": each.contested} for each in deadline.readings
        ],
        "alarms": _alarms(deadline, zone),
        "proposed": [{"duration": duration, "source": source} for duration, source in duty.proposed],
        "filed": _moment(deadline.filed, zone),
        "receipt": deadline.receipt or None,
        "missing": list(deadline.missing),
        "articles": list(duty.articles),
        "law": {
            "title": duty.title,
            "written": duty.written.isoformat(),
            "reviewed": None if duty.reviewed is None else duty.reviewed.isoformat(),
            "mark": duty.mark,
            "sure": duty.sure,
        },
    }
    return {**stated, **_state(stated, now)}


def _alarms(deadline: respond.Deadline, zone: tzinfo) -> dict[str, str | None]:
    """Return when each share (percent) of the period has passed."""
    if deadline.starts is None or deadline.due is None:
        return {}
    start, length = deadline.starts.earliest, deadline.due - deadline.starts.earliest
    return {str(share): _at(start + length * share / 100, zone) for share in respond.ALARMS}


def _moment(moment: respond.Moment | None, zone: tzinfo) -> dict[str, str | None] | None:
    return None if moment is None else {"earliest": _at(moment.earliest, zone), "latest": _at(moment.latest, zone)}


def _at(at: datetime | None, zone: tzinfo) -> str | None:
    return None if at is None else at.astimezone(zone).isoformat(timespec="seconds")


def _state(duty: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """Return `state`, `elapsed` (percent of the period) and `left` (seconds, negative once it has ended)."""
    start = instant(duty["starts"] and duty["starts"]["earliest"])
    due, filed = instant(duty["due"]), instant(duty["filed"] and duty["filed"]["latest"])
    state = respond.state_at(duty["counting"], start, due, filed, bool(duty["receipt"]), now)
    running = start is not None and due is not None and state not in (respond.State.DONE, respond.State.DONE_LATE)
    return {
        "state": state.value,
        "elapsed": round(respond.elapsed(start, due, now), 1) if running and start and due else None,
        "left": round((due - now).total_seconds()) if running and due else None,
    }


def instant(text: str | None) -> datetime | None:
    """Return a moment as it was written; None for none."""
    return None if text is None else datetime.fromisoformat(text)


def refresh(entry: dict[str, Any], now: datetime) -> None:
    """Put each duty of a controller into the state of a moment."""
    for duty in entry["duties"]:
        duty.update(_state(duty, now))


def changed(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """Return the controllers of which a start was stated before and is stated otherwise now."""
    known = {
        (entry["code"], duty["duty"]): duty["starts"]
        for entry in before.get("controllers", ())
        for duty in entry["duties"]
        if duty["starts"] is not None
    }
    return sorted(
        {
            entry["code"]
            for entry in after["controllers"]
            for duty in entry["duties"]
            if known.get((entry["code"], duty["duty"]), duty["starts"]) != duty["starts"]
        }
    )


def agenda_of(entry: dict[str, Any], case_id: str, words: Words) -> list[respond.Entry]:
    """Return a controller's running duties as entries of a calendar."""
    entries = []
    for duty in entry["duties"]:
        due = instant(duty["due"])
        if due is None or duty["left"] is None:
            continue
        told = [
            words("respond.agenda.articles", articles="; ".join(duty["articles"])),
            words(f"respond.condition.{duty['condition']}"),
            *(words(f"respond.reading.{each['code']}", due=each["due"]) for each in duty["readings"]),
            *([] if duty["law"]["sure"] else [words("respond.unsure")]),
        ]
        identity = sha256(f"{case_id}/{entry['code']}/{duty['duty']}".encode()).hexdigest()[:32]
        entries.append(
            respond.Entry(
                uid=f"{identity}@etanche",
                summary=f"{entry['name']}: {words('respond.duty.' + duty['duty'])}",
                description="\n".join(told),
                due=due.astimezone(UTC),
                alarms=tuple(datetime.fromisoformat(alarm).astimezone(UTC) for alarm in duty["alarms"].values()),
            )
        )
    return entries
