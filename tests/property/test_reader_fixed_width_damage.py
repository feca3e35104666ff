"""Fixed-width text cut or garbled: whole lines are read, every line is accounted for, only UserError is raised."""

from __future__ import annotations

import contextlib
import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from etanche.errors import UserError
from etanche.ingest import Limits
from etanche.ingest.entries import file_entry
from etanche.ingest.limits import Meter
from etanche.ingest.parsers.fixed_width import find_columns
from etanche.ingest.readers import fixed_width
from etanche.ingest.tables import CellTable, cells_of

TOWNS = ("Évreux", "Saint-Étienne", "Brest", "Le Mans")
DATA = "".join(
    f"{'P' + str(k * 37):<8}{TOWNS[k % 4]:<15}{k * 7919:>9}{k % 28 + 1:02d}011980\r\n" for k in range(1, 90)
).encode()


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("fixed") / "a.txt"


def opened(path: Path, data: bytes) -> tuple[CellTable, list[list[str]]]:
    path.write_bytes(data)
    limits = Limits(block_bytes=700)
    (table,) = fixed_width.tables(file_entry(path, "a.txt", Meter(limits)), limits)
    rows = [row for piece in table._pieces() for row in cells_of(piece, len(table.names))]
    assert sum(part.rows for part in table.parts()) == len(rows)
    return table, rows


def test_what_was_whole_before_a_cut_is_read(path: Path) -> None:
    _, whole = opened(path, DATA)
    rng = random.Random(6)
    for _ in range(50):
        cut = DATA[: rng.randrange(len(DATA) // 2, len(DATA))]
        table, rows = opened(path, cut)
        before = cut.count(b"\r\n")
        assert rows[:before] == whole[:before]
        assert table.ledger.lines == cut.count(b"\n") + (not cut.endswith(b"\n"))


@settings(max_examples=120, derandomize=True, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_every_line_of_a_garbled_text_is_accounted_for(path: Path, seed: int) -> None:
    rng = random.Random(seed)
    data = bytearray(DATA)
    for _ in range(rng.randint(1, 20)):
        at = rng.randrange(len(data))
        data[at : at + rng.randint(0, 3)] = rng.randbytes(rng.randint(0, 4))
    try:
        table, _ = opened(path, bytes(data))
    except UserError:
        return
    ledger = table.ledger
    assert ledger.lines == bytes(data).count(b"\n") + (not data.endswith(b"\n"))
    assert ledger.lines == ledger.header + ledger.row_lines + ledger.blank + ledger.quarantined


@settings(max_examples=100, derandomize=True, deadline=None)
@given(data=st.binary(min_size=1, max_size=400))
def test_no_bytes_raise_anything_else(path: Path, data: bytes) -> None:
    with contextlib.suppress(UserError):
        opened(path, data)


@settings(max_examples=200, derandomize=True, deadline=None)
@given(lines=st.lists(st.text(alphabet="aB1é -  ", max_size=30), max_size=25))
def test_no_lines_raise_anything(lines: list[str]) -> None:
    columns = find_columns(lines)
    for line in lines:
        assert columns is None or len(columns.cells(line) or columns.starts) == len(columns.starts)
