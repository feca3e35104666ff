"""The comments written before the dictionary: recall and precision by topic, stance by stance, on both halves."""

from __future__ import annotations

import tomllib
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from etanche.model import Stance
from etanche.recognise.texts import topics
from etanche.replica.comments import TOPICS, bit, build

SETS = tomllib.loads((Path(__file__).parent / "comments.toml").read_text(encoding="utf-8"))
HALVES = ("tuned", "held")
GIVEN_AWAY = {"cardiac", "thyroid", "respiratory", "bone", "autoimmune", "neurological", "skin", "digestive", "blood"}
"""What a medicine was not yet said to give away when the first set was written."""


def expected(label: str) -> set[tuple[str, str]]:
    pairs = (said.split() for said in label.split(";") if said.strip())
    return {(words[0], words[1] if len(words) > 1 else "affirmed") for words in pairs}


def read(half: str) -> list[tuple[set[tuple[str, str]], set[tuple[str, str]]]]:
    texts = [text for text, _ in SETS[half]]
    found = [{(topic, str(stance)) for topic, stance in pairs} for pairs in topics(texts)]
    return list(zip([expected(label) for _, label in SETS[half]], found, strict=True))


@pytest.mark.parametrize("half", HALVES)
def test_recall_of_the_topics_that_hurt_most(half: str) -> None:
    wanted: Counter[str] = Counter()
    found: Counter[str] = Counter()
    for want, got in read(half):
        for topic in {topic for topic, _ in want} & {"hiv", "pregnancy", "cancer", "treatment"}:
            wanted[topic] += 1
            found[topic] += topic in {name for name, _ in got}
    # With some 30 comments of a topic in a half, one miss is .967.
    assert {topic: found[topic] / wanted[topic] for topic in wanted if found[topic] / wanted[topic] < 0.96} == {}
    assert found.total() / wanted.total() >= 0.98


@pytest.mark.parametrize("half", HALVES)
def test_stances(half: str) -> None:
    wanted: Counter[str] = Counter()
    found: Counter[str] = Counter()
    for want, got in read(half):
        for topic, stance in want:
            wanted[stance] += 1
            found[stance] += (topic, stance) in got
    shares = {stance: found[stance] / wanted[stance] for stance in wanted}
    assert shares["negated"] >= 0.95
    assert shares["other_person"] >= 0.95
    assert min(shares.values()) >= 0.9


@pytest.mark.parametrize("half", HALVES)
def test_precision(half: str) -> None:
    right = wrong = 0
    for want, got in read(half):
        topics_wanted = {topic for topic, _ in want}
        topics_wanted |= GIVEN_AWAY if "treatment" in topics_wanted else set()
        right += len({topic for topic, _ in got} & topics_wanted)
        wrong += len({topic for topic, _ in got} - topics_wanted)
    assert right / (right + wrong) >= 0.98


@pytest.mark.parametrize("seed", [2021, 5, 1234])
def test_the_comments_of_the_replica_are_read_as_it_means_them(seed: int) -> None:
    """Its phrases and their truth were written by someone else, who had not seen the dictionary."""
    pool = build(np.random.default_rng(seed), 6_000)
    texts = pool.texts.to_pylist()
    affirmed, negated, mentioned = ([0] * len(texts) for _ in range(3))
    for place, pairs in enumerate(topics(texts)):
        for topic, stance in pairs:
            if topic in TOPICS:
                mentioned[place] |= bit(topic)
                affirmed[place] |= bit(topic) * (stance in (Stance.AFFIRMED, Stance.PAST))
                negated[place] |= bit(topic) * (stance is Stance.NEGATED)
    denied = [no & ~yes for no, yes in zip(negated, affirmed, strict=True)]
    assert len(texts) > 4_000
    assert [text for text, got, want in zip(texts, affirmed, pool.affirmed.tolist(), strict=True) if got != want] == []
    assert [text for text, got, want in zip(texts, denied, pool.negated.tolist(), strict=True) if got != want] == []
    assert [
        text for text, got, want in zip(texts, mentioned, pool.mentioned.tolist(), strict=True) if got != want
    ] == []


def test_the_set_is_large_and_its_halves_are_apart() -> None:
    tuned, held = ({text for text, _ in SETS[half]} for half in HALVES)
    assert len(tuned | held) >= 300
    assert len(held) >= 200
    assert not tuned & held
