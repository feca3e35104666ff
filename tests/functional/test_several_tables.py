"""A leak in several tables: what belongs together is joined, the rest stands side by side, nothing is dropped."""

import json
import sqlite3

import pytest
import pyzipper

NAMES = ("DURAND", "MARTIN", "LE GALL", "PETIT", "MOREAU", "GARCIA", "ROUX", "FOURNIER", "BLANC", "HENRY", "COLIN")
PATIENTS = [
    (
        n,
        NAMES[n % len(NAMES)],
        "Camille" if n % 2 else "Marc",
        f"{n % 28 + 1:02}/03/19{60 + n % 30}",
        f"c{n}@example.org",
    )
    for n in range(1, 61)
]
VISITS = [(9000 + n, n % 60 + 1, f"{n % 28 + 1:02}/01/2021", ("VIH+", "RAS", "Enceinte")[n % 3]) for n in range(150)]
ANALYSES = [(f"{n:04}", f"Analyse {n}", "12,50") for n in range(40)]


def csv(names, rows):
    return "".join(";".join(map(str, row)) + "\n" for row in [names, *rows]).encode()


def triage(place, *paths, case="case", code=0):
    done = place.run("triage", *paths, "--case", case, "--json")
    assert done.code == code, done.err
    return json.loads(done.out)


def columns(document):
    return {each["name"]: (each["kind"], each["filled"]) for each in document["columns"]}


@pytest.fixture
def dump(place):
    """Return a place with three tables of different columns."""
    (place.work / "patients.csv").write_bytes(csv(("id", "nom", "prenom", "date_naissance", "email"), PATIENTS))
    (place.work / "visites.csv").write_bytes(csv(("id", "patient_id", "date_prelevement", "commentaire"), VISITS))
    (place.work / "analyses.csv").write_bytes(csv(("code", "libelle", "prix"), ANALYSES))
    return place


def test_tables_of_different_columns_stand_side_by_side(dump):
    document = triage(dump, "patients.csv", "visites.csv", "analyses.csv")
    assert document["rows"] == 60 + 150 + 40
    assert document["lines"] == 61 + 151 + 41
    assert columns(document)["patients.nom"] == ("surname", 60)
    assert columns(document)["visites.commentaire"] == ("comment", 150)
    assert {each["table"] for each in document["columns"]} == {"patients", "visites", "analyses"}
    assert {note["code"] for note in document["notes"]} == {"tables_side_by_side"}


def test_rows_tied_by_a_record_number_are_one_persons(dump):
    document = triage(dump, "patients.csv", "visites.csv", "analyses.csv")
    assert document["persons"] == 60, "each visit is of a patient, an analysis is nobody's"
    hiv = {PATIENTS[visit[1] - 1][0] for visit in VISITS if visit[3] == "VIH+"}
    assert document["topics"]["hiv"]["affirmed"] == len(hiv)
    assert document["combinations"]["hiv_name"]["count"] == len(hiv)


def test_the_same_again_from_the_sealed_rows(dump):
    first = triage(dump, "patients.csv", "visites.csv", "analyses.csv")
    again = dump.run("triage", "--case", "case", "--resume", "--json")
    assert again.code == 0, again.err
    assert {**json.loads(again.out), "custody_head": "", "made_at": "", "columns": []} == {
        **first, "custody_head": "", "made_at": "", "columns": []
    }  # fmt: skip
    assert columns(json.loads(again.out)) == columns(first)


def test_sheets_and_files_of_the_same_columns_are_one_table(place):
    names = ("id", "nom", "prenom", "date_naissance", "email")
    other = ("Prénom", "NOM", "email", "Date naissance", "id", "ville")
    (place.work / "labo1.csv").write_bytes(csv(names, PATIENTS[:30]))
    moved = [(row[2], row[1], row[4], row[3], row[0], "Brest") for row in PATIENTS[30:]]
    (place.work / "labo2.csv").write_text(csv(other, moved).decode(), encoding="utf-8")
    document = triage(place, "labo1.csv", "labo2.csv")
    assert columns(document)["nom"] == ("surname", 60)
    assert columns(document)["ville"][1] == 30
    assert document["persons"] == 60


