"""Whatever bytes a controllers file has: controllers, or one error that a user can mend, which holds no cell."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import example, given, settings
from hypothesis import strategies as st

from etanche.errors import UserError
from etanche.respond import State, columns, deadlines, law, packs, read
from etanche.words import LANGUAGES, Words

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
NAMES = [column.name for column in columns()]
CELLS = ["", "unknown", "2026-11-20 16:00", "01/01/0001", "9999-12-31", "2020-02-29", "2026-10-25 02:30", "75", "974"]
SECRET = "Zqxsecret"


@st.composite
def tables(draw):
    names = ["code", "name", *draw(st.lists(st.sampled_from(NAMES[2:]), unique=True, max_size=6))]
    cells = st.one_of(st.sampled_from([*CELLS, SECRET, f'"{SECRET}']), st.text(max_size=6))
    lines = [[f"LAB{number}", "X", *(draw(cells) for _ in names[2:])] for number in range(draw(st.integers(0, 3)))]
    return "\n".join(";".join(line) for line in [names, *lines]).encode("utf-8", "replace")


def check(error):
    assert SECRET not in repr(error.params)
    assert all(Words(language)(f"errors.{error.code}", **error.params) for language in LANGUAGES)


@settings(deadline=None)
@given(data=st.one_of(st.binary(max_size=200), tables()))
@example(data=b"\xff\xfec\x00o\x00")
@example(data=b"code;name;aware\nA;x;0001-01-01 00:00")
@example(data=b'code;name\nA;"x\ny"')
def test_a_file_is_read_or_refused(data):
    try:
        found = read(data, "c.csv", NOW)
    except UserError as error:
        check(error)
        return
    for one in found:
        assert SECRET not in repr(one) or SECRET in one.name
        for owed in deadlines(one, law(one.jurisdiction, frozenset(packs()))):
            assert owed.state(NOW) in set(State)
            assert owed.due is None or owed.starts is not None
            assert owed.due is None or all(each.due != owed.due for each in owed.readings)


@settings(deadline=None)
@given(
    minutes=st.integers(0, 60 * 24 * 366 * 8),
    place=st.sampled_from(["75", "57", "971", "973", "974", "975", "976", "987", "988"]),
)
def test_the_alarm_on_72_hours_is_72_elapsed_hours_anywhere(minutes, place):
    """Over every change of the clock, leap day and year end from 2019 on; no other reading is earlier."""
    event = datetime(2019, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    if event > NOW:
        event -= timedelta(days=366)
    data = f"code;name;departement;aware\nA;x;{place};{event.isoformat()}".encode()
    owed = next(
        each for each in deadlines(read(data, "c.csv", NOW)[0], law("france")) if each.duty.code == "notify_authority"
    )
    assert owed.due == event + timedelta(hours=72)
    assert all(reading.due > owed.due for reading in owed.readings)
    hour = next(each.due for each in owed.readings if each.code == "hour_not_counted")
    assert hour - owed.due <= timedelta(hours=1)
