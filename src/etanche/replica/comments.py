"""Free comments in a laboratory's shorthand, each with the truth about what it says.

Rules:

1. A comment is a phrase of `data/comments.toml`, or two, and often an administrative remark; its truth is theirs.
2. It is then spelt as secretaries spell: as it stands, in lower case without accents, or in capitals.
3. A topic is affirmed by an affirmed or past phrase, negated by a negated one and no affirmed one; what is uncertain
   or about somebody else is neither.
4. No two comments of a pool differ by case, accents or spaces alone.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from etanche.replica.vocabulary import vocabulary

TOPICS = (
    "hiv", "cancer", "genetic", "pregnancy", "hepatitis", "psychiatric", "addiction", "abortion", "sexual_health",
    "diabetes", "treatment", "disability",
)  # fmt: skip
GROUPS = ("any", "adult", "woman")
_SHARES = {"any": 0.35, "adult": 0.50, "woman": 0.15}
_STANCES = {"affirmed": 0.56, "past": 0.5, "negated": 0.22, "uncertain": 0.12, "other_person": 0.10}
_SLOT = re.compile(r"\{(\w+)\}")
_SPACES = re.compile(r"\s+")


@dataclass(frozen=True, slots=True, eq=False)
class Pool:
    """Comments by code (0: blank) and what each says, as bits in the order of `TOPICS`."""

    texts: pa.StringArray = field(repr=False)
    affirmed: NDArray[np.uint16] = field(repr=False)
    negated: NDArray[np.uint16] = field(repr=False)
    mentioned: NDArray[np.uint16] = field(repr=False)
    """Spoken of in any way: affirmed, denied, doubted, said of somebody else."""
    starts: dict[str, tuple[int, int]]
    """First code and number of the comments of each group, remarks without topic under "remark"."""


def bit(topic: str) -> int:
    """Return a topic's bit."""
    return 1 << TOPICS.index(topic)


def build(rng: np.random.Generator, size: int) -> Pool:
    """Return a pool of about `size` distinct comments (fewer where the phrases give no more)."""
    phrases = vocabulary("comments")["phrase"]
    remarks = [phrase for phrase in phrases if not _topics(phrase)[2]]
    topical = [phrase for phrase in phrases if phrase not in remarks]
    texts, said, seen = [""], [(0, 0, 0)], {""}
    starts: dict[str, tuple[int, int]] = {}
    writer = _Writer(rng, remarks[0])
    for group in ("remark", *GROUPS):
        first = len(texts)
        source = remarks if group == "remark" else [phrase for phrase in topical if phrase["group"] == group]
        wanted = max(8, int(size * (0.25 if group == "remark" else 0.75 * _SHARES[group])))
        weights = np.array([_weight(phrase) for phrase in source])
        for pick in rng.choice(len(source), wanted, p=weights / weights.sum()).tolist():
            text, saying = writer.write(source[pick])
            if (key := _key(text)) not in seen:
                seen.add(key)
                texts.append(text)
                said.append(saying)
        starts[group] = (first, len(texts) - first)
    affirmed, negated, mentioned = np.array(said, dtype=np.uint16).T
    return Pool(pa.array(texts, pa.string()), affirmed, negated, mentioned, starts)


class _Writer:
    """Writes a phrase out: slots filled, a remark before or after, spelt in one of three ways."""

    def __init__(self, rng: np.random.Generator, remarks: dict[str, Any]) -> None:
        self._rng = rng
        self._remarks: list[str] = remarks["texts"]
        self._slots: dict[str, list[str]] = vocabulary("comments")["slots"]

    def write(self, phrase: dict[str, Any]) -> tuple[str, tuple[int, int, int]]:
        """Return a comment and what it says (bits affirmed, negated, mentioned)."""
        text = self._fill(self._pick(phrase["texts"]))
        draw = self._rng.random()
        if draw < 0.45:
            text += self._pick([". ", " - ", " / ", ". "]) + self._fill(self._pick(self._remarks))
        elif draw < 0.60:
            text = self._fill(self._pick(self._remarks)) + self._pick([". ", " - ", " / "]) + text
        elif draw < 0.72:
            text += f" - {self._fill(self._pick(self._remarks))} - {self._fill(self._pick(self._remarks))}"
        return self._spell(text), _topics(phrase)

    def _pick(self, choices: list[str]) -> str:
        return choices[int(self._rng.integers(len(choices)))]

    def _fill(self, text: str) -> str:
        return _SLOT.sub(lambda match: self._pick(self._slots[match[1]]), text)

    def _spell(self, text: str) -> str:
        draw = self._rng.random()
        if draw < 0.45:
            return _plain(text).upper()
        if draw < 0.60:
            return _plain(text).lower()
        if draw < 0.70:
            return text.upper()
        return text[0].upper() + text[1:]


def _topics(phrase: dict[str, Any]) -> tuple[int, int, int]:
    affirmed = sum(bit(topic) for topic in TOPICS if phrase.get(topic) in {"affirmed", "past"})
    negated = sum(bit(topic) for topic in TOPICS if phrase.get(topic) == "negated")
    return affirmed, negated, sum(bit(topic) for topic in TOPICS if topic in phrase)


def _weight(phrase: dict[str, Any]) -> float:
    stances = [_STANCES[phrase[topic]] for topic in TOPICS if topic in phrase]
    return float(min(stances, default=1.0) * len(phrase["texts"]) ** 0.5)


def _plain(text: str) -> str:
    spelt = text.replace("œ", "oe").replace("Œ", "OE")
    return "".join(char for char in unicodedata.normalize("NFKD", spelt) if not unicodedata.combining(char))


def _key(text: str) -> str:
    return _SPACES.sub(" ", _plain(text).casefold()).strip()
