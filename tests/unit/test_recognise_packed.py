"""Cells that pack several kinds, columns that mix them, groups that repeat: each is told, none is missed."""

# ruff: noqa: E501 - tables of cases read best a line a case

from __future__ import annotations

import doctest
import random

import pytest

from etanche.model import Column, Kind, Role, Sample
from etanche.recognise import columns, packed, pieces, repeated
from lookalikes import (
    FRENCH,
    Fill,
    _between,
    _communes,
    _day,
    _digits,
    _iban,
    _mail,
    _nir,
    _one_of,
    _pattern,
    _phone,
    _sentence,
    _sometimes,
    _street,
    first_name,
    surname,
)

BORN, MOBILE, FIXED = _day(1930, 2015, "%d/%m/%Y"), _phone("67", " "), _phone("12345", ".")


def name(rng: random.Random, row: int) -> str:
    """Return a surname in capitals and a first name."""
    return f"{surname(rng).upper()} {first_name(rng).title()}"


def place(rng: random.Random, row: int) -> str:
    """Return a street, a postcode and its commune."""
    code, commune, _ = rng.choice(_communes())
    return f"{_street(rng)} {code} {commune}"


def either(share: float, one: Fill, other: Fill) -> Fill:
    """Return cells of one kind in a share of the rows, of another in the rest."""
    return lambda rng, row: one(rng, row) if rng.random() < share else other(rng, row)


def keyed_apart(rng: random.Random, row: int) -> str:
    """Return a NIR with a stroke before its key."""
    number = _nir()(rng, row)
    return f"{number[:13]} / {number[13:]}"


def joined(*fills: Fill, by: str = " ") -> Fill:
    """Return cells that pack several."""
    return lambda rng, row: by.join(fill(rng, row) for fill in fills)


def one(fill: Fill, header: str = "", rows: int = 500) -> Column:
    """Return the verdict on a column of such cells."""
    rng = random.Random(f"{header}{rows}")
    cells = tuple(fill(rng, row) for row in range(rows))
    return columns(Sample((header or "column_1",), bool(header), (cells,)))[0]


def also(column: Column) -> set[Kind]:
    """Return the kinds that the cells hold besides."""
    return {held.kind for held in column.also}


