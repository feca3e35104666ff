"""The population: everyone whom the 28 laboratories know, in the leak or not, with homes and families.

Rules, in the order in which they apply:

1. The first `patients` persons are in the leak, the others in registries only.
2. Sex, day of birth (a laboratory's ages: old people weigh more), then names by the official frequencies of the
   sex and years of birth.
3. Couples: a woman and a man of like age and the same département; three women in four take his name and all live
   together.  Children: under a parent's roof, most under the parent's name; some are twins.
4. Homonyms: some persons bear another's full name, born on another day.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from etanche.replica.cells import Codes, Mask, weighted
from etanche.replica.names import Names
from etanche.replica.numbers import ABROAD, CORSE_DU_SUD, HAUTE_CORSE, Ints, day, nirs, year_month

FEMALE_SHARE = 268_983 / (268_983 + 195_828)
LAST_BIRTH = day(2020, 10, 20)
REFERENCE = day(2020, 10, 31)
YEAR = 365.2425
COUPLED, TAKES_NAME = 0.45, 0.75
CHILD_UNDER, NAMED_LIKE_PARENT, TWINS, HOMONYMS = 18, 0.92, 0.012, 0.004
_AGES = ((0, 2, 0.02), (2, 16, 0.09), (16, 30, 0.13), (30, 45, 0.19), (45, 60, 0.21), (60, 75, 0.22), (75, 101, 0.14))
NOBODY = -1


@dataclass(frozen=True, slots=True, eq=False)
class People:
    """Persons as columns; indices are persons, `NOBODY` where there is none."""

    patients: int
    """How many, the first, are in the leak."""
    male: Mask = field(repr=False)
    birth: Codes = field(repr=False)
    """Days since 1900-01-01."""
    surname: Codes = field(repr=False)
    birth_name: Codes = field(repr=False)
    first_name: Codes = field(repr=False)
    home: Codes = field(repr=False)
    """A person's number: who else lives there has the same."""
    spouse: Codes = field(repr=False)
    parent: Codes = field(repr=False)
    laboratory: Codes = field(repr=False)
    nir: pa.StringArray = field(repr=False)
    birth_departement: Ints = field(repr=False)

    def __len__(self) -> int:
        """Return how many persons there are."""
        return self.birth.size


def populate(rng: np.random.Generator, names: Names, patients: int, laboratory: Codes, region: Codes) -> People:
    """Return people: `laboratory` is each person's own, `region` the number of its département."""
    count = laboratory.size
    male = rng.random(count) >= FEMALE_SHARE
    birth = _births(rng, count)
    birth_name = names.draw_surnames(rng, birth)
    home = np.arange(count, dtype=np.int32)
    surname = birth_name.copy()
    spouse = _couples(rng, male, birth, region)
    married = np.flatnonzero((spouse != NOBODY) & ~male)
    home[married] = home[spouse[married]]
    named = married[rng.random(married.size) < TAKES_NAME]
    surname[named] = surname[spouse[named]]
    parent = _children(rng, birth, male, region)
    children = np.flatnonzero(parent != NOBODY)
    _twins(rng, children, parent, birth)
    home[children] = home[parent[children]]
    like = children[rng.random(children.size) < NAMED_LIKE_PARENT]
    surname[like] = surname[parent[like]]
    birth_name[children] = surname[children]
    first_name = names.draw_first_names(rng, male, birth)
    _homonyms(rng, male, birth, surname, birth_name, first_name)
    departement = _birth_departements(rng, region, birth)
    return People(
        patients, male, birth, surname, birth_name, first_name, home, spouse, parent, laboratory,
        nirs(rng, male, birth, departement), departement,
    )  # fmt: skip


def _births(rng: np.random.Generator, count: int) -> Codes:
    band = weighted(rng, np.array([weight for *_, weight in _AGES]), count)
    low, high = np.array([(low, high) for low, high, _ in _AGES], dtype=float).T
    age = low[band] + rng.random(count) * (high - low)[band]
    births: Codes = np.clip(LAST_BIRTH - age * YEAR, 7_300, LAST_BIRTH).astype(np.int32)
    return births


