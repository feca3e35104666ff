"""Any cells, in any dialect of a part, come back from the CSV and from the Parquet as they were."""

from __future__ import annotations

import csv
import io

import pyarrow.parquet as pq
from hypothesis import given, settings
from hypothesis import strategies as st

from etanche.extraction.parquet import ParquetRows
from etanche.extraction.rfc4180 import comma_separated
from etanche.extraction.sidecars import spelt, unspelt
from etanche.ingest import Part
from etanche.ingest.careful import write
from etanche.model import Dialect

DELIMITERS = st.sampled_from([",", ";", "\t", "|", "\x1f"])


@st.composite
def parts(draw):
    """Return the rows of a part, and the part."""
    delimiter, quoted = draw(DELIMITERS), draw(st.booleans())
    alphabet = 'aé,;"| \t\r\n' if quoted else "".join(c for c in 'aé,;"| \t\r' if c != delimiter)
    width = draw(st.integers(1, 4))
    cell = st.text(alphabet, max_size=5)
    rows = draw(st.lists(st.lists(cell, min_size=width, max_size=width), min_size=1, max_size=12))
    if quoted:
        text = "".join(write(row, delimiter)[0] + "\n" for row in rows)
    else:
        text = "".join(delimiter.join(row) + "\n" for row in rows)
    return rows, Part(text.encode(), Dialect(delimiter, '"' if quoted else ""), len(rows), (), ())


@settings(max_examples=400, deadline=None)
@given(parts())
def test_csv(drawn):
    rows, part = drawn
    text = b"".join(comma_separated(part.data, part.dialect, len(rows[0]))).decode()
    assert list(csv.reader(io.StringIO(text, newline=""), strict=True)) == rows


@settings(max_examples=150, deadline=None)
@given(st.lists(parts(), min_size=1, max_size=3))
def test_parquet(drawn):
    width = len(drawn[0][0][0])
    drawn = [(rows, part) for rows, part in drawn if len(rows[0]) == width]
    file = io.BytesIO()
    file.close, closed = (lambda: None), file.close
    writer = ParquetRows(file, [f"c{n}" for n in range(width)])
    for _, part in drawn:
        writer.add(part)
    writer.end()
    table = pq.read_table(io.BytesIO(file.getvalue()))
    closed()
    read = [list(row) for row in zip(*(column.to_pylist() for column in table.columns), strict=True)]
    assert read == [row for rows, _ in drawn for row in rows]


@given(st.binary(max_size=60))
def test_bytes_set_aside_are_never_lost(raw):
    assert unspelt(spelt(raw)) == raw
    assert spelt(raw).isprintable()
