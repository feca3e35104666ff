"""A text as a row of phrases of the dictionary.

Rules, in the order in which they apply:

1. The longest phrase that starts at a word is taken, small words between its words skipped.
2. A word that starts none is unknown, or a number.
3. A number with a comma or a point is one word ("0,5 mg" denies nothing).
4. A `+` or `-` is a result when it ends a word ("VIH+", "VIH- VHC-") or the clause ("VIH - VHC +"), a join between two
   words ("VIH-VHC"), else a spaced dash parts clauses and a spaced plus joins.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from etanche.model import Stance
from etanche.recognise.topics.dictionary import BETWEEN, Cue, Dictionary, Item, Node
from etanche.recognise.topics.spelling import TOKEN

_UNKNOWN = Item((" ",))
_NUMBER = Item(("#",), Cue.FILLER)
_PLUS = Item(("+",), Cue.POSITIVE_AFTER)
_PLUS_JOINS = Item(("+",), Cue.POSITIVE_AFTER | Cue.JOINER)
_MINUS = Item(("-",), Cue.NEGATION_AFTER)
_DASH = Item(("-",), Cue.BREAK)
_HYPHEN = Item(("-",), Cue.JOINER)
_BULLET = Item(("-",), Cue.FILLER)
_SMALL = {word: Item((word,)) for word in BETWEEN}

_CLAUSE = 24
"""Words within which a clause is looked through to its end."""
_DATING = frozenset(("le", "en", "depuis", "ce"))
"""Words that begin a date after a result: "sero - le 12/03"."""


@dataclass(slots=True)
class Reading:
    """A text read: its tokens and where they are, the dictionary's words, its phrases and each one's first and last."""

    tokens: list[str]
    folded: str
    words: list[str]
    phrases: list[Item]
    firsts: list[int]
    _spans: list[tuple[int, int]] | None = None

    @property
    def spans(self) -> list[tuple[int, int]]:
        """Where the tokens are; few texts need it."""
        if self._spans is None:
            self._spans = [*map(re.Match.span, TOKEN.finditer(self.folded))]
        return self._spans

    def last_token(self, at: int) -> int:
        """Return the index of the last token of phrase `at`."""
        return (self.firsts[at + 1] if at + 1 < len(self.firsts) else len(self.tokens)) - 1


def read(known: Dictionary, folded: str, tokens: list[str]) -> Reading:
    """Cut a folded text, its tokens given, into phrases."""
    words = [*map(known.speller.__getitem__, tokens)]
    phrases: list[Item] = []
    firsts: list[int] = []
    reading = Reading(tokens, folded, words, phrases, firsts)
    first = known.trie.get
    at, last = 0, len(words) - 1
    while at <= last:
        firsts.append(at)
        word = words[at]
        node = first(word)
        if node is None:
            phrases.append(_plain(tokens[at]))
        elif at + 1 < last and tokens[at + 1] in ",." and _is_decimal(reading, at):
            phrases.append(_NUMBER)
            at += 2
        elif word in ("+", "-"):
            phrases.append(_sign(reading, at))
        elif at < last and node and (words[at + 1] in node or tokens[at + 1] in BETWEEN):
            item, at = _longest(node, reading, at)
            phrases.append(item)
            continue
        else:
            phrases.append(node.item or _plain(tokens[at]))
        at += 1
    return reading


def _is_decimal(reading: Reading, at: int) -> bool:
    """Tell whether a number with a comma or a point begins at word `at`: "0,5", but "12.03.2020" is a date."""
    tokens, end = reading.tokens, at + 3
    if not (tokens[at].isdigit() and tokens[at + 2].isdigit()):
        return False
    spans = reading.spans
    glued = spans[at][1] == spans[at + 1][0] and spans[at + 1][1] == spans[at + 2][0]
    return glued and not (end < len(tokens) and tokens[end] in ",." and spans[end][0] == spans[at + 2][1])


def _plain(token: str) -> Item:
    return _NUMBER if token.isdigit() else _SMALL.get(token, _UNKNOWN)


def _longest(node: Node, reading: Reading, at: int) -> tuple[Item, int]:
    """Return the longest phrase that starts at word `at`, and the word after its last (rule 1)."""
    words, tokens = reading.words, reading.tokens
    found = node.item or _plain(tokens[at])
    end = at + 1
    # A small word that one phrase names may be one between the words of another.
    paths = [(node, end, 0)]
    while paths:
        node, place, skipped = paths.pop()
        while place < len(words) and node:
            following = node.get(words[place])
            small = skipped < 3 and tokens[place] in BETWEEN
            place += 1
            if following is not None:
                if small and tokens[place - 1].isalpha():
                    paths.append((node, place, skipped + 1))
                node, skipped = following, 0
                if node.item is not None and place > end:
                    found, end = node.item, place
            elif small:
                skipped += 1
            else:
                break
    if end > at + 1 and end < len(words) and tokens[end] == "." == tokens[end - 2]:
        end += 1  # "I.V.G. 2010": its last point ends no clause.
    return found, end


def _takes_result(phrase: Item) -> bool:
    """Tell whether the phrase is a term that is tested for: "VIH - VHC +", but "domicile - frère VIH+"."""
    return any(entry.tested or entry.result or entry.stance is Stance.UNCERTAIN for entry in phrase.entries)


def _sign(reading: Reading, at: int) -> Item:
    """Tell what a + or - is (rule 4)."""
    tokens, spans = reading.tokens, reading.spans
    if at == 0:
        return _BULLET
    plus = tokens[at][0] == "+"
    result = _PLUS if plus else _MINUS
    after = tokens[at + 1] if at + 1 < len(tokens) else ""
    attached = spans[at - 1][1] == spans[at][0]
    glued = after.isalnum() and spans[at + 1][0] == spans[at][1]
    if attached and glued:
        return result if plus or after == "ve" else _HYPHEN if reading.phrases[-1].entries else _BULLET
    if attached or not after.isalnum() or len(tokens[at]) > 1 or after in _DATING:
        return result
    if glued:
        return _DASH
    beyond = 0 if len(tokens) > at + _CLAUSE else len(tokens)
    rest = next((place for place in range(at + 1, len(tokens))[:_CLAUSE] if tokens[place] in ",;.\n"), beyond) - 1
    if rest > at and tokens[rest][0] in "+-" and (plus or _takes_result(reading.phrases[-1])):
        return result
    return _PLUS_JOINS if plus else _DASH
