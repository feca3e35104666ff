"""`etanche letters` as a user types it: who is written to, what no letter says, what goes out and when."""

from __future__ import annotations

import csv
import hashlib
import json
import re
import shutil
import unicodedata
from collections import defaultdict
from itertools import pairwise
from pathlib import Path

import pypdfium2
import pytest

import etanche
from commandline import Place, Secrets
from etanche.responding.letters_state import clinical

ROWS = 250
LINKED = ("LAB01",)
FACTS = {
    "aware": "2026-11-20 16:00",
    "breach_start": "2026-11-01",
    "description": "Un fichier de sauvegarde du logiciel a été copié puis mis en ligne.",
    "measures_after": "L'accès en cause est fermé et les mots de passe sont remplacés.",
}
WORDING = Path(etanche.__file__).parent / "respond" / "letters"
CLINICAL = ("COMMENTAIRE1", "COMMENTAIRE2", "CIM10", "TRAITEMENT", "ALD", "RESULTAT", "CODE_NABM", "CODE_CIP")
MINE = (*LINKED, "LAB02", "LAB03", "LAB04")
"""The controllers of the case: the other laboratories of the leak are nobody's."""


def table(file):
    return list(csv.DictReader(file.read_text("cp1252").splitlines(), delimiter=";", quoting=csv.QUOTE_NONE))


def controllers(place):
    with (place.work / "twin" / "controllers.csv").open(encoding="utf-8-sig", newline="") as stream:
        return [line for line in csv.DictReader(stream, delimiter=";") if line["code"] in MINE]


def plain(text):
    folded = "".join(c for c in unicodedata.normalize("NFKD", text.upper()) if not unicodedata.combining(c))
    return " ".join(re.sub("[^A-Z0-9]+", " ", folded).split())


def letters(place, *more):
    return place.run("letters", "--case", "case", "--controllers", "controllers.csv", "--key-file", "key", *more)


def letters_sub(place, name, *more):
    return place.run("letters", name, *more, "--case", "case", "--controllers", "controllers.csv", "--key-file", "key")


@pytest.fixture(scope="module")
def drafted(tmp_path_factory):
    """A small replica, triaged, two of its registries linked, nothing decided."""
    place = Place(tmp_path_factory.mktemp("letters"))
    assert place.run("replica", "twin", "--rows", str(ROWS), "--seed", "20210214").code == 0
    assert place.run("triage", "twin/leak.txt", "--case", "case", "--key-file", "key", "--json").code in (0, 4)
    for code in LINKED:
        registry = f"twin/registries/{code}.csv"
        text = (place.work / registry).read_text("cp1252")
        # The post delivers to no commune of that name.
        (place.work / registry).write_text(text.replace("LORIENT", "LORIENTAL"), "cp1252")
        done = place.run("link", "--case", "case", "--registry", registry, "--own", "--name", code, "--key-file", "key")
        assert done.code == 0, done.err
    lines = [{**line, **FACTS} for line in controllers(place)]
    with (place.work / "controllers.csv").open("w", newline="") as stream:
        writer = csv.DictWriter(stream, list(lines[0]))
        writer.writeheader()
        writer.writerows(lines)
    assert place.run("respond", "--case", "case", "--controllers", "controllers.csv").code == 0
    place.first = letters(place, "--json")
    assert place.first.code == 0, place.first.err
    return place


@pytest.fixture(scope="module")
def released(drafted, tmp_path_factory):
    """The same decided, read and released, every step by command."""
    place = Place(tmp_path_factory.mktemp("released"))
    shutil.copytree(drafted.work, place.work, dirs_exist_ok=True)
    decisions = [f'{code},34,inform,"Anne Martin, directrice",Le risque est élevé.' for code in MINE]
    (place.work / "decisions.csv").write_text("\n".join(["controller,article,outcome,by,reasons", *decisions]))
    assert place.run("decide", "--case", "case", "--all", "decisions.csv").code == 0
    place.proofs = letters(place, "--proofs", "--to", "proofs", "--unlinked")
    place.read = letters(place, "--proofs-read", "--by", "Anne Martin", "--unlinked")
    # Somewhere in the midst of the release something stands in its way.
    (place.work / "out").mkdir()
    (place.work / "out" / "LAB03").write_text("")
    place.stopped = letters(place, "--to", "out", "--unlinked")
    place.before = written(place)
    (place.work / "out" / "LAB03").unlink()
    place.done = letters(place, "--to", "out", "--unlinked", "--json")
    assert (place.proofs.code, place.read.code) == (0, 0), place.proofs.err + place.read.err
    assert place.done.code == 4, place.done.err
    return place


