"""A leak and a registry of made-up people, whose truth is known by construction."""

from __future__ import annotations

import csv
import io
import random
from dataclasses import dataclass, replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from openpyxl import Workbook

SURNAMES = [
    "MARTIN",
    "BERNARD",
    "DURAND",
    "PETIT",
    "LEROY",
    "MOREAU",
    "SIMON",
    "LAURENT",
    "MICHEL",
    "GARCIA",
    "ROUX",
    "FOURNIER",
    "GIRARD",
    "BONNET",
    "DUPONT",
    "LAMBERT",
    "FONTAINE",
    "ROUSSEAU",
    "VINCENT",
    "MULLER",
    "FAURE",
    "MERCIER",
    "BLANC",
    "GUERIN",
    "BOYER",
    "GARNIER",
    "CHEVALIER",
    "FRANCOIS",
    "LEGRAND",
    "GAUTHIER",
]
FIRST = {
    "F": ["CAMILLE", "MARIE", "SOPHIE", "JEANNE", "LOUISE", "ANNE", "CLAIRE", "NATHALIE", "ISABELLE", "SYLVIE"],
    "M": ["JEAN", "PIERRE", "MICHEL", "ANDRE", "PHILIPPE", "ALAIN", "BERNARD", "JACQUES", "DANIEL", "THOMAS"],
}
STREETS = ["DES LILAS", "VICTOR HUGO", "DE LA GARE", "DU MOULIN", "PASTEUR", "DES ECOLES", "JEAN JAURES", "DE L EGLISE"]
LEAK_HEADER = [
    "NUM_SECU",
    "NOM",
    "NOM_NAISSANCE",
    "PRENOM",
    "SEXE",
    "DATE_NAISSANCE",
    "ADRESSE",
    "CODE_POSTAL",
    "TEL_PORTABLE",
]
HEADER = ["ID_PATIENT", *LEAK_HEADER]


@dataclass(frozen=True)
class One:
    """A made-up person."""

    key: int
    surname: str
    first: str
    sex: str
    born: str
    nir: str
    address: str
    postcode: str
    phone: str
    birth_name: str = ""

    @property
    def cells(self) -> list[str]:
        """Their row in a leak."""
        day = "/".join(reversed(self.born.split("-")))
        return [self.nir, self.surname, self.birth_name, self.first, self.sex, day, self.address, self.postcode,
                self.phone]  # fmt: skip


def people(count: int, seed: int = 5) -> list[One]:
    """Return people of whom no two share a name, a NIR, a home or a telephone."""
    chance = random.Random(seed)
    named = chance.sample([(name, sex, first) for name in SURNAMES for sex in "FM" for first in FIRST[sex]], count)
    found = []
    for number, (surname, sex, first) in enumerate(named):
        born = f"{chance.randint(1935, 2005)}-{chance.randint(1, 12):02}-{chance.randint(1, 28):02}"
        body = f"{'1' if sex == 'M' else '2'}{born[2:4]}{born[5:7]}35{number + 1:03}{chance.randint(1, 999):03}"
        found.append(
            One(
                key=seed * 100_000 + 13 * number,
                surname=surname,
                first=first,
                sex=sex,
                born=born,
                nir=f"{body}{97 - int(body) % 97:02}",
                address=f"{number + 1} RUE {STREETS[number % len(STREETS)]}",
                postcode=f"35{number % 90 + 10}0",
                phone=f"06{chance.randint(10**7, 10**8 - 1)}",
            )
        )
    return found


def registry(some: list[One]) -> list[list[str]]:
    """Return the rows of a registry: its header, then a row each."""
    return [HEADER, *([str(one.key), *one.cells] for one in some)]


def text(rows: list[list[str]]) -> str:
    """Return rows as CSV."""
    held = io.StringIO()
    csv.writer(held, delimiter=";", lineterminator="\n").writerows(rows)
    return held.getvalue()


def write(path: Path, rows: list[list[str]]) -> Path:
    """Write rows in the format that the name says."""
    if path.suffix == ".xlsx":
        book = Workbook(write_only=True)
        sheet = book.create_sheet("patients")
        for row in rows:
            sheet.append(row)
        book.save(path)
    elif path.suffix == ".parquet":
        header, *body = rows
        columns = [[row[place] or None for row in body] for place in range(len(header))]
        pq.write_table(pa.table(columns, names=header), path)
    else:
        path.write_text(text(rows), encoding="utf-8")
    return path


def married(one: One, name: str) -> One:
    """Return someone under another name, their own being that of birth."""
    return replace(one, surname=name, birth_name=one.surname)
