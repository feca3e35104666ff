"""Clauses and the persons in them: where a clause ends, and whom a term beside a person speaks of.

Rules:

1. A clause ends at a full stop, a semicolon, a line, *mais*; a comma, *et* and a slash join.
2. A person beside a term is the one it speaks of ("mère diabétique", "cancer chez la mère"), unless the person is only
   to be called, told or accompanied ("VIH+, mari pas au courant").
3. After somebody else's disease the patient's own test says how it stands with the patient.
"""

from __future__ import annotations

import itertools

from etanche.model import Stance
from etanche.recognise.topics.dictionary import BETWEEN, Cue, Entry, Item

REACH = 12
"""Phrases a cue can be away, whatever lies between."""
TIMES = frozenset(("{year}", "#", "janvier", "fevrier", "mars", "avril", "mai", "juin", "juillet", "aout"))
"""Words of a time in a phrase of the past."""
REFUSED = frozenset(("refus", "refuse", "refusee"))
"""Words that deny a treatment, and leave a test undone."""
_SCREENING = frozenset(
    (
        "controle",
        "rassure",
        "rassuree",
        "rassurer",
        "se",
        "voudrait",
        "souhaite",
        "depistage",
        "depist",
        "recherche",
        "rech",
        "test",
        "tests",
        "veut",
        "verif",
        "verifier",
    )
)
"""Words that ask whether the patient has what a relative has, whatever it is."""
_LINKS = frozenset(("chez", "cez", "du", "de", "d", "cote", "dans", "ds", "("))
"""Words that link a person to the term before: "cancer chez les deux parents"."""
_WITH = frozenset(("avec", "accompagne", "accompagnee", "accompagner", "vient", "venir"))
"""Words before a person whose disease may follow: "vient avec sa mère aveugle"."""
_HAVING = frozenset(("avec", "suivi", "suivie", "porteur", "porteuse"))
"""Words that say what a person has where a term follows: "mère avec hépatite B"."""
_PREDICATE = frozenset(("est", "a", "prend", "sont", "ont", "souffre", "etait", "avait"))
"""Verbs of what a person is or has: "parle de son fils qui prend de l'Isentress"."""
_WORRY = frozenset(("inquiet", "inquiete", "inquietude", "craint", "redoute"))
"""Words that ask whether the patient has what a relative has, too."""
_SEROLOGY = frozenset(("hiv", "hepatitis", "sexual_health", "infection"))
"""Topics whose tests are asked for together."""
_OUTCOME = Cue.POSITIVE_AFTER | Cue.NEGATION_AFTER | Cue.OUTCOME
_SAID = Cue.POSITIVE_AFTER | Cue.PAST_AFTER | Cue.PERSON
_TESTED_OF = 6
"""Phrases between a test of the patient's own and its result: "sérologie du soignant négative"."""
_TURNS = frozenset((">", "mais", "donc", ";"))
"""Ends of a clause over which the patient's own test is still that of the disease before."""
_AGED = frozenset(("#", "ans", "an", "a"))
"""Words of an age after a person: "IDM père 45 ans"."""
_FAMILY = ("mater", "pater", "famil", "hered")
"""Beginnings of adjectives that need not end the clause: "diabète familial connu"."""


def ends(phrases: list[Item], at: int) -> bool:
    """Tell whether the clause ends before phrase `at`."""
    return at >= len(phrases) or bool(phrases[at].cues & (Cue.BREAK | Cue.JOINER)) or phrases[at].word in "?:("


_VALUES = frozenset(("non", "oui", "n", "o", "0"))
"""What is written beside each of several names in turn: "traitement non allergie oui"."""
_FIELD = 4
"""Phrases of the name of a form's next field."""
_ROW = 40
"""Answers in a row that are a form's wherever it ends: a text may hold thousands, each of which is asked of."""


def closes(phrases: list[Item], at: int) -> bool:
    """Tell whether a form's next field begins at `at`, so that the answer before it ends: "VIH : non HTA : oui"."""
    named = itertools.takewhile(lambda phrase: not phrase.cues & (Cue.BREAK | Cue.JOINER), phrases[at : at + _FIELD])
    return any(phrase.word in ":=?" for phrase in named)


def answers(phrases: list[Item], place: int) -> bool:
    """Tell whether what is at `place` answers the term before it, each of those after it having its own answer."""
    if phrases[place].word not in _VALUES or not (place > 0 and phrases[place - 1].cues & Cue.TERM):
        return False
    for _ in range(_ROW):
        following = _next_answer(phrases, place)
        if following is None or ends(phrases, following + 1):
            return following is not None
        place = following
    return True


