"""The dictionary of terms and cues, read from `data/topics.toml` and `data/cues.toml` (spelt out by `topics.phrases`).

Rules, in the order in which they apply:

1. Terms and cues live in one trie of words, so that the longest phrase wins: "sous pilule" before "sous".
2. Small words and points between the words of a phrase may be left out or added ("cancer du sein", "CANCER SEIN",
   "V.I.H."), unless the phrase itself asks for them.
3. A word of the dictionary that another term's stem covers stands for the stem too: "cancer" finds `cancer*`.
4. A word that names a medicine stands for its class (`topics.medicines`): "{medicine A10B}", or "{maybe A10B}" for one
   that counts only beside a word of treatment.  A class says `treatment` and the diseases that it gives away.
5. A plural that one phrase names is still its singular in all others ("médicaments pour la tension", "médicaments").
6. Each term carries codes: the ATC class of a treatment, the CIM-10 range of a disease.
"""

from __future__ import annotations

import itertools
import sys
import tomllib
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import cache, partial
from pathlib import Path
from typing import Any

from etanche.errors import ExitCode, UserError
from etanche.model import Category, Stance
from etanche.recognise.topics import medicines
from etanche.recognise.topics.phrases import cues, data, medicine_token, spellings, word_list
from etanche.recognise.topics.spelling import Speller

BETWEEN = frozenset(
    ("de", "du", "des", "d", "la", "le", "les", "l", "au", "aux", "a", "en", "un", "une", "et", "'", ".", "-", "/")
)
"""Words that may stand between the words of a phrase."""


class Cue:
    """What a word does to the stance of the topics near it (the lists of `data/cues.toml`); bits of an int.

    Plain integers: the bit operations of `enum.IntFlag` were measured to take half of the time of a scan.
    """

    NONE = 0
    NEGATION_BEFORE = 1
    UNCERTAIN_BEFORE = 2
    REQUEST_BEFORE = 4
    PAST_BEFORE = 8
    NEGATION_AFTER = 16
    POSITIVE_AFTER = 32
    UNCERTAIN_AFTER = 64
    PAST_AFTER = 128
    PERSON = 256
    SUBJECT = 512
    CONTACT = 1024
    OBJECT = 2048
    FILLER = 4096
    UNDER = 8192
    JOINER = 16384
    BREAK = 32768
    TERM = 65536
    REQUEST_AFTER = 131072
    ANSWER = 262144
    NORMAL_AFTER = 524288
    OUTCOME = 1048576


@dataclass(frozen=True, slots=True)
class TopicRules:
    """A topic: its name, its category, its ranges of CIM-10 codes, and how requests and years bear on it."""

    name: str
    category: Category
    cim10: tuple[str, ...] = ()
    tested: bool = False
    lasting: bool = False
    shared: bool = False


@dataclass(frozen=True, slots=True)
class Entry:
    """Terms that say the same: their topics and what the dictionary knows of their stance."""

    topics: tuple[str, ...]
    codes: tuple[str, ...]
    """For each topic the ATC class or the CIM-10 range, "" where the term leaves it open."""
    stance: Stance = Stance.AFFIRMED
    unless: frozenset[str] = frozenset()
    result: bool = False
    fact: bool = False
    tested: bool = False
    lasting: bool = False
    shared: bool = False
    """Whether a person beside it is part of it."""
    cued: bool = False
    """Whether the term is one only where a cue speaks of it ("pas de K", "ATCD EP")."""
    known: bool = False
    """Whether a test for it is only done where the disease is known ("CD4", "génotypage VIH")."""
    event: bool = False
    """Whether the term is what happened at a time, so that a time does not make it past ("rapport non protégé")."""
    company: bool = False
    """Whether the term is one only where another topic is named too ("toxo neg, 1er trimestre")."""

    order: bool = field(init=False)
    """Whether the term is an order for a test, which says nothing where the topic itself is named."""
    gives_away: bool = field(init=False)
    """Whether the term is a treatment that gives diseases away: `treatment` comes last (rule 4)."""

    def __post_init__(self) -> None:
        """Derive what every reading asks for."""
        object.__setattr__(self, "order", self.stance is Stance.UNCERTAIN)
        object.__setattr__(self, "gives_away", len(self.topics) > 1 and self.topics[-1] == "treatment")


@dataclass(slots=True)
class Item:
    """What a phrase is: cues, and entries where it is a term."""

    words: tuple[str, ...]
    cues: int = Cue.NONE
    entries: list[Entry] = field(default_factory=list)

    @property
    def word(self) -> str:
        """The first word of the phrase."""
        return self.words[0]


class Node(dict[str, "Node"]):
    """A place in the trie of phrases: the words that may follow, and the phrase that ends here."""

    __slots__ = ("item",)

    def __init__(self) -> None:
        super().__init__()
        self.item: Item | None = None


