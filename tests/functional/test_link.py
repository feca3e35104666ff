"""`etanche link` as a user types it: on what ground, who is found, what is left, what is refused."""

from __future__ import annotations

import io
import json
import shutil
import stat
from dataclasses import replace
from datetime import date
from hashlib import sha256

import pyarrow.parquet as pq
import pytest

import registries
from commandline import Place
from etanche.casefile import CaseFolder, Event
from etanche.config import Config

MANDATE = """
controller = "Laboratoire Synthetique"
scope = "patients of 2019 to 2020"
until = {until}
signed_by = "A. Signataire"
"""
LEAKED = registries.people(120)
STRANGERS = registries.people(300, seed=6)
MINE = [*LEAKED[:50], *(one for one in STRANGERS if one.nir not in {other.nir for other in LEAKED})][:150]


@pytest.fixture(scope="module")
def opened(tmp_path_factory):
    """A case of 120 rows, the first person once more at the end."""
    place = Place(tmp_path_factory.mktemp("linked"))
    rows = [registries.LEAK_HEADER, *(one.cells for one in LEAKED), LEAKED[0].cells]
    registries.write(place.work / "leak.csv", rows)
    done = place.run("triage", "leak.csv", "--case", "case", "--key-file", "key", "--json")
    assert done.code == 0, done.err
    registries.write(place.work / "mine.csv", registries.registry(MINE))
    return place


@pytest.fixture
def at(opened, tmp_path):
    """A copy of it, to do with as one likes."""
    place = Place(tmp_path / "copy")
    shutil.copytree(opened.work, place.work, dirs_exist_ok=True)
    return place


def link(at, *more, registry="mine.csv", ground=("--own",)):
    return at.run("link", "--case", "case", "--registry", registry, "--key-file", "key", *ground, *more)


def listed(path):
    return pq.read_table(path).to_pylist()


def log(at):
    return [json.loads(line) for line in (at.work / "case" / "custody.jsonl").read_text().splitlines()]


def written(at):
    """Every file there is, with its content."""
    return {file: file.read_bytes() for file in at.work.rglob("*") if file.is_file() and not file.is_symlink()}


def sealed(at):
    return sorted(file.name for file in (at.work / "case").rglob("*") if "matches" in str(file) and file.is_file())


def test_who_is_in_both_is_notified_and_nobody_else(at):
    done = link(at, "--to", "out.parquet", "--json")
    assert (done.code, done.err) == (0, "")
    found = {row["registry_key"]: row for row in listed(at.work / "out.parquet") if row["decision"] == "notify"}
    assert found.keys() == {one.key for one in LEAKED[:50]}
    assert found[LEAKED[0].key]["rows"] == [1, 121]
    assert found[LEAKED[7].key]["rows"] == [8]
    assert "nir:equal" in found[LEAKED[7].key]["reason"]
    assert found[LEAKED[7].key]["weight"] > 10
    said = json.loads(done.out)
    assert (said["name"], said["notify"], said["registry"]["persons"]) == ("mine", 50, 150)
    assert said["registry"]["key"] == "ID_PATIENT"
    assert said["error"]["wrong_expected"] < 1
    assert said["seconds"].keys() == {"open", "leak", "registry", "compare", "decide", "addressees", "pack"}
    assert json.loads((at.work / "case" / "link-mine.json").read_text()) == said


def test_the_list_has_its_columns_and_is_its_owners_alone(at):
    assert link(at, "--to", "out.parquet").code == 0
    out = at.work / "out.parquet"
    assert pq.read_schema(out).names == ["registry_key", "decision", "weight", "reason", "rows"]
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    assert not [file for file in at.work.iterdir() if file.name.startswith(".")]


def test_without_a_ground_nothing_is_read(at):
    before = written(at)
    done = link(at, "--to", "out.parquet", ground=())
    assert done.code == 5
    assert "--own" in done.only_fault
    assert "--mandate" in done.only_fault
    assert written(at) == before


def test_both_grounds_are_none(at):
    (at.work / "mandate.toml").write_text(MANDATE.format(until="2099-12-31"), encoding="utf-8")
    assert link(at, "--mandate", "mandate.toml").code == 5


