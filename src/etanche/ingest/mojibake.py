"""Mojibake undone: UTF-8 that somebody read as if it were in a single byte, and stored so (`HÃ©lÃ¨ne`).

1. Clean text costs nothing: mojibake has two characters beyond ASCII side by side, of which the first is one of a few;
   only rows that hold such a pair are looked at, cell by cell (or finer: any of the usual delimiters parts them).
2. `ftfy.fix_encoding`, and nothing else of ftfy, undoes most of it, and leaves what makes sense as it stands.
3. What it leaves (CP850, which it does not know, `ÃŽle`, `o√π`) is undone here, where a run of characters beyond ASCII,
   put back into bytes, is UTF-8 of French letters and signs alone; up to three mishaps on top of one another.
4. A mended cell never has more delimiters, quotes or line breaks than it had: rows stay rows.
5. What was lost stays lost: a row with a question mark or U+FFFD in the place of a letter is counted, not mended.

    >>> mend_text("HÃ©lÃ¨ne;├ëvreux;Hélène")
    'Hélène;Évreux;Hélène'
"""

from __future__ import annotations

import re
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from etanche.ingest.limits import Note

if TYPE_CHECKING:
    from etanche.ingest.scan import Piece

_FIRST = "ÃÂÅâ├┬┼√≈¬‚ÔΓ"
_TELLTALE = re.compile(f"[{_FIRST}][^\\x00-\\x7f]|Ã ")
_LOST_A0 = "Ã ".encode()
_RUN = re.compile(r"[^\x00-\x7f]{2,}")
_THROUGH = ("cp1252", "latin-1", "cp850", "mac_roman", "cp437")
_LONELY = re.compile("(?<!\\w)Ã (?= |$)|(?<=[a-z])Ã (?= |$)")
_SEPARATORS = re.compile(r"([;,\t|\x1f])")
_FRENCH = frozenset("éàèêçùâîôûïëœüöäñáíóúæÿåøßãõÉÀÈÊÇÙÂÎÔÛÏËŒÜÖÄÑÁÍÓÚÆŸÅØÃÕ’‘“”«»°€…–—•²³µº·×½¼±§\xa0\u202f\u2011")
_TIMES = 3
"""How many mishaps on top of one another are undone."""
_QUESTION, _END = ord("?"), ord("\n")
_LEAD = 0xC0
"""From here on a byte begins a character of several."""
_LONGEST = 3
"""Bytes of the characters in `_FIRST`, at most."""
_REPLACED = "\ufffd".encode()
_WORD_LOSS = re.compile(rb"(?<![\w/=.&?-])[A-Za-z\x80-\xff]+(?:\?[A-Za-z\x80-\xff]+)+(?![\w/=.&?])|\xef\xbf\xbd")


def _first_bytes() -> NDArray[np.bool_]:
    """Return by the first two bytes of a character (as one number) whether it may begin mojibake."""
    table = np.zeros(1 << 16, np.bool_)
    for char in _FIRST:
        data = char.encode()
        table[data[0] << 8 | data[1]] = True
    return table


def _letters() -> NDArray[np.bool_]:
    """Return which bytes are part of letters: ASCII's, and all above."""
    return np.array([byte >= 0x80 or chr(byte).isalpha() for byte in range(256)])


_MAY_BEGIN = _first_bytes()
_LETTER = _letters()


