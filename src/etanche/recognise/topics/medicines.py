"""Which class of medicine (ATC) a word names, and which diseases the class gives away.

Rules, in the order in which they apply:

1. The substances and brands written in `data/medicines.toml` are of the class that lists them.
2. A brand of the official list is of the class of its substance (`data/brands.tsv.zst`, built from the BDPM by
   `scripts/build_brands.py`).
3. Any other name of the official list (`etanche.lexicon`) is a medicine of no known class.
4. A name that is short, a given name, a surname, a commune or an everyday word counts only beside a word of
   treatment ("sous Orap"), unless the file lists it as `sure`.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources

import zstandard

from etanche import lexicon
from etanche.recognise.topics.spelling import fold

SURE, DOUBTFUL = "medicine", "maybe"
_SHORT = 5
"""Letters under which a name is doubtful."""


@dataclass(frozen=True, slots=True)
class MedicineClass:
    """A class of medicines: its ATC code and the topics that taking one gives away."""

    atc: str
    topics: tuple[str, ...]
    names: tuple[str, ...]
    """Substances and brands as written in the file, folded."""
    sure: frozenset[str]
    """Names that are never doubtful."""


@cache
def classes() -> dict[str, MedicineClass]:
    """Return the classes of `data/medicines.toml` by ATC code."""
    file = resources.files("etanche") / "recognise" / "data" / "medicines.toml"
    raw = tomllib.loads(file.read_text(encoding="utf-8"))["class"]
    found = {}
    for one in raw:
        sure = tuple(map(fold, one.get("sure", ())))
        names = (*map(fold, (*one.get("substances", ()), *one.get("brands", ()))), *sure)
        found[one["atc"]] = MedicineClass(one["atc"], tuple(one.get("topics", ())), names, frozenset(sure))
    return found


@cache
def written() -> dict[str, str]:
    """Return the ATC code of each name of `data/medicines.toml`, folded; names of several words included."""
    return {name: one.atc for one in classes().values() for name in one.names}


@cache
def brands() -> dict[str, str]:
    """Return the ATC code of each brand of the official list that `data/medicines.toml` does not write, folded."""
    packed = (resources.files("etanche") / "recognise" / "data" / "brands.tsv.zst").read_bytes()
    text = zstandard.ZstdDecompressor().decompress(packed).decode()
    return dict(line.split("\t") for line in text.splitlines())


def token(*, sure: bool, atc: str = "") -> str:
    """Return the word of the trie for a medicine: "{medicine}", "{maybe A10B}"…"""
    return "{" + (SURE if sure else DOUBTFUL) + (f" {atc}" if atc else "") + "}"


def class_of(word: str) -> str:
    """Return the ATC code that a word of the trie bears, "" for any other word."""
    return word[1:-1].partition(" ")[2] if word.startswith((f"{{{SURE} ", f"{{{DOUBTFUL} ")) else ""


def medicine(word: str, everyday: frozenset[str]) -> str:
    """Return the token of a folded word, "" when it names no medicine; `everyday` are never sure."""
    atc = written().get(word) or brands().get(word, "")
    name = word.upper()
    if not atc and name not in lexicon.medicine_names():
        return ""
    if atc and word in classes()[atc].sure:
        return token(sure=True, atc=atc)
    doubtful = len(word) < _SHORT or word in everyday or is_proper(word)
    return token(sure=not doubtful, atc=atc)


@cache
def _commune_words() -> frozenset[str]:
    return frozenset(word for name in lexicon.commune_names() for word in name.split())


def is_proper(word: str) -> bool:
    """Tell whether a folded word is the name of a person, or one of a commune's."""
    name = word.upper()
    return name in lexicon.surnames() or name in lexicon.first_names() or name in _commune_words()
