"""Text in wide units, narrowed to UTF-8 line by line."""

from __future__ import annotations

import itertools

from etanche.ingest.encodings import line_ends, unit


def narrowed(raw: bytes, encoding: str, eol: int) -> tuple[bytes, list[int], set[int]]:
    """Decode a block of UTF-16 or UTF-32, by line where it must be.

    Returns the text as UTF-8 with LF, where the raw lines end, and the indices of lines that do not decode, each of
    which becomes a lone NUL.
    """
    found: list[int] = line_ends(raw, encoding, eol).tolist()
    ends = found if found and found[-1] == len(raw) else [*found, len(raw)]
    # A line of odd length has lost a byte: the lines after it are sound, but only when each is decoded by itself.
    if not any(end % unit(encoding) for end in ends):
        try:
            return _utf8(raw, encoding, eol), ends, set()
        except UnicodeError:
            pass
    pieces: list[bytes] = []
    unreadable: set[int] = set()
    for index, (start, end) in enumerate(itertools.pairwise([0, *ends])):
        try:
            pieces.append(_utf8(raw[start:end], encoding, eol))
        except UnicodeError:
            unreadable.add(index)
            pieces.append(b"\0\n" if index < len(found) else b"\0")
    return b"".join(pieces), ends, unreadable


def _utf8(raw: bytes, encoding: str, eol: int) -> bytes:
    text = raw.decode(encoding)
    return (text.replace("\r", "\n") if eol == 13 else text).encode()
