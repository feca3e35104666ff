"""What the words after a term say of it: the walk to the right, from the term to the end of its clause.

Rules:

1. A result, an answer, a doubt or a past is taken from close by; a negation that has an object of its own is not.
2. Past another term only what is said of both: a plural, an answer or a person after terms joined by "et" or "/", a
   question after terms joined by "ou", any result after tests.
3. After a doubt only an answer or a person counts.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass

from etanche.model import Stance
from etanche.recognise.topics.clauses import REACH, REFUSED, TIMES, answers, attached, closes, ends
from etanche.recognise.topics.dictionary import Cue, Entry, Item

_ENDS_RIGHT = Cue.OBJECT | Cue.SUBJECT | Cue.UNDER | Cue.NEGATION_BEFORE
_NO_END = frozenset(("{year}", "traite", "traitee", "traites", "op"))
"""What does not end a lasting disease: "VIH 2009", "diabète traité"."""
_DOUBTS = frozenset(("?", "a", "non", "pas", "en"))
"""First words of what leaves a disease open over a comma: "diabète, à confirmer", but not "enceinte, refusé"."""
_RULED = frozenset(("exclu", "exclue", "ecarte", "ecartee", "elimine", "eliminee", "infirme", "infirmee"))
"""What is said of a disease over a comma, too: "phlébite, exclue par l'écho"."""
_DOUBTED = frozenset(("?", ":", "suspecte", "suspectee", "probable", "possible", "en", "non", "pas"))
"""First words of a doubt that may be some words away; what is to be done may be about those words."""
_OVER = frozenset((
    "remission", "en", "gueri", "guerie", "guerison", "termine", "terminee", "fini", "finie", "arretee", "stoppe",
    "stoppee", "interrompu", "interrompue",
))  # fmt: skip
"""First words of an end that is never another noun's: "K sein 10 ans, rémission complète"."""
_SOFT = frozenset((
    "possible", "possibles", "probable", "suspect", "suspecte", "suspectee", "evoque", "evoquee", "eventuel",
    "eventuelle", "soupconne", "soupconnee", "vraisemblable", "potentiel", "potentielle",
))  # fmt: skip
"""Doubts that a denial before the term takes with it."""
_FAR, _FAR_WORDS = frozenset(("neg", "pos")), 4
_RESULTS = ("neg", "pos", "react", "detect", "indetect")
"""Beginnings of a test's results, and how many unknown words may stand before them: "VIH faite en ville hier : neg"."""
_DOTS = frozenset((".", "_", "…"))
"""What fills a field with nothing in it."""
_BEGUN = frozenset((
    "decouvert", "decouverte", "diagnostique", "diagnostiquee", "diag", "pose", "posee", "debute", "debutee",
    "apparu", "apparue", "implante", "implantee", "instaure", "instauree", "declare", "declaree", "dg",
))  # fmt: skip
"""Words of a beginning, after which a time ends nothing."""
_OWNING = frozenset(("chez", "cez", "du", "("))
"""Words that link a person to a term some words before: "phlébites à répétition chez sa mère"."""
_PLANNED = frozenset(("prevu", "prevue", "prevus", "prevues", "programme", "programmee"))
_DONE = frozenset(("fait", "faite", "realise", "realisee", "effectue", "effectuee", "pratique", "pratiquee"))
"""Words of what was done, which say nothing of a disease that is tested for."""
_EITHER = frozenset(("non", "nn", "n", "pas", "no", "jamais", "aucun", "aucune", "sans", "rien", "nie", "leve"))
"""Negations that take what follows, where anything does."""
_AND, _OR = frozenset(("et", "&", "+", "/", "ou", "ni")), frozenset(("ou", "/"))
"""Words that join terms of which one thing is said, and one of which is asked for."""
_OF = frozenset(("de", "du", "d"))
_SEVERAL = frozenset(("parents", "famille", "fam", "familial", "familiale", "familiaux", "familiales", "fratrie"))
_PERSONS = Cue.PERSON | Cue.JOINER
"""What may follow a term and a comma to say whose it is."""


