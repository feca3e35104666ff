"""Where a comment may be cut in two that are read each for itself, so that a remark seen before is not read again.

Rules:

1. Remarks are parted by a full stop or a dash with spaces ("à jeun. VIH+", "enceinte 12 SA - domicile"), which end a
   clause, so that no cue passes them.
2. Not where a phrase of the dictionary may go on or a name follow: "hép. C", "susp. VIH", "K - sein", "Dr. CANCER", nor
   after a letter between points: "I.V.G. 2010".
3. Not where a dash may be a result: before a date, or in a comment with a + or a clause that ends in - ("VIH - VHC +").
"""

from __future__ import annotations

import re

from etanche.recognise.topics.dictionary import BETWEEN, Dictionary, Node
from etanche.recognise.topics.phrases import word_list
from etanche.recognise.topics.spelling import Speller

_SEAM = re.compile(r"(?<=[a-z0-9?+])(?:(?<!\.[a-z])\. | - (?!(?:le|en|depuis|ce)(?![a-z])))(?=([a-z]+|[0-9]+))")
_SIGNED = re.compile(r"\+|-\s*(?:$|[,;.\n])")
_LAST = re.compile(r"(?:[a-z]+|[0-9]+|\?+|\++)$")
_MEMO_LIMIT = 300_000


class _Firsts(dict[str, str | None]):
    """Word -> the dictionary's, None for a small one; what was looked up once is remembered."""

    def __init__(self, speller: Speller) -> None:
        super().__init__()
        self._speller = speller

    def __missing__(self, token: str) -> str | None:
        """Look a word up for the first time."""
        if len(self) > _MEMO_LIMIT:
            self.clear()
        found = self[token] = None if token in BETWEEN else self._speller[token]
        return found


class Seams(dict[str, frozenset[str] | None]):
    """What stands before a seam -> the words that phrases go on with, None where the text may not be cut at all."""

    def __init__(self, known: Dictionary) -> None:
        super().__init__()
        self._speller = known.speller
        self._apart = BETWEEN | word_list("called") | word_list("streets")
        self._firsts = _Firsts(known.speller)
        following: dict[str, set[str]] = {}
        seen: set[tuple[str, int]] = set()
        for word, node in known.trie.items():
            _collect(word, node, following, seen)
        self._following = {word: frozenset(words) for word, words in following.items()}

    def __missing__(self, before: str) -> frozenset[str] | None:
        """Tell for the first time what may follow `before`."""
        if len(self) > _MEMO_LIMIT:
            self.clear()
        last = _LAST.search(before)
        token = last[0] if last else ""
        apart = not token or token in self._apart
        following = _NOTHING if apart else self._following.get(self._speller[token], _NOTHING)
        found = self[before] = None if apart or (token.isalpha() and "." in following) else following
        return found

    def cut(self, folded: str) -> list[tuple[int, str]]:
        """Return the pieces of a folded text, each with its offset."""
        dashed = " - " in folded
        if not dashed and ". " not in folded:
            return [(0, folded)]
        pieces = []
        first = 0
        signed = dashed and _SIGNED.search(folded)
        for seam in _SEAM.finditer(folded):
            start = seam.start()
            if signed and folded[start] == " ":
                continue
            following = self[folded[folded.rfind(" ", first, start) + 1 : start]]
            if following is None:
                continue
            if following:
                word = self._firsts[seam[1]]
                if word is None or word in following:
                    continue
            pieces.append((first, folded[first:start]))
            first = seam.end()
        pieces.append((first, folded[first:]))
        return pieces


_NOTHING: frozenset[str] = frozenset()


def _collect(word: str, node: Node, following: dict[str, set[str]], seen: set[tuple[str, int]]) -> None:
    """Note for each word of a phrase those that may come next; nodes may be shared."""
    if (word, id(node)) in seen or not node:
        return
    seen.add((word, id(node)))
    following.setdefault(word, set()).update(node)
    for after, child in node.items():
        _collect(after, child, following, seen)
