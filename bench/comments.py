"""Measure how comments are read: étanche and edsnlp side by side on labelled comments, clean and under noise; and fast.

    python bench/comments.py            # the sets of tests/spec, edsnlp beside when this Python has it
    python bench/comments.py --speed    # comments a second, on distinct ones

Rules:

1. The sets are those of `tests/spec` (scored by `tests/spec/comment_scores.py`): the held halves are scored, never
   shown.  Only figures are printed.
2. A share is of the labels found; of a stance, of those found with it.  "False" is the share of the comments of no
   topic in which one was seen.
3. edsnlp reads with its own matchers of diseases and medicines and its CIM-10, each label answered by what may mean it
   (`DISEASES`, the letters of a CIM-10 code, generous), and its qualifiers of negation, family, hypothesis and history.
4. Speed is processor time of one process over distinct comments of the replica, and over the written sets multiplied
   with noise, in two runs, what is remembered from the run before included only in the second.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests" / "spec"))

from comment_scores import HURT_MOST, NOISES, Pair, Scores, labelled, noisy, score  # noqa: E402

from etanche.recognise.texts import scan, topics  # noqa: E402
from etanche.replica.comments import build  # noqa: E402

SETS = {
    "first, tuned": ("comments.toml", "tuned"),
    "first, held": ("comments.toml", "held"),
    "second, tuned": ("comments_2026_tuned.toml", None),
    "second, held": ("comments_2026_held.toml", None),
    "third, tuned": ("comments_2026_w1.toml", None),
    "fourth, tuned": ("comments_2026_w2.toml", None),
    "fifth, tuned": ("comments_2026_w3.toml", None),
    "sixth, tuned": ("comments_2026_w4.toml", None),
    "sixth, held": ("comments_2026_w4_held.toml", None),
    "seventh, held": ("comments_2026_w5_held.toml", None),
    "eighth, tuned": ("comments_2026_w8.toml", None),
    "eighth, held": ("comments_2026_w8_held.toml", None),
}
STANCES = ("affirmed", "past", "negated", "uncertain", "other_person")
Reader = Callable[[Sequence[str]], Iterable[Iterable[Pair]]]

DISEASES = {
    "aids": "hiv", "alcohol": "addiction", "tobacco": "addiction", "cerebrovascular_accident": "cardiovascular",
    "ckd": "kidney", "connective_tissue_disease": "other_disease", "copd": "respiratory",
    "congestive_heart_failure": "cardiovascular", "dementia": "neurological", "diabetes": "diabetes",
    "hemiplegia": "disability", "leukemia": "cancer", "liver_disease": "digestive", "lymphoma": "cancer",
    "myocardial_infarction": "cardiovascular", "peptic_ulcer_disease": "digestive",
    "peripheral_vascular_disease": "cardiovascular", "solid_tumor": "cancer", "drug": "treatment",
    "covid": "infectious",
}  # fmt: skip
CHAPTERS = (
    ("B2", "hiv"), ("B15", "hepatitis"), ("B16", "hepatitis"), ("B17", "hepatitis"), ("B18", "hepatitis"),
    ("B19", "hepatitis"), ("A5", "sexual_health"), ("A6", "sexual_health"), ("A", "infectious"), ("B", "infectious"),
    ("C", "cancer"), ("D0", "cancer"), ("D1", "cancer"), ("D2", "cancer"), ("D3", "cancer"), ("D4", "cancer"),
    ("D", "blood"), ("E1", "diabetes"), ("E84", "genetic"), ("E83", "genetic"), ("E", "endocrine"),
    ("F1", "addiction"), ("F", "psychiatric"), ("G8", "disability"), ("G", "neurological"), ("H", "other_disease"),
    ("I", "cardiovascular"), ("J", "respiratory"), ("K", "digestive"), ("L", "other_disease"), ("M", "other_disease"),
    ("N0", "kidney"), ("N1", "kidney"), ("N2", "kidney"), ("N3", "kidney"), ("N", "other_disease"),
    ("O04", "abortion"), ("O", "pregnancy"), ("Q9", "genetic"), ("Q", "other_disease"), ("Z88", "allergy"),
    ("T78", "allergy"), ("Z3", "pregnancy"),
)  # fmt: skip
"""The label that a CIM-10 code answers to, by its first letters; the first that fits."""


def edsnlp_reader() -> Reader | None:
    """Return edsnlp as a reader, None where it is not installed."""
    try:
        import edsnlp
    except ImportError:
        return None
    with contextlib.redirect_stderr(io.StringIO()):
        nlp = edsnlp.blank("eds")
        for pipe in ("sentences", "normalizer"):
            nlp.add_pipe(f"eds.{pipe}")
        for name in [*DISEASES, "cim10"]:
            nlp.add_pipe("eds.drugs" if name == "drug" else f"eds.{name}")
        for pipe in ("negation", "family", "hypothesis", "history"):
            nlp.add_pipe(f"eds.{pipe}")

    def read(texts: Sequence[str]) -> list[list[Pair]]:
        return [[pair for span in _spans(doc) if (pair := _pair(span))[0]] for doc in nlp.pipe(texts)]

    return read


def _spans(doc: object) -> list[object]:
    return [*doc.ents, *(span for spans in doc.spans.values() for span in spans)]  # type: ignore[attr-defined]


def _pair(span: object) -> Pair:
    label, known = span.label_, span._  # type: ignore[attr-defined]
    code = span.kb_id_ or ""  # type: ignore[attr-defined]
    topic = DISEASES.get(label) or (next((name for start, name in CHAPTERS if code.startswith(start)), ""))
    if known.family:
        return topic, "other_person"
    if known.negation:
        return topic, "negated"
    if known.hypothesis:
        return topic, "uncertain"
    return topic, "past" if known.history else "affirmed"


def row(name: str, who: str, scores: Scores) -> str:
    """Return one line of the table."""
    most = [f"{scores.recall(topic):.3f}" for topic in HURT_MOST]
    hows = [f"{scores.stance(stance):.3f}" for stance in STANCES]
    rest = [f"{scores.recall():.3f}", f"{scores.precision():.3f}", f"{scores.false_alarms():.3f}"]
    return "| " + " | ".join([name, who, str(scores.texts), *most, *hows, *rest]) + " |"


def compare(readers: dict[str, Reader]) -> None:
    """Print the table of both sets, and that of noise on the second."""
    print("| set | by | n |", " | ".join((*HURT_MOST, *STANCES, "all", "precision", "false")), "|")
    print("|" + " --- |" * (3 + len(HURT_MOST) + len(STANCES) + 3))
    for name, where in SETS.items():
        rows = labelled(*where)
        texts, labels = [text for text, _ in rows], [pairs for _, pairs in rows]
        for who, read in readers.items():
            print(row(name, who, score(labels, [*read(texts)])))
    print("\n| noise | recall, tuned | held |\n| --- | --- | --- |")
    for noise in (None, *NOISES):
        shares = []
        for name in ("second, tuned", "second, held"):
            rows = labelled(*SETS[name])
            texts = [text for text, _ in rows]
            shares.append(score([p for _, p in rows], topics(noisy(texts, noise) if noise else texts)).recall())
        print(f"| {noise or 'none'} | {shares[0]:.3f} | {shares[1]:.3f} |")


def speed() -> None:
    """Print comments a second on distinct comments."""
    written = [text for where in SETS.values() for text, _ in labelled(*where)]
    many = {text for seed in range(12) for noise in NOISES for text in noisy(written, noise, seed)}
    pools = {
        "replica": build(np.random.default_rng(1), 200_000).texts.to_pylist(),
        "written, with noise": sorted(many),
    }
    topics(["VIH"])
    print("| comments | distinct | by | a second, first run | second |\n| --- | --- | --- | --- | --- |")
    for name, texts in pools.items():
        for read in (topics, scan):
            rates = []
            for _ in range(2):
                start = time.process_time()
                read(texts)
                rates.append(len(texts) / (time.process_time() - start))
            print(f"| {name} | {len(texts):,} | `{read.__name__}` | {rates[0]:,.0f} | {rates[1]:,.0f} |")


def main() -> None:
    """Compare, or measure speed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--speed", action="store_true")
    if parser.parse_args().speed:
        speed()
        return
    readers: dict[str, Reader] = {"étanche": topics}
    peer = edsnlp_reader()
    if peer is None:
        print("edsnlp is not installed in this Python: étanche alone.\n")
    else:
        readers["edsnlp"] = peer
    compare(readers)


if __name__ == "__main__":
    main()
