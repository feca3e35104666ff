"""No controller's part holds a value of another's patient: families by chance, over laboratories by chance.

Twins share all but a first name, children stand under a parent's number, spouses share home and telephone, homonyms
share a name; any of them may be another laboratory's patient, or be in two registries at once.
"""

from __future__ import annotations

import io
import json
import random
import tarfile
from dataclasses import replace

import pyarrow.parquet as pq
import pytest

import registries
from etanche.casefile.keys import read_key_file
from etanche.crypto import unseal
from inprocess import Inside

LABS = ("north", "south", "west")
KEY = ("--key-file", "key")


def families(chance: random.Random) -> list[registries.One]:
    """Return people of whom many are near one another."""
    found = []
    for number, one in enumerate(registries.people(70, seed=chance.randint(1, 10_000))):
        found.append(one)
        fresh = {"key": one.key + 1, "nir": "", "phone": one.phone}
        match number % 6:
            case 0:
                found.append(replace(one, **fresh, first="ALEXIS" if one.first != "ALEXIS" else "BENOIT"))
            case 1:
                born = f"20{chance.randint(10, 20)}-0{chance.randint(1, 9)}-1{chance.randint(0, 9)}"
                found.append(replace(one, **{**fresh, "nir": one.nir}, first="LENA", born=born))
            case 2:
                other = replace(one, **fresh, sex="F" if one.sex == "M" else "M", first="DOMINIQUE")
                found.append(replace(other, born=f"19{chance.randint(40, 90)}-02-03"))
            case 3:
                home = {"address": f"{number} QUAI LOINTAIN", "postcode": "13002", "phone": f"07{10**7 + number}"}
                found.append(replace(one, **{**fresh, **home}, born=f"19{chance.randint(40, 90)}-11-12"))
            case _:
                pass
    return found


@pytest.mark.parametrize("seed", [1, 2])
def test_no_value_of_anothers_patient_is_in_a_part(tmp_path, seed):
    chance = random.Random(seed)
    people = families(chance)
    place = Inside(tmp_path / "account")
    registries.write(place.work / "leak.csv", [registries.LEAK_HEADER, *(one.cells for one in people)])
    assert place.run("triage", "leak.csv", "--case", "case", *KEY, "--json").code == 0
    patients: dict[str, set[int]] = {lab: set() for lab in LABS}
    for number in range(len(people)):
        for lab in chance.sample(LABS, chance.choices((1, 2), (9, 1))[0]):
            patients[lab].add(number)
    for lab, mine in patients.items():
        rows = registries.registry([people[number] for number in sorted(mine)])
        registries.write(place.work / f"{lab}.csv", rows)
        done = place.run("link", "--case", "case", "--registry", f"{lab}.csv", "--own", *KEY)
        assert done.code == 0, done.err
    handed = 0
    for lab, mine in patients.items():
        done = place.run("handover", "--case", "case", "--name", lab, "--to", "out", *KEY, "--json")
        assert done.code == 0, done.err
        identity = read_key_file(place.work / "out" / f"{lab}.key")
        data = unseal((place.work / "out" / f"{lab}.tar.age").read_bytes(), identity)
        with tarfile.open(fileobj=io.BytesIO(data)) as archive:
            held = {member.name: archive.extractfile(member).read() for member in archive}
        rows = pq.read_table(io.BytesIO(held["rows.parquet"])).to_pylist()
        assert {row["row"] - 1 for row in rows} <= mine, "a row of somebody who is no patient of theirs"
        handed += len(rows)
        own = {value for number in mine for value in people[number].cells} | {""}
        tables = [pq.read_table(io.BytesIO(held[name])) for name in held if name.endswith(".parquet")]
        cells = {str(cell) for table in tables for row in table.to_pylist() for cell in row.values()}
        for number in set(range(len(people))) - mine:
            for value in people[number].cells:
                assert value in own or value not in cells
        names = {entry["params"].get("name") for entry in json.loads(held["custody.json"])}
        assert not names & (set(LABS) - {lab})
    assert handed > 0.8 * len(people)
