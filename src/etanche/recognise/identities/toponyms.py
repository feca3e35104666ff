"""What the readers of places share: lists as patterns, and where the name of a place or a way ends.

Rules, in the order in which they apply:

1. The lists of `places.toml` are matched in any case, with their accents or without.
2. A name is capitals with small words between ("de la", "sur"); the first word may be in small letters, and in a text
   of one case two words are taken.
3. Digits are part of a way's name where they are a day ("rue du 8 mai 1945"), never of a place's.
"""

from __future__ import annotations

import re
import tomllib
from functools import cache
from importlib import resources

from etanche.lexicon.fold import fold
from etanche.recognise.identities.words import WORDS

_I = re.IGNORECASE
_ACCENTS = {
    "é": "[éeÉE]",
    "è": "[èeÈE]",
    "ê": "[êeÊE]",
    "ô": "[ôoÔO]",
    "â": "[âaÂA]",
    "î": "[îiÎI]",
    "à": "[àaÀA]",
    "ù": "[ùuÙU]",
}
LETTER = r"[^\W\d_]"
WORD = rf"{LETTER}+(?:['’.-]{{1,2}}{LETTER}+)*"
TOKEN = re.compile(rf"{WORD}\.?|[0-9]{{1,2}}(?:er|[èe]me|e|de)(?![^\W_])|[0-9]+|s/")


def pattern_of(name: str) -> str:
    """Return a pattern of the words of a list of `places.toml`."""
    words = tomllib.loads((resources.files(__package__) / "places.toml").read_text(encoding="utf-8"))[name]
    spelt = (
        "".join(_ACCENTS.get(char, re.escape(char)) for char in word) for word in sorted(words, key=len, reverse=True)
    )
    return "(?:" + "|".join(word.replace(r"\ ", " +") for word in spelt) + ")"


@cache
def listed(name: str) -> frozenset[str]:
    """Return the words of a list of `places.toml`, folded."""
    words = tomllib.loads((resources.files(__package__) / "places.toml").read_text(encoding="utf-8"))[name]
    return frozenset(map(fold, words))


def key_words(*names: str) -> frozenset[str]:
    """Return the longest word of each phrase of some lists, folded: without one of them none of them is there."""
    return frozenset(max(phrase.split(" "), key=len) for name in names for phrase in listed(name))


def name_end(text: str, at: int, longest: int, *, address: bool) -> int:
    """Return where the name that begins at `at` ends: capitals and small words; in a text of one case, a few words."""
    end, names, cased = at, 0, mixed_case(text, at)
    position = at
    while names < longest:
        token = TOKEN.match(text, position)
        if token is None:
            break
        word = token.group().rstrip(".")
        folded = fold(word)
        # "rue du 8 mai 1945": digits are part of a way's name, never of a place's.
        digits = word.isdigit()
        if digits:
            dated = _DATED.match(text, token.start()) if address else None
            if dated is None:
                break
            end, names = dated.end(), names + 1
            position = _gap(text, end)
            continue
        if folded in listed("joints") and not (names and folded in {"LE", "A", "AU"}):
            position = _gap(text, token.end())
            continue
        small = word[0].islower() and "'" not in word[:2] and "’" not in word[:2]
        if names and (folded in listed("ends") or (small and cased) or (not cased and names >= 2)):
            break
        if not names and folded in listed("ends") and not (address and "titles" in WORDS[word].lists):
            break
        names += 1
        end = token.end() if not token.group().endswith(".") or token.end() < len(text) else token.end() - 1
        position = _gap(text, token.end())
        if position < 0:
            break
    return end


_DATED = re.compile(
    r"(?:1er|[0-9]{1,2}) (?:janvier|f[ée]vrier|mars|avril|mai|juin|juillet|ao[uû]t|septembre|octobre|novembre"
    r"|d[ée]cembre)(?: (?:18|19)[0-9]{2}(?![0-9]))?",
    _I,
)


_AROUND = 200
_GAPS = re.compile(r"[ \t]{0,2}(?:-(?=\w))?")


def _gap(text: str, at: int) -> int:
    found = _GAPS.match(text, at)
    return found.end() if found else at


def mixed_case(text: str, at: int) -> bool:
    """Tell whether the text has both cases around a place, so that a capital says something."""
    around = text[max(0, at - _AROUND) : at + _AROUND]
    return not (around.isupper() or around.islower())
