"""Prescribers, samplers and staff: who cares for the patients of the leak.

Each département has prescribers in proportion to the anchors' shares; a row's prescriber has the département that
these shares ask for, and most often is the patient's usual one.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from etanche.replica import anchors, places
from etanche.replica.cells import Codes, Mask, words
from etanche.replica.names import Names
from etanche.replica.numbers import day, rpps

PRESCRIBERS = 4_200
"""At 491,840 rows."""
USUAL = 0.7
SHARES = {
    **anchors.PRESCRIBER_SHARES,
    **dict.fromkeys(
        anchors.OTHER_DEPARTEMENTS, (1 - sum(anchors.PRESCRIBER_SHARES.values())) / len(anchors.OTHER_DEPARTEMENTS)
    ),
}


@dataclass(frozen=True, slots=True, eq=False)
class Prescribers:
    """Prescribers as columns, grouped by département in the order of `SHARES`."""

    bounds: NDArray[np.int64] = field(repr=False)
    """First prescriber of each département, and the end."""
    surname: Codes = field(repr=False)
    first_name: Codes = field(repr=False)
    commune: Codes = field(repr=False)
    rpps: pa.StringArray = field(repr=False)
    address: pa.StringArray = field(repr=False)
    landline: Codes = field(repr=False)


def prescribers(rng: np.random.Generator, names: Names, rows: int) -> Prescribers:
    """Return the prescribers for a leak of `rows` rows, at least two in each département."""
    counts = [max(2, anchors.scale(round(PRESCRIBERS * share), rows)) for share in SHARES.values()]
    total = sum(counts)
    birth = rng.integers(day(1950), day(1988), total).astype(np.int32)
    male = rng.random(total) < 0.52
    return Prescribers(
        bounds=np.concatenate([[0], np.cumsum(counts)]),
        surname=names.draw_surnames(rng, birth),
        first_name=names.draw_first_names(rng, male, birth),
        commune=places.uniform(rng, np.repeat(np.array(list(SHARES)), counts)),
        rpps=words(rpps(total)),
        address=words(places.addresses(rng, total)),
        landline=rng.integers(0, 50_000, total).astype(np.int32),
    )


def prescribed(
    rng: np.random.Generator, known: Prescribers, departement: NDArray[np.str_], person: Codes, counted: Mask
) -> Codes:
    """Return each row's prescriber, so that the rows `counted` have exactly the anchors' départements.

    `departement` is the row's laboratory's; rows beyond a département's share move to those still short.
    """
    keys = list(SHARES)
    region = np.array([keys.index(name) for name in departement.tolist()], dtype=np.int32)
    rows = np.flatnonzero(counted)
    wanted = np.array(anchors.deal(rows.size, list(SHARES.values())))
    spare: list[NDArray[np.int64]] = []
    have = np.bincount(region[rows], minlength=len(keys))
    for place in np.flatnonzero(have > wanted):
        mine = rows[region[rows] == place]
        spare.append(rng.choice(mine, int(have[place] - wanted[place]), replace=False))
    short = np.maximum(wanted - have, 0)
    if spare:
        region[rng.permutation(np.concatenate(spare))] = np.repeat(np.arange(len(keys)), short)
    usual = rng.random(int(person.max()) + 1)[person]
    draw = np.where(rng.random(person.size) < USUAL, usual, rng.random(person.size)) ** 2
    first, size = known.bounds[region], np.diff(known.bounds)[region]
    return (first + (draw * size).astype(np.int64)).astype(np.int32)


@dataclass(frozen=True, slots=True, eq=False)
class Team:
    """Samplers and staff of the laboratories: each has six samplers and nine operators."""

    samplers: pa.StringArray = field(repr=False)
    operators: pa.StringArray = field(repr=False)


SAMPLERS, OPERATORS = 6, 9


def team(rng: np.random.Generator, names: Names) -> Team:
    """Return the teams: samplers as "DR LE GALL SOPHIE", operators as logins, laboratory by laboratory."""
    count = len(places.laboratories()) * (SAMPLERS + OPERATORS)
    birth = rng.integers(day(1958), day(1996), count).astype(np.int32)
    male = rng.random(count) < 0.3
    surname = names.surnames.take(pa.array(names.draw_surnames(rng, birth))).to_pylist()
    first = names.first_names.take(pa.array(names.draw_first_names(rng, male, birth))).to_pylist()
    split = len(places.laboratories()) * SAMPLERS
    samplers = [f"DR {last} {given}" for last, given in zip(surname[:split], first[:split], strict=True)]
    operators = [
        f"{given[0]}{last}".lower().replace(" ", "")[:10] + f"{rank % OPERATORS + 1}"
        for rank, (last, given) in enumerate(zip(surname[split:], first[split:], strict=True))
    ]
    return Team(words(samplers), words(operators))
