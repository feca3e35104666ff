"""Delimited text bids on whatever is text, and on nothing that is packed or encrypted."""

from __future__ import annotations

import random
import zlib

import pytest

from etanche.ingest.bids import Head
from etanche.ingest.readers import delimited

ROWS = "".join(f"été{k};Noël{k}\n" for k in range(60))


@pytest.mark.parametrize(
    "data",
    [
        b"a,b\n" + b"\xe9t\xe9,\xc3\xa9\n" * 100,
        ("نام;شهر\n" * 100).encode() + b"\xff" + ("نام;شهر\n" * 100).encode(),
        ("Иванов;Пётр\n" * 60).encode("cp1251"),
    ],
    ids=["rows in two encodings", "one bad byte in Arabic", "Cyrillic in one byte"],
)
def test_text_that_is_hardly_ascii_is_text(data: bytes) -> None:
    assert delimited.bid(Head("x.csv", data)).score > 0


@pytest.mark.parametrize("size", [600, 60_000])
def test_random_bytes_are_none(size: int) -> None:
    rng = random.Random(size)
    for _ in range(50):
        assert delimited.bid(Head("x.csv", rng.randbytes(size))).score == 0


def test_packed_bytes_are_none() -> None:
    rng = random.Random(3)
    packed = zlib.compress("".join(f"{rng.random()};{name}" for name in ROWS.split()).encode() * 3)
    assert delimited.bid(Head("x.csv", packed[2:])).score == 0
