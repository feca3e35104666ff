"""What a text may hold, told from its words alone, so that no reader is asked in vain.

Rules, in the order in which they apply:

1. Each word as written has flags, looked up once: it may be a name, a title, a month, a way, a place of care, a
   commune, a secret.
2. A word in small letters that is a known name counts only in a text of small letters.
"""

from __future__ import annotations

import re
from enum import IntFlag
from functools import cache

from etanche.recognise.identities.toponyms import first_words
from etanche.recognise.identities.words import WORDS, contexts

_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_MEMO_LIMIT = 300_000


class May(IntFlag):
    """What a word lets expect."""

    NOTHING = 0
    NAME = 1
    SMALL_NAME = 2
    DAY = 4
    WAY = 8
    CARE = 16
    COMMUNE = 32
    SECRET = 64


@cache
def _triggers() -> dict[str, int]:
    """Return flags by folded word, for words that announce something."""
    found: dict[str, int] = {}
    listed = (
        (May.NAME, contexts()["titles"]),
        (May.DAY, contexts()["months"]),
        (May.SECRET, contexts()["secrets"]),
        (May.WAY, first_words("ways", "short_ways", "numbered_ways", "dwellings")),
        (May.CARE, first_words("hospitals", "laboratories", "known_hospitals", "hospitals_after")),
        (May.COMMUNE, first_words("lives", "cities")),
    )
    for flag, words in listed:
        for word in words:
            found[word] = found.get(word, 0) | flag
    return found


class _Flags(dict[str, int]):
    """Word as written -> its flags; what was looked up once is remembered."""

    def __missing__(self, written: str) -> int:
        """Look a word up for the first time."""
        if len(self) > _MEMO_LIMIT:
            self.clear()
        word = WORDS[written]
        flags = 0
        for part in {word.folded, *word.folded.split(" ")}:
            flags |= _triggers().get(part, 0)
        if word.maybe_name:
            flags |= May.NAME
        if word.shape == "l" and word.family in "FBS" and len(word.folded) > 3 and not word.ordinary:
            flags |= May.SMALL_NAME
        if word.commune and word.shape != "l":
            flags |= May.COMMUNE
        self[written] = flags
        return flags


_FLAGS = _Flags()


def may_hold(text: str) -> int:
    """Return what the words of a text let expect, as flags."""
    flags = 0
    for found in {*map(_FLAGS.__getitem__, _WORD.findall(text))}:
        flags |= found
    if flags & May.SMALL_NAME and text.islower():
        flags |= May.NAME
    return flags
