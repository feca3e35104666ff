"""`etanche persons`: who is who among the rows of a leak."""

from __future__ import annotations

import io
import json
from dataclasses import replace

import pyarrow.parquet as pq
import pytest

import registries
from commandline import Place
from etanche.casefile import CaseFolder, KeyOptions, keys
from etanche.config import Config

KEY = ("--key-file", "key")
PEOPLE = registries.people(60)


def again(number, one):
    """Return someone's second row: mistyped, under another name, moved, or without their NIR."""
    return [
        replace(one, first=one.first[:2] + one.first[3:]),
        replace(registries.married(one, "QUERMELEUC"), address="99 RUE NEUVE", postcode="44000", phone=""),
        replace(one, nir="", address="99 RUE NEUVE", postcode="44000"),
        replace(one, born=one.born[:8] + ("11" if one.born[8:] != "11" else "12"), nir=""),
    ][number % 4]


@pytest.fixture
def at(tmp_path):
    return Place(tmp_path)


def triaged(at, header, rows):
    registries.write(at.work / "leak.csv", [header, *rows])
    assert at.run("triage", "leak.csv", "--case", "case", *KEY, "--json").code == 0
    return json.loads((at.work / "case" / "census.json").read_text(encoding="utf-8"))


def sealed(at):
    config = Config()
    with CaseFolder.open(at.work / "case", config) as case:
        identity = keys.unlock(case, config, KeyOptions(at.work / "key"))
        return pq.read_table(io.BytesIO(case.unseal("persons/rows", identity))).to_pydict()


def test_every_row_is_told_whose_it_is(at):
    rows = [one.cells for one in PEOPLE] + [again(number, one).cells for number, one in enumerate(PEOPLE[:40])]
    census = triaged(at, registries.LEAK_HEADER, rows)
    done = at.run("persons", "--case", "case", *KEY, "--json")
    assert done.code == 0, done.err
    said = json.loads(done.out)
    assert (said["rows"], said["persons"], said["persons_by_rows"]) == (100, 60, {"1": 20, "2": 40})
    assert said["census_persons"] == census["persons"]
    assert sealed(at) == {"row": list(range(1, 101)), "person": [*range(1, 61), *range(1, 41)]}
    assert json.loads((at.work / "case" / "persons.json").read_text(encoding="utf-8")) == said
    events = [json.loads(line) for line in (at.work / "case" / "custody.jsonl").read_text().splitlines()]
    assert ("persons_counted", 60) in [(each["event"], each["params"].get("persons")) for each in events]
    # What was sealed before gives way, and the case is whole.
    assert at.run("persons", "--case", "case", *KEY).code == 0
    assert at.run("custody", "--case", "case").code == 0


def test_a_leak_of_names_and_days_alone_is_weighed_by_what_it_shows(at):
    header = ["NOM_USUEL", "PRENOM", "DATE_NAISSANCE", "CODE_POSTAL"]
    rows = [[one.cells[1], one.cells[3], one.cells[5], one.postcode] for one in PEOPLE]
    triaged(at, header, [*rows, *rows[:20]])
    said = json.loads(at.run("persons", "--case", "case", *KEY, "--json").out)
    assert said["weights"] == "learned"
    assert said["persons"] == 60


def test_rows_without_a_name_are_told_by_the_record_that_they_share(at):
    (at.work / "leak").mkdir()
    patients = [["id_patient", *registries.LEAK_HEADER]]
    patients += [[str(1000 + number), *one.cells] for number, one in enumerate(PEOPLE)]
    visits = [["id_patient", "date_prelevement", "analyse"]]
    visits += [[str(1000 + number % 60), f"2020-03-{number % 28 + 1:02}", "NFS"] for number in range(180)]
    registries.write(at.work / "leak" / "patients.csv", patients)
    registries.write(at.work / "leak" / "visites.csv", visits)
    assert at.run("triage", "leak", "--case", "case", *KEY, "--json").code == 0
    said = json.loads(at.run("persons", "--case", "case", *KEY, "--json").out)
    assert (said["rows"], said["persons"], said["persons_by_rows"]) == (240, 60, {"4": 60})
    assert said["census_persons"] == 60


def test_rows_of_an_e_mail_alone(at):
    header = ["NOM", "PRENOM", "DATE_NAISSANCE", "EMAIL"]
    mails = [f"{one.first}.{one.surname}@exemple.fr".lower() for one in PEOPLE]
    named = [[one.cells[1], one.cells[3], one.cells[5], mail] for one, mail in zip(PEOPLE, mails, strict=True)]
    triaged(at, header, [*named, *(["", "", "", f"x{number % 5}@exemple.fr"] for number in range(20))])
    said = json.loads(at.run("persons", "--case", "case", *KEY, "--json").out)
    assert said["persons"] == said["census_persons"] == 65


def test_nothing_is_counted_without_names_or_rows(at):
    triaged(at, ["CODE_POSTAL", "TEL_PORTABLE"], [[one.postcode, one.phone] for one in PEOPLE])
    done = at.run("persons", "--case", "case", *KEY)
    assert done.code == 2
    assert "persons.json" not in [file.name for file in (at.work / "case").iterdir()]
    assert at.run("purge", "--case", "case", "--data").code == 0
    assert at.run("persons", "--case", "case", *KEY).code == 5
