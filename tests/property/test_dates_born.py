"""Days of birth: none is after today, and none is read with its month for its day."""

from __future__ import annotations

import datetime as dt

import ibis
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from etanche.identifiers import dates

QUICK = settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
TODAYS = st.dates(dt.date(2000, 1, 1), dt.date(2060, 12, 31))
SHORT = st.sampled_from([layout for layout in dates.DATE_LAYOUTS if layout.endswith("%y")])
DAY_FIRST = ("%d/%m/%Y", "%d-%m-%Y", "%d.%m.%Y")
MONTH_FIRST = ("%m/%d/%Y", "%m-%d-%Y")
YEAR_FIRST = ("%Y-%m-%d", "%Y/%m/%d")


@pytest.fixture(scope="module")
def engine():
    return ibis.duckdb.connect()


def read(engine, cells, expression):
    table = engine.create_table("cells", pa.table({"cell": pa.array(cells, pa.string())}), overwrite=True)
    return engine.to_pyarrow(table.select(day=expression(table.cell)))["day"].to_pylist()


@QUICK
@given(today=TODAYS, ages=st.lists(st.integers(0, 99 * 365), min_size=1, max_size=20), layout=SHORT)
def test_whoever_is_under_a_hundred_was_born_in_their_own_century(engine, today, ages, layout):
    born = [today - dt.timedelta(age) for age in ages]
    cells = [day.strftime(layout) for day in born]
    expected = [day.isoformat() for day in born]
    assert [dates.iso(cell, layout, today) for cell in cells] == expected
    assert read(engine, cells, lambda cell: dates.iso_expr(cell, layout, today)) == expected


@QUICK
@given(today=TODAYS, days=st.lists(st.dates(dt.date(1901, 1, 1), dt.date(2099, 12, 31)), max_size=20), layout=SHORT)
def test_nobody_is_born_after_today(engine, today, days, layout):
    cells = [*(day.strftime(layout) for day in days), today.strftime(layout), "1/1/27", "31.02.28", "x"]
    found = read(engine, cells, lambda cell: dates.iso_expr(cell, layout, today))
    assert found == [dates.iso(cell, layout, today) for cell in cells]
    assert all(day <= today.isoformat() for day in found if day is not None)


@QUICK
@given(
    days=st.lists(st.dates(dt.date(1901, 1, 1), dt.date(2025, 12, 31)), min_size=1, max_size=20),
    column=st.sampled_from([*DAY_FIRST, *YEAR_FIRST, "%d/%m/%y", "%Y%m%d"]),
    other=st.sampled_from([*DAY_FIRST, *YEAR_FIRST]),
    time=st.sampled_from(["", " 00:00", "T12:30:05"]),
)
def test_a_column_may_hold_another_plain_layout(engine, days, column, other, time):
    cells = [day.strftime(other) + time for day in days] + [day.strftime(column) for day in days]
    expected = [day.isoformat() for day in days]
    found = read(engine, cells, lambda cell: dates.any_expr(cell, column, dt.date(2026, 1, 1)))
    if not (time and other == column):
        assert found[: len(days)] == expected
    assert "%y" in column or found[len(days) :] == expected


@QUICK
@given(days=st.lists(st.dates(dt.date(1901, 1, 1), dt.date(2025, 12, 31)), min_size=1, max_size=20))
def test_the_month_is_never_taken_for_the_day(engine, days):
    turned = [day.strftime(layout) for day in days for layout in MONTH_FIRST if day.day > 12]
    for column in (*DAY_FIRST, *YEAR_FIRST):
        found = read(engine, turned, lambda cell, column=column: dates.any_expr(cell, column))
        assert found == [None] * len(turned)
    cells = [day.strftime(layout) for day in days for layout in DAY_FIRST if day.day > 12]
    for column in MONTH_FIRST:
        found = read(engine, cells, lambda cell, column=column: dates.any_expr(cell, column))
        assert found == [None] * len(cells)
