"""How likely a character is between two others in French text: what tells one single-byte encoding from another.

1. A letter with an accent: how common it is, what letters stand before and after it, and whether small letters stand
   among small ones and capitals among capitals.
2. A symbol: how common it is, and whether it stands where such symbols do (`’` inside words, `°` after a figure).
3. What no French text holds (controls, box drawing, Greek) is very unlikely, and more so inside a word.

How common: French letters with accents per 10,000 letters, rounded from counts of Wikipedia's French articles (public
figures of "Fréquence d'apparition des lettres").  What stands beside them: counted on this project's own French texts,
Django's French translations (BSD licence) and a list of 250 first names, surnames and communes; each figure is
9 + 1.3 ln(share), from 0 to 9 (from 3 for the letters that were met fewer than 200 times).

    >>> likelihood("é", "H", "l") > likelihood("Ú", "H", "l")
    True
"""

from __future__ import annotations

import math

_NEIGHBOURS = "_*abcdefghijklmnopqrstuvwxyz"
"""What the figures stand for: no letter, a letter with an accent, then the alphabet."""
_BESIDE = {
    "é": ("6115460446330655340756440010", "7333546250130655450656150004"),
    "à": ("9111111111151411111111111111", "9111111111111111111111111111"),
    "è": ("4004560454600744040666020044", "3000440050000656032775060003"),
    "ê": ("7003000006000553060706560000", "0000600000000066006008000000"),
    "ç": ("1161114111111118111711111111", "1171111111111111911111411111"),
    "ù": ("4444444444444444844444444444", "8444444444444444444444444444"),
    "â": ("4636333368333353353333333333", "3333533343333533335339333333"),
    "î": ("7373333333333336733333333333", "3333333333333766333338333333"),
    "ô": ("4353763336333333353733353333", "3333333333333676353338333333"),
    "û": ("3333333333333383733763333333", "5333333333333733333836333333"),
    "ï": ("3383333333333333833333333333", "3333753333333365333386333333"),
    "ë": ("3383333333333333833333533333", "3333333333333933333636333333"),
    "œ": ("6337733333333333333363333333", "3333333333333333333333933333"),
    "ÿ": ("3383333333333333733333733333", "8333333333333333333373333333"),
}
_FLAT = ("4" * len(_NEIGHBOURS),) * 2
_PER_10000 = {
    "é": 194, "à": 49, "è": 31, "ê": 23, "ç": 9, "ù": 6, "â": 5, "î": 5, "ô": 5, "û": 3, "ï": 2, "ë": 1.5, "œ": 2,
    "ü": 0.5, "ö": 0.5, "ä": 0.3, "ñ": 0.3, "á": 0.2, "í": 0.2, "ó": 0.2, "ú": 0.1, "æ": 0.1, "ÿ": 0.1,
    "š": 0.01, "ž": 0.01, "ã": 0.02, "õ": 0.01, "ø": 0.006, "å": 0.01, "ß": 0.02,
}  # fmt: skip
_SYMBOLS = {
    "’": 20, "«": 5, "»": 5, "°": 8, "€": 4, "\xa0": 3, "–": 3, "…": 2, "‘": 1, "“": 2, "”": 2, "²": 1, "µ": 2,
    "—": 1, "º": 0.3, "ª": 0.05, "½": 0.2, "¼": 0.1, "¾": 0.05, "³": 0.3, "±": 0.3, "·": 0.1, "×": 0.1, "•": 0.5,
    "£": 0.1, "§": 0.3, "®": 0.3, "©": 0.2, "™": 0.1, "‰": 0.05, "≥": 0.05, "≤": 0.05, "÷": 0.05, "¹": 0.05,
}  # fmt: skip
_FIGURES = frozenset("°€²³µ½¼¾±×÷£§‰º¹ª")
_OPENING, _CLOSING = frozenset("“‘«•"), frozenset("”»…™®")
_OTHER_LETTER = 0.002
_OTHER_SYMBOL = 0.004
_UNKNOWN = -12.0


def likelihood(char: str, before: str, after: str) -> float:
    """Return how likely a character beyond ASCII is between two others ("" at an edge); natural logarithm."""
    if char.isalpha() and char not in "ªºµƒ":
        return _letter(char, before, after)
    if not (char.isprintable() or char == "\xa0"):
        return _UNKNOWN
    score = math.log(_SYMBOLS.get(char, _OTHER_SYMBOL))
    if char == "’":
        score += _apostrophe(before.lower(), after.lower())
    elif before.isalpha() and after.isalpha():
        score -= 6.6 if char == "\xa0" else 12.0
    else:
        score += _beside_symbol(char, before, after=False) + _beside_symbol(char, after, after=True)
    return score


def _letter(char: str, before: str, after: str) -> float:
    small = char.lower()
    left, right = _BESIDE.get(small, _FLAT)
    score = math.log(_PER_10000.get(small, _OTHER_LETTER))
    score += (int(left[_kind(before)]) + int(right[_kind(after)]) - 18) / 1.3
    if before.isdigit() or after.isdigit():
        score -= 3
    if small != "à" and not before.isalpha() and not after.isalpha():
        score -= 3
    if char.islower():
        # One capital before is the first letter of a name; a capital after is neither name nor word.
        return score - (before.isupper() and (1 if after.islower() else 2.5)) - (after.isupper() and 5)
    score -= before.islower() and 6
    score -= after.islower() and (5 if before.isalpha() else 0.3)
    return score - (not before.isalpha() and not after.isalpha())


def _kind(char: str) -> int:
    """Return which of `_NEIGHBOURS` a character is."""
    if not char.isalpha():
        return 0
    small = char.lower()
    return ord(small) - 95 if "a" <= small <= "z" else 1


def _apostrophe(before: str, after: str) -> float:
    """Return how much neighbours speak for an apostrophe: `l’é`, `aujourd’hui`."""
    score = -2.0 if before and before in "ldjnscmtu" else -5.0
    if before.isalpha() and not after.isalnum():
        return score - 1.5
    return score - (2.0 if after.isalpha() and (not after.isascii() or after in "aeiouyh") else 5.0)


def _beside_symbol(char: str, other: str, *, after: bool) -> float:
    """Return how much one neighbour speaks for a symbol."""
    if other.isalpha():
        if (char == "°" and not after and other in "nN") or char in (_OPENING if after else _CLOSING):
            return -1.5
        return -3.3 if char in "\xa0µ" else -6.0
    if other.isdigit():
        return -1.0 if char in _FIGURES else -3.0
    return -0.5
