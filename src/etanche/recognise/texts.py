"""What a comment says: clinical topics, and how it speaks of them.

Rules, in the order in which they apply:

1. A text is folded character for character and cut into remarks that do not bear on each other (`topics.pieces`); each
   distinct remark is read once.
2. A remark is cut into words (`topics.spelling`); one without a word of the dictionary ends here.
3. The longest phrases of the dictionary are its terms and cues (`topics.dictionary`, data files in `data/`).
4. Each term gets a stance by the cues of its clause (`topics.stance`).
5. A term that is somebody's name ("Dr CANCER", "M. SIDA") or a street's is none.
6. A treatment gives its disease away, unless it is denied or the remark itself affirms the disease; stopping it does
   not end a lasting one.  An order for a test says nothing where the remark names the topic itself.

    >>> topics(["VIH neg, enceinte 12 SA"])
    [(('hiv', <Stance.NEGATED: 'negated'>), ('pregnancy', <Stance.AFFIRMED: 'affirmed'>))]
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import NamedTuple, TypeVar

from etanche.model import Category, Stance
from etanche.recognise.topics.cim10 import chapter
from etanche.recognise.topics.dictionary import BETWEEN, Dictionary, Entry, dictionary, topic_rules
from etanche.recognise.topics.phrases import word_list
from etanche.recognise.topics.pieces import Seams
from etanche.recognise.topics.reading import Reading, read
from etanche.recognise.topics.spelling import TOKEN, fold
from etanche.recognise.topics.stance import stances

__all__ = ["TOPICS", "Hearing", "Mention", "Topic", "collector_off", "scan", "topics"]


@dataclass(frozen=True, slots=True)
class Topic:
    """A clinical topic, the category of personal data it makes of a comment, and its ranges of CIM-10 codes."""

    name: str
    category: Category
    cim10: tuple[str, ...] = ()

    @property
    def chapters(self) -> tuple[str, ...]:
        """The chapters of CIM-10 that the topic's codes stand in, as Roman numerals: ("I", "XXI")."""
        return tuple(dict.fromkeys(map(chapter, self.cim10)))


class Mention(NamedTuple):
    """A topic in a text: how it is spoken of, and where (offsets into the original text, `end` exclusive)."""

    topic: str
    stance: Stance
    start: int
    end: int
    code: str = ""
    """The ATC class of a medicine, the range of CIM-10 codes of a disease; "" where the words leave it open."""


TOPICS: dict[str, Topic] = {
    rules.name: Topic(rules.name, rules.category, rules.cim10) for rules in topic_rules().values()
}
"""The topics by name."""

_LONGEST = 100_000
"""Characters of one text that are read; a comment has tens, a letter thousands."""


_PARTICLES = BETWEEN - {"a", "au", "aux", "un", "une", "en", "et", "/", "-"}
"""Small words between a title and a name: "Dr. de Gross"."""


_KEPT = 300_000
"""Distinct remarks remembered during a scan."""


_MEANS = ("contraception", "sexual_health")
"""Topics that a medicine is a means of, so that who does not take it is said to do without."""
_OPEN = (Stance.AFFIRMED, Stance.UNCERTAIN)
_KNOWN = (*_OPEN, Stance.NEGATED)
"""How a remark may speak of a topic so that an order for its test adds nothing."""

Pair = tuple[str, Stance]
"""A topic and how it is spoken of."""
Said = TypeVar("Said")


def scan(texts: Sequence[str], extra: tuple[Path, ...] = ()) -> list[tuple[Mention, ...]]:
    """Return the mentions of each text, in its order; the caller passes distinct texts.

    `extra` are the user's own dictionaries, files like `data/topics.toml` (docs/reference/topics.md); raises
    `UserError` where one cannot be used.
    """
    remarks, cut = _Remarks(dictionary(extra), _mentions), _seams(extra).cut
    with collector_off():
        return [_together(cut(fold(text[:_LONGEST])), remarks) for text in texts]


def topics(texts: Sequence[str], extra: tuple[Path, ...] = ()) -> list[tuple[Pair, ...]]:
    """Return the distinct (topic, stance) pairs of each text, in the order in which they come in it."""
    with collector_off():
        return list(map(Hearing(extra).topics, texts))


class Hearing:
    """Reads one text after the other for its topics, and remembers the remarks that it has read."""

    def __init__(self, extra: tuple[Path, ...] = ()) -> None:
        """Take the user's own dictionaries; raises `UserError` where one cannot be used."""
        self._remarks, self._cut = _Remarks(dictionary(extra), _pairs), _seams(extra).cut

    def topics(self, text: str) -> tuple[Pair, ...]:
        """Return the distinct (topic, stance) pairs of a text, in the order in which they come in it."""
        remarks = self._remarks
        said: tuple[Pair, ...] = ()
        for _, piece in self._cut(fold(text[:_LONGEST])):
            pairs = remarks[piece]
            if pairs:
                said = tuple(dict.fromkeys(said + pairs)) if said else pairs
        return said


