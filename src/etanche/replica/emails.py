"""E-mails of patients and doctors, in domains that RFC 2606 keeps for examples.

Each address is one person's, so that there are exactly as many distinct ones as asked.
"""

from __future__ import annotations

import re

import numpy as np
import pyarrow as pa

from etanche.replica.anchors import Targets
from etanche.replica.care import Prescribers
from etanche.replica.cells import Cells, Codes, Mask, words
from etanche.replica.names import Names
from etanche.replica.people import YEAR, People
from etanche.replica.rows import LAST_SAMPLE, Rows

DOMAINS = ("example.com", "example.net", "example.org")
INVALID = 0.006
SHOWN = 0.9
_NOT_LOCAL = re.compile(r"[^a-z]")


def _local(text: str) -> str:
    return _NOT_LOCAL.sub("", text.lower())


def patient_emails(rng: np.random.Generator, targets: Targets, rows: Rows, people: People, names: Names) -> Cells:
    """Return the column EMAIL: each address one person's, on most of that person's rows and at least on one."""
    adult = people.birth[: people.patients] < LAST_SAMPLE - 15 * YEAR
    order = rng.permutation(people.patients)
    order = order[np.argsort(~adult[order], kind="stable")]
    owners = order[: targets.patient_emails]
    last = names.surnames.take(pa.array(people.surname[owners])).to_pylist()
    first = names.first_names.take(pa.array(people.first_name[owners])).to_pylist()
    wrong = (rng.random(owners.size) < INVALID).tolist()
    domain, manner = rng.integers(0, 3, owners.size).tolist(), rng.integers(0, 3, owners.size).tolist()
    taken: dict[str, int] = {}
    texts = []
    for i in range(owners.size):
        base = f"{_local(first[i])}.{_local(last[i])}"
        taken[base] = taken.get(base, 0) + 1
        local = base if taken[base] == 1 else f"{base}{taken[base]}"
        at = ("", "@@", "(at)")[manner[i]] if wrong[i] else "@"
        texts.append(f"{local}{at}{DOMAINS[domain[i]]}")
    code_of = np.zeros(people.patients, dtype=np.int32)
    code_of[owners] = np.arange(owners.size) + 1
    shown = rng.random(len(rows)) < SHOWN
    _, once = np.unique(rows.person, return_index=True)
    shown[once] = True
    return Cells(words(texts), code_of[rows.person], shown, np.array([False, *wrong]))


def doctor_emails(
    rng: np.random.Generator, wanted: int, known: Prescribers, names: Names, prescriber: Codes, shown: Mask
) -> Cells:
    """Return the column EMAIL_MEDECIN: `wanted` doctors among those of the rows where it may be `shown`."""
    candidates = np.unique(prescriber[shown])
    doctors = np.sort(rng.choice(candidates, min(wanted, candidates.size), replace=False))
    last = names.surnames.take(pa.array(known.surname[doctors])).to_pylist()
    texts = [
        f"dr.{_local(name)}.{doctor}@{DOMAINS[doctor % 3]}" for name, doctor in zip(last, doctors.tolist(), strict=True)
    ]
    code_of = np.zeros(known.surname.size, dtype=np.int32)
    code_of[doctors] = np.arange(doctors.size) + 1
    return Cells(words(texts), code_of[prescriber], shown)