@dataclass(frozen=True, slots=True)
class Dictionary:
    """The trie of phrases, the speller, and of each term the word that tells most."""

    trie: Node
    speller: Speller
    anchors: frozenset[str]


def _own(path: Path) -> dict[str, Any]:
    """Read a user's dictionary; raises `UserError` where it cannot be."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise UserError("topics_unreadable", ExitCode.UNREADABLE, path=str(path)) from error


@cache
def topic_rules(extra: tuple[Path, ...] = ()) -> dict[str, TopicRules]:
    """Return the topics of the dictionary by name, in the file's order, then those of the user's own files."""
    found: dict[str, TopicRules] = {}
    for raw in (data("topics.toml"), *map(_own, extra)):
        for name, rules in raw.get("topic", {}).items():
            category = Category(rules["category"])
            flags = {flag: rules.get(flag, False) for flag in ("tested", "lasting", "shared")}
            found[name] = TopicRules(name, category, tuple(rules.get("cim10", ())), **flags)
    return found


def _veto(word: str) -> str:
    return medicine_token(word) if word in medicines.written() else word


def _entry(raw: dict[str, Any], known: dict[str, TopicRules]) -> Entry:
    rules = [known[name] for name in raw["topics"]]
    return Entry(
        topics=tuple(raw["topics"]),
        codes=tuple("" if one.name == "treatment" else raw.get("cim10") or _code(one) for one in rules),
        stance=Stance(raw.get("stance", "affirmed")),
        unless=frozenset(_veto(word) for word in raw.get("unless", ())),
        result=raw.get("result", False),
        fact=raw.get("fact", False),
        tested=raw.get("tested", rules[0].tested),
        lasting=raw.get("lasting", rules[0].lasting),
        shared=raw.get("shared", rules[0].shared),
        cued=raw.get("cued", False),
        known=raw.get("known", False),
        company=raw.get("company", False),
        event=raw.get("event", False),
    )


def _code(rules: TopicRules) -> str:
    return rules.cim10[0] if len(rules.cim10) == 1 else ""


def _medicine_terms() -> Iterator[dict[str, Any]]:
    """Yield the names of several words of each class of medicines as entries."""
    for one in medicines.classes().values():
        terms = [name for name in one.names if not name.isalpha()]
        if terms:
            yield {"topics": ["treatment"], "terms": terms, "atc": one.atc}


def _classed(entry: Entry, atc: str, known: dict[str, TopicRules]) -> Entry:
    """Return an entry of treatment as its class of medicines makes it (rule 4)."""
    if not atc or entry.topics != ("treatment",):
        return entry
    diseases = [known[name] for name in medicines.classes()[atc].topics]
    topics = (*(one.name for one in diseases), "treatment")
    lasting = any(one.lasting for one in diseases)
    return replace(entry, topics=topics, codes=(*map(_code, diseases), atc), lasting=lasting)


def _add_terms(items: dict[tuple[str, ...], Item], raw: dict[str, Any], known: dict[str, TopicRules]) -> None:
    """Add the terms of an entry of the file; a medicine that a user's file names stays one."""
    entry, treatment = _entry(raw, known), _entry({"topics": ["treatment"]}, known)
    sets, classed = data("topics.toml")["sets"], cache(partial(_classed, entry, known=known))
    for words in (w for term in raw["terms"] for w in spellings(term, sets)):
        item = items.get(words)
        if item is None:
            item = items[words] = Item(words)
        item.cues |= Cue.TERM
        atc = raw.get("atc") or next(filter(None, map(medicines.class_of, words)), "")
        item.entries.append(classed(atc))
        if len(words) == 1 and words[0] in medicines.written():
            item.entries.append(_classed(treatment, medicines.written()[words[0]], known))


def _collect(extra: tuple[Path, ...]) -> dict[tuple[str, ...], Item]:
    items: dict[tuple[str, ...], Item] = {}
    known = topic_rules(extra)
    own = [raw for path in extra for raw in _own(path).get("entry", ())]
    for raw in (*data("topics.toml")["entry"], *data("diseases.toml")["entry"], *_medicine_terms(), *own):
        _add_terms(items, raw, known)
    for name, words in cues():
        items.setdefault(words, Item(words)).cues |= getattr(Cue, name.upper())
    for sign, cue in (("+", Cue.NONE), ("-", Cue.NONE), ("+/-", Cue.UNCERTAIN_AFTER), ("#", Cue.FILLER)):
        items.setdefault((sign,), Item((sign,))).cues |= cue
    return items


