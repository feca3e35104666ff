"""Letters and words: from a comment as typed to the words of the dictionary.

Rules, in the order in which they apply:

1. One character becomes one character, so that an offset in the folded text is an offset in the original: lower case,
   accents off; œ and æ become e ("cœur" is read as "ceur", which the dictionary knows for "coeur").
2. A text is cut into words of letters, numbers, and signs; "12SA" is 12 and SA, "VIH+" is VIH and +.
3. A word is what the dictionary knows: itself, its singular, a medicine; then, unless it is somebody's name, a stem
   (`diabet*`); else the word that sounds the same (doubled letters, ph/f, th/t, y/i, z/s, c/k/qu, ai/e, au/o, en/an, a
   lost h), the word of six letters or more (a term: of four) that lacks a letter, has one too many or two exchanged,
   and from seven letters on (a term: from six) the word that lost its last e or has one letter changed; never the first
   letter.  A stem may have an exchange from seven letters on, any edit from
   nine, but neither in its last letter: shorter ones are too near to others ("infirm*" to "infirmière").  Ordinary
   words near a term are listed in `data/words.toml`: never corrected, never read as a stem ("déménagé", `demen*`).
4. A stem of five letters or less ("hep*") tells less than the word that a long token misspells ("hépathite").
5. A word that is nothing else may be a term glued to a word that often stands beside it ("femmeenceinte", "vihpositif";
   `glued_before` and `glued_after` in `data/words.toml`); beside a word of two or three letters, one of seven or more.
   Nothing is looked for so in more than sixty letters.
"""

from __future__ import annotations

import re
import sys
import unicodedata
from collections.abc import Callable, Iterable

TOKEN = re.compile(r"[a-z]+|[0-9]+|\+/-|\++|-+|\?+|\n|[^\sa-z0-9]")
"""What a folded text is cut into."""

_LIGATURES = {"œ": "e", "Œ": "e", "æ": "e", "Æ": "e", "ß": "s", "ø": "o", "Ø": "o", "’": "'", "‘": "'", "ʼ": "'"}
_LIGATURES |= {"–": "-", "—": "-", "−": "-", "‐": "-", "‑": "-", "⁺": "+", "⁻": "-", "➕": "+", "➖": "-", "？": "?"}
_MEMO_LIMIT = 300_000
_SHORTEST, _LONGEST = 4, 30
"""Letters of a word that may be a misspelling."""
_HEARD = _NEAR = 6
"""Letters from which a word may be written by its sound, or lack a letter, have one too many or two exchanged."""
_LONG = 7
"""Letters from which a word may be one edit away from a term."""
_FREE_STEM = 9
"""Letters from which a stem may be one edit away from a word's beginning."""
_GLUED, _ACRONYM = 7, 3
"""Letters of a term glued to a word of two or three letters, and to a longer one (rule 5)."""
_SHORT_STEM = 6
"""Characters of a short stem, its `*` included (rule 4)."""


def _fold_table() -> dict[int, str]:
    table = {}
    for code in range(0x80, sys.maxunicode + 1 if sys.maxunicode < 0x3000 else 0x3000):
        char = chr(code)
        base = unicodedata.normalize("NFKD", char)[0].lower()
        folded = _LIGATURES.get(char, base if len(base) == 1 and base.isascii() and base.isalnum() else char)
        if folded != char:
            table[code] = folded
    for char, folded in _LIGATURES.items():
        table[ord(char)] = folded
    for code in range(0xFF01, 0xFF5F):
        table[code] = chr(code - 0xFEE0).lower()
    return table | {code: chr(code).lower() for code in range(0x41, 0x5B)}


_FOLD = _fold_table()


def fold(text: str) -> str:
    """Return `text` in lower case without accents, character for character (the length never changes)."""
    return text.lower() if text.isascii() else text.translate(_FOLD)


_SOUNDS = (
    (re.compile(r"ph"), "f"),
    (re.compile(r"th"), "t"),
    (re.compile(r"rh"), "r"),
    (re.compile(r"sc?h|sk(?=[iy])"), "s"),
    (re.compile(r"[ao]e"), "e"),
    (re.compile(r"s?c(?=[eiy])|z"), "s"),
    (re.compile(r"c[ck]|qu?|k"), "c"),
    (re.compile(r"e?au"), "o"),
    (re.compile(r"[ae]i(?=[^lnm]|$)"), "e"),
    (re.compile(r"(?:ai|ei|i|y)[nm](?=[^aeiouynm]|$)"), "in"),
    (re.compile(r"(?:a|e)[nm](?=[^aeiouynm])"), "an"),
    (re.compile(r"g(?=[eiy])"), "j"),
    (re.compile(r"y"), "i"),
)
_DOUBLE = re.compile(r"(.)\1")