def test_the_second_half_of_a_file_that_was_cut_has_no_header(place):
    lines = csv(("id", "nom", "prenom", "date_naissance", "email"), PATIENTS).splitlines(keepends=True)
    (place.work / "part1.csv").write_bytes(b"".join(lines[:31]))
    (place.work / "part2.csv").write_bytes(b"".join(lines[31:]))
    document = triage(place, "part1.csv", "part2.csv")
    assert columns(document)["email"] == ("email", 60)
    assert len(document["columns"]) == 5
    assert document["lines"] == 61


def test_the_quarantine_says_which_file(dump):
    with (dump.work / "visites.csv").open("ab") as file:
        file.write(b"1;2\n")
    triage(dump, "patients.csv", "visites.csv", code=4)
    shown = dump.run("quarantine", "--case", "case")
    assert shown.out.startswith("visites.csv\t152\t")


def test_a_correction_names_a_column_of_one_table(dump):
    (dump.work / "map.csv").write_text("column,kind\nvisites.commentaire,result\n")
    done = dump.run("triage", "patients.csv", "visites.csv", "--case", "case", "--map", "map.csv", "--json")
    assert done.code == 0, done.err
    assert columns(json.loads(done.out))["visites.commentaire"][0] == "result"


def test_a_database_of_several_tables(place):
    with sqlite3.connect(place.work / "base.db") as base:
        base.execute("CREATE TABLE patients (id INTEGER, nom TEXT, prenom TEXT, date_naissance TEXT, email TEXT)")
        base.execute("CREATE TABLE visites (id INTEGER, patient_id INTEGER, date_prelevement TEXT, commentaire TEXT)")
        base.execute("CREATE TABLE vide (id INTEGER, nom TEXT)")
        base.executemany("INSERT INTO patients VALUES (?, ?, ?, ?, ?)", PATIENTS)
        base.executemany("INSERT INTO visites VALUES (?, ?, ?, ?)", VISITS)
    document = triage(place, "base.db")
    assert (document["rows"], document["persons"]) == (210, 60)
    assert {source["table"] for source in document["sources"]} == {"patients", "visites", "vide"}


def test_messages_in_files_of_their_own_are_one_table_a_segment(place):
    for number in range(12):
        more = "|||F" if number % 2 else f"||19{60 + number}0103|M|||1 RUE X^^BREST^^29200"
        head = f"MSH|^~\\&|A|B|C|D|20210101||ADT^A01|{number}|P|2.5\r"
        patient = f"PID|1||{number}^^^IPP||{NAMES[number % 11]}^ANNE{more}\r"
        (place.work / f"m{number}.er7").write_text(head + patient)
    document = triage(place, *[f"m{number}.er7" for number in range(12)])
    tables = {column["table"] for column in document["columns"]}
    assert tables == {"MSH", "PID"}
    assert document["persons"] == 12


def test_a_locked_archive_opens_with_the_passwords_given(dump):
    with pyzipper.AESZipFile(dump.work / "locked.zip", "w", encryption=pyzipper.WZ_AES) as archive:
        archive.setpassword(b"Tr0mbone")
        archive.write(dump.work / "patients.csv", "patients.csv")
    refused = dump.run("triage", "locked.zip", "--case", "none")
    assert refused.code == 3
    (dump.work / "words").write_text("wrong\nTr0mbone\n")
    done = dump.run("triage", "locked.zip", "--case", "case", "--password-file", "words", "--json")
    assert done.code == 0, done.err
    assert json.loads(done.out)["persons"] == 60
    assert b"Tr0mbone" not in b"".join(file.read_bytes() for file in (dump.work / "case").rglob("*") if file.is_file())
