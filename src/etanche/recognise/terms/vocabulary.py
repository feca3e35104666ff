"""The words and phrases that are terms, read from `data/`.

Rules, in the order in which they apply:

1. Hand-written lists (`disorders.toml`, `chemicals.toml`) are kept by the roots of their words; the small words of
   `grammar.toml` (de, du, la…) are left out of them and may stand anywhere in the text.
2. A term written in capitals, of at most five letters, is an abbreviation: it is found in capitals only.
3. Brands and substances (BDPM, Romedi) are kept by their words as they are, with their ATC code where one is known.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Any, NamedTuple

import zstandard

from etanche import lexicon
from etanche.model import Kind
from etanche.recognise.terms.spelling import keys
from etanche.recognise.topics.spelling import fold

WRITTEN = 0.95
"""Confidence of a term of the hand-written lists and of the official medicines."""
GENERIC = 0.5
"""Confidence of "médicament", "comprimé": they say that somebody is treated, not with what."""

_NO_CHAPTER = {"generic": (GENERIC, ""), "everyday": (0.85, ""), "persons": (0.8, "")}
"""Lists of `disorders.toml` that are no chapter of the CIM-10: their confidence and code."""

_LONG_NAME = 6
"""Letters of the name of a chemical that makes an adjective."""
_WRITTEN_WORD = re.compile(r"[^\W\d_]+|\d+")
_ABBREVIATION = 5
"""Letters of a term in capitals that is found in capitals only."""


class Term(NamedTuple):
    """What a word or phrase is."""

    kind: Kind
    confidence: float
    code: str = ""


class Phrase(NamedTuple):
    """The roots (or words) that must follow the first one, and what the whole is."""

    rest: tuple[str, ...]
    capitals: bool
    term: Term


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Phrases by kind and first root, longest first; brands by their first word."""

    phrases: dict[Kind, dict[str, tuple[Phrase, ...]]] = field(repr=False)
    brands: dict[str, tuple[Phrase, ...]] = field(repr=False)
    glue: frozenset[str]


@cache
def data(name: str) -> dict[str, Any]:
    """Return one of the hand-written lists of `data/`."""
    text = (resources.files(__package__) / "data" / name).read_text(encoding="utf-8")
    return tomllib.loads(text)


@cache
def sources() -> tuple[lexicon.LexiconSource, ...]:
    """Return where each list of `data/` comes from."""
    entries = data("sources.toml")["source"]
    return tuple(lexicon.LexiconSource(**{**entry, "files": tuple(entry["files"])}) for entry in entries)


def lines(name: str) -> list[str]:
    """Return the lines of one of the packed lists of `data/`."""
    packed = (resources.files(__package__) / "data" / name).read_bytes()
    return zstandard.ZstdDecompressor().decompress(packed).decode().split("\n")


def words_of(text: str) -> frozenset[str]:
    """Return the folded words of a list written with spaces."""
    return frozenset(fold(text).split())


@cache
def vocabulary() -> Vocabulary:
    """Return what the lists of `data/` and the official medicines hold."""
    glue = words_of(data("grammar.toml")["glue"]["words"])
    found: dict[Kind, dict[str, list[Phrase]]] = {Kind.MEDICINE: {}, Kind.DISEASE: {}}
    for text, term in _written():
        words = [word for word in _WRITTEN_WORD.findall(text) if word not in glue]
        capitals = text.isupper() and sum(map(str.isalpha, text)) <= _ABBREVIATION
        for first, *rest in keys(words) if words else ():
            follows = tuple(map(fold, words[1:])) if capitals else tuple(rest)
            found[term.kind].setdefault(first, []).append(Phrase(follows, capitals, term))
    return Vocabulary({kind: _longest_first(by_root) for kind, by_root in found.items()}, _brands(), glue)


def _written() -> Iterator[tuple[str, Term]]:
    """Return the hand-written terms."""
    for chapter, lists in data("disorders.toml").items():
        confidence, code = _NO_CHAPTER.get(chapter, (WRITTEN, chapter))
        for text in (*lists["terms"].split(","), *lists.get("capitals", "").split(",")):
            yield text.strip(), Term(Kind.DISEASE, confidence, code)
    chemicals = data("chemicals.toml")
    for confidence, lists in ((WRITTEN, chemicals["terms"]), (GENERIC, chemicals["generic"])):
        for code, terms in lists.items():
            for text in map(str.strip, terms.split(",")):
                yield text, Term(Kind.MEDICINE, confidence, code)
                adjective = _adjective(fold(text))
                if adjective:
                    yield adjective, Term(Kind.MEDICINE, GENERIC, code)


def _adjective(word: str) -> str:
    """Return the adjective that the name of a chemical makes ("calcique" of "calcium"), or nothing."""
    if len(word) >= _LONG_NAME and word.isalpha():
        for ending, adjective in data("morphology.toml")["adjectives"].items():
            if word.endswith(ending):
                return word.removesuffix(ending) + str(adjective)
    return ""


def _brands() -> dict[str, tuple[Phrase, ...]]:
    codes = dict(line.split("\t") for line in lines("atc.tsv.zst"))
    names = dict.fromkeys((name.lower() for name in lexicon.medicine_names()), "") | codes
    found: dict[str, list[Phrase]] = {}
    for name, code in names.items():
        first, *rest = name.split()
        found.setdefault(first, []).append(Phrase(tuple(rest), False, Term(Kind.MEDICINE, WRITTEN, code)))
    return _longest_first(found)


def _longest_first(by_first: dict[str, list[Phrase]]) -> dict[str, tuple[Phrase, ...]]:
    return {first: tuple(sorted(phrases, key=_size)) for first, phrases in by_first.items()}


def _size(phrase: Phrase) -> tuple[int, float]:
    return -len(phrase.rest), -phrase.term.confidence


def roots_of(text: str) -> frozenset[str]:
    """Return the roots of the words of a list written with spaces."""
    return frozenset(key for word in text.split() for (key,) in keys([word]))
