"""Which encoding a French file is in, and how bytes become text.

The rules, in the order in which they apply:

1. A byte-order mark decides.
2. UTF-16 and UTF-32 without mark: of Latin text every second byte is NUL, or three in four.
3. No byte above 0x7f anywhere: ASCII, called UTF-8.
4. UTF-8 when most of the lines that hold such bytes are valid UTF-8 (a few lines in another encoding do not count
   against it: they are decoded one by one, and counted).
5. Else each single-byte encoding is scored on the characters it makes of those bytes (`french`).  Ties go to the more
   common encoding.
6. Lines that are surely in another encoding than the rest make a file of several encodings: each line is then judged
   by itself, and by cell where its cells disagree.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from etanche.ingest.french import likelihood

BOMS: tuple[tuple[bytes, str], ...] = (
    (b"\xef\xbb\xbf", "utf-8"),
    (b"\xff\xfe\x00\x00", "utf-32-le"),
    (b"\x00\x00\xfe\xff", "utf-32-be"),
    (b"\xff\xfe", "utf-16-le"),
    (b"\xfe\xff", "utf-16-be"),
)
SINGLE_BYTE = ("cp1252", "iso8859-15", "cp850", "cp858", "mac_roman", "cp437", "cp1250")
"""Candidates for text that is not UTF-8, the more common first."""

_HIGH = bytes(range(0x80, 0x100))
_HIGH_BYTE = re.compile(rb"[\x80-\xff]")
_UNDEFINED = -14.0
_LATIN = -96
"""The byte 0xa0, from which on CP1252 is Latin-1, as a signed number."""
_SELDOM = 2_000
"""One byte in so many, at most, may be CP1252's own, for the others to be decoded as Latin-1."""

_PRIOR = {"cp1252": 0.0, "iso8859-15": -0.7, "cp850": -1.5, "cp858": -1.6, "mac_roman": -2.5, "cp437": -3.0}
_RARE = -6.0
"""Prior of the encodings that `_PRIOR` does not name."""
_SURE = 6.0
"""By how much (natural logarithm) a line must speak for another encoding to make a file one of several encodings."""
_WORST = -9.0
"""A line whose characters are less likely than this, on average, is in none of the encodings."""
_PLAUSIBLE = re.compile(r"(?:[^\u0180-\u07ff]|[\u0192\u02c6\u02dc\u0300-\u036f])*")
_RUN_OF_LETTERS = re.compile(r"[^\W\d_\x00-\u017f]{3}")


def bom(head: bytes) -> tuple[str, int]:
    """Return the encoding a byte-order mark names and the mark's length, or ("", 0)."""
    for mark, encoding in BOMS:
        if head.startswith(mark):
            return encoding, len(mark)
    return "", 0


def wide(head: bytes) -> str:
    """Return the encoding of a text of two or four bytes a character without a mark, or "".

    Of Latin text every second byte is NUL, or three in four.
    """
    sample = head[: min(len(head), 4096) & ~3] or head[:2]
    if len(sample) < 4:
        return ""
    quarter = len(sample) // 4
    zeros = [sample[k::4].count(0) for k in range(4)]
    if zeros[0] < 0.1 * quarter and min(zeros[2:]) > 0.9 * quarter:
        return "utf-32-le"
    if zeros[3] < 0.1 * quarter and min(zeros[:2]) > 0.9 * quarter:
        return "utf-32-be"
    even, odd = zeros[0] + zeros[2], zeros[1] + zeros[3]
    if odd > 1.2 * quarter and even < 0.2 * quarter:
        return "utf-16-le"
    return "utf-16-be" if even > 1.2 * quarter and odd < 0.2 * quarter else ""


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


@dataclass(frozen=True, slots=True)
class Choice:
    """The encoding of a file, and the single-byte ones its other lines are in, the most common first."""

    encoding: str
    others: tuple[str, ...]


def choose(lines: Iterable[bytes]) -> tuple[str, str]:
    """Return the encoding of lines, and the one to try on a line that is not in it."""
    choice = choose_all(lines)
    return choice.encoding, choice.others[0] if choice.others else "utf-8"


def choose_all(lines: Iterable[bytes]) -> Choice:
    """Return the encoding of lines, and those of the lines that are not in it.

    `lines` should be lines from the whole file that hold bytes above 0x7f; others say nothing.
    """
    telling = [line for line in lines if not line.isascii()]
    if not telling:
        return Choice("utf-8", ("cp1252",))
    foreign = [line for line in telling if not looks_utf8(line)]
    if len(foreign) * 2 < len(telling):
        return Choice("utf-8", mixture(foreign) if foreign else ("cp1252",))
    first, *rest = mixture(foreign)
    return Choice(first, tuple(rest))


