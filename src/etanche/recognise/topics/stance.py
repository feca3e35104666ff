"""How a comment speaks of each topic it names: affirmed, past, negated, uncertain, or about someone else.

Rules, in the order in which they apply to a term:

1. Cues act within a clause: a full stop, a line, a spaced dash, "mais", "sauf" end it; a comma, "/", "et", "ou" let a
   cue through only from a term to a like one ("pas de VIH ni hépatite", "VIH, VHC neg").
2. Someone else's wins over all ("mère non diabétique"), unless the person is only to be called, told or accompanied.
3. A result after the term ("VIH neg", "VIH-", "VIH séronégatif") wins over a request before it ("recherche VIH
   négative"); "séronégatif" before a test denies it ("séronégatif VIH, VHC").
4. A negation before it, not taken by another object ("pas à jeun diabétique").
5. A question or a request ("?", "recherche", "bilan VIH").
6. The past ("ATCD", "opéré", "en 2010" where a year ends it); else what the dictionary says of the term.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from etanche.model import Stance
from etanche.recognise.topics.clauses import REACH, attached, belongs, dealt_with, ends, leads, own_stance
from etanche.recognise.topics.dictionary import Cue, Entry, Item
from etanche.recognise.topics.reading import Reading

_ADJECTIVE = re.compile(
    r"(ique|mane|phrene|enceinte|tendue?|polaire|depressi(f|ve)|greffee?|positi(f|ve)|sourde?|eux|euse)s?$"
)
_ACROSS = Cue.PERSON | Cue.POSITIVE_AFTER | Cue.NEGATION_AFTER | Cue.FILLER
"""What may stand between a join and the term before it ("VIH neg, VHC neg")."""
_ENDS_RIGHT = Cue.OBJECT | Cue.SUBJECT | Cue.UNDER | Cue.NEGATION_BEFORE
_NO_END = frozenset(("{year}", "traite", "traitee", "traites", "op"))
"""What does not end a lasting disease: "VIH 2009", "diabète traité"."""
_DOUBTS = frozenset(("?", "a", "non", "pas", "en"))
"""First words of what leaves a disease open over a comma: "diabète, à confirmer", but not "enceinte, refusé"."""
_OVER = frozenset(("remission", "en", "gueri", "guerie", "guerison"))
"""First words of an end that is never another noun's: "K sein 10 ans, rémission complète"."""
_EITHER = frozenset(("non", "nn", "pas", "no", "jamais", "aucun", "aucune", "sans", "rien"))
"""Negations that take what follows, where anything does."""
_STOPS = frozenset(("arret", "arrets", "stop", "arrete", "a", "ne", "n", "plus", "fini", "stoppe", "atcd"))
"""Words of the past that reach over "sous": "arrêt sous AVK", but "opéré, sous Lovenox"."""


@dataclass(slots=True)
class Left:
    """What the words before a term say of it; a like term after it inherits it."""

    negated: bool = False
    listing: bool = False
    """The negation takes a noun ("pas de", "sans"), so that a list after a comma is still denied."""
    uncertain: bool = False
    request: bool = False
    past: bool = False
    inherited: bool = False
    """The past is that of the like term before it, which a result of its own overrules."""
    other: bool = False
    tested: bool = False
    """A term that is a result was negative ("séronégatif VIH"): the tests named after it are too."""


