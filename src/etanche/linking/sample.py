"""What linking leaves for a person's eye: every pair that counts, and the cells of those that may have to be judged.

Rules, in the order in which they apply:

1. `pairs/<list>`: one row a pair: `place` (of the person in the list), `row` of the leak (from 0), `weight`, the bits
   of it that are for `rarity`, the level of each comparison, whether it is the person's `best`, and of the person
   `value` (bits) and `notify`, as linked.
2. `sample/<list>`: the persons that may be judged: of each band of those notified as many as a whole audit could ask
   for, and everybody in review.  Of nobody else are the number and the telephone kept.
3. Which come first in a band, and in which order pairs are shown, is drawn once, by chance.
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from etanche import link
from etanche.link import audit
from etanche.model import Kind

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from etanche.model import Column

SHOWN: dict[str, tuple[Kind, ...]] = {
    "surname": (Kind.SURNAME, Kind.FULL_NAME),
    "birth_name": (Kind.BIRTH_NAME,),
    "first_name": (Kind.FIRST_NAME,),
    "sex": (Kind.SEX,),
    "birth_date": (Kind.BIRTH_DATE,),
    "nir": (Kind.NIR, Kind.INS),
    "address": (Kind.ADDRESS,),
    "postcode": (Kind.POSTCODE,),
    "commune": (Kind.COMMUNE,),
    "phone": (Kind.MOBILE, Kind.PHONE, Kind.LANDLINE),
    "email": (Kind.EMAIL,),
}
"""What is compared by eye, in the order in which it is shown."""
_MODEL = "etanche_model"
_PREFIX = "shown_"
ASKED: dict[str, tuple[Kind, ...]] = {_PREFIX + name: kinds for name, kinds in SHOWN.items()}
"""The same as fields of the registry, beside those of who is written to."""


def pairs_of(table: pa.Table, decided: link.Decided, model: link.Model) -> pa.Table:
    """Return every pair that counts, and the model that weighed it; `table` has the pairs that `decided` numbers."""
    place, taken = decided.pair_person, decided.pair
    return pa.table(
        {
            "place": pa.array(place, pa.int32()),
            "row": pa.array(table["row"].to_numpy()[taken], pa.int64()),
            "weight": pa.array(table["weight"].cast(pa.float64()).to_numpy()[taken]),
            "rarity": pa.array(table["rarity"].to_numpy()[taken]),
            "namesake": pa.array(table["namesake"].to_numpy()[taken]),
            **{f"l_{name}": pa.array(table[f"l_{name}"].to_numpy()[taken]) for name in link.LEVELS},
            "best": pa.array(decided.best[place] == taken),
            "value": pa.array(decided.weight[place]),
            "notify": pa.array(decided.notify[place]),
        }
    ).replace_schema_metadata({_MODEL: json.dumps([model.version, model.bias, model.weights])})


def model_of(pairs: pa.Table) -> link.Model:
    """Return the model that weighed pairs."""
    version, bias, weights = json.loads(pairs.schema.metadata[_MODEL.encode()])
    return link.Model(version, bias, weights)


def sample_of(decided: link.Decided, cells: Mapping[str, pa.Array], columns: Sequence[Column]) -> pa.Table:
    """Return who may be judged: `place, stratum, rank, shuffle` and the cells of `SHOWN`, by place.

    `cells` are those of the registry, of every person of the list, by field (`ASKED`); `columns` are the registry's.
    """
    chance = np.random.default_rng()
    stratum = audit.strata_of(decided.weight, decided.notify)
    rank = np.zeros(len(stratum), np.int64)
    for number in np.unique(stratum):
        here = np.flatnonzero(stratum == number)
        rank[chance.permutation(here)] = np.arange(len(here))
    place = np.flatnonzero(~decided.notify | (rank < audit.LABELS))
    shown = {name: cells[_PREFIX + name].take(pa.array(place)) for name in SHOWN}
    shown["birth_date"] = iso(shown["birth_date"], columns)
    return pa.table(
        {
            "place": pa.array(place, pa.int32()),
            "stratum": pa.array(stratum[place], pa.int16()),
            "rank": pa.array(rank[place], pa.int64()),
            "shuffle": pa.array(chance.random(len(place))),
            **shown,
        }
    )


def iso(days: pa.Array, columns: Sequence[Column]) -> pa.Array:
    """Return days of birth as ISO dates where they can be read: how a day is spelt would tell the side."""
    layouts = [column.layout for column in columns if column.kind is Kind.BIRTH_DATE and column.layout]
    return pa.array([_iso(day, layouts) for day in days.to_pylist()], pa.string())


def _iso(day: str, layouts: Sequence[str]) -> str:
    for layout in layouts:
        try:
            # A day has no zone.
            return datetime.strptime(day, layout).date().isoformat()  # noqa: DTZ007
        except ValueError:
            continue
    return day


def best_of(pairs: pa.Table) -> dict[str, np.ndarray[Any, Any]]:
    """Return the columns of each person's best pair, in the order of the list."""
    best = pairs.filter(pairs["best"]).sort_by("place")
    return {name: best[name].to_numpy(zero_copy_only=False) for name in best.column_names}
