"""Surnames and first names by the official frequencies of the year of birth (INSEE), as words and codes.

Words are upper case without accents, and no two fold to the same, so that any sound way of comparing names counts
the same distinct ones.  Mistyped names are words of their own, added at the end.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from etanche import lexicon
from etanche.lexicon.fold import fold
from etanche.replica.cells import Codes, Mask
from etanche.replica.numbers import year_month

_KEYS_NEXT = {
    "A": "Z", "B": "V", "C": "X", "D": "F", "E": "R", "F": "G", "G": "H", "H": "J", "I": "O", "J": "K", "K": "L",
    "L": "M", "M": "L", "N": "B", "O": "P", "P": "O", "Q": "S", "R": "T", "S": "D", "T": "Y", "U": "I", "V": "B",
    "W": "X", "X": "C", "Y": "U", "Z": "E",
}  # fmt: skip
"""A neighbour on a French keyboard."""


@dataclass(frozen=True, slots=True, eq=False)
class NameList:
    """Names as words, the blank one first, and each folded name's code."""

    words: pa.StringArray = field(repr=False)
    code_of: dict[str, int] = field(repr=False)


class Names:
    """Two lists of words, each with the blank word first; a drawn name is its code."""

    def __init__(self) -> None:
        surnames = lexicon.surname_frequencies()
        girls, boys = lexicon.first_name_frequencies("F"), lexicon.first_name_frequencies("M")
        self.surname_list, surname_codes = _distinct(surnames.names)
        self.first_name_list, first_codes = _distinct(girls.names + boys.names)
        self.surnames, self.first_names = self.surname_list.words, self.first_name_list.words
        self._surnames = (surname_codes, np.cumsum(surnames.counts, axis=0, dtype=np.int64))
        self._girls = (first_codes[: len(girls.names)], np.cumsum(girls.counts, axis=0, dtype=np.int64))
        self._boys = (first_codes[len(girls.names) :], np.cumsum(boys.counts, axis=0, dtype=np.int64))

    def draw_surnames(self, rng: np.random.Generator, birth: Codes) -> Codes:
        """Return a surname for each day of birth, as frequent as in its decade."""
        year, _ = year_month(birth)
        return _draw(rng, *self._surnames, ((year - 1891) // 10).clip(0, 10))

    def draw_first_names(self, rng: np.random.Generator, male: Mask, birth: Codes) -> Codes:
        """Return a first name for each sex and day of birth, as frequent as in its five years."""
        year, _ = year_month(birth)
        period = ((year - 1900) // 5).clip(0, 24)
        chosen = np.zeros(birth.size, dtype=np.int32)
        for sex, source in ((False, self._girls), (True, self._boys)):
            chosen[male == sex] = _draw(rng, *source, period[male == sex])
        return chosen


def mistype(rng: np.random.Generator, word: str) -> str:
    """Return a word with one slip of the keyboard: a letter lost, doubled, swapped with the next, or a neighbour's."""
    spots = [i for i in range(1, len(word)) if word[i].isalpha()]
    if not spots:
        return word + word
    i, slip = spots[int(rng.integers(len(spots)))], int(rng.integers(4))
    if slip == 0 and len(word) > 3:
        return word[:i] + word[i + 1 :]
    if slip == 1:
        return word[:i] + word[i] + word[i:]
    if slip == 2 and i + 1 < len(word) and word[i + 1].isalpha() and word[i] != word[i + 1]:
        return word[:i] + word[i + 1] + word[i] + word[i + 2 :]
    return word[:i] + _KEYS_NEXT[word[i]] + word[i + 1 :]


def mistyped(
    rng: np.random.Generator, known: NameList, codes: Codes, rows: NDArray[np.int64]
) -> tuple[pa.StringArray, Codes]:
    """Return words and codes with the names of some rows mistyped; a slip that gives a known name has its code."""
    changed, slips = codes.copy(), dict[str, int]()
    added: list[str] = []
    for row, word in zip(rows.tolist(), known.words.take(pa.array(codes[rows])).to_pylist(), strict=True):
        text = mistype(rng, word)
        folded = fold(text)
        code = known.code_of.get(folded, slips.get(folded))
        if code is None:
            code = slips[folded] = len(known.words) + len(added)
            added.append(text)
        changed[row] = code
    return pa.concat_arrays([known.words, pa.array(added, pa.string())]), changed


def _distinct(names: tuple[str, ...]) -> tuple[NameList, Codes]:
    """Return words without accents, one for all names that fold alike, and each name's code."""
    code_of: dict[str, int] = {"": 0}
    texts = [""]
    codes = np.zeros(len(names), dtype=np.int32)
    for i, name in enumerate(names):
        folded = fold(name)
        code = code_of.setdefault(folded, len(texts))
        if code == len(texts):
            texts.append("-".join(folded.split()) if "-" in name else folded)
        codes[i] = code
    return NameList(pa.array(texts, pa.string()), code_of), codes


def _draw(rng: np.random.Generator, codes: Codes, totals: NDArray[np.int64], period: NDArray[np.int64]) -> Codes:
    chosen = np.zeros(period.size, dtype=np.int32)
    for column in np.unique(period):
        mine = period == column
        ticket = rng.integers(0, totals[-1, column], int(mine.sum()))
        chosen[mine] = codes[np.searchsorted(totals[:, column], ticket, side="right")]
    return chosen


@cache
def names() -> Names:
    """Return the names, read once."""
    return Names()