def test_a_mandate_is_a_ground_and_is_logged(at):
    (at.work / "mandate.toml").write_text(MANDATE.format(until="2099-12-31"), encoding="utf-8")
    done = link(at, "--name", "LAB 7", ground=("--mandate", "mandate.toml"))
    assert done.code == 0, done.err
    (command,) = [entry["params"] for entry in log(at) if entry["params"].get("command") == "link"]
    assert command["ground"] == "mandate"
    assert command["controller"] == "Laboratoire Synthetique"
    assert command["signed_by"] == "A. Signataire"
    assert command["until"] == "2099-12-31"
    assert len(command["mandate_sha256"]) == 64


@pytest.mark.parametrize(
    "content",
    [
        MANDATE.format(until="2020-01-31"),
        MANDATE.format(until='"soon"'),
        MANDATE.format(until="2099-12-31").replace("signed_by", "signed"),
        MANDATE.format(until="2099-12-31").replace("A. Signataire", " "),
        "controller = ",
        "\x00",
        None,
    ],
)
def test_a_mandate_that_does_not_hold_is_refused(at, content):
    if content is not None:
        (at.work / "mandate.toml").write_text(content, encoding="utf-8")
    before = written(at)
    done = link(at, ground=("--mandate", "mandate.toml"))
    assert done.code == 5
    assert "mandate.toml" in done.only_fault
    assert written(at) == before


def test_the_log_says_ground_and_counts_and_no_person(at):
    done = link(at, "--to", "out.parquet")
    assert done.code == 0
    (command,) = [entry["params"] for entry in log(at) if entry["params"].get("command") == "link"]
    assert command == {"command": "link", "name": "mine", "ground": "own"}
    (read,) = [entry["params"] for entry in log(at) if entry["params"].get("what") == "registry"]
    assert read["name"] == "mine"
    assert len(read["sha256"]) == 64
    (event,) = [entry["params"] for entry in log(at) if entry["event"] == "linked"]
    assert event["notify"] == 50
    said = [done.out, done.err, *(file.read_text() for file in (at.work / "case").glob("*.json*"))]
    for one in MINE:
        for value in (one.nir, one.nir[:13], one.phone, one.address, str(one.key)):
            assert not any(value in text for text in said)


@pytest.mark.parametrize("name", ["mine.csv", "mine.xlsx", "mine.parquet"])
def test_any_format_gives_the_same_list(at, name):
    registries.write(at.work / name, registries.registry(MINE))
    assert link(at, "--to", "out.parquet", registry=name).code == 0
    found = {row["registry_key"] for row in listed(at.work / "out.parquet") if row["decision"] == "notify"}
    assert found == {one.key for one in LEAKED[:50]}


def test_rows_are_numbered_where_no_column_does(at):
    rows = [row[1:] for row in registries.registry(MINE)]
    registries.write(at.work / "keyless.csv", rows)
    done = link(at, "--to", "out.parquet", "--json", registry="keyless.csv")
    assert json.loads(done.out)["registry"]["key"] is None
    found = {row["registry_key"] for row in listed(at.work / "out.parquet") if row["decision"] == "notify"}
    assert found == set(range(1, 51))


def test_a_key_that_comes_twice_is_none(at):
    rows = registries.registry(MINE)
    rows[2][0] = rows[1][0]
    registries.write(at.work / "twice.csv", rows)
    done = link(at, "--to", "out.parquet", "--json", registry="twice.csv")
    assert json.loads(done.out)["registry"]["key"] is None
    assert {row["registry_key"] for row in listed(at.work / "out.parquet")} >= set(range(1, 51))


def test_a_key_of_letters_stays_text(at):
    rows = registries.registry(MINE)
    for row in rows[1:]:
        row[0] = f"P-{row[0]}"
    registries.write(at.work / "letters.csv", rows)
    assert link(at, "--to", "out.parquet", registry="letters.csv").code == 0
    found = {row["registry_key"] for row in listed(at.work / "out.parquet") if row["decision"] == "notify"}
    assert found == {f"P-{one.key}" for one in LEAKED[:50]}


