"""How a comment speaks of each topic it names: affirmed, past, negated, uncertain, or about someone else.

Rules, in the order in which they apply to a term:

1. Cues act within a clause: a full stop, a line, a spaced dash, "mais", "sauf" end it; a comma, "/", "et", "ou" let a
   cue through only from a term to a like one ("pas de VIH ni hépatite", "VIH, VHC neg").
2. Someone else's wins over all ("mère non diabétique"), unless the person is only to be called, told or accompanied.
3. A result after the term ("VIH neg", "VIH-", "VIH séronégatif") wins over a request before it ("recherche VIH
   négative"); "séronégatif" before a test denies it ("séronégatif VIH, VHC").
4. A negation before it, not taken by another object ("pas à jeun diabétique").
5. A question or a request ("?", "recherche", "bilan VIH").
6. The past ("ATCD", "opéré", "en 2010" where a year ends it, but not "découvert en 2010"); else what the dictionary
   says of the term.  HIV, an allergy and a gene are never past; a habit or a medicine denied since a time is.
7. Three tests in a row with nothing said of them are orders ("VIH VHB VHC syph").

The walk before a term is `topics.leftward`, the one after it `topics.rightward`, persons `topics.clauses`.
"""

from __future__ import annotations

from collections.abc import Iterator

from etanche.model import Stance
from etanche.recognise.topics.clauses import REACH, listed_tests, of_another, own_stance
from etanche.recognise.topics.dictionary import Cue, Entry
from etanche.recognise.topics.leftward import Left, Leftward
from etanche.recognise.topics.reading import Reading
from etanche.recognise.topics.relatives import instead
from etanche.recognise.topics.rightward import Rightward


def _stance(entry: Entry, left: Left, right: Rightward) -> Stance:
    if (left.other or right.other or (left.met and right.result is Stance.AFFIRMED)) and not entry.shared:
        return Stance.OTHER_PERSON
    denied = left.tested and entry.tested and (right.result is None or right.terms > 0)
    past = right.past or (left.past and not (left.inherited and right.result is Stance.AFFIRMED))
    past = past and not right.planned
    settled = right.result is Stance.AFFIRMED and (past or left.negated)
    settled = settled or (left.positive and right.terms > 0) or (entry.fact and right.result is Stance.NEGATED)
    denied = denied or (left.negated and right.soft)
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


def _speaks(left: Left, right: Rightward) -> bool:
    """Tell whether a cue makes a term of a word that is none by itself ("pas de K", but "K à 4,2")."""
    said = left.negated or left.uncertain or left.past or left.other or right.answered
    return said or right.past or right.other or right.result is Stance.UNCERTAIN


_FOR_LIFE = frozenset(("hiv", "allergy", "genetic"))
"""Topics that nothing makes past: "ancien VIH connu", "a fait un choc à la pénicilline"."""
_GIVEN_UP = frozenset(("addiction", "treatment"))
"""Topics that were there before where they are denied since a time: "pas d'alcool depuis 6 mois"."""
_TOLD = (Stance.NEGATED, Stance.AFFIRMED)
"""How a test is told of the patient, after which another's may be: "HIV neg, partenaire pos"."""
_THEIRS = (Stance.NEGATED, Stance.AFFIRMED, Stance.PAST)
"""What is said of a term before "c'est sa soeur" says whose it is."""
_SOMEBODY = Cue.PERSON | Cue.SUBJECT
_UNFILLED = frozenset(":=._…")
"""Last words of a form's field with nothing in it."""
_NO_LEFT = Left()
_NO_RIGHT = Rightward([], Entry((), ()))
_LEFT_CUES = (
    Cue.OUTCOME
    | Cue.NEGATION_BEFORE
    | Cue.UNCERTAIN_BEFORE
    | Cue.REQUEST_BEFORE
    | Cue.PAST_BEFORE
    | Cue.NEGATION_AFTER
    | Cue.PERSON
)
_RIGHT_CUES = (
    Cue.NEGATION_AFTER | Cue.POSITIVE_AFTER | Cue.UNCERTAIN_AFTER | Cue.PAST_AFTER | Cue.PERSON | Cue.REQUEST_AFTER
    | Cue.ANSWER | Cue.NORMAL_AFTER
)  # fmt: skip