def written(place):
    return {file: file.read_bytes() for file in (place.work / "out").glob("*/letters/01/*")}


def texts_of(place):
    """Every letter that was released: its controller, number and text, one string a letter."""
    found = {}
    for file in sorted((place.work / "out").glob("*/letters/01/*.pdf")):
        code = file.parts[-4]
        for page in pypdfium2.PdfDocument(file):
            text = page.get_textpage().get_text_range()
            number = re.findall(rf"{code}-\d{{6}}", text)[-1]
            found[number] = found.get(number, "") + text
    return found


@pytest.fixture(scope="module")
def every(released):
    return texts_of(released)


@pytest.fixture(scope="module")
def leaked(released):
    return table(released.work / "twin" / "leak.txt")


def test_nothing_goes_out_before_a_decision(drafted):
    done = letters(drafted, "--to", "out")
    assert done.code == 5
    assert "etanche decide" in done.fault
    assert not (drafted.work / "out").exists()
    # Nothing is left to do for those that stand in the way of the same thing, so that all of them are named.
    assert all(code in letters(drafted, "--unlinked", "--to", "out").fault for code in MINE)


def test_what_a_draft_says_is_counts(drafted):
    done = drafted.first
    said = json.loads(done.out)
    assert said["rows"] == ROWS
    assert 0 < said["unassigned_rows"] < ROWS
    entry = said["controllers"][0]
    assert {"decision", "proofs"} <= set(entry["blocked"])
    assert "not_linked" in said["controllers"][1]["blocked"]
    assert sum(entry["piles"].values()) >= entry["letters"]
    assert Secrets(drafted.work / "twin" / "leak.txt").found(done.out.encode()) == 0


def test_a_code_that_is_nobodys_is_refused_whatever_is_asked(drafted):
    for more in ((), ("--proofs", "--to", "out"), ("--to", "out")):
        done = letters(drafted, "--only", "LAB77", *more)
        assert done.code == 2
        assert all(code in done.only_fault for code in MINE)
    assert not (drafted.work / "out").exists()


def test_drafting_again_changes_nothing(drafted):
    log = drafted.work / "case" / "custody.jsonl"
    # One entry for all ledgers, and one for the controller whose list they are of.
    assert log.read_text().count("letters_drafted") == 2
    assert letters(drafted, "--json").out == drafted.first.out
    assert log.read_text().count("letters_drafted") == 2


def test_every_letter_is_in_the_manifest_once_with_its_pages(released, every):
    lines = [
        {**line, "code": file.parts[-4], "folder": file.parent}
        for file in (released.work / "out").glob("*/letters/01/manifest.csv")
        for line in csv.DictReader(file.read_text().splitlines())
    ]
    assert {line["letter"] for line in lines} == every.keys()
    assert len(lines) == len(every) > 50
    assert all(line["letter"].startswith(line["code"]) for line in lines)
    documents = defaultdict(list)
    for line in lines:
        documents[line["folder"] / line["file"]].append((int(line["first_page"]), int(line["pages"])))
    for file, spans in documents.items():
        spans.sort()
        ends = [first + pages for first, pages in spans]
        assert spans[0][0] == 1
        assert all(one_end == nxt[0] for (one_end, nxt) in zip(ends, spans[1:], strict=False))
        assert ends[-1] == len(pypdfium2.PdfDocument(file)) + 1


def test_the_manifest_has_the_hashes_and_nobody(released, leaked):
    for file in (released.work / "out").glob("*/letters/01/manifest.json"):
        said = json.loads(file.read_text())
        for each in said["files"]:
            assert hashlib.sha256((file.parent / each["name"]).read_bytes()).hexdigest() == each["sha256"]
        table_of = (file.parent / "manifest.csv").read_bytes()
        assert hashlib.sha256(table_of).hexdigest() == said["manifest_sha256"]
        assert Secrets(released.work / "twin" / "leak.txt").found(table_of + file.read_bytes()) == 0


