"""Phrases as the data files write them: the word sequences that each stands for.

Rules:

1. `{organ}` is any phrase of the set of that name; `{date}` a date; `{medicine}` and `{maybe}` a medicine of any class;
   a medicine's name is its class.
2. An ending in brackets may be there or not: "exclu(e)(s)".
3. œ is also written oe.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from functools import cache
from importlib import resources
from typing import Any

from etanche.recognise.topics import medicines
from etanche.recognise.topics.spelling import fold


@cache
def data(name: str) -> dict[str, Any]:
    """Return what a file of `data/` holds."""
    file = resources.files("etanche") / "recognise" / "data" / name
    return tomllib.loads(file.read_text(encoding="utf-8"))


@cache
def word_list(name: str) -> frozenset[str]:
    """Return a list of `data/words.toml`."""
    return frozenset(data("words.toml")[name])


_WORD = re.compile(r"\{[a-z]+\}|[a-z]+\*?|[0-9]+|#|\n|[^\sa-z0-9]")
_DATES = tuple(tuple(date.split()) for date in (
    "# / #", "# / # / #", "# / # / {year}", "# - # - {year}", "# . # . {year}", "# / {year}",
))  # fmt: skip


@cache
def words_of(phrase: str) -> tuple[str, ...]:
    """Cut a phrase of the file into words."""
    return tuple(_WORD.findall(fold(phrase)))


def _options(word: str, sets: dict[str, list[str]]) -> list[tuple[str, ...]]:
    """Return what a word of a phrase of several may be."""
    if word == "{date}":
        return [*_DATES]
    if word in ("{medicine}", "{maybe}"):
        sure = word == "{medicine}"
        return [(word,), *((medicines.token(sure=sure, atc=atc),) for atc in medicines.classes())]
    if word.startswith("{") and word[1:-1] in sets:
        return [words_of(spelt) for member in sets[word[1:-1]] for spelt in sorted({member, member.replace("oe", "e")})]
    if word in medicines.written():
        return [(medicine_token(word),)]
    return [(word,), (word.replace("oe", "e"),)] if "oe" in word else [(word,)]


def spellings(phrase: str, sets: dict[str, list[str]]) -> list[tuple[str, ...]]:
    """Return the word sequences a phrase of the file stands for: sets, dates and classes spelt out, oe also as e."""
    words = (phrase,) if phrase == "\n" else words_of(phrase)
    if len(words) == 1 and words[0] in medicines.written():
        return [words]
    sequences: list[tuple[str, ...]] = [()]
    for options in (_options(word, sets) for word in words):
        sequences = [(*sequence, *option) for sequence in sequences for option in options]
    return sequences


_ENDING = re.compile(r"\(([a-z]+)\)")


def _forms(phrase: str) -> list[str]:
    """Return a phrase with and without each ending in brackets: "exclu(e)(s)" is exclu, exclue, exclus and exclues."""
    pieces = _ENDING.split(fold(phrase))
    forms = [pieces[0]]
    for ending, rest in zip(pieces[1::2], pieces[2::2], strict=True):
        forms = [form + end + rest for form in forms for end in ("", ending)]
    return forms


def cues() -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield the cues of `data/cues.toml`, each list's name with the words of each of its phrases."""
    lists = dict(data("cues.toml"))
    written = lists.pop("sets")
    sets = {name: [form for member in members for form in _forms(member)] for name, members in written.items()}
    for name, phrases in lists.items():
        for phrase in phrases:
            for form in _forms(phrase):
                for words in spellings(form, sets):
                    yield name, words


def medicine_token(word: str) -> str:
    """Return the word of the trie for the medicine that a word names, "" for none."""
    return medicines.medicine(word, word_list("everyday"))
