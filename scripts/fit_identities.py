"""Fit the weights by which names of persons are told in a text (`etanche.recognise.identities`).

    pip install python-crfsuite
    python scripts/fit_identities.py TEMPLATES [--own tests/spec/identities.txt] [--nameless FOLDER_OF_TEXTS]

Rules:

1. Sentences are those of `bench/sentences.py`, the tuned part alone; the held part is never seen.
2. So are the turns of phrase of `identity_templates.txt`, written for it.
3. Every sentence is also taken several times with its names exchanged: surnames and first names drawn from INSEE's
   lists (by their number and evenly), or invented; and in capitals without accents, in small letters.  So weights are
   of forms and places, never of the names that stood there.
4. Texts without identities (titles, leaflets, comments that call nobody) say what is none.
5. A linear chain (CRF, L-BFGS) is fitted with both penalties, its features those of `names.features`; weights under
   .05 are dropped.
6. The same files and the same seed always give the same weights.
"""

from __future__ import annotations

import argparse
import random
import re
import sys
import tempfile
import tomllib
import unicodedata
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pycrfsuite

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "src"), str(ROOT / "bench")]

import sentences as bench  # noqa: E402 - the checkout's own

from etanche import lexicon  # noqa: E402
from etanche.lexicon.fold import fold  # noqa: E402
from etanche.model import Kind  # noqa: E402
from etanche.recognise import identities  # noqa: E402
from etanche.recognise.identities import names  # noqa: E402
from etanche.recognise.identities.words import WORDS, ordinary  # noqa: E402

TEMPLATES = ROOT / "scripts" / "identity_templates.txt"
OUTPUT = ROOT / "src" / "etanche" / "recognise" / "identities" / "weights.toml"
LABEL = {"NOM": "S", "PRENOM": "F", "SURNAME": "S", "FIRST_NAME": "F"}
PERSONS = {Kind.SURNAME, Kind.FIRST_NAME}
COMMENTS = ROOT / "tests" / "spec" / "comments_2026_tuned.toml"
CALLS = re.compile(r"(?i)\b(?:dr|pr|mr?|mme|mlle|melle|docteur|monsieur|madame|nom|pr[ée]nom|ehpad|labo|rue|chez)\b")
"""Words by which a comment may call somebody by name, or a place."""
VARIANTS = 12
SMALLEST = 0.05
SEEDS = 6
"""Samples whose weights are averaged: one alone swings by a point of F1."""

Sentence = tuple[str, list[tuple[int, int, str]]]
Rows = tuple[list[list[str]], list[str]]


class Names:
    """Surnames and first names to draw from."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        known = lexicon.surname_frequencies()
        self._surnames = (known.names, known.counts.sum(axis=1, dtype=float) ** 0.7)
        self._rare = sorted(lexicon.surnames())
        self._ordinary = [name for name in known.names if fold(name) in ordinary()]
        both = [lexicon.first_name_frequencies("F"), lexicon.first_name_frequencies("M")]
        self._first = (
            [name for one in both for name in one.names],
            [count for one in both for count in one.counts.sum(axis=1, dtype=float) ** 0.7],
        )
        self._rare_first = sorted(lexicon.first_names())

    def draw(self, label: str) -> str:
        """Return a surname or a first name: frequent, rare, or invented."""
        chance = self._chance
        names, weights = self._surnames if label == "S" else self._first
        rare = self._rare if label == "S" else self._rare_first
        kind = chance.random()
        if label == "S" and kind < 0.08:
            return chance.choice(self._ordinary)
        if kind < 0.5:
            return str(chance.choices(names, weights)[0])
        name = chance.choice(rare)
        if kind < 0.75:
            return name
        letters = list(name)
        for _ in range(max(1, len(letters) // 4)):
            letters[chance.randrange(len(letters))] = chance.choice("AEIOUBCDLMNRSTKZ")
        return "".join(letters)


def _styled(name: str, like: str) -> str:
    if like.isupper():
        return name.upper()
    if like.islower():
        return name.lower()
    return "-".join(" ".join(part.capitalize() for part in piece.split(" ")) for piece in name.split("-"))


def renamed(sentence: Sentence, names_: Names) -> Sentence:
    """Return the sentence with other names, the same where they were the same."""
    text, marks = sentence
    drawn: dict[str, str] = {}
    result, kept, position = "", [], 0
    for start, end, label in marks:
        result += text[position:start]
        old = text[start:end]
        letters = re.sub(r"[^\w]", "", old)
        if label in "FS" and len(letters) > 2:
            key = old.casefold()
            if key not in drawn:
                name = names_.draw(label)
                if label == "S" and " " in old and len(old.split()[0]) <= 3:
                    name = f"{old.split()[0]} {name}"
                elif ("-" in old or " " in old) and "-" not in name and " " not in name:
                    name += ("-" if "-" in old else " ") + names_.draw(label)
                drawn[key] = name
            new = _styled(drawn[key], old)
        else:
            new = old
        kept.append((len(result), len(result) + len(new), label))
        result += new
        position = end
    return result + text[position:], kept


def recased(sentence: Sentence, how: str) -> Sentence:
    """Return the sentence in capitals without accents or in small letters; None-like where its length would change."""
    text, marks = sentence
    if how == "small":
        changed = text.lower()
    else:
        changed = "".join(unicodedata.normalize("NFD", char)[0] for char in text).upper()
    return (changed, marks) if len(changed) == len(text) else sentence


def rows(sentence: Sentence) -> Iterator[Rows]:
    """Yield the islands of a sentence as features and labels."""
    text, marks = sentence
    taken = [found for found in identities.find(text) if found.kind not in PERSONS]
    for row, case in names.lines(text, taken):
        for first, last in names.islands(row, case):
            labels = []
            for token in row[first:last]:
                label = next((label for start, end, label in marks if start < token.end and token.start < end), "O")
                labels.append(label)
            yield [names.features(row, at, first, last, case) for at in range(first, last)], labels


def _read(path: Path) -> list[Sentence]:
    return [
        (one.text, [(start, end, LABEL[label]) for start, end, label in one.marks if label in LABEL])
        for one in bench.read(path)
        if not one.held or path == TEMPLATES
    ]


def training(files: Iterable[Path], nameless: Path | None, chance: random.Random) -> Iterator[tuple[Rows, float]]:
    """Yield islands and their weights."""
    drawn = Names(chance)
    for path in (TEMPLATES, *files):
        for sentence in _read(path):
            for variant, weight in _variants(sentence, drawn):
                yield from ((island, weight) for island in rows(variant))
    for text, weights in _nameless(nameless):
        cases = ((text, []), recased((text, []), "caps"), recased((text, []), "small"))
        for variant, weight in zip(cases, weights, strict=True):
            yield from ((island, weight) for island in rows(variant))


def _variants(sentence: Sentence, drawn: Names) -> Iterator[tuple[Sentence, float]]:
    """Yield a sentence, and it with other names, now and then in one case."""
    yield sentence, 2.0
    for number in range(VARIANTS):
        variant = renamed(sentence, drawn)
        case = {4: "caps", 5: "small"}.get(number % 6)
        yield (recased(variant, case) if case else variant), 0.35


def _nameless(folder: Path | None) -> Iterator[tuple[str, tuple[float, float, float]]]:
    """Yield texts that name nobody, with their weights as they are, in capitals, in small letters."""
    for comment in _comments():
        yield comment, (0.7, 0.5, 0.1)
    for path in sorted(folder.rglob("*.txt")) if folder is not None else ():
        # The line of a title may name somebody ("Marie Duplessis"): those with a first name are left out.
        lines = path.read_text(encoding="utf-8")[:20_000].split("\n")
        yield "\n".join(line for line in lines if not _names_somebody(line)), (0.5, 0.25, 0.15)


def _comments() -> list[str]:
    """Return the comments of the tests' tuned half that call nobody by name."""
    entries = tomllib.loads(COMMENTS.read_text(encoding="utf-8"))
    texts = [pair[0] for pairs in entries.values() if isinstance(pairs, list) for pair in pairs]
    return [text for text in texts if not CALLS.search(text)]