@dataclass(slots=True)
class _Leftward:
    """The walk from a term to the left: what was passed so far."""

    reading: Reading
    at: int
    before: dict[int, Left]
    found: Left = field(default_factory=Left)
    unknown: int = 0
    blocked: bool = False
    under: bool = False
    subject: bool = False
    joined: str = ""

    def walk(self) -> Left:
        for place in range(self.at - 1, max(self.at - REACH, -1), -1):
            if not self._take(place, self.reading.phrases[place]):
                break
        return self.found

    def _take(self, place: int, phrase: Item) -> bool:
        """Read the phrase at `place`; tell whether to go on."""
        cues = phrase.cues
        if cues & Cue.TERM:
            if not self.unknown:
                self._inherit(place)
            if cues & Cue.NEGATION_BEFORE and self.unknown <= 1 and not self.joined:
                self.found.tested = True
            return False
        if cues & Cue.BREAK:
            return False
        if cues & Cue.NEGATION_BEFORE and self._deny(place, phrase):
            return True
        if cues & Cue.JOINER:
            self.joined = self.joined or phrase.word
            return True
        if self.joined and not cues & _ACROSS:
            return False
        if cues & Cue.PERSON and self.unknown <= 2:
            self._attribute(place)
        elif not self.joined:
            self._qualify(place, cues, phrase)
        if not cues:
            self.unknown += 1
        return self.unknown <= 3

    def _deny(self, place: int, phrase: Item) -> bool:
        if self.blocked or self.unknown > 2 or self.joined or self.found.uncertain:
            return False
        self.found.negated = True
        following = self.reading.tokens[self.reading.firsts[place + 1]]
        self.found.listing = following in ("de", "d") or phrase.word not in ("pas", "non", "n")
        return True

    def _attribute(self, place: int) -> None:
        phrases = self.reading.phrases
        # "père et frère diabétiques": the join is between the two persons.
        parted = self.joined and not any(phrase.cues & Cue.PERSON for phrase in phrases[place + 1 : self.at])
        if not self.subject and not parted and not dealt_with(phrases, place):
            self.found.other = True

    def _qualify(self, place: int, cues: int, phrase: Item) -> None:
        found = self.found
        if cues & Cue.SUBJECT and not belongs(self.reading.phrases, place):
            self.subject = True
        if self.unknown <= 2:
            found.uncertain = found.uncertain or bool(cues & Cue.UNCERTAIN_BEFORE and not found.negated)
            found.request = found.request or bool(cues & Cue.REQUEST_BEFORE)
        if cues & Cue.PAST_BEFORE and not self.blocked and (not self.under or phrase.word in _STOPS):
            found.past = True
        denies = cues & Cue.NEGATION_AFTER and phrase.word not in "-0" and not self.unknown
        if denies and leads(self.reading.phrases, place):
            found.negated = found.tested = True
        if cues & Cue.OBJECT:
            self.blocked = True
        if cues & Cue.UNDER:
            self.under = True

    def _alike(self, place: int) -> bool:
        """Tell whether the term at `place` and this one are both tested for, or of one topic."""
        here, there = self.reading.phrases[self.at].entries[0], self.reading.phrases[place].entries[0]
        return (here.tested and there.tested) or here.topics[0] == there.topics[0]

    def _inherit(self, place: int) -> None:
        """Let the term take over what was said of the like term at `place` before it (rule 1)."""
        before, found = self.before.get(place), self.found
        if before is None:
            return
        if self.under and not self.joined:
            found.other = found.other or before.other
            return
        adjective = self.under or bool(_ADJECTIVE.search(self.reading.tokens[self.reading.last_token(self.at)]))
        if adjective and self.joined == ",":
            return
        found.other = found.other or (before.other and not self.subject)
        if adjective:
            return
        found.tested = found.tested or before.tested
        if before.negated and (before.listing or self.joined in ("ou", "ni", "/")):
            found.negated = found.listing = True
        if before.past and not found.past:
            found.past = found.inherited = True
        if before.uncertain and (self.joined not in ("", ",") or self._alike(place)):
            found.uncertain = True
        found.request = found.request or before.request


