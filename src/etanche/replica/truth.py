"""Every figure that can be asked for, counted on the columns as they are written.

Rules:

1. The keys are those of `census.json` (design); more stand beside them.
2. By kind: `rows` with at least one filled cell, `valid` with at least one that passes shape and key, `distinct`
   filled values over all columns of the kind.
3. Persons are the replica's own, not what the rows let guess.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from etanche.model import Category, Kind, Role
from etanche.replica import numbers, places
from etanche.replica.cells import Cells, Mask
from etanche.replica.columns import Field
from etanche.replica.comments import TOPICS, bit
from etanche.replica.leak import Leak

AGE_BANDS = ((15, "0-14"), (18, "15-17"), (30, "18-29"), (45, "30-44"), (60, "45-59"), (75, "60-74"), (90, "75-89"))
OLDEST, UNKNOWN = "90+", "unknown"
SEX_LIFE = bit("sexual_health") | bit("abortion")
_DAYS = (Kind.BIRTH_DATE, Kind.DEATH_DATE, Kind.SAMPLE_DATE, Kind.VISIT_DATE)


def count(leak: Leak) -> dict[str, Any]:
    """Return the truth about a leak, ready for JSON."""
    columns, who = leak.columns, leak.rows.person
    roles = sorted({one.role for one in leak.order})
    return {
        "rows": len(leak.rows),
        "lines": _lines(leak),
        "quarantined": 0,
        "persons": leak.people.patients,
        "columns": [_column(leak, index, one) for index, one in enumerate(leak.order)],
        "counts": _counts(leak, leak.order),
        "counts_by_role": {
            role.value: _counts(leak, [one for one in leak.order if one.role == role]) for role in roles
        },
        "sexes": by_value(columns["SEXE"]),
        "titles": by_value(columns["TITRE"]),
        "dates": _dates(leak),
        "departements": {
            Role.PATIENT.value: departements(columns["CODE_POSTAL"]),
            Role.PRESCRIBER.value: departements(columns["CP_MEDECIN"]),
        },
        "roles": _roles(leak),
        "categories": _categories(leak),
        "topics": _topics(leak, persons=True),
        "topic_rows": _topics(leak, persons=False),
        "sample_months": _months(leak),
        "laboratories": by_value(columns["NOM_LABO"]),
        **_ages(leak),
        "persons_by_laboratory": {
            lab.name: int(np.unique(who[leak.rows.laboratory == rank]).size)
            for rank, lab in enumerate(places.laboratories())
        },
        "persons_in_several_laboratories": _several(leak),
        "errors": _errors(leak),
    }


def _lines(leak: Leak) -> int:
    """Lines of the text: the header's, one a row, and those that quoted cells take more."""
    more = 0
    for cells in (leak.columns["COMMENTAIRE1"], leak.columns["COMMENTAIRE2"]):
        breaks = pc.count_substring(cells.words, "\n").to_numpy()
        more += int(breaks[cells.visible()].sum())
    return len(leak.rows) + int(leak.options.header) + more


def header(leak: Leak) -> list[str]:
    """Return the names of the columns as the file has them, `column_1`… without a header."""
    if not leak.options.header:
        return [f"column_{index + 1}" for index in range(len(leak.order))]
    return [one.spelt(leak.options.columns) for one in leak.order]


def _column(leak: Leak, index: int, one: Field) -> dict[str, Any]:
    cells = leak.columns[one.name]
    return {
        "name": header(leak)[index],
        "legacy": one.name,
        "kind": one.kind.value,
        "role": one.role.value,
        "filled": int(cells.filled().sum()),
        "valid": int(cells.valid().sum()),
        "distinct": len(pc.unique(cells.used())),
    }


def _counts(leak: Leak, fields: Iterable[Field]) -> dict[str, dict[str, int]]:
    by_kind: dict[Kind, list[Cells]] = {}
    for one in fields:
        by_kind.setdefault(one.kind, []).append(leak.columns[one.name])
    return {kind.value: _kind_count(columns) for kind, columns in by_kind.items() if kind != Kind.EMPTY}


