"""Blanks at the edges of cells are never missed, wherever in a text they stand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from etanche.engines import blanks

_CELLS = st.text(st.sampled_from("aé’œ€°«\xa0\u2009\u202f\x85 ") | st.sampled_from(sorted(blanks.BLANKS)), max_size=4)
_INSIDE = st.text(st.sampled_from("aé’œ€°«»Ω"), min_size=1, max_size=6)


@given(st.lists(st.lists(_CELLS.filter(lambda cell: "\n" not in cell), min_size=2, max_size=3), min_size=1))
def test_a_blank_at_an_edge_is_seen(rows: list[list[str]]) -> None:
    at_edge = any(cell != cell.strip(blanks.BLANKS) for row in rows for cell in row)
    data = "".join(";".join(row) + "\n" for row in rows).encode()
    assert blanks.padded(data, ";") or not at_edge


@given(st.lists(st.lists(_INSIDE, min_size=2, max_size=3), min_size=1))
def test_rows_without_one_are_left_alone(rows: list[list[str]]) -> None:
    assert not blanks.padded("".join(";".join(row) + "\n" for row in rows).encode(), ";")


@pytest.mark.parametrize("place", range(-4, 4))
@pytest.mark.parametrize("blank", [" ;", "; ", " \n", "\n ", "\xa0;", ";\u2009"])
def test_a_blank_is_seen_across_two_blocks(place: int, blank: str) -> None:
    before = b"a" * (blanks._STEP + place - 1) + b";"
    assert blanks.padded(before + b"b" + blank.encode() + b"c\n", ";")
    assert not blanks.padded(before + b"bc\n", ";")
