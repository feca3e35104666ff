"""Columns are typed by header, cells and neighbours; never wrongly with confidence."""

# ruff: noqa: E501 - tables of cases read best a line a case

from __future__ import annotations

import doctest
import importlib
import random
import string
from functools import cache

import pytest
from tests.unit.synthetic_columns import TABLE, cells_of

from etanche.model import Correction, Kind, Role, Sample
from etanche.recognise import columns
from etanche.recognise.content import GENERAL
from etanche.words import Words

ROWS = 1200
HAZY = GENERAL | {Kind.TIMESTAMP, Kind.PHONE}


@cache
def typed(*, header: bool):
    """Return the verdicts on the synthetic table with the expected kind and role of each column."""
    names = tuple(entry.header if header else f"column_{place}" for place, entry in enumerate(TABLE, 1))
    verdicts = columns(Sample(names, header, cells_of(ROWS)))
    return list(zip(TABLE, verdicts, strict=True))


def one(name, cells, *, header=True):
    """Return the verdict on one column."""
    return columns(Sample((name,), header, (tuple(cells),)))[0]


def test_every_column_is_right_with_its_header():
    wrong = {entry.header: (str(found.kind), str(found.role)) for entry, found in typed(header=True)
             if (found.kind, found.role) != (entry.kind, entry.role)}  # fmt: skip
    assert not wrong


def test_twenty_four_kinds_are_right_without_a_header():
    right = {entry.kind for entry, found in typed(header=False) if found.kind is entry.kind}
    assert len(right) >= 24


def test_no_column_is_wrong_with_confidence_without_a_header():
    wrong = {entry.header: (str(found.kind), found.confidence) for entry, found in typed(header=False)
             if found.kind not in {entry.kind, *entry.also} and found.kind not in HAZY and found.confidence >= 0.6}  # fmt: skip
    assert not wrong


@pytest.mark.parametrize("kind", [
    Kind.NIR, Kind.SURNAME, Kind.FIRST_NAME, Kind.SEX, Kind.TITLE, Kind.BIRTH_DATE, Kind.ADDRESS, Kind.POSTCODE,
    Kind.COMMUNE, Kind.LANDLINE, Kind.MOBILE, Kind.EMAIL, Kind.RPPS, Kind.BLOOD_GROUP, Kind.MEDICINE, Kind.CIM10,
    Kind.IBAN, Kind.COMMENT, Kind.CONSTANT, Kind.EMPTY, Kind.BOOLEAN, Kind.IDENTIFIER, Kind.TIMESTAMP, Kind.AMOUNT,
    Kind.FILE_NAME,
])  # fmt: skip
def test_content_alone_finds(kind):
    assert kind in {found.kind for entry, found in typed(header=False) if entry.kind is kind}


@pytest.mark.parametrize(
    "header", ["usual_name", "NomUsage", "NOM_MARITAL", "nom_usuel", "married_name", "current surname"]
)
def test_spellings_of_the_name_in_use_which_few_have(header):
    rng = random.Random(3)
    names = [
        rng.choice(["DURAND", "LEFEBVRE", "MOREAU", "PETIT", "GARNIER"]) if rng.random() < 0.12 else ""
        for _ in range(ROWS)
    ]
    assert one(header, names).kind is Kind.SURNAME


def test_names_left_of_the_rpps_are_the_prescribers():
    roles = {entry.header: found.role for entry, found in typed(header=False)}
    assert roles["NOM"] is Role.PATIENT
    assert roles["NOM_MEDECIN"] is roles["PRENOM_MEDECIN"] is roles["CP_MEDECIN"] is Role.PRESCRIBER