def _nearest(births: Codes, wanted: NDArray[np.float64], among: Ints) -> Ints:
    """Return for each day wanted the person of `among` who was born next to it."""
    ordered = among[np.argsort(births[among], kind="stable")]
    nearest: Ints = ordered[np.minimum(np.searchsorted(births[ordered], wanted), ordered.size - 1)]
    return nearest


def _couples(rng: np.random.Generator, male: Mask, birth: Codes, region: Codes) -> Codes:
    """Return each person's spouse: a man about two years older than the woman, of the same département."""
    spouse = np.full(male.size, NOBODY, dtype=np.int32)
    adult = birth < REFERENCE - 25 * YEAR
    wives = adult & ~male & (rng.random(male.size) < COUPLED)
    for place in np.unique(region):
        women, men = np.flatnonzero(wives & (region == place)), np.flatnonzero(adult & male & (region == place))
        if women.size and men.size:
            wanted = birth[women] - rng.normal(2, 3, women.size) * YEAR
            husbands, first = np.unique(_nearest(birth, wanted, men), return_index=True)
            close = np.abs(birth[husbands] - birth[women[first]]) < 15 * YEAR
            spouse[women[first[close]]], spouse[husbands[close]] = husbands[close], women[first[close]]
    return spouse


def _children(rng: np.random.Generator, birth: Codes, male: Mask, region: Codes) -> Codes:
    """Return each child's parent: most often the mother, 20 to 40 years older, of the same département."""
    parent = np.full(birth.size, NOBODY, dtype=np.int32)
    child = birth > REFERENCE - CHILD_UNDER * YEAR
    by_father = rng.random(birth.size) < 0.35
    for place in np.unique(region):
        for fathers in (False, True):
            mine = np.flatnonzero(child & (region == place) & (by_father == fathers))
            adults = np.flatnonzero((birth < REFERENCE - 20 * YEAR) & (region == place) & (male == fathers))
            if mine.size and adults.size:
                found = _nearest(birth, birth[mine] - rng.uniform(20, 40, mine.size) * YEAR, adults)
                apart = (birth[mine] - birth[found]) / YEAR
                fits = (apart > 16) & (apart < 50)
                parent[mine[fits]] = found[fits]
    return parent


def _twins(rng: np.random.Generator, children: Ints, parent: Codes, birth: Codes) -> None:
    pairs = rng.permutation(children)[: int(children.size * TWINS) // 2 * 2].reshape(-1, 2)
    parent[pairs[:, 1]], birth[pairs[:, 1]] = parent[pairs[:, 0]], birth[pairs[:, 0]]


def _homonyms(
    rng: np.random.Generator, male: Mask, birth: Codes, surname: Codes, birth_name: Codes, first_name: Codes
) -> None:
    """Give some persons the full name of another of the same sex, born within ten years but not on the same day."""
    wanted = np.flatnonzero(rng.random(male.size) < HOMONYMS)
    others = rng.integers(0, male.size, wanted.size)
    fits = (male[wanted] == male[others]) & (birth[wanted] != birth[others])
    fits &= np.abs(birth[wanted] - birth[others]) < 10 * YEAR
    for column in (surname, birth_name, first_name):
        column[wanted[fits]] = column[others[fits]]


def _birth_departements(rng: np.random.Generator, region: Codes, birth: Codes) -> Ints:
    """Return the number of the département of birth: mostly the present one; Corsica only from 1976 (2A, 2B)."""
    place = region.astype(np.int64)
    draw = rng.random(region.size)
    elsewhere = draw < 0.26
    place[elsewhere] = rng.integers(1, 96, int(elsewhere.sum()))
    place[place == 20] = 75
    place[draw < 0.06] = ABROAD
    year, _ = year_month(birth)
    corsican = (place == HAUTE_CORSE) | (place == CORSE_DU_SUD)
    # 18 and 19 are also Cher and Corrèze: their births are moved so that the key's numbers mean Corsica alone.
    place[corsican & (year < 1976)] = 36
    return place