def sound(word: str) -> str:
    """Return what a misspelling leaves of a word: no doubled letter, no silent h, one letter for one sound."""
    for written, heard in _SOUNDS:
        word = written.sub(heard, word)
    return _DOUBLE.sub(r"\1", word.removeprefix("h"))


def _deletes(word: str) -> set[str]:
    return {word[:place] + word[place + 1 :] for place in range(1, len(word))}


def _one_edit(word: str, typed: str, changed: int) -> bool:
    """Tell whether two words that share a deletion are one edit apart (their first letters agree).

    A letter changed counts from `changed` letters on: too many others are one such change away from a short word.
    """
    if abs(len(word) - len(typed)) == 1:
        return True
    differ = [place for place, (left, right) in enumerate(zip(word, typed, strict=True)) if left != right]
    if len(differ) == 2:
        first, second = differ
        return second == first + 1 and word[first] == typed[second] and word[second] == typed[first]
    return len(differ) == 1 and len(word) >= changed


def _listed(words: Iterable[str]) -> dict[str, list[str]]:
    """Return words by what a deletion leaves of them."""
    near: dict[str, list[str]] = {}
    for word in sorted(words):
        for rest in {word} | _deletes(word):
            near.setdefault(rest, []).append(word)
    return near


_NONE = (True, "")


def _nearest(near: dict[str, list[str]], token: str, changed: int) -> tuple[bool, str]:
    """Return the first word one edit from `token` among those of `near`, after whether a letter is changed in it."""
    found = [
        (len(word) == len(token) and sorted(word) != sorted(token), word)
        for word in {word for rest in {token} | _deletes(token) for word in near.get(rest, ())}
        if word[0] == token[0] and _one_edit(word, token, changed)
    ]
    return min(found, default=_NONE)