@pytest.mark.parametrize(("header", "kind", "role"), [
    ("NUM_SECU", Kind.NIR, Role.PATIENT), ("NoSS", Kind.NIR, Role.PATIENT), ("nir", Kind.NIR, Role.PATIENT),
    ("numero_securite_sociale", Kind.NIR, Role.PATIENT), ("N° Sécu", Kind.NIR, Role.PATIENT),
    ("nirAssure", Kind.NIR, Role.INSURED), ("NUMSECU", Kind.NIR, Role.PATIENT),
])  # fmt: skip
def test_spellings_of_the_nir(header, kind, role):
    found = one(header, ["180055612345655", "280055612345605"])
    assert (found.kind, found.role) == (kind, role)


@pytest.mark.parametrize("header", ["DDN", "dateNaissance", "birth_date", "dob", "Date de naissance", "DT_NAISS"])
def test_spellings_of_the_birth_date(header):
    found = one(header, ["12/05/1980", "31/12/1950", "01/02/2003"])
    assert (found.kind, found.layout) == (Kind.BIRTH_DATE, "%d/%m/%Y")


@pytest.mark.parametrize(
    ("header", "kind"), [("tel1", Kind.MOBILE), ("portable", Kind.MOBILE), ("Téléphone", Kind.MOBILE)]
)
def test_the_line_is_told_by_the_numbers(header, kind):
    assert one(header, ["06 39 98 12 34", "+33 7 00 00 00 00", "0639981235"]).kind is kind


def test_a_header_that_lies_is_named_in_the_reason():
    found = one("NIR", [f"user{number}@example.org" for number in range(50)])
    assert found.kind is Kind.EMAIL
    assert found.reason.code == "header_contradicted"
    assert ("header", "nir") in found.reason.params


def test_nirs_with_wrong_keys_are_reported_not_dropped():
    rng = random.Random(5)
    cells = [f"{rng.choice('12')}{rng.randrange(100):02}{rng.randrange(1, 13):02}{rng.randrange(1, 96):02}"
             f"{rng.randrange(1, 999):03}{rng.randrange(1, 999):03}{rng.randrange(1, 98):02}" for _ in range(300)]  # fmt: skip
    found = one("column_1", cells, header=False)
    assert (found.kind, found.reason.code) == (Kind.NIR, "shape_key_wrong")


RNG = random.Random(11)
IDENTIFYING = set(Kind) - HAZY - {Kind.EMPTY, Kind.DEPARTEMENT, Kind.REGION, Kind.COUNTRY}
HARMLESS = {
    "order numbers that count": [str(2019010100000 + number) for number in range(1500)],
    "order numbers at random": [str(RNG.randrange(10**12, 10**13)) for _ in range(1500)],
    "order numbers with a month": [f"1{RNG.randrange(15, 22)}{RNG.randrange(1, 13):02}{RNG.randrange(10**8):08}" for _ in range(1500)],
    "fifteen digits": [str(RNG.randrange(10**14, 10**15)) for _ in range(1500)],
    "ten digits": [f"{RNG.randrange(10**10):010}" for _ in range(1500)],
    "amounts like phones": [str(RNG.randrange(10**8, 10**9)) for _ in range(1500)],
    "five digits": [str(RNG.randrange(10000, 99999)) for _ in range(1500)],
    "seats": [RNG.choice("ABCDEFGH") + f"{RNG.randrange(1, 60):02}" for _ in range(1500)],
    "letters": [RNG.choice("ABO") for _ in range(1500)],
    "flags": [RNG.choice("12") for _ in range(1500)],
    "colours": [RNG.choice(["rouge", "bleu", "vert", "jaune", "noir", "blanc", "gris", "rose", "violet", "orange", "marron"]) for _ in range(1500)],
    "goods": [RNG.choice(["chair", "table", "lamp", "sofa", "desk", "mirror", "carpet", "shelf", "cabinet", "stool", "bench"]) for _ in range(1500)],
    "weekdays": [RNG.choice(["lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"]) for _ in range(1500)],
    "hexadecimal": [f"{RNG.randrange(16**32):032x}" for _ in range(1500)],
    "english": [" ".join(RNG.choice(["the", "order", "was", "shipped", "late", "and", "the", "customer", "asked"]) for _ in range(7)) for _ in range(1500)],
    "random text": ["".join(RNG.choice(string.ascii_letters) for _ in range(9)) for _ in range(1500)],
    "one letter": ["X"] * 1500,
    "nothing": [""] * 1500,
}  # fmt: skip


