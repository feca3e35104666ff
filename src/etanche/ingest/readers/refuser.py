"""The refuser: knows by sight what no reader reads yet, and says so by name.

It bids 0.6: more than delimited text, which would make nonsense of a dump or a PDF; less than any reader that
recognises its own format, so that the day one is added the refuser steps back by itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from etanche.errors import ExitCode, UserError
from etanche.ingest.bids import Bid, Head
from etanche.ingest.entries import Entry
from etanche.ingest.limits import Limits
from etanche.ingest.office import is_office

NAME = "refuser"
_SCORE = 0.6

_MAGIC: tuple[tuple[int, bytes, str], ...] = (
    (0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "Office 97-2003"),
    (0, b"PAR1", "Parquet"),
    (0, b"7z\xbc\xaf\x27\x1c", "7z"),
    (0, b"Rar!\x1a\x07", "RAR"),
    (0, b"BZh", "bzip2"),
    (0, b"\xfd7zXZ\0", "xz"),
    (0, b"\x28\xb5\x2f\xfd", "Zstandard"),
    (257, b"ustar", "tar"),
    (4, b"Standard Jet DB", "Access"),
    (4, b"Standard ACE DB", "Access"),
    (0, b"\x89PNG\r\n", "PNG"),
    (0, b"\xff\xd8\xff", "JPEG"),
    (0, b"GIF8", "GIF"),
    (0, b"\x7fELF", "ELF"),
    (0, b"MZ\x90\0", "EXE"),
    (0, b"age-encryption.org/", "age"),
    (0, b"-----BEGIN PGP", "PGP"),
    (0, b"-----BEGIN AGE", "age"),
    (0, b"TAPE\0", "SQL Server (.bak)"),
    (0, b"\x01\x0f\0\0", "SQL Server (.mdf)"),
)
_TEXT: tuple[tuple[re.Pattern[bytes], str], ...] = (
    (re.compile(rb"\s*(?:<!doctype html|<html[\s>])", re.IGNORECASE), "HTML"),
)


def bid(head: Head) -> Bid:
    """Bid on a known signature."""
    return Bid(_SCORE, "known_format") if known(head) else Bid(0, "unknown")


def known(head: Head) -> str:
    """Return the name of the format that the first bytes show, or an empty string."""
    data = head.data
    for offset, magic, name in _MAGIC:
        if data.startswith(magic, offset):
            return name
    if data.startswith(b"PK\x03\x04") and is_office(data):
        return "Office"
    for pattern, name in _TEXT:
        if pattern.match(data[:4096].removeprefix(b"\xef\xbb\xbf")):
            return name
    return ""


def tables(entry: Entry, _limits: Limits) -> Iterator[Entry]:
    """Raise the `UserError` that names the format."""
    raise UserError(
        "ingest_format",
        ExitCode.UNREADABLE,
        path="!".join((entry.outer.shown, *entry.members)),
        format=known(Head(entry.name, entry.head())),
    )
    yield entry  # a generator like every other reader's
