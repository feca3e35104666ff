"""Parts cut small: the same rows in the same order, whatever the size, and no row in two."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from etanche.linking.cutting import cut
from etanche.model import Dialect
from etanche.rows import StoredPart

ROWS = st.lists(st.text("aé;", max_size=30), min_size=1, max_size=40)


@given(rows=ROWS, size=st.integers(1, 200), ended=st.booleans(), places=st.sampled_from([(), (1, 2)]))
def test_pieces_are_the_part(rows, size, ended, places):
    lines = [f"{row}\n".encode() for row in rows]
    # The last row may have no end, where it holds anything.
    lines[-1] = lines[-1] if ended or rows[-1] == "" else lines[-1][:-1]
    part = StoredPart(b"".join(lines), Dialect(";"), len(lines), 0, places)
    pieces = list(cut([part], size))
    assert b"".join(piece.data for piece in pieces) == part.data
    assert [line for piece in pieces for line in piece.data.splitlines(keepends=True)] == lines
    assert [piece.rows for piece in pieces] == [len(piece.data.splitlines()) for piece in pieces]
    assert {(piece.places, piece.dialect) for piece in pieces} == {(places, part.dialect)}
    longest = max(map(len, lines))
    assert all(len(piece.data) <= max(size, longest) + size // 4 for piece in pieces)


@given(rows=ROWS)
def test_a_cell_in_quotes_may_hold_an_end(rows):
    data = "".join(f'"{row}\n{row}"\n' for row in rows).encode()
    part = StoredPart(data, Dialect(";", '"'), len(rows), 0, ())
    assert list(cut([part], 8)) == [part]
