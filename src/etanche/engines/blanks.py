"""Blanks at the edges of cells: which characters they are, and whether a text holds any there."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

BLANKS = " \t\n\r\v\f\x85\xa0\u1680\u2000\u2001\u2002\u2003\u2007\u2009\u200b\u202f\u3000\ufeff"
"""Characters that say nothing at the edge of a cell, non-breaking spaces and byte order marks included."""

_STEP = 128 << 10
"""Bytes looked at together: what fits the processor's cache is looked at several times for nothing.  Arrays of
twice the size are asked of the system anew each time, which takes longer than looking."""
_RARE = (b"\t", b"\v", b"\f", b"\r", b"\xe1", b"\xe3", b"\xef")
"""Blanks, or first bytes of blanks, that a French text hardly holds otherwise."""


def padded(data: bytes, delimiter: str) -> bool:
    """Tell whether any cell of a text may begin or end with a blank (a wide or rare one anywhere counts as one).

    Never false for a text that holds such a cell.  A search for each blank would read the text a dozen times; this
    looks at it in blocks that stay in the processor's cache.
    """
    separator = delimiter.encode()
    if any(rare in data for rare in _RARE if rare != separator):
        return True
    narrow, general = b"\xc2" in data, b"\xe2" in data
    text = np.frombuffer(data, np.uint8)
    if len(text) and (text[0] == 32 or text[-1] == 32):
        return True
    for start in range(0, len(text), _STEP):
        block = text[start : start + _STEP + 2]
        space = block == 32
        edge = block == separator[0]
        edge |= block == 10
        if (space[:-1] & edge[1:]).any() or (edge[:-1] & space[1:]).any():
            return True
        if (narrow and _holds_narrow(block)) or (general and _holds_general(block)):
            return True
    return False


def _holds_narrow(block: npt.NDArray[np.uint8]) -> bool:
    """Tell whether a block holds a blank of two bytes (U+0085, U+00A0)."""
    after = block[1:]
    found = after == 0x85
    found |= after == 0xA0
    found &= block[:-1] == 0xC2
    return bool(found.any())


def _holds_general(block: npt.NDArray[np.uint8]) -> bool:
    """Tell whether a block holds a blank of the general punctuation (U+2000 to U+200B, U+202F)."""
    leads = block[:-2] == 0xE2
    if not leads.any():
        return False
    places = np.flatnonzero(leads)
    second, third = block[places + 1], block[places + 2]
    return bool(((second == 0x80) & ((third <= 0x8B) | (third == 0xAF))).any())
