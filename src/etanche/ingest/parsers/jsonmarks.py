"""The structure of JSON text, found on the bytes: where strings are, how deep it is, where bare tokens stand.

1. A quote that an odd number of backslashes precedes is part of its string.
2. Outside strings `{[`, `}]`, `,` and `:` are marks; nothing else matters to where a record begins and ends.
3. Bare tokens other than null get quotes, so that a parser keeps them as they are written: 1.10,
   1e5, -0, 00612, 12345678901234567890, NaN, true.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

QUOTE, OPEN, CLOSE, COMMA, COLON = 1, 2, 3, 4, 5
_CODES = np.zeros(256, np.uint8)
for _codes, _chars in ((QUOTE, b'"'), (OPEN, b"{["), (CLOSE, b"}]"), (COMMA, b","), (COLON, b":")):
    _CODES[list(_chars)] = _codes
_DELTA = np.zeros(6, np.int32)
_DELTA[OPEN], _DELTA[CLOSE] = 1, -1
_SPACE = np.zeros(256, np.bool_)
_SPACE[list(b" \t\r\n")] = True
_OWN = np.zeros(256, np.bool_)
"""First bytes of values that need no quotes: strings, containers, null; and what is no value."""
_OWN[list(b'"{[}],:n \t\r\n')] = True
_STEPS = 16
"""White space up to here is passed over a byte at a time, which is quicker where there is little."""


@dataclass(slots=True)
class Marks:
    """The marks of some bytes that begin outside a string."""

    data: bytes = field(repr=False)
    array: NDArray[np.uint8] = field(repr=False)
    at: NDArray[np.int64]
    code: NDArray[np.uint8]
    depth: NDArray[np.int32]
    """Depth after each mark, the beginning being 0."""
    open: bool
    """Whether the bytes end within a string."""

    def level(self) -> tuple[NDArray[np.int64], bool]:
        """Return where the commas of depth 0 are, with the bracket that closes this level as the last if it does."""
        closing = self.depth < 0
        if not closing.any():
            return self.at[(self.code == COMMA) & (self.depth == 0)], False
        first = int(np.argmax(closing))
        commas = self.at[:first][(self.code[:first] == COMMA) & (self.depth[:first] == 0)]
        return np.append(commas, self.at[first]), True

    def ends(self) -> NDArray[np.int64]:
        """Return the places after each container of depth 0, as far as nothing closes that was not opened."""
        low = self.depth < 0
        upto = int(np.argmax(low)) if low.any() else len(self.at)
        found: NDArray[np.int64] = self.at[:upto][(self.code[:upto] == CLOSE) & (self.depth[:upto] == 0)] + 1
        return found

    def quoted(self, low: int, high: int) -> tuple[bytes, int]:
        """Return the bytes from `low` to `high` with bare tokens between quotes, and how many keys are in them."""
        first, last = np.searchsorted(self.at, (low, high))
        at, code = self.at[first:last], self.code[first:last]
        keys = int(np.count_nonzero(code == COLON))
        follows = (code == COMMA) | (code == COLON) | ((code == OPEN) & (self.array[at] == 91))
        starts = at[follows] + 1
        ends = np.append(at, high)[1:][follows]
        if len(at) == 0 or at[0] > low:
            starts = np.append(low, starts)
            ends = np.append(at[0] if len(at) else high, ends)
        starts, ends = _trim(self.array, starts, ends)
        starts, ends = _bare(self.array, starts, ends)
        if not len(starts):
            return self.data[low:high], keys
        places = np.empty(2 * len(starts), np.int64)
        places[::2], places[1::2] = starts, ends
        return _insert(self.array[low:high], places - low), keys


def _trim(
    array: NDArray[np.uint8], starts: NDArray[np.int64], ends: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Take white space off both ends of tokens; drop those that are nothing else."""
    some = starts < ends
    starts, ends = starts[some], ends[some]
    blank = np.flatnonzero(_SPACE[array[starts]])
    for _ in range(_STEPS):
        starts[blank] += 1
        blank = blank[starts[blank] < ends[blank]]
        blank = blank[_SPACE[array[starts[blank]]]]
        if not len(blank):
            break
    else:
        solid = np.append(np.flatnonzero(~_SPACE[array]), len(array))
        starts[blank] = np.minimum(solid[np.searchsorted(solid, starts[blank])], ends[blank])
    some = starts < ends
    some[some] &= ~_OWN[array[starts[some]]]
    starts, ends = starts[some], ends[some]
    blank = np.flatnonzero(_SPACE[array[ends - 1]])
    for _ in range(_STEPS):
        ends[blank] -= 1
        blank = blank[_SPACE[array[ends[blank] - 1]]]
        if not len(blank):
            break
    else:
        solid = np.flatnonzero(~_SPACE[array])
        ends[blank] = solid[np.searchsorted(solid, ends[blank]) - 1] + 1
    return starts, ends


def _bare(
    array: NDArray[np.uint8], starts: NDArray[np.int64], ends: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Keep the tokens that begin and end like one: no quote and no backslash at their end."""
    good = (array[ends - 1] != 34) & (array[ends - 1] != 92)
    return (starts, ends) if good.all() else (starts[good], ends[good])


def _insert(array: NDArray[np.uint8], places: NDArray[np.int64]) -> bytes:
    """Return the bytes with a quote before each place."""
    out = np.empty(len(array) + len(places), np.uint8)
    spots = places + np.arange(len(places))
    keep = np.ones(len(out), np.bool_)
    keep[spots] = False
    out[keep] = array
    out[spots] = 34
    return out.tobytes()


def marks(data: bytes) -> Marks:
    """Return the marks of bytes that begin outside a string."""
    array = np.frombuffer(data, np.uint8)
    codes = np.take(_CODES, array)
    at = np.flatnonzero(codes)
    code = codes[at]
    quote = code == QUOTE
    if b'\\"' in data:
        escaped = _escaped(array, at[quote])
        if escaped.any():
            keep = np.ones(len(at), np.bool_)
            keep[np.flatnonzero(quote)[escaped]] = False
            at, code, quote = at[keep], code[keep], quote[keep]
    inside = np.bitwise_xor.accumulate(quote)
    outside = ~(quote | inside)
    opened = bool(inside[-1]) if len(inside) else False
    at, code = at[outside], code[outside]
    return Marks(data, array, at, code, np.cumsum(_DELTA[code], dtype=np.int32), opened)


def _escaped(array: NDArray[np.uint8], quotes: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Tell which quotes an odd number of backslashes precedes."""
    slashes = np.flatnonzero(array == 92)
    new = np.ones(len(slashes), np.bool_)
    new[1:] = np.diff(slashes) != 1
    order = np.arange(len(slashes))
    nth = order - np.maximum.accumulate(np.where(new, order, 0))
    odd = np.zeros(len(array) + 1, np.bool_)
    odd[slashes[nth % 2 == 0] + 1] = True
    return odd[quotes]
