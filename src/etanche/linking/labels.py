"""What was judged of a list: one sealed line a judgement, so that a kill loses none.

Rules, in the order in which they apply:

1. A judgement is sealed and logged before the next pair is shown; what it says stands in the sealed part alone.
2. Nothing is written over: taking back is a line of its own.
3. Two reviewers judge blind: neither sees what the other said.  Where they differ, nothing counts until a person
   settles it; what was settled counts whatever else was said.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from etanche.casefile import Event
from etanche.linking.ground import file_name
from etanche.linking.lists import LABELS, ListOf, Unseal
from etanche.renewal import drop

if TYPE_CHECKING:
    from etanche.casefile import CaseFolder


class Answer(StrEnum):
    """What a reviewer says of a pair."""

    YES = "yes"
    """One person."""
    NO = "no"
    UNSURE = "unsure"
    UNDO = "undo"
    """The last judgement is taken back."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """One line of a reviewer's journal."""

    number: int
    place: int
    answer: str
    time: str
    settles: bool = False
    reviewer: str = ""


@dataclass(frozen=True, slots=True)
class Question:
    """One pair to be judged."""

    pair: int
    """Its number, which tells nothing."""
    done: int
    total: int
    fields: tuple[tuple[str, str, str], ...] = field(repr=False)
    """Name of the field, and what it holds on either side; those that are empty on both are left out."""


class Journal:
    """What one reviewer said, in order."""

    def __init__(self, held: ListOf, reviewer: str, lines: Iterable[Judgement] = ()) -> None:
        self.reviewer = reviewer
        self._folder = f"{LABELS}{held.file}/{file_name(reviewer)}/"
        self._list = held.name
        self._lines = sorted({line.number: line for line in lines}.values(), key=lambda line: line.number)

    @property
    def standing(self) -> list[Judgement]:
        """The judgements that were not taken back, in order."""
        kept: list[Judgement] = []
        for line in self._lines:
            if line.answer == Answer.UNDO:
                kept = kept[:-1]
            else:
                kept.append(line)
        return kept

    def answers(self, *, settles: bool = False) -> dict[int, Answer]:
        """Return the last answer on each person by place; `settles`: those that settle a disagreement."""
        return {line.place: Answer(line.answer) for line in self.standing if line.settles is settles}

    def add(
        self, case: CaseFolder, said: Sequence[tuple[int, Answer]], now: datetime, *, settles: bool = False
    ) -> None:
        """Seal judgements (of one pair, or of a whole file of them) and log them."""
        first = self._lines[-1].number + 1 if self._lines else 1
        time = now.isoformat(timespec="seconds")
        lines = [
            Judgement(first + at, place, answer.value, time, settles, self.reviewer)
            for at, (place, answer) in enumerate(said)
        ]
        case.seal(f"{self._folder}{first:06}-{lines[-1].number:06}", _data(lines))
        case.commit(Event.LABELLED, frozenset(), name=self._list, reviewer=self.reviewer, labels=len(lines))
        self._lines += lines

    def gather(self, case: CaseFolder) -> None:
        """Put the lines into one part, which replaces those of one line each once it counts."""
        if not self._lines:
            return
        whole = f"{self._folder}{self._lines[0].number:06}-{self._lines[-1].number:06}"
        parts = case.sealed(self._folder)
        if whole not in parts:
            case.seal(whole, _data(self._lines))
            case.commit(Event.ROWS_SEALED, frozenset())
        drop(case, [part for part in parts if part != whole])


def journals(case: CaseFolder, unseal: Unseal, held: ListOf) -> dict[str, Journal]:
    """Return the journals of a list by reviewer."""
    lines: dict[str, list[Judgement]] = {}
    for part in case.sealed(f"{LABELS}{held.file}/"):
        for line in json.loads(unseal(part)):
            judgement = Judgement(**line)
            lines.setdefault(judgement.reviewer, []).append(judgement)
    return {reviewer: Journal(held, reviewer, some) for reviewer, some in sorted(lines.items())}


def settled_answers(found: Mapping[str, Journal]) -> tuple[dict[int, bool], set[int]]:
    """Return what counts of all that was said, by place, and where the reviewers differ and nobody has settled it."""
    said: dict[int, set[Answer]] = {}
    for journal in found.values():
        for place, answer in journal.answers().items():
            if answer in (Answer.YES, Answer.NO):
                said.setdefault(place, set()).add(answer)
    counts = {place: answers == {Answer.YES} for place, answers in said.items() if len(answers) == 1}
    contested = {place for place, answers in said.items() if len(answers) > 1}
    last = sorted(
        (line for journal in found.values() for line in journal.standing if line.settles), key=lambda line: line.time
    )
    for line in last:
        if line.place in contested and line.answer in (Answer.YES, Answer.NO):
            counts[line.place] = line.answer == Answer.YES
    return counts, contested - counts.keys()


def _data(lines: Iterable[Judgement]) -> bytes:
    return json.dumps([asdict(line) for line in lines], ensure_ascii=False).encode("utf-8", "backslashreplace")
