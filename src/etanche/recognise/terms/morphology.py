"""What a word's own form says of it: "pancréatite" is a disorder, "ranibizumab" a medicine.

Rules, in the order in which they apply; the lists are those of `data/morphology.toml`:

1. The stems of international non-proprietary names (-mab, -pril, -olol…) make a medicine of a known ATC group.
2. The endings that are almost only of disorders (-émie, -pathie, -plégie…) make a disorder.
3. A sugar is a chemical; "anti" before an illness or a germ names a class of medicines.
4. The endings shared with ordinary words (-ite, -ose, -ine, -ate…) make a disorder or a chemical of a word that the
   French word list does not hold, or holds as one.
"""

from __future__ import annotations

from functools import cache

from etanche.model import Kind
from etanche.recognise.terms.vocabulary import Term, data, lines, words_of

LIKELY = 0.85
"""Confidence of a stem or an ending that hardly any other word has."""
LOOSE = 0.7
"""Confidence of an ending shared with ordinary words."""

_SHORTEST = 6
"""Letters of a word whose ending tells."""
_LETTERS_BEFORE = 3
"""Letters before a stem or an ending."""


class Morphology:
    """What the form of a folded word in the singular says."""

    def __init__(self) -> None:
        lists = data("morphology.toml")
        disorder, chemical, loose = lists["disorder"], lists["chemical"], lists["loose"]
        self._endings = tuple(words_of(disorder["endings"]))
        self._no_disorder = words_of(disorder["not"])
        self._beginnings = tuple(words_of(disorder["beginnings"]))
        self._after = tuple(words_of(disorder["after_beginning"]))
        self._loose_disorder = tuple(words_of(loose["disorder"]))
        self._loose_chemical = tuple(words_of(loose["chemical"]) | words_of(chemical["ite"]))
        self._chemicals = words_of(chemical["known"]) | words_of(chemical["sugars"]) | words_of(chemical["ite"])
        self._no_chemical = words_of(chemical["not"])
        self._anti = words_of(chemical["anti"])
        self._sugars = tuple(words_of(chemical["sugars"]))
        self._disorders = words_of(lists["known_disorders"]["words"])
        self._stems = {stem: code for code, stems in lists["stems"].items() for stem in stems.split()}
        self._stem_sizes = sorted({len(stem) for stem in self._stems}, reverse=True)
        self._ordinary = frozenset(lines("ordinary.txt.zst")) | words_of(lists["loose_not"]["words"])
        self._never_disorder = tuple(words_of(disorder["never"]))
        self._never_chemical = tuple(words_of(chemical["never"]))

    def read(self, word: str) -> Term | None:
        """Return what a folded word is by its form, or None."""
        if word.endswith("s") and len(word) > _SHORTEST:
            word = word[:-1]
        if len(word) < _SHORTEST or word in self._no_chemical:
            return None
        if word in self._chemicals:
            return Term(Kind.MEDICINE, LIKELY)
        if word in self._disorders:
            return Term(Kind.DISEASE, LIKELY)
        return self._by_stem(word) or self._by_tight_form(word) or self._by_loose_ending(word)

    def _by_stem(self, word: str) -> Term | None:
        for stem_size in self._stem_sizes:
            code = self._stems.get(word[-stem_size:])
            if code is not None and len(word) - stem_size >= _LETTERS_BEFORE and word not in self._ordinary:
                return Term(Kind.MEDICINE, LIKELY, code)
        return None

    def _by_tight_form(self, word: str) -> Term | None:
        if word in self._no_disorder or word.endswith(self._never_disorder):
            return None
        if word.endswith(self._sugars):
            return Term(Kind.MEDICINE, LIKELY)
        if word.endswith(self._endings):
            return Term(Kind.DISEASE, LIKELY)
        if word.startswith(self._beginnings) and word.endswith(self._after):
            return Term(Kind.DISEASE, LIKELY)
        if word.startswith("anti") and word[4:] in self._anti:
            return Term(Kind.MEDICINE, LIKELY)
        return None

    def _by_loose_ending(self, word: str) -> Term | None:
        if word in self._ordinary:
            return None
        if word.endswith(self._loose_chemical) and not word.endswith(self._never_chemical):
            return Term(Kind.MEDICINE, LOOSE)
        if word.endswith(self._loose_disorder):
            return Term(Kind.DISEASE, LOOSE)
        return None


@cache
def morphology() -> Morphology:
    """Return the reader of forms, its lists loaded once."""
    return Morphology()