class Mender:
    """Mends rows on their way, and counts."""

    def __init__(self) -> None:
        self.mended = 0
        """Rows in which mojibake was undone."""
        self.lossy = 0
        """Rows in which letters are lost."""

    def piece(self, piece: Piece) -> Piece:
        """Return a piece with mojibake undone."""
        chunks = [self.mend(chunk) for chunk in piece.chunks]
        same = all(new is old for new, old in zip(chunks, piece.chunks, strict=True))
        return piece if same else replace(piece, chunks=chunks)

    def mend(self, chunk: bytes) -> bytes:
        """Return rows (UTF-8, each ended by LF) with mojibake undone."""
        asked = b"?" in chunk
        if not asked and chunk.isascii():
            return chunk
        a = np.frombuffer(chunk, np.uint8)
        # One byte is found ten times as fast as three.
        replaced = _REPLACED[:1] in chunk and _REPLACED in chunk
        if asked or replaced:
            self._count_lossy(chunk, a, replaced=replaced)
        places = _telltales(chunk, a)
        return self._mend_lines(chunk, a, places) if len(places) else chunk

    def notes(self) -> list[Note]:
        """Return what there is to say."""
        counts = {"mojibake_mended": self.mended, "letters_lost": self.lossy}
        return [Note(code, (("rows", rows),)) for code, rows in counts.items() if rows]

    def _mend_lines(self, chunk: bytes, a: NDArray[np.uint8], places: NDArray[np.intp]) -> bytes:
        ends = np.flatnonzero(a == _END)
        pieces: list[bytes] = []
        at = 0
        for line in np.unique(np.searchsorted(ends, places)).tolist():
            start, end = _bounds(ends, line, len(chunk))
            text = chunk[start:end].decode("utf-8", "surrogatepass")
            mended = "".join(map(_mend_cell, _SEPARATORS.split(text)))
            if mended != text:
                self.mended += 1
                pieces += (chunk[at:start], mended.encode("utf-8", "surrogatepass"))
                at = end
        return b"".join((*pieces, chunk[at:])) if pieces else chunk

    def _count_lossy(self, chunk: bytes, a: NDArray[np.uint8], *, replaced: bool) -> None:
        """Count rows that hold a question mark inside a word, or U+FFFD."""
        asked = np.flatnonzero(a == _QUESTION)
        asked = asked[(asked > 0) & (asked < len(a) - 1)]
        asked = asked[_LETTER[a[asked - 1]] & _LETTER[a[asked + 1]]]
        places = np.concatenate((asked, np.flatnonzero(a == _REPLACED[0]))) if replaced else asked
        if not len(places):
            return
        ends = np.flatnonzero(a == _END)
        for line in np.unique(np.searchsorted(ends, places)).tolist():
            start, end = _bounds(ends, line, len(chunk))
            # Not an address on the web, where a question mark has its own meaning.
            self.lossy += _WORD_LOSS.search(chunk, start, end) is not None


def _bounds(ends: NDArray[np.intp], line: int, size: int) -> tuple[int, int]:
    """Return where a line begins and ends."""
    return (int(ends[line - 1]) + 1 if line else 0), (int(ends[line]) if line < len(ends) else size)


def _telltales(chunk: bytes, a: NDArray[np.uint8]) -> NDArray[np.intp]:
    """Return the places of characters that may begin mojibake: those beyond ASCII with another one right after them."""
    if chunk.isascii() or len(a) < _LONGEST:
        return np.empty(0, np.intp)
    leads = np.flatnonzero(a[: 1 - _LONGEST] >= _LEAD)
    beside = (a[leads + 2] >= _LEAD) | (a[np.minimum(leads + _LONGEST, len(a) - 1)] >= _LEAD)
    places = leads[beside]
    found: NDArray[np.intp] = places[_MAY_BEGIN[a[places].astype(np.uint16) << 8 | a[places + 1]]]
    # Of `Ã` and a space that does not break, careless programs leave `Ã` and a space that does.
    if _LOST_A0[1:2] in chunk and _LOST_A0 in chunk:
        lonely = np.flatnonzero((a[:-2] == _LOST_A0[0]) & (a[1:-1] == _LOST_A0[1]) & (a[2:] == _LOST_A0[2]))
        found = np.union1d(found, lonely)
    return found


def mend_text(text: str) -> str:
    """Return text with mojibake undone between any of the usual delimiters."""
    if not _TELLTALE.search(text):
        return text
    return "".join(map(_mend_cell, _SEPARATORS.split(text)))


@lru_cache(maxsize=1 << 16)
def _mend_cell(cell: str) -> str:
    if not _TELLTALE.search(cell):
        return cell
    # A space that does not break became one that does; what follows `à` is another.
    mended = _LONELY.sub("à", cell)
    for _ in range(_TIMES):
        before = mended
        mended = _ftfy(_RUN.sub(_undo, mended))
        if mended == before:
            break
    return mended if _harmless(cell, mended) else cell


def _ftfy(text: str) -> str:
    import ftfy  # noqa: PLC0415 - slow to load, and clean text never needs it

    options: dict[str, Any] = {"replace_lossy_sequences": False}
    return ftfy.fix_encoding(text, **options)


def _undo(match: re.Match[str]) -> str:
    """Undo UTF-8 read in a single byte, in a run of characters beyond ASCII."""
    if not any(c in match[0] for c in _FIRST):
        return match[0]
    for encoding in _THROUGH:
        mended = match[0]
        for _ in range(_TIMES):
            try:
                mended = _bytes(mended, encoding).decode()
            except UnicodeError:
                break
            if _FRENCH.issuperset(mended):
                return mended
    return match[0]


def _bytes(text: str, encoding: str) -> bytes:
    """Encode text; what CP1252 leaves undefined comes from readers that take it for a control character."""
    if encoding != "cp1252":
        return text.encode(encoding)
    return b"".join(bytes((ord(c),)) if "\x80" <= c <= "\x9f" else c.encode(encoding) for c in text)


def _harmless(before: str, after: str) -> bool:
    """Tell whether mending changed nothing that rows and cells hang on, and lost nothing."""
    return all(after.count(c) <= before.count(c) for c in '"\n\r\0\ufffd;,\t|\x1f')