def _kind_count(columns: list[Cells]) -> dict[str, int]:
    return {
        "rows": int(np.logical_or.reduce([cells.filled() for cells in columns]).sum()),
        "valid": int(np.logical_or.reduce([cells.valid() for cells in columns]).sum()),
        "distinct": len(pc.unique(pa.concat_arrays([cells.used() for cells in columns]))),
    }


def by_value(cells: Cells) -> dict[str, int]:
    """Return rows by filled value, in the order of the words."""
    rows = np.bincount(cells.visible(), minlength=len(cells.words))
    found: dict[str, int] = {}
    for code in (np.flatnonzero(rows[1:]) + 1).tolist():
        # Words may stand several times: a postcode has many communes.
        text = cells.words[code].as_py()
        found[text] = found.get(text, 0) + int(rows[code])
    return found


def _dates(leak: Leak) -> dict[str, dict[str, str]]:
    """Earliest and latest valid day by kind; a day's code is its number plus one.

    Rows were made in the software on the day of the sample.
    """
    sampled = leak.rows.sampled
    found = {Kind.TIMESTAMP.value: {"min": numbers.iso(sampled.min()), "max": numbers.iso(sampled.max())}}
    for kind in _DAYS:
        columns = [leak.columns[one.name] for one in leak.order if one.kind == kind]
        codes = np.concatenate([cells.visible()[cells.valid()] for cells in columns])
        if codes.size:
            found[kind.value] = {"min": numbers.iso(codes.min() - 1), "max": numbers.iso(codes.max() - 1)}
    return found


def departement_of(postcode: str) -> str:
    """Return the département of a postcode: overseas by three digits, Corsica as the post divides it."""
    if postcode[:2] in {"97", "98"}:
        return postcode[:3]
    if postcode[:2] == "20":
        return "2A" if postcode[:3] in {"200", "201"} else "2B"
    return postcode[:2]


def departements(cells: Cells) -> dict[str, int]:
    """Return rows by département of a column of postcodes."""
    found: dict[str, int] = {}
    for postcode, rows in by_value(cells).items():
        found[departement_of(postcode)] = found.get(departement_of(postcode), 0) + rows
    return dict(sorted(found.items()))


def _values(leak: Leak, *names: str) -> int:
    """Distinct combinations of filled cells of some columns."""
    codes = np.stack([leak.columns[name].visible() for name in names])
    return int(np.unique(codes[:, (codes > 0).all(axis=0)], axis=1).shape[1])


def _roles(leak: Leak) -> dict[str, int]:
    """Persons by role: spouses (trusted persons are spouses) one a patient, the others told by what names them."""
    return {
        Role.PATIENT.value: leak.people.patients,
        Role.INSURED.value: _values(leak, "NOM_ASSURE", "PRENOM_ASSURE", "DATE_NAISSANCE_ASSURE"),
        Role.SPOUSE.value: _persons(leak, _any(leak, "NOM_CONJOINT")),
        Role.PRESCRIBER.value: _values(leak, "RPPS_MEDECIN"),
        Role.SAMPLER.value: len(pc.unique(leak.columns["PRELEVEUR"].used())),
        Role.TRUSTED_PERSON.value: _persons(leak, _any(leak, "PERSONNE_CONFIANCE")),
        Role.STAFF.value: len(pc.unique(leak.columns["OPERATEUR"].used())),
    }


def _persons(leak: Leak, rows: Mask) -> int:
    return int(np.unique(leak.rows.person[rows]).size)


def _any(leak: Leak, *names: str) -> Mask:
    filled: Mask = np.any([leak.columns[name].filled() for name in names], axis=0)
    return filled


