"""How often strangers agree as much as a pair does, by chance: shares of names, first names and days of birth.

Rules, in the order in which they apply:

1. `chances` is the share of people who have the name, times the share of those born in that decade who have the first
   name, times the share born on that day, as far as each of the three agrees or nearly does (`AGREES`).
2. Shares are those of the rows of the leak: what is rare there is rare in a registry of the same country.
3. Of two spellings, and of two days, the commoner counts; of several names that are shared, the rarest.
4. A day is drawn towards the other days of its year, of which a small leak has few.
"""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cache, partial
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from etanche.link.compare import LEVELS
from etanche.link.patterns import COUNT, levels_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from etanche.link.patterns import Bools, Floats, Ints

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
_THREADS = 2
_DAYS = 365.25
_PULL = 5.0
"""Days of its year by which a day's count is drawn to their mean."""


def ranks(comparison: str) -> Ints:
    """Return how well each level of a comparison agrees: 0 best, the last not at all."""
    among = AGREES[comparison]
    return np.array(
        [next((rank for rank, some in enumerate(among) if level in some), len(among)) for level in LEVELS[comparison]]
    )


@cache
def agreeing(comparison: str) -> Bools:
    """Tell of every pattern there can be whether a comparison agrees at least a little."""
    levels = levels_of(np.arange(COUNT))[:, list(LEVELS).index(comparison)]
    return np.asarray(ranks(comparison)[levels] < len(AGREES[comparison]))


def chances(rows: pa.Table, persons: pa.Table, row: Ints, person: Ints, code: Ints) -> Floats:
    """Return log2 of the share of people who agree as much by chance, for each pair.

    `rows` are all rows of the leak and `persons` some of the registry, as `sides.side` makes them; `row` and `person`
    are places there, and `code` the pattern of each pair.
    """

    def share(comparison: str, born: Future[_Texts]) -> Floats:
        places = np.flatnonzero(agreeing(comparison)[code])
        one, other = row[places], person[places]
        if comparison == "name":
            many = _names(_Texts.of([rows["name"], rows["other"]], [persons["name"], persons["other"]]), one, other)
        elif comparison == "first":
            many = _first_names(_Texts.of([rows["first"]], [persons["first"]]), born.result(), one, other)
        else:
            many = _days(born.result(), one, other)
        found = np.zeros(len(code))
        found[places] = np.log2(many / max(rows.num_rows, 1))
        return found

    with ThreadPoolExecutor(_THREADS, thread_name_prefix="chance") as workers:
        days = workers.submit(_Texts.of, [rows["born"]], [persons["born"]])
        names, firsts, births = workers.map(partial(share, born=days), AGREES)
        return names + firsts + births


@dataclass(frozen=True)
class _Texts:
    """Texts of rows and of persons as numbers: -1 for one that is missing, or that no row has."""

    rows: list[Ints]
    persons: list[Ints]
    words: pa.Array = field(repr=False)
    count: Floats
    """How many rows have each; none have the last, which is number -1."""

    @classmethod
    def of(cls, rows: Sequence[pa.ChunkedArray], persons: Sequence[pa.ChunkedArray]) -> _Texts:
        """Number texts, column by column."""
        every = pa.chunked_array([chunk for column in rows for chunk in column.chunks], pa.string()).combine_chunks()
        encoded = every.dictionary_encode()
        numbers = _filled(encoded.indices)
        count = np.append(np.bincount(numbers[numbers >= 0], minlength=len(encoded.dictionary)), 0).astype(np.float64)
        asked = [_filled(pc.index_in(column.combine_chunks(), encoded.dictionary)) for column in persons]
        return cls(
            np.split(numbers, np.cumsum([len(column) for column in rows])[:-1]), asked, encoded.dictionary, count
        )

    def begin(self, letters: int) -> tuple[Ints, Floats]:
        """Return the number of each text's beginning, by the text's number, and how many rows begin so."""
        encoded = pc.utf8_slice_codeunits(self.words, 0, letters).dictionary_encode()
        numbers = np.append(_filled(encoded.indices), -1)
        many = np.bincount(numbers[:-1], self.count[:-1], len(encoded.dictionary))
        return numbers, np.append(many, 0)


def _names(texts: _Texts, row: Ints, person: Ints) -> Floats:
    """Return how many rows have the family name that each pair shares; the rarest that is shared."""
    ours, theirs = [numbers[row] for numbers in texts.rows], [numbers[person] for numbers in texts.persons]
    shared = np.full(len(row), np.inf)
    for one in ours:
        for other in theirs:
            equal = (one == other) & (one >= 0)
            shared[equal] = np.minimum(shared[equal], texts.count[one[equal]])
    nearest = np.maximum(texts.count[ours[0]], texts.count[theirs[0]])
    return np.asarray(np.maximum(np.where(np.isinf(shared), nearest, shared), 1))


def _first_names(texts: _Texts, born: _Texts, row: Ints, person: Ints) -> Floats:
    """Return how many rows would have the first name that each pair shares, were all born in that decade."""
    (ours,), (theirs,) = texts.rows, texts.persons
    decade, everybody = born.begin(3)
    width = len(everybody)
    # A name or a decade that no row has comes last, as number -1.
    together = np.bincount(
        (ours % len(texts.count)) * width + decade[born.rows[0]] % width, minlength=len(texts.count) * width
    )
    share = np.zeros(len(row))
    for name, day in ((ours[row], born.rows[0][row]), (theirs[person], born.persons[0][person])):
        many = together[(name % len(texts.count)) * width + decade[day] % width]
        share = np.maximum(share, np.where(name < 0, 1, np.maximum(many, 1)) / np.maximum(everybody[decade[day]], 1))
    return np.asarray(np.clip(share, 0, 1) * len(ours))


def _days(born: _Texts, row: Ints, person: Ints) -> Floats:
    """Return how many rows have the day of birth that each pair shares; of two days, the commoner."""
    year, everybody = born.begin(4)
    one, other = born.rows[0][row], born.persons[0][person]
    most = np.maximum(born.count[one], born.count[other])
    return np.asarray(np.maximum(most + _PULL * everybody[year[one]] / _DAYS, 1) / (1 + _PULL))


def _filled(numbers: pa.Array) -> Ints:
    return np.asarray(pc.fill_null(numbers, -1).to_numpy(zero_copy_only=False), np.int64)
