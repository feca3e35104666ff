"""RAR archives made by hand (members stored, not packed), since no free program writes RAR."""

from __future__ import annotations

import hashlib
import struct
import zlib

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes


def vint(value: int) -> bytes:
    out = bytearray()
    while True:
        out.append(value & 0x7F | (0x80 if value > 0x7F else 0))
        value >>= 7
        if not value:
            return bytes(out)


def block5(body: bytes) -> bytes:
    sized = vint(len(body)) + body
    return struct.pack("<I", zlib.crc32(sized)) + sized


def file5(
    name: str, data: bytes, password: str = "", *, before: bool = False, after: bool = False, whole: bytes | None = None
) -> bytes:
    """Return a member; `whole` is what the parts of one that goes on in another volume make."""
    whole = data if whole is None else whole
    crc, size = zlib.crc32(data if after else whole), len(whole)
    extra = b""
    if password:
        salt, vector, rounds = bytes(range(16)), bytes(range(16, 32)), 1 << 4
        secret = password.encode()
        key = hashlib.pbkdf2_hmac("sha256", secret, salt, rounds, 32)
        checked = hashlib.pbkdf2_hmac("sha256", secret, salt, rounds + 32, 32)
        check = bytes(checked[k] ^ checked[k + 8] ^ checked[k + 16] ^ checked[k + 24] for k in range(8))
        check += hashlib.sha256(check).digest()[:4]
        record = vint(1) + vint(0) + vint(1) + bytes([4]) + salt + vector + check
        extra = vint(len(record)) + record
        data = Cipher(algorithms.AES(key), modes.CBC(vector)).encryptor().update(data + bytes(-len(data) % 16))
    flags = 2 | (1 if extra else 0) | (8 if before else 0) | (16 if after else 0)
    fields = vint(4) + vint(size) + vint(0o100644) + struct.pack("<I", crc) + vint(0) + vint(1)
    fields += vint(len(name.encode())) + name.encode()
    body = vint(2) + vint(flags) + (vint(len(extra)) if extra else b"") + vint(len(data)) + fields + extra
    return block5(body) + data


def rar5(*files: bytes, volume: int | None = None, more: bool = False) -> bytes:
    """Return an archive of members, or one of its volumes, the first being number 0."""
    number = vint(0) if volume is None else vint(3) + vint(volume) if volume else vint(1)
    main = vint(1) + vint(0) + number
    return b"Rar!\x1a\x07\x01\x00" + block5(main) + b"".join(files) + block5(vint(5) + vint(0) + vint(1 if more else 0))


def block4(kind: int, flags: int, body: bytes) -> bytes:
    head = struct.pack("<BHH", kind, flags, 7 + len(body)) + body
    return struct.pack("<H", zlib.crc32(head) & 0xFFFF) + head


def rar4(files: dict[str, bytes]) -> bytes:
    out = b"Rar!\x1a\x07\x00" + block4(0x73, 0, bytes(6))
    for name, data in files.items():
        size, crc = len(data), zlib.crc32(data)
        body = struct.pack("<IIBIIBBHI", size, size, 3, crc, 0x5A21_0000, 29, 0x30, len(name), 0o100644)
        out += block4(0x74, 0x8000, body + name.encode()) + data
    return out + block4(0x7B, 0x4000, b"")
