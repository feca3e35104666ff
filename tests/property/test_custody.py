"""The chain: whatever is done to a log shows, but its tail cut off at a line; and that shows by the head."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from etanche.casefile.custody import Entry, Event, Fault, line_of, next_entry, read
from etanche.crypto import GENESIS

START = datetime(2026, 2, 14, 9, 30, tzinfo=UTC)
PARAMS = st.dictionaries(
    st.text(max_size=8), st.one_of(st.text(max_size=12), st.integers(-(2**63), 2**63), st.none()), max_size=4
)


@st.composite
def logs(draw, least=1):
    entries: list[Entry] = []
    for number in range(draw(st.integers(least, 6))):
        moment = START + timedelta(seconds=number)
        previous = entries[-1] if entries else None
        entries.append(next_entry(previous, draw(st.sampled_from(Event)), moment, "0.1.0", "dpo@lab", draw(PARAMS)))
    return entries


def text(entries):
    return b"".join(map(line_of, entries))


@given(logs(least=0))
def test_a_log_reads_back_as_it_was_written(entries):
    back, found = read(text(entries))
    assert back == entries
    assert found.ok
    assert found.head == (entries[-1].hash if entries else GENESIS)


@given(logs(), st.data())
def test_any_changed_byte_shows(entries, data):
    whole = text(entries)
    place = data.draw(st.integers(0, len(whole) - 1))
    other = data.draw(st.integers(0, 255).filter(lambda value: value != whole[place]))
    found = read(whole[:place] + bytes([other]) + whole[place + 1 :])[1]
    broken = whole[:place].count(b"\n") + 1
    assert not found.ok
    assert found.seq == broken
    assert found.entries == broken - 1


@given(logs(), st.data())
def test_any_removed_or_added_byte_shows(entries, data):
    whole = text(entries)
    place = data.draw(st.integers(0, len(whole) - 1))
    assert not read(whole[:place] + whole[place + 1 :])[1].ok
    extra = bytes([data.draw(st.integers(0, 255))])
    assert not read(whole[:place] + extra + whole[place:])[1].ok


@given(logs(least=2), st.data())
def test_a_removed_entry_shows(entries, data):
    place = data.draw(st.integers(0, len(entries) - 2))
    found = read(text(entries[:place] + entries[place + 1 :]))[1]
    assert found.seq == place + 1
    assert found.fault is Fault.NUMBER


@given(logs(least=2), st.data())
def test_reordered_entries_show(entries, data):
    order = data.draw(st.permutations(range(len(entries))).filter(lambda each: each != sorted(each)))
    assert not read(text([entries[place] for place in order]))[1].ok


@given(logs(), st.data())
def test_an_inserted_entry_shows_even_when_it_is_well_made(entries, data):
    place = data.draw(st.integers(0, len(entries) - 1))
    previous = entries[place - 1] if place else None
    forged = next_entry(previous, Event.SHOWN, START - timedelta(days=1), "0.1.0", "x", {"forged": 1})
    found = read(text([*entries[:place], forged, *entries[place:]]))[1]
    assert found.seq == place + 2


@given(logs(), st.data())
def test_a_cut_log_keeps_its_whole_entries_and_another_head(entries, data):
    whole = text(entries)
    place = data.draw(st.integers(0, len(whole) - 1))
    back, found = read(whole[:place])
    assert back == entries[: len(back)]
    assert found.head != entries[-1].hash
    assert found.fault is (None if place == 0 or whole[place - 1 : place] == b"\n" else Fault.CUT)


@given(st.binary(max_size=300))
def test_noise_is_no_log(noise):
    entries, found = read(noise)
    assert not entries
    assert found.ok == (noise == b"")