def _with_stems(items: dict[tuple[str, ...], Item], words: set[str], stems: set[str]) -> None:
    """Add, for every phrase with a stem, the same phrase with each exact word that the stem covers (rule 3)."""
    covered: dict[str, list[str]] = {}
    for word in words:
        for size in range(1, len(word) + 1):
            if word[:size] in stems:
                covered.setdefault(word[:size] + "*", []).append(word)
    # A shorter stem also covers what a longer one takes.
    for stem in stems:
        for size in range(1, len(stem)):
            if stem[:size] in stems:
                covered.setdefault(stem[:size] + "*", []).append(stem + "*")
    ordinary = word_list("ordinary")
    for sequence in list(items):
        if any(word in covered for word in sequence):
            item = items[sequence]
            options = [(word, *covered.get(word, ())) for word in sequence]
            if len(sequence) == 1:
                options = [tuple(word for word in options[0] if word not in ordinary)]
            for other in itertools.product(*options):
                known = items.setdefault(other, Item(other))
                known.entries = known.entries or item.entries
                known.cues |= item.cues


def _widen(items: dict[tuple[str, ...], Item], words: set[str]) -> None:
    """Add to the words that veto an entry every word of the dictionary that one of its stems covers."""
    ordered = sorted(words)
    wide: dict[frozenset[str], frozenset[str]] = {}
    # Phrases that a stem makes share a list of entries, and many phrases an entry.
    for entries in {id(item.entries): item.entries for item in items.values()}.values():
        for place, entry in enumerate(entries):
            if entry.unless:
                if entry.unless not in wide:
                    wide[entry.unless] = entry.unless.union(*_covered(entry.unless, ordered))
                entries[place] = replace(entry, unless=wide[entry.unless])


def _covered(stems: Iterable[str], ordered: list[str]) -> Iterator[list[str]]:
    """Yield the words, of those in order, that each stem covers."""
    for stem in stems:
        if stem.endswith("*"):
            first = bisect_left(ordered, stem[:-1])
            yield ordered[first : bisect_left(ordered, stem[:-1] + chr(sys.maxunicode), first)]


def _any_number(node: Node, named: list[str]) -> None:
    """Let a number that a phrase names be any number too: "1 SA" is "# SA", though 1 stands in "VIH 1"."""
    for child in list(node.values()):
        if child:
            _any_number(child, named)
    numbered = node.get("#")
    if numbered is not None:
        for word in named:
            node[word] = _merged(node.get(word), numbered)


def _any_plural(node: Node, plurals: dict[str, str], seen: set[int]) -> None:
    """Let a plural that a phrase names be its singular too: "médicaments" alone, though "médicaments pour" is one."""
    if id(node) in seen:
        return
    seen.add(id(node))
    for child in list(node.values()):
        if child:
            _any_plural(child, plurals, seen)
    for singular in node.keys() & plurals.keys():
        node[plurals[singular]] = _merged(node.get(plurals[singular]), node[singular])


def _merged(node: Node | None, other: Node) -> Node:
    """Return what follows either node; both are left as they are, and shared where one alone has something."""
    if node is None or node is other:
        return other
    both = Node()
    both.update(node)
    both.item = node.item or other.item
    for word, child in other.items():
        both[word] = _merged(node.get(word), child)
    return both


@cache
def dictionary(extra: tuple[Path, ...] = ()) -> Dictionary:
    """Return the dictionary with the user's own files added, read once.

    Raises `UserError` where a file of the user's cannot be read, or names a topic or a category that there is not.
    """
    try:
        items = _collect(extra)
    except (KeyError, ValueError, TypeError, AttributeError) as error:
        if not extra:
            raise
        raise UserError("topics_malformed", ExitCode.USAGE, paths=" ".join(map(str, extra))) from error
    every = {word for sequence in items for word in sequence}
    unless = {word for item in items.values() for entry in item.entries for word in entry.unless}
    stems = {word[:-1] for word in every | unless if word.endswith("*") and len(word) > 1}
    words = {word for word in every | unless if not word.endswith("*") or word == "*"}
    words = {word for word in words if not word.startswith("{")}
    _with_stems(items, words, stems)
    _widen(items, words)
    trie = Node()
    for sequence, item in items.items():
        node = trie
        for word in sequence:
            after = node.get(word)
            if after is None:
                after = node[word] = Node()
            node = after
        node.item = item
    _any_number(trie, [word for word in words if word.isdigit() and len(word) <= 2])
    plurals = {word[:-1]: word for word in words if len(word) > 4 and word[-1] in "sx"}
    _any_plural(trie, plurals, set())
    anchors = {max(item.words, key=_telling) for item in items.values() if item.entries}
    anchors |= {plurals[word] for word in anchors & plurals.keys()}
    names = {name for name in medicines.written() if name.isalpha()}
    terms = {words[0] for words, item in items.items() if len(words) == 1 and item.entries and words[0].isalpha()}
    terms |= {name for name in names if medicine_token(name).startswith("{" + medicines.SURE)}
    glued = word_list("glued_before"), word_list("glued_after")
    speller = Speller(words, stems, terms, names, word_list("ordinary"), medicine_token, medicines.is_proper, glued)
    return Dictionary(trie, speller, frozenset(anchors))


def _telling(word: str) -> int:
    """Rank the words of a term by how seldom they stand in other texts: long ones, then medicines, numbers last."""
    return 0 if word == "#" else 50 if word.startswith("{") else len(word)