def valid(data: bytes, encoding: str) -> bool:
    """Tell whether bytes decode."""
    try:
        data.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def looks_utf8(data: bytes) -> bool:
    """Tell whether bytes are UTF-8 that somebody wrote.

    `l'é` with its typographic apostrophe in Mac Roman is valid UTF-8 as well (an Armenian letter); a lone letter of
    a script that French does not use is no UTF-8, several in a row are.
    """
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return False
    return _PLAUSIBLE.fullmatch(text) is not None or _RUN_OF_LETTERS.search(text) is not None


def single_byte(lines: Iterable[bytes]) -> str:
    """Return the single-byte encoding whose text looks most like French.

    Repeats count by their square root: a word that recurs is one vote, not a thousand.
    """
    contexts: Counter[bytes] = Counter()
    for line in lines:
        contexts.update(_contexts(line))
    totals = _priors()
    for context, times in contexts.items():
        weight = math.sqrt(times)
        for index, vote in enumerate(_votes(context)):
            totals[index] += vote * weight
    return SINGLE_BYTE[totals.index(max(totals))]


def mixture(lines: Sequence[bytes]) -> tuple[str, ...]:
    """Return the single-byte encodings of lines: that of all of them, then those that some lines are surely in."""
    chosen = [single_byte(lines)]
    left = _doubtful(lines, chosen)
    if left:
        # Lines of several encodings: each has a say, but none more than another.
        chosen = [_most_lines(lines)]
        left = _doubtful(lines, chosen)
    while left:
        more = _most_lines(left)
        if more in chosen:
            break
        chosen.append(more)
        left = _doubtful(left, chosen)
    return tuple(chosen)


def _most_lines(lines: Sequence[bytes]) -> str:
    """Return the encoding that suits most lines, however badly it suits the others."""
    totals = _priors()
    for line in lines:
        scores = likelihoods(line)
        top = max(scores)
        totals = [total + max(score - top, -_SURE) for total, score in zip(totals, scores, strict=True)]
    return SINGLE_BYTE[totals.index(max(totals))]


def _doubtful(lines: Sequence[bytes], chosen: Sequence[str]) -> list[bytes]:
    """Return the lines that are surely in none of some encodings."""
    known = [SINGLE_BYTE.index(name) for name in chosen]
    left: list[bytes] = []
    for line in lines:
        scores = likelihoods(line)
        if max(scores) - max(scores[index] for index in known) > _SURE:
            left.append(line)
    return left


def worst(line: bytes) -> float:
    """Return the likelihood under which a line is in none of the encodings."""
    return _WORST * (len(line) - len(line.translate(None, _HIGH)))


def likelihoods(line: bytes) -> list[float]:
    """Return how likely a line is in each of `SINGLE_BYTE` (natural logarithm)."""
    totals = _priors()
    for context in _contexts(line):
        for index, vote in enumerate(_votes(context)):
            totals[index] += vote
    return totals


def _priors() -> list[float]:
    return [_PRIOR.get(encoding, _RARE) for encoding in SINGLE_BYTE]


def _contexts(line: bytes) -> list[bytes]:
    """Return each byte above 0x7f between its neighbours; a space stands for the edge of the line."""
    padded = b" " + line + b" "
    return [padded[match.start() - 1 : match.start() + 2] for match in _HIGH_BYTE.finditer(padded)]


@lru_cache(maxsize=1 << 16)
def _votes(context: bytes) -> tuple[float, ...]:
    """Return how likely the middle one of three bytes is in each of `SINGLE_BYTE`."""
    votes: list[float] = []
    for encoding in SINGLE_BYTE:
        text = context.decode(encoding, "replace")
        votes.append(_UNDEFINED if text[1] == "\ufffd" else likelihood(text[1], text[0], text[2]))
    return tuple(votes)


def transcode(data: bytes, encoding: str) -> bytes:
    """Return bytes as UTF-8.  Raises `UnicodeDecodeError` at the first byte that is not in the encoding."""
    if data.isascii():
        return data
    if encoding == "utf-8":
        data.decode()
        return data
    if encoding == "cp1252":
        own = np.flatnonzero(np.frombuffer(data, np.int8) < _LATIN)
        if len(own) < len(data) // _SELDOM:
            return _from_cp1252(data, own.tolist())
    return data.decode(encoding).encode()


def _from_cp1252(data: bytes, own: list[int]) -> bytes:
    """Return CP1252 as UTF-8; `own`: where it is not Latin-1, which CPython decodes in a fifteenth of the time."""
    pieces: list[bytes] = []
    at = 0
    for place in own:
        char = data[place : place + 1].decode("cp1252", "ignore")
        if not char:
            data.decode("cp1252")  # raises, and says where
        pieces += (data[at:place].decode("latin-1").encode(), char.encode())
        at = place + 1
    return b"".join((*pieces, data[at:].decode("latin-1").encode()))
