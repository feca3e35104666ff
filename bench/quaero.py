"""QUAERO French Medical Corpus: medicines (CHEM) and disorders (DISO) found, étanche beside edsnlp and plain lists.

    python bench/quaero.py [--corpus ../shared/data/quaero/train-dev.tar.xz] [--parts dev train]

Counted at several readings of "overlap", since no published score says which was used.  A prediction is right that
overlaps a gold span of its type; a gold span is found that a prediction of its type overlaps.

* `F`: precision over predictions, recall over the gold spans that lie in no other of their type (outermost; a
  discontinuous one is the span from its first character to its last).
* `F all`: recall over every gold span, nested ones too.
* `F pieces`: every fragment of every gold span by itself.
* `F paired`: each prediction and each outermost gold span is used once.
* `exact`: the same begin and end as some gold span (recall over the outermost ones).

`plain list` is a match of the official medicine list word by word; `training terms` is a match of the terms annotated
in the training part, the one figure here that learns from the corpus.  Speed is of one processor over all texts.
"""

from __future__ import annotations

import argparse
import io
import re
import tarfile
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

Span = tuple[int, int]
Finder = Callable[[str], dict[str, list[Span]]]
TYPES = ("CHEM", "DISO")
SETS = ("MEDLINE", "EMEA")
TRAINED = "training terms"
"""The finder that knows the training part by heart, and is not scored on it."""


@dataclass
class Text:
    """A text and, by type, its gold spans: each a list of fragments."""

    text: str
    gold: dict[str, list[list[Span]]]


@dataclass
class Score:
    """Counts of one type over one set."""

    predicted: int = 0
    right: int = 0
    exact: int = 0
    paired: int = 0
    outer: int = 0
    outer_found: int = 0
    outer_exact: int = 0
    every: int = 0
    every_found: int = 0
    pieces: int = 0
    pieces_found: int = 0
    pieces_right: int = 0

    def precision(self) -> float:
        return self.right / max(1, self.predicted)

    def recall(self) -> float:
        return self.outer_found / max(1, self.outer)


def f1(precision: float, recall: float) -> float:
    """Harmonic mean."""
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def read_corpus(archive: Path) -> dict[tuple[str, str], list[Text]]:
    """Return texts by (part, set), in the order of their names."""
    found: dict[tuple[str, str], list[Text]] = {}
    with tarfile.open(archive) as tar:
        files = {m.name: tar.extractfile(m) for m in tar.getmembers() if m.name.endswith((".txt", ".ann"))}
        content = {name: io.TextIOWrapper(f, "utf-8", newline="").read() for name, f in files.items() if f}
    for name in sorted(content):
        if name.endswith(".txt"):
            part, kind = name.split("/")[-3:-1]
            gold = read_gold(content.get(name[:-4] + ".ann", ""))
            found.setdefault((part, kind), []).append(Text(content[name], gold))
    return found


def read_gold(annotations: str) -> dict[str, list[list[Span]]]:
    """Return by type the annotated spans of a BRAT file."""
    gold: dict[str, list[list[Span]]] = {name: [] for name in TYPES}
    for line in annotations.splitlines():
        if line.startswith("T"):
            name, _, places = line.split("\t")[1].partition(" ")
            if name in gold:
                gold[name].append([(int(a), int(b)) for a, b in (p.split() for p in places.split(";"))])
    return gold


def overlap(one: Span, other: Span) -> bool:
    """Tell whether two spans share a character."""
    return one[0] < other[1] and other[0] < one[1]


def outermost(spans: Iterable[Span]) -> list[Span]:
    """Return the spans that lie in no other."""
    distinct = sorted(set(spans))
    return [s for s in distinct if not any(o != s and o[0] <= s[0] and s[1] <= o[1] for o in distinct)]


def count(score: Score, predicted: list[Span], gold: list[list[Span]]) -> None:
    """Add one text's counts."""
    whole = [(parts[0][0], parts[-1][1]) for parts in gold]
    outer, pieces = outermost(whole), [piece for parts in gold for piece in parts]
    score.predicted += len(predicted)
    score.right += sum(any(overlap(p, g) for g in whole) for p in predicted)
    score.exact += sum(p in whole for p in predicted)
    score.outer += len(outer)
    score.outer_found += sum(any(overlap(p, g) for p in predicted) for g in outer)
    score.outer_exact += sum(g in predicted for g in outer)
    score.every += len(whole)
    score.every_found += sum(any(overlap(p, g) for p in predicted) for g in whole)
    score.pieces += len(pieces)
    score.pieces_found += sum(any(overlap(p, g) for p in predicted) for g in pieces)
    score.pieces_right += sum(any(overlap(p, g) for g in pieces) for p in predicted)
    free = list(predicted)
    for g in outer:
        taken = next((p for p in free if overlap(p, g)), None)
        if taken is not None:
            free.remove(taken)
            score.paired += 1


def judge(finder: Finder, texts: list[Text]) -> tuple[dict[str, Score], float]:
    """Return the counts by type and the seconds that finding took."""
    scores = {name: Score() for name in TYPES}
    began = time.process_time()
    found = [finder(item.text) for item in texts]
    seconds = time.process_time() - began
    for item, spans in zip(texts, found, strict=True):
        for name, score in scores.items():
            count(score, spans.get(name, []), item.gold[name])
    return scores, seconds