@pytest.mark.parametrize("name", HARMLESS)
def test_no_false_alarm(name):
    found = one("column_1", HARMLESS[name], header=False)
    assert found.kind not in IDENTIFYING or found.confidence < 0.6


def test_sparse_columns_are_judged_on_their_filled_cells():
    cells = [f"u{row}@example.org" if row % 100 == 0 else " \xa0" for row in range(2000)]
    assert one("column_1", cells, header=False).kind is Kind.EMAIL


@pytest.mark.parametrize("layout", ["%d/%m/%Y", "%Y-%m-%d", "%d.%m.%Y", "%Y%m%d", "%m/%d/%Y", "%d-%m-%Y"])
def test_the_layout_of_dates(layout):
    days = [
        "1980-05-12",
        "1975-12-31",
        "2001-01-30",
        "1969-03-14",
        "1999-11-23",
        "1988-08-18",
        "1991-09-29",
        "2003-07-17",
    ]
    cells = [layout.replace("%Y", day[:4]).replace("%m", day[5:7]).replace("%d", day[8:]) for day in days]
    found = one("DDN", cells)
    assert (found.kind, found.layout) == (Kind.BIRTH_DATE, layout)


def test_a_correction_decides():
    sample = Sample(("A", "B"), True, (("x", "y"), ("01/02/1980", "03/04/1990")))
    given = [Correction("#1", Kind.LOGIN, Role.STAFF), Correction("b", Kind.BIRTH_DATE)]
    first, second = columns(sample, given)
    assert (first.kind, first.role, first.confidence, first.reason.code) == (Kind.LOGIN, Role.STAFF, 1.0, "corrected")
    assert (second.kind, second.role, second.layout) == (Kind.BIRTH_DATE, Role.PATIENT, "%d/%m/%Y")


def test_reasons_have_words_and_hold_no_cell():
    for header in (True, False):
        values = {cell for cells in cells_of(ROWS) for cell in cells if len(cell) > 3}
        for _, found in typed(header=header):
            for language in ("en", "fr"):
                sentence = Words(language)(f"reasons.{found.reason.code}", **dict(found.reason.params))
                assert "{" not in sentence
            assert not {str(value) for _, value in found.reason.params} & values


def test_an_empty_sample_has_no_columns():
    assert columns(Sample((), False, ())) == ()
    assert one("NIR", []).kind is Kind.EMPTY


@pytest.mark.parametrize("module", ["etanche.identifiers", "etanche.recognise.headers", "etanche.recognise.verdict"])
def test_examples_of_the_docstrings(module):
    result = doctest.testmod(importlib.import_module(module), extraglobs={"Sample": Sample})
    assert result.attempted > 0
    assert result.failed == 0


def test_what_one_rpps_determines_is_the_prescribers_wherever_it_stands():
    place = {entry.header: number for number, entry in enumerate(TABLE)}
    cells = cells_of(ROWS)
    doctors = [row % 40 for row in range(ROWS)]
    names = ("NOM_MEDECIN", "CP_MEDECIN", "RPPS")
    constant = {name: tuple(cells[place[name]][doctor] for doctor in doctors) for name in names}
    table = (constant["CP_MEDECIN"], cells[place["NOM"]], constant["RPPS"], cells[place["CP"]], constant["NOM_MEDECIN"])
    found = columns(Sample(tuple("abcde"), False, table))
    assert [column.role for column in found] == [
        Role.PRESCRIBER,
        Role.PATIENT,
        Role.PRESCRIBER,
        Role.PATIENT,
        Role.PRESCRIBER,
    ]