def _next_answer(phrases: list[Item], place: int) -> int | None:
    """Return where the term after an answer has its own, right beside it and in the same clause."""
    named = False
    for at in range(place + 1, min(place + 1 + _FIELD, len(phrases))):
        if phrases[at].cues & (Cue.BREAK | Cue.JOINER):
            return None
        if named and phrases[at].word in _VALUES:
            return at
        named = bool(phrases[at].cues & Cue.TERM)
    return None


def leads(phrases: list[Item], place: int) -> bool:
    """Tell whether a result has no term before it in its clause, so that it speaks of the one after it."""
    for before in range(place - 1, max(place - REACH, -1), -1):
        cues = phrases[before].cues
        if cues & Cue.BREAK or phrases[before].word == ",":
            return True
        if cues & Cue.TERM or (cues & Cue.OBJECT and not cues & Cue.REQUEST_BEFORE):
            return False
    return True


def belongs(phrases: list[Item], at: int) -> bool:
    """Tell whether the patient named at `at` only says whose relative was named: "le mari de madame"."""
    linked = at > 1 and phrases[at - 1].word in ("de", "du", "d")
    if at > 2 and phrases[at - 1].word in ("la", "l"):
        return phrases[at - 2].word == "de" and bool(phrases[at - 3].cues & Cue.PERSON)
    return linked and bool(phrases[at - 2].cues & Cue.PERSON)


def _is_contact(phrase: Item) -> bool:
    return bool(phrase.cues & Cue.CONTACT) and not phrase.cues & Cue.TERM


def _is_term(phrases: list[Item], at: int) -> bool:
    return at < len(phrases) and bool(phrases[at].cues & Cue.TERM)


def _goes_on(phrase: Item) -> bool:
    return not phrase.cues & Cue.BREAK


def _between(phrase: Item) -> bool:
    return not phrase.cues & (Cue.BREAK | Cue.TERM)


def _between_persons(phrase: Item) -> bool:
    return not phrase.cues & (Cue.BREAK | Cue.TERM | Cue.PERSON)


def dealt_with(phrases: list[Item], at: int) -> bool:
    """Tell whether the person at `at` is only someone to call, to tell, to come with (not the one spoken of)."""
    for place in range(at - 1, max(at - 4, -1), -1):
        if _is_contact(phrases[place]) and not (phrases[place].word in _WITH and _is_term(phrases, at + 1)):
            return True
        if phrases[place].cues & (Cue.BREAK | Cue.JOINER | Cue.TERM):
            break
    near = itertools.takewhile(_goes_on, phrases[at + 1 : at + 4])
    after = [phrase for phrase in near if phrase.word not in BETWEEN or phrase.word == "a"][:3]
    if len(after) > 1 and after[0].cues & Cue.NEGATION_BEFORE:
        after = after[1:]
    if len(after) > 2 and after[0].word == "qui" and after[1].word in _PREDICATE:
        return False
    if len(after) > 1 and after[0].word in _HAVING and after[1].cues & (Cue.TERM | Cue.PAST_BEFORE):
        return False
    return bool(after) and (_is_contact(after[0]) or after[0].word == "{n}")


def attached(phrases: list[Item], place: int) -> bool:
    """Tell whether the person after a term is the one it speaks of: "K sein mère", "cancer chez la mère"."""
    near = [*itertools.takewhile(_between, reversed(phrases[max(place - 3, 0) : place]))]
    if any(_is_contact(phrase) and phrase.word not in ("chez", "absence") for phrase in near):
        return False
    linked = any(phrase.word in _LINKS and phrase.word != "(" for phrase in near)
    if not linked and dealt_with(phrases[place : place + 4], 0):
        return False
    linked = linked or any(phrase.word == "(" for phrase in near)
    after = place + 1
    while (
        after < len(phrases) and phrases[after].word in _AGED and phrases[place].word not in ("fille", "fils", "enfant")
    ):
        after += 1
    return linked or phrases[place].word.startswith(_FAMILY) or ends(phrases, after)


def listed_tests(phrases: list[Item]) -> frozenset[int]:
    """Return the places of tests that stand in a row with nothing said of them, three or one that is an order.

    "VIH VHB VHC syph", "VIH + TPHA".
    """
    found: list[int] = []
    run: list[int] = []
    for place, phrase in enumerate(phrases):
        if phrase.entries and phrase.entries[0].topics[0] in _SEROLOGY and not phrase.cues & _OUTCOME:
            run.append(place)
        elif (
            not (phrase.cues & Cue.JOINER or phrase.word in BETWEEN)
            or phrase.cues & Cue.BREAK
            or phrase.cues & (Cue.POSITIVE_AFTER | Cue.JOINER) == Cue.POSITIVE_AFTER
        ):
            if len(run) > 1 and not phrase.cues & _SAID:
                found += _several(phrases, run)
            run = []
    return frozenset(found + _several(phrases, run) if len(run) > 1 else found)