def etanche_finder() -> Finder:
    from etanche.model import Kind
    from etanche.recognise.terms import find

    types = {Kind.MEDICINE: "CHEM", Kind.DISEASE: "DISO"}

    def finder(text: str) -> dict[str, list[Span]]:
        spans: dict[str, list[Span]] = {name: [] for name in TYPES}
        for finding in find(text):
            spans[types[finding.kind]].append((finding.start, finding.end))
        return spans

    finder("essai")
    return finder


_WORD = re.compile(r"\w+")


def phrases_finder(terms: dict[str, set[tuple[str, ...]]]) -> Finder:
    """Return a finder of the longest phrases of `terms`, folded words by type."""
    from etanche.lexicon import fold

    longest = {name: max((len(p) for p in phrases), default=0) for name, phrases in terms.items()}

    def finder(text: str) -> dict[str, list[Span]]:
        words = [(m.start(), m.end(), fold(m.group())) for m in _WORD.finditer(text)]
        spans: dict[str, list[Span]] = {name: [] for name in terms}
        for name, phrases in terms.items():
            at = 0
            while at < len(words):
                for size in range(min(longest[name], len(words) - at), 0, -1):
                    if tuple(w[2] for w in words[at : at + size]) in phrases:
                        spans[name].append((words[at][0], words[at + size - 1][1]))
                        at += size - 1
                        break
                at += 1
        return spans

    return finder


def plain_list() -> Finder:
    from etanche.lexicon import medicine_names

    return phrases_finder({"CHEM": {tuple(name.split()) for name in medicine_names()}})


def training_terms(texts: Iterable[Text]) -> Finder:
    from etanche.lexicon import fold

    terms: dict[str, set[tuple[str, ...]]] = {name: set() for name in TYPES}
    for item in texts:
        for name in TYPES:
            for parts in item.gold[name]:
                if len(parts) == 1:
                    terms[name].add(tuple(fold(w) for w in _WORD.findall(item.text[parts[0][0] : parts[0][1]])))
    return phrases_finder(terms)


def edsnlp_finder() -> Finder | None:
    """Return edsnlp's drugs (CHEM), CIM-10 and disorders (DISO), or None where it is not installed."""
    try:
        import edsnlp
        from edsnlp.pipes.ner import disorders
    except ImportError:
        return None
    del disorders
    nlp = edsnlp.blank("eds")
    nlp.add_pipe("eds.normalizer")
    nlp.add_pipe("eds.sentences")
    nlp.add_pipe("eds.drugs", config={"span_setter": {"drug": True}})
    nlp.add_pipe("eds.cim10", config={"span_setter": {"cim10": True}})
    names = (
        "aids", "cerebrovascular_accident", "ckd", "congestive_heart_failure", "connective_tissue_disease", "copd",
        "dementia", "diabetes", "hemiplegia", "leukemia", "liver_disease", "lymphoma", "myocardial_infarction",
        "peptic_ulcer_disease", "peripheral_vascular_disease", "solid_tumor",
    )  # fmt: skip
    for name in names:
        nlp.add_pipe(f"eds.{name}", config={"span_setter": {name: True}})

    def finder(text: str) -> dict[str, list[Span]]:
        doc = nlp(text)
        diso = {(s.start_char, s.end_char) for name in ("cim10", *names) for s in doc.spans.get(name, ())}
        return {
            "CHEM": outermost((s.start_char, s.end_char) for s in doc.spans.get("drug", ())),
            "DISO": outermost(diso),
        }

    return finder


def line(part: str, kind: str, who: str, name: str, score: Score, speed: float) -> str:
    """Return one row of the table."""
    p, r = score.precision(), score.recall()
    every = f1(p, score.every_found / max(1, score.every))
    pieces = f1(score.pieces_right / max(1, score.predicted), score.pieces_found / max(1, score.pieces))
    paired = f1(score.paired / max(1, score.predicted), score.paired / max(1, score.outer))
    exact = f1(score.exact / max(1, score.predicted), score.outer_exact / max(1, score.outer))
    figures = " | ".join(f"{x:.3f}" for x in (f1(p, r), p, r, every, pieces, paired, exact))
    return f"| {part} | {kind} | {name} | {who} | {figures} | {speed:.2f} |"


def main() -> None:
    root = Path(__file__).resolve().parent.parent
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--corpus", type=Path, default=root.parent / "shared/data/quaero/train-dev.tar.xz")
    parser.add_argument("--parts", nargs="+", default=["dev", "train"])
    parser.add_argument("--no-peers", action="store_true")
    options = parser.parse_args()
    if not options.corpus.exists():
        print("Skipped: the corpus is not there (--corpus).")
        return
    corpus = read_corpus(options.corpus)
    finders: dict[str, Finder] = {"étanche": etanche_finder()}
    if not options.no_peers:
        finders["plain list"] = plain_list()
        finders[TRAINED] = training_terms(t for (part, _), ts in corpus.items() if part == "train" for t in ts)
        peer = edsnlp_finder()
        if peer:
            finders["edsnlp"] = peer
    print("| part | texts | type | | F | P | R | F all | F pieces | F paired | exact F | MB/s |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |")
    for part in options.parts:
        for kind in SETS:
            texts = corpus[part, kind]
            size = sum(len(item.text.encode()) for item in texts) / 1e6
            for who, finder in finders.items():
                if who == TRAINED and part == "train":
                    continue
                scores, seconds = judge(finder, texts)
                for name in TYPES:
                    if scores[name].predicted:
                        print(line(part, kind, who, name, scores[name], size / max(seconds, 1e-9)))


if __name__ == "__main__":
    main()
