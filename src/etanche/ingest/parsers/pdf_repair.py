"""A PDF whose end is lost, made readable again: what tells where its objects are stands at the end (ISO 32000, 7.5).

1. Whole objects are looked for one by one, those in object streams too; what comes last of a number counts.
2. Pages hang on a new tree, in the order in which they stand in the file; the old tree may be cut.
3. Memory is bounded: files of more than `MOST` bytes, and object streams that unpack to more, are left alone.
"""

from __future__ import annotations

import re
import zlib

MOST = 256 << 20
_HEADER = re.compile(rb"(?<![0-9])(\d{1,9})[ \t\r\n]+(\d{1,5})[ \t\r\n]+obj\b")
_PAGE = re.compile(rb"/Type[ \t\r\n]*/Page(?![A-Za-z])")
_PAGES = re.compile(rb"/Type[ \t\r\n]*/Pages\b")
_PARENT = re.compile(rb"/Parent[ \t\r\n]+\d+[ \t\r\n]+\d+[ \t\r\n]+R")
_INHERITED = re.compile(rb"/(?:Resources|MediaBox)[ \t\r\n]*(?:\d+[ \t\r\n]+\d+[ \t\r\n]+R|\[[^\]]{0,200}\])")
_STREAMS = re.compile(rb"/Type[ \t\r\n]*/(?:ObjStm|XRef)\b")
_NUMBER = {name: re.compile(rb"/" + name + rb"[ \t\r\n]+(\d{1,9})") for name in (b"N", b"First")}


def repaired(data: bytes) -> bytes | None:
    """Return a PDF of the whole objects in `data`, None when none of them is a page (or all are encrypted)."""
    if b"/Encrypt" in data or len(data) > MOST:
        return None
    objects = _objects(data)
    pages = [number for number, body in objects.items() if _PAGE.search(_dictionary(body))]
    if not pages:
        return None
    tree, catalog = max(objects) + 1, max(objects) + 2
    inherited: dict[bytes, bytes] = {}
    for body in objects.values():
        if _PAGES.search(_dictionary(body)):
            inherited |= {found.split(b" ")[0][:10]: found for found in _INHERITED.findall(body)}
    for number in pages:
        body = objects[number]
        parent = b"/Parent %d 0 R" % tree
        objects[number] = _PARENT.sub(parent, body, count=1)
    kids = b" ".join(b"%d 0 R" % number for number in pages)
    attributes = b" ".join(inherited.values())
    objects[tree] = b"<< /Type /Pages /Kids [%b] /Count %d %b >>" % (kids, len(pages), attributes)
    objects[catalog] = b"<< /Type /Catalog /Pages %d 0 R >>" % tree
    return _written(objects, catalog)


def _dictionary(body: bytes) -> bytes:
    """Return an object without its stream."""
    return body.partition(b"stream")[0]


def _objects(data: bytes) -> dict[int, bytes]:
    """Return the whole objects by number."""
    found: dict[int, bytes] = {}
    at = unpacked = 0
    while match := _HEADER.search(data, at):
        end = data.find(b"endobj", match.end())
        if end < 0:
            break
        body = data[match.end() : end].strip()
        at = end + 6
        if not _STREAMS.search(_dictionary(body)):
            found.pop(int(match.group(1)), None)
            found[int(match.group(1))] = body
            continue
        inner = _unpacked(body)
        unpacked += sum(map(len, inner.values()))
        if unpacked < MOST:
            found |= inner
    return found


def _unpacked(body: bytes) -> dict[int, bytes]:
    """Return the objects of an object stream, none where it cannot be read."""
    head, _, rest = body.partition(b"stream")
    counts = {name: pattern.search(head) for name, pattern in _NUMBER.items()}
    many, first = counts[b"N"], counts[b"First"]
    if many is None or first is None or b"/ObjStm" not in head:
        return {}
    packed = rest.lstrip(b"\r\n").removesuffix(b"endstream")
    try:
        text = zlib.decompressobj().decompress(packed, MOST) if b"/FlateDecode" in head else packed
    except zlib.error:
        return {}
    start = int(first.group(1))
    try:
        numbers = [int(word) for word in text[:start].split()[: 2 * int(many.group(1))]]
    except ValueError:
        return {}
    places = [*numbers[1::2], len(text) - start]
    return {number: text[start + places[k] : start + places[k + 1]].strip() for k, number in enumerate(numbers[:-1:2])}


def _written(objects: dict[int, bytes], catalog: int) -> bytes:
    """Return the file that objects make."""
    out = bytearray(b"%PDF-1.7\n")
    rows = [b"0000000000 65535 f \n"] * (max(objects) + 1) if max(objects) < 1_000_000 else []
    for number, body in objects.items():
        if rows:
            rows[number] = b"%010d 00000 n \n" % len(out)
        out += b"%d 0 obj\n%b\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 %d\n" % len(rows) + b"".join(rows)
    out += b"trailer\n<< /Size %d /Root %d 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (max(objects) + 1, catalog, start)
    return bytes(out)
