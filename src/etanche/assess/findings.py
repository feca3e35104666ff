"""What is found inside texts: counted by kind over rows, and by document.

Rules, in the order in which they apply:

1. Each distinct text was read once; what it holds comes back to its rows as bits, with its topics (`topics.py`).
2. A kind counts rows, not mentions: rows whose texts hold one, rows whose texts hold one that passes the kind's check,
   and distinct normalised values over all texts.  A long text that holds a disease or a medicine holds health data.
3. A document is a table that its format says is written for people (a letter, a mailbox, the pages of a PDF).
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from etanche.assess.categories import category_of
from etanche.assess.counts import one_row
from etanche.assess.fields import filled_any, read_columns
from etanche.model import Category, Column, Document, Kind, KindCount, Stance, Texts, TopicCount

if TYPE_CHECKING:
    import ibis.expr.types as ir
    import numpy.typing as npt

    from etanche.assess.engine import Runner

FOUND_KINDS: tuple[Kind, ...] = (
    Kind.FULL_NAME, Kind.SURNAME, Kind.FIRST_NAME, Kind.DOCTOR, Kind.BIRTH_DATE, Kind.PHONE, Kind.LANDLINE,
    Kind.MOBILE, Kind.EMAIL, Kind.ADDRESS, Kind.POSTCODE, Kind.COMMUNE, Kind.NIR, Kind.INS, Kind.RPPS, Kind.ADELI,
    Kind.FINESS, Kind.LABORATORY, Kind.IDENTIFIER, Kind.IBAN, Kind.BIC, Kind.CARD, Kind.LOGIN, Kind.PASSWORD, Kind.URL,
    Kind.IP, Kind.MEDICINE, Kind.DISEASE, Kind.COUNTRY, Kind.BIRTH_NAME, Kind.DEATH_DATE, Kind.SAMPLE_DATE,
    Kind.VISIT_DATE, Kind.AMC, Kind.BLOOD_GROUP,
)  # fmt: skip
"""What texts may hold, in the order of the bits."""
_BIT = {kind: 1 << number for number, kind in enumerate(FOUND_KINDS)}
MOST_DOCUMENTS = 1_000
"""Documents that the census lists, those of which most can be said first."""

Found = Iterable[tuple[Kind, bool, int]]
"""What a text holds: kind, whether the check takes it, a hash of the value."""
Spans = Sequence[tuple[int, int, int]]
"""Source of documents, its first row, its rows; in the order of the rows."""


_SAYING = {Stance.AFFIRMED: "affirmed", Stance.PAST: "affirmed", Stance.NEGATED: "negated"}
Mentions = tuple[tuple[str, Stance], ...]
"""The topics that a text speaks of, and how."""


@dataclass(slots=True)
class Told:
    """What distinct texts say and hold: masks of those that say or hold anything, values by kind.

    The masks of a text are what it affirms, denies and mentions at all (bits in the order of `topics`), the kinds that
    it holds, and those of which it holds a valid value (bits in the order of `FOUND_KINDS`).
    """

    topics: tuple[str, ...]
    texts: int = 0
    speaking: list[str] = field(default_factory=list, repr=False)
    masks: array[int] = field(default_factory=lambda: array("q"), repr=False)
    """Five for each that speaks, in their order."""
    values: dict[Kind, set[int]] = field(default_factory=dict, repr=False)

    def add(self, text: str, mentions: Mentions, found: Found) -> None:
        """Add a text."""
        self.texts += 1
        said = _masks(mentions, self.topics)
        held = sound = 0
        for kind, valid, value in found:
            held |= _BIT[kind]
            sound |= _BIT[kind] if valid else 0
            self.values.setdefault(kind, set()).add(value)
        if said[2] or held:
            self.speaking.append(text)
            self.masks.extend((*said, held, sound))


@cache
def _masks(mentions: Mentions, topics: tuple[str, ...]) -> tuple[int, int, int]:
    """Return what is affirmed, what is denied, and what is mentioned at all; few ways of speaking serve many texts."""
    masks = {"affirmed": 0, "negated": 0}
    mentioned = 0
    for topic, stance in mentions:
        if topic in topics:
            bit = 1 << topics.index(topic)
            mentioned |= bit
            if stance in _SAYING:
                masks[_SAYING[stance]] |= bit
    return masks["affirmed"], masks["negated"], mentioned


def category_bits() -> dict[Category, int]:
    """Return the masks of the kinds by the category of data that they make of a text."""
    masks: dict[Category, int] = {}
    for kind, bit in _BIT.items():
        category = category_of(kind)
        if category is not None:
            masks[category] = masks.get(category, 0) | bit
    return masks


def count_texts(engine: Runner, facts: ir.Table, said: ir.Table, columns: Sequence[Column], told: Told) -> Texts:
    """Return the figures over texts; `said` is what `place_topics` returned."""
    texts = {column.index for column in read_columns(columns)}
    lines = engine.fetch(said.select("held", "sound"))
    held, sound = lines["held"].to_numpy(), lines["sound"].to_numpy()
    found = {
        kind: KindCount(_having(held, bit), _having(sound, bit), len(told.values[kind]))
        for kind, bit in _BIT.items()
        if kind in told.values
    }
    rows = one_row(engine, facts.aggregate(n=filled_any(facts, texts).sum().fill_null(0)))["n"] if texts else 0
    return Texts(rows=rows, distinct=told.texts, found=found)


def _having(masks: npt.NDArray[np.int64], bit: int) -> int:
    return int(np.count_nonzero(masks & bit))


def count_documents(engine: Runner, said: ir.Table, spans: Spans, topics: Sequence[str]) -> tuple[Document, ...]:
    """Return what each document says, those of which most can be said first, `MOST_DOCUMENTS` at most."""
    if not spans:
        return ()
    first, last = spans[0][1], spans[-1][1] + spans[-1][2]
    names = ("row", "affirmed", "negated", "held")
    lines = engine.fetch(said.filter((said.row >= first) & (said.row < last)).select(*names))
    row, affirmed, negated, held = (lines[name].to_numpy() for name in names)
    starts = np.array([start for _, start, _ in spans])
    of = np.searchsorted(starts, row, side="right") - 1
    inside = row < (starts + np.array([rows for _, _, rows in spans]))[of] if len(row) else np.zeros(0, bool)
    of, affirmed, negated, held = of[inside], affirmed[inside], negated[inside], held[inside]
    yes = _by_bit(of, affirmed, len(spans), len(topics))
    no = _by_bit(of, negated & ~affirmed, len(spans), len(topics))
    kinds = _by_bit(of, held, len(spans), len(FOUND_KINDS))
    weight = (yes > 0).sum(0) + (no > 0).sum(0) + (kinds > 0).sum(0)
    told = [int(k) for k in np.argsort(-weight, kind="stable")[:MOST_DOCUMENTS] if weight[k]]
    return tuple(
        Document(
            source=spans[k][0],
            rows=spans[k][2],
            topics={
                topic: TopicCount(int(yes[n, k]), int(no[n, k]))
                for n, topic in enumerate(topics)
                if yes[n, k] or no[n, k]
            },
            found={kind: int(kinds[n, k]) for n, kind in enumerate(FOUND_KINDS) if kinds[n, k]},
        )
        for k in told
    )


def _by_bit(of: npt.NDArray[np.int64], bits: npt.NDArray[np.int64], groups: int, size: int) -> npt.NDArray[np.int64]:
    """Return how many rows of each group have each bit, `(size, groups)`."""
    return np.stack([np.bincount(of[(bits >> n & 1) > 0], minlength=groups) for n in range(size)])
