"""The spill: read at any place, unreadable to anybody else, gone with whoever held it; and stretches shown as files."""

from __future__ import annotations

import gc
import io
import random
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from etanche.crypto.spill import SpillFile, SpillView
from etanche.errors import UserError
from etanche.ingest.entries import file_entry
from etanche.ingest.limits import Limits, Meter
from etanche.ingest.packed import unpacked
from etanche.ingest.parsers.source import opened
from etanche.ingest.seekable import Held, Window, for_child, random_access
from etanche.ingest.unpackers import gzip

DATA = random.Random(1).randbytes(70_000) + b"Dupont;1 75 01 75 056 001;Brest\n" * 3000


def test_what_is_on_disk_is_not_what_was_written(tmp_path: Path) -> None:
    spill = SpillFile(tmp_path)
    for at in range(0, len(DATA), 7777):
        spill.write(DATA[at : at + 7777])
    raw = spill.path.read_bytes()
    assert len(raw) == len(DATA)
    assert b"Dupont" not in raw
    assert not list(tmp_path.iterdir())
    assert spill.read(0, len(DATA)) == DATA
    assert SpillView(spill.path, spill.key).read(70_001, 500) == DATA[70_001:70_501]
    place = spill.path
    assert place.exists()
    del spill
    gc.collect()
    assert not place.exists()


def test_two_spills_have_two_keys(tmp_path: Path) -> None:
    one, other = SpillFile(tmp_path), SpillFile(tmp_path)
    one.write(DATA)
    other.write(DATA)
    assert one.path.read_bytes()[:64] != other.path.read_bytes()[:64]


@given(st.lists(st.tuples(st.sampled_from([0, 1, 2]), st.integers(-300, 500), st.integers(-1, 400)), max_size=12))
def test_a_window_reads_like_a_file(steps: list[tuple[int, int, int]]) -> None:
    data = DATA[69_800:70_300]
    window, plain = Window(lambda offset, size: data[offset : offset + size], 50, 400), io.BytesIO(data[50:450])
    for whence, offset, size in steps:
        base = {0: 0, 1: plain.tell(), 2: 400}[whence]
        plain.seek(max(0, base + offset))
        assert window.seek(offset, whence) == plain.tell()
        assert window.read(size) == plain.read(size)
        assert window.tell() == plain.tell()


@pytest.mark.parametrize("limits", [Limits(), Limits(nested_bytes=5000), Limits(held_bytes=10)])
def test_a_packed_member_is_held_once_and_read_anywhere(tmp_path: Path, limits: Limits) -> None:
    import gzip as library

    path = tmp_path / "x.bin.gz"
    path.write_bytes(library.compress(DATA))
    meter = Meter(limits)
    child = unpacked(file_entry(path, "x", meter), gzip, (".gz",))
    passes = 0

    def counted(inner: Callable[[], object] = child.opener) -> object:
        nonlocal passes
        passes += 1
        return inner()

    child.opener = counted  # type: ignore[assignment]
    for _ in range(3):
        file = random_access(child, limits)()
        file.seek(70_016)
        assert file.read(6) == DATA[70_016:70_022]
        file.seek(5)
        assert file.read(300_000) == DATA[5:]
    assert passes == 1
    assert meter.held + meter.spilled == len(DATA)
    assert (meter.spilled > 0) == (limits != Limits())
    with for_child(child, limits) as (place, how), opened(place, dict(how)) as file:
        file.seek(100)
        assert file.read(60) == DATA[100:160]
        assert file.read() == DATA[160:]
    del child, counted, file
    gc.collect()
    assert (meter.held, meter.spilled) == (0, 0)


def test_a_full_disk_is_said_and_nothing_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_self: SpillFile, _data: bytes) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(SpillFile, "write", full)
    limits = Limits(nested_bytes=10)
    meter = Meter(limits)
    held = Held(meter, limits, "leak.zip!a.zip")
    with pytest.raises(UserError, match="ingest_spill_full"):
        held.write(DATA)
    assert (meter.held, meter.spilled) == (0, 0)
