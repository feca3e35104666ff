"""`etanche handover`: one controller's own part, and nothing of another's; `link --export` and `link --why`."""

from __future__ import annotations

import csv
import errno
import io
import json
import os
import shutil
import stat
import tarfile
from dataclasses import replace

import pyarrow.parquet as pq
import pytest

import registries
from etanche import linking
from etanche.casefile import disk
from etanche.casefile.keys import read_key_file
from etanche.crypto import generate, unseal
from etanche.errors import UserError
from etanche.linking import listing
from inprocess import Inside

LEAKED = registries.people(80)
KEY = ("--key-file", "key")
FIRST, SECOND = LEAKED[:30], LEAKED[30:60]


@pytest.fixture(scope="module")
def linked(tmp_path_factory):
    """A leak of eighty, and two laboratories whose patients it holds."""
    place = Inside(tmp_path_factory.mktemp("handed"))
    registries.write(place.work / "leak.csv", [registries.LEAK_HEADER, *(one.cells for one in LEAKED)])
    assert place.run("triage", "leak.csv", "--case", "case", *KEY, "--json").code == 0
    for name, some in (("one", FIRST), ("two", SECOND)):
        strangers = registries.people(40, seed=7 if name == "one" else 8)
        registries.write(place.work / f"{name}.csv", registries.registry([*some, *strangers]))
        done = place.run("link", "--case", "case", "--registry", f"{name}.csv", "--own", *KEY, "--json")
        assert json.loads(done.out)["notify"] == 30, done.err
    return place


@pytest.fixture
def at(linked, tmp_path):
    place = Inside(tmp_path / "copy")
    shutil.copytree(linked.work, place.work, dirs_exist_ok=True)
    return place


def hand(at, name, *more):
    return at.run("handover", "--case", "case", "--name", name, "--to", "out", *KEY, *more)


def opened(at, name, key=None):
    identity = key or read_key_file(at.work / "out" / f"{name}.key")
    data = unseal((at.work / "out" / f"{name}.tar.age").read_bytes(), identity)
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        return {member.name: archive.extractfile(member).read() for member in archive}


def log(at):
    return [json.loads(line) for line in (at.work / "case" / "custody.jsonl").read_text().splitlines()]


def test_one_part_under_its_own_key(at):
    done = hand(at, "one", "--json")
    assert done.code == 0, done.err
    said = json.loads(done.out)
    assert (said["persons"], said["rows"], said["withheld"]) == (30, 30, 0)
    held = opened(at, "one")
    assert held.keys() == {
        "list.parquet", "addressees.parquet", "rows.parquet", "rows.csv", "counts.json", "custody.json", "README.txt",
    }  # fmt: skip
    rows = list(csv.DictReader(held["rows.csv"].decode("utf-8-sig").splitlines()))
    assert {row["NUM_SECU"] for row in rows} == {one.nir for one in FIRST}
    assert {int(row["row"]) for row in rows} == set(range(1, 31))
    assert pq.read_table(io.BytesIO(held["rows.parquet"])).num_rows == 30
    assert json.loads(held["counts.json"])["families"]["nir"] == 30
    for name in ("one.key", "one.tar.age"):
        assert stat.S_IMODE((at.work / "out" / name).stat().st_mode) == 0o600


def test_nothing_of_the_other_is_in_it(at):
    for name, others in (("one", LEAKED[30:]), ("two", [*LEAKED[:30], *LEAKED[60:]])):
        assert hand(at, name).code == 0
        held = opened(at, name)
        tables = [pq.read_table(io.BytesIO(data)) for file, data in held.items() if file.endswith(".parquet")]
        texts = [json.dumps(table.to_pylist(), default=str) for table in tables]
        texts += [data.decode() for file, data in held.items() if not file.endswith(".parquet")]
        for one in others:
            for value in (one.nir, one.phone, one.address, str(one.key)):
                assert not any(f'"{value}"' in text or f",{value}," in text for text in texts)
        other = "two" if name == "one" else "one"
        assert all(entry["params"].get("name") != other for entry in json.loads(held["custody.json"]))
        assert any(entry["event"] == "linked" for entry in json.loads(held["custody.json"]))