def test_what_changed_is_still_the_same_person(at):
    """A married name, a moved home, a missing NIR, a day and month turned."""
    changed = list(MINE)
    changed[1] = registries.married(replace(changed[1], nir=""), "QUILLERE")
    changed[2] = replace(changed[2], nir="", address="9 RUE NEUVE", postcode="13001", phone="")
    changed[3] = replace(changed[3], phone="", first=changed[3].first[:-1])
    registries.write(at.work / "changed.csv", registries.registry(changed))
    assert link(at, "--to", "out.parquet", registry="changed.csv").code == 0
    found = {row["registry_key"] for row in listed(at.work / "out.parquet") if row["decision"] == "notify"}
    assert {changed[place].key for place in (1, 2, 3)} <= found


def without(column):
    place = registries.HEADER.index(column)
    return [[*row[:place], *row[place + 1 :]] for row in registries.registry(MINE)]


def two_births():
    return [[*row, "DATE_DE_NAISSANCE" if not n else row[6]] for n, row in enumerate(registries.registry(MINE))]


FAULTS = {
    "no_birth": (lambda: without("DATE_NAISSANCE"), 2, "birth"),
    "no_names": (lambda: [[*row[:2], *row[5:]] for row in registries.registry(MINE)], 2, "surnames"),
    "two_births": (two_births, 2, "DATE_DE_NAISSANCE"),
    "empty": (lambda: [registries.HEADER], 2, "no "),
    "wrong_file": (lambda: [["article", "price"], *([f"screw {n}", f"{n}.50"] for n in range(40))], 2, "registry"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_faulty_registry_is_one_line_and_nothing_is_written(at, fault):
    rows, code, word = FAULTS[fault]
    registries.write(at.work / "faulty.csv", rows())
    before = {file: data for file, data in written(at).items() if file.name != "custody.jsonl"}
    done = link(at, "--to", "out.parquet", registry="faulty.csv")
    assert done.code == code, done.err
    assert word in done.fault
    after = {file: data for file, data in written(at).items() if file.name != "custody.jsonl"}
    assert after.keys() - before.keys() <= {at.work / "case" / "case.json"}
    assert not sealed(at)
    assert not (at.work / "out.parquet").exists()


def test_several_tables_are_asked_about(at):
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    for name, rows in (("patients", registries.registry(MINE)), ("prices", FAULTS["wrong_file"][0]())):
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    held = io.BytesIO()
    book.save(held)
    (at.work / "two.xlsx").write_bytes(held.getvalue())
    done = link(at, registry="two.xlsx")
    assert done.code == 2
    assert "--table" in done.fault
    assert not sealed(at)
    assert link(at, "--table", "patients", registry="two.xlsx").code == 0


@pytest.mark.parametrize("name", ["", ".hidden", "a/b", "../up", "x" * 80, "a\nb"])
def test_a_bad_name_is_refused(at, name):
    before = written(at)
    done = link(at, "--name", name)
    if name:
        assert done.code == 2
        assert written(at) == before
    else:
        assert done.code in (0, 2)


@pytest.mark.parametrize("registry", ["absent.csv", "case"])
def test_a_registry_that_cannot_be_read_leaves_nothing(at, registry):
    done = link(at, "--to", "out.parquet", registry=registry)
    assert done.code in (2, 3, 5)
    assert done.fault
    assert not sealed(at)
    assert not (at.work / "out.parquet").exists()


def test_a_place_that_cannot_be_written_is_said(at):
    done = link(at, "--to", "nowhere/out.parquet")
    assert done.code == 1
    assert "nowhere" in done.fault


def test_an_older_list_is_replaced(at):
    (at.work / "out.parquet").write_bytes(b"old")
    (at.work / "out.parquet").chmod(0o644)
    assert link(at, "--to", "out.parquet").code == 0
    assert listed(at.work / "out.parquet")
    assert stat.S_IMODE((at.work / "out.parquet").stat().st_mode) == 0o600


def test_linking_again_replaces_and_another_name_stands_beside(at):
    assert link(at).code == 0
    first = sealed(at)
    assert len(first) == 1
    assert link(at).code == 0
    assert sealed(at) == first
    assert link(at, "--name", "other").code == 0
    assert len(sealed(at)) == 2
    events = [entry["params"]["name"] for entry in log(at) if entry["event"] == "linked"]
    assert events == ["mine", "mine", "other"]


def test_the_file_of_another_registry_takes_no_lists_place(at):
    """`patients.csv` is every laboratory's: the same name, the same size even, and another's persons."""
    assert link(at, "--to", "out.parquet").code == 0
    lists, counts = sealed(at), (at.work / "case" / "link-mine.json").read_bytes()
    theirs = [*MINE[1:], MINE[0]]
    for persons in (MINE[:90], theirs):
        (at.work / "theirs").mkdir(exist_ok=True)
        registries.write(at.work / "theirs" / "mine.csv", registries.registry(persons))
        done = link(at, "--to", "other.parquet", registry="theirs/mine.csv")
        assert done.code == 5
        assert "--name" in done.only_fault
        assert sealed(at) == lists
        assert (at.work / "case" / "link-mine.json").read_bytes() == counts
        assert not (at.work / "other.parquet").exists()
    assert link(at, "--name", "theirs", registry="theirs/mine.csv").code == 0
    assert len(sealed(at)) == 2
    done = link(at, "--name", "mine", registry="theirs/mine.csv")
    assert done.code == 0
    assert "another file" in done.err
    assert "another file" not in link(at, registry="theirs/mine.csv").err
    assert link(at).code == 5
    assert len(sealed(at)) == 2


def test_what_a_stopped_link_had_read_is_no_list(at):
    """Stopped after another registry was read for the name, before anything of it was listed."""
    assert link(at).code == 0
    (at.work / "theirs").mkdir()
    theirs = at.work / "theirs" / "mine.csv"
    registries.write(theirs, registries.registry(MINE[:90]))
    digest, size = sha256(theirs.read_bytes()).hexdigest(), theirs.stat().st_size
    with CaseFolder.open(at.work / "case", Config()) as case:
        case.log(Event.INPUT_READ, what="registry", name="mine", sha256=digest, size=size)
    assert link(at, registry="theirs/mine.csv").code == 5
    assert link(at).code == 0


def test_two_names_that_differ_in_capitals_alone_are_one(at):
    assert link(at, "--name", "LAB01").code == 0
    done = link(at, "--name", "lab01")
    assert done.code == 5
    assert "LAB01" in done.only_fault


@pytest.mark.parametrize("pair", [("LAB 7", "LAB-7"), ("Évry", "Evry"), ("L'Haÿ", "L Hay"), ("a..b", "a.b")])
def test_any_two_names_are_two_lists(at, pair):
    for name in pair:
        done = link(at, "--name", name)
        assert done.code == 0, done.err
    assert len(sealed(at)) == 2
    assert len(list((at.work / "case").glob("link-*.json"))) == 2


def test_purging_the_data_takes_the_matches_with_it(at):
    assert link(at).code == 0
    assert at.run("purge", "--case", "case", "--data").code == 0
    assert not sealed(at)
    done = link(at)
    assert done.code == 5
    assert done.fault


def test_a_purged_case_is_refused(at):
    assert at.run("purge", "--case", "case").code == 0
    done = link(at)
    assert done.code in (3, 5)
    assert done.fault


def test_a_case_without_names_is_said(at):
    registries.write(
        at.work / "bare.csv", [["EMAIL", "SEXE"], *([f"a{n}@example.org", "FM"[n % 2]] for n in range(50))]
    )
    assert at.run("triage", "bare.csv", "--case", "bare", "--key-file", "key2").code == 0
    done = at.run("link", "--case", "bare", "--registry", "mine.csv", "--own", "--key-file", "key2")
    assert done.code == 2
    assert "surnames" in done.fault


def test_what_a_case_teaches_is_a_model_and_a_chart_and_names_nobody(at):
    done = link(at, "--train", "model.toml", "--json")
    assert done.code == 0, done.err
    model = (at.work / "model.toml").read_text()
    page = (at.work / "model.toml.html").read_text()
    assert "[weights.home]" in model
    assert page.count("<svg") == 6
    assert "://" not in page
    for one in MINE:
        for value in (one.nir, one.nir[:13], one.phone, one.surname, one.address):
            assert not value or (value not in model and value not in page)
    again = link(at, "--model", "model.toml", "--json")
    assert again.code == 0, again.err
    assert json.loads(again.out)["model"] in model
    (command,) = [entry["params"] for entry in log(at) if "model" in entry["params"]]
    assert command["model"] in model


@pytest.mark.parametrize("content", ["", "version = 1", "\x00", 'version = "1"\nbias = 0\n[weights.shoe]\nequal = 1\n'])
def test_what_is_no_model_is_one_line(at, content):
    (at.work / "model.toml").write_text(content, encoding="utf-8")
    before = written(at)
    done = link(at, "--model", "model.toml")
    assert done.code == 2
    assert "model.toml" in done.only_fault
    assert written(at) == before


def born_as(one, layout):
    """Return a person's row of a registry with the day of birth in a layout."""
    row = registries.registry([one])[1]
    row[registries.HEADER.index("DATE_NAISSANCE")] = date.fromisoformat(one.born).strftime(layout)
    return row


def nobody_told_by_number(rows, header=registries.HEADER):
    """Return rows without a NIR, a home or a telephone: the day of birth decides."""
    for row in rows:
        for name in ("NUM_SECU", "ADRESSE", "CODE_POSTAL", "TEL_PORTABLE"):
            row[header.index(name)] = ""
    return rows


def test_a_registry_may_write_its_days_in_two_ways(at):
    layouts = ("%Y-%m-%d", "%Y-%m-%d", "%d/%m/%Y")
    rows = nobody_told_by_number([born_as(one, layouts[number % 3]) for number, one in enumerate(MINE)])
    registries.write(at.work / "mixed.csv", [registries.HEADER, *rows])
    done = link(at, "--to", "mixed.parquet", "--json", registry="mixed.csv")
    assert done.code == 0, done.err
    said = json.loads(done.out)
    assert (said["registry"]["births"], said["warnings"]) == ({"filled": len(MINE), "unread": 0}, [])
    found = {each["registry_key"] for each in listed(at.work / "mixed.parquet")}
    assert found == {one.key for one in MINE[:50]}


@pytest.mark.parametrize(("unread", "warned"), [(2, False), (4, True)])
def test_days_of_birth_that_cannot_be_read_are_told_of(at, unread, warned):
    rows = registries.registry(MINE)
    for row in rows[-unread:]:
        row[registries.HEADER.index("DATE_NAISSANCE")] = "12/25/1961"
    rows[1][registries.HEADER.index("DATE_NAISSANCE")] = ""
    registries.write(at.work / "odd.csv", rows)
    done = link(at, "--json", registry="odd.csv")
    assert done.code == 0, done.err
    said = json.loads(done.out)
    assert said["registry"]["births"] == {"filled": len(MINE) - 1, "unread": unread}
    figures = {"code": "births_unread", "unread": 4, "filled": 149, "percent": 2.7}
    assert said["warnings"] == ([figures] if warned else [])
    again = link(at, "--again", registry="odd.csv")
    assert ("4 (2.7 %) could not be read" in again.err + again.out) is warned


def test_whoever_was_born_in_1928_is_no_child_to_come(tmp_path):
    place = Place(tmp_path)
    old = [replace(one, born=f"{1927 + number % 4}{one.born[4:]}") for number, one in enumerate(registries.people(60))]
    header = registries.LEAK_HEADER
    rows = nobody_told_by_number([one.cells for one in (*old, *registries.people(150, seed=9))], header)
    for row in rows:
        day = row[header.index("DATE_NAISSANCE")]
        row[header.index("DATE_NAISSANCE")] = day[:6] + day[8:]
    registries.write(place.work / "leak.csv", [header, *rows])
    assert place.run("triage", "leak.csv", "--case", "case", "--key-file", "key", "--json").code == 0
    registries.write(place.work / "mine.csv", registries.registry(old))
    done = link(place, "--to", "found.parquet", "--json")
    assert done.code == 0, done.err
    found = {each["registry_key"] for each in listed(place.work / "found.parquet") if "birth:equal" in each["reason"]}
    assert found == {one.key for one in old}
