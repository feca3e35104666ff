"""Archives cut and damaged anywhere: what was whole before the cut is read, and nothing but a `UserError` comes out.

Budgets: 50 cuts of each kind of archive (where a child process unpacks: 10, and 50 in the long suite) and 50 damaged
copies; some 20 s.
"""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import random
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import py7zr
import pytest
import pyzipper
import zstandard
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from etanche.errors import UserError
from etanche.ingest import Limits, open_paths
from handmade_rar import file5, rar4, rar5

_RNG = random.Random(8)
LINES = [b"%d;%s\n" % (k, _RNG.randbytes(12).hex().encode()) for k in range(1500)]
TEXT = b"id;cle\n" + b"".join(LINES)
MORE = [b"%d;%s\n" % (k, _RNG.randbytes(12).hex().encode()) for k in range(16_000)]
"""Enough for several blocks of bzip2 (100 KB at its least level) and of Zstandard (128 KiB)."""
NAMES = ("a.csv", "b.csv", "c.csv")
LIMITS = Limits(entry_seconds=20, parser_seconds=20, parser_silence=20)


def zipped(method: int) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name in NAMES:
            archive.writestr(name, TEXT)
    return out.getvalue()


def aes() -> bytes:
    out = io.BytesIO()
    with pyzipper.AESZipFile(out, "w", compression=zipfile.ZIP_DEFLATED, encryption=pyzipper.WZ_AES) as archive:
        archive.setpassword(b"secret")
        for name in NAMES:
            archive.writestr(name, TEXT)
    return out.getvalue()


def tarred() -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for name in NAMES:
            info = tarfile.TarInfo(name)
            info.size = len(TEXT)
            archive.addfile(info, io.BytesIO(TEXT))
    return out.getvalue()


def seven() -> bytes:
    out = io.BytesIO()
    with py7zr.SevenZipFile(out, "w") as archive:
        for name in NAMES:
            archive.writestr(TEXT, name)
    return out.getvalue()


def cpio() -> bytes:
    out = bytearray()
    for name, data in (*((name, TEXT) for name in NAMES), ("TRAILER!!!", b"")):
        fields = (1, 0o100644, 0, 0, 1, 0, len(data), 0, 0, 0, 0, len(name) + 1, 0)
        out += b"070701" + b"".join(b"%08X" % field for field in fields) + name.encode() + b"\0"
        out += bytes(-len(out) % 4) + data
        out += bytes(-len(out) % 4)
    return bytes(out)


ONE_STREAM: dict[str, Callable[[bytes], bytes]] = {
    "gz": gzip.compress,
    "bz2": lambda data: bz2.compress(data, 1),
    "xz": lzma.compress,
    "lzma": lambda data: lzma.compress(data, lzma.FORMAT_ALONE),
    "zst": zstandard.ZstdCompressor(write_checksum=True).compress,
}
ARCHIVES: dict[str, bytes] = {
    "stored.zip": zipped(zipfile.ZIP_STORED),
    "deflated.zip": zipped(zipfile.ZIP_DEFLATED),
    "lzma.zip": zipped(zipfile.ZIP_LZMA),
    "aes.zip": aes(),
    "x.tar": tarred(),
    "x.tar.gz": gzip.compress(tarred()),
}
FOREIGN: dict[str, bytes] = {
    "x.7z": seven(),
    "x.cpio": cpio(),
    "four.rar": rar4(dict.fromkeys(NAMES, TEXT)),
    "five.rar": rar5(*(file5(name, TEXT) for name in NAMES)),
}


def read(path: Path, data: bytes) -> tuple[dict[str, tuple[list[bytes], int]], set[str], set[str]]:
    """Return the rows and the ledger's rows of each table, the codes of notes and those of refusals."""
    path.write_bytes(data)
    found: dict[str, tuple[list[bytes], int]] = {}
    notes: set[str] = set()
    try:
        opening = open_paths([path], LIMITS, passwords=("faux", "secret"))
    except UserError as error:
        return {}, set(), {error.code}
    try:
        for table in opening:
            parts = list(table.parts())
            rows = b"".join(part.data for part in parts).split(b"\n")[:-1]
            ledger = table.ledger
            assert ledger.lines == ledger.header + ledger.row_lines + ledger.quarantined + ledger.blank
            found[table.member.rpartition("!")[2] + ("+" if table.member in found else "")] = rows, ledger.rows
            notes |= {note.code for note in table.notes}
    except UserError as error:
        return {}, set(), {error.code}
    return found, notes, {item.code for item in opening.refused}


def rows_of(lines: list[bytes]) -> list[bytes]:
    return [line.rstrip(b"\n") for line in lines]