def test_a_row_that_another_has_for_somebody_else_is_left_out(at):
    """A twin in the other registry: the same home and name; whose row it is, the slice does not say."""
    twin = replace(LEAKED[2], first="ANNIE" if LEAKED[2].first == "ANNE" else LEAKED[2].first + "E", nir="", phone="")
    registries.write(at.work / "three.csv", registries.registry([twin, *registries.people(40, seed=9)]))
    assert at.run("link", "--case", "case", "--registry", "three.csv", "--own", *KEY).code == 0
    assert hand(at, "one").code == 0
    assert hand(at, "three", "--json").code == 0
    assert LEAKED[2].nir in opened(at, "one")["rows.csv"].decode()
    assert LEAKED[2].nir not in opened(at, "three")["rows.csv"].decode()


def test_the_keys_of_two_controllers_differ_and_a_shared_one_is_refused(at):
    own = generate()
    assert hand(at, "one", "--recipient", own.recipient.text).code == 0
    assert opened(at, "one", own)
    assert not (at.work / "out" / "one.key").exists()
    done = hand(at, "two", "--recipient", own.recipient.text)
    assert done.code == 5
    assert not (at.work / "out" / "two.tar.age").exists()
    case_own = json.loads((at.work / "case" / "key.json").read_text())["recipient"]
    assert hand(at, "two", "--recipient", case_own).code == 5
    assert hand(at, "one", "--recipient", own.recipient.text).code == 0


def test_a_second_handover_uses_the_key_that_was_made(at):
    assert hand(at, "one").code == 0
    key = (at.work / "out" / "one.key").read_text()
    done = hand(at, "one", "--json")
    assert json.loads(done.out)["key_made"] is None
    assert (at.work / "out" / "one.key").read_text() == key
    assert opened(at, "one")


def test_what_is_refused(at):
    assert hand(at, "nobody").code == 3
    assert hand(at, "one", "--recipient", "age1nonsense").code == 2
    done = at.run("handover", "--case", "case", "--name", "one", "--to", "case/out", *KEY)
    assert done.code == 5
    (at.work / "out").mkdir()
    (at.work / "out" / "one.key").write_text("mine")
    done = hand(at, "one")
    assert (done.code, (at.work / "out" / "one.key").read_text()) == (2, "mine")
    assert not [entry for entry in log(at) if entry["event"] == "sliced"]
    assert at.run("purge", "--case", "case", "--data").code == 0
    assert hand(at, "one").code == 5


def test_a_full_disk_leaves_no_key_without_its_part(at, monkeypatch):
    """A key that opens nothing would be handed over; one that was there before is its owner's, and stays."""
    real, room = disk.write, [0]

    def full(path, data):
        if path.parent.name == "out":
            room[0] -= 1
            if room[0] < 0:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        real(path, data)

    monkeypatch.setattr(disk, "write", full)
    monkeypatch.setattr(listing, "write_whole", full)
    for files in (0, 1):
        room[0] = files
        done = at.run("--lang", "fr", "handover", "--case", "case", "--name", "one", "--to", "new/out", *KEY)
        assert done.code == 1
        assert ("plus de place" in done.only_fault, "--to" in done.only_fault) == (True, True)
        assert not (at.work / "new").exists()
    room[0] = 2
    assert hand(at, "one").code == 0
    own = (at.work / "out" / "one.key").read_bytes()
    room[0] = 0
    assert hand(at, "one").code == 1
    assert (at.work / "out" / "one.key").read_bytes() == own