def test_no_letter_holds_a_clinical_word(every, leaked):
    """Neither one that étanche's dictionary knows, nor any cell of the clinical columns of the leak."""
    cells = {row[name].strip() for row in leaked for name in CLINICAL} - {""}
    cells = {cell for cell in cells if len(cell) > 3}
    assert len(cells) > 100
    bodies = {re.sub(r"\s+", " ", text) for text in every.values()}
    bodies = {re.sub(r"^.*?Information sur", "Information sur", body) for body in bodies}
    assert not clinical(tuple(bodies))
    assert [cell for cell in cells if any(re.search(rf"\b{re.escape(cell)}\b", body) for body in bodies)] == []


def test_a_letter_names_nobody_but_whom_it_is_to(released, every, leaked):
    """Below the window no letter has a name of the leak: a spouse's names no patient, a patient's no spouse."""
    names = {plain(row[name]) for row in leaked for name in ("NOM", "PRENOM", "NOM_CONJOINT", "NOM_ASSURE")}
    names = {name for name in names if len(name) > 2}
    # Some names are words that every letter has: COURRIER, MAI.
    ordinary = {word for file in WORDING.glob("*.toml") for word in plain(file.read_text()).split()}
    columns = ("address", "commune", "dpo_name", "representative", "processor")
    own = {plain(line.get(name) or "") for line in controllers(released) for name in columns} - {""}
    for number, text in every.items():
        body = plain(re.sub(r"(?s)^.*?Information sur", "Information sur", text))
        for phrase in own:
            body = body.replace(phrase, " ")
        words = {*body.split(), *map(" ".join, pairwise(body.split()))}
        assert sorted(names & words - ordinary) == [], number


def test_no_letter_of_one_controller_names_a_person_of_another(released, every, leaked):
    """Each first line is of somebody in that controller's own rows or registry."""
    known = defaultdict(set)
    for row in leaked:
        for surname, first in (("NOM", "PRENOM"), ("NOM_NAISSANCE", "PRENOM"), ("NOM_CONJOINT", "PRENOM_CONJOINT"),
                               ("NOM_ASSURE", "PRENOM_ASSURE"), ("NOM_MEDECIN", "PRENOM_MEDECIN")):  # fmt: skip
            known[row["CODE_LABO"]].add(plain(f"{row[first]} {row[surname]}"))
        known[row["CODE_LABO"]].add(plain(row["PERSONNE_CONFIANCE"]))
    for code in LINKED:
        for person in table(released.work / "twin" / "registries" / f"{code}.csv"):
            known[code].add(plain(f"{person['PRENOM']} {person['NOM']}"))
    sender = {line["code"]: line for line in controllers(released)}
    for number, text in every.items():
        code = number.split("-")[0]
        top = plain(text.split("Référence")[0])
        for value in ("name", "address", "postcode", "commune"):
            top = top.replace(plain(sender[code][value]), " ", 1)
        assert any(name and f" {name} " in f" {top} " for name in known[code]), number


def test_twenty_proofs_or_all(released):
    for entry in json.loads(released.done.out)["controllers"]:
        if entry["proofs"]:
            assert entry["proofs"]["letters"] == min(20, entry["released"])
            assert entry["proofs"]["read_by"] == "Anne Martin"


def test_a_release_that_was_stopped_is_finished(released):
    """What was written stays as it was, the rest follows, and no number is in two releases."""
    assert released.stopped.code == 1
    assert "LAB03" in released.stopped.fault
    assert {file.parts[-4] for file in released.before} == {"LAB01", "LAB02"}
    after = written(released)
    assert {file: after[file] for file in released.before} == released.before
    assert {file.parts[-4] for file in after} == set(MINE)
    for entry in json.loads(released.done.out)["controllers"]:
        assert [each["state"] for each in entry["releases"]] == ["done"]


def test_nothing_is_released_twice(released):
    before = {file: file.stat().st_mtime_ns for file in (released.work / "out").rglob("*") if file.is_file()}
    done = letters(released, "--to", "out2", "--unlinked")
    assert done.code == 4
    assert not (released.work / "out2").exists()
    assert {file: file.stat().st_mtime_ns for file in before} == before


