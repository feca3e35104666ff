"""The counts of the model case, scaled to any number of rows.

Rules:

1. At 491,840 rows every count is the published one, exactly (spec, "The model case").
2. At other sizes it is `round(count x rows / 491,840)`; shares are dealt by largest remainder, so that they add up.
3. What nobody published (persons, visits, errors) is the replica's own choice and stands here too.
"""

from __future__ import annotations

from dataclasses import dataclass

from etanche.replica.options import MODEL_ROWS

NIR_ROWS = 489_838
SURNAME_ROWS = 478_882
FEMALE_ROWS = 268_983
MALE_ROWS = 195_828
TITLES = {"Enfant": 13_478, "Bébé": 425, "Sœur": 265}
LANDLINE_ROWS = 270_569
MOBILE_ROWS = 159_591
PATIENT_EMAILS = 55_738
"""Distinct."""
DOCTOR_EMAILS = 337
"""Distinct."""
PASSWORD_ROWS = 14_997
LARGEST_LABORATORY_ROWS = 121_669
PRESCRIBER_SHARES = {"56": 0.360, "45": 0.220, "27": 0.203, "22": 0.060, "35": 0.059, "41": 0.031}
"""Of the prescribers' postcodes; the six together 93.3 %."""
OTHER_DEPARTEMENTS = ("44", "29", "28", "18", "76", "75", "37", "53", "50", "78")
LABORATORY_SHARES = {"56": 0.385, "45": 0.235, "27": 0.215, "22": 0.065, "35": 0.062, "41": 0.038}
"""Rows by département of the laboratory."""
SAMPLE_YEARS = {2015: 0.03, 2016: 0.05, 2017: 0.09, 2018: 0.36, 2019: 0.35, 2020: 0.12}
"""2020 until October."""
PERSONS_PER_ROW = 0.70
REGISTRY_ONLY = 0.30
"""Patients of the registries who are not in the leak, as a share of those who are."""
MIGRATION_SHARE = 0.90


def scale(count: int, rows: int) -> int:
    """Return a count of the model case at another number of rows."""
    return (2 * count * rows + MODEL_ROWS) // (2 * MODEL_ROWS)


def deal(total: int, shares: list[float]) -> list[int]:
    """Split `total` in whole parts by `shares` (any positive scale), largest remainders first; they add up exactly."""
    weight = sum(shares)
    exact = [total * share / weight for share in shares]
    parts = [int(part) for part in exact]
    by_remainder = sorted(range(len(parts)), key=lambda i: (parts[i] - exact[i], i))
    for i in by_remainder[: total - sum(parts)]:
        parts[i] += 1
    return parts


@dataclass(frozen=True, slots=True)
class Targets:
    """The counts that a leak of `rows` rows must have."""

    rows: int
    nir: int
    surname: int
    female: int
    male: int
    titles: dict[str, int]
    landline: int
    mobile: int
    patient_emails: int
    doctor_emails: int
    passwords: int
    largest_laboratory: int
    persons: int
    migration: int


def targets(rows: int) -> Targets:
    """Return the counts for `rows` rows."""
    return Targets(
        rows=rows,
        nir=scale(NIR_ROWS, rows),
        surname=scale(SURNAME_ROWS, rows),
        female=scale(FEMALE_ROWS, rows),
        male=min(scale(MALE_ROWS, rows), rows - scale(FEMALE_ROWS, rows)),
        titles={title: scale(count, rows) for title, count in TITLES.items()},
        landline=scale(LANDLINE_ROWS, rows),
        mobile=scale(MOBILE_ROWS, rows),
        patient_emails=scale(PATIENT_EMAILS, rows),
        doctor_emails=scale(DOCTOR_EMAILS, rows),
        passwords=scale(PASSWORD_ROWS, rows),
        largest_laboratory=scale(LARGEST_LABORATORY_ROWS, rows),
        persons=max(1, round(PERSONS_PER_ROW * rows)),
        migration=round(MIGRATION_SHARE * rows),
    )
