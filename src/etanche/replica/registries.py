"""Each laboratory's registry: its patients with clean identities, those who are not in the leak included.

Rules:

1. A registry holds everyone with a row at the laboratory, and its patients whom the leak does not know.
2. Identities are clean and today's: some have moved or married since, some telephones and e-mails are missing.
3. Registry numbers say nothing of the person; who is who stands in `truth-registries.csv` alone.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from etanche.replica import numbers
from etanche.replica.cells import Cells, words
from etanche.replica.leak import Leak
from etanche.replica.names import names
from etanche.replica.people import NOBODY
from etanche.replica.places import commune_words

MOVED, MARRIED = 0.05, 0.01


@dataclass(frozen=True, slots=True, eq=False)
class Today:
    """Identities as the registries know them, by person."""

    surname: NDArray[np.int32] = field(repr=False)
    home: NDArray[np.int32] = field(repr=False)
    mobile: Cells = field(repr=False)
    email: Cells = field(repr=False)
    """By person, from the person's rows of the leak; blank for those not in it."""


def today(rng: np.random.Generator, leak: Leak) -> Today:
    """Return everyone's identity today: some moved next door but one, some women took a new name."""
    people = leak.people
    surname, home = people.surname.copy(), people.home.copy()
    moved = np.flatnonzero(rng.random(len(people)) < MOVED)
    home[moved] = people.home[np.maximum(moved - rng.integers(1, 300, moved.size), 0)]
    married = np.flatnonzero((rng.random(len(people)) < MARRIED) & ~people.male & (people.spouse == NOBODY))
    surname[married] = people.surname[rng.integers(0, len(people), married.size)]
    return Today(surname, home, _by_person(leak, "TEL_PORTABLE"), _by_person(leak, "EMAIL"))


def _by_person(leak: Leak, column: str) -> Cells:
    """Return a column of the leak by person: a valid cell of one of the person's rows."""
    cells = leak.columns[column]
    codes = np.zeros(len(leak.people), dtype=np.int32)
    rows = cells.valid()
    codes[leak.rows.person[rows]] = cells.visible()[rows]
    return Cells(cells.words, codes)


def members(leak: Leak, laboratory: int) -> NDArray[np.int64]:
    """Return the persons of one registry, in order."""
    rows = np.unique(leak.rows.person[leak.rows.laboratory == laboratory])
    own = np.flatnonzero(leak.people.laboratory == laboratory)
    return np.concatenate([rows, own[own >= leak.people.patients]]).astype(np.int64)


def registry(rng: np.random.Generator, leak: Leak, now: Today, who: NDArray[np.int64]) -> dict[str, pa.StringArray]:
    """Return a registry as columns of text, in a random order of persons: `who` is shuffled in place."""
    rng.shuffle(who)
    people, homes, known, place = leak.people, leak.homes, names(), commune_words()
    person, home = pa.array(who), now.home[who]
    phones = words(numbers.landline_words())
    landline = np.where(homes.has_landline[home], homes.landline[home] + 1, 0)
    commune = pa.array(homes.commune[home] + 1)
    days = np.datetime64(numbers.EPOCH.isoformat()) + people.birth[who].astype("timedelta64[D]")
    number = 100_000 + rng.permutation(who.size)
    return {
        "ID_PATIENT": pa.array(number).cast(pa.string()),
        "NIR": people.nir.take(person),
        "NOM": known.surnames.take(pa.array(now.surname[who])),
        "NOM_NAISSANCE": known.surnames.take(pa.array(people.birth_name[who])),
        "PRENOM": known.first_names.take(pa.array(people.first_name[who])),
        "SEXE": pa.array(["F", "M"]).take(pa.array(people.male[who].astype(np.int8))),
        "DATE_NAISSANCE": pc.strftime(pa.array(days), format="%Y-%m-%d"),
        "ADRESSE": homes.address.take(pa.array(home + 1)),
        "CODE_POSTAL": place.postcode.take(commune),
        "VILLE": place.name.take(commune),
        "TEL_FIXE": phones.take(pa.array(landline)),
        "TEL_PORTABLE": now.mobile.text(who),
        "EMAIL": now.email.text(who),
    }
