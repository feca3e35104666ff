"""From a text to its terms.

Rules, in the order in which they apply:

1. The text is cut into words, and each kind is looked for by itself: "intoxication au plomb" is a disorder and holds a
   chemical.
2. At each word the longest phrase of the lists wins; where there is none, the form of the word tells.
3. A guess by the form of a word with a capital is dropped when that word is a given name, a surname or a commune; a
   term of the lists is dropped when a title or a given name stands beside such a word ("Mme Savon").
4. A disorder goes on over the adjectives and the parts of the body that follow it (`data/grammar.toml`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache

from etanche import lexicon
from etanche.model import Finding, Kind
from etanche.recognise.terms.context import abbreviated, is_name, named
from etanche.recognise.terms.morphology import morphology
from etanche.recognise.terms.spelling import WORD, letters, root
from etanche.recognise.terms.vocabulary import Phrase, Term, data, roots_of, vocabulary, words_of
from etanche.recognise.topics.spelling import fold

FINDING = 0.6
"""Confidence of a finding made of a general word and a part of the body."""

EXTENDED = 0.8
"""Confidence of a general word that goes on: "maladie de Zimmerlund", "trouble cardiaque"."""

_PARTICIPLE = ("é", "és")
"""A word that loses its ending's meaning with its accent: "activité", "hydraté"."""
_BLOCK = 200_000
"""Characters read at a time: a text of any length takes the memory of these."""
_KEPT = 200_000
"""Words remembered."""
_GLUE_RUN = 4
"""Small words between two words of a phrase."""
_NAMED = Term(Kind.MEDICINE, FINDING)
_ADJECTIVE = 5
"""Letters of a word that its ending can make an adjective."""


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of one word of texts, by itself."""

    root: str
    chemical: tuple[Phrase, ...]
    brand: tuple[Phrase, ...]
    disorder: tuple[Phrase, ...]
    form: Term | None
    adjective: bool
    body: bool
    place: bool
    head: bool
    measured: bool
    starts: bool
    """Whether a term may start with it."""
    bare: bool
    """Whether it is a word of letters of which nothing else is known."""


class Words(dict[str, Known]):
    """Word -> what is known of it; what was looked up once is remembered."""

    def __init__(self) -> None:
        super().__init__()
        grammar = data("grammar.toml")
        self._vocabulary = vocabulary()
        self._forms = morphology()
        self._adjectives = roots_of(grammar["adjectives"]["words"])
        self._endings = tuple(words_of(grammar["adjectives"]["endings"]))
        self._no_adjective = words_of(grammar["adjectives"]["not"])
        self._places = roots_of(grammar["anatomy"]["words"])
        self._body = roots_of(grammar["body"]["words"])
        self._heads = roots_of(grammar["anatomy"]["heads"])
        self._measured = roots_of(grammar["anatomy"]["measured"])
        self.glue = self._vocabulary.glue
        self.eponyms = roots_of(grammar["eponyms"]["heads"])
        self.titles = words_of(grammar["names"]["titles"])

    def __missing__(self, word: str) -> Known:
        """Look a folded word up for the first time."""
        if len(self) > _KEPT:
            self.clear()
        key = root(word)
        known = self._vocabulary
        chemical = known.phrases[Kind.MEDICINE].get(key, ())
        disorder = known.phrases[Kind.DISEASE].get(key, ())
        plain = fold(word)
        adjective = word.isalpha() and plain not in self._no_adjective
        adjective = adjective and (
            key in self._adjectives or key in self._body or (len(word) > _ADJECTIVE and plain.endswith(self._endings))
        )
        brand = known.brands.get(plain, ())
        form = self._forms.read(plain) if plain.isalpha() and not word.endswith(_PARTICIPLE) else None
        place, head, measured = key in self._places, key in self._heads, key in self._measured
        starts = bool(chemical or brand or disorder or form or head or measured)
        found = self[word] = Known(
            root=key,
            chemical=chemical,
            brand=brand,
            disorder=disorder,
            form=form,
            adjective=adjective,
            body=key in self._body,
            place=place,
            head=head,
            measured=measured,
            starts=starts,
            bare=not (starts or adjective or place) and plain.isalpha(),
        )
        return found


@cache
def words() -> Words:
    """Return the memory of words, its lists loaded once."""
    return Words()


def find(text: str) -> tuple[Finding, ...]:
    """Return the medicines and chemicals and the disorders of a text, in its order; spans of one kind never overlap."""
    found: list[Finding] = []
    for start, end in _blocks(text):
        block = _terms(text[start:end])
        found += [replace(one, start=one.start + start, end=one.end + start) for one in block] if start else block
    return tuple(found)


def _blocks(text: str) -> Iterator[tuple[int, int]]:
    """Return the pieces in which a long text is read: they end with a line, or else between two words."""
    start = 0
    while len(text) - start > _BLOCK:
        most = start + _BLOCK
        end = max(text.rfind("\n", start, most), 0) or text.rfind(" ", start, most)
        end = end + 1 if end > start else most
        yield start, end
        start = end
    yield start, len(text)


def _terms(text: str) -> list[Finding]:
    tokens = [(match.group(), match.start(), match.end()) for match in WORD.finditer(letters(text))]
    if not tokens:
        return []
    reader = _Reader(text, tokens)
    medicines, disorders = reader.medicines(), reader.disorders()
    found = medicines + abbreviated(text, medicines) + disorders + abbreviated(text, disorders)
    return sorted(found, key=lambda found: (found.start, found.end))


class _Reader:
    """One text, cut into words."""

    def __init__(self, text: str, tokens: list[tuple[str, int, int]]) -> None:
        memory = words()
        self._text = text
        self._tokens = [token[0] for token in tokens]
        self._starts = [token[1] for token in tokens]
        self._ends = [token[2] for token in tokens]
        self._glue = memory.glue
        self._known = [memory[token] for token in self._tokens]
        self._firsts = [place for place, known in enumerate(self._known) if known.starts]

    def medicines(self) -> list[Finding]:
        """Return the chemicals."""
        found: list[Finding] = []
        done = 0
        for at in self._firsts:
            known = self._known[at]
            if at < done:
                continue
            match = self._longest(at, known.chemical, roots=True)
            brand = self._longest(at, known.brand, roots=False)
            if brand and (match is None or brand[0] > match[0]):
                match = brand
            match = match or self._by_form(at, Kind.MEDICINE)
            if match and not self._is_person(at, match[0]):
                done = match[0]
                found.append(self._finding(at, done, match[1]))
        return found + self._named_medicines({one.end for one in found})

    def _named_medicines(self, ends: set[int]) -> list[Finding]:
        """Return the medicines that only their neighbours tell (`context`), but for those that end another's name."""
        text, starts = self._text, self._starts
        unknown = [at for at, known in enumerate(self._known) if known.bare and text[starts[at]].isupper()]
        unknown = [at for at in unknown if self._ends[at] not in ends]
        if not unknown:
            return []
        said = [text[start:end] for start, end in zip(starts, self._ends, strict=True)]
        first = {at for at in unknown if at == 0 or "\n" in text[self._ends[at - 1] : starts[at]]}
        return [self._finding(at, at + 1, _NAMED) for at in named(said, self._tokens, unknown, first)]

    def disorders(self) -> list[Finding]:
        """Return the disorders, each with what belongs to it."""
        found: list[Finding] = []
        done = 0
        for at in self._firsts:
            if at < done:
                continue
            known = self._known[at]
            match = self._longest(at, known.disorder, roots=True) or self._by_form(at, Kind.DISEASE)
            match = match or self._by_head(at)
            if match and not self._is_person(at, match[0]):
                end, term = match
                done = self._extended(self._with_eponym(at, end))
                if done > end and term.confidence < EXTENDED:
                    term = term._replace(confidence=EXTENDED)
                found.append(self._finding(at, done, term))
        return found

    def _finding(self, at: int, end: int, term: Term) -> Finding:
        return Finding(term.kind, self._starts[at], self._ends[end - 1], term.confidence, term.code)

    def _longest(self, at: int, phrases: tuple[Phrase, ...], *, roots: bool) -> tuple[int, Term] | None:
        """Return where the longest of `phrases` that starts at `at` ends, and what it is."""
        if not phrases:
            return None
        ahead = self._ahead(at + 1) if phrases[0].rest else set()
        for phrase in phrases:
            if phrase.rest and phrase.rest[0] not in ahead:
                continue
            end = self._follow(at + 1, phrase.rest, roots=roots and not phrase.capitals)
            if end and (not phrase.capitals or self._in_capitals(at, end)):
                return end, phrase.term
        return None

    def _ahead(self, at: int) -> set[str]:
        """Return the words, and their roots, one of which a phrase that goes on at `at` must go on with."""
        found: set[str] = set()
        for place in range(at, min(at + _GLUE_RUN + 1, len(self._tokens))):
            found |= {self._tokens[place], self._known[place].root}
            if not self._is_small(place):
                break
        return found

    def _is_small(self, at: int) -> bool:
        return self._tokens[at] in self._glue or self._tokens[at] in "-'’."

    def _follow(self, at: int, rest: tuple[str, ...], *, roots: bool) -> int:
        """Return where `rest` ends when it stands at `at`, small words between; 0 where it does not."""
        size = len(self._tokens)
        for wanted in rest:
            skipped = 0
            while at < size and (self._known[at].root if roots else self._tokens[at]) != wanted:
                if skipped == _GLUE_RUN or not self._is_small(at):
                    return 0
                at += 1
                skipped += 1
            if at == size:
                return 0
            at += 1
        return at

    def _in_capitals(self, at: int, end: int) -> bool:
        """Tell an abbreviation: capitals, and not two letters among words that are all in capitals."""
        said = self._text[self._starts[at] : self._ends[end - 1]]
        if not said.isupper():
            return False
        beside = self._text[self._starts[at - 1] : self._ends[at - 1]] if at else ""
        after = self._text[self._starts[end] : self._ends[end]] if end < len(self._tokens) else ""
        shouted = any(len(word) > 3 and word.isupper() for word in (beside, after))
        return not (shouted and len(said) < 3)

    def _by_form(self, at: int, kind: Kind) -> tuple[int, Term] | None:
        term = self._known[at].form
        if term is None or term.kind is not kind:
            return None
        return None if self._is_capital(at) and is_name(self._tokens[at]) else (at + 1, term)

    def _is_person(self, at: int, end: int) -> bool:
        """Tell whether a one-word term is somebody's name: a title or a given name beside it (rule 3)."""
        if end != at + 1 or not self._is_capital(at) or not is_name(self._tokens[at]):
            return False
        before, after = self._capital_word(at - 1), self._capital_word(end)
        titled = at > 0 and self._tokens[at - 1 - (self._tokens[at - 1] == "." and at > 1)] in words().titles
        return titled or before in lexicon.first_names() or after in lexicon.first_names()

    def _is_capital(self, at: int) -> bool:
        return self._text[self._starts[at]].isupper()

    def _capital_word(self, at: int) -> str:
        """Return the word at `at` in capitals where it begins with one, or nothing."""
        return self._tokens[at].upper() if 0 <= at < len(self._tokens) and self._is_capital(at) else ""

    def _by_head(self, at: int) -> tuple[int, Term] | None:
        """Return the finding that a head makes with an adjective, or with a part of the body (rule 4)."""
        known = self._known[at]
        end = at + 1
        if known.head:
            end = self._extended(at + 1)
        elif known.measured:
            bodily = end < len(self._tokens) and self._known[end].body
            end = self._extended(at + 1) if bodily else self._with_place(at + 1)
        return (end, Term(Kind.DISEASE, FINDING)) if end > at + 1 else None

    def _extended(self, end: int) -> int:
        """Return where a disorder that was read up to `end` ends with its adjectives and its parts of the body."""
        size = len(self._tokens)
        while end < size:
            if self._known[end].adjective:
                end += 1
                continue
            if self._tokens[end] == "-" and end + 1 < size and self._known[end + 1].adjective:
                end += 2
                continue
            further = self._with_place(end)
            if further == end:
                break
            end = further
        return end

    def _with_eponym(self, at: int, end: int) -> int:
        """Return where the name of the physician that follows a head ends: "maladie de Basedow"; `end` without one."""
        named = end + (end < len(self._tokens) and self._tokens[end] == "de")
        if self._known[at].root not in words().eponyms or end != at + 1 or named >= len(self._tokens):
            return end
        said = self._text[self._starts[named] : self._ends[named]]
        return named + 1 if self._known[named].bare and said.istitle() else end

    def _with_place(self, end: int) -> int:
        """Return where the part of the body that follows `end` ends; `end` where none does."""
        place, size = end, len(self._tokens)
        while place < size and place - end < _GLUE_RUN and self._is_joint(place):
            place += 1
        return place + 1 if end < place < size and self._known[place].place else end

    def _is_joint(self, at: int) -> bool:
        return self._tokens[at] in self._glue or self._tokens[at] in "'’"
