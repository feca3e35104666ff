"""Relative clauses and corrections: whom "who" speaks of, and who it was instead.

Rules, in the order in which they apply:

1. "Who has", "who is", "who takes" speaks of the nearest person before it, over commas and whatever else is told of
   that person: "c'est sa belle-mère, qui vit avec eux, qui a la tuberculose".
2. What is his or hers in such a clause is the patient's: "voir avec sa fille, qui a son traitement".
3. After a term, "c'est sa soeur" (at the end, or "qui en a", "qui est suivie") makes it somebody else's; where it was
   denied it is denied of the patient, and somebody else's too.
"""

from __future__ import annotations

from etanche.recognise.topics.clauses import REACH, belongs, ends
from etanche.recognise.topics.dictionary import Cue, Item

_HAVING = frozenset((
    "a", "est", "ont", "sont", "avait", "avaient", "etait", "etaient", "prend", "prennent", "souffre", "souffrent",
    "attend",
))  # fmt: skip
"""Verbs of what a person has, is or takes."""
_PRONOUNS = frozenset(("en", "l", "la", "le", "'", "’"))
"""Words that may stand for the term before those verbs: "qui en a", "qui l'a"."""
_ILL = ("suivi", "traite", "malade", "attein", "porteu", "concerne", "positi", "contamine", "soigne", "touche", "sous")
"""Beginnings of what is said of whoever has it."""
_OWN = frozenset(("son", "sa", "ses", "leur", "leurs"))
_NEAR = 7
"""Phrases between "who" and what it has."""
_LINKS = frozenset(("'", "’", "est", "etait", "la", "le", "l", "son", "sa", "ses", "un", "une", "en", "fait", "plutot"))
"""Words between "c'" and the person."""


def of_who(phrases: list[Item], at: int) -> bool:
    """Tell whether the term at `at` stands in a relative clause that speaks of another person (rules 1 and 2)."""
    for place in range(at - 1, max(at - _NEAR, -1), -1):
        phrase = phrases[place]
        if phrase.word == "qui":
            return phrases[place + 1].word in _HAVING and place + 1 < at and _is_person(phrases, place)
        if phrase.word in _OWN or phrase.cues & (Cue.BREAK | Cue.JOINER | Cue.TERM | Cue.PERSON | Cue.SUBJECT):
            return False
    return False


def _is_person(phrases: list[Item], who: int) -> bool:
    """Tell whether the nearest one named before "who" is another person."""
    for place in range(who - 1, max(who - REACH, -1), -1):
        cues = phrases[place].cues
        if cues & Cue.PERSON:
            return True
        if cues & (Cue.BREAK | Cue.TERM) or (cues & Cue.SUBJECT and not belongs(phrases, place)):
            return False
    return False


def instead(phrases: list[Item], at: int) -> bool:
    """Tell whether the clause goes on to say whose the term at `at` is instead (rule 3)."""
    for place in range(at + 1, min(at + REACH, len(phrases) - 1)):
        if phrases[place].cues & (Cue.BREAK | Cue.TERM):
            return False
        if phrases[place].word == "c":
            person = place + 1
            while person < len(phrases) and phrases[person].word in _LINKS and not phrases[person].cues & Cue.PERSON:
                person += 1
            return person < len(phrases) and bool(phrases[person].cues & Cue.PERSON) and _has_it(phrases, person + 1)
    return False


def _has_it(phrases: list[Item], after: int) -> bool:
    """Tell whether what follows a person says no more than that it is theirs."""
    if ends(phrases, after):
        return True
    if phrases[after].word != "qui":
        return False
    after += 1
    while after < len(phrases) and phrases[after].word in _PRONOUNS:
        after += 1
    if after == len(phrases) or phrases[after].word not in _HAVING:
        return False
    return ends(phrases, after + 1) or phrases[after + 1].word.startswith(_ILL)
