"""What a comment says: clinical topics, and how it speaks of them.

Rules, in the order in which they apply:

1. A text is folded character for character and cut into words (`topics.spelling`).
2. A text without a word of the dictionary ends here; this is most of them, and nearly free.
3. The longest phrases of the dictionary are its terms and cues (`topics.dictionary`, data files in `data/`).
4. Each term gets a stance by the cues of its clause (`topics.stance`).
5. A term that is somebody's name ("Dr CANCER", "M. SIDA") or a street's is none.

    >>> topics(["VIH neg, enceinte 12 SA"])
    [(('hiv', <Stance.NEGATED: 'negated'>), ('pregnancy', <Stance.AFFIRMED: 'affirmed'>))]
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from etanche.model import Category, Stance
from etanche.recognise.topics.dictionary import BETWEEN, Dictionary, dictionary, topic_rules, word_list
from etanche.recognise.topics.reading import read
from etanche.recognise.topics.spelling import TOKEN, fold
from etanche.recognise.topics.stance import stances

__all__ = ["TOPICS", "Mention", "Topic", "scan", "topics"]


@dataclass(frozen=True, slots=True)
class Topic:
    """A clinical topic and the category of personal data it makes of a comment."""

    name: str
    category: Category


class Mention(NamedTuple):
    """A topic in a text: how it is spoken of, and where (offsets into the original text, `end` exclusive)."""

    topic: str
    stance: Stance
    start: int
    end: int


TOPICS: dict[str, Topic] = {rules.name: Topic(rules.name, rules.category) for rules in topic_rules().values()}
"""The topics by name."""

_LONGEST = 100_000
"""Characters of one text that are read; a comment has tens, a letter thousands."""


def scan(texts: Sequence[str], extra: tuple[Path, ...] = ()) -> list[tuple[Mention, ...]]:
    """Return the mentions of each text, in its order; the caller passes distinct texts.

    `extra` are the user's own dictionaries, files like `data/topics.toml` (docs/reference/topics.md); raises
    `UserError` where one cannot be used.
    """
    known = dictionary(extra)
    anchors = known.anchors
    spell = known.speller.__getitem__
    cut = TOKEN.findall
    found: list[tuple[Mention, ...]] = []
    for text in texts:
        folded = fold(text[:_LONGEST])
        tokens = cut(folded)
        if anchors.isdisjoint(map(spell, tokens)):
            found.append(())
        else:
            found.append(_mentions(known, folded, tokens))
    return found


def topics(texts: Sequence[str]) -> list[tuple[tuple[str, Stance], ...]]:
    """Return the distinct (topic, stance) pairs of each text, in the order in which they come in it."""
    return [tuple(dict.fromkeys((mention.topic, mention.stance) for mention in found)) for found in scan(texts)]


def _mentions(known: Dictionary, folded: str, tokens: list[str]) -> tuple[Mention, ...]:
    reading = read(known, folded, tokens)
    spans, firsts = reading.spans, reading.firsts
    return tuple(
        Mention(topic, stance, spans[firsts[at]][0], spans[reading.last_token(at)][1])
        for at, entry, stance in stances(reading)
        if not _is_name(tokens, firsts[at])
        for topic in entry.topics
    )


def _is_name(tokens: list[str], first: int) -> bool:
    """Tell whether a one-word term stands where a name does."""
    if first == 0:
        return False
    before = first - 1
    while before >= 1 and tokens[before] in BETWEEN:
        before -= 1
    called = tokens[before] in word_list("called") and tokens[first] in word_list("names")
    return called or tokens[before] in word_list("streets")
