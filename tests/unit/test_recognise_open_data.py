"""Columns of French open data: headers read in all their ways, positions, closed lists, constants, confidence."""

# ruff: noqa: E501 - tables of cases read best a line a case

from __future__ import annotations

import importlib.util
import re
import sys
from functools import cache
from pathlib import Path

import pytest

from etanche.identifiers import latitude
from etanche.model import Kind, Sample
from etanche.recognise import columns
from etanche.recognise.headers import says

ROOT = Path(__file__).resolve().parents[2]
DEGREES = ["48.8566", "45.7640", "43.2965", "47.2184", "50.6292", "44.8378", "48.5734", "43.6047", "48.1173", "49.2583"]
NORTHINGS = [
    "6862000.12",
    "6519000.50",
    "6247500.75",
    "6688000.31",
    "7059000.44",
    "6422000.90",
    "6840500.10",
    "6279000.25",
]


def one(name, cells, *, header=True):
    """Return the verdict on one column."""
    return columns(Sample((name,), header, (tuple(cells),)))[0]


@pytest.mark.parametrize(("header", "cells", "kind"), [
    ("Y_L93", NORTHINGS, Kind.LATITUDE),
    ("Y Fin (lambert93)", NORTHINGS, Kind.LATITUDE),
    ("xD", ["652000,5", "842000,25", "893000,75"], Kind.LONGITUDE),
    ("geo_point_2d", ["48.8566, 2.3522", "45.7640, 4.8357"], Kind.LATITUDE),
    ("lat", ["48°51'24\"N", "45°45'50\"N"], Kind.LATITUDE),
    ("Numéro de la commune", ["33063"] * 4, Kind.INSEE_COMMUNE),
    ("Code INSEE", ["1004.0", "75056.0", "2691.0"], Kind.INSEE_COMMUNE),
    ("Code", ["33063", "33281", "33039", "33318", "33119", "33162"], Kind.INSEE_COMMUNE),
    ("COM", ["Rennes", "Vannes", "Lorient"], Kind.COMMUNE),
    ("COM", ["35238", "56260", "56121"], Kind.INSEE_COMMUNE),
    ("nom", ["Bretagne", "Occitanie", "Grand Est", "Normandie"], Kind.REGION),
    ("REG", ["Gironde", "Dordogne", "Landes"], Kind.DEPARTEMENT),
    ("uai_fax_principal", ["0299000000", "223456789.0", "0297000000"], Kind.LANDLINE),
    ("Fichier", ["https://example.org/a/1", "https://example.org/a/2"], Kind.URL),
    ("Identifiant de l'acheteur", ["356000000", "552100554", "542065479", "732829320"], Kind.SIREN),
    ("Country Iso Code", ["FR", "IT", "JP", "NL"], Kind.COUNTRY),
    ("gratuit", ["0"] * 10, Kind.BOOLEAN),
    ("Code postal (CEDEX)", ["35000", "56000", "22000"], Kind.POSTCODE),
    ("cdate", ["20141219105304", "20150101120000"], Kind.TIMESTAMP),
    ("date_debut", ["jeudi 12 mai 2016", "lundi 3 janvier 2011"], Kind.DATE),
])  # fmt: skip
def test_typed_with_header(header, cells, kind):
    assert one(header, cells).kind is kind


@pytest.mark.parametrize(("header", "cells"), [
    ("Canton", ["Rennes-1", "Vannes-2", "Lorient", "Auray", "Brest-3", "Quimper", "Morlaix", "Dinan", "Lannion", "Pontivy", "Vitré", "Redon"]),
    ("ADR_PAYS", ["131", "137", "138", "139", "134"]),
    ("lat", ["4915200.0", "4816900.0", "4620300.0", "4521999.0"]),
    ("ADR_TYPEVOIE_T", ["CHE", "BD", "IMP", "ALL"]),
    ("depPrD", ["1", "2", "3", "4", "5"]),
    ("annee", ["2016", "2017"]),
    ("code_uai", ["0350001A", "0350002B"]),
])  # fmt: skip
def test_no_particular_kind(header, cells):
    assert one(header, cells).kind in {Kind.UNKNOWN, Kind.NUMBER, Kind.IDENTIFIER}


@pytest.mark.parametrize(("cells", "kind"), [
    (DEGREES, Kind.LATITUDE),
    (NORTHINGS, Kind.LATITUDE),
    (["48.8566, 2.3522"] * 10, Kind.LATITUDE),
    (["FR", "IT", "DE", "ES", "BE", "JP"], Kind.COUNTRY),
    (["Rwanda", "Turquie", "Polynésie française", "Syrie", "Brunei"], Kind.COUNTRY),
    (["01", "2A", "35", "56", "75", "29", "22", "971"], Kind.DEPARTEMENT),
    (["SAINT DENIS EN VAL", "SAINT DENIS EN VAL", "LA FERTE SAINT AUBIN"], Kind.COMMUNE),
    (["35600000000048"] * 10, Kind.SIRET),
    (["0"] * 200, Kind.CONSTANT),
    (["02 99 00 00 00"] * 10, Kind.LANDLINE),
])  # fmt: skip
def test_typed_without_header(cells, kind):
    assert one("column_1", cells, header=False).kind is kind


def test_a_header_has_several_readings():
    assert [reading.kind for reading in says("uai_fax").readings] == [Kind.LANDLINE, Kind.IDENTIFIER]


@pytest.mark.parametrize("text", ["48.85", "-3,36", "48.85, 2.35", "6862000.12", "652000"])
def test_positions_are_valid(text):
    assert latitude.valid(text)


@pytest.mark.parametrize("text", ["481.5", "9862000.12", "48.85;2.35", "12345678"])
def test_no_positions(text):
    assert not latitude.valid(text)


@cache
def bench():
    """Return the benchmark's module."""
    spec = importlib.util.spec_from_file_location("etalab", ROOT / "bench" / "etalab.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules["etalab"] = module
    spec.loader.exec_module(module)
    return module


def test_the_mapping_page_is_the_benchmarks():
    page = (ROOT / "docs" / "reference" / "etalab-mapping.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| `(\w+)` \| `(\w+)` \|", page, re.MULTILINE))
    assert rows == bench().LABELS


def test_reliability_is_the_gap_between_said_and_right():
    rows, error = bench().reliability([(0.95, True)] * 9 + [(0.95, False)] + [(0.55, True), (0.55, False)])
    assert [(count, round(share, 2)) for count, _, share in rows] == [(2, 0.5), (10, 0.9)]
    assert round(error, 2) == 0.05


def test_confidence_is_a_frequency():
    # Invented columns whose kind is known: what is shown as sure is right.
    cells = {
        "email": [f"u{n}@example.org" for n in range(12)], "ville": ["Rennes", "Brest", "Vannes", "Quimper"] * 3,
        "CP": ["35000", "29200", "56000"] * 4, "lat": DEGREES, "valeur": ["1.5", "2.5", "3.5"] * 4,
    }  # fmt: skip
    shown = [one(name, column).confidence for name, column in cells.items()]
    assert all(0.85 <= confidence <= 0.97 for confidence in shown)
