"""PDF cut short or spoilt: pages that are whole are read or the file is refused in a word.  Budget: 12 children."""

from __future__ import annotations

import contextlib
import random
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from etanche.errors import UserError
from etanche.ingest.parsers.pdf_repair import repaired
from pdfs import grid, lines, pdf
from reading import Rows, read


def document(pages: int) -> bytes:
    """Return a PDF of pages of text and tables."""
    rows = [["Nom", "Ville"], *([f"DURAND{k}", "Brest"] for k in range(9))]
    return pdf([lines([f"Page {k + 1}"]) + grid(rows) for k in range(pages)])


@pytest.mark.parametrize("cuts", [6, pytest.param(50, marks=pytest.mark.long)])
def test_what_was_whole_before_a_cut_is_read(tmp_path: Path, cuts: int) -> None:
    whole = document(12)
    path = tmp_path / "cut.pdf"
    chance = random.Random(3)
    read_pages = 0
    for at in sorted(chance.sample(range(200, len(whole)), cuts)):
        path.write_bytes(whole[:at])
        found: dict[str, Rows] = {}
        with contextlib.suppress(UserError):
            found = read(path)[0]
        complete = whole[:at].count(b"endstream\nendobj")
        texts = [row["text"] for row in found.get("text", [])]
        assert texts[:complete] == [f"Page {k + 1}" for k in range(len(texts))][:complete]
        assert len(texts) >= complete
        read_pages += len(texts)
    assert read_pages > 20


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(st.lists(st.tuples(st.integers(0, 4000), st.integers(0, 255)), min_size=1, max_size=30))
def test_spoilt_bytes_do_no_harm(tmp_path: Path, changes: list[tuple[int, int]]) -> None:
    data = bytearray(document(2))
    for at, byte in changes:
        data[10 + at % (len(data) - 10)] = byte
    path = tmp_path / "spoilt.pdf"
    path.write_bytes(data)
    with contextlib.suppress(UserError):
        read(path)


@given(st.binary(max_size=300), st.integers(0, 3000))
def test_repair_takes_anything(noise: bytes, at: int) -> None:
    whole = document(2)
    at = min(at, len(whole))
    repaired(whole[:at] + noise + whole[at:])
    repaired(noise + b" 1 0 obj <</Type/ObjStm /N 3 /First 9 /Filter/FlateDecode>> stream\n" + noise + b"endobj")


def test_fifty_cuts_repair_all_whole_pages() -> None:
    whole = document(12)
    chance = random.Random(8)
    for at in chance.sample(range(200, len(whole)), 50):
        found = repaired(whole[:at])
        pages = whole[:at].count(b"endstream\nendobj")
        assert (found.count(b"/Type /Page /Parent") if found else 0) >= pages