@dataclass(slots=True)
class Rightward:
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
    answered: bool = False
    since: bool = False
    """Whether the clause tells since when."""
    begun: bool = False
    """Whether the clause tells when it was found or put in."""
    planned: bool = False
    """Whether the end that is told is to come: "fin de chimio prévue en juin"."""
    soft: bool = False
    """Whether the doubt is none where a denial stands before the term: "pas de grossesse possible"."""
    alike: bool = True
    """Whether the term and all those passed are tested for, so that a result speaks of each."""
    joints: str = ""
    """The words that join the term to those passed, and to what follows them."""

    def walk(self, at: int) -> Rightward:
        """Walk from phrase `at` to the end of its clause, and return what was found."""
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
            if cues & Cue.PAST_AFTER and self._take_past(phrase, cues):
                return True
            near = self.entry.tested and not self.unknown and not self.joined
            return near and bool(cues & Cue.NEGATION_AFTER) and self._settle(place, cues)
        if self.joined and cues & Cue.PAST_AFTER and phrase.word in _OVER and not self.terms:
            return self._take_past(phrase, cues)
        near = self.unknown <= 2 or self.unknown <= self._reach(phrase, 2)
        return near and self._take_near(place, phrase, cues)

    def _reach(self, phrase: Item, least: int) -> int:
        """Return how many unknown words may stand before a result: a test's own is found some words away."""
        if self.entry.tested and (phrase.word[:3] in _FAR or phrase.words[-1].startswith(_RESULTS)):
            return _FAR_WORDS
        return max(least, 2 if "erreur" in phrase.words or "tort" in phrase.words else 0)

    def _listed(self, joints: frozenset[str]) -> bool:
        """Tell whether the term and those passed are a list whose words are all joined by one of `joints`."""
        return self.terms > 0 and not self.unknown and joints.issuperset(self.joints.split())

    def _tested(self) -> bool:
        return self.entry.tested and self.alike

    def _take_doubt(self, phrase: Item, cues: int) -> bool:
        far = self.terms > 0 or (self.joined and phrase.word not in _DOUBTS)
        if not cues & Cue.UNCERTAIN_AFTER or self.unknown > (2 if self.entry.tested or phrase.word in _DOUBTED else 0):
            return False
        if far and not self._tested() and not self._listed(_OR):
            return False
        if self.result is not Stance.NEGATED or phrase.word == "?":
            refused = phrase.word in REFUSED and self.entry.topics[-1] == "treatment"
            self.result = Stance.NEGATED if refused else Stance.UNCERTAIN
            self.soft = phrase.word in _SOFT or (self.joined and phrase.word != "?")
        # The walk goes on to a person or an answer only: nothing else after a doubt settles it.
        self.unknown = 3
        return True

    def _take_answer(self, place: int, cues: int) -> bool:
        if not cues & Cue.ANSWER or not (ends(self.phrases, place + 1) or closes(self.phrases, place + 1)):
            return False
        if self.terms and not self._tested() and not self._listed(_AND):
            return False
        self.result, self.answered = Stance.NEGATED, True
        return True

    def _take_near(self, place: int, phrase: Item, cues: int) -> bool:
        """Read what bears on the term from close by only; past another term, what is said of both."""
        if self.terms and not self._tested() and not (self._listed(_AND) and phrase.words[-1].endswith("s")):
            return False
        if cues & Cue.NORMAL_AFTER and self.entry.order and not self.terms:
            self.result = self.result or Stance.NEGATED
            return True
        if cues & Cue.REQUEST_AFTER and self._tested() and not self.joined:
            self.requested = True
            return True
        apart = self.unknown > 0
        if apart:
            apart = self.unknown > self._reach(phrase, int(self.entry.tested and phrase.word.startswith("con")))
        apart = apart or (self.joined and not self.entry.tested and phrase.word not in _RULED)
        if cues & (Cue.NEGATION_AFTER | Cue.POSITIVE_AFTER) and not apart:
            return self._settle(place, cues)
        return self._take_past(phrase, cues)

    def _settle(self, place: int, cues: int) -> bool:
        if cues & Cue.NEGATION_AFTER and not self.result:
            # "enceinte non diabétique": the negation is the next word's; "VIH exclu par PCR" has its own.
            words = self.phrases[place].words
            bare = len(words) == 1 and words[0] in _EITHER and not ends(self.phrases, place + 1)
            if bare and not answers(self.phrases, place):
                return False
            self.result, self.answered = Stance.NEGATED, words[0].isalpha()
            return True
        if cues & Cue.POSITIVE_AFTER and not cues & Cue.JOINER:
            self.result = self.result or Stance.AFFIRMED
            return True
        return self._take_past(self.phrases[place], cues)

    def _take_past(self, phrase: Item, cues: int) -> bool:
        if not cues & Cue.PAST_AFTER or self.terms or (self.joined and phrase.word not in _OVER):
            return False
        if self.entry.tested and phrase.word in _DONE:
            return False
        timed = not TIMES.isdisjoint(phrase.words) or phrase.words[-1].isdigit()
        mental = self.entry.topics[0] == "psychiatric"
        lasts = self.entry.lasting and (phrase.word in _NO_END or (timed and not mental))
        if not lasts and not (timed and (self.since or self.begun)):
            self.past = True
        return True

    def _take_other(self, place: int, cues: int) -> bool:
        """Read a term, a person, a join or any other word; tell whether the walk goes on."""
        if cues & Cue.TERM:
            like = self.entry.tested and any(other.tested for other in self.phrases[place].entries)
            self.alike = self.alike and like
            like = like or (self.joined and not self.unknown)
            self.terms, self.joined = self.terms + 1, False
            return like and not self.result
        if cues & Cue.PERSON:
            near = not self.unknown or (self.unknown <= 2 and self.phrases[place - 1].word in _OWNING)
            self.other = near and self._is_theirs(place)
            return False
        if cues & Cue.JOINER:
            self.joined = True
            self.joints += " " + self.phrases[place].word
            # "TROD VIH positif, à confirmer": what confirms or not is read past a comma.
            return self.result is None or self._is_open(place + 1)
        word = self.phrases[place].words[0]
        if word in ":=" and self._is_blank(place + 1):
            self.result = self.result or Stance.UNCERTAIN
            return False
        self.planned = self.planned or word in _PLANNED
        if (cues & _ENDS_RIGHT and not self._owns(place, cues)) or (
            self.joined and (not cues & Cue.FILLER or word == "lui")
        ):
            return False
        self.unknown += not cues & (Cue.FILLER | Cue.SUBJECT)
        self.since = self.since or word == "depuis"
        self.begun = self.begun or word in _BEGUN
        return True

    def _owns(self, place: int, cues: int) -> bool:
        """Tell whether the patient at `place` is only named as the one whose it is: "le cancer de madame est guéri"."""
        if not cues & Cue.SUBJECT or self.joined or self.unknown:
            return False
        before = self.phrases[place - 1].word
        return before in _OF or (before in ("la", "l") and self.phrases[place - 2].word == "de")

    def _is_blank(self, place: int) -> bool:
        """Tell whether nothing stands in a form's field that begins at `place`: "VIH : ....."."""
        return not self.terms and self.unknown <= 1 and all(phrase.word in _DOTS for phrase in self.phrases[place:])

    def _is_open(self, place: int) -> bool:
        following = self.phrases[place] if place < len(self.phrases) else None
        return following is not None and following.word == "a" and bool(following.cues & Cue.UNCERTAIN_AFTER)

    def _is_theirs(self, place: int) -> bool:
        """Tell whether the person at `place` is the one the term speaks of.

        Past a comma only where nothing else is said ("cancer du sein, mère"), past other terms where all are joined
        ("VIH et VHC chez la mère") or the persons are several ("diabète, HTA (parents)").
        """
        phrases = self.phrases
        if self.terms and not (self._listed(_AND) or phrases[place].words[0] in _SEVERAL):
            return False
        if not self.joined or (self.entry.tested and self.joints == " +"):
            return attached(phrases, place)
        rest = itertools.takewhile(lambda phrase: not phrase.cues & Cue.BREAK, phrases[place:])
        return self.joints.endswith(",") and not self.terms and all(one.cues & _PERSONS for one in rest)
