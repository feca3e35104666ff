"""What no list holds, told by what stands beside it: "sous Zybelan", "Zybelan 20 mg", "thrombose profonde (TP)".

Rules, in the order in which they apply (words: `data/grammar.toml`, `cues`):

1. A candidate is a word with a capital, not at the beginning of a sentence nor in a passage all in capitals, that is no
   given name, surname or commune, and of which nothing else is known.
2. It is a medicine's name after a word of treatment, or before a number and a unit of dose.
3. An abbreviation in parentheses right after a term, that begins with the same letter, stands for it.
4. What is a name or an abbreviation once in a text is one all over it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cache

from etanche import lexicon
from etanche.model import Finding
from etanche.recognise.terms.vocabulary import data, words_of
from etanche.recognise.topics.spelling import fold

_SHORTEST = 4
"""Letters of a candidate."""
_BETWEEN = 3
"""Words between a word of treatment and the name."""
_DEFINED = re.compile(r"\s*\(\s*([A-Z][A-Za-z0-9]{0,2}[A-Z0-9]{1,5})\s*[,;:)]")
_ENDS = ".!?:;•"


class Cues:
    """The lists of words that tell a medicine's name."""

    def __init__(self) -> None:
        lists = data("grammar.toml")["cues"]
        self.before = words_of(lists["before"])
        self.between = words_of(lists["between"])
        self.units = frozenset(lists["units"].split())
        self.no_name = words_of(lists["not"])


@cache
def cues() -> Cues:
    """Return the lists, loaded once."""
    return Cues()


def named(said: Sequence[str], folded: Sequence[str], unknown: Sequence[int], first: set[int]) -> Iterator[int]:
    """Return the places, among `unknown`, of the words that are medicines' names.

    `said` are the words as written, `folded` as read; those at `first` begin a line.
    """
    candidates = [place for place in unknown if place not in first and _is_candidate(said, place)]
    sure = {folded[place] for place in candidates if _is_told(said, folded, place) and not is_name(folded[place])}
    return (place for place in unknown if folded[place] in sure and said[place][0].isupper()) if sure else iter(())


def _is_candidate(said: Sequence[str], place: int) -> bool:
    word = said[place]
    if len(word) < _SHORTEST or not word[0].isupper() or said[place - 1] in _ENDS:
        return False
    beside = (said[place - 1], *said[place + 1 : place + 2])
    return not (word.isupper() and any(len(other) > 2 and other.isupper() for other in beside))


def _is_told(said: Sequence[str], folded: Sequence[str], place: int) -> bool:
    known = cues()
    if folded[place] in known.no_name:
        return False
    if place + 2 < len(said) and said[place + 1].isdigit() and said[place + 2].lower() in known.units:
        return True
    before = place - 1
    while before >= 0 and place - before <= _BETWEEN and folded[before] in known.between:
        before -= 1
    return before >= 0 and folded[before] in known.before


def abbreviated(text: str, found: list[Finding]) -> list[Finding]:
    """Return the other places where the abbreviations of the findings of one kind stand (rules 3 and 4)."""
    defined: dict[str, Finding] = {}
    for term in found if "(" in text else ():
        after = _DEFINED.match(text, term.end)
        if after and fold(after[1][0]) == fold(text[term.start]):
            defined.setdefault(after[1], term)
    if not defined:
        return []
    taken = bytearray(len(text))
    for term in found:
        taken[term.start : term.end] = b"\1" * (term.end - term.start)
    places = re.finditer(rf"(?<!\w)(?:{'|'.join(map(re.escape, defined))})(?!\w)", text)
    free = [match for match in places if not any(taken[match.start() : match.end()])]
    return [replace(defined[match[0]], start=match.start(), end=match.end()) for match in free]


def is_name(word: str) -> bool:
    """Tell whether a word, as read, is a given name, a surname or a commune (INSEE, La Poste)."""
    name = fold(word).upper()
    return name in lexicon.first_names() or name in lexicon.surnames() or name in lexicon.commune_names()
