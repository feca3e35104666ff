"""`etanche find`: asked for on the terminal or on standard input; masked, limited, logged by a hash."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace

import pytest

import registries
from etanche.casefile import CaseFolder, Event
from etanche.config import Config
from etanche.linking.finding import PER_HOUR
from inprocess import Inside

LEAKED = registries.people(50)
KEY = ("--key-file", "key")
ONE = LEAKED[3]
CHILD = replace(LEAKED[9], nir=ONE.nir, first="ZOE", born="2015-06-07")
HEADER = [*registries.LEAK_HEADER, "NOM_LABO", "GROUPE_SANGUIN"]


def asked(one, **more):
    return {"surname": one.surname, "first_name": one.first, "birth_date": one.born, **more}


@pytest.fixture(scope="module")
def triaged(tmp_path_factory):
    place = Inside(tmp_path_factory.mktemp("found"))
    rows = [[*one.cells, f"LABO {number % 3}", "A+" if number % 2 else ""] for number, one in enumerate(LEAKED)]
    rows += [[*ONE.cells, "LABO 2", ""], [*CHILD.cells, "LABO 1", "O-"]]
    registries.write(place.work / "leak.csv", [HEADER, *rows])
    assert place.run("triage", "leak.csv", "--case", "case", *KEY, "--json").code == 0
    return place


@pytest.fixture
def at(triaged, tmp_path):
    place = Inside(tmp_path / "copy")
    shutil.copytree(triaged.work, place.work, dirs_exist_ok=True)
    return place


def find(at, said, *more):
    data = said if isinstance(said, bytes) else json.dumps(said).encode()
    return at.run("find", "--case", "case", *KEY, "--json", *more, stdin=data)


def found(at, said, *more):
    done = find(at, said, *more)
    assert done.code == 0, done.err
    return json.loads(done.out)


def shown(at):
    lines = (at.work / "case" / "custody.jsonl").read_text().splitlines()
    return [entry["params"] for entry in map(json.loads, lines) if entry["event"] == "shown"]


def test_rows_families_and_laboratory_of_one_person(at):
    said = found(at, asked(ONE))
    assert [row["row"] for row in said["rows"]] == [4, 51]
    assert (said["found"], said["maybe"]) == (2, 0)
    assert [row["laboratory"] for row in said["rows"]] == ["LABO 0", "LABO 2"]
    assert ["health" in row["families"] for row in said["rows"]] == [True, False]
    assert all({"civil", "nir", "contact"} <= set(row["families"]) for row in said["rows"])


def test_it_is_as_tolerant_as_the_linker(at):
    said = found(at, asked(replace(ONE, surname=ONE.surname.lower(), first=ONE.first.title()), nir=ONE.nir))
    assert {row["row"] for row in said["rows"]} == {4, 51}
    turned = found(at, {**asked(ONE), "surname": ONE.first, "first_name": ONE.surname, "nir": ONE.nir})
    assert {4, 51} <= {row["row"] for row in turned["rows"]}
    day = "/".join(reversed(ONE.born.split("-")))
    assert found(at, {**asked(ONE), "birth_date": day})["found"] == 2


def test_values_are_masked_and_in_clear_only_with_a_reason(at):
    said = find(at, asked(ONE)).out
    for value in (ONE.surname, ONE.nir, ONE.phone, ONE.address, ONE.born):
        assert value not in said
    refused = find(at, asked(ONE), "--clear")
    assert refused.code == 2
    clear = found(at, asked(ONE), "--clear", "--reason", "right of access, letter of 3 March")
    assert clear["rows"][0]["cells"]["NUM_SECU"] == ONE.nir
    assert clear["rows"][0]["cells"]["GROUPE_SANGUIN"] == "A+"
    assert shown(at)[-1]["reason"] == "right of access, letter of 3 March"
    assert shown(at)[-1]["clear"] == 1


def test_a_number_finds_its_owner_and_only_counts_the_child_under_it(at):
    said = found(at, {"nir": ONE.nir})
    assert {row["row"] for row in said["rows"]} == {4, 51}
    assert said["others_under_number"] == 1
    child = found(at, {"nir": ONE.nir}, "--clear", "--reason", "asked by the parent")
    assert CHILD.first not in json.dumps(child)


def test_nobody_is_an_answer(at):
    said = found(at, {"surname": "ABSENTE", "first_name": "PERSONNE", "birth_date": "1950-01-01"})
    assert said == {"found": 0, "maybe": 0, "others_under_number": 0, "rows": []}


def test_the_log_has_a_hash_that_is_the_same_for_one_person_and_none_of_the_identity(at):
    found(at, asked(ONE))
    found(at, asked(replace(ONE, surname=ONE.surname.lower())))
    found(at, asked(LEAKED[5]))
    one, again, other = (each["person"] for each in shown(at)[-3:])
    assert one == again != other
    log = (at.work / "case" / "custody.jsonl").read_text().upper()
    for value in (ONE.surname, ONE.nir, ONE.born):
        assert value not in log
    from hashlib import sha256

    plain = "\n".join(["find", ONE.surname, ONE.first, ONE.born, ""])
    assert sha256(plain.encode()).hexdigest()[:32] != one


def test_only_so_many_an_hour(at):
    with CaseFolder.open(at.work / "case", Config()) as case:
        for _ in range(PER_HOUR - 1):
            case.log(Event.SHOWN, what="find", person="0" * 32, clear=0)
    assert find(at, asked(ONE)).code == 0
    done = find(at, asked(ONE))
    assert done.code == 5
    assert "wait" in done.only_fault
    assert len(shown(at)) == PER_HOUR


@pytest.mark.parametrize(
    "said",
    [
        b"",
        b"[]",
        b'{"name": "x"}',
        {"surname": "MARTIN"},
        {"surname": "MARTIN", "first_name": "JEAN"},
        {"nir": "12"},
        {"surname": "A", "first_name": "B", "birth_date": "soon"},
        b"[" * 60_000,
    ],
)
def test_too_little_is_refused_and_not_counted(at, said):
    done = find(at, said)
    assert done.code == 2
    assert done.only_fault
    assert shown(at) == []


def test_on_the_terminal_it_asks(at):
    answers = [("Surname", ONE.surname), ("First name", ONE.first), ("Born", ONE.born), ("NIR", "")]
    done = at.on_terminal("find", "--case", "case", *KEY, answers=answers)
    assert done.code == 0, done.out
    assert "2 rows of this person" in done.out
    assert "health" in done.out


def test_nobody_there_and_no_json_is_said(at):
    done = at.run("find", "--case", "case", *KEY)
    assert done.code == 2
    assert "--json" in done.only_fault


def test_a_purged_case_has_nobody(at):
    assert at.run("purge", "--case", "case", "--data").code == 0
    assert find(at, asked(ONE)).code == 5