@dataclass(slots=True)
class _Rightward:
    """The walk from a term to the right: what was found, and what was passed so far."""

    phrases: list[Item]
    entry: Entry
    result: Stance | None = None
    requested: bool = False
    past: bool = False
    other: bool = False
    unknown: int = 0
    terms: int = 0
    joined: bool = False

    def walk(self, at: int) -> _Rightward:
        for place in range(at + 1, min(at + REACH, len(self.phrases))):
            phrase = self.phrases[place]
            cues = phrase.cues
            if cues & Cue.BREAK or not (self._take_result(place, phrase, cues) or self._take_other(place, cues)):
                break
        return self

    def _take_result(self, place: int, phrase: Item, cues: int) -> bool:
        """Read a result, a doubt, a past; tell whether the phrase was one and the walk goes on."""
        # "enceinte ? non" is answered; "hépatite ? non à jeun" is still asked.
        if self._take_answer(place, cues) or self._take_doubt(phrase, cues):
            return True
        if cues & Cue.TERM:
            # "VIH séronégatif": a term that is a result too.
            near = self.entry.tested and not self.unknown and not self.joined
            return near and bool(cues & Cue.NEGATION_AFTER) and self._settle(place, cues)
        if self.joined and cues & Cue.PAST_AFTER and phrase.word in _OVER and not self.terms:
            return self._take_past(phrase, cues)
        return self.unknown <= 2 and self._take_near(place, phrase, cues)

    def _take_doubt(self, phrase: Item, cues: int) -> bool:
        far = self.joined and phrase.word not in _DOUBTS
        if not (cues & Cue.UNCERTAIN_AFTER and self.unknown <= 2 and (self.entry.tested or not (self.terms or far))):
            return False
        if self.result is None or phrase.word == "?":
            self.result = Stance.UNCERTAIN
        # The walk goes on to a person or an answer only: nothing else after a doubt settles it.
        self.unknown = 3
        return True

    def _take_answer(self, place: int, cues: int) -> bool:
        if not cues & Cue.ANSWER or (self.terms and not self.entry.tested) or not ends(self.phrases, place + 1):
            return False
        self.result = Stance.NEGATED
        return True

    def _take_near(self, place: int, phrase: Item, cues: int) -> bool:
        """Read what bears on the term from close by only."""
        if cues & Cue.NORMAL_AFTER and self.entry.order and not self.terms:
            self.result = self.result or Stance.NEGATED
            return True
        if cues & Cue.REQUEST_AFTER and self.entry.tested and not self.terms and not self.joined:
            self.requested = True
            return True
        apart = self.unknown > (self.entry.tested and phrase.word[:3] in ("neg", "pos"))
        if cues & (Cue.NEGATION_AFTER | Cue.POSITIVE_AFTER) and not apart:
            return self._settle(place, cues)
        return self._take_past(phrase, cues)

    def _settle(self, place: int, cues: int) -> bool:
        if cues & Cue.NEGATION_AFTER and not self.result:
            # "enceinte non diabétique": the negation is the next word's; "VIH exclu par PCR" has its own.
            words = self.phrases[place].words
            if len(words) == 1 and words[0] in _EITHER and not ends(self.phrases, place + 1):
                return False
            self.result = Stance.NEGATED
            return True
        if cues & Cue.POSITIVE_AFTER and not cues & Cue.JOINER:
            self.result = self.result or Stance.AFFIRMED
            return True
        return self._take_past(self.phrases[place], cues)

    def _take_past(self, phrase: Item, cues: int) -> bool:
        if not cues & Cue.PAST_AFTER or self.terms or (self.joined and phrase.word not in _OVER):
            return False
        self.past = self.past or phrase.word not in _NO_END or not self.entry.lasting
        return True

    def _take_other(self, place: int, cues: int) -> bool:
        """Read a term, a person, a join or any other word; tell whether the walk goes on."""
        if cues & Cue.TERM:
            like = self.entry.tested and any(other.tested for other in self.phrases[place].entries)
            self.terms, self.joined = self.terms + 1, False
            return like and not self.result
        if cues & Cue.PERSON:
            near = not (self.unknown or self.joined)
            self.other = near and attached(self.phrases, place)
            return False
        if cues & Cue.JOINER:
            self.joined = True
            return self.result is None
        if cues & _ENDS_RIGHT or (self.joined and not cues & Cue.FILLER):
            return False
        self.unknown += not cues & Cue.FILLER
        return True


def _stance(entry: Entry, left: Left, right: _Rightward) -> Stance:
    if (left.other or right.other) and not entry.shared:
        return Stance.OTHER_PERSON
    denied = left.tested and entry.tested and (right.result is None or right.terms > 0)
    past = right.past or (left.past and not (left.inherited and right.result is Stance.AFFIRMED))
    settled = right.result is Stance.AFFIRMED and (past or left.negated)
    if right.result is not None and not (settled or denied):
        return right.result
    if entry.fact or entry.stance is Stance.NEGATED:
        return entry.stance
    if left.negated or denied:
        return Stance.NEGATED
    requested = (left.request and entry.tested) or right.requested
    if left.uncertain or (requested and right.result is None and not past):
        return Stance.UNCERTAIN
    return Stance.PAST if entry.stance is Stance.AFFIRMED and past else entry.stance


