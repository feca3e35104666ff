"""Persons in a text: which words are first names, which surnames.

Rules, in the order in which they apply:

1. Only words that may be names are weighed (`islands`): capitals that the dictionary does not explain, known names,
   initials beside them, and whatever stands after a title.  A run of them is an island; nothing else of the text is
   weighed.
2. Each word of an island has features (`features`): its form, its ranks as first name and surname, whether it is
   ordinary, a commune, a medicine, an eponym; what stands before and after it and the island (title, role, date of
   birth, phone, "maladie de").
3. A linear chain over the labels O (no name), F (first name) and S (surname) adds the weights of the features and of
   the steps from label to label (`weights.toml`, fitted offline by `scripts/fit_identities.py`); the best path wins
   (Viterbi).
4. Of two names side by side of which one is in capitals, that one is the surname.
5. Neighbours of one label are one finding; its confidence is the path's lead over "no name", half at least.
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Iterable, Iterator
from functools import cache
from importlib import resources
from typing import NamedTuple

from etanche.model import Finding, Kind
from etanche.recognise.identities.tokens import Token, tokens

LABELS = ("O", "F", "S")
_KINDS = {"F": Kind.FIRST_NAME, "S": Kind.SURNAME}
_LONGEST = 12
"""Words of an island; a longer one is a list of names or a text in capitals, read piece by piece."""
_SPARSE = frozenset([*",()^~&<>|-:;[]–•*_/\"«»'", "NUM"])
_MEDICAL = tuple(
    "AIRE AL EUX IDE IE INE IQUE ISME ITE MAB NIB OL OME OSE PAM TION URE XONE".split()  # noqa: SIM905 - endings
)


class Weights(NamedTuple):
    """Weights of each feature by label (order of `LABELS`), and of each step from label to label."""

    features: dict[str, tuple[float, ...]]
    steps: tuple[tuple[float, ...], ...]


@cache
def weights() -> Weights:
    """Return the weights that are shipped."""
    table = tomllib.loads((resources.files(__package__) / "weights.toml").read_text(encoding="utf-8"))
    features = {name: tuple(values) for name, values in table["features"].items()}
    return Weights(features, tuple(tuple(table["steps"][label]) for label in LABELS))


def persons(text: str, taken: Iterable[Finding]) -> Iterator[Finding]:
    """Yield the names of persons in a text, `taken` being what other readers found."""
    for row, case in lines(text, taken):
        for first, last in islands(row, case):
            found = [features(row, at, first, last, case) for at in range(first, last)]
            path, lead = best(found, weights())
            island = row[first:last]
            yield from _findings(island, _by_capitals(island, path), lead)


def lines(text: str, taken: Iterable[Finding]) -> Iterator[tuple[list[Token], str]]:
    """Yield the tokens of each line and its case: a letter's lines are read each for itself, as a comment is."""
    row: list[Token] = []
    start = 0
    for token in tokens(text, taken):
        if token.code != "NL":
            row.append(token)
            continue
        if row:
            yield row, case_of(text[start : token.start])
        row, start = [], token.end
    if row:
        yield row, case_of(text[start:])


def case_of(text: str) -> str:
    """Return `caps` or `small` for a text of one case, where capitals say nothing; else `mixed`."""
    return "caps" if text.isupper() else "small" if text.islower() else "mixed"


def islands(row: list[Token], case: str) -> list[tuple[int, int]]:
    """Return the runs of tokens that may be names, as (first, after the last)."""
    maybe = [_maybe(token, case) for token in row]
    for at, token in enumerate(row):
        if maybe[at] or token.word is None:
            continue
        before = row[at - 1] if at else None
        if before is not None and _after_title(row, at) and _nameable(token):
            maybe[at] = True
    _widen(row, maybe, case)
    found: list[tuple[int, int]] = []
    at = 0
    while at < len(row):
        if not maybe[at]:
            at += 1
            continue
        first = at
        while at < len(row) and maybe[at] and at - first < _LONGEST:
            at += 1
        found.append((first, at))
    return found


def _maybe(token: Token, case: str) -> bool:
    word = token.word
    if word is None or token.dotted:
        return False
    if case == "small":
        return word.family in "FBS" and word.shape == "l" and len(word.folded) > 3 and not word.ordinary
    return word.maybe_name


def _nameable(token: Token) -> bool:
    word = token.word
    return (
        word is not None
        and (len(word.folded) > 1 or word.shape == "I")
        and not (word.shape == "l" and word.ordinary and max(word.surname, word.first_name) < 2)
        and token.code not in "TRENP"
    )


def _after_title(row: list[Token], at: int) -> bool:
    """Tell whether a title, or a title and its dot, stands right before."""
    before = row[at - 1]
    if before.code == "." and at > 1:
        before = row[at - 2]
    return before.code == "T" and is_title(before)


def is_title(token: Token) -> bool:
    """Tell a title from the small word that it looks like: "me", "m", "pr", "ep"."""
    word = token.word
    if word is None or "titles" not in word.lists:
        return False
    return token.dotted or word.shape != "l" or len(word.folded) > 2 or word.folded in {"DR", "MR", "M"}


