"""The lines of an address, joined: every row stays where it is, one without any address too."""

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from etanche.linking.addressees import _lines

CELLS = st.sampled_from(["", None, "12 rue du Port", "Bât. B"])


@given(st.integers(2, 4).flatmap(lambda width: st.lists(st.tuples(*[CELLS] * width), min_size=1, max_size=40)))
def test_every_row_has_its_own_lines(rows):
    columns = [pa.array(list(column), pa.string()) for column in zip(*rows, strict=True)]
    assert _lines(columns).to_pylist() == [", ".join(cell for cell in row if cell) for row in rows]