class Speller(dict[str, str]):
    """Word -> the dictionary's word, "" when it has none; what was looked up once is remembered.

    `words` are the dictionary's exact words, `stems` its stems, `terms` the words that are a term by themselves,
    `names` those of medicines that may be misspelt, `glued` what may stand before and after a term without a blank,
    `ordinary` words never corrected; `medicine` returns the class of a medicine's name ("{medicine}", "{maybe}" for one
    that needs a word like "sous" beside it, "{medicine A10B}") or ""; `is_name` tells the name of a person or a
    commune, which is never read as a stem or a misspelling.
    """

    def __init__(
        self,
        words: Iterable[str],
        stems: Iterable[str],
        terms: Iterable[str],
        names: Iterable[str],
        ordinary: frozenset[str],
        medicine: Callable[[str], str],
        is_name: Callable[[str], bool],
        glued: tuple[frozenset[str], frozenset[str]] = (frozenset(), frozenset()),
    ) -> None:
        super().__init__()
        self._glued_before, self._glued_after = glued
        self._terms = frozenset(terms := [*terms])
        self._is_name = is_name
        self._ordinary = ordinary
        self._words = frozenset(words)
        self._stems = frozenset(stems)
        self._names = frozenset(names)
        self._stem_sizes = sorted({len(stem) for stem in self._stems}, reverse=True)
        self._medicine = medicine
        self._sounds: dict[str, str] = {}
        self._stem_sounds = {sound(stem): stem for stem in sorted(self._stems) if len(stem) >= 6}
        self._stem_sound_sizes = sorted({len(heard) for heard in self._stem_sounds if len(heard) >= 5}, reverse=True)
        known = [word for word in self._words | self._names if word.isalpha()]
        for word in sorted(known):
            if len(word) >= _HEARD:
                self._sounds.setdefault(sound(word), word)
        self._near = _listed(word for word in known if len(word) >= _NEAR)
        self._near_terms = _listed(term for term in terms if _SHORTEST <= len(term) < _LONG)
        self._acronyms = frozenset(term for term in terms if len(term) in (3, 4))
        self._near_stems = _listed(stem for stem in self._stems if len(stem) >= _LONG)
        self._near_stem_sizes = sorted({len(stem) for stem in self._stems if len(stem) >= _LONG}, reverse=True)

    def __missing__(self, token: str) -> str:
        """Look a word up for the first time."""
        if len(self) > _MEMO_LIMIT:
            self.clear()
        found = self._read(token)
        self[token] = found
        return found

    def _read(self, token: str) -> str:
        if token in self._words:
            return token
        if token[0].isdigit():
            return self._number(token)
        if not token.isalpha() or not token.isascii():
            # A run of signs says what one says: "++" is "+", "???" is "?".
            return token[0] if len(token) > 1 and token[0] in self._words else ""
        if token.endswith(("s", "x")) and len(token) >= 5 and token[:-1] in self._words:
            return token[:-1]
        return self._letters(token)

    def _letters(self, token: str) -> str:
        """Read a word that is not the dictionary's own: a medicine, an inflected or a misspelt word (rule 3)."""
        found = self._medicine(token)
        if not found and (token in self._ordinary or (token[-1] == "s" and token[:-1] in self._ordinary)):
            return ""
        found = found or self._inflected(token)
        if not found or (len(found) <= _SHORT_STEM and found[-1] == "*" and len(token) >= _LONG):
            found = self._misspelt(token) or found
        sure = not found or found[0] == "{" or found == token + "*"
        if not sure and self._is_name(token):
            return ""
        if not found and len(token) <= 2 * _LONGEST and not self._is_name(token):
            found = self._unglued(token)
        return self._medicine(found) if found in self._names and found not in self._words else found

    @staticmethod
    def _number(token: str) -> str:
        if len(token) <= 2:
            return "#"
        return "{year}" if len(token) == 4 and token[:2] in ("19", "20") else "{n}"

    def _inflected(self, token: str) -> str:
        for ending in ("e", "es"):
            if len(token) - len(ending) >= 4 and token.endswith(ending):
                singular = token[: -len(ending)]
                if singular in self._words:
                    return singular
        for size in self._stem_sizes:
            if token[:size] in self._stems and len(token) >= size:
                return token[:size] + "*"
        return ""

    def _misspelt(self, token: str) -> str:
        if not _SHORTEST <= len(token) <= _LONGEST:
            return ""
        single = _DOUBLE.sub(r"\1", token)
        if len(single) == len(token) - 1 and single in self._acronyms:
            return single
        heard = sound(token)
        near = self._sounds.get(heard, "") if len(token) > _SHORTEST else ""
        near = near or (self._sounds.get(heard + "e", "") if len(token) >= _LONG else "")
        near = near or self._one_away(token)
        if not near and token[-1] == "s" and len(token) > _LONG:
            near = self._sounds.get(heard.removesuffix("s"), "") or _nearest(self._near, token[:-1], _LONG)[1]
        return near or (self._misspelt_stem(token, heard) if len(token) >= _LONG else "")

    def _unglued(self, token: str) -> str:
        """Return the term that a word of `glued` stands before or after without a blank (rule 5)."""
        for cut in range(2, len(token) - 2):
            left, right = token[:cut], token[cut:]
            for term, beside, words in ((right, left, self._glued_before), (left, right, self._glued_after)):
                least = _GLUED if len(beside) < _SHORTEST else _ACRONYM
                if beside in words and len(term) >= least and term in self._terms:
                    return self._medicine(term) if term in self._names else term
        return ""

    def _one_away(self, token: str) -> str:
        """Return the word one letter away, rather one of which none is changed, rather a term."""
        found = [_nearest(self._near_terms, token, _NEAR), _nearest(self._near, token, _LONG)]
        if len(token) == _SHORTEST:
            found = [one for one in found if sorted(one[1]) == sorted(token)]
        return min((one for one in found if one[1]), key=lambda one: one[0], default=_NONE)[1]

    def _misspelt_stem(self, token: str, heard: str) -> str:
        """Return the stem that sounds like the beginning of `token`, or is one letter away from it."""
        heard += "e"  # A stem is found with or without it: "bipolaire*" in "bipolair".
        for size in self._stem_sound_sizes:
            if heard[:size] in self._stem_sounds:
                return self._stem_sounds[heard[:size]] + "*"
        for size in self._near_stem_sizes:
            for end in (size, size + 1, size - 1):
                if end <= len(token):
                    _, near = _nearest(self._near_stems, token[:end], _LONG)
                    free = size >= _FREE_STEM or (end == size and sorted(near) == sorted(token[:end]))
                    if near and free and near[-1] == token[end - 1]:
                        return near + "*"
        return ""
