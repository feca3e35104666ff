"""Documents inside text (Base64 or hexadecimal in a message, parts of a mail) as entries of their own.

1. A document is a slice of its entry: it is read and decoded when it is opened, never kept.
2. What is decoded is as far as the slice goes: one that is cut off, or that has foreign characters, gives what it can.
"""

from __future__ import annotations

import base64
import binascii
import io
import re
from collections.abc import Callable
from functools import cache
from typing import NamedTuple

from etanche.ingest.entries import Entry, Stream
from etanche.ingest.limits import Limits
from etanche.ingest.seekable import random_access

_HL7_ESCAPE = re.compile(rb"\\[^\\\r\n]{1,12}\\")
_NOT_BASE64 = re.compile(rb"[^A-Za-z0-9+/]")
_NOT_HEX = re.compile(rb"[^0-9A-Fa-f]")
_LETTERS = {
    "base64": b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=\r\n",
    "hex": b"0123456789ABCDEFabcdef\r\n",
}
_TEXT = bytes(byte for byte in range(256) if byte >= 32 or byte in b"\t\n\x0c\r")
_INLINE = 512 << 10
_SIGNS = ((b"%PDF-", "pdf"), (b"{\\rtf", "rtf"), (b"PK\x03\x04", "zip"), (b"\xff\xd8\xff", "jpg"), (b"<", "xml"))


class Place(NamedTuple):
    """Where in an entry a document stands."""

    offset: int
    size: int
    encoding: str
    """One of base64, hex, quoted-printable, uuencode; bytes as they are under any other name."""


class Memory:
    """Bytes as a stream."""

    def __init__(self, data: bytes) -> None:
        self._file = io.BytesIO(data)

    def read(self, size: int, /) -> bytes:
        """Return the next bytes."""
        return self._file.read(size)

    def done(self) -> int:
        """Return the offset."""
        return self._file.tell()

    def close(self) -> None:
        """Let go of the bytes."""
        self._file.close()


def decode(data: bytes, encoding: str) -> bytes:
    """Return the bytes that text stands for, as far as it goes."""
    if encoding == "quoted-printable":
        return binascii.a2b_qp(data)
    if encoding == "uuencode":
        return b"".join(_uu(line) for line in data.splitlines())
    if encoding not in _LETTERS:
        return data
    data = _HL7_ESCAPE.sub(b"", data)
    if encoding == "hex":
        digits = _NOT_HEX.sub(b"", data)
        return binascii.unhexlify(digits[: len(digits) & ~1])
    letters = _NOT_BASE64.sub(b"", data)
    if len(letters) % 4 == 1:
        letters = letters[:-1]
    return base64.b64decode(letters + b"=" * (-len(letters) % 4))


def _uu(line: bytes) -> bytes:
    """Return the bytes of one uuencoded line; none for the lines around them."""
    if line.startswith((b"begin ", b"end")) or not line.strip(b"` "):
        return b""
    try:
        return binascii.a2b_uu(line)
    except binascii.Error:
        size = (((line[0] - 32) & 63) * 4 + 5) // 3
        try:
            return binascii.a2b_uu(line[:size])
        except binascii.Error:
            return b""


def suffix(data: bytes) -> str:
    """Return what the name of decoded bytes should end in; "txt" for text of no known sign, "bin" for the rest."""
    start = data.lstrip(b"\xef\xbb\xbf \r\n\t")
    text = not data.translate(None, _TEXT).strip(b"\x1a")
    return next((name for sign, name in _SIGNS if start.startswith(sign)), "txt" if text else "bin")


class Document(NamedTuple):
    """A document in a value of the type ED (source^type^subtype^encoding^data)."""

    place: Place
    suffix: str
    text: bytes
    """The whole of it, decoded, when it is short and plain text."""
    about: tuple[bytes, ...]
    """Its source, type, subtype and encoding."""


def document(value: bytes, component: bytes, offset: int) -> Document | None:
    """Return the document that an ED value holds, None when it holds none; `offset` is where it stands in the entry."""
    parts = value.split(component, 4)
    if len(parts) < 5 or not parts[4]:
        return None
    encoding = {b"base64": "base64", b"hex": "hex"}.get(parts[3].strip().lower(), "")
    data = parts[4].partition(component)[0]
    if not encoding or len(_HL7_ESCAPE.sub(b"", data).translate(None, _LETTERS[encoding])) * 100 > len(data):
        return None
    kind = suffix(decode(data[:4096], encoding))
    text = b""
    if kind == "txt" and len(data) <= _INLINE:
        text = decode(data, encoding)
        kind = suffix(text)
    where = Place(offset + len(value) - len(parts[4]), len(data), encoding)
    return Document(where, kind, text if kind == "txt" else b"", tuple(parts[:4]))


def embedded(parent: Entry, limits: Limits) -> Callable[[Place, str], Entry]:
    """Return a function that makes an entry of a place and a name."""

    @cache
    def access() -> Callable[[], io.RawIOBase | io.BytesIO]:
        return random_access(parent, limits)

    def entry(where: Place, name: str) -> Entry:
        def opener() -> Stream:
            with access()() as file:
                file.seek(where.offset)
                data = bytearray()
                while len(data) < where.size and (more := file.read(where.size - len(data))):
                    data += more
            return Memory(decode(bytes(data), where.encoding))

        total = where.size * 3 // 4 if where.encoding == "base64" else where.size // 2
        return Entry(parent.outer, (*parent.members, name), max(1, total), opener, parent.meter)

    return entry
