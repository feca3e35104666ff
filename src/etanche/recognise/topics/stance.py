"""How a comment speaks of each topic it names: affirmed, past, negated, uncertain, or about someone else.

Rules, in the order in which they apply to a term:

1. Cues act within a clause: a full stop, a line, a spaced dash, "mais", "sauf" end it; a comma, "/", "et", "ou" let a
   cue through only from a term to a like one ("pas de VIH ni hépatite", "VIH, VHC neg").
2. Someone else's wins over all ("mère non diabétique"), unless the person is only to be called, told or accompanied.
3. A result after the term ("VIH neg", "VIH-", "VIH +") wins over a request before it ("recherche VIH négative").
4. A negation before it, not taken by another object ("pas à jeun diabétique").
5. A question or a request ("?", "recherche", "bilan VIH").
6. The past ("ATCD", "opéré", "en 2010" where a year ends it); else what the dictionary says of the term.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import NamedTuple

from etanche.model import Stance
from etanche.recognise.topics.dictionary import BETWEEN, Cue, Dictionary, Entry, Item

_REACH = 12
"""Events a cue can be away, whatever lies between."""
_ADJECTIVE = re.compile(
    r"(ique|mane|phrene|enceinte|tendue?|polaire|depressi(f|ve)|greffee?|positi(f|ve)|sourde?|eux|euse)s?$"
)
_SIGNS = "+-"


class Event(NamedTuple):
    """A phrase of the text: its cues, its entries (a term), its tokens `first` to `last` (exclusive)."""

    cues: Cue
    entries: list[Entry]
    first: int
    last: int
    word: str


_NOTHING: list[Entry] = []


@dataclass(slots=True)
class Seen:
    """What was found to the left of a term; a like term after it inherits it."""

    negated: bool = False
    listing: bool = False
    """The negation takes a noun ("pas de", "sans"), so that a list after a comma is still denied."""
    uncertain: bool = False
    request: bool = False
    past: bool = False
    other: bool = False


def _phrase(known: Dictionary, words: list[str], at: int) -> tuple[Item, int] | None:
    """Return the longest phrase that starts at word `at` and the word after its last, None where there is none."""
    head = words[at]
    candidates = known.phrases.get(head, ())
    if head.isdigit() and head != "#":
        candidates = [*candidates, *known.phrases["#"]]
    for item in candidates:
        place = at + 1
        for wanted in item.words[1:]:
            skipped = 0
            while place < len(words) and skipped < 3 and not _fits(wanted, words[place]) and words[place] in BETWEEN:
                place += 1
                skipped += 1
            if place >= len(words) or not _fits(wanted, words[place]):
                break
            place += 1
        else:
            return item, place
    return None


def _fits(wanted: str, word: str) -> bool:
    return wanted == word or (wanted == "#" and word.isdigit() and len(word) <= 2)


def read_events(known: Dictionary, tokens: list[str], spans: list[tuple[int, int]]) -> list[Event]:
    """Cut a text into phrases.  `tokens` as folded, `spans` their offsets."""
    words = [known.speller[token] or (token if token in BETWEEN else "") for token in tokens]
    events: list[Event] = []
    at = 0
    while at < len(words):
        word = words[at]
        if word in ("+", "-"):
            events.append(Event(_sign(tokens, spans, at), _NOTHING, at, at + 1, word))
            at += 1
            continue
        found = _phrase(known, words, at) if word else None
        if found is None:
            events.append(Event(Cue.FILLER if tokens[at].isdigit() else Cue.NONE, _NOTHING, at, at + 1, tokens[at]))
            at += 1
        else:
            item, end = found
            events.append(Event(item.cues, item.entries, at, end, item.words[0]))
            at = end
    return events


def _sign(tokens: list[str], spans: list[tuple[int, int]], at: int) -> Cue:
    """Tell what a + or - is: a result, a separator, or a join."""
    start, end = spans[at]
    attached = at > 0 and spans[at - 1][1] == start
    last = at + 1 == len(tokens)
    glued = not last and spans[at + 1][0] == end and tokens[at + 1].isalnum()
    result = Cue.POSITIVE_AFTER if tokens[at][0] == "+" else Cue.NEGATION_AFTER
    if at == 0:
        return Cue.FILLER
    if attached and not glued:
        return result
    if attached and glued:
        # "VIH+VHC+" is two results, "VIH-VHC" and "anti-VIH" only join, "VIH-ve" is a result.
        return result if tokens[at][0] == "+" or tokens[at + 1] == "ve" else Cue.JOINER
    if last or not tokens[at + 1].isalnum() or len(tokens[at]) > 1:
        return result
    if glued:
        return Cue.BREAK
    # A spaced sign between words is a result where the clause ends in one ("VIH - VHC +"), else it parts or joins.
    rest = next((i for i in range(at + 1, len(tokens)) if tokens[i] in ",;.\n"), len(tokens))
    if tokens[rest - 1][0] in _SIGNS and rest - 1 > at:
        return result
    return Cue.BREAK if tokens[at][0] == "-" else Cue.POSITIVE_AFTER | Cue.JOINER


def _ends(events: list[Event], at: int) -> bool:
    """Tell whether the clause ends before event `at`."""
    return at >= len(events) or bool(events[at].cues & (Cue.BREAK | Cue.JOINER)) or events[at].word == "?"


def _dealt_with(events: list[Event], at: int) -> bool:
    """Tell whether the person at `at` is only someone to call, to tell, to come with (not the one spoken of)."""
    for place in range(at - 1, max(at - 4, -1), -1):
        cues = events[place].cues
        if cues & Cue.CONTACT and not cues & Cue.TERM:
            return True
        if cues & (Cue.BREAK | Cue.JOINER | Cue.TERM):
            break
    after = [event for event in events[at + 1 : at + 4] if event.word not in BETWEEN][:2]
    if not after:
        return False
    if after[0].cues & Cue.NEGATION_BEFORE and len(after) > 1:
        after = after[1:]
    first = after[0]
    return bool(first.cues & Cue.CONTACT and not first.cues & Cue.TERM) or first.word == "{n}"


def _left(events: list[Event], at: int, seen: dict[int, Seen], tested: bool) -> Seen:
    """Return what the words before the term at `at` say of it."""
    found = Seen()
    unknown, blocked, under, subject, joined = 0, False, False, False, ""
    for place in range(at - 1, max(at - _REACH, -1), -1):
        event = events[place]
        cues = event.cues
        if cues & Cue.TERM:
            if unknown == 0 and not (under and not joined):
                _inherit(found, events, at, place, seen, joined, under)
            if joined or under or unknown:
                break
            continue
        if cues & Cue.BREAK:
            break
        if cues & Cue.NEGATION_BEFORE and not blocked and unknown <= 2 and not joined and not found.uncertain:
            found.negated = True
            following = events[place + 1].word if place + 1 < at else ""
            found.listing = following in ("de", "d") or event.word not in ("pas", "non", "n")
            continue
        if cues & Cue.JOINER:
            joined = joined or event.word
            continue
        if joined and not cues & (Cue.PERSON | Cue.POSITIVE_AFTER | Cue.NEGATION_AFTER | Cue.FILLER):
            break
        if cues & Cue.PERSON and unknown <= 2:
            # "père et frère diabétiques": the join is between the two persons.
            if (
                not subject
                and not (joined and not _persons_joined(events, place, at))
                and not _dealt_with(events, place)
            ):
                found.other = True
            continue
        if joined:
            continue
        if cues & Cue.SUBJECT:
            subject = True
        if cues & Cue.UNCERTAIN_BEFORE and unknown <= 2 and not found.negated:
            found.uncertain = True
        if cues & Cue.REQUEST_BEFORE and tested and unknown <= 2:
            found.request = True
        if cues & Cue.PAST_BEFORE and unknown <= 3 and not blocked:
            found.past = True
        if cues & Cue.NEGATION_AFTER and event.word not in "-0" and unknown == 0 and _leads(events, place):
            found.negated = True
        if cues & Cue.OBJECT:
            blocked = True
        under = under or bool(cues & Cue.UNDER)
        if not cues:
            unknown += 1
            if unknown > 3:
                break
    return found


def _persons_joined(events: list[Event], place: int, at: int) -> bool:
    return any(event.cues & Cue.PERSON for event in events[place + 1 : at])


def _leads(events: list[Event], place: int) -> bool:
    """Tell whether a result has no term before it in its clause, so that it speaks of the one after it."""
    for before in range(place - 1, -1, -1):
        cues = events[before].cues
        if cues & Cue.BREAK or events[before].word == ",":
            return True
        if cues & (Cue.TERM | Cue.OBJECT):
            return False
    return True


def _inherit(
    found: Seen, events: list[Event], at: int, place: int, seen: dict[int, Seen], joined: str, under: bool
) -> None:
    """Let the term at `at` take over what was said of the like term at `place` before it (rule 1)."""
    before = seen.get(place)
    if before is None:
        return
    adjective = bool(_ADJECTIVE.search(events[at].word)) or under
    if adjective and joined == ",":
        return
    found.other = found.other or before.other
    if adjective:
        return
    if before.negated and (before.listing or joined in ("ou", "ni", "/")):
        found.negated = found.listing = True
    found.past = found.past or before.past
    found.uncertain = found.uncertain or before.uncertain
    found.request = found.request or before.request


@dataclass(slots=True)
class After:
    """What was found to the right of a term."""

    result: Stance | None = None
    past: bool = False
    other: bool = False


def _right(events: list[Event], at: int, entry: Entry) -> After:
    """Return what the words after the term at `at` say of it."""
    found = After()
    unknown, terms, joined = 0, 0, False
    for place in range(at + 1, min(at + _REACH, len(events))):
        event = events[place]
        cues = event.cues
        if cues & Cue.BREAK:
            break
        if cues & Cue.UNCERTAIN_AFTER and unknown <= 2 and not (terms and not entry.tested):
            if found.result is None or event.word == "?":
                found.result = Stance.UNCERTAIN
            break
        if cues & Cue.TERM:
            if not (entry.tested and any(other.tested for other in event.entries)) or found.result:
                break
            terms, joined = terms + 1, False
            continue
        if cues & Cue.NEGATION_AFTER and unknown == 0 and not found.result:
            if cues & Cue.NEGATION_BEFORE and not _ends(events, place + 1):
                break
            found.result = Stance.NEGATED
            continue
        if cues & Cue.POSITIVE_AFTER and unknown == 0 and not cues & Cue.JOINER:
            found.result = found.result or Stance.AFFIRMED
            continue
        if cues & Cue.PAST_AFTER and unknown <= 2 and not terms and not joined:
            found.past = found.past or event.word != "{year}" or not entry.lasting
            continue
        if cues & Cue.PERSON:
            found.other = unknown == 0 and not terms and not joined and _attached(events, place)
            break
        if cues & Cue.JOINER:
            joined = True
            if found.result:
                break
            continue
        if cues & (Cue.OBJECT | Cue.SUBJECT | Cue.UNDER | Cue.NEGATION_BEFORE) or (joined and not cues & Cue.FILLER):
            break
        unknown += not cues & Cue.FILLER
    return found


def _attached(events: list[Event], place: int) -> bool:
    """Tell whether the person after a term is the one it speaks of: "K sein mère", "cancer chez la mère"."""
    if _dealt_with_after(events, place):
        return False
    before = events[place - 1].word
    earlier = events[place - 2].word if place >= 2 else ""
    if {before, earlier} & {"chez", "du", "de", "cote", "("} or events[place].word[:5] in (
        "mater",
        "pater",
        "famil",
        "hered",
    ):
        return True
    return _ends(events, place + 1)


def _dealt_with_after(events: list[Event], place: int) -> bool:
    """Like `_dealt_with`, for a person after the term: "chez" and "résultats" before it are no contact here."""
    before = events[place - 1]
    if before.cues & Cue.CONTACT and before.word not in ("chez", "absence") and not before.cues & Cue.TERM:
        return True
    contact = [
        event for event in events[max(place - 3, 0) : place] if event.cues & Cue.CONTACT and event.word != "chez"
    ]
    return bool(contact) or (place + 1 < len(events) and _dealt_with(events[place:], 0))


def _stance(entry: Entry, left: Seen, right: After) -> Stance:
    if left.other or right.other:
        return Stance.OTHER_PERSON
    if right.result is not None and not (right.result is Stance.AFFIRMED and (left.past or right.past or left.negated)):
        return right.result
    if entry.fact:
        return entry.stance
    if left.negated:
        return Stance.NEGATED
    if left.uncertain or (left.request and entry.stance is not Stance.NEGATED):
        return Stance.UNCERTAIN
    if left.past or right.past:
        return Stance.PAST if entry.stance is Stance.AFFIRMED else entry.stance
    return entry.stance


def stances(known: Dictionary, events: list[Event], tokens: list[str]) -> list[tuple[Event, Entry, Stance]]:
    """Return each term of a text with the stance of each of its entries."""
    seen: dict[int, Seen] = {}
    found: list[tuple[Event, Entry, Stance]] = []
    for at, event in enumerate(events):
        if not event.entries:
            continue
        left = seen[at] = _left(events, at, seen, any(entry.tested for entry in event.entries))
        for entry in event.entries:
            if entry.unless and _vetoed(known, entry, events, tokens, at):
                continue
            right = _right(events, at, entry)
            if entry.result and right.result not in (Stance.AFFIRMED, Stance.NEGATED):
                continue
            if entry.fact and at + 1 < len(events) and events[at + 1].cues & Cue.PERSON:
                continue
            found.append((event, entry, _stance(entry, left, right)))
    return found


def _vetoed(known: Dictionary, entry: Entry, events: list[Event], tokens: list[str], at: int) -> bool:
    """Tell whether a word of the same clause turns the term into something else ("vaccin hépatite B")."""
    first, last = at, at + 1
    while first > 0 and not events[first - 1].cues & Cue.BREAK and at - first < _REACH:
        first -= 1
    while last < len(events) and not events[last].cues & Cue.BREAK and last - at < _REACH:
        last += 1
    around = [*tokens[events[first].first : events[at].first], *tokens[events[at].last : events[last - 1].last]]
    return any(known.speller[token] in entry.unless for token in around)
