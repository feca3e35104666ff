"""Words as a term and a text share them: no accents, no case, no number, no gender.

Rules, in the order in which they apply:

1. One character stays one character (`topics.spelling.fold`), so that offsets are those of the text.
2. A text is cut into words of letters, numbers, and signs.
3. The root of a word has lost its plural (-s, -aux -> -al, -eaux -> -eau) and its feminine (-euse -> -eu, -ive -> -if,
   doubled consonant and -e): "rénales", "rénaux" and "rénal" share one root.  It is no word, only a key.
"""

from __future__ import annotations

import re

WORD = re.compile(r"[a-z]+|[0-9]+|[^\sa-z0-9]")
"""What a folded text is cut into."""

_SHORT = 4
"""Letters of a word that keeps its ending: "os", "sels", "foie"."""
_DOUBLED = ("ll", "nn", "tt", "ss")
_FEMININE = (("eus", "eu"), ("iv", "if"), ("ec", "ec"))


def root(word: str) -> str:
    """Return the key under which the forms of a folded word are one."""
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
