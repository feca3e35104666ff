"""Which encoding a French file is in, and how bytes become text.

The rules, in the order in which they apply:

1. A byte-order mark decides.
2. UTF-16 without mark: every second byte of Latin text is NUL.
3. No byte above 0x7f anywhere: ASCII, called UTF-8.
4. UTF-8 when most of the lines that hold such bytes are valid UTF-8 (a few lines in another encoding do not count
   against it: they are decoded one by one, and counted).
5. Else each single-byte encoding is scored on the letters it makes of those bytes: how common in French, and whether
   small letters stand among small ones and capitals among capitals.  Ties go to the more common encoding.

Frequencies: French letters with accents, per 10,000 letters, rounded from counts of Wikipedia's French articles
(public figures of "Fréquence d'apparition des lettres"); capitals are taken as likely as small letters are where the
neighbours are capitals.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

BOMS: tuple[tuple[bytes, str], ...] = (
    (b"\xef\xbb\xbf", "utf-8"),
    (b"\xff\xfe\x00\x00", "utf-32-le"),
    (b"\x00\x00\xfe\xff", "utf-32-be"),
    (b"\xff\xfe", "utf-16-le"),
    (b"\xfe\xff", "utf-16-be"),
)
SINGLE_BYTE = ("cp1252", "iso8859-15", "cp850", "mac_roman", "cp437", "cp1250")
"""Candidates for text that is not UTF-8, the more common first."""

_PER_10000 = {
    "é": 194,
    "à": 49,
    "è": 31,
    "ê": 23,
    "ç": 9,
    "ù": 6,
    "â": 5,
    "î": 5,
    "ô": 5,
    "û": 3,
    "ï": 2,
    "ë": 1.5,
    "œ": 2,
    "ü": 0.5,
    "ö": 0.5,
    "ä": 0.3,
    "ñ": 0.3,
    "á": 0.2,
    "í": 0.2,
    "ó": 0.2,
    "ú": 0.1,
    "æ": 0.1,
    "ÿ": 0.1,
    "š": 0.02,
    "ž": 0.02,
    "ã": 0.03,
    "õ": 0.02,
    "ø": 0.03,
    "å": 0.03,
    "ß": 0.03,
}
_SYMBOLS = {
    "’": 20,
    "«": 5,
    "»": 5,
    "°": 8,
    "€": 4,
    "\xa0": 8,
    "–": 3,
    "…": 2,
    "‘": 1,
    "“": 2,
    "”": 2,
    "²": 1,
    "µ": 1,
    "—": 1,
}
_RARE = math.log(0.002)
_INNER = frozenset("’-'")


def bom(head: bytes) -> tuple[str, int]:
    """Return the encoding a byte-order mark names and the mark's length, or ("", 0)."""
    for mark, encoding in BOMS:
        if head.startswith(mark):
            return encoding, len(mark)
    return "", 0


def wide(head: bytes) -> str:
    """Return "utf-16-le" or "utf-16-be" for UTF-16 without a mark (Latin text has NUL as every second byte), or ""."""
    sample = head[: min(len(head), 4096) & ~1]
    if len(sample) < 4:
        return ""
    half = len(sample) // 2
    even, odd = sample[::2].count(0), sample[1::2].count(0)
    if odd > 0.6 * half and even < 0.1 * half:
        return "utf-16-le"
    if even > 0.6 * half and odd < 0.1 * half:
        return "utf-16-be"
    return ""


def unit(encoding: str) -> int:
    """Return how many bytes the encoding's unit has: 1, 2 or 4."""
    return {"utf-16-le": 2, "utf-16-be": 2, "utf-32-le": 4, "utf-32-be": 4}.get(encoding, 1)


def line_ends(data: bytes, encoding: str, eol: int) -> NDArray[np.intp]:
    """Return the offsets just after each line end (LF; CR as well when `eol` is 13).

    In UTF-16 a line end is found at odd offsets too: in Latin text its two bytes stand nowhere else, and after a byte
    was lost every line would else be lost with it.
    """
    step = unit(encoding)
    if step == 2:
        a = np.frombuffer(data, np.uint8)
        low, high = (a[1:], a[:-1]) if encoding.endswith("be") else (a[:-1], a[1:])
        found = ((low == 10) | (low == 13) if eol == 13 else low == 10) & (high == 0)
        return np.flatnonzero(found) + 2
    order = ">" if encoding.endswith("be") else "<"
    units = np.frombuffer(data[: len(data) - len(data) % step], f"{order}u{step}")
    found = (units == 10) | (units == 13) if eol == 13 else units == 10
    return (np.flatnonzero(found) + 1) * step


