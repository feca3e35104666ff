"""How often strangers agree as much as a pair does, by chance: shares of names, first names and days of birth.

Rules, in the order in which they apply:

1. `chances` is the share of people who have the name, times the share of those born in that decade who have the first
   name, times the share born on that day, as far as each of the three agrees or nearly does (`AGREES`).
2. Shares are those of the rows of the leak: what is rare there is rare in a registry of the same country.
3. Of two spellings, and of two days, the commoner counts; of several names that are shared, the rarest.
4. A day is drawn towards the other days of its year, of which a small leak has few.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from etanche.link.compare import LEVELS
from etanche.link.patterns import levels_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from etanche.link.patterns import Floats, Ints

AGREES: dict[str, tuple[frozenset[str], ...]] = {
    "name": (frozenset({"equal", "turned"}), frozenset({"very_close", "close", "part"})),
    "first": (
        frozenset({"equal", "turned"}),
        frozenset({"very_close", "close", "part", "initial"}),
        frozenset({"far"}),
    ),
    "birth": (frozenset({"equal"}), frozenset({"turned", "one_off"})),
}
"""The levels that agree, those that nearly do, and less; what is in none of them differs."""
_DAYS = 365.25
_PULL = 5.0
"""Days of its year by which a day's count is drawn to their mean."""


def ranks(comparison: str) -> Ints:
    """Return how well each level of a comparison agrees: 0 best, the last not at all."""
    among = AGREES[comparison]
    return np.array(
        [next((rank for rank, some in enumerate(among) if level in some), len(among)) for level in LEVELS[comparison]]
    )


def chances(rows: pa.Table, persons: pa.Table, row: Ints, person: Ints, code: Ints) -> Floats:
    """Return log2 of the share of people who agree as much by chance, for each pair.

    `rows` are all rows of the leak and `persons` some of the registry, as `sides.side` makes them; `row` and `person`
    are places there, and `code` the pattern of each pair.
    """
    levels = levels_of(code)
    counted = (_names, _first_names, _days)
    total = np.zeros(len(code))
    for comparison, count in zip(AGREES, counted, strict=True):
        rank = ranks(comparison)
        agrees = rank[levels[:, list(LEVELS).index(comparison)]] < rank.max()
        places = np.flatnonzero(agrees)
        total[places] += np.log2(count(rows, persons, row[places], person[places]) / max(rows.num_rows, 1))
    return total


def _names(rows: pa.Table, persons: pa.Table, row: Ints, person: Ints) -> Floats:
    """Return how many rows have the family name that each pair shares; the rarest that is shared."""
    (*own, theirs_name, theirs_other), count = _numbered(
        [rows["name"], rows["other"]], [persons["name"], persons["other"]]
    )
    ours = [numbers[row] for numbers in own]
    theirs = [numbers[person] for numbers in (theirs_name, theirs_other)]
    shared = np.full(len(row), np.inf)
    for one in ours:
        for other in theirs:
            equal = (one == other) & (one >= 0)
            shared[equal] = np.minimum(shared[equal], count[one[equal]])
    nearest = np.maximum(count[ours[0]], count[theirs[0]])
    return np.asarray(np.maximum(np.where(np.isinf(shared), nearest, shared), 1))


def _first_names(rows: pa.Table, persons: pa.Table, row: Ints, person: Ints) -> Floats:
    """Return how many rows would have the first name that each pair shares, were all born in that decade."""
    (own, theirs), _ = _numbered([rows["first"]], [persons["first"]])
    decades = [_begin(side["born"], 3) for side in (rows, persons)]
    (ours_decade, theirs_decade), born = _numbered([decades[0]], [decades[1]])
    width = len(born) + 1
    # A name or a decade that is not known has a number of its own, 0.
    together = np.bincount((own + 1) * width + ours_decade + 1, minlength=1)
    everybody = np.bincount(ours_decade + 1, minlength=width)
    found = np.zeros(len(row))
    for name, decade in ((own[row], ours_decade[row]), (theirs[person], theirs_decade[person])):
        place = (name + 1) * width + decade + 1
        many = np.where((name >= 0) & (place < len(together)), together[np.minimum(place, len(together) - 1)], 0)
        found = np.maximum(found, np.maximum(many, 1) / np.maximum(everybody[decade + 1], 1))
    return np.asarray(np.minimum(found, 1) * rows.num_rows)


def _days(rows: pa.Table, persons: pa.Table, row: Ints, person: Ints) -> Floats:
    """Return how many rows have the day of birth that each pair shares; of two days, the commoner."""
    (own, theirs), count = _numbered([rows["born"]], [persons["born"]])
    (year, _), many = _numbered([_begin(rows["born"], 4)], [_begin(persons["born"], 4)])
    most = np.maximum(count[own[row]], count[theirs[person]])
    return np.asarray(np.maximum((most + _PULL * many[year[row]] / _DAYS) / (1 + _PULL), 1 / (1 + _PULL)))


def _begin(days: pa.ChunkedArray, letters: int) -> pa.ChunkedArray:
    return pc.utf8_slice_codeunits(days, 0, letters)


def _numbered(known: Sequence[pa.ChunkedArray], asked: Sequence[pa.ChunkedArray]) -> tuple[list[Ints], Floats]:
    """Return texts as numbers, -1 for one that is missing or is not among the known, and how often each is known."""
    every = pa.chunked_array([chunk for column in known for chunk in column.chunks], pa.string()).combine_chunks()
    encoded = every.dictionary_encode()
    numbers = _filled(encoded.indices)
    count = np.append(np.bincount(numbers[numbers >= 0], minlength=len(encoded.dictionary)), 0).astype(np.float64)
    found = np.split(numbers, np.cumsum([len(column) for column in known])[:-1])
    found += [_filled(pc.index_in(column.combine_chunks(), encoded.dictionary)) for column in asked]
    return found, count


def _filled(numbers: pa.Array) -> Ints:
    return np.asarray(pc.fill_null(numbers, -1).to_numpy(zero_copy_only=False), np.int64)
