"""A list put right by what was judged of it.

Rules, in the order in which they apply:

1. A person judged to be the one of the row is notified; one judged not to be is taken off the list.
2. First name and birth date that both clash are never notified, whatever a person's eye says: such a person stays in
   review, and rows that clash so are not told to anybody.
3. Where reviewers differ and nobody has settled it, nobody is notified: review.
4. Who was not judged stays as the weights decided.
5. All is worked out from what was linked and what was judged: what is taken back is as if never said.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from etanche import link
from etanche.link import audit
from etanche.link.decide import NOTIFY
from etanche.linking.sample import best_of

if TYPE_CHECKING:
    Bools = np.ndarray[Any, np.dtype[np.bool_]]

NO = "no"
"""The decision on who is taken off the list."""
_EYE = "eye:"
_FIRST = link.LEVELS["first"].index("differs")
_BIRTH = link.LEVELS["birth"].index("differs")


@dataclass(frozen=True, slots=True)
class Settled:
    """The decisions of a list, in the order of its persons, and the pairs that may be told."""

    decision: list[str]
    told: Bools
    """Of each pair: its row is one of its person's."""


def clashing(first: np.ndarray[Any, Any], birth: np.ndarray[Any, Any]) -> Bools:
    """Tell of pairs, by their levels, whether first name and birth date both clash."""
    clash: Bools = (first == _FIRST) & (birth == _BIRTH)
    return clash


def settle(pairs: pa.Table, answers: Mapping[int, bool], contested: Collection[int]) -> Settled:
    """Return what is to be done about each person once `answers` (by place) are known; `pairs` are as linked."""
    best = best_of(pairs)
    never = clashing(best["l_first"], best["l_birth"])
    decision = np.where(best["notify"], link.Decision.NOTIFY.value, link.Decision.REVIEW.value)
    for place, same in answers.items():
        decision[place] = (link.Decision.REVIEW if never[place] else link.Decision.NOTIFY).value if same else NO
    for place in contested:
        decision[place] = link.Decision.REVIEW.value
    decision[never & (decision == link.Decision.NOTIFY.value)] = link.Decision.REVIEW.value
    return Settled(decision.tolist(), _told(pairs, decision == link.Decision.NOTIFY.value))


def _told(pairs: pa.Table, notified: Bools) -> Bools:
    """Tell of each pair whether its row is one of its person's: of one who is notified, only what is surely theirs."""
    column = {name: pairs[name].to_numpy(zero_copy_only=False) for name in pairs.column_names}
    differs = column["l_first"] == _FIRST
    own = column["l_nir"] == link.LEVELS["nir"].index("equal")
    # What linking left of one whom it notified is sure; of one whom an eye decided, the pair that was seen.
    sure = column["notify"] | column["best"] | ((column["weight"] >= NOTIFY) & ~(differs & ~own))
    told: Bools = ~notified[column["place"]] | (sure & ~clashing(column["l_first"], column["l_birth"]))
    return told


def strata(pairs: pa.Table, answers: Mapping[int, bool]) -> dict[int, audit.Stratum]:
    """Return the bands of a list as it was linked, with what was judged of each."""
    best = best_of(pairs)
    numbers = audit.strata_of(best["value"], best["notify"])
    never = clashing(best["l_first"], best["l_birth"])
    found = audit.describe(best["value"], best["notify"])
    place = np.array(sorted(answers), np.int64)
    same = np.array([answers[each] for each in place.tolist()], bool)
    for number, stratum in found.items():
        here = numbers[place] == number if len(place) else np.zeros(0, bool)
        found[number] = replace(
            stratum,
            judged=int(here.sum()),
            true=int((here & same).sum()),
            held=int((here & same & never[place]).sum()) if len(place) else 0,
        )
    return found


def rewritten(
    whole: pa.Table, pairs: pa.Table, settled: Settled, answers: Mapping[int, bool], bits: tuple[float, float]
) -> pa.Table:
    """Return a list (`matches` or `addressees`, everybody in it) as it was settled.

    `bits` are slope and shift of the weights: 1 and 0 leave them.
    """
    found = whole.set_column(whole.column_names.index("decision"), "decision", pa.array(settled.decision, pa.string()))
    found = found.set_column(found.column_names.index("rows"), "rows", _rows(pairs, settled))
    if "weight" in found.column_names:
        value = best_of(pairs)["value"]
        weight = pa.array(np.round(value * bits[0] + bits[1], 3))
        found = found.set_column(found.column_names.index("weight"), "weight", weight)
        found = found.set_column(found.column_names.index("reason"), "reason", _reasons(found["reason"], answers))
    return found


def _rows(pairs: pa.Table, settled: Settled) -> pa.Array:
    place, row = pairs["place"].to_numpy()[settled.told], pairs["row"].to_numpy()[settled.told]
    order = np.lexsort((row, place))
    ends = np.searchsorted(place[order], np.arange(len(settled.decision) + 1))
    return pa.ListArray.from_arrays(pa.array(ends, pa.int32()), pa.array(row[order] + 1, pa.int64()))


def _reasons(reason: pa.ChunkedArray, answers: Mapping[int, bool]) -> pa.Array:
    """Return the reasons, those of who was judged with what the eye said."""
    plain = pc.replace_substring_regex(reason.combine_chunks(), f" ?{_EYE}[a-z]+", "")
    said = np.full(len(plain), "", object)
    for place, same in answers.items():
        said[place] = f" {_EYE}{'yes' if same else 'no'}"
    return pc.binary_join_element_wise(plain, pa.array(said.tolist(), pa.string()), "")


def parted(whole: pa.Table, settled: Settled) -> tuple[pa.Table, pa.Table]:
    """Return who stays on a list, and who was taken off it with their `place`."""
    off = np.array(settled.decision) == NO
    gone = whole.filter(pa.array(off)).append_column("place", pa.array(np.flatnonzero(off), pa.int64()))
    return whole.filter(pa.array(~off)), gone


def joined(stays: pa.Table, gone: pa.Table) -> pa.Table:
    """Return a list with those who were taken off it, in its order."""
    if not gone.num_rows:
        return stays
    taken = gone["place"].to_numpy()
    count = stays.num_rows + gone.num_rows
    others = np.setdiff1d(np.arange(count), taken)
    both = pa.concat_tables([stays, gone.select(stays.column_names).cast(stays.schema)])
    order = np.argsort(np.concatenate([others, taken]), kind="stable")
    return both.take(pa.array(order))
