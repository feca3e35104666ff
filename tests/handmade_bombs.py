"""Archives that explode, made in little time and memory: packed zeros and lines repeat, so the packed bytes are copied.

Each maker returns the bytes of a file; `BOMBS` lists them by name.  `scale` is what the benchmark raises to full size:
1 gives some 10 GB out of each of the large ones.
"""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable

import zstandard

import handmade_quines

LINE = b"0;0;0;0\n"
MIB = 1 << 20


def deflated(megabytes: int, unit: bytes = LINE) -> bytes:
    """Return bare deflate of so many MiB of a line again and again."""
    block = unit * (MIB // len(unit))
    engine = zlib.compressobj(9, zlib.DEFLATED, -15)
    first = engine.compress(block) + engine.flush(zlib.Z_FULL_FLUSH)
    return first * megabytes + zlib.compressobj(9, zlib.DEFLATED, -15).flush()


def gzipped(megabytes: int) -> bytes:
    """Return them as gzip; the checksum at the end is wrong, but nobody gets there."""
    return b"\x1f\x8b\x08\0\0\0\0\0\x02\xff" + deflated(megabytes) + bytes(8)


def zip_of(members: list[tuple[str, bytes, int]]) -> bytes:
    """Return a zip of deflated members: name, packed bytes, size as declared."""
    out, central = bytearray(), bytearray()
    for name, packed, size in members:
        raw = name.encode()
        at = len(out)
        out += struct.pack("<4s5H3I2H", b"PK\x03\x04", 20, 0, 8, 0, 0, 0, len(packed), size, len(raw), 0) + raw + packed
        central += struct.pack(
            "<4s6H3I5H2I", b"PK\x01\x02", 20, 20, 0, 8, 0, 0, 0, len(packed), size, len(raw), 0, 0, 0, 0, 0, at
        )
        central += raw
    return bytes(out) + bytes(central) + _end(len(members), len(central), len(out))


def _end(count: int, size: int, at: int) -> bytes:
    return struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, min(count, 0xFFFF), min(count, 0xFFFF), size, at, 0)


def nested(levels: int = 5, fan: int = 16, megabytes: int = 256) -> bytes:
    """Return zips in zips, as 42.zip: `fan` members at each of `levels`, each of the innermost of `megabytes`."""
    data = zip_of([("0.csv", deflated(megabytes), megabytes * MIB)])
    for level in range(levels):
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            for k in range(fan):
                archive.writestr(f"{level}-{k}.zip", data)
        data = out.getvalue()
    return data


def deep(levels: int = 1000) -> bytes:
    """Return gzip in gzip in gzip…: what a file that unpacks to itself looks like to whoever opens it."""
    data = b"id;nom\n1;x\n"
    for _ in range(levels):
        data = gzip.compress(data, 1)
    return data


def lying(megabytes: int) -> bytes:
    """Return a zip whose member declares 10 bytes."""
    return zip_of([("dix.csv", deflated(megabytes), 10)])


def overlapping(members: int, megabytes: int = 8) -> bytes:
    """Return a zip whose members are all the same bytes."""
    packed, raw = deflated(megabytes), b"00000.csv"
    out = struct.pack("<4s5H3I2H", b"PK\x03\x04", 20, 0, 8, 0, 0, 0, len(packed), megabytes * MIB, len(raw), 0)
    out += raw + packed
    central = b"".join(
        struct.pack(
            "<4s6H3I5H2I", b"PK\x01\x02", 20, 20, 0, 8, 0, 0, 0, len(packed), megabytes * MIB, 9, 0, 0, 0, 0, 0, 0
        )
        + b"%05d.csv" % k
        for k in range(members)
    )
    return out + central + _end(members, len(central), len(out))


def quoting(members: int, megabytes: int = 8) -> bytes:
    """Return a zip after Fifield (2019): each member quotes the next one's header in a stored block, then shares it."""
    kernel = deflated(megabytes)
    tail, size = kernel, megabytes * MIB
    entries: list[tuple[int, bytes]] = []
    for k in reversed(range(members)):
        name = b"%05d.csv" % k
        header = struct.pack("<4s5H3I2H", b"PK\x03\x04", 20, 0, 8, 0, 0, 0, len(tail), size & 0xFFFFFFFF, len(name), 0)
        local = header + name
        entries.append((len(tail), name))
        quote = struct.pack("<BHH", 0, len(local), len(local) ^ 0xFFFF) if k else b""
        tail = quote + local + tail
        size += len(local)
    out = tail
    central = bytearray()
    for packed, name in entries:
        at = len(out) - packed - 30 - len(name)
        central += (
            struct.pack("<4s6H3I5H2I", b"PK\x01\x02", 20, 20, 0, 8, 0, 0, 0, packed, 0, 9, 0, 0, 0, 0, 0, at) + name
        )
    return out + bytes(central) + _end(members, len(central), len(out))


