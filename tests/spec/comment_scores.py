"""Scores of comments whose labels were written by hand: recall, stances and false mentions, as counts only.

Rules:

1. A file of comments holds a list of `[text, label]`, label "topic stance; …", an omitted stance being `affirmed`.
2. A label is found when a topic that means it is (`MEANS`: sets are written in words of their own), with its stance
   when a topic that means it bears that stance.
3. A topic is wrong in a comment none of whose labels it may mean (`MAY_MEAN`).  What a medicine gives away is never
   wrong where a treatment is labelled.
4. Noise is seeded: the same texts give the same noise.
"""

from __future__ import annotations

import random
import re
import tomllib
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

Pair = tuple[str, str]
Said = Iterable[Pair]

HERE = Path(__file__).parent
HURT_MOST = ("hiv", "pregnancy", "cancer", "treatment")

MEANS: dict[str, frozenset[str]] = {
    "cardiac": frozenset({"cardiovascular"}),
    "infection": frozenset({"infectious"}),
    "renal": frozenset({"kidney"}),
    "thyroid": frozenset({"endocrine"}),
    "custody": frozenset({"social"}),
    "contraception": frozenset({"sexual_health"}),
    "fertility": frozenset({"pregnancy"}),
    "violence": frozenset({"family"}),
    **dict.fromkeys(
        ("autoimmune", "bone", "congenital", "ear", "eye", "genitourinary", "skin", "transplant"),
        frozenset({"other_disease"}),
    ),
}
"""The label of a set that a topic answers to beside the one of its own name."""

MAY_MEAN: dict[str, frozenset[str]] = {
    "cardiac": frozenset({"endocrine"}),
    "endocrine": frozenset({"cardiovascular", "other_disease"}),
    "infection": frozenset({"digestive", "respiratory", "kidney", "neurological", "sexual_health"}),
    "violence": frozenset({"social"}),
    "contraception": frozenset({"treatment"}),
    "fertility": frozenset({"other_disease", "sexual_health"}),
    "genetic": frozenset({"blood"}),
    "psychiatric": frozenset({"disability"}),
    "disability": frozenset({"social"}),
    "transplant": frozenset({"kidney", "digestive", "cardiovascular", "respiratory", "blood"}),
    "ear": frozenset({"neurological"}),
    "genitourinary": frozenset({"kidney", "pregnancy"}),
    "congenital": frozenset({"genetic", "pregnancy"}),
    "family": frozenset({"social"}),
    "social": frozenset({"family", "disability"}),
}
"""Labels under which a topic may stand without being wrong; they are not found by it."""


def means(topic: str) -> frozenset[str]:
    """Return the labels that a topic answers to."""
    return MEANS.get(topic, frozenset()) | {topic}


def labelled(file: str, half: str | None = None) -> list[tuple[str, frozenset[Pair]]]:
    """Return the comments of a file (of its list `half`, of all its lists without) with their labels."""
    lists = tomllib.loads((HERE / file).read_text(encoding="utf-8"))
    rows = lists[half] if half else [row for rows in lists.values() for row in rows]
    return [(text, _pairs(label)) for text, label in rows]


def wordings(name: str) -> tuple[str, list[tuple[str, str]]]:
    """Return the stance of a group of `comments_wordings.toml`, and its wordings, each with each of its terms."""
    group = tomllib.loads((HERE / "comments_wordings.toml").read_text(encoding="utf-8"))[name]
    return group["stance"], [(wording.format(term), term) for wording in group["wordings"] for term in group["terms"]]


def _pairs(label: str) -> frozenset[Pair]:
    words = (said.split() for said in label.split(";") if said.strip())
    return frozenset((pair[0], pair[1] if len(pair) > 1 else "affirmed") for pair in words)