def test_a_release_that_was_lost_is_made_again_byte_by_byte(released):
    done = letters(released, "--again", "1", "--only", "LAB01", "--to", "again", "--unlinked")
    assert done.code == 0, done.err
    old, new = (sorted((released.work / place / "LAB01" / "letters" / "01").iterdir()) for place in ("out", "again"))
    assert [file.read_bytes() for file in old] == [file.read_bytes() for file in new]


def test_a_decision_that_was_reversed_lets_nothing_be_made_again(released, tmp_path):
    place = Place(tmp_path / "reversed")
    shutil.copytree(released.work, place.work, dirs_exist_ok=True)
    (place.work / "why").write_text("Le risque n'est pas élevé.")
    for code in ("LAB02", "LAB03"):
        said = ("--article", "34", "--outcome", "not_inform", "--exception", "none", "--by", "Anne Martin, directrice")
        done = place.run("decide", "--case", "case", "--controller", code, *said, "--reasons", "why")
        assert done.code == 0, done.err
    done = letters(place, "--again", "1", "--only", "LAB02", "--only", "LAB03", "--to", "more", "--unlinked")
    assert done.code == 5
    assert "LAB02, LAB03" in done.fault
    assert "etanche decide" in done.fault
    assert not (place.work / "more").exists()
    done = letters(place, "--again", "1", "--to", "more", "--unlinked")
    assert done.code == 4, done.err
    assert {each.name for each in (place.work / "more").iterdir()} == {"LAB01", "LAB04"}


def test_who_was_written_to_is_in_no_export(released, tmp_path):
    place = Place(tmp_path / "exported")
    shutil.copytree(released.work, place.work, dirs_exist_ok=True)
    done = place.run("link", "--case", "case", "--export", "list", "--key-file", "key", "--json")
    assert done.code == 0, done.err
    said = json.loads(done.out)
    assert said["letters"] == {"LAB01": 0}
    assert said["held"]["LAB01"] > 20
    with (place.work / "list" / "LAB01" / "not-notified.csv").open(encoding="utf-8-sig") as stream:
        reasons = [line["reason"] for line in csv.DictReader(stream) if line["decision"] == "notify"]
    assert reasons.count("letter:released") > 20
    assert all(reason.startswith("letter:") for reason in reasons)


def test_a_notification_counts_patients_and_recipients_each_with_its_source(drafted, tmp_path):
    place = Place(tmp_path / "notified")
    shutil.copytree(drafted.work, place.work, dirs_exist_ok=True)
    # The twin's first laboratory has notified already: what it would draft now is complementary.
    with (place.work / "controllers.csv").open(newline="") as stream:
        lines = [{**line, "cnil_filed": "", "cnil_receipt": ""} for line in csv.DictReader(stream)]
    with (place.work / "unfiled.csv").open("w", newline="") as stream:
        writer = csv.DictWriter(stream, list(lines[0]))
        writer.writeheader()
        writer.writerows(lines)
    done = place.run("respond", "--case", "case", "--controllers", "unfiled.csv", "--to", "docs")
    assert done.code == 0, done.err
    case = place.work / "case"
    linked, lettered = (json.loads((case / name).read_text()) for name in ("link-LAB01.json", "letters.json"))
    said = json.loads((place.work / "docs" / "LAB01" / "notification.json").read_text())
    told = {each["code"]: each["text"] for each in said["answers"]}
    who = lettered["controllers"][0]["who"]
    assert f"tous rôles : {sum(who.values())}," in told["persons"]
    assert f"{who['patient']} patients" in told["persons"]
    assert str(linked["notify"]) in told["persons"].split(" (patients de votre registre")[0]
    assert f"{linked['rows']} lignes des personnes de votre registre (link-LAB01.json: rows)" in told["records"]
    for name in ("census.json", "link-LAB01.json", "letters.json"):
        assert said["versions"][name] == hashlib.sha256((case / name).read_bytes()).hexdigest()
    # Nothing is linked of the others: the case has no number of their patients.
    other = json.loads((place.work / "docs" / "LAB02" / "notification.json").read_text())
    assert "patients de votre registre" not in json.dumps(other, ensure_ascii=False)


