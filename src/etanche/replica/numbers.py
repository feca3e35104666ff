"""Identifiers with right keys that belong to nobody.

Why none can be somebody's (docs/reference/replica.md gives the sources):

1. NIR: the commune of birth is 960-989, a number that no département and no country has (INSEE's codes end at 909).
2. Telephones: the blocks that ARCEP keeps for fiction (décision 2018-0881).
3. RPPS: the block 1099…, not yet reached.  FINESS: sequence 99…, of no département.  SIREN: below 000 010 000.
4. IBAN: bank code 99999, which the Banque de France has not given.  AMC: 9999…, of no insurer.
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache
from typing import TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

Ints: TypeAlias = NDArray[np.int64]

EPOCH = date(1900, 1, 1)
"""Days are counted from here."""
FICTION_LANDLINES = ("026191", "019900", "035301", "046571", "053649")
FICTION_MOBILE = "063998"
NO_COMMUNE = range(960, 990)
CORSE_DU_SUD, HAUTE_CORSE, ABROAD = 19, 18, 99
"""As the NIR's key counts 2A and 2B, and the code of births abroad."""


def day(year: int, month: int = 1, of_month: int = 1) -> int:
    """Return a date as days since `EPOCH`."""
    return (date(year, month, of_month) - EPOCH).days


def iso(days: int) -> str:
    """Return days since `EPOCH` as an ISO date."""
    return (EPOCH + timedelta(days=int(days))).isoformat()


def year_month(days: NDArray[np.int32]) -> tuple[Ints, Ints]:
    """Return years and months (1-12) of days since `EPOCH`."""
    months = (np.datetime64(EPOCH.isoformat()) + days.astype("timedelta64[D]")).astype("datetime64[M]").astype(np.int64)
    return 1970 + months // 12, months % 12 + 1


def luhn(bodies: Ints) -> Ints:
    """Return the numbers with their Luhn digit appended (the rightmost digit of each body is doubled)."""
    total = np.zeros_like(bodies)
    rest, doubled = bodies.copy(), True
    while rest.any():
        digit = rest % 10
        twice = digit * 2
        total += np.where(twice > 9, twice - 9, twice) if doubled else digit
        rest, doubled = rest // 10, not doubled
    return bodies * 10 + (10 - total % 10) % 10


def padded(numbers: Ints, width: int) -> pa.StringArray:
    """Return numbers as text with leading zeros."""
    return pc.utf8_lpad(pa.array(numbers).cast(pa.string()), width=width, padding="0")


def nirs(
    rng: np.random.Generator, male: NDArray[np.bool_], birth: NDArray[np.int32], departement: Ints
) -> pa.StringArray:
    """Return NIRs of 15 digits with their keys, for births in places that do not exist.

    `departement` is the number of birth, Corsica as the key counts it (19, 18).
    """
    year, month = year_month(birth)
    stem = np.where(male, 1, 2) * 10**12 + (year % 100) * 10**10 + month * 10**8 + departement * 10**6
    body = stem + _ranks(rng, birth.size)
    while (again := _repeated(body)).size:
        body[again] = stem[again] + _ranks(rng, again.size)
    text = pa.array(body * 100 + 97 - body % 97).cast(pa.string())
    for number, letters in ((CORSE_DU_SUD, "2A"), (HAUTE_CORSE, "2B")):
        text = pc.if_else(pa.array(departement == number), pc.utf8_replace_slice(text, 5, 7, letters), text)
    return text


def _ranks(rng: np.random.Generator, count: int) -> Ints:
    """Return communes that do not exist, each with a rank in its register."""
    return rng.integers(NO_COMMUNE.start, NO_COMMUNE.stop, count) * 1_000 + rng.integers(1, 1_000, count)


def _repeated(numbers: Ints) -> Ints:
    """Return where a number stands that stood before."""
    order = np.argsort(numbers, kind="stable")
    again: Ints = order[1:][np.diff(numbers[order]) == 0]
    return again


def wrong_keys(rng: np.random.Generator, nir: list[str]) -> list[str]:
    """Return the NIRs with another key than theirs."""
    shifts = rng.integers(1, 97, len(nir))
    return [text[:13] + f"{(int(text[13:]) - 1 + int(by)) % 97 + 1:02d}" for text, by in zip(nir, shifts, strict=True)]


def cut_short(rng: np.random.Generator, nir: list[str]) -> list[str]:
    """Return the NIRs without their last digit, or without their last five."""
    kept = rng.choice(np.array([14, 10]), len(nir))
    return [text[: int(length)] for text, length in zip(nir, kept, strict=True)]


def rpps(count: int) -> pa.StringArray:
    """Return distinct RPPS of 11 digits with their Luhn digit, in the block 1099."""
    return pa.array(luhn(1_099_000_000 + np.arange(count, dtype=np.int64) * 7)).cast(pa.string())


def finess(departements: list[str]) -> list[str]:
    """Return distinct FINESS of 9 digits with their Luhn digit: département, 99, rank."""
    bodies = [int(departement) * 10**6 + 990_000 + rank for rank, departement in enumerate(departements)]
    return [f"{number:09d}" for number in luhn(np.array(bodies, dtype=np.int64)).tolist()]


def siren(count: int) -> list[str]:
    """Return distinct SIREN of 9 digits with their Luhn digit, all below 000 010 000 (up to 80 of them)."""
    return [f"{number:09d}" for number in luhn(100 + np.arange(count, dtype=np.int64) * 11).tolist()]


def ibans(rng: np.random.Generator, count: int) -> list[str]:
    """Return French IBANs with right RIB key and check digits, at a bank that does not exist (99999)."""
    branches, accounts = rng.integers(0, 10**5, count).tolist(), rng.integers(0, 10**11, count).tolist()
    return [_iban(branch, account) for branch, account in zip(branches, accounts, strict=True)]


def _iban(branch: int, account: int) -> str:
    """RIB key: 97 - (89 bank + 15 branch + 3 account) mod 97; check digits: ISO 7064 mod 97-10."""
    key = 97 - (89 * 99_999 + 15 * branch + 3 * account) % 97
    bban = f"99999{branch:05d}{account:011d}{key:02d}"
    return f"FR{98 - int(bban + '152700') % 97:02d}{bban}"


@cache
def landline_words() -> tuple[str, ...]:
    """Return every fiction landline, block by block (50,000), then the same short of a digit (5,000)."""
    whole = [f"{block}{number:04d}" for block in FICTION_LANDLINES for number in range(10_000)]
    short = [f"{block}{number:03d}" for block in FICTION_LANDLINES for number in range(1_000)]
    return (*whole, *short)


@cache
def mobile_words() -> tuple[str, ...]:
    """Return every fiction mobile number (10,000), then the same short of a digit (1,000)."""
    whole = [f"{FICTION_MOBILE}{number:04d}" for number in range(10_000)]
    return (*whole, *(f"{FICTION_MOBILE}{number:03d}" for number in range(1_000)))