def test_a_place_that_cannot_be_written_is_that_of_to(at, monkeypatch):
    (at.work / "file").write_text("")
    done = at.run("handover", "--case", "case", "--name", "one", "--to", "file/out", *KEY)
    assert done.code == 1
    assert "--to" in done.fault
    # As a folder that one may not write says it: the tests may be run by somebody who may write anywhere.
    monkeypatch.setattr(linking, "hand_over", denied)
    done = hand(at, "one")
    assert "--to" in done.fault
    assert "--case" not in done.fault


def denied(request, _config):
    raise UserError("case_not_permitted", path=str(request.to / "one.key"))


def test_it_is_logged(at):
    assert hand(at, "one").code == 0
    [sliced] = [entry["params"] for entry in log(at) if entry["event"] == "sliced"]
    assert (sliced["name"], sliced["persons"], sliced["rows"]) == ("one", 30, 30)
    assert sliced["recipient"].startswith("age1")
    assert at.run("custody", "--case", "case").code == 0


# -- the list written for those who send letters ---------------------------------------------------------------------


def table(path):
    return list(csv.DictReader(path.read_text("utf-8-sig").splitlines()))


def test_addresses_and_families_are_apart_and_only_the_number_joins_them(at):
    done = at.run("link", "--case", "case", "--export", "letters", *KEY, "--json")
    assert done.code == 0, done.err
    assert json.loads(done.out) == {"letters": {"one": 30, "two": 30}}
    folder = at.work / "letters" / "one"
    postal, families, keys = (table(folder / f"{name}.csv") for name in ("postal", "families", "keys"))
    assert {row["address"] for row in postal} == {one.address for one in FIRST}
    assert "families" not in postal[0]
    assert families[0].keys() == {"letter", "families"}
    assert [row["letter"] for row in postal] == [row["letter"] for row in families] == [row["letter"] for row in keys]
    assert [row["letter"] for row in postal] == sorted(row["letter"] for row in postal)
    assert {row["registry_key"] for row in keys} == {str(one.key) for one in FIRST}
    assert {row["letter"] for row in table(folder / "by-family" / "nir.csv")} == {row["letter"] for row in postal}
    assert not (folder / "by-family" / "health.csv").exists()
    assert pq.read_table(folder / "postal.parquet").to_pylist() == [{**row} for row in postal]
    text = "".join(file.read_text("utf-8-sig") for file in folder.rglob("*.csv"))
    assert not any(one.nir in text or one.phone in text for one in LEAKED)
    assert not any(one.address in text for one in SECOND)


def test_a_letter_keeps_its_number_and_two_lists_share_none(at):
    for folder in ("a", "b"):
        assert at.run("link", "--case", "case", "--export", folder, *KEY).code == 0
    first, second = ((at.work / folder / "one" / "keys.csv").read_bytes() for folder in ("a", "b"))
    assert first == second
    one, two = ({row["letter"] for row in table(at.work / "a" / name / "keys.csv")} for name in ("one", "two"))
    assert not one & two


LETTER_LISTS = {
    "deceased": (FIRST[0], ""),
    "at_risk": (FIRST[1], ""),
    "not_them": (FIRST[2], ""),
    "confidential": (FIRST[3], ""),
    "guardianship": (FIRST[4], "Jeanne Tutrice,9 RUE DE LA PAIX,35000,RENNES"),
}


@pytest.fixture
def lettered(at):
    """The letters of one of the two laboratories worked out, five of its persons on lists, none of the other's."""
    (at.work / "controllers.csv").write_text("code,name\nONE,Laboratoire un\n")
    lines = [f"{one.key},{listed},{place or ',,,'}" for listed, (one, place) in LETTER_LISTS.items()]
    (at.work / "lists.csv").write_text("\n".join(["registry_key,list,name,address,postcode,commune", *lines]) + "\n")
    # The registry of the fixture has no town.
    towns = [f"{one.key},address,,{one.address},{one.postcode[:2]}000,RENNES" for one in FIRST[5:20]]
    with (at.work / "lists.csv").open("a") as stream:
        stream.write("\n".join(towns) + "\n")
    said = ("letters", "--case", "case", "--controllers", "controllers.csv", "--lists", "lists.csv", "--json", *KEY)
    done = at.run(*said)
    assert done.code == 0, done.err
    at.letters = said
    return at


