"""Archives made by the libraries and programs that people make them with, opened and counted."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import random
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
import pyzipper
import zstandard

from etanche.ingest import Limits, Opening, open_paths

TEXT = ("id;nom;ville\n" + "".join(f"{k};Lefèvre;Orléans\n" for k in range(3000))).encode()


def opened(path: Path, limits: Limits | None = None, passwords: tuple[str, ...] = ()) -> tuple[Opening, dict[str, int]]:
    opening = open_paths([path], limits or Limits(), passwords)
    found = {table.member: sum(part.rows for part in table.parts()) for table in opening}
    return opening, found


def refused(opening: Opening) -> list[tuple[str, str]]:
    return [(item.member, item.code) for item in opening.refused]


def xz_twice(data: bytes) -> bytes:
    half = data.index(b"\n", len(data) // 2) + 1
    return lzma.compress(data[:half]) + bytes(8) + lzma.compress(data[half:], check=lzma.CHECK_SHA256)


def zstd_twice(data: bytes) -> bytes:
    half = data.index(b"\n", len(data) // 2) + 1
    skipped = b"\x50\x2a\x4d\x18\x05\0\0\0hello"
    first = zstandard.ZstdCompressor(write_checksum=True).compress(data[:half])
    return first + skipped + zstandard.ZstdCompressor(level=19, write_content_size=False).compress(data[half:])


@pytest.mark.parametrize(
    ("name", "inner", "pack"),
    [
        ("leak.csv.gz", "leak.csv", gzip.compress),
        ("leak.csv.bz2", "leak.csv", bz2.compress),
        ("leak.csv.bz2", "leak.csv", lambda data: bz2.compress(data[:25]) + bz2.compress(data[25:])),
        ("leak.csv.xz", "leak.csv", lzma.compress),
        ("leak.csv.xz", "leak.csv", xz_twice),
        ("leak.csv.lzma", "leak.csv", lambda data: lzma.compress(data, lzma.FORMAT_ALONE)),
        ("leak.csv.zst", "leak.csv", zstandard.ZstdCompressor().compress),
        ("leak.csv.zst", "leak.csv", zstd_twice),
        ("leak", "leak", lzma.compress),
    ],
)
def test_single_streams(tmp_path: Path, name: str, inner: str, pack: Callable[[bytes], bytes]) -> None:
    path = tmp_path / name
    path.write_bytes(pack(TEXT))
    opening, found = opened(path)
    assert found == {inner: 3000}
    assert not opening.refused


def test_every_method_of_zip(tmp_path: Path) -> None:
    path = tmp_path / "leak.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for method in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA):
            archive.writestr(f"{method}.csv", TEXT, method)
        archive.writestr("vide.csv", b"")
        archive.mkdir("dossier")
    opening, found = opened(path)
    assert found == {"0.csv": 3000, "8.csv": 3000, "12.csv": 3000, "14.csv": 3000}
    assert not opening.refused


@pytest.mark.parametrize("seekable", [True, False])
def test_zip64_and_sizes_that_come_after(tmp_path: Path, seekable: bool) -> None:
    class Pipe(io.BytesIO):
        def seekable(self) -> bool:
            return seekable

        def seek(self, *_args: int) -> int:
            if not seekable:
                raise OSError
            return super().seek(*_args)

        def tell(self) -> int:
            if not seekable:
                raise OSError
            return super().tell()

    out = Pipe()
    with (
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("a.csv", "w", force_zip64=True) as file,
    ):
        file.write(TEXT)
    path = tmp_path / "leak.zip"
    path.write_bytes(out.getvalue())
    assert opened(path)[1] == {"a.csv": 3000}
    cut = out.getvalue()[: out.getvalue().index(b"PK\x01\x02")]
    path.write_bytes(cut)
    assert opened(path)[1] == {"a.csv": 3000}


def test_a_program_before_the_archive(tmp_path: Path) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.csv", TEXT)
    whole = tmp_path / "inner.zip"
    whole.write_bytes(b"PK\x07\x08" + out.getvalue())
    assert opened(whole)[1] == {"a.csv": 3000}


def aes(data: bytes, passwords: dict[str, str], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with pyzipper.AESZipFile(out, "w", compression=method, encryption=pyzipper.WZ_AES) as archive:
        for name, password in passwords.items():
            archive.setpassword(password.encode())
            archive.writestr(name, data)
    return out.getvalue()


def crypted(data: bytes, password: bytes, method: int) -> bytes:
    """Return a zip of one member under the old encryption, which no library here writes."""
    import struct
    import zlib

    table = [k for k in range(256)]
    for k in table:
        value = k
        for _ in range(8):
            value = (value >> 1) ^ 0xEDB88320 if value & 1 else value >> 1
        table[k] = value
    keys = [0x12345678, 0x23456789, 0x34567890]

    def update(byte: int) -> None:
        keys[0] = (keys[0] >> 8) ^ table[(keys[0] ^ byte) & 0xFF]
        keys[1] = ((keys[1] + (keys[0] & 0xFF)) * 134775813 + 1) & 0xFFFFFFFF
        keys[2] = (keys[2] >> 8) ^ table[(keys[2] ^ (keys[1] >> 24)) & 0xFF]

    for byte in password:
        update(byte)
    crc = zlib.crc32(data)
    engine = zlib.compressobj(wbits=-15)
    packed = engine.compress(data) + engine.flush() if method else data
    clear = bytes(11) + bytes([crc >> 24]) + packed
    out = bytearray()
    for byte in clear:
        temp = keys[2] | 2
        out.append(byte ^ ((temp * (temp ^ 1)) >> 8 & 0xFF))
        update(byte)
    local = struct.pack("<4s5H3I2H", b"PK\x03\x04", 20, 1, method, 0, 0, crc, len(out), len(data), 5, 0) + b"a.csv"
    central = struct.pack(
        "<4s6H3I5H2I", b"PK\x01\x02", 20, 20, 1, method, 0, 0, crc, len(out), len(data), 5, 0, 0, 0, 0, 0, 0
    )
    end = struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, 1, 1, len(central) + 5, len(local) + len(out), 0)
    return local + bytes(out) + central + b"a.csv" + end


@pytest.mark.parametrize("method", [0, 8])
def test_the_old_encryption_of_zip(tmp_path: Path, method: int) -> None:
    path = tmp_path / "leak.zip"
    path.write_bytes(crypted(TEXT, "été".encode("cp1252"), method))
    many = tuple(f"faux{k}" for k in range(600))
    assert opened(path, passwords=(*many, "été"))[1] == {"a.csv": 3000}
    opening = open_paths([path], passwords=many)
    assert not list_or_refusal(opening)
    assert refused(opening) == [("a.csv", "ingest_member_password")]


def list_or_refusal(opening: Opening) -> list[object]:
    from etanche.errors import UserError

    try:
        return list(opening)
    except UserError:
        return []


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_passwords_of_zip(tmp_path: Path, method: int) -> None:
    path = tmp_path / "leak.zip"
    path.write_bytes(aes(TEXT, {"a.csv": "secret", "b.csv": "autre", "c.csv": "secret"}, method))
    opening, found = opened(path, passwords=("faux", "secret"))
    assert found == {"a.csv": 3000, "c.csv": 3000}
    assert refused(opening) == [("b.csv", "ingest_member_password")]
    opening = open_paths([path])
    assert not list_or_refusal(opening)
    assert {code for _, code in refused(opening)} == {"ingest_member_encrypted"}
    assert "secret" not in repr(open_paths([path], passwords=("secret",))._meter)


def test_large_inner_archives_are_spilled(tmp_path: Path) -> None:
    rng = random.Random(3)
    text = b"id;cle\n" + b"".join(b"%d;%s\n" % (k, rng.randbytes(20).hex().encode()) for k in range(20_000))
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.csv", text)
        archive.writestr("b.csv", text)
    path = tmp_path / "leak.zip.xz"
    path.write_bytes(lzma.compress(inner.getvalue(), preset=0))
    opening = open_paths([path], Limits(nested_bytes=1000))
    tables = list(opening)
    meter = opening._meter
    assert meter.held == 0
    assert meter.spilled == len(inner.getvalue())
    assert [sum(part.rows for part in table.parts()) for table in tables] == [20_000, 20_000]
    del tables, opening
    import gc

    gc.collect()
    assert meter.spilled == 0


def test_no_room_for_a_spill(tmp_path: Path) -> None:
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as archive:
        archive.writestr("a.csv", TEXT)
    path = tmp_path / "leak.zip.gz"
    path.write_bytes(gzip.compress(inner.getvalue()))
    for limits in (Limits(nested_bytes=10, spare_bytes=1 << 60), Limits(nested_bytes=10, spill_bytes=100)):
        opening = open_paths([path], limits)
        assert not list_or_refusal(opening)
        assert [code for _, code in refused(opening)] == ["ingest_spill_full"]
        assert opening._meter.spilled == 0
