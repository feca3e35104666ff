"""What stands in a cell where nothing is known makes no two people one (`triage` counts them)."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

import registries
from commandline import Place

PEOPLE = registries.people(60)
SURNAMES = registries.SURNAMES[:20]
MARIES = [
    replace(one, surname=surname, first="MARIE", sex="F", nir="")
    for one, surname in zip(PEOPLE, SURNAMES, strict=False)
]
OTHERS = PEOPLE[20:]
HEADER = [*registries.LEAK_HEADER, "EMAIL"]


def counted(tmp_path, some, mail="", header=HEADER):
    """Return how many persons `triage` counts among some and forty others, of whom all is known."""
    at = Place(tmp_path)
    rows = [[*one.cells, ""] for one in OTHERS] + [[*one.cells, mail] for one in some]
    registries.write(at.work / "leak.csv", [header, *rows])
    done = at.run("triage", "leak.csv", "--case", "case", "--key-file", "key", "--json")
    assert done.code == 0, done.err
    return json.loads((at.work / "case" / "census.json").read_text(encoding="utf-8"))["persons"] - len(OTHERS)


@pytest.mark.parametrize(
    "number",
    ["0000000000000", "1111111111111", "2000000000000", "999999999999999", "2999999999999", "1", "1234567890123"],
)
def test_a_placeholder_for_a_nir_joins_nobody(tmp_path, number):
    assert counted(tmp_path, [replace(one, nir=number) for one in MARIES]) == 20


def test_a_childs_rows_under_a_parents_nir_are_one_child(tmp_path):
    parent = OTHERS[0]
    child = replace(parent, first="MARIE", sex="F" if parent.sex == "M" else "M", born="2015-03-04")
    again = [
        replace(child, born="2015-04-03"),
        replace(child, born="2015-03-14", address="9 RUE NEUVE"),
        replace(child, surname="QUERMELEUC", address="9 RUE NEUVE", phone=""),
        *[replace(child, born="", address="9 RUE NEUVE", phone="") for _ in range(6)],
    ]
    assert counted(tmp_path, [child, *again]) == 1


def test_a_household_with_one_mail_and_no_first_names_is_not_one_person(tmp_path):
    nobody = [replace(one, first="", born="", address="", postcode="", phone="") for one in MARIES]
    assert counted(tmp_path, [*nobody, *nobody], "contact@example.org") == 20


def test_rows_that_say_no_name_are_told_apart_by_their_mail(tmp_path):
    nobody = [replace(one, surname="", first="", born="", address="", postcode="", phone="") for one in MARIES]
    assert counted(tmp_path, nobody, "contact@example.org") == 1


@pytest.mark.parametrize("day", ["1900-01-01", "1899-12-30"])
@pytest.mark.parametrize("phone", ["0600000000", "0606060606", "0000000000", "06 00 00 00 00", "06.66.66.66.66"])
def test_the_day_a_program_begins_with_is_nobodys(tmp_path, day, phone):
    assert counted(tmp_path, [replace(one, born=day, phone=phone) for one in MARIES]) == 20


@pytest.mark.parametrize(("phone", "persons"), [("0600000000", 20), ("0612341234", 1)])
def test_a_telephone_of_one_digit_joins_no_namesakes(tmp_path, phone, persons):
    same = [replace(one, surname="MARTIN", born="", address="", postcode="") for one in MARIES]
    assert counted(tmp_path, [replace(one, phone=phone) for one in same]) == persons
