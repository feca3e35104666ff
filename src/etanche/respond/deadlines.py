"""What one controller owes, by when, how far its clocks have run, and what is missing to say so.

Rules, in the order in which they apply:

1. A clock starts at the earliest instant that its moment can be; the latest is another reading.
2. A controller that does not say when it was aware was aware when its processor told it (GDPR 33(2)).  That the
   processor's own awareness is the controller's is contested, and another reading.
3. What was filed stops the clock; filed after the end, it asks for the reasons of the delay (GDPR 33(1)).
4. A duty whose start is not known has no deadline: it says what is missing.
5. A duty counts from the day of its effect: what had happened before is none of its affair.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from etanche.respond.controllers import Controller
from etanche.respond.counting import Counted, Reading, count
from etanche.respond.law import ENDLESS, Duty, Law
from etanche.respond.moments import Moment

OWN = frozenset({"controller", "processor", "essential_or_important_entity"})
"""Whose duties stand in a controller's list: its own, and its processor's to it; a vendor's with their pack."""
ALARMS = (50, 80, 95)
"""Shares of a period, in percent, at which an alarm is given."""
_STAND_IN = {"aware": "processor_filed"}
_ELSEWHERE = {"aware": "processor_aware"}


class State(StrEnum):
    """How a duty stands."""

    NOT_STARTED = "not_started"
    """When its clock started is not known."""
    RUNNING = "running"
    ALARM_50 = "alarm_50"
    ALARM_80 = "alarm_80"
    ALARM_95 = "alarm_95"
    LATE = "late"
    WITHOUT_DELAY = "without_delay"
    """Owed now: without undue delay, with no number to count to."""
    STANDING = "standing"
    DONE = "done"
    DONE_LATE = "done_late"


@dataclass(frozen=True, slots=True)
class Deadline:
    """One duty of one controller."""

    duty: Duty
    starts: Moment | None
    basis: str
    """The column that the start stands in."""
    due: datetime | None
    readings: tuple[Reading, ...]
    filed: Moment | None
    receipt: str
    missing: tuple[str, ...]
    """Columns whose cells somebody still has to fill."""

    def state(self, now: datetime) -> State:
        """Return how the duty stands at an instant."""
        return state_at(
            self.duty.counting,
            None if self.starts is None else self.starts.earliest,
            self.due,
            None if self.filed is None else self.filed.latest,
            bool(self.receipt),
            now,
        )


def state_at(
    counting: str,
    start: datetime | None,
    due: datetime | None,
    filed: datetime | None,
    receipt: bool,
    now: datetime,
) -> State:
    """Return how a duty stands at an instant."""
    if filed is not None or receipt:
        return State.DONE_LATE if filed is not None and due is not None and filed > due else State.DONE
    if counting == "standing":
        return State.STANDING
    if start is None:
        return State.NOT_STARTED
    if due is None:
        return State.WITHOUT_DELAY
    if now > due:
        return State.LATE
    share = elapsed(start, due, now)
    passed = [alarm for alarm in ALARMS if share >= alarm]
    return State(f"alarm_{passed[-1]}") if passed else State.RUNNING


def elapsed(start: datetime, due: datetime, now: datetime) -> float:
    """Return how much of a period has passed, in percent; over 100 once it has ended."""
    return max(0.0, 100 * (now - start) / (due - start))


def deadlines(controller: Controller, law: Law) -> tuple[Deadline, ...]:
    """Return what a controller owes, in the order of the law's files."""
    own = (duty for duty in law.duties if (duty.who in OWN or duty.pack) and duty.starts != "request")
    found = (_deadline(controller, duty) for duty in own)
    return tuple(each for each in found if each is not None)


def _deadline(controller: Controller, duty: Duty) -> Deadline | None:
    if duty.who == "processor" and not controller.says("processor"):
        return None
    starts, basis = _start(controller, duty.starts)
    if starts is not None and starts.latest.astimezone(controller.calendar.zone).date() < duty.since:
        return None
    filed = controller.moments.get(f"{duty.proof}_filed")
    receipt = controller.cells.get(f"{duty.proof}_receipt", "") if controller.says(f"{duty.proof}_receipt") else ""
    counted = None if starts is None else _counted(controller, duty, starts)
    due = counted.due if counted else None
    return Deadline(
        duty=duty,
        starts=starts,
        basis=basis,
        due=due,
        readings=counted.readings if counted else (),
        filed=filed,
        receipt=receipt,
        missing=tuple(_missing(controller, duty, starts, due, filed, receipt)),
    )


def _start(controller: Controller, column: str) -> tuple[Moment | None, str]:
    """Return the moment that starts a clock, and the column it stands in."""
    for name in (column, _STAND_IN.get(column, column)):
        if name in controller.moments:
            return controller.moments[name], name
    return None, column


def _counted(controller: Controller, duty: Duty, starts: Moment) -> Counted | None:
    if duty.counting in ENDLESS:
        return None
    first = _count(controller, duty, starts.earliest)
    if first is None:
        return None
    readings = list(first.readings)
    last = _count(controller, duty, starts.latest)
    if last is not None and last.due != first.due:
        readings.append(Reading("latest_moment", last.due, contested=False))
    other = controller.moments.get(_ELSEWHERE.get(duty.starts, ""))
    if other is not None and (imputed := _count(controller, duty, other.earliest)) and imputed.due < first.due:
        readings.append(Reading("processor_aware", imputed.due, contested=True))
    return Counted(first.due, tuple(readings))


def _count(controller: Controller, duty: Duty, event: datetime) -> Counted | None:
    duration = duty.duration(event.astimezone(controller.calendar.zone).date())
    return None if duration is None else count(duty.counting, event, duration, controller.calendar)


def _missing(
    controller: Controller,
    duty: Duty,
    starts: Moment | None,
    due: datetime | None,
    filed: Moment | None,
    receipt: str,
) -> Sequence[str]:
    """Return the columns that are blank and needed, in the order in which they are asked for."""
    wanted = []
    if starts is None:
        wanted.append(duty.starts)
    if duty.starts == "aware":
        wanted.append("aware_reason")
    wanted += duty.needs
    if receipt and filed is None:
        wanted.append(f"{duty.proof}_filed")
    if filed is not None and not receipt:
        wanted.append(f"{duty.proof}_receipt")
    if duty.code == "notify_authority" and filed is not None and due is not None and filed.latest > due:
        wanted.append("delay_reason")
    return [name for name in wanted if not controller.says(name)]