def _widen(row: list[Token], maybe: list[bool], case: str) -> None:
    """Take in the initials, particles and ordinary names beside what may be a name."""
    size = len(row)
    for order in (range(size), range(size - 1, -1, -1), range(size)):
        for at in order:
            token = row[at]
            if maybe[at] or token.word is None:
                continue
            left, right = at > 0 and maybe[at - 1], at + 1 < size and maybe[at + 1]
            if not (left or right):
                if token.code == "I" and at > 0 and _after_title(row, at):
                    maybe[at] = True
                continue
            initial = token.code == "I"
            particle = (
                "particles" in token.word.lists
                and (left or right)
                and (token.word.shape != "l" or (left and right) or (right and at > 0 and _after_title(row, at)))
            )
            named = (
                token.word.shape in "AC"
                and (token.word.surname or token.word.first_name or (left and case == "mixed"))
                and token.code in "OBFSwUi"
            )
            maybe[at] = bool(initial or particle or named)


def best(found: list[list[str]], known: Weights) -> tuple[str, list[float]]:
    """Return the best label of each place as a string, and by place how far it leads "no name" on its own."""
    table, steps = known
    scores: list[tuple[float, ...]] = []
    for names in found:
        sums = [0.0, 0.0, 0.0]
        for name in names:
            weight = table.get(name)
            if weight is not None:
                sums[0] += weight[0]
                sums[1] += weight[1]
                sums[2] += weight[2]
        scores.append(tuple(sums))
    back: list[list[int]] = []
    current = list(scores[0])
    for score in scores[1:]:
        routes = [[current[one] + steps[one][to] for one in range(3)] for to in range(3)]
        choice = [route.index(max(route)) for route in routes]
        current = [max(route) + own for route, own in zip(routes, score, strict=True)]
        back.append(choice)
    at = current.index(max(current))
    path = [at]
    for choice in reversed(back):
        at = choice[at]
        path.append(at)
    path.reverse()
    leads = [score[label] - score[0] for score, label in zip(scores, path, strict=True)]
    return "".join(LABELS[label] for label in path), leads


def _by_capitals(row: list[Token], path: str) -> str:
    """Return the labels with those of two names side by side changed about where capitals say which is the surname.

    "Sophie MARTIN", "MARTIN Sophie": both words are both names, and only one is in capitals.
    """
    labels = list(path)
    for at in range(1, len(row)):
        shapes = [token.word.shape if token.word else "" for token in row[at - 1 : at + 1]]
        pair = labels[at - 1 : at + 1]
        alone = (at < 2 or labels[at - 2] == "O") and (at + 1 == len(row) or labels[at + 1] == "O")
        if alone and sorted(pair) == ["F", "S"] and sorted(shapes) == ["A", "C"]:
            labels[at - 1 : at + 1] = ["S" if shape == "A" else "F" for shape in shapes]
    return "".join(labels)


def _findings(row: list[Token], path: str, leads: list[float]) -> Iterator[Finding]:
    at = 0
    while at < len(row):
        label = path[at]
        first = at
        while at < len(row) and path[at] == label:
            at += 1
        if label == "O":
            continue
        lead = sum(leads[first:at]) / (at - first)
        yield Finding(
            _KINDS[label],
            row[first].start,
            row[at - 1].end,
            max(0.5, round(1 / (1 + math.exp(-max(-4.0, min(4.0, lead)))), 2)),
        )


def features(row: list[Token], at: int, first: int, last: int, case: str) -> list[str]:
    """Return the names of the features of the word at `at`, in the island from `first` to before `last`."""
    token = row[at]
    word = token.word
    if word is None:
        return ["none"]
    shape = ("I." if token.dotted else word.shape) + ("" if case == "mixed" else case[0])
    lex = f"{min(word.first_name, 4)}{word.surname}{'o' if word.ordinary else ''}"
    family = token.code
    before, after = _code(row, at - 1), _code(row, at + 1)
    place = "only" if last - first == 1 else "first" if at == first else "last" if at == last - 1 else "inner"
    found = [
        "bias",
        f"shape {shape}",
        f"first {word.first_name}",
        f"sur {word.surname}",
        f"lex {lex}",
        f"family {family}",
        f"family {family} {shape}",
        f"before {before}",
        f"after {after}",
        f"beside {before} {family}",
        f"beside' {family} {after}",
        f"before2 {_code(row, at - 2)}",
        f"after2 {_code(row, at + 2)}",
        f"place {place} {shape}",
        f"left {_around(row, first - 1, -1)}",
        f"right {_around(row, last, 1)}",
        f"size {min(last - first, 4)} {family}",
    ]
    if word.ordinary:
        found.append(f"ordinary {shape}")
    if word.commune:
        found.append(f"commune {max(word.surname, word.first_name)}")
    if len(word.folded) <= 3:
        found.append(f"short {shape}")
    if "-" in word.folded or " " in word.folded:
        found.append(f"compound {shape}")
    if family in "Uw" and word.folded.endswith(_MEDICAL):
        found.append(f"medical {shape}")
    if _titled(row, at):
        found += ["titled", f"titled {family}"]
    elif _titled(row, first):
        found += ["title near", f"title near {family}"]
    if first == 0 or row[first - 1].code == ".":
        found.append(f"begins {family}")
    return found


def _code(row: list[Token], at: int) -> str:
    return row[at].code if 0 <= at < len(row) else "EDGE"


def _titled(row: list[Token], at: int) -> bool:
    return at > 0 and _after_title(row, at)


def _around(row: list[Token], at: int, step: int) -> str:
    """Return the first telling code beside an island, marks passed over."""
    for _ in range(3):
        code = _code(row, at)
        if code not in _SPARSE:
            return code
        at += step
    return "far"
