"""Columns that are not what they look like alarm nobody; columns that are what they are, are found through dirt."""

from __future__ import annotations

from collections import Counter
from functools import cache

import pytest

import lookalikes
from etanche.model import Column, Kind, Sample
from etanche.recognise import columns
from lookalikes import Drawn

ALARMS = 0.01
"""Columns of which a kind is claimed that they are not: the budget of the issue."""
FOUND_WITH_HEADER, FOUND_WITHOUT = 0.99, 0.97


@cache
def verdict(drawn: Drawn) -> Column:
    """Return the verdict on one column alone."""
    return columns(Sample((drawn.header or "column_1",), bool(drawn.header), (drawn.cells,)))[0]


def alarm(drawn: Drawn) -> Kind | None:
    """Return a kind of personal or health data that is claimed and is not there."""
    found = verdict(drawn)
    claimed = (found.kind, *(held.kind for held in found.also))
    calm = lookalikes.HARMLESS_KINDS | lookalikes.BUSINESS_KINDS | drawn.fair
    return next((kind for kind in claimed if kind not in calm), None)


@pytest.mark.parametrize("traps", [lookalikes.TRAPS, lookalikes.UNSEEN], ids=["known", "thought of later"])
@pytest.mark.parametrize("seed", [41, 2021])
def test_false_alarms_stay_within_the_budget(traps, seed):
    drawn = list(lookalikes.traps(seed, traps))
    alarms = Counter((one.name, kind) for one in drawn if (kind := alarm(one)) is not None)
    assert len(drawn) >= 300
    assert alarms.total() <= ALARMS * len(drawn), alarms.most_common(12)


@pytest.mark.parametrize(("header", "least"), [(True, FOUND_WITH_HEADER), (False, FOUND_WITHOUT)])
def test_genuine_columns_are_found_through_dirt(header, least):
    missed: Counter[tuple[str, str, Kind]] = Counter()
    seen = 0
    for way, _, drawn in lookalikes.genuine_columns(header=header, size=400):
        seen += 1
        if (kind := verdict(drawn).kind) not in drawn.fair:
            missed[drawn.name, way, kind] += 1
    assert missed.total() <= (1 - least) * seen, missed.most_common(12)


def test_the_traps_are_many_and_all_kinds_of_rows():
    drawn = list(lookalikes.traps())
    assert len(drawn) >= 400
    assert {one.rows for one in drawn} >= {1, 60, 400, 1500}