@pytest.mark.parametrize("kind", ONE_STREAM)
def test_one_stream_cut_anywhere_gives_all_that_stands_before(tmp_path: Path, kind: str) -> None:
    rng = random.Random(kind)
    lines = MORE if kind in {"bz2", "zst"} else LINES
    packed = ONE_STREAM[kind](b"id;cle\n" + b"".join(lines))
    whole = rows_of(lines)
    sizes = []
    for cut in sorted(rng.randrange(1, len(packed)) for _ in range(50)):
        found, notes, refused = read(tmp_path / f"leak.csv.{kind}", packed[:cut])
        if not found:
            assert refused & {"ingest_member_damaged", "ingest_empty", "ingest_binary"}, (cut, refused)
            sizes.append(0)
            continue
        assert "truncated" in notes
        ((rows, _),) = found.values()
        assert rows[:-1] == whole[: len(rows) - 1] or len(rows) < 2
        sizes.append(len(rows))
    assert sizes == sorted(sizes)
    assert sizes[-1] > 0.6 * len(lines)


UNPACKED_BY_A_CHILD = ("four.rar", "five.rar", "x.cpio")
CUTS = [
    *((name, 50) for name in ARCHIVES),
    *((name, 10) for name in UNPACKED_BY_A_CHILD),
    *(pytest.param(name, 50, marks=pytest.mark.long) for name in UNPACKED_BY_A_CHILD),
]


@pytest.mark.parametrize(("name", "cuts"), CUTS)
def test_members_before_a_cut_are_whole(tmp_path: Path, name: str, cuts: int) -> None:
    data = (ARCHIVES | FOREIGN)[name]
    rng = random.Random(name)
    whole = rows_of(LINES)
    for cut in (rng.randrange(100, len(data)) for _ in range(cuts)):
        found, notes, refused = read(tmp_path / name, data[:cut])
        order = [found[each][0] for each in NAMES if each in found]
        assert len(order) == len(found)
        for rows in order[:-1]:
            assert rows == whole
        if order:
            assert order[-1][:-1] == whole[: len(order[-1]) - 1] or len(order[-1]) < 2
        share = cut / len(data)
        assert len(found) >= int(share * 3 - 0.2), (cut, found.keys(), refused)
        assert notes or refused or len(found) == 3


@pytest.mark.parametrize("cuts", [7, pytest.param(50, marks=pytest.mark.long)])
def test_a_7z_cut_anywhere_is_read_up_to_the_cut(tmp_path: Path, cuts: int) -> None:
    data = FOREIGN["x.7z"]
    for cut in (len(data) * k // (cuts + 1) for k in range(1, cuts + 1)):
        found, notes, refused = read(tmp_path / "x.7z", data[:cut])
        assert notes == {"archive_carved", "truncated"}, refused
        ((rows, _),) = found.values()
        whole = [*rows_of(LINES), b"id;cle"]
        assert set(rows[:-1]) <= set(whole)
        assert len(rows) >= 1500 * 0.8 * cut / len(data) - 20


@given(st.sampled_from(sorted(ARCHIVES)), st.data())
@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_damaged_archives_end_in_tables_or_a_user_error(tmp_path: Path, name: str, data: st.DataObject) -> None:
    packed = bytearray(ARCHIVES[name])
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(packed) - 1))
        raw = data.draw(st.binary(min_size=1, max_size=8))
        packed[at : at + len(raw)] = raw
    read(tmp_path / name, bytes(packed))


@given(st.sampled_from(sorted(ONE_STREAM)), st.data())
@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_damaged_streams_give_what_stands_before_the_damage(tmp_path: Path, kind: str, data: st.DataObject) -> None:
    packed = bytearray(ONE_STREAM[kind](TEXT))
    at = data.draw(st.integers(0, len(packed) - 1))
    packed[at] ^= data.draw(st.integers(1, 255))
    found, _, _ = read(tmp_path / f"leak.csv.{kind}", bytes(packed))
    if kind == "gz" and found and at > 1000:
        ((rows, _),) = found.values()
        before = int(len(LINES) * (at / len(packed)) * 0.8) - 50
        assert rows[:before] == rows_of(LINES)[: len(rows[:before])]
        assert len(rows) >= before


@pytest.mark.parametrize("name", FOREIGN)
def test_damaged_foreign_archives(tmp_path: Path, name: str) -> None:
    rng = random.Random(name)
    for _ in range(6):
        packed = bytearray(FOREIGN[name])
        for _ in range(3):
            packed[rng.randrange(len(packed))] ^= rng.randrange(1, 256)
        read(tmp_path / name, bytes(packed))


@given(
    st.binary(max_size=400),
    st.sampled_from([b"PK\x03\x04", b"\x1f\x8b\x08", b"BZh91AY&SY", b"\xfd7zXZ\0", b"\x28\xb5\x2f\xfd"]),
)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_noise_after_a_magic_number(tmp_path: Path, noise: bytes, magic: bytes) -> None:
    read(tmp_path / "leak", magic + noise)
