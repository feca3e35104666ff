"""Laboratories, the communes around them, and addresses.

Rules:

1. The 28 laboratories stand in towns of the six départements; rows are dealt to them by the anchors' shares.
2. People live in communes of their laboratory's département, the nearer the likelier (no population is known).
3. One home in 25 lies anywhere in France.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from etanche import lexicon
from etanche.replica import anchors
from etanche.replica.cells import Codes, weighted, words
from etanche.replica.numbers import finess, siren
from etanche.replica.options import MODEL_ROWS
from etanche.replica.vocabulary import vocabulary

FAR_HOMES = 0.04
_NEAR_KM = 8.0


@dataclass(frozen=True, slots=True)
class Laboratory:
    """One of the 28, a controller."""

    code: str
    name: str
    departement: str
    town: str
    postcode: str
    insee: str
    finess: str
    siren: str
    commune: int
    """Index in `lexicon.communes()`."""


@cache
def laboratories() -> tuple[Laboratory, ...]:
    """Return the 28 laboratories, the largest first."""
    known, lists = lexicon.communes(), vocabulary()
    index = {key: i for i, key in reversed(list(enumerate(zip(known.departement, known.name, strict=True))))}
    places = [(group["departement"], town) for group in lists["laboratory"] for town in group["towns"]]
    health, company = finess([departement for departement, _ in places]), siren(len(places))
    return tuple(
        Laboratory(
            code=f"LAB{rank + 1:02d}",
            name=f"LABORATOIRE DES {lists['stems'][rank]}",
            departement=departement,
            town=town,
            postcode=known.postcode[index[departement, town]],
            insee=known.insee[index[departement, town]],
            finess=health[rank],
            siren=company[rank],
            commune=index[departement, town],
        )
        for rank, (departement, town) in enumerate(places)
    )


def laboratory_rows(rows: int) -> list[int]:
    """Return the rows of each laboratory: the largest as published, the others by département, then evenly falling."""
    largest = anchors.targets(rows).largest_laboratory
    shares: list[float] = []
    for departement, share in anchors.LABORATORY_SHARES.items():
        ranks = [rank for rank, lab in enumerate(laboratories()) if lab.departement == departement]
        rest = share - (anchors.LARGEST_LABORATORY_ROWS / MODEL_ROWS if 0 in ranks else 0.0)
        weights = [1.0 / (2 + place) for place in range(len([rank for rank in ranks if rank]))]
        shares += [rest * weight / sum(weights) for weight in weights]
    return [largest, *anchors.deal(rows - largest, shares)]


@dataclass(frozen=True, slots=True, eq=False)
class CommuneWords:
    """Words of communes by index in `lexicon.communes()`, the blank word first."""

    postcode: pa.StringArray = field(repr=False)
    name: pa.StringArray = field(repr=False)
    insee: pa.StringArray = field(repr=False)
    departement: NDArray[np.str_] = field(repr=False)
    """Without a blank one, as the positions."""
    latitude: NDArray[np.float64] = field(repr=False)
    longitude: NDArray[np.float64] = field(repr=False)


@cache
def commune_words() -> CommuneWords:
    """Return the communes' words."""
    known = lexicon.communes()
    return CommuneWords(
        words(known.postcode),
        words(known.name),
        words(known.insee),
        np.array(known.departement),
        np.array(known.latitude),
        np.array(known.longitude),
    )


def near(rng: np.random.Generator, commune: int, departement: str, count: int) -> Codes:
    """Return `count` communes of a département, the nearer to `commune` the likelier, a few anywhere in France."""
    known = commune_words()
    inside = np.flatnonzero(known.departement == departement)
    latitude, longitude = known.latitude[inside], known.longitude[inside]
    north = (latitude - known.latitude[commune]) * 111.2
    east = (longitude - known.longitude[commune]) * 111.2 * np.cos(np.radians(known.latitude[commune]))
    weights = np.nan_to_num(1.0 / (1.0 + (north**2 + east**2) / _NEAR_KM**2), nan=0.01)
    homes = inside[weighted(rng, weights, count)].astype(np.int32)
    far = rng.random(count) < FAR_HOMES
    metropolitan = np.flatnonzero(known.departement < "96")
    homes[far] = rng.choice(metropolitan, int(far.sum()))
    return homes


def uniform(rng: np.random.Generator, departements: NDArray[np.str_]) -> Codes:
    """Return for each département named one of its communes, all equally likely."""
    known = commune_words().departement
    chosen = np.zeros(departements.size, dtype=np.int32)
    for departement in np.unique(departements):
        inside, wanted = np.flatnonzero(known == departement), departements == departement
        chosen[wanted] = rng.choice(inside, int(wanted.sum()))
    return chosen


def addresses(rng: np.random.Generator, count: int) -> pa.StringArray:
    """Return `count` address lines, e.g. "12 BIS RUE DES LILAS"."""
    lists = vocabulary()
    kinds, names = lists["street_kinds"], lists["street_names"]
    numbers = [f"{number}{suffix} " for number in range(1, 121) for suffix in ("", "", "", " BIS", " TER")]
    streets = [f"{kind} {name}" for kind in kinds for name in names]
    number = pa.array(numbers).take(pa.array((rng.random(count) ** 2 * len(numbers)).astype(np.int32)))
    street = pa.array(streets).take(pa.array(rng.integers(0, len(streets), count)))
    return pc.binary_join_element_wise(number, street, "")
