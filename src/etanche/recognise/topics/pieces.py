"""Where a comment may be cut in two that are read each for itself, so that a remark seen before is not read again.

Rules:

1. Remarks are parted by a full stop or a dash with spaces ("à jeun. VIH+", "enceinte 12 SA - domicile"), which end a
   clause, so that no cue passes them.
2. Not where a phrase of the dictionary may go on or a name follow: "hép. C", "K - sein", "Dr. CANCER".
3. Not where a dash may be a result: before a date, or in a comment with a + or a clause that ends in - ("VIH - VHC +").
"""

from __future__ import annotations

import re

from etanche.recognise.topics.dictionary import BETWEEN, Dictionary, Node, word_list
from etanche.recognise.topics.spelling import Speller

_SEAM = re.compile(r"(?<=[a-z0-9?+])(?:\. | - (?!(?:le|en|depuis|ce)(?![a-z])))(?=([a-z]+|[0-9]+))")
_SIGNED = re.compile(r"\+|-\s*(?:$|[,;.\n])")
_LAST = re.compile(r"(?:[a-z]+|[0-9]+|\?+|\++)$")
_MEMO_LIMIT = 300_000
_NEVER, _UNLESS_IT_GOES_ON, _ALWAYS = range(3)


class _Firsts(dict[str, bool]):
    """Word -> whether no phrase goes on with it; what was looked up once is remembered."""

    def __init__(self, speller: Speller, goes_on: set[str]) -> None:
        super().__init__()
        self._speller = speller
        self._goes_on = goes_on

    def __missing__(self, token: str) -> bool:
        """Look a word up for the first time."""
        if len(self) > _MEMO_LIMIT:
            self.clear()
        found = self[token] = token not in BETWEEN and self._speller[token] not in self._goes_on
        return found


class Seams(dict[str, int]):
    """What stands before a seam -> whether the text may be cut there; what was looked up once is remembered."""

    def __init__(self, known: Dictionary) -> None:
        super().__init__()
        self._speller = known.speller
        self._apart = BETWEEN | word_list("called") | word_list("streets")
        self._begins: set[str] = set()
        goes_on: set[str] = set()
        for word, node in known.trie.items():
            self._collect(word, node, goes_on)
        self._firsts = _Firsts(known.speller, goes_on)

    def _collect(self, word: str, node: Node, goes_on: set[str]) -> None:
        if node:
            self._begins.add(word)
        for following, child in node.items():
            goes_on.add(following)
            self._collect(following, child, goes_on)

    def __missing__(self, before: str) -> int:
        """Tell for the first time whether the text may be cut after `before`."""
        if len(self) > _MEMO_LIMIT:
            self.clear()
        last = _LAST.search(before)
        token = last[0] if last else ""
        if not token or token in self._apart:
            holds = _NEVER
        else:
            holds = _UNLESS_IT_GOES_ON if self._speller[token] in self._begins else _ALWAYS
        self[before] = holds
        return holds

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
            holds = self[folded[folded.rfind(" ", first, start) + 1 : start]]
            if holds == _ALWAYS or (holds and self._firsts[seam[1]]):
                pieces.append((first, folded[first:start]))
                first = seam.end()
        pieces.append((first, folded[first:]))
        return pieces