def test_another_wording_asks_for_proofs_anew(released):
    text = (released.work / "controllers.csv").read_text()
    (released.work / "controllers.csv").write_text(text.replace("L'accès en cause est fermé", "Tout est fermé"))
    try:
        said = json.loads(letters(released, "--json", "--unlinked").out)
        assert "proofs" in said["controllers"][0]["blocked"]
    finally:
        (released.work / "controllers.csv").write_text(text)


def test_sent_returned_and_written_to_again(released):
    number = next(iter(texts_of(released)))
    (released.work / "sent.csv").write_text(f"letter,date,proof\n{number},2026-11-25,RK123\n")
    assert json.loads(letters_sub(released, "sent", "sent.csv", "--json").out)["controllers"][0]["sent"] == 1
    (released.work / "back.csv").write_text(f"lettre;date;motif\n{number};2026-12-01;inconnu\n")
    said = json.loads(letters_sub(released, "returned", "back.csv", "--json").out)["controllers"][0]
    assert (said["returned"], said["piles"]["returned"]) == (1, 1)
    lists = (
        f"registry_key,list,controller,address,postcode,commune\n{number},address,LAB01,3 rue du Port,56100,Lorient\n"
    )
    (released.work / "lists.csv").write_text(lists)
    done = letters(released, "--lists", "lists.csv", "--to", "out3", "--only", "LAB01", "--unlinked")
    assert done.code in (0, 4), done.err
    folder = released.work / "out3" / "LAB01" / "letters" / "02"
    assert [line.split(",")[0] for line in (folder / "manifest.csv").read_text().splitlines()[1:]] == [f"{number}-2"]
    text = pypdfium2.PdfDocument(next(folder.glob("*.pdf")))[0].get_textpage().get_text_range()
    assert "3 RUE DU PORT" in text


@pytest.mark.parametrize(
    ("content", "code"),
    [("letter,date\nLAB01-999999,2026-11-25\n", 2), ("letter,date\nLAB01-000001,soon\n", 2), ("letter\nx\n", 2)],
)
def test_a_file_of_proofs_to_mend(released, content, code):
    (released.work / "bad.csv").write_text(content)
    log = (released.work / "case" / "custody.jsonl").read_text().count("letters_sent")
    done = letters_sub(released, "sent", "bad.csv")
    assert (done.code, "line" in done.fault or "column" in done.fault) == (code, True)
    assert (released.work / "case" / "custody.jsonl").read_text().count("letters_sent") == log


def test_piles_are_written_where_asked_and_never_into_the_case(released):
    assert letters_sub(released, "piles", "--to", "case/piles.csv").code == 5
    assert letters_sub(released, "piles", "--to", "piles.csv").code == 0
    lines = list(csv.DictReader((released.work / "piles.csv").read_text("utf-8-sig").splitlines()))
    said = json.loads(place_status(released).out)
    said_piles = (entry["piles"].items() for entry in said["controllers"])
    waiting = sum(count for piles in said_piles for pile, count in piles if pile != "ready")
    assert len(lines) == waiting + said["unassigned_persons"]
    assert len([line for line in lines if line["pile"] == "unassigned"]) == said["unassigned_persons"] > 0
    assert {line["why"] for line in lines if line["pile"] == "incomplete"} >= {"postcode_commune"}


def place_status(place):
    return place.run("letters", "status", "--case", "case", "--json")


def test_letters_are_not_written_into_the_case(released):
    assert letters(released, "--to", "case/out", "--unlinked").code == 5


def test_nothing_readable_lies_in_the_case_or_elsewhere(released):
    secrets = Secrets(released.work / "twin" / "leak.txt")
    named = [
        file
        for file in released.work.rglob("*")
        if file.is_file() and "case" not in file.relative_to(released.work).parts
    ]
    found = secrets.places(released.traces(*named))
    assert [place for place in found if place.startswith(("output", str(released.root)))] == []


def test_every_act_is_in_the_log(released):
    lines = (released.work / "case" / "custody.jsonl").read_text().splitlines()
    events = [json.loads(line)["event"] for line in lines]
    for name in ("letters_drafted", "proofs_drawn", "proofs_read", "letters_begun", "letters_released"):
        assert name in events