def stances(reading: Reading) -> Iterator[tuple[int, Entry, Stance]]:
    """Yield each term of a text (the index of its phrase) with the stance of each of its entries."""
    before: dict[int, Left] = {}
    phrases = reading.phrases
    last = len(phrases) - 1
    while last >= 0 and not phrases[last].cues & _RIGHT_CUES:
        last -= 1
    if phrases[-1].words[0] in _UNFILLED:
        last = len(phrases) - 1
    passed = 0
    orders: frozenset[int] | None = None
    for at, phrase in enumerate(phrases):
        if phrase.entries:
            # Most terms have no cue on one side: the walks are saved for those that do.
            left = Leftward(reading, at, before).walk() if passed & _LEFT_CUES else _NO_LEFT
            before[at] = left
            for entry in phrase.entries:
                stance = _entry_stance(reading, at, entry, left, right=at < last)
                if stance is Stance.AFFIRMED and entry.tested and not entry.known and len(phrases) > 2:
                    orders = listed_tests(phrases) if orders is None else orders
                    stance = Stance.UNCERTAIN if at in orders else stance
                if stance in _THEIRS and at + 2 < len(phrases) and instead(phrases, at):
                    if stance is Stance.NEGATED:
                        yield at, entry, stance
                    yield at, entry, Stance.OTHER_PERSON
                    continue
                if stance is not None:
                    yield at, entry, stance
                if stance in _TOLD and entry.tested and at + 3 < len(phrases) and of_another(phrases, at):
                    yield at, entry, Stance.OTHER_PERSON
                if stance is Stance.OTHER_PERSON and (own := own_stance(phrases, at, entry)) is not None:
                    yield at, entry, own
        passed |= phrase.cues


def _entry_stance(reading: Reading, at: int, entry: Entry, left: Left, *, right: bool) -> Stance | None:
    """Return the stance of an entry, None where the term is not one here."""
    if (entry.unless and _vetoed(entry, reading, at)) or (entry.company and _alone(reading, at)):
        return None
    after = Rightward(reading.phrases, entry).walk(at) if right else _NO_RIGHT
    if entry.result and after.result not in (Stance.AFFIRMED, Stance.NEGATED):
        return None
    if entry.cued and not _speaks(left, after):
        return None
    if entry.fact and at + 1 < len(reading.phrases) and reading.phrases[at + 1].cues & Cue.PERSON:
        # "le 12 sa mère": weeks of amenorrhoea (SA) are followed by no person.
        return None
    stance = entry.stance if left is _NO_LEFT and after is _NO_RIGHT else _stance(entry, left, after)
    plain = not (entry.known or entry.event or stance is Stance.NEGATED or stance is Stance.PAST)
    return stance if plain else _settled(entry, stance, after)


def _settled(entry: Entry, stance: Stance, after: Rightward) -> Stance:
    """Return the stance as the kind of term makes it: known diseases are not asked for, habits given up are past."""
    if (entry.known and stance in (Stance.UNCERTAIN, Stance.NEGATED)) or (entry.event and stance is Stance.PAST):
        return Stance.AFFIRMED
    if stance is Stance.PAST and entry.topics[0] in _FOR_LIFE and not entry.gives_away:
        return Stance.AFFIRMED
    if stance is Stance.NEGATED and after.since and entry.topics[0] in _GIVEN_UP:
        return Stance.PAST
    return stance


def _is_result(entry: Entry, reading: Reading, place: int) -> bool:
    """Tell whether a denial of a test stands at `place`: "Ag HBs neg, vacciné" is no vaccine."""
    phrases = reading.phrases
    return entry.tested and place < len(phrases) and phrases[place].word[:3] in ("neg", "-")


def _alone(reading: Reading, at: int) -> bool:
    """Tell whether no other topic is named; what is only a result ("séronégatif") is none."""
    others = (phrase for place, phrase in enumerate(reading.phrases) if place != at and phrase.entries)
    return all(phrase.cues & (Cue.NEGATION_AFTER | Cue.POSITIVE_AFTER) for phrase in others)


def _vetoed(entry: Entry, reading: Reading, at: int) -> bool:
    """Tell whether a word of the same clause turns the term into something else ("vaccin hépatite B").

    Another topic past a comma or a slash does not ("alcoolique / allergie latex"), unless both are tested for.
    """
    # A comment without such a word is told at once; a long text only within reach, lest time grow with its square.
    if len(reading.words) <= 100 and entry.unless.isdisjoint(reading.words):
        return False
    phrases, firsts = reading.phrases, reading.firsts
    if _is_result(entry, reading, at + 1):
        return False
    first, last = at, at + 1
    while first > 0 and not phrases[first - 1].cues & Cue.BREAK and at - first < REACH:
        first -= 1
    while last < len(phrases) and not phrases[last].cues & Cue.BREAK and last - at < REACH:
        last += 1
    words = reading.words
    parted = False
    for place in (*range(at - 1, first - 1, -1), *range(at + 1, last)):
        phrase = phrases[place]
        if parted and place > at + 1 and phrase.cues & _SOMEBODY and phrases[place - 1].cues & Cue.JOINER:
            break  # "mari hépatite B, madame immunisée"
        parted = (parted and place != at + 1) or phrase.word in ",/"
        if parted and phrase.entries and not (entry.tested and phrase.entries[0].tested):
            continue
        if not entry.unless.isdisjoint(words[firsts[place] : reading.last_token(place) + 1]):
            return True
    return False