@dataclass
class Scores:
    """Counts by topic and by stance: labels, labels found; comments of no topic, and those in which one was seen."""

    topics: Counter[str] = field(default_factory=Counter)
    found: Counter[str] = field(default_factory=Counter)
    stances: Counter[str] = field(default_factory=Counter)
    right: Counter[str] = field(default_factory=Counter)
    mentions: Counter[str] = field(default_factory=Counter)
    wrong: Counter[str] = field(default_factory=Counter)
    silent: int = 0
    rung: Counter[str] = field(default_factory=Counter)
    rung_texts: int = 0
    texts: int = 0
    whole: int = 0
    """Comments of which every label was found with its stance and nothing else."""

    def recall(self, *topics: str) -> float:
        """Return the share of labels found, of some topics or of all."""
        names = topics or tuple(self.topics)
        return sum(self.found[name] for name in names) / max(1, sum(self.topics[name] for name in names))

    def stance(self, stance: str) -> float:
        """Return the share of the labels of a stance that were found with it."""
        return self.right[stance] / max(1, self.stances[stance])

    def precision(self) -> float:
        """Return the share of the topics seen that a label of their comment means."""
        return 1 - self.wrong.total() / max(1, self.mentions.total())

    def false_alarms(self) -> float:
        """Return the share of the comments of no topic in which one was seen."""
        return self.rung_texts / max(1, self.silent)


def score(wanted: Sequence[frozenset[Pair]], got: Sequence[Said]) -> Scores:
    """Return the scores of what was read, `got`, against the labels."""
    scores = Scores()
    for labels, pairs in zip(wanted, got, strict=True):
        _count(scores, labels, {(topic, str(stance)) for topic, stance in pairs})
    return scores


def _count(scores: Scores, labels: frozenset[Pair], pairs: set[Pair]) -> None:
    seen = {topic for topic, _ in pairs}
    names = {name for name, _ in labels}
    treated = "treatment" in names and "treatment" in seen
    wrong = {topic for topic in seen if not (means(topic) | MAY_MEAN.get(topic, frozenset())) & names}
    missed = [pair for pair in labels if not any(pair[0] in means(topic) and pair[1] == how for topic, how in pairs)]
    scores.texts += 1
    scores.whole += not missed and not (wrong and not treated)
    for name in names:
        scores.topics[name] += 1
        scores.found[name] += any(name in means(topic) for topic in seen)
    for pair in labels:
        scores.stances[pair[1]] += 1
        scores.right[pair[1]] += pair not in missed
    scores.mentions.update(seen)
    if not treated:
        scores.wrong.update(wrong)
    if not labels:
        scores.silent += 1
        scores.rung_texts += bool(seen)
        scores.rung.update(seen)


# ----------------------------------------------------------------------------------------------------------- noise


def _plain(text: str) -> str:
    spelt = text.replace("œ", "oe").replace("Œ", "OE")
    return "".join(char for char in unicodedata.normalize("NFKD", spelt) if not unicodedata.combining(char))


_WORD = re.compile(r"[^\W\d_]{6,}")


def _mistyped(share: float) -> Callable[[str, random.Random], str]:
    def typo(word: str, rng: random.Random) -> str:
        place = rng.randrange(1, len(word))
        way = rng.randrange(4)
        if way == 0:
            return word[:place] + word[place + 1 :]
        if way == 1:
            return word[:place] + rng.choice("abcdefghijklmnopqrstuvwxyz") + word[place:]
        if way == 2:
            return word[:place] + rng.choice("abcdefghijklmnopqrstuvwxyz") + word[place + 1 :]
        return (
            word[: place - 1] + word[place] + word[place - 1] + word[place + 1 :] if place > 1 else word[:1] + word[1:]
        )

    return lambda text, rng: _WORD.sub(lambda found: typo(found[0], rng) if rng.random() < share else found[0], text)


def _doubled(text: str, rng: random.Random) -> str:
    def twice(found: re.Match[str]) -> str:
        place = rng.randrange(1, len(found[0]))
        return found[0][:place] + found[0][place] + found[0][place:] if rng.random() < 0.1 else found[0]

    return _WORD.sub(twice, text)


NOISES: dict[str, Callable[[str, random.Random], str]] = {
    "capitals": lambda text, _: text.upper(),
    "no accents": lambda text, _: _plain(text),
    "capitals, no accents": lambda text, _: _plain(text).upper(),
    "typing errors, 5 %": _mistyped(0.05),
    "doubled letters, 10 %": _doubled,
    "no blanks at punctuation": lambda text, _: re.sub(r" *([,;.:/()]) *", r"\1", text),
    "all together": lambda text, rng: re.sub(
        r" *([,;/]) *", r"\1", _doubled(_mistyped(0.05)(_plain(text).upper().lower(), rng), rng)
    ),
}
"""What hurried hands do to a comment."""


def noisy(texts: Iterable[str], noise: str, seed: int = 2026) -> list[str]:
    """Return the texts with a noise of `NOISES`."""
    rng = random.Random(seed)
    return [NOISES[noise](text, rng) for text in texts]
