"""Whatever the cells and headers: a verdict on every column, never an error, never a cell in the reason."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from etanche.identifiers import identifiers
from etanche.model import Kind, Sample
from etanche.recognise import columns, mask
from etanche.recognise.headers import says

cells = st.text(max_size=24)
tables = st.integers(1, 6).flatmap(lambda rows: st.lists(st.tuples(*[cells] * rows), min_size=1, max_size=6))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(table=tables, names=st.lists(st.text(max_size=20), min_size=6, max_size=6), header=st.booleans())
def test_any_table_has_a_verdict(table, names, header):
    sample = Sample(tuple(names[: len(table)]), header, tuple(table))
    found = columns(sample)
    assert [column.index for column in found] == list(range(len(table)))
    for column in found:
        assert 0 < column.confidence <= 1
        assert (column.filled, column.valid, column.distinct) == (0, 0, 0)
        assert all(isinstance(value, int | float) or value in set(Kind) for _, value in column.reason.params)


@given(text=st.text(max_size=60))
def test_no_text_makes_an_identifier_raise(text):
    for kind, identifier in identifiers().items():
        fits, valid = identifier.fits(text), identifier.valid(text)
        assert fits or not valid
        assert isinstance(identifier.normalise(text), str)
        assert len(mask(kind, text)) <= 24


@given(header=st.text(max_size=40))
def test_any_header_is_read(header):
    said = says(header)
    assert 0 <= said.strength <= 1
    assert (said.kind is None) == (said.strength == 0)