def test_where_there_are_letters_the_export_is_of_them(lettered):
    at = lettered
    done = at.run("link", "--case", "case", "--export", "letters", *KEY, "--json")
    assert done.code == 0, done.err
    said = json.loads(done.out)
    assert said == {"letters": {"one": 16, "two": 30}, "held": {"one": 14}}
    assert ("two: no letters yet" in done.err, "one: as its letters stand" in done.err) == (True, True)
    folder = at.work / "letters" / "one"
    postal, keys, held = (table(folder / f"{name}.csv") for name in ("postal", "keys", "not-notified"))
    gone = {str(one.key) for listed, (one, _) in LETTER_LISTS.items() if listed != "guardianship"}
    assert not gone & {row["registry_key"] for row in keys}
    why = {row["registry_key"]: row["reason"] for row in held}
    for listed, (one, _) in LETTER_LISTS.items():
        assert why.get(str(one.key), "") == ("" if listed == "guardianship" else f"letter:{listed}")
    assert {why[str(one.key)] for one in FIRST[20:]} == {"letter:incomplete"}
    assert {row["registry_key"] for row in keys} | why.keys() >= {str(one.key) for one in FIRST}
    # The numbers are those that stand on the letters, and a ward's letter goes to the guardian.
    assert all(row["letter"].startswith("ONE-0") for row in postal)
    ward = next(row["letter"] for row in keys if row["registry_key"] == str(FIRST[4].key))
    window = next(row for row in postal if row["letter"] == ward)
    assert (window["line_1"], window["postcode"]) == ("JEANNE TUTRICE", "35000")
    assert "families" not in postal[0]
    text = "".join(file.read_text("utf-8-sig") for file in folder.rglob("*.csv"))
    assert not any(one.address in text for one in [FIRST[0], FIRST[1], FIRST[3], *SECOND])


def test_letters_older_than_their_list_decide_nothing(lettered):
    at = lettered
    done = at.run("link", "--case", "case", "--registry", "one.csv", "--own", *KEY)
    assert done.code == 0, done.err
    done = at.run("link", "--case", "case", "--export", "letters", *KEY)
    assert done.code == 5
    assert "etanche letters" in done.only_fault
    assert not (at.work / "letters").exists()
    assert at.run("link", "--case", "case", "--export", "letters", "--name", "two", *KEY).code == 0
    assert at.run(*at.letters).code == 0
    assert at.run("link", "--case", "case", "--export", "letters", *KEY).code == 0


def exported(at):
    return at.run("link", "--case", "case", "--export", "letters", "--name", "one", *KEY).code


def test_letters_that_were_only_begun_anew_decide_nothing(lettered, monkeypatch):
    """A command that was given another controller's file, or was stopped, left the letters what they were."""
    at = lettered
    assert at.run("link", "--case", "case", "--registry", "one.csv", "--own", *KEY).code == 0
    (at.work / "other.csv").write_text("code,name\nTWO,Laboratoire deux\n")
    assert at.run("letters", "--case", "case", "--controllers", "other.csv", "--json", *KEY).code == 0
    assert exported(at) == 5
    assert at.run(*at.letters).code == 0
    assert exported(at) == 0

    def stopped(*_):
        raise KeyboardInterrupt

    # The lists are kept by then: somebody may be dead who was not.
    with monkeypatch.context() as patched:
        patched.setattr("etanche.responding.letters_work._worked", stopped)
        assert at.run(*at.letters).code == 1
    assert exported(at) == 5
    assert at.run(*at.letters).code == 0
    assert exported(at) == 0


