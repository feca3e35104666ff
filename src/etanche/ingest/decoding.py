"""How the lines of a file become text when they are not all in one encoding.

1. A line that is UTF-8 is UTF-8, whatever the file is said to be: French in a single byte does not look so by chance.
2. Else a line is in the encoding it is most likely in (`encodings.likelihoods`), that of the file first, then those
   that other lines of the file are in.  What a line becomes never depends on the lines before it, nor on who asks: a
   line without a byte that French hardly uses in the file's encoding is in that, and is not judged at all.
3. Where the cells of a line disagree, each is decoded by itself.
4. A line that is in none has no text: it is set aside.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray

from etanche.ingest.encodings import SINGLE_BYTE, likelihoods, looks_utf8, unit, valid, worst

_SAID, _OWN, _KNOWN = 12.0, 5.0, 3.0
"""How much likelier (natural logarithm) the encoding is that a file says, that it seems to be in, and one met in it."""
_DISAGREES = 9.0
"""By how much a cell must speak for another encoding than its line to be decoded in that."""
_PAIR = re.compile(rb"[\xc2-\xc5][\x80-\xbf]|\xe2[\x80-\x84][\x80-\xbf]")
_COMMON = frozenset("éèêàçâîôûùïëœüöÉÈÊÀÇÂÎÔÛÙÏËŒÜÖ’«»°\xa0²µ")


class Decoder:
    """Decodes the lines of one file."""

    def __init__(self, encoding: str, others: Sequence[str], delimiter: bytes = b";", *, said: bool = False) -> None:
        """`others`: what lines that are not in `encoding` are known to be in; `delimiter` separates cells.

        `said`: the file itself names its encoding (a dump's SET NAMES), and nothing speaks against it.
        """
        self.encoding, self._delimiter = encoding, delimiter
        self.mixed = encoding != "utf-8" and any(other != "utf-8" for other in others)
        """Lines of a single-byte file must all be looked at."""
        self._bonus = dict.fromkeys(SINGLE_BYTE, 0.0)
        self._bonus.update(dict.fromkeys((other for other in others if other != "utf-8"), _KNOWN))
        self._odd: re.Pattern[bytes] | None = None
        """What makes a line suspect."""
        if encoding in self._bonus:
            self._bonus[encoding] = _SAID if said else _KNOWN if self.mixed else _OWN
            self._odd = None if self.mixed else _suspect(encoding)

    def suspects(self, a: NDArray[np.uint8]) -> NDArray[np.intp]:
        """Return the places of bytes that may belong to lines not in the file's single-byte encoding."""
        high = np.flatnonzero(a.view(np.int8) < 0)
        if self.mixed:
            return high
        odd = _odd(self.encoding)[a[high]]
        follow = (a[high] < 0xC0) & (a[high - 1] >= 0xC2)
        return high[odd | follow]

    def lenient(self, data: bytes, eol: int) -> str:
        """Return the text of whole lines, for looking at: each in its own encoding, what is in none replaced.

        `eol`: what ends lines, 10 or 13.
        """
        if data.isascii() or unit(self.encoding) > 1:
            return data.decode(self.encoding, "replace")
        a = np.frombuffer(data, np.uint8)
        if self.encoding == "utf-8":
            if valid(data, "utf-8"):
                return data.decode()
            places = np.flatnonzero(a.view(np.int8) < 0)
        else:
            places = self.suspects(a)
        pieces: list[str] = []
        at = 0
        ends = np.append(np.flatnonzero(a == eol), len(a))
        for line in np.unique(np.searchsorted(ends, places)).tolist():
            start, end = int(ends[line - 1]) + 1 if line else 0, int(ends[line])
            found = self.decode(data[start:end])
            if found is not None:
                pieces += (data[at:start].decode(self.encoding, "replace"), found[0])
                at = end
        return "".join((*pieces, data[at:].decode(self.encoding, "replace")))

    def decode(self, line: bytes) -> tuple[str, str] | None:
        """Return a line's text and the encoding it is in, or one that cells of it are in where the file's is not.

        None for a line that is in no encoding.
        """
        if line.isascii():
            return line.decode("ascii"), self.encoding
        if self._odd is not None and not self._odd.search(line):
            return line.decode(self.encoding), self.encoding
        whole = self._whole(line)
        found = (line.decode(whole), whole) if whole else self._by_cell(line)
        if found and found[1] != self.encoding and valid(line, self.encoding):
            # Encodings that agree on all that the line holds are one.
            return (found[0], self.encoding) if line.decode(self.encoding) == found[0] else found
        return found

    def _whole(self, line: bytes) -> str:
        """Return the encoding of all of a line, "" when its cells must be looked at."""
        if looks_utf8(line) or (self.encoding == "utf-8" and valid(line, "utf-8")):
            return "utf-8"
        if _PAIR.search(line):
            return ""
        best = self._best(line)
        cells = [cell for cell in line.split(self._delimiter) if not cell.isascii()]
        agreed = best and (len(cells) == 1 or all(self._agrees(cell, best) for cell in cells))
        return best if agreed else ""

    def _agrees(self, cell: bytes, encoding: str) -> bool:
        """Tell whether a cell may be in the encoding of its line; what no other line is in must say so louder."""
        scores = self._scores(cell)
        return max(scores) - scores[SINGLE_BYTE.index(encoding)] < _DISAGREES

    def _by_cell(self, line: bytes) -> tuple[str, str] | None:
        """Decode a line by cell."""
        cells = line.split(self._delimiter)
        utf8 = [cell.isascii() or looks_utf8(cell) for cell in cells]
        rest = b" ".join(cell for cell, is_utf8 in zip(cells, utf8, strict=True) if not is_utf8)
        best = self._best(rest)
        used = self.encoding
        texts: list[str] = []
        for cell, is_utf8 in zip(cells, utf8, strict=True):
            encoding = "utf-8" if is_utf8 else best if best and self._agrees(cell, best) else self._best(cell)
            if not encoding or not valid(cell, encoding):
                return None
            texts.append(cell.decode(encoding))
            used = encoding if encoding != self.encoding and not cell.isascii() else used
        return self._delimiter.decode("ascii").join(texts), used

    def _best(self, data: bytes) -> str:
        """Return the likeliest encoding, "" for none; the file's own when nothing is likely but it decodes."""
        scores = self._scores(data)
        top = max(range(len(scores)), key=scores.__getitem__)
        name = SINGLE_BYTE[top]
        if scores[top] > worst(data) and valid(data, name):
            return name
        return self.encoding if self.encoding in self._bonus and valid(data, self.encoding) else ""

    def _scores(self, data: bytes) -> list[float]:
        """Return how likely bytes are in each single-byte encoding, those of the file preferred."""
        return [score + self._bonus[name] for score, name in zip(likelihoods(data), SINGLE_BYTE, strict=True)]


@cache
def _odd(encoding: str) -> NDArray[np.bool_]:
    """Return for each byte whether it is rare in French of an encoding."""
    chars = [bytes((byte,)).decode(encoding, "replace") for byte in range(256)]
    return np.array([not char.isascii() and char not in _COMMON for char in chars])


@cache
def _suspect(encoding: str) -> re.Pattern[bytes]:
    """Return what `Decoder.suspects` finds, for one line."""
    odd = b"".join(b"\\x%02x" % byte for byte in np.flatnonzero(_odd(encoding)).tolist())
    return re.compile(b"[" + odd + rb"]|[\xc2-\xff][\x80-\xbf]")
