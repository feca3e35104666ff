"""The rows of the leak: who came to which laboratory on which day, in the order of the file.

Rules, in the order in which they apply:

1. Rows are dealt to laboratories as the anchors say; persons come once or more, the home laboratory's rows first.
2. Part of those who came more than once went to another laboratory of the département (rows change places, so that
   each laboratory keeps its count).
3. Samples follow the anchors' years, never before birth.  The file is in order of laboratory and day.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from etanche.replica import anchors, places
from etanche.replica.cells import Codes, weighted
from etanche.replica.numbers import day
from etanche.replica.people import People

LAST_SAMPLE = day(2020, 10, 31)
ELSEWHERE = 0.5
"""Share of the rows of those who came more than once that change laboratories within the département."""


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """Rows as columns, in the order of the file."""

    person: Codes = field(repr=False)
    laboratory: Codes = field(repr=False)
    sampled: Codes = field(repr=False)
    """Days since 1900-01-01."""

    def __len__(self) -> int:
        """Return how many rows there are."""
        return self.person.size


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """Visits before the people are known: each row's person and laboratory, each person's home laboratory."""

    person: Codes = field(repr=False)
    laboratory: Codes = field(repr=False)
    home: Codes = field(repr=False)
    """By person, those of registries only included, after the patients of the leak."""
    region: Codes = field(repr=False)
    """By person, the number of the département."""
    patients: int


def plan(rng: np.random.Generator, rows: int) -> Plan:
    """Return the visits of a leak of `rows` rows."""
    patients = min(anchors.targets(rows).persons, rows)
    visits = np.ones(patients, dtype=np.int64)
    visits += np.bincount(weighted(rng, rng.gamma(0.6, size=patients) + 1e-9, rows - patients), minlength=patients)
    person = np.repeat(np.arange(patients, dtype=np.int32), visits)
    labs = np.arange(len(places.laboratories()), dtype=np.int32)
    laboratory = np.repeat(labs, places.laboratory_rows(rows))
    departement = np.array([int(lab.departement) for lab in places.laboratories()], dtype=np.int32)
    home = laboratory[np.concatenate([[0], np.cumsum(visits)[:-1]])]
    others = rng.choice(home, round(patients * anchors.REGISTRY_ONLY))
    everyone = np.concatenate([home, others]).astype(np.int32)
    moving = (visits[person] > 1) & (rng.random(rows) < ELSEWHERE)
    for place in np.unique(departement):
        mine = np.flatnonzero(moving & (departement[laboratory] == place))
        laboratory[mine] = laboratory[rng.permutation(mine)]
    return Plan(person, laboratory, everyone, departement[everyone], patients)


def settle(rng: np.random.Generator, planned: Plan, people: People) -> Rows:
    """Return the rows with their days, in the order of the file."""
    rows = planned.person.size
    months = [(year, month) for year in anchors.SAMPLE_YEARS for month in range(1, 11 if year == 2020 else 13)]
    shares = [anchors.SAMPLE_YEARS[year] / (10 if year == 2020 else 12) for year, _ in months]
    first = np.array([day(year, month) for year, month in months])
    length = np.diff(np.concatenate([first, [LAST_SAMPLE + 1]]))
    month_of = weighted(rng, np.array(shares), rows)
    sampled = first[month_of] + (rng.random(rows) * length[month_of]).astype(np.int64)
    born = people.birth[planned.person]
    sampled = np.where(sampled < born, np.minimum(born + rng.integers(0, 60, rows), LAST_SAMPLE), sampled)
    order = np.lexsort((rng.random(rows), sampled, planned.laboratory))
    return Rows(planned.person[order], planned.laboratory[order], sampled[order].astype(np.int32))
