"""What the words before a term say of it: the walk to the left, from the term to the beginning of its clause.

Rules:

1. A negation counts that is not taken by another object ("pas à jeun diabétique"), nor parted from the term by a join.
2. A person, a doubt, a request and a past count from close by; under "sous", only an end ("arrêt sous AVK").
3. A like term passed hands on what was said of it ("pas de VIH ni hépatite", "VIH, VHC neg"); whose it was goes on
   over "mais" to what they are under ("mère diabétique mais sous insuline").
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from etanche.recognise.topics.clauses import REACH, REFUSED, TIMES, answers, belongs, dealt_with, leads
from etanche.recognise.topics.dictionary import Cue, Item
from etanche.recognise.topics.reading import Reading
from etanche.recognise.topics.relatives import of_who

_ADJECTIVE = re.compile(
    r"(ique|mane|phrene|enceinte|tendue?|polaire|depressi(f|ve)|greffee?|positi(f|ve)|sourde?|eux|euse)s?$"
)
_ANSWERS = Cue.NEGATION_BEFORE | Cue.ANSWER
_ACROSS = Cue.PERSON | Cue.POSITIVE_AFTER | Cue.NEGATION_AFTER | Cue.FILLER
"""What may stand between a join and the term before it ("VIH neg, VHC neg")."""
_INFINITIVE = ("er", "ir")
"""Endings of a verb that takes the negation before it: "sans frapper elle entend mal"."""
_HISTORY = ("atcd", "ant", "a", "deja", "ex", "histoire")
"""Beginnings of the words of a history."""
_INSTEAD = frozenset(("remplace", "remplacee", "relais", "relaye", "change", "switch", "relaye", "substitue"))
"""First words of what joins a treatment to the one that takes its place."""
_DENIERS = frozenset(("exclut", "exclu", "nie", "dement", "conteste", "refute", "ecarte", "elimine", "infirme"))
"""Verbs that deny a doubt too: "exclut formellement tout risque VIH"."""
_PREDICATE = frozenset(("est", "sont", "etait", "ont"))
"""Verbs of a person of whom two things are said: "sa fille est infirmière et diabétique"."""
_MET = frozenset(("contact", "exposition", "rapport", "rapports", "relation"))
"""Words of meeting somebody, just before what they have."""
_SOURCE = frozenset(("patient", "patiente", "pat", "pt", "pte", "malade"))
_ACCIDENT = frozenset((
    "aes", "bistouri", "piquee", "blesse", "blessee", "coupe", "coupee", "soignant", "soignante", "aiguille", "morsure",
    "mordu", "mordue", "griffure", "projection", "crachat",
))  # fmt: skip
"""Words of an accident with blood, after which the patient named is the one whose blood it was."""
_AFTER_ONLY = frozenset((("pas",), ("n",)))
"""Denials that are never of what follows them."""
_RESULT = Cue.POSITIVE_AFTER | Cue.NEGATION_AFTER
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
    history: bool = False
    """The past is a history that may go on: "ATCD phlébite, cancer", but not "séquelles d'AVC, aphasie"."""
    inherited: bool = False
    """The past is that of the like term before it, which a result of its own overrules."""
    other: bool = False
    met: bool = False
    """Somebody was met, who has it where the result is positive: "contact VIH+"."""
    positive: bool = False
    """A term that is a result was positive ("séropositif VIH, VHC neg")."""
    tested: bool = False
    """A term that is a result was negative ("séronégatif VIH"): the tests named after it are too."""


@dataclass(slots=True)
class Leftward:
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
        """Return what was found up to the beginning of the clause."""
        if of_who(self.reading.phrases, self.at):
            self.found.other = True
            return self.found
        for place in range(self.at - 1, max(self.at - REACH, -1), -1):
            if not self._take(place, self.reading.phrases[place]):
                break
        return self.found

    def _take(self, place: int, phrase: Item) -> bool:
        """Read the phrase at `place`; tell whether to go on."""
        cues = phrase.cues
        if cues & Cue.TERM and not self._asks(place):
            if not self.unknown:
                self._inherit(place)
            if self.unknown <= 1 and not self.joined:
                self.found.tested = self.found.tested or bool(cues & Cue.NEGATION_BEFORE)
                self.found.positive = bool(cues & Cue.OUTCOME)
            return False
        if cues & Cue.BREAK or (cues & _ANSWERS and self._is_answered(place, cues)):
            self.found.other = self.found.other or (phrase.word == "mais" and self._is_still_theirs(place))
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

    def _is_still_theirs(self, place: int) -> bool:
        """Tell whether a treatment after "mais" is that of the person spoken of before: "père VIH+, mais sous ttt"."""
        if not self.under or self.unknown or self.subject or not self._treats(self.at):
            return False
        known = [at for at in self.before if place - REACH < at < place]
        return bool(known) and self.before[known[-1]].other

    def _is_answered(self, place: int, cues: int) -> bool:
        """Tell whether what is at `place` answers the name before it: "allergie non traitement oui", "VIH : non"."""
        phrases = self.reading.phrases
        return answers(phrases, place) if cues & Cue.NEGATION_BEFORE else phrases[place].word in ":="

    def _asks(self, place: int) -> bool:
        """Tell whether a term that needs a result has none, so that it is only a test ("séro VIH")."""
        phrases = self.reading.phrases
        return phrases[place].entries[0].result and not phrases[place + 1].cues & _RESULT

    def _deny(self, place: int, phrase: Item) -> bool:
        doubted = self.found.uncertain and phrase.word not in _DENIERS
        if self.blocked or self.unknown > 2 or self.joined or doubted or self.subject:
            return False
        following = self.reading.tokens[self.reading.firsts[place + 1]]
        if following.endswith(_INFINITIVE) and not self.reading.phrases[place + 1].cues and place + 1 < self.at:
            return False
        if phrase.word in REFUSED and self.reading.phrases[self.at].entries[0].tested:
            self.found.uncertain = True
            return True
        self.found.negated = True
        self.found.listing = following in ("de", "d") or phrase.word not in ("pas", "non", "n")
        return True

    def _attribute(self, place: int) -> None:
        phrases = self.reading.phrases
        # "père et frère diabétiques": the join is between the two persons.
        parted = self.joined and not any(phrase.cues & Cue.PERSON for phrase in phrases[place + 1 : self.at])
        parted = parted and not (self.joined == "et" and phrases[place + 1].word in _PREDICATE)
        if not self.subject and not parted and not dealt_with(phrases, place):
            self.found.other = True

    def _qualify(self, place: int, cues: int, phrase: Item) -> None:
        found = self.found
        if cues & Cue.SUBJECT and not belongs(self.reading.phrases, place):
            if self._is_source(place, phrase):
                found.other = True
            else:
                self.subject = True
        if phrase.word in _MET and not self.unknown:
            found.met = True
        if self.unknown <= 2:
            found.uncertain = found.uncertain or (not found.negated and self._doubts(place, cues))
            found.request = found.request or bool(cues & Cue.REQUEST_BEFORE)
        if cues & Cue.PAST_BEFORE and self._ends_past(place, phrase):
            found.past = True
            found.history = found.history or phrase.word.startswith(_HISTORY)
        denies = (
            cues & Cue.NEGATION_AFTER
            and phrase.word not in "-0"
            and phrase.words not in _AFTER_ONLY
            and not self.unknown
        )
        if denies and leads(self.reading.phrases, place):
            found.negated = found.tested = True
        if cues & Cue.OBJECT:
            self.blocked = True
        if cues & Cue.UNDER:
            self.under = True

    def _is_source(self, place: int, phrase: Item) -> bool:
        """Tell whether the patient named is the one whose blood hurt a caregiver: "soignante piquée, patient VIH+"."""
        if phrase.words[-1] not in _SOURCE or not self.reading.phrases[self.at].entries[0].tested:
            return False
        before = self.reading.tokens[: self.reading.firsts[place]]
        return not _ACCIDENT.isdisjoint(before) or ("pique" in before and "est" in before)

    def _doubts(self, place: int, cues: int) -> bool:
        """Tell whether a doubt is about the term: not where it follows another ("néo probable fumeur")."""
        if not cues & Cue.UNCERTAIN_BEFORE:
            return False
        follows = cues & Cue.UNCERTAIN_AFTER and place > 0 and self.reading.phrases[place - 1].cues & Cue.TERM
        return not follows

    def _ends_past(self, place: int, phrase: Item) -> bool:
        """Tell whether a word of the past bears on the term.

        A time does not on a lasting term, nor where another stands before it; "a fait" does not on a test.
        """
        if self.blocked or (self.under and phrase.word not in _STOPS):
            return False
        follows = place > 0 and self.reading.phrases[place - 1].cues & Cue.TERM
        if follows and phrase.cues & Cue.PAST_AFTER and not phrase.word.startswith(_HISTORY):
            return False
        if phrase.words[-1] == "pour" and phrase.word != "a" and self.reading.phrases[self.at].entries[0].lasting:
            return False
        if not TIMES.isdisjoint(phrase.words) or phrase.words[-1].isdigit():
            return leads(self.reading.phrases, place) and not self.reading.phrases[self.at].entries[0].lasting
        return not (self.found.request and "fait" in phrase.words)

    def _treats(self, place: int) -> bool:
        return self.reading.phrases[place].entries[0].topics[-1] == "treatment"

    def _alike(self, place: int) -> bool:
        """Tell whether the term at `place` and this one are both tested for, or of one topic."""
        here, there = self.reading.phrases[self.at].entries[0], self.reading.phrases[place].entries[0]
        return (here.tested and there.tested) or here.topics[0] == there.topics[0]

    def _is_own(self, place: int) -> bool:
        """Tell whether the term is the patient's though the one at `place`, joined to it, is somebody else's.

        A test asked for after a disease is ("mère VIH+, sérologie VIH"), a pregnancy, and PrEP ("mari VIH+, PrEP").
        """
        here, there = self.reading.phrases[self.at].entries[0], self.reading.phrases[place].entries[0]
        if self.subject or not self.joined:
            return self.subject
        asked = (here.order and not there.order) or (self.found.request and (here.tested or self._alike(place)))
        prevented = here.topics[0] == "sexual_health" and there.topics[0] == "hiv"
        return asked or prevented or (here.topics[0] == "pregnancy" != there.topics[0])

    def _inherit(self, place: int) -> None:
        """Let the term take over what was said of the like term at `place` before it (rule 1)."""
        before, found = self.before.get(place), self.found
        if before is None:
            return
        if (self.under and not self.joined) or self.joined in _INSTEAD:
            found.other = found.other or before.other
            return
        adjective = self.under or bool(_ADJECTIVE.search(self.reading.tokens[self.reading.last_token(self.at)]))
        if adjective and self.joined == ",":
            return
        found.other = found.other or (before.other and not self._is_own(place))
        if adjective:
            return
        found.tested = found.tested or before.tested
        like = self._treats(place) == self._treats(self.at) or self.joined != ","
        if before.negated and like and (before.listing or self.joined in ("ou", "ni", "/")):
            found.negated = found.listing = True
        if before.past and before.history and not found.past:
            found.past = found.inherited = found.history = True
        if before.uncertain and (self.joined not in ("", ",") or self._alike(place)):
            found.uncertain = True
        found.request = found.request or before.request