PACKED: dict[str, tuple[str, Fill, set[Kind], set[Kind]]] = {
    "name and birth date": ("patient", joined(name, BORN), {Kind.FULL_NAME}, {Kind.BIRTH_DATE}),
    "name, born": ("patient", joined(name, BORN, by=" né le "), {Kind.FULL_NAME}, {Kind.BIRTH_DATE}),
    "name and telephone": ("contact", joined(name, MOBILE, by=" - "), {Kind.FULL_NAME}, {Kind.MOBILE}),
    "address, postcode, commune": ("adresse", place, {Kind.ADDRESS}, {Kind.POSTCODE, Kind.COMMUNE}),
    "postcode and commune": ("cp_ville", lambda rng, _: " ".join(rng.choice(_communes())[:2]), {Kind.POSTCODE}, {Kind.COMMUNE}),
    "née in brackets": ("nom", lambda rng, _: f"{surname(rng)} (née {surname(rng)}) {first_name(rng)}", {Kind.SURNAME, Kind.FULL_NAME}, {Kind.BIRTH_NAME}),
    "telephone and e-mail": ("tel_mail", joined(_phone("67"), _mail, by=" / "), {Kind.MOBILE}, {Kind.EMAIL}),
    "surname; first name": ("nom_prenom", lambda rng, row: name(rng, row).replace(" ", ";"), {Kind.FULL_NAME}, set()),
    "title, name, telephone, e-mail": ("patient", lambda rng, row: f"M. {name(rng, row)} {MOBILE(rng, row)} {_mail(rng, row)}", {Kind.FULL_NAME}, {Kind.MOBILE, Kind.EMAIL}),
    "NIR and name": ("assure", joined(_nir(), name), {Kind.FULL_NAME}, {Kind.NIR}),
    "two telephones": ("telephone", joined(FIXED, _phone("67"), by=" / "), {Kind.PHONE}, set()),
    "doctor and telephone": ("medecin", lambda rng, row: f"Dr {surname(rng)} {FIXED(rng, row)}", {Kind.DOCTOR}, {Kind.LANDLINE}),
    "name, address and telephone": ("coordonnees", joined(name, place, MOBILE), {Kind.FULL_NAME, Kind.ADDRESS}, {Kind.MOBILE, Kind.POSTCODE}),
    "bars between": ("info", joined(name, BORN, _phone("67"), by="|"), {Kind.FULL_NAME}, {Kind.BIRTH_DATE, Kind.MOBILE}),
    "telephone or e-mail": ("contact", either(0.6, _phone("67"), _mail), {Kind.MOBILE}, {Kind.EMAIL}),
    "e-mail or telephone": ("contact", either(0.7, _mail, _phone("67")), {Kind.EMAIL}, {Kind.MOBILE}),
    "telephone, rarely e-mail": ("telephone", either(0.93, _phone("67"), _mail), {Kind.MOBILE}, {Kind.EMAIL}),
    "NIR or passport": ("num_identite", either(0.65, _nir(), _pattern("##@@#####")), {Kind.NIR}, {Kind.IDENTIFIER}),
    "NIR or IBAN": ("piece", either(0.5, _iban, _nir()), {Kind.NIR, Kind.IBAN}, set()),
    "small letters, short dates": ("patient", lambda rng, row: f"{name(rng, row).lower()} {_day(1931, 2005, '%d-%m-%y')(rng, row)}", {Kind.FULL_NAME}, {Kind.BIRTH_DATE}),
    "commune (postcode)": ("ville", lambda rng, _: "{1} ({0})".format(*rng.choice(_communes())), {Kind.COMMUNE, Kind.POSTCODE}, {Kind.COMMUNE, Kind.POSTCODE}),
    "NIR with its key apart": ("nir", keyed_apart, {Kind.NIR}, set()),
    "IBAN and BIC": ("rib", lambda rng, row: f"{_iban(rng, row)} BNPAFRPPXXX", {Kind.IBAN}, set()),
    "name and wrong NIR": ("assure", lambda rng, row: f"{_nir(keyed=False)(rng, row)}{rng.randrange(10, 97)} {surname(rng)}", {Kind.SURNAME, Kind.FULL_NAME}, {Kind.NIR}),
    "comment with telephones": ("commentaire", joined(_sentence(FRENCH), _sometimes(0.2, MOBILE), by=" rappeler "), {Kind.COMMENT}, {Kind.MOBILE}),
}  # fmt: skip


@pytest.mark.parametrize("header", [True, False])
@pytest.mark.parametrize("case", PACKED)
def test_a_packed_or_mixed_column_tells_all_that_it_holds(case, header):
    said, fill, kinds, besides = PACKED[case]
    found = one(fill, said if header else "")
    assert found.kind in kinds
    assert besides <= also(found) | {found.kind}


def test_shares_are_those_of_the_cells():
    found = one(either(0.6, _phone("67"), _mail), "contact", 2000)
    [held] = found.also
    assert held.kind is Kind.EMAIL
    assert held.share == pytest.approx(0.4, abs=0.08)


@pytest.mark.parametrize("fill", [
    _digits(13), _digits(15, "12"), _between(1, 900), _mail, _street, _pattern("@##@@##"), _sentence(FRENCH), name, BORN,
    _phone("67"), lambda rng, row: surname(rng), lambda rng, row: rng.choice(_communes())[1],
])  # fmt: skip
def test_a_column_of_one_kind_holds_nothing_besides(fill):
    assert one(fill).also == ()


