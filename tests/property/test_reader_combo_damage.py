"""Combo lists cut or garbled: what was whole is read, every line is accounted for, nothing but UserError is raised."""

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
from etanche.ingest.readers import combo
from etanche.ingest.tables import CellTable, cells_of

LIST = "".join(f"zoé{k}@labo{k % 7}.example:s3cret{k * 7919}!{chr(58 + k % 5)}x\r\n" for k in range(60)).encode()
LOG = "".join(f"URL: https://labo{k}.example/\nUsername: zoé{k}\nPassword: p{k}\n\n" for k in range(60)).encode()


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("combo") / "a.txt"


def opened(path: Path, data: bytes) -> tuple[CellTable, list[list[str]]]:
    path.write_bytes(data)
    limits = Limits(block_bytes=700)
    (table,) = combo.tables(file_entry(path, "a.txt", Meter(limits)), limits)
    rows = [row for piece in table._pieces() for row in cells_of(piece, len(table.names))]
    assert sum(part.rows for part in table.parts()) == len(rows)
    return table, rows


@pytest.mark.parametrize("data", [LIST, LOG])
def test_what_was_whole_before_a_cut_is_read(path: Path, data: bytes) -> None:
    _, whole = opened(path, data)
    rng = random.Random(5)
    for _ in range(50):
        cut = data[: rng.randrange(1500, len(data))]
        table, rows = opened(path, cut)
        before = cut.count(b"\r\n") if data is LIST else cut.count(b"\n\n")
        assert rows[:before] == whole[:before]
        assert table.ledger.lines == cut.count(b"\n") + (not cut.endswith(b"\n"))


@settings(max_examples=150, derandomize=True, deadline=None)
@given(seed=st.integers(0, 2**32), log=st.booleans())
def test_every_line_of_a_garbled_list_is_accounted_for(path: Path, seed: int, log: bool) -> None:
    rng = random.Random(seed)
    data = bytearray(LOG if log else LIST)
    for _ in range(rng.randint(1, 40)):
        at = rng.randrange(len(data))
        data[at : at + rng.randint(0, 3)] = rng.randbytes(rng.randint(0, 4))
    try:
        table, _ = opened(path, bytes(data))
    except UserError:
        return
    ledger = table.ledger
    assert ledger.lines == bytes(data).count(b"\n") + (not data.endswith(b"\n"))
    assert ledger.lines == ledger.header + ledger.row_lines + ledger.blank + ledger.quarantined


@settings(max_examples=150, derandomize=True, deadline=None)
@given(data=st.binary(min_size=1, max_size=400))
def test_no_bytes_raise_anything_else(path: Path, data: bytes) -> None:
    with contextlib.suppress(UserError):
        opened(path, data)
