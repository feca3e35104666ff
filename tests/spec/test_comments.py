"""Comments labelled by hand: recall, stances and false mentions on both halves of both sets; and under noise.

The first set was written by the dictionary's own author, the others by people who had not seen it.  Of the first two
and the sixth the held half is scored and never looked at, as is the whole seventh; the third, fourth and fifth were
read once they had been scored.
"""

from __future__ import annotations

import numpy as np
import pytest
from tests.spec.comment_scores import HURT_MOST, NOISES, Scores, labelled, noisy, score, wordings

from etanche.model import Stance
from etanche.recognise.texts import topics
from etanche.replica.comments import TOPICS, bit, build

SETS = {
    "first tuned": ("comments.toml", "tuned"),
    "first held": ("comments.toml", "held"),
    "second tuned": ("comments_2026_tuned.toml", None),
    "second held": ("comments_2026_held.toml", None),
    "third tuned": ("comments_2026_w1.toml", None),
    "fourth tuned": ("comments_2026_w2.toml", None),
    "fifth tuned": ("comments_2026_w3.toml", None),
    "sixth tuned": ("comments_2026_w4.toml", None),
    "sixth held": ("comments_2026_w4_held.toml", None),
    "seventh held": ("comments_2026_w5_held.toml", None),
    "eighth tuned": ("comments_2026_w8.toml", None),
    "eighth held": ("comments_2026_w8_held.toml", None),
}
REACHED: dict[str, dict[str, float]] = {
    "first tuned": {"most": 0.99, "all": 0.99, "negated": 0.98, "other_person": 0.98, "uncertain": 0.97, "past": 0.97},
    "first held": {"most": 0.99, "all": 0.98, "negated": 0.98, "other_person": 0.98, "uncertain": 0.90, "past": 0.92},
    "second tuned": {"most": 0.96, "all": 0.97, "negated": 0.97, "other_person": 0.95, "uncertain": 0.89, "past": 0.85},
    "second held": {"most": 0.95, "all": 0.92, "negated": 0.83, "other_person": 0.82, "uncertain": 0.77, "past": 0.83},
    "third tuned": {"most": 0.96, "all": 0.95, "negated": 0.91, "other_person": 0.95, "uncertain": 0.81, "past": 0.91},
    "fourth tuned": {"most": 0.98, "all": 0.96, "negated": 0.92, "other_person": 0.84, "uncertain": 0.79, "past": 0.88},
    "fifth tuned": {"most": 0.96, "all": 0.92, "negated": 0.88, "other_person": 0.74, "uncertain": 0.77, "past": 0.70},
    "sixth tuned": {"most": 0.98, "all": 0.97, "negated": 0.95, "other_person": 0.95, "uncertain": 0.77, "past": 0.85},
    "sixth held": {"most": 0.87, "all": 0.85, "negated": 0.60, "other_person": 0.74, "uncertain": 0.57, "past": 0.82},
    "seventh held": {"most": 0.96, "all": 0.95, "negated": 0.90, "other_person": 0.84, "uncertain": 0.90, "past": 0.82},
    "eighth tuned": {"most": 0.98, "all": 0.97, "negated": 0.85, "other_person": 0.95, "uncertain": 0.95, "past": 0.80},
    "eighth held": {"most": 0.96, "all": 0.93, "negated": 0.80, "other_person": 0.65, "uncertain": 0.72, "past": 0.85},
}
"""What is reached, a little less: shares of the labels found (of the topics that hurt most, of all), and of the labels
of a stance found with it."""
PRECISION = {
    "first tuned": 0.97, "first held": 0.96, "second tuned": 0.97, "second held": 0.96, "third tuned": 0.97,
    "fourth tuned": 0.97, "fifth tuned": 0.94, "sixth tuned": 0.96, "sixth held": 0.92,
    "seventh held": 0.97, "eighth tuned": 0.97, "eighth held": 0.96,
}  # fmt: skip


def read(name: str, noise: str | None = None) -> Scores:
    rows = labelled(*SETS[name])
    texts = [text for text, _ in rows]
    return score([labels for _, labels in rows], topics(noisy(texts, noise) if noise else texts))


@pytest.mark.parametrize("name", SETS)
def test_recall_and_stances(name: str) -> None:
    scores = read(name)
    shares = {"most": scores.recall(*HURT_MOST), "all": scores.recall()}
    shares |= {str(stance): scores.stance(stance) for stance in Stance}
    assert {what: share for what, share in shares.items() if share < REACHED[name].get(what, 0)} == {}


@pytest.mark.parametrize("name", SETS)
def test_precision_and_silence(name: str) -> None:
    scores = read(name)
    assert scores.precision() >= PRECISION[name]
    assert scores.false_alarms() <= 0.07


@pytest.mark.parametrize(
    "group",
    [
        "negated", "negated_adjective", "negated_medicine", "other_person", "other_person_adjective", "uncertain",
        "past", "past_medicine",
    ],
)  # fmt: skip
def test_every_wording_gives_the_term_its_stance(group: str) -> None:
    stance, texts = wordings(group)
    meant = [topics([term])[0][0][0] for _, term in texts]
    read = topics([text for text, _ in texts])
    got = [(topic, Stance(stance)) in pairs for topic, pairs in zip(meant, read, strict=True)]
    assert [text for (text, _), right in zip(texts, got, strict=True) if not right] == []


@pytest.mark.parametrize("noise", NOISES)
@pytest.mark.parametrize("name", ["second tuned", "second held"])
def test_noise_costs_little(name: str, noise: str) -> None:
    assert read(name, noise).recall() >= read(name).recall() - (0.04 if noise == "all together" else 0.02)


def test_the_sets_are_large_and_their_halves_apart() -> None:
    for tuned, held in (("first tuned", "first held"), ("second tuned", "second held")):
        halves = [{text for text, _ in labelled(*SETS[name])} for name in (tuned, held)]
        assert not halves[0] & halves[1]
        assert min(map(len, halves)) >= 200
    assert sum(len(labelled(*where)) for where in SETS.values()) >= 1_800


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
