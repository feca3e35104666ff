"""The worked examples of the law's files: event and end in local time, and the other readings where they are named."""

from __future__ import annotations

from datetime import datetime

import pytest

from etanche.respond.counting import count
from etanche.respond.holidays import calendar
from etanche.respond.law import jurisdictions, law, packs
from etanche.respond.moments import parse

VECTORS = [
    pytest.param(name, duty, vector, id=f"{duty.code}-{vector.event}-{vector.departement}")
    for name in jurisdictions()
    for duty in law(name, frozenset(packs())).duties
    for vector in duty.vectors
]


def counted(name, duty, vector):
    place = calendar(name, vector.departement)
    event = parse(vector.event, place.zone).earliest
    return place, count(duty.counting, event, duty.duration(event.astimezone(place.zone).date()), place)


def local(at, place):
    return at.astimezone(place.zone).replace(tzinfo=None)


@pytest.mark.parametrize(("name", "duty", "vector"), VECTORS)
def test_the_period_ends_as_the_file_says(name, duty, vector):
    place, result = counted(name, duty, vector)
    assert local(result.due, place) == datetime.fromisoformat(vector.due)
    found = {reading.code: local(reading.due, place) for reading in result.readings}
    named = {code: datetime.fromisoformat(due) for code, due in vector.readings}
    assert {code: found.get(code) for code in named} == named


def test_every_period_has_a_worked_example():
    assert VECTORS
    bare = [
        duty.code
        for name in jurisdictions()
        for duty in law(name, frozenset(packs())).duties
        if duty.limits and not duty.vectors
    ]
    assert not bare
