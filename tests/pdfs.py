"""PDF files for tests: text in Helvetica, ruled tables, and a password (standard security handler, RC4 of 128 bits)."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

_PAD = bytes.fromhex("28BF4E5E4E758A4164004E56FFFA01082E2E00B6D0683E802F0CA9FE6453697A")
_ID = b"0123456789abcdef"


def lines(texts: Sequence[str], top: int = 780) -> str:
    """Return the operators that write lines of text from the top of a page."""
    shown = "".join(f"({_escaped(text)}) Tj 0 -14 Td " for text in texts)
    return f"BT /F1 10 Tf 50 {top} Td {shown}ET\n"


def grid(rows: Sequence[Sequence[str]], top: int = 600, left: int = 50, width: int = 110, height: int = 20) -> str:
    """Return the operators that draw a ruled table."""
    right, bottom = left + width * len(rows[0]), top - height * len(rows)
    found = [f"{left} {top - k * height} m {right} {top - k * height} l S" for k in range(len(rows) + 1)]
    found += [f"{left + k * width} {top} m {left + k * width} {bottom} l S" for k in range(len(rows[0]) + 1)]
    for r, row in enumerate(rows):
        for c, cell in enumerate(row):
            x, y = left + c * width + 4, top - (r + 1) * height + 6
            found.append(f"BT /F1 9 Tf {x} {y} Td ({_escaped(cell)}) Tj ET")
    return "\n".join(found) + "\n"


def pdf(pages: Sequence[str], password: str = "") -> bytes:
    """Return a PDF of pages of operators."""
    key = _key(password) if password else b""
    kids = " ".join(f"{4 + 2 * k} 0 R" for k in range(len(pages)))
    objects: list[bytes] = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>".encode(),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    ]
    for k, page in enumerate(pages):
        number = 5 + 2 * k
        data = page.encode("cp1252")
        if key:
            data = _rc4(hashlib.md5(key + number.to_bytes(3, "little") + b"\0\0", usedforsecurity=False).digest(), data)
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents {number} 0 R"
            " /Resources << /Font << /F1 3 0 R >> >> >>".encode()
        )
        objects.append(b"<< /Length %d >>\nstream\n%b\nendstream" % (len(data), data))
    trailer = f"/Root 1 0 R /ID [<{_ID.hex()}> <{_ID.hex()}>]"
    if key:
        owner, user = _owner(password), _user(key)
        objects.append(
            f"<< /Filter /Standard /V 2 /R 3 /Length 128 /P -4 /O <{owner.hex()}> /U <{user.hex()}> >>".encode()
        )
        trailer += f" /Encrypt {len(objects)} 0 R"
    out = bytearray(b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n")
    offsets = []
    for number, body in enumerate(objects, start=1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%b\nendobj\n" % (number, body)
    start = len(out)
    out += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode()
    out += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    out += f"trailer\n<< /Size {len(objects) + 1} {trailer} >>\nstartxref\n{start}\n%%EOF\n".encode()
    return bytes(out)


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")


def _rc4(key: bytes, data: bytes) -> bytes:
    state = list(range(256))
    j = 0
    for i in range(256):
        j = (j + state[i] + key[i % len(key)]) % 256
        state[i], state[j] = state[j], state[i]
    i = j = 0
    out = bytearray()
    for byte in data:
        i = (i + 1) % 256
        j = (j + state[i]) % 256
        state[i], state[j] = state[j], state[i]
        out.append(byte ^ state[(state[i] + state[j]) % 256])
    return bytes(out)


def _md5(data: bytes, times: int = 1) -> bytes:
    for _ in range(times):
        data = hashlib.md5(data, usedforsecurity=False).digest()
    return data


def _rounds(key: bytes, data: bytes) -> bytes:
    for k in range(20):
        data = _rc4(bytes(byte ^ k for byte in key), data)
    return data


def _owner(password: str) -> bytes:
    return _rounds(_md5((password.encode() + _PAD)[:32], 51), (password.encode() + _PAD)[:32])


def _key(password: str) -> bytes:
    start = (password.encode() + _PAD)[:32] + _owner(password) + (0xFFFFFFFC).to_bytes(4, "little") + _ID
    return _md5(start, 51)


def _user(key: bytes) -> bytes:
    return _rounds(key, _md5(_PAD + _ID)) + b"\0" * 16