def test_no_cell_is_a_formula(at):
    evil = [replace(one, address=f"=1+{number}") if number < 3 else one for number, one in enumerate(FIRST)]
    registries.write(at.work / "evil.csv", registries.registry(evil))
    assert at.run("link", "--case", "case", "--registry", "evil.csv", "--own", *KEY).code == 0
    assert at.run("link", "--case", "case", "--name", "evil", "--export", "letters", *KEY).code == 0
    addresses = [row["address"] for row in table(at.work / "letters" / "evil" / "postal.csv")]
    assert sum(address.startswith("'=1+") for address in addresses) == 3
    assert not any(address.startswith("=") for address in addresses)


def test_export_refuses_what_it_must(at):
    assert at.run("link", "--case", "case", "--export", "case/letters", *KEY).code == 5
    assert at.run("link", "--case", "case", "--export", "x", "--name", "other", *KEY).code == 3
    assert at.run("link", "--case", "case", *KEY).code == 2
    assert at.run("link", "--case", "case", "--export", "x", "--why", "1", *KEY).code == 2


# -- one person explained ----------------------------------------------------------------------------------------------


def test_why_sums_to_the_weight_and_shows_no_value(at):
    one = FIRST[4]
    done = at.run("link", "--case", "case", "--name", "one", "--why", one.key, "--json", *KEY)
    assert done.code == 0, done.err
    said = json.loads(done.out)
    assert said["decision"] == "notify"
    assert said["rule"] == "enough"
    assert said["row"] == 5
    assert abs(said["bias"] + sum(step["bits"] for step in said["steps"]) - said["weight"]) < 0.01
    assert said["steps"][-1]["total"] == pytest.approx(said["weight"], abs=0.01)
    for value in (one.nir, one.surname, one.address, one.phone, one.born):
        assert value not in done.out
    clear = at.run("link", "--case", "case", "--name", "one", "--why", one.key, "--json", "--clear", *KEY)
    assert one.surname in clear.out
    shown = [entry["params"] for entry in log(at) if entry["event"] == "shown"]
    assert [each["clear"] for each in shown if each["what"] == "why"] == [0, 1]


def test_why_as_a_page_fetches_nothing_and_names_nobody(at):
    one = FIRST[4]
    done = at.run(
        "--lang", "fr", "link", "--case", "case", "--name", "one", "--why", one.key, "--html", "why.html", *KEY
    )
    assert done.code == 0, done.err
    page = (at.work / "why.html").read_text()
    assert "<svg" in page
    assert "default-src 'none'" in page
    assert "http" not in page.replace("http-equiv", "")
    assert "<script" not in page
    assert "À informer" in page
    for value in (one.nir, one.surname, one.address, one.phone):
        assert value not in page + done.out


def test_why_refuses_what_it_must(at):
    assert at.run("link", "--case", "case", "--name", "one", "--why", "999999999", *KEY).code == 2
    done = at.run("link", "--case", "case", "--name", "one", "--why", FIRST[0].key, "--html", "case/why.html", *KEY)
    assert done.code == 5
    assert not (at.work / "case" / "why.html").exists()


def test_a_list_of_nobody_is_a_list(at):
    registries.write(at.work / "none.csv", registries.registry(registries.people(40, seed=9)))
    assert at.run("link", "--case", "case", "--registry", "none.csv", "--own", *KEY).code == 0
    own = ("--case", "case", "--name", "none", *KEY)
    for arguments in (("review", "--json"), ("review", "--export", "pairs.csv"), ("link", "--export", "letters")):
        done = at.run(arguments[0], *own, *arguments[1:])
        assert done.code == 0, done.err
    assert table(at.work / "letters" / "none" / "postal.csv") == []
    assert hand(at, "none", "--json").code == 0
    assert opened(at, "none")["rows.csv"].decode("utf-8-sig").count("\r\n") == 1