class _Remarks(dict[str, tuple[Said, ...]]):
    """Folded remark -> what `say` makes of its reading; what was read once is remembered."""

    def __init__(self, known: Dictionary, say: Callable[[Reading], tuple[Said, ...]]) -> None:
        super().__init__()
        self._known = known
        self._say = say

    def __missing__(self, folded: str) -> tuple[Said, ...]:
        """Read a remark for the first time."""
        if len(self) > _KEPT:
            self.clear()
        known = self._known
        tokens = TOKEN.findall(folded)
        said: tuple[Said, ...] = ()
        if not known.anchors.isdisjoint(map(known.speller.__getitem__, tokens)):
            said = self._say(read(known, folded, tokens))
        self[folded] = said
        return said


@cache
def _seams(extra: tuple[Path, ...]) -> Seams:
    return Seams(dictionary(extra))


@contextmanager
def collector_off() -> Iterator[None]:
    """Spare the collector's rounds over millions of tuples, none of which is a cycle."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def _together(pieces: list[tuple[int, str]], remarks: _Remarks[Mention]) -> tuple[Mention, ...]:
    """Return the mentions of the remarks of a text, their offsets those of the text."""
    if len(pieces) == 1:
        return remarks[pieces[0][1]]
    found: list[Mention] = []
    for offset, piece in pieces:
        mentions = remarks[piece]
        if not offset:
            found += mentions
        elif mentions:
            found += [
                Mention(topic, stance, start + offset, end + offset, code)
                for topic, stance, start, end, code in mentions
            ]
    return tuple(found)


def _said(reading: Reading) -> list[tuple[int, Entry, Stance]]:
    """Return the terms of a remark (index of the phrase, entry) with their stances, names left out (rule 5)."""
    found = [said for said in stances(reading) if not _is_name(reading, said[0])]
    if any(entry.topics[0] == "allergy" and stance is Stance.AFFIRMED for _, entry, stance in found):
        # "allergie péni, pas de Clamoxyl": what must not be given is no treatment.
        return [said for said in found if not _is_withheld(said[1], said[2])]
    return found


def _is_withheld(entry: Entry, stance: Stance) -> bool:
    return stance is Stance.NEGATED and entry.topics[-1] == "treatment" and bool(entry.codes[-1])


def _topics(said: list[tuple[int, Entry, Stance]]) -> Iterator[tuple[int, str, str, Stance]]:
    """Yield phrase, topic, code and stance of all terms; of a treatment what it alone gives away (rule 6)."""
    named: set[tuple[str, Stance]] | None = None
    for at, entry, stance in said:
        if not (entry.gives_away or entry.order):
            for topic, code in zip(entry.topics, entry.codes, strict=True):
                yield at, topic, code, stance
            continue
        if named is None:
            named = {(other.topics[0], how) for _, other, how in said if not (other.gives_away or other.order)}
        for topic, code in zip(entry.topics, entry.codes, strict=True):
            if topic == "treatment" or not entry.gives_away:
                if not (entry.order and stance is Stance.UNCERTAIN and _is_told(named, topic)):
                    yield at, topic, code, stance
            elif (stance is not Stance.NEGATED or topic in _MEANS) and not _known(named, topic, _OPEN):
                stopped = stance is Stance.PAST and entry.lasting
                yield at, topic, code, Stance.AFFIRMED if stopped else stance


def _is_told(named: set[tuple[str, Stance]], topic: str) -> bool:
    """Tell whether an order for a test adds nothing: hCG does not after an abortion."""
    return _known(named, topic, _KNOWN) or (topic == "pregnancy" and any(name == "abortion" for name, _ in named))


def _known(named: set[tuple[str, Stance]], topic: str, hows: tuple[Stance, ...]) -> bool:
    return any((topic, how) in named for how in hows)


def _mentions(reading: Reading) -> tuple[Mention, ...]:
    spans, firsts = reading.spans, reading.firsts
    return tuple(
        Mention(topic, stance, spans[firsts[at]][0], spans[reading.last_token(at)][1], code)
        for at, topic, code, stance in _topics(_said(reading))
    )


def _pairs(reading: Reading) -> tuple[Pair, ...]:
    return tuple({(topic, stance): None for _, topic, _, stance in _topics(_said(reading))})


def _is_name(reading: Reading, at: int) -> bool:
    """Tell whether a term stands where a name does: one of one word after a title, any after a street's."""
    tokens, first = reading.tokens, reading.firsts[at]
    if first == 0:
        return False
    before = first - 1
    while before >= 1 and tokens[before] in _PARTICLES:
        before -= 1
    called = tokens[before] in word_list("called") and tokens[first] in word_list("names")
    if called and first == reading.last_token(at):
        return True
    while before >= 1 and tokens[before] in BETWEEN:
        before -= 1
    return tokens[before] in word_list("streets")
