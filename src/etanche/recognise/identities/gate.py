"""What a text may hold, told from its words alone, so that no reader is asked in vain.

Rules, in the order in which they apply:

1. Each word as written has flags, looked up once: it may be a name, a title, a month, a way, a place of care, a
   commune, a secret.
2. A word in small letters that is a known name counts only in a text of small letters.
"""

from __future__ import annotations

import re
from functools import cache

from etanche.recognise.identities.toponyms import key_words
from etanche.recognise.identities.words import WORDS, contexts

_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_MEMO_LIMIT = 300_000


# Plain integers: an IntFlag costs more than the reading it would spare.
NAME, SMALL_NAME, DAY, WAY, CARE, COMMUNE, SECRET = (1 << place for place in range(7))


@cache
def _triggers() -> tuple[dict[str, int], dict[str, int]]:
    """Return flags by folded word: of words that announce something as they are, and of those that do in a capital."""
    anyhow = (
        (NAME, contexts()["titles"]),
        (DAY, contexts()["months"]),
        (SECRET, contexts()["secrets"]),
        (WAY, key_words("ways", "short_ways", "numbered_ways", "dwellings")),
        (CARE, key_words("hospitals", "laboratories", "hospitals_after")),
        (COMMUNE, key_words("lives")),
    )
    capital = ((CARE, key_words("known_hospitals")), (COMMUNE, key_words("cities")))
    return _by_word(anyhow), _by_word(capital)


def _by_word(listed: tuple[tuple[int, frozenset[str]], ...]) -> dict[str, int]:
    found: dict[str, int] = {}
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
        anyhow, capital = _triggers()
        flags = 0
        for part in {word.folded, *word.folded.split(" ")}:
            flags |= anyhow.get(part, 0)
            if word.shape != "l":
                flags |= capital.get(part, 0)
        if word.maybe_name:
            flags |= NAME
        if word.shape == "l" and word.family in "FBS" and len(word.folded) > 3 and not word.ordinary:
            flags |= SMALL_NAME
        if word.commune and word.shape == "C":
            flags |= COMMUNE
        self[written] = flags
        return flags


_FLAGS = _Flags()


def may_hold(text: str) -> int:
    """Return what the words of a text let expect, as flags."""
    flags = 0
    for found in {*map(_FLAGS.__getitem__, _WORD.findall(text))}:
        flags |= found
    if flags & SMALL_NAME and text.islower():
        flags |= NAME
    return flags
