"""Why a person of a registry is on a list, or in review: the comparison, as a sum of evidence.

Rules, in the order in which they apply:

1. The pair that decided is shown: what the model says of any two, then what each comparison adds or takes, in bits.
2. Values are masked (the first character of each word) unless asked for in clear, which is logged as such.
3. Of the registry, what linking kept is shown: the number and the telephone only of those who may have to be judged.
4. What is written for others to read goes outside the case folder.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from etanche import link, rows
from etanche.casefile import CaseFolder, Event, KeyOptions, keys, secure_process
from etanche.casework import columns_of, read_census
from etanche.config import Config
from etanche.errors import ExitCode, UserError
from etanche.link.decide import NOTIFY
from etanche.linking import settling
from etanche.linking.addressees import cells_by_field, fields_of
from etanche.linking.labels import journals, settled_answers
from etanche.linking.lists import (
    ADDRESSEES,
    DROPPED,
    MATCHES,
    PAIRS,
    SAMPLE,
    ListOf,
    Unseal,
    chosen,
    table_of,
)
from etanche.linking.sample import SHOWN, iso, model_of
from etanche.linking.sealing import read

if TYPE_CHECKING:
    import pyarrow as pa

OF: dict[str, tuple[str, ...]] = {
    "nir": ("nir",),
    "name": ("surname", "birth_name"),
    "first": ("first_name",),
    "birth": ("birth_date",),
    "sex": ("sex",),
    "home": ("address", "postcode", "phone"),
    "rarity": ("surname", "birth_name", "first_name", "birth_date"),
}
"""The fields that each comparison looks at."""
_USUAL = 0.5
"""Bits under which what agrees is neither rare nor common."""


@dataclass(frozen=True, slots=True)
class WhyRequest:
    """What `etanche link --why` was asked."""

    case: Path
    person: str
    """The registry's key of the person, or the number of its row, as the list has it."""
    name: str | None = None
    clear: bool = False
    keys: KeyOptions = field(default_factory=KeyOptions)


@dataclass(frozen=True, slots=True)
class Step:
    """One comparison: what it found, what that is worth, and what it looked at on either side (leak, registry)."""

    comparison: str
    level: str
    bits: float
    total: float
    """The sum so far."""
    leak: tuple[str, ...] = field(repr=False)
    registry: tuple[str | None, ...] = field(repr=False)
    """None: linking did not keep it."""


@dataclass(frozen=True, slots=True)
class Explained:
    """Why a person is decided so."""

    person: str
    name: str
    decision: str
    rule: str
    """What made of the sum a decision (`words/<language>/linking.toml`, `rule`)."""
    bias: float
    steps: tuple[Step, ...]
    weight: float
    row: int
    """Row of the leak that decided, from 1."""
    rows: tuple[int, ...]
    model: str
    clear: bool

    def document(self) -> dict[str, Any]:
        """Return it as plain data."""
        return asdict(self)


def explain(request: WhyRequest, config: Config) -> Explained:
    """Return why a person of a list is decided so.

    Raises `UserError`: no such list (3) or person (2).
    """
    secure_process()
    with CaseFolder.open(request.case, config) as case:
        identity = keys.unlock(case, config, request.keys)
        unseal = partial(case.unseal, identity=identity)
        held = chosen(case, request.name, unseal)
        whole = _whole(case, unseal, held, MATCHES)
        place = _place(whole, request.person, held.name)
        case.log(Event.SHOWN, what="why", name=held.name, place=place, clear=int(request.clear))
        pairs = table_of(unseal, held, PAIRS)
        answers, contested = settled_answers(journals(case, unseal, held))
        of_person = pairs.filter(pairs["place"].to_numpy() == place)
        best = of_person.filter(of_person["best"]).to_pylist()[0]
        rivals = int(((pairs["row"].to_numpy() == best["row"]) & (pairs["place"].to_numpy() != place)).sum())
        columns = columns_of(read_census(case))
        parts = rows.stored_parts(case, identity, rows.read_index(case, identity))
        leaked = cells_by_field(parts, len(columns), np.array([best["row"]]), fields_of(columns, SHOWN))
        leaked["birth_date"] = iso(leaked["birth_date"], columns)
        leak = {name: str(cells[0]) for name, cells in leaked.items()}
        own = _of_registry(case, unseal, held, place)
    settled = settling.settle(pairs, answers, contested)
    mask: Callable[[str], str] = str if request.clear else masked
    model = model_of(pairs)
    return Explained(
        person=request.person,
        name=held.name,
        decision=settled.decision[place],
        rule=_rule(best, place, answers, contested, rivals),
        bias=model.bias,
        steps=_steps(best, model, leak, own, mask),
        weight=round(best["weight"], 3),
        row=best["row"] + 1,
        rows=tuple(sorted(row + 1 for row in of_person["row"].to_pylist())),
        model=held.document["model"],
        clear=request.clear,
    )