def choose(lines: Iterable[bytes]) -> tuple[str, str]:
    """Return the encoding of lines, and the one to try on a line that is not in it.

    `lines` should be lines from the whole file that hold bytes above 0x7f; others say nothing.
    """
    telling = [line for line in lines if not line.isascii()]
    if not telling:
        return "utf-8", "cp1252"
    foreign = [line for line in telling if not valid(line, "utf-8")]
    if len(foreign) * 2 < len(telling):
        return "utf-8", single_byte(foreign) if foreign else "cp1252"
    return single_byte(foreign), "utf-8"


def valid(data: bytes, encoding: str) -> bool:
    """Tell whether bytes decode."""
    try:
        data.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def single_byte(lines: Iterable[bytes]) -> str:
    """Return the single-byte encoding whose text looks most like French."""
    contexts: Counter[tuple[int, str, str]] = Counter()
    for line in lines:
        for match in re.finditer(rb"[\x80-\xff]", line):
            at = match.start()
            contexts[line[at], chr_at(line, at - 1), chr_at(line, at + 1)] += 1
    scores = {encoding: _score(contexts, encoding) for encoding in SINGLE_BYTE}
    return max(scores, key=lambda encoding: scores[encoding])


def chr_at(line: bytes, at: int) -> str:
    """Return the ASCII character at a place; "" outside the line, "\\x80" for a byte above 0x7f."""
    if not 0 <= at < len(line):
        return ""
    return chr(min(line[at], 0x80))


def _score(contexts: Counter[tuple[int, str, str]], encoding: str) -> float:
    """Return how likely the bytes are in an encoding; repeats count by their square root (a word is one vote)."""
    total = 0.0
    for (byte, before, after), times in contexts.items():
        try:
            char = bytes((byte,)).decode(encoding)
        except UnicodeDecodeError:
            total -= 12 * math.sqrt(times)
            continue
        total += _likelihood(char, before, after) * math.sqrt(times)
    return total


def _likelihood(char: str, before: str, after: str) -> float:
    """Return how likely a character is between two ASCII neighbours (natural logarithm, about -9 to 5)."""
    neighbours = [c for c in (before, after) if c.isascii() and c.isalpha()]
    if char.isalpha() and char not in "ªº":
        score = math.log(_PER_10000.get(char.lower(), 0.002))
        if neighbours:
            small = sum(c.islower() for c in neighbours)
            if char.islower() and small < len(neighbours):
                # A small letter that ends a word after one capital is a short name ("Aÿ").
                score -= 4 * (len(neighbours) - small) if after.isalpha() or small else 1.5
            elif char.isupper() and before.islower():
                score -= 6
            elif char.isupper() and small and before.isalpha():
                score -= 3
        elif char.isupper():
            score -= 1
        if before.isdigit() or after.isdigit():
            score -= 3
        return score
    if char.isprintable() or char == "\xa0":
        score = math.log(_SYMBOLS.get(char, 0.01))
        inside = len(neighbours) == 2 and char not in _INNER
        return score - 5 if inside else score
    return _RARE - 6


def mixed(line: bytes, encoding: str, other: str, delimiter: bytes) -> str | None:
    """Decode a line that is not in the file's encoding: whole in the other, else by cell; None when neither."""
    for candidate in (encoding, other):
        if candidate == "utf-8" and valid(line, candidate):
            return line.decode(candidate)
    cells: list[str] = []
    for cell in line.split(delimiter):
        for candidate in sorted({encoding, other}, key=lambda name: name != "utf-8"):
            if valid(cell, candidate):
                cells.append(cell.decode(candidate))
                break
        else:
            return None
    return delimiter.decode("ascii").join(cells)


def transcode(data: bytes, encoding: str) -> bytes:
    """Return bytes as UTF-8.  Raises `UnicodeDecodeError` at the first byte that is not in the encoding."""
    if data.isascii():
        return data
    if encoding == "utf-8":
        data.decode()
        return data
    if encoding == "cp1252" and not (np.frombuffer(data, np.int8) < -96).any():
        # Without 0x80-0x9f the two are the same, and CPython decodes latin-1 faster.
        return data.decode("latin-1").encode()
    return data.decode(encoding).encode()