def _speaks(left: Left, right: _Rightward) -> bool:
    """Tell whether a cue makes a term of a word that is none by itself ("pas de K", but "K à 4,2")."""
    said = left.negated or left.uncertain or left.past or left.other
    return said or right.past or right.other or right.result is Stance.UNCERTAIN


_NO_LEFT = Left()
_NO_RIGHT = _Rightward([], Entry((), ()))
_LEFT_CUES = (
    Cue.NEGATION_BEFORE | Cue.UNCERTAIN_BEFORE | Cue.REQUEST_BEFORE | Cue.PAST_BEFORE | Cue.NEGATION_AFTER | Cue.PERSON
)
_RIGHT_CUES = (
    Cue.NEGATION_AFTER | Cue.POSITIVE_AFTER | Cue.UNCERTAIN_AFTER | Cue.PAST_AFTER | Cue.PERSON | Cue.REQUEST_AFTER
    | Cue.ANSWER | Cue.NORMAL_AFTER
)  # fmt: skip


def stances(reading: Reading) -> Iterator[tuple[int, Entry, Stance]]:
    """Yield each term of a text (the index of its phrase) with the stance of each of its entries."""
    before: dict[int, Left] = {}
    anywhere = passed = 0
    for phrase in reading.phrases:
        anywhere |= phrase.cues
    for at, phrase in enumerate(reading.phrases):
        if phrase.entries:
            # Most comments hold no cue: the walks are saved for those that do.
            left = _Leftward(reading, at, before).walk() if passed & _LEFT_CUES else _NO_LEFT
            before[at] = left
            for entry in phrase.entries:
                stance = _entry_stance(reading, at, entry, left, right=bool(anywhere & _RIGHT_CUES))
                if stance is not None:
                    yield at, entry, stance
                if stance is Stance.OTHER_PERSON and (own := own_stance(reading.phrases, at, entry)) is not None:
                    yield at, entry, own
        passed |= phrase.cues


def _entry_stance(reading: Reading, at: int, entry: Entry, left: Left, *, right: bool) -> Stance | None:
    """Return the stance of an entry, None where the term is not one here."""
    if entry.unless and _vetoed(entry, reading, at):
        return None
    after = _Rightward(reading.phrases, entry).walk(at) if right else _NO_RIGHT
    if entry.result and after.result not in (Stance.AFFIRMED, Stance.NEGATED):
        return None
    if entry.cued and not _speaks(left, after):
        return None
    if entry.fact and at + 1 < len(reading.phrases) and reading.phrases[at + 1].cues & Cue.PERSON:
        # "le 12 sa mère": weeks of amenorrhoea (SA) are followed by no person.
        return None
    return entry.stance if left is _NO_LEFT and after is _NO_RIGHT else _stance(entry, left, after)


def _vetoed(entry: Entry, reading: Reading, at: int) -> bool:
    """Tell whether a word of the same clause turns the term into something else ("vaccin hépatite B").

    Another topic past a comma or a slash does not ("alcoolique / allergie latex"), unless both are tested for.
    """
    # A comment without such a word is told at once; a long text only within reach, lest time grow with its square.
    if len(reading.words) <= 100 and entry.unless.isdisjoint(reading.words):
        return False
    phrases, firsts = reading.phrases, reading.firsts
    first, last = at, at + 1
    while first > 0 and not phrases[first - 1].cues & Cue.BREAK and at - first < REACH:
        first -= 1
    while last < len(phrases) and not phrases[last].cues & Cue.BREAK and last - at < REACH:
        last += 1
    words = reading.words
    parted = False
    for place in (*range(at - 1, first - 1, -1), *range(at + 1, last)):
        phrase = phrases[place]
        parted = (parted and place != at + 1) or phrase.word in ",/"
        if parted and phrase.entries and not (entry.tested and phrase.entries[0].tested):
            continue
        if not entry.unless.isdisjoint(words[firsts[place] : reading.last_token(place) + 1]):
            return True
    return False