@pytest.mark.parametrize(("text", "kinds"), [
    ("DUPONT Marie 12/03/1970", {Kind.FULL_NAME, Kind.DATE}),
    ("DUPONT (née MARTIN) Marie", {Kind.FULL_NAME, Kind.BIRTH_NAME}),
    ("12 rue Victor Hugo 75011 PARIS", {Kind.ADDRESS, Kind.POSTCODE, Kind.COMMUNE}),
    ("0612345678 / a@b.fr", {Kind.MOBILE, Kind.EMAIL}),
    ("M. DUPONT Jean 06 12 34 56 78 jean@x.fr", {Kind.FULL_NAME, Kind.MOBILE, Kind.EMAIL}),
    ("tél : 02 99 00 00 00", {Kind.LANDLINE}),
    ("INFO job 12 done", set()),
    ("1 80 05 56 123 456 56 MARTIN", {Kind.SURNAME, Kind.NIR}),
    ("180055612345656", set()),
    ("PARIS (75011)", {Kind.POSTCODE, Kind.COMMUNE}),
    ("DUPONT/MARIE/12031970", {Kind.FULL_NAME, Kind.DATE}),
    ("A-2021-42", {Kind.IDENTIFIER}),
])  # fmt: skip
def test_pieces_of_a_cell(text, kinds):
    assert set(pieces.pieces(text).kinds) == kinds


GROUPS: tuple[tuple[str, Fill, Kind, int], ...] = (
    ("id", lambda _, row: str(1000 + row), Kind.IDENTIFIER, 0),
    ("visit1_date", _day(2018, 2021, "%d/%m/%Y"), Kind.VISIT_DATE, 1),
    ("visit2_date", _sometimes(0.4, _day(2018, 2021, "%d/%m/%Y")), Kind.VISIT_DATE, 2),
    ("visit3_date", _one_of(""), Kind.VISIT_DATE, 3),
    ("tel1", FIXED, Kind.LANDLINE, 1),
    ("tel2", _sometimes(0.5, MOBILE), Kind.MOBILE, 2),
    ("tel_3", _sometimes(0.005, MOBILE), Kind.MOBILE, 3),
    ("tel4", _one_of(""), Kind.PHONE, 4),
    ("enfant1_nom", _sometimes(0.5, lambda rng, _: surname(rng)), Kind.SURNAME, 1),
    ("enfant1_ddn", _sometimes(0.5, _day(2000, 2020, "%d/%m/%Y")), Kind.BIRTH_DATE, 1),
    ("enfant2_nom", _sometimes(0.01, lambda rng, _: surname(rng)), Kind.SURNAME, 2),
    ("enfant2_ddn", _one_of(""), Kind.BIRTH_DATE, 2),
    ("mail", _mail, Kind.EMAIL, 1),
    ("mail2", _one_of(""), Kind.EMAIL, 2),
    ("cip7", _one_of(""), Kind.EMPTY, 0),
    ("cip13", _one_of(""), Kind.EMPTY, 0),
    ("champ1", lambda rng, _: surname(rng), Kind.SURNAME, 1),
    ("champ2", _between(1, 90), Kind.NUMBER, 2),
    ("champ3", _one_of(""), Kind.EMPTY, 3),
)  # fmt: skip


def test_members_of_a_group_are_numbered_and_keep_the_groups_kind():
    rng = random.Random(3)
    cells = tuple(tuple(fill(rng, row) for row in range(800)) for _, fill, _, _ in GROUPS)
    found = columns(Sample(tuple(header for header, *_ in GROUPS), True, cells))
    told = [(column.name, column.kind, column.repeat) for column in found]
    assert told == [(header, kind, number) for header, _, kind, number in GROUPS]
    assert found[3].layout == "%d/%m/%Y"
    assert found[7].role is Role.PATIENT


@pytest.mark.parametrize(("names", "numbers"), [
    (("visit1_date", "visit_2_date", "visit3"), {0: 1, 1: 2}),
    (("tel", "tel2", "fax"), {0: 1, 1: 2}),
    (("cim10", "cim9"), {}),
    (("sha1", "sha256"), {}),
    (("annee2019", "annee2020"), {}),
    (("NomEnfant1", "NomEnfant2"), {0: 1, 1: 2}),
])  # fmt: skip
def test_which_headers_are_a_group(names, numbers):
    assert {member.index: member.number for member in repeated.members(names)} == numbers


@pytest.mark.parametrize("module", [pieces, repeated, packed])
def test_examples_of_the_docstrings(module):
    assert doctest.testmod(module).failed == 0
