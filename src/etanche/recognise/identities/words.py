"""Words: what the lexicons and the lists of `contexts.toml` say of one, as it is written.

Rules, in the order in which they apply:

1. A word is a run of letters, hyphens and apostrophes within; it is looked up folded (`etanche.lexicon.fold`), once.
2. Its rank as a surname and as a first name is the order of its bearers: 0 none, 1 rare, 2 hundreds, 3 thousands, 4
   more.
3. It is clinical when the topics of comments know it, misspelt or not, and it is no common name.
4. It is ordinary when the dictionary has it, capitals of proper names apart (`data/ordinary.txt.zst`).
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources

import zstandard

from etanche import lexicon
from etanche.lexicon.fold import fold
from etanche.recognise.topics.dictionary import dictionary

_BEARERS = (2_000, 20_000)
_BIRTHS = (300, 3_000)
"""Bearers (births in tens) from which a name is of rank 3, of rank 4."""
_MEMO_LIMIT = 200_000
_LONGEST = 30
"""Letters of a word that may be a clinical term."""


@cache
def contexts() -> dict[str, frozenset[str]]:
    """Return the lists of `contexts.toml` by name, their words folded."""
    text = (resources.files(__package__) / "contexts.toml").read_text(encoding="utf-8")
    return {name: frozenset(map(fold, words)) for name, words in tomllib.loads(text).items()}


@cache
def ordinary() -> frozenset[str]:
    """Return the folded ordinary words of French (Dicollecte)."""
    packed = (resources.files(__package__) / "data" / "ordinary.txt.zst").read_bytes()
    return frozenset(zstandard.ZstdDecompressor().decompress(packed).decode().split("\n"))


def _ranks(names: tuple[str, ...], bearers: list[int], limits: tuple[int, int]) -> dict[str, int]:
    low, high = limits
    return {
        fold(name): 4 if count >= high else 3 if count >= low else 2 for name, count in zip(names, bearers, strict=True)
    }


@cache
def surname_ranks() -> dict[str, int]:
    """Return the rank of each surname of at least 200 bearers (rule 2)."""
    known = lexicon.surname_frequencies()
    return _ranks(known.names, known.counts.sum(axis=1, dtype=int).tolist(), _BEARERS)


@cache
def first_name_ranks() -> dict[str, int]:
    """Return the rank of each first name given at least 300 times (rule 2)."""
    ranks: dict[str, int] = {}
    for known in (lexicon.first_name_frequencies("F"), lexicon.first_name_frequencies("M")):
        found = _ranks(known.names, known.counts.sum(axis=1, dtype=int).tolist(), _BIRTHS)
        for name, rank in found.items():
            ranks[name] = max(rank, ranks.get(name, 0))
    return ranks


@dataclass(frozen=True, slots=True)
class Word:
    """What is known of a word as it is written."""

    folded: str
    shape: str
    """`A` capitals, `C` capitalised, `I` one capital, `l` small letters, `x` mixed."""
    surname: int
    first_name: int
    ordinary: bool
    medicine: bool
    commune: bool
    lists: frozenset[str]
    """The lists of `contexts.toml` that have it."""
    maybe_name: bool
    """Whether it may be a person's name where nothing around speaks for one."""
    family: str
    """What it is beside a name: `T` title, `I` initial, `P` particle, `B` both names, `F` first name, `S` surname,
    `O` ordinary, `w` a rare name, `U` unknown, `Z` an abbreviation, `M` a medicine, `E` eponymous or `X` an eponym,
    `K` a clinical term, `R` a role, `N` never a name, `i` an introduction, `o` any other word in small letters."""


class Words(dict[str, Word]):
    """Word as written -> what is known of it; what was looked up once is remembered."""

    def __missing__(self, written: str) -> Word:
        """Look a word up for the first time."""
        if len(self) > _MEMO_LIMIT:
            self.clear()
        found = self[written] = _describe(written)
        return found


def _is_clinical(folded: str) -> bool:
    """Tell whether the topics of comments know a word, misspelt included ("HEMOCHRMATOSE")."""
    looks = len(folded) <= _LONGEST and folded.isascii() and folded.isalpha()
    return looks and bool(dictionary(()).speller[folded.lower()])


def _shape(written: str) -> str:
    letters = [part for part in written.replace("’", "'").replace("'", "-").split("-") if part]
    if not letters or not written[0].isupper():
        return "l" if written.islower() else "x"
    if all(len(part) == 1 for part in letters):
        return "I"
    if written.isupper():
        return "A"
    return "C" if all(part[1:].islower() or len(part) == 1 or part.isupper() for part in letters) else "x"


def _describe(written: str) -> Word:
    folded = fold(written)
    parts = folded.split(" ")
    last = parts[-1]
    surname = surname_ranks().get(folded, 0) or int(folded in lexicon.surnames())
    first_name = first_name_ranks().get(folded, 0) or int(folded in lexicon.first_names())
    if len(parts) > 1:
        surname = surname or int(all(part in lexicon.surnames() for part in parts))
        first_name = first_name or min(first_name_ranks().get(part, 0) for part in parts)
    # "L'infirmière", "d'abord": what follows the apostrophe is the word.
    elided = len(parts) == 2 and len(parts[0]) == 1 and "-" not in written
    lists = frozenset(name for name, words in contexts().items() if folded in words or (elided and last in words))
    is_ordinary = folded in ordinary() or (len(parts) > 1 and all(len(p) < 3 or p in ordinary() for p in parts))
    is_ordinary = is_ordinary or (len(parts) > 1 and len(parts[0]) <= 2 and last in ordinary() and "'" in written)
    shape = _shape(written)
    medicine = folded in lexicon.medicine_names()
    barred = medicine or bool(lists & {"eponyms", "abbreviations", "titles", "roles", "laws", "never"})
    common = surname >= 3 or first_name >= 3
    clinical = not common and not barred and not is_ordinary and _is_clinical(folded)
    maybe = shape in "ACx" and len(folded) > 1 and not barred and not clinical and (common or not is_ordinary)
    maybe = maybe and (len(folded) > 3 or surname > 1 or first_name > 1) and "particles" not in lists
    commune = folded in lexicon.commune_names()
    family = "K" if clinical else _family(shape, surname, first_name, is_ordinary, medicine, lists)
    return Word(folded, shape, surname, first_name, is_ordinary, medicine, commune, lists, maybe, family)


_LISTED = (
    ("titles", "T"),
    ("never", "N"),
    ("eponymous", "E"),
    ("eponyms", "X"),
    ("roles", "R"),
    ("abbreviations", "Z"),
    ("particles", "P"),
)


def _family(shape: str, surname: int, first_name: int, is_ordinary: bool, medicine: bool, lists: frozenset[str]) -> str:
    for name, letter in _LISTED:
        if name in lists and not (shape == "I" and letter in "TP"):
            return letter
    if medicine or shape == "I":
        return "M" if medicine else "I"
    common = max(first_name, surname)
    if is_ordinary and common < (3 if shape == "l" else 4):
        plain = "o" if shape == "l" else "O"
        return "i" if "introductions" in lists else plain
    return _name_family(surname, first_name)


def _name_family(surname: int, first_name: int) -> str:
    if first_name >= 3:
        return "B" if surname >= 3 else "F"
    if surname >= 3:
        return "S"
    return "w" if surname or first_name else "U"


WORDS = Words()
"""The one memory of words."""
