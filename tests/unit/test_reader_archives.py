"""Archives made by the libraries and programs that people make them with, opened and counted."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import random
import shutil
import struct
import subprocess
import tarfile
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import py7zr
import pytest
import pyzipper
import zstandard

from etanche.ingest import Limits, Opening, open_paths
from etanche.ingest.entries import file_entry
from etanche.ingest.limits import Meter
from etanche.ingest.readers import tar
from handmade_rar import file5, rar4, rar5

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
    table = list(range(256))
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


def test_a_large_member_of_the_old_encryption(tmp_path: Path) -> None:
    rng = random.Random(5)
    text = "id;cle\n" + "".join(f"{k};{rng.randbytes(20).hex()}\n" for k in range(42_000))
    by_program(tmp_path, "zip", "-q", "-P", "secret", "x.zip", "b.csv")
    (tmp_path / "c.csv").write_text(text)
    by_program(tmp_path, "zip", "-q", "-P", "secret", "x.zip", "c.csv")
    assert opened(tmp_path / "x.zip", passwords=("faux", "secret"))[1] == {"c.csv": 42_000, "b.csv": 3000}
    opening = open_paths([tmp_path / "x.zip"], passwords=("secret",))
    assert [note.code for table in opening for note in table.notes] == []
    outer = tmp_path / "x.zip.gz"
    outer.write_bytes(gzip.compress((tmp_path / "x.zip").read_bytes(), 1))
    found = opened(outer, Limits(nested_bytes=1000), ("secret",))[1]
    assert found == {"x.zip!c.csv": 42_000, "x.zip!b.csv": 3000}


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


def by_program(folder: Path, program: str, *arguments: str) -> None:
    """Run a program in a folder that holds `a.csv` and `b.csv`."""
    if shutil.which(program) is None:
        pytest.skip(f"{program} is not installed")
    (folder / "a.csv").write_bytes(TEXT)
    (folder / "b.csv").write_bytes(TEXT)
    subprocess.run([program, *arguments], cwd=folder, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


BOTH = {"a.csv": 3000, "b.csv": 3000}


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("x.7z", ()),
        ("x.7z", ("-m0=PPMd",)),
        ("x.7z", ("-ms=off", "-m0=BZip2")),
        ("x.7z", ("-m0=Deflate64",)),
        ("x.7z", ("-psecret",)),
        ("x.7z", ("-psecret", "-mhe=on")),
        ("x.zip", ("-mm=Deflate64",)),
        ("x.zip", ("-mm=PPMd",)),
        ("x.zip", ("-mm=xz",)),
        ("x.zip", ("-mm=LZMA",)),
        ("x.zip", ("-psecret",)),
        ("x.zip", ("-psecret", "-mem=AES128")),
        ("x.zip", ("-psecret", "-mm=Deflate64")),
    ],
)
def test_made_by_7_zip(tmp_path: Path, name: str, options: tuple[str, ...]) -> None:
    by_program(tmp_path, "7zz", "a", *options, name, "a.csv", "b.csv")
    opening, found = opened(tmp_path / name, passwords=("faux", "secret"))
    assert found == BOTH
    assert not opening.refused
    if "-psecret" in options:
        opening = open_paths([tmp_path / name], passwords=("faux",))
        assert not list_or_refusal(opening)
        assert all(code.endswith("_password") for _, code in refused(opening))
        opening = open_paths([tmp_path / name])
        assert not list_or_refusal(opening)
        assert all(code.endswith("_encrypted") for _, code in refused(opening))


def test_a_7z_by_its_own_library(tmp_path: Path) -> None:
    path = tmp_path / "x.7z"
    with py7zr.SevenZipFile(path, "w") as archive:
        archive.writestr(TEXT, "a.csv")
        archive.writestr(TEXT, "é/b.csv")
        archive.writestr(b"", "vide.csv")
    opening, found = opened(path)
    assert found == {"a.csv": 3000, "é/b.csv": 3000}
    assert not opening.refused
    outer = tmp_path / "outer.7z.xz"
    outer.write_bytes(lzma.compress(path.read_bytes()))
    assert opened(outer, Limits(nested_bytes=100))[1] == {"outer.7z!a.csv": 3000, "outer.7z!é/b.csv": 3000}


@pytest.mark.parametrize(
    "format_", ["newc", "odc", "ar", "iso9660", "warc", "7zip", "xar", "ustar", "pax", "gnutar", "zip"]
)
def test_made_by_libarchive(tmp_path: Path, format_: str) -> None:
    by_program(tmp_path, "bsdtar", "-cf", "x.bin", "--format", format_, "a.csv", "b.csv")
    opening, found = opened(tmp_path / "x.bin")
    assert found == BOTH
    assert not opening.refused


@pytest.mark.parametrize(
    ("program", "arguments", "name", "expected"),
    [
        ("compress", ("a.csv",), "a.csv.Z", {"a.csv": 3000}),
        ("lz4", ("-q", "a.csv", "a.csv.lz4"), "a.csv.lz4", {"a.csv": 3000}),
        ("gcab", ("-c", "x.cab", "a.csv", "b.csv"), "x.cab", BOTH),
        ("zip", ("-q", "-s", "64k", "-0", "x.zip", "a.csv", "b.csv"), "x.zip", BOTH),
        ("zip", ("-q", "-s", "64k", "-0", "x.zip", "a.csv", "b.csv"), "x.z01", BOTH),
        ("7zz", ("a", "-v20k", "-mx=0", "x.7z", "a.csv", "b.csv"), "x.7z.001", BOTH),
        ("7zz", ("a", "-tzip", "-v20k", "-mx=0", "x.zip", "a.csv", "b.csv"), "x.zip.003", BOTH),
    ],
)
def test_made_by_other_programs(
    tmp_path: Path, program: str, arguments: tuple[str, ...], name: str, expected: dict[str, int]
) -> None:
    by_program(tmp_path, program, *arguments)
    opening, found = opened(tmp_path / name)
    assert found == expected
    assert not opening.refused


def test_rar_of_both_kinds_and_in_volumes(tmp_path: Path) -> None:
    path = tmp_path / "x.rar"
    path.write_bytes(rar4({"a.csv": TEXT, "b.csv": TEXT}))
    assert opened(path)[1] == BOTH
    path.write_bytes(rar5(file5("a.csv", TEXT), file5("é/b.csv", TEXT)))
    assert opened(path)[1] == {"a.csv": 3000, "é/b.csv": 3000}
    half = 30_000
    first = file5("a.csv", TEXT[:half], after=True, whole=TEXT)
    (tmp_path / "v.part1.rar").write_bytes(rar5(first, volume=0, more=True))
    (tmp_path / "v.part2.rar").write_bytes(rar5(file5("a.csv", TEXT[half:], before=True, whole=TEXT), volume=1))
    for name in ("v.part1.rar", "v.part2.rar"):
        assert opened(tmp_path / name)[1] == {"a.csv": 3000}
    assert sum(part.rows for table in open_paths([tmp_path]) for part in table.parts()) == 9000


def test_rar_under_a_password(tmp_path: Path) -> None:
    path = tmp_path / "x.rar"
    path.write_bytes(rar5(file5("a.csv", TEXT, "secret"), file5("b.csv", TEXT)))
    opening, found = opened(path)
    assert found == {"b.csv": 3000}
    assert refused(opening) == [("a.csv", "ingest_member_encrypted")]
    by_program(tmp_path, "unar", "-version")
    assert opened(path, passwords=("faux", "secret"))[1] == BOTH
    opening, found = opened(path, passwords=("faux",))
    assert found == {"b.csv": 3000}
    assert refused(opening) == [("a.csv", "ingest_member_password")]


def tarred(format_: int, members: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=format_) as archive:
        for name, data in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return out.getvalue()


@pytest.mark.parametrize("format_", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
def test_tar_and_its_packings(tmp_path: Path, format_: int) -> None:
    long = "/".join(["dossier"] * 12) + "/é.csv"
    data = tarred(format_, {"a.csv": TEXT, long: TEXT, "vide": b""})
    for name, pack in (
        ("x.tar", bytes),
        ("x.tgz", gzip.compress),
        ("x.tar.xz", lzma.compress),
        ("x.tbz2", bz2.compress),
    ):
        path = tmp_path / name
        path.write_bytes(pack(data))
        opening, found = opened(path)
        inner = "" if name == "x.tar" else "x.tar!"
        assert found == {f"{inner}a.csv": 3000, f"{inner}{long}": 3000}
        assert not opening.refused


def test_what_in_a_tar_holds_no_bytes_is_named(tmp_path: Path) -> None:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for name, kind in (("lien", b"2"), ("dur", b"1"), ("disque", b"4"), ("tuyau", b"6"), ("dossier", b"5")):
            info = tarfile.TarInfo(name)
            info.type, info.linkname = kind, "/etc/passwd"
            archive.addfile(info)
        info = tarfile.TarInfo("a.csv")
        info.size = len(TEXT)
        archive.addfile(info, io.BytesIO(TEXT))
    path = tmp_path / "x.tar"
    path.write_bytes(out.getvalue())
    opening, found = opened(path)
    assert found == {"a.csv": 3000}
    assert refused(opening) == [(name, "ingest_member_link") for name in ("lien", "dur", "disque", "tuyau")]


def test_a_damaged_header_costs_one_member(tmp_path: Path) -> None:
    data = bytearray(tarred(tarfile.PAX_FORMAT, dict.fromkeys(("a.csv", "b.csv", "c.csv"), TEXT)))
    start = data.index(b"b.csv")
    data[start : start + 200] = bytes(200)
    path = tmp_path / "x.tar"
    path.write_bytes(data)
    opening = open_paths([path])
    tables = list(opening)
    assert [table.member for table in tables] == ["a.csv", "c.csv"]
    assert "archive_damaged" in {note.code for note in tables[1].notes}


@pytest.mark.parametrize("format_", ["gnu", "pax"])
def test_files_with_holes(tmp_path: Path, format_: str) -> None:
    with (tmp_path / "trou.bin").open("wb") as file:
        for k in range(40):
            file.seek(k << 17)
            file.write(TEXT[:4096])
    by_program(tmp_path, "tar", "-S", f"--format={format_}", "-cf", "x.tar", "trou.bin", "a.csv")
    meter = Meter(Limits())
    entry = file_entry(tmp_path / "x.tar", "x.tar", meter)
    members = {child.name: child for child in tar.tables(entry, Limits())}
    assert not entry.notes
    stream = members["trou.bin"].opener()
    data = b"".join(iter(lambda: stream.read(1 << 16), b""))
    assert data == (tmp_path / "trou.bin").read_bytes()
    assert members["a.csv"].head(len(TEXT) + 1) == TEXT


def test_links_in_a_zip_are_named_not_read(tmp_path: Path) -> None:
    path = tmp_path / "x.zip"
    with zipfile.ZipFile(path, "w") as archive:
        info = zipfile.ZipInfo("lien.csv")
        info.create_system, info.external_attr = 3, 0o120777 << 16
        archive.writestr(info, "/etc/passwd")
        archive.writestr("a.csv", TEXT)
    opening, found = opened(path)
    assert found == {"a.csv": 3000}
    assert refused(opening) == [("lien.csv", "ingest_member_link")]


def lha(members: dict[str, bytes]) -> bytes:
    """Return an LHA archive of stored members, headers of level 0."""
    out = b""
    for name, data in members.items():
        crc = 0
        for byte in data:
            crc ^= byte
            for _ in range(8):
                crc = (crc >> 1) ^ 0xA001 if crc & 1 else crc >> 1
        body = b"-lh0-" + struct.pack("<IIIBBB", len(data), len(data), 0x5A21_0000, 0x20, 0, len(name))
        body += name.encode() + struct.pack("<H", crc)
        out += bytes([len(body), sum(body) & 0xFF]) + body + data
    return out + b"\0"


def test_lha(tmp_path: Path) -> None:
    path = tmp_path / "x.lzh"
    path.write_bytes(lha({"a.csv": TEXT, "b.csv": TEXT}))
    opening, found = opened(path)
    assert found == BOTH
    assert not opening.refused