def many_zip(members: int) -> bytes:
    """Return a zip of so many members of one line."""
    local = b"".join(
        struct.pack("<4s5H3I2H", b"PK\x03\x04", 20, 0, 0, 0, 0, zlib.crc32(b"a;b\n"), 4, 4, 11, 0)
        + b"%07d.csv" % k
        + b"a;b\n"
        for k in range(members)
    )
    central = b"".join(
        struct.pack(
            "<4s6H3I5H2I", b"PK\x01\x02", 20, 20, 0, 0, 0, 0, zlib.crc32(b"a;b\n"), 4, 4, 11, 0, 0, 0, 0, 0, 45 * k
        )
        + b"%07d.csv" % k
        for k in range(members)
    )
    at, size = len(local), len(central)
    end64 = struct.pack("<4sQ2H2I4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, members, members, size, at)
    locator = struct.pack("<4sIQI", b"PK\x06\x07", 0, at + size, 1)
    end = struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, 0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0)
    return local + central + end64 + locator + end


def many_tar(members: int) -> bytes:
    """Return a tar, packed, of so many members of one line, all of one name."""
    info = tarfile.TarInfo("a.csv")
    info.size = 4
    one = info.tobuf(tarfile.USTAR_FORMAT) + b"a;b\n" + bytes(508)
    engine = zlib.compressobj(6, zlib.DEFLATED, -15)
    block = engine.compress(one * 1000) + engine.flush(zlib.Z_FULL_FLUSH)
    ends = engine.compress(bytes(1024)) + engine.flush()
    return b"\x1f\x8b\x08\0\0\0\0\0\x02\xff" + block * (members // 1000) + ends + bytes(8)


def xz_dictionary() -> bytes:
    """Return an xz whose header asks for a dictionary of 4 GiB."""
    data = bytearray(lzma.compress(LINE * 1000))
    size = (data[12] + 1) * 4
    at = data.index(b"\x21\x01", 12) + 2
    data[at] = 40
    data[12 + size - 4 : 12 + size] = struct.pack("<I", zlib.crc32(data[12 : 12 + size - 4]))
    return bytes(data)


def lzma_dictionary() -> bytes:
    """Return an `.lzma` whose header asks for a dictionary of 4 GiB."""
    data = bytearray(lzma.compress(LINE * 1000, lzma.FORMAT_ALONE))
    data[1:5] = b"\xff\xff\xff\xff"
    return bytes(data)


def zstd_window() -> bytes:
    """Return a Zstandard frame whose header asks for a window of 2 GiB."""
    return b"\x28\xb5\x2f\xfd" + bytes([0, 21 << 3]) + struct.pack("<I", 1 | 1 << 1 | (100 << 10) << 3)[:3] + b"0"


def zstd_runs(megabytes: int) -> bytes:
    """Return a Zstandard frame of runs of one letter: 4 bytes for 128 KiB."""
    run = struct.pack("<I", 1 << 1 | (128 << 10) << 3)[:3] + b"0"
    text = zstandard.ZstdCompressor().compress(LINE * 20_000)
    return text + b"\x28\xb5\x2f\xfd" + bytes([0, 7 << 3]) + run * (8 * megabytes)


BOMBS: dict[str, Callable[[float], bytes]] = {
    "10 GB of lines in a gzip": lambda scale: gzipped(int(10_000 * scale)),
    "10 GB of zeros in a gzip": lambda scale: b"\x1f\x8b\x08\0\0\0\0\0\x02\xff" + deflated(int(10_000 * scale), b"\0"),
    "10 GB in a bzip2": lambda scale: bz2.compress(LINE * (MIB * 10 // 8)) * int(1000 * scale),
    "10 GB in an xz": lambda scale: lzma.compress(LINE * (MIB * 10 // 8), preset=0) * int(1000 * scale),
    "10 GB in a Zstandard": lambda scale: (
        zstandard.ZstdCompressor().compress(LINE * (MIB * 10 // 8)) * int(1000 * scale)
    ),
    "10 GB of runs in a Zstandard": lambda scale: zstd_runs(int(10_000 * scale)),
    "a zip that says 10 bytes and holds 10 GB": lambda scale: lying(int(10_000 * scale)),
    "zips in zips (16 to the power of 5, of 256 MiB)": lambda _scale: nested(),
    "a gzip in a gzip, a thousand times": lambda _scale: deep(),
    "a gzip that holds itself (200 bytes)": lambda _scale: handmade_quines.gzip(),
    "a zip that holds itself (484 bytes)": lambda _scale: handmade_quines.zip_file(),
    "one member under 60,000 names": lambda scale: overlapping(int(60_000 * scale)),
    "members that quote one another": lambda scale: quoting(int(20_000 * scale)),
    "a zip of a million members": lambda scale: many_zip(int(1_000_000 * scale)),
    "a tar.gz of a million members": lambda scale: many_tar(int(1_000_000 * scale)),
    "an xz with a dictionary of 4 GiB": lambda _scale: xz_dictionary(),
    "an lzma with a dictionary of 4 GiB": lambda _scale: lzma_dictionary(),
    "a Zstandard with a window of 2 GiB": lambda _scale: zstd_window(),
}