def _categories(leak: Leak) -> dict[str, int]:
    """Persons by category of data that at least one of their rows holds.

    A comment that only denies a topic, doubts it or tells it of a relative is data of its category too.
    """
    said = leak.said.mentioned
    return {
        Category.ORDINARY.value: leak.people.patients,
        Category.NIR.value: _persons(leak, _any(leak, "NUM_SECU")),
        Category.HEALTH.value: _persons(leak, _any(leak, "CODE_NABM", "RESULTAT", "GROUPE_SANGUIN")),
        Category.GENETIC.value: _persons(leak, said & bit("genetic") > 0),
        Category.SEX_LIFE.value: _persons(leak, said & SEX_LIFE > 0),
        Category.CREDENTIALS.value: _persons(leak, _any(leak, "LOGIN", "MOT_DE_PASSE")),
        Category.FINANCIAL.value: _persons(leak, _any(leak, "IBAN")),
    }


def _topics(leak: Leak, *, persons: bool) -> dict[str, dict[str, int]]:
    """Persons or rows by topic: affirmed (past included), and negated where nowhere affirmed."""
    who = leak.rows.person if persons else np.arange(len(leak.rows))
    found = {}
    for topic in TOPICS:
        affirmed = np.unique(who[leak.said.affirmed & bit(topic) > 0])
        negated = np.setdiff1d(who[leak.said.negated & bit(topic) > 0], affirmed)
        found[topic] = {"affirmed": int(affirmed.size), "negated": int(negated.size)}
    return found


def _months(leak: Leak) -> dict[str, int]:
    year, month = numbers.year_month(leak.rows.sampled)
    months, rows = np.unique(year * 100 + month, return_counts=True)
    return {f"{at // 100}-{at % 100:02d}": n for at, n in zip(months.tolist(), rows.tolist(), strict=True)}


def _ages(leak: Leak) -> dict[str, Any]:
    """Persons by age on the day of the last sample; unknown where no row holds a possible day of birth."""
    reference = int(leak.rows.sampled.max())
    known = np.zeros(leak.people.patients, dtype=bool)
    known[leak.rows.person[leak.columns["DATE_NAISSANCE"].valid()]] = True
    age = whole_years(leak.people.birth[: leak.people.patients], reference)
    bands = [name for _, name in AGE_BANDS] + [OLDEST, UNKNOWN]
    band = np.where(known, np.searchsorted([limit for limit, _ in AGE_BANDS], age, side="right"), len(bands) - 1)
    persons = np.bincount(band, minlength=len(bands)).tolist()
    return {
        "age_bands": dict(zip(bands, persons, strict=True)),
        "minors": int((known & (age < 18)).sum()),
        "reference_date": numbers.iso(reference),
    }


def whole_years(birth: NDArray[np.int32], reference: int) -> NDArray[np.int64]:
    """Return whole years lived at the reference day."""
    epoch = np.datetime64(numbers.EPOCH.isoformat())
    born, now = epoch + birth.astype("timedelta64[D]"), epoch + np.timedelta64(reference, "D")
    year, month = numbers.year_month(birth)
    of_month = (born - born.astype("datetime64[M]")).astype(np.int64)
    this_year, this_month = numbers.year_month(np.array([reference], dtype=np.int32))
    this_day = int((now - now.astype("datetime64[M]")).astype(np.int64))
    before = (month > this_month) | ((month == this_month) & (of_month > this_day))
    age: NDArray[np.int64] = this_year - year - before
    return age


def _several(leak: Leak) -> int:
    """Patients with rows of more than one laboratory."""
    pairs = np.unique(leak.rows.person.astype(np.int64) * 100 + leak.rows.laboratory)
    return int((np.bincount(pairs // 100) > 1).sum())


def _errors(leak: Leak) -> dict[str, int]:
    """Cells wrong on purpose, by legacy name of the column."""
    wrong = {one.name: leak.columns[one.name] for one in leak.order}
    return {
        name: int(cells.filled().sum() - cells.valid().sum()) for name, cells in wrong.items() if cells.bad is not None
    }