def _several(phrases: list[Item], run: list[int]) -> list[int]:
    """Return the places of a row of tests where it is long enough to be a list of orders.

    Two are where one of them is an order and nothing stands before them in their clause ("PV, VIH + TPHA").
    """
    tests = [phrases[at].entries[0] for at in run]
    paired = any(one.order for one in tests) and all(one.topics[0] != "infection" for one in tests)
    before = phrases[run[0] - 1].cues if run[0] else Cue.BREAK
    return run if len(run) > 2 or (paired and before & (Cue.BREAK | Cue.JOINER)) else []


def _is_patient(phrase: Item) -> bool:
    return bool(phrase.cues & Cue.SUBJECT) or phrase.word == "lui"


def _names(phrases: list[Item]) -> bool:
    return any(phrase.cues & (Cue.TERM | Cue.CONTACT | Cue.OBJECT) for phrase in phrases)


def _is_subject(phrases: list[Item], at: int) -> bool:
    """Tell whether the patient alone is named from `at` to the end of the clause: "mais pas elle"."""
    rest = [*itertools.takewhile(lambda phrase: _goes_on(phrase) and phrase.word != ",", phrases[at : at + 4])]
    named = [phrase for phrase in rest if phrase.word not in BETWEEN]
    return len(named) == 1 and _is_patient(named[0]) and ends(phrases, at + len(rest))


def _said_of(phrases: list[Item], place: int, *, tested: bool) -> Stance | None:
    """Return what is said of the patient or the test at `place`: "elle négative", "PCR neg"."""
    patient = _is_patient(phrases[place])
    settled = tested or patient
    rest = [*itertools.takewhile(_goes_on, phrases[place + 1 : place + REACH])]
    denied = any(phrase.cues & Cue.NEGATION_BEFORE or phrase.word == "rien" for phrase in rest[:6])
    if patient and denied and not _names(rest):
        return Stance.NEGATED
    if patient and not _names(rest) and any(phrase.cues & Cue.NORMAL_AFTER for phrase in rest):
        return Stance.NEGATED
    near = phrases[place + 1 : place + (_TESTED_OF if tested else 3)]
    for phrase in itertools.takewhile(_between_persons, near):
        if settled and phrase.cues & Cue.NEGATION_AFTER and phrase.word != "-":
            return Stance.NEGATED
        if tested and phrase.cues & Cue.POSITIVE_AFTER and not phrase.cues & Cue.JOINER:
            return Stance.AFFIRMED
    return None


def of_another(phrases: list[Item], at: int) -> bool:
    """Tell whether the same test of somebody else is told after the patient's own: "HIV neg, partenaire pos"."""
    for place in range(at + 2, min(at + REACH, len(phrases) - 1)):
        if phrases[place].cues & (Cue.BREAK | Cue.TERM):
            return False
        if phrases[place].cues & Cue.PERSON:
            told = phrases[place + 1].cues & _OUTCOME
            return bool(told) and bool(phrases[place - 1].cues & Cue.JOINER) and ends(phrases, place + 2)
    return False


def own_stance(phrases: list[Item], at: int, entry: Entry) -> Stance | None:
    """Return how it stands with the patient after somebody else's disease, None where nothing says so.

    "père hémochromatose, dépistage": asked for; "conjoint séropo, elle négative", "mère VIH+, PCR neg": denied.
    """
    asked = None
    for place in range(at + 1, min(at + 1 + REACH, len(phrases))):
        cues = phrases[place].cues
        if cues & Cue.TERM or (cues & Cue.BREAK and phrases[place].word not in _TURNS):
            break
        if cues & Cue.NEGATION_BEFORE and _is_subject(phrases, place + 1):
            return Stance.NEGATED
        test = bool(cues & Cue.REQUEST_AFTER)
        said = _said_of(phrases, place, tested=entry.tested) if test or _is_patient(phrases[place]) else None
        if said is not None:
            return said
        if (test and (entry.tested or phrases[place].word in _SCREENING)) or not _WORRY.isdisjoint(
            phrases[place].words
        ):
            asked = Stance.UNCERTAIN
    return asked