def _names_somebody(line: str) -> bool:
    return any(WORDS[word].first_name > 1 and not WORDS[word].ordinary for word in re.findall(r"[A-ZÉ][^\W\d_]+", line))


def _fitted(given: argparse.Namespace, chance: random.Random) -> Any:  # noqa: ANN401 - CRFsuite has no types
    """Return a chain fitted on one sample of islands."""
    trainer = pycrfsuite.Trainer(verbose=False)
    trainer.set_params({"c1": given.c1, "c2": given.c2, "max_iterations": 200, "feature.possible_transitions": True})
    for (found, labels), weight in training([given.templates, *given.own], given.nameless, chance):
        # CRFsuite has no weights: an island is taken as often as its weight says, by chance.
        for _ in range(int(weight) + (chance.random() < weight % 1)):
            trainer.append(found, labels)
    with tempfile.TemporaryDirectory() as folder:
        model = str(Path(folder) / "names.crf")
        trainer.train(model)
        tagger = pycrfsuite.Tagger()
        tagger.open(model)
        return tagger.info()


def main() -> None:
    """Fit and write."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("templates", type=Path)
    parser.add_argument("--own", type=Path, nargs="*", default=[])
    parser.add_argument("--nameless", type=Path)
    parser.add_argument("--c1", type=float, default=0.3)
    parser.add_argument("--c2", type=float, default=0.3)
    given = parser.parse_args()
    table: dict[str, list[float]] = {}
    steps = [[0.0] * len(names.LABELS) for _ in names.LABELS]
    for seed in range(SEEDS):
        info = _fitted(given, random.Random(seed))
        for (feature, label), weight in info.state_features.items():
            weights = table.setdefault(feature, [0.0] * len(names.LABELS))
            weights[names.LABELS.index(label)] += weight / SEEDS
        for at, one in enumerate(names.LABELS):
            for to, other in enumerate(names.LABELS):
                steps[at][to] += info.transitions.get((one, other), 0.0) / SEEDS
    kept = {
        feature: [round(weight, 2) for weight in weights]
        for feature, weights in sorted(table.items())
        if max(map(abs, weights)) >= SMALLEST
    }
    lines = [
        "# Weights of features by label: no name, first name, surname.  Written by scripts/fit_identities.py.",
        "",
        "[steps]",
    ]
    for one, row in zip(names.LABELS, steps, strict=True):
        lines.append(f"{one} = {[round(weight, 2) for weight in row]}")
    lines += ["", "[features]"]
    lines += [f"{_key(feature)} = {values}" for feature, values in kept.items()]
    OUTPUT.write_text("\n".join(lines) + "\n", encoding="utf-8")
    print(f"{len(kept):,} features")


def _key(feature: str) -> str:
    escaped = feature.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


if __name__ == "__main__":
    main()