def _whole(case: CaseFolder, unseal: Unseal, held: ListOf, folder: str) -> pa.Table:
    """Return a table of a list, those who were taken off it included."""
    stays = table_of(unseal, held, folder)
    part = f"{DROPPED}{held.file}/{folder.rstrip('/')}"
    return settling.joined(stays, read(unseal(part))) if part in case.sealed() else stays


def _place(whole: pa.Table, person: str, name: str) -> int:
    found = [place for place, key in enumerate(whole["registry_key"].to_pylist()) if str(key) == person.strip()]
    if not found:
        raise UserError("why_unknown", ExitCode.USAGE, name=name)
    return found[0]


def _of_registry(case: CaseFolder, unseal: Unseal, held: ListOf, place: int) -> dict[str, str | None]:
    """Return what linking kept of a person of the registry, by field."""
    sample = table_of(unseal, held, SAMPLE)
    judged = sample.filter(sample["place"].to_numpy() == place).to_pylist()
    if judged:
        return {name: judged[0][name] for name in SHOWN}
    row = _whole(case, unseal, held, ADDRESSEES).slice(place, 1).to_pylist()[0]
    known: dict[str, str | None] = {name: row.get(name) for name in SHOWN}
    known["surname"] = row["surname"] or row["full_name"]
    return known


def _steps(
    best: dict[str, Any],
    model: link.Model,
    leak: dict[str, str],
    own: dict[str, str | None],
    mask: Callable[[str], str],
) -> tuple[Step, ...]:
    total, steps = model.bias, []
    for comparison, levels in link.LEVELS.items():
        level = levels[best[f"l_{comparison}"]]
        bits = model.of(comparison, level)
        total += bits
        steps.append(Step(comparison, level, bits, round(total, 3), *_seen(comparison, leak, own, mask)))
    # A list that an earlier version linked has none.
    if (rarity := best.get("rarity")) is not None:
        level = "usual" if abs(rarity) < _USUAL else "rare" if rarity > 0 else "common"
        steps.append(Step("rarity", level, rarity, round(total + rarity, 3), *_seen("rarity", leak, own, mask)))
    return tuple(steps)


def _seen(
    comparison: str, leak: dict[str, str], own: dict[str, str | None], mask: Callable[[str], str]
) -> tuple[tuple[str, ...], tuple[str | None, ...]]:
    """Return what a comparison looked at on either side."""
    names = OF[comparison]
    known = tuple(None if own[name] is None else mask(own[name] or "") for name in names)
    return tuple(mask(leak[name]) for name in names), known


def _rule(best: dict[str, Any], place: int, answers: dict[int, bool], contested: set[int], rivals: int) -> str:
    """Return what made of the sum a decision; `rivals` are the others of whom the row could be."""
    first = best["l_first"] == link.LEVELS["first"].index("differs")
    never = first and best["l_birth"] == link.LEVELS["birth"].index("differs")
    if never and answers.get(place, True):
        return "never"
    if place in answers:
        return "eye_yes" if answers[place] else "eye_no"
    return "contested" if place in contested else _rule_of_model(best, first=first, rivals=rivals)


def _rule_of_model(best: dict[str, Any], *, first: bool, rivals: int) -> str:
    """Return what made of the sum a decision where no person decided; `first`: whether the first names differ."""
    if best["notify"]:
        return "enough" if best["weight"] >= NOTIFY else "same_person"
    if first and best["l_nir"] != link.LEVELS["nir"].index("equal"):
        return "first_differs"
    if best["value"] < NOTIFY:
        return "not_enough"
    return "rivals" if rivals else "namesake" if best.get("namesake") else "least_sure"


def masked(text: str) -> str:
    """Return the first character of each word, the others as dots."""
    return re.sub(r"(?<=\w)\w", "•", text)
