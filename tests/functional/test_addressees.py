"""Who is written to, as `etanche link` leaves it sealed for those who write the letters."""

from __future__ import annotations

import io
import json

import pyarrow.parquet as pq
import pytest

import registries
from commandline import Place
from etanche.casefile import CaseFolder, KeyOptions, keys
from etanche.config import Config

LEAKED = registries.people(60)
STRANGERS = registries.people(200, seed=6)
MINE = [*LEAKED[:30], *(one for one in STRANGERS if one.nir not in {other.nir for other in LEAKED})][:100]
MORE = ["GROUPE_SANGUIN", "MOT_DE_PASSE", "COMMENTAIRE"]
SAID = {0: "suivi diabete", 1: "IVG en 2019", 2: "caryotype, trisomie 21", 3: "rappeler demain matin"}


def unsealed(place, name):
    with CaseFolder.open(place.work / "case", Config()) as case:
        identity = keys.unlock(case, Config(), KeyOptions(place.work / "key"))
        return case.unseal(name, identity)


def addressees(place, name="mine"):
    rows = pq.read_table(io.BytesIO(unsealed(place, f"addressees/{name}"))).to_pylist()
    return {row["registry_key"]: row for row in rows}


@pytest.fixture(scope="module")
def linked(tmp_path_factory):
    """A leak in which each person says something else, and the registry of one laboratory."""
    place = Place(tmp_path_factory.mktemp("addressed"))
    rows = [[*registries.LEAK_HEADER, *MORE]]
    for number, one in enumerate(LEAKED):
        blood = "O+" if number % 2 else ""
        rows.append([*one.cells, blood, f"Azerty{number}!" if number in (4, 5) else "", SAID.get(number, "")])
    rows.append([*LEAKED[6].cells, "A-", "", "VIH positif"])
    registries.write(place.work / "leak.csv", rows)
    done = place.run("triage", "leak.csv", "--case", "case", "--key-file", "key", "--json")
    assert done.code == 0, done.err
    header = [*registries.HEADER, "CIVILITE", "VILLE", "EMAIL"]
    cells = [
        [str(one.key), *one.cells, "MME" if one.sex == "F" else "M", "RENNES", f"p{one.key}@example.org"]
        for one in MINE
    ]
    registries.write(place.work / "mine.csv", [header, *cells])
    done = place.run("link", "--case", "case", "--registry", "mine.csv", "--own", "--key-file", "key")
    assert done.code == 0, done.err
    return place


def test_each_person_of_the_list_stands_there_with_the_cells_of_the_registry(linked):
    found = addressees(linked)
    notified = {key for key, row in found.items() if row["decision"] == "notify"}
    assert notified == {one.key for one in LEAKED[:30]}
    for one in LEAKED[:30]:
        row = found[one.key]
        assert (row["surname"], row["first_name"], row["birth_name"]) == (one.surname, one.first, one.birth_name)
        assert (row["address"], row["postcode"], row["commune"]) == (one.address, one.postcode, "RENNES")
        assert row["birth_date"] == "/".join(reversed(one.born.split("-")))
        assert row["title"] == ("MME" if one.sex == "F" else "M")
        assert row["email"] == f"p{one.key}@example.org"
        assert row["country"] == row["full_name"] == ""


def test_no_number_of_the_person_goes_to_who_writes(linked):
    names = pq.read_schema(io.BytesIO(unsealed(linked, "addressees/mine"))).names
    assert names == [
        "registry_key", "decision", "surname", "birth_name", "first_name", "full_name", "sex", "title", "birth_date",
        "address", "postcode", "commune", "country", "email", "families", "rows",
    ]  # fmt: skip
    data = unsealed(linked, "addressees/mine")
    for one in LEAKED:
        assert one.nir[:13].encode() not in data


def test_families_are_those_of_the_persons_own_rows(linked):
    found = {number: addressees(linked)[LEAKED[number].key] for number in range(30)}
    for number, row in found.items():
        families = set(row["families"])
        assert {"civil", "nir", "contact"} <= families
        assert ("credentials" in families) == (number in (4, 5))
        assert ("health" in families) == (number % 2 == 1 or number in (0, 1, 2, 6)), number
        assert ("sex_life" in families) == (number == 1)
        assert ("genetic" in families) == (number == 2)
        assert families.isdisjoint({"financial", "location"})
    assert found[6]["rows"] == [7, 61]


def test_nothing_of_it_lies_readable_in_the_case(linked):
    for file in (linked.work / "case").rglob("*"):
        if file.is_file():
            data = file.read_bytes()
            assert not any(one.address.encode() in data or f"p{one.key}@".encode() in data for one in MINE)


def test_a_list_linked_again_replaces_its_own_and_no_other(linked):
    run = ("link", "--case", "case", "--registry", "mine.csv", "--own", "--key-file", "key", "--json")
    for name in ("mine-2", "mine", "mine"):
        done = linked.run(*run, "--name", name)
        assert json.loads(done.out)["notify"] == 30
    assert addressees(linked).keys() == addressees(linked, "mine-2").keys()


def test_it_goes_with_the_data(linked):
    assert linked.run("purge", "--case", "case", "--data").code == 0
    assert not [file for file in (linked.work / "case").rglob("*") if "addressees" in str(file)]
