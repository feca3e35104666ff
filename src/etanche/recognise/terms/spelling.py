"""Words as a term and a text share them: no accents, no case, no number, no gender.

Rules, in the order in which they apply:

1. One character stays one character (`topics.spelling.fold`), so that offsets are those of the text; an é at the end of
   a word stays (-é, -ée, -és, -ées): "calculée" is no "calcul", "gêné" no "gène".
2. A text is cut into words of letters, numbers, and signs.
3. The root of a word has lost its plural (-s, -aux -> -al, -eaux -> -eau) and its feminine (-euse -> -eu, -ive -> -if,
   doubled consonant and -e): "rénales", "rénaux" and "rénal" share one root.  It is no word, only a key.
4. A term is kept under its root with and without the last é, for texts that are written without accents, and with œ as
   one letter ("œdème", read as "edeme") and as two ("oedeme").
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from etanche.recognise.topics.spelling import fold

WORD = re.compile(r"[a-zé]+|[0-9]+|[^\sa-zé0-9]")
"""What a folded text is cut into."""

_LAST_ACCENT = re.compile(r"[éÉ](?=[eE]?[sS]?(?![^\W\d_]))")
_LIGATURES = str.maketrans({"œ": "oe", "Œ": "OE", "æ": "ae", "Æ": "AE"})
_SHORT = 4
"""Letters of a word that keeps its ending: "os", "sels", "foie"."""
_DOUBLED = ("ll", "nn", "tt")
_FEMININE = (("eus", "eu"), ("iv", "if"))


def letters(text: str) -> str:
    """Return `text` in lower case, its accents gone but a last é, character for character."""
    folded = fold(text)
    if folded.isascii() and text.isascii():
        return folded
    pieces, done = [], 0
    for match in _LAST_ACCENT.finditer(text):
        pieces.append(folded[done : match.start()])
        done = match.end()
    return "é".join([*pieces, folded[done:]])


def root(word: str) -> str:
    """Return the key under which the forms of a word (rule 1) are one."""
    if len(word) <= _SHORT:
        return word
    if word[-1] == "s":
        word = word[:-1]
    if word.endswith(("eux", "eaux")):
        word = word[:-1]
    elif word.endswith("aux"):
        word = word[:-2] + "l"
    while len(word) > _SHORT and word[-1] == "e":
        word = word[:-1]
    if word[-2:] in _DOUBLED:
        word = word[:-1]
    for ending, masculine in _FEMININE:
        if word.endswith(ending) and len(word) > _SHORT:
            return word.removesuffix(ending) + masculine
    return word


def keys(words: Iterable[str]) -> tuple[tuple[str, ...], ...]:
    """Return the roots of the words of a term, in each of the ways in which texts write it (rule 4)."""
    written = tuple(words)
    apart = tuple(word.translate(_LIGATURES) for word in written)
    ways = [(way, read) for way in (written, apart) for read in (letters, fold)]
    return tuple(dict.fromkeys(tuple(root(read(word)) for word in way) for way, read in ways))
