"""What ingest does to whole blocks at once, against the plain way of doing it."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from etanche.ingest.blocks import _count
from etanche.ingest.encodings import transcode

_SEEDS = st.integers(0, 2**32)


@given(st.lists(st.booleans(), min_size=1, max_size=300), st.data())
def test_bytes_are_counted_by_line(mask: list[bool], data: st.DataObject) -> None:
    ends = sorted(data.draw(st.sets(st.integers(0, len(mask) - 1), min_size=1)))
    counted = _count(np.array(mask), np.array(ends))
    starts = [0, *ends[:-1]]
    assert counted.tolist() == [sum(mask[start:end]) for start, end in zip(starts, ends, strict=True)]


@given(_SEEDS, st.integers(1, 12_000), st.integers(0, 4))
def test_cp1252_becomes_what_python_makes_of_it(seed: int, size: int, own: int) -> None:
    random = np.random.default_rng(seed)
    text = random.integers(0xA0, 0x100, size, dtype=np.uint8)
    text[random.integers(0, size, own)] = random.integers(0x80, 0xA0, own)
    assert _or_place(text.tobytes(), lambda data: transcode(data, "cp1252")) == _or_place(
        text.tobytes(), lambda data: data.decode("cp1252").encode()
    )


def _or_place(data, made):
    """Return what is made of bytes, or the place of the first one that is not in the encoding."""
    try:
        return made(data)
    except UnicodeDecodeError as error:
        return error.start
