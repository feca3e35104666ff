"""The documents of a controller as a user gets them: edited and kept, complementary, privileged, in two languages."""

from __future__ import annotations

import hashlib
import io
import json
import re

import pypdf
import pytest

from commandline import Place

HEADER = "code;name;departement;aware;aware_reason;processor;ransom;cnil_filed;description\n"
FIRST = "LAB01;Laboratoire des Tilleuls;75;2026-01-02 16:00;journal;Editeur;yes;;\n"
OTHER = "LAB02;Laboratoire du Lagon;974;unknown;;;;;\n"


@pytest.fixture(scope="module")
def at(tmp_path_factory):
    """A case without a file, with the documents of two controllers; each test that changes a line puts it back."""
    place = Place(tmp_path_factory.mktemp("documents"))
    write(place)
    done = respond(place, "--new", "--persons", "100-5000")
    assert done.code == 0, done.err
    return place


def write(at, first=FIRST):
    (at.work / "c.csv").write_text(HEADER + first + OTHER, encoding="utf-8")


def respond(at, *more):
    files = ("--case", "case", "--controllers", "c.csv", "--key-file", "key", "--to", "out")
    return at.run("respond", *files, *more)


def text(at, name, code="LAB01"):
    return (at.work / "out" / code / name).read_text(encoding="utf-8")


def test_each_document_is_a_text_and_a_page(at):
    folder = at.work / "out" / "LAB01"
    texts = {file.relative_to(folder).with_suffix("") for file in folder.rglob("*.md")}
    pages = {file.relative_to(folder).with_suffix("") for file in folder.rglob("*.pdf")}
    assert texts == pages
    assert len(texts) == 16
    listed = json.loads(text(at, "documents.json"))
    assert {each["path"].removesuffix(".md") for each in listed["documents"]} | {"notification"} == set(map(str, texts))
    index = text(at, "index.md")
    for each in listed["documents"]:
        assert each["path"] in index or each["name"] == "index"
        shown = text(at, each["path"])
        # The first page of the folder goes to nobody.
        whole = "Rien ne manque" in shown or each["name"] == "index"
        assert shown.count("- " + each["blanks"][0]) if each["blanks"] else whole


def test_what_does_not_apply_is_not_written(at):
    assert (at.work / "out" / "LAB01" / "documents" / "processor-notice.md").is_file()
    assert not (at.work / "out" / "LAB02" / "documents" / "processor-notice.md").exists()
    assert "chantage, une somme" in text(at, "documents/complaint.md")
    assert "chantage, une somme" not in text(at, "documents/complaint.md", "LAB02")
    assert "inconnu à ce jour" in text(at, "documents/awareness-log.md", "LAB02")


def test_what_is_for_counsel_stands_apart(at):
    articles = re.compile(r"226-17|226-22")
    folder = at.work / "out" / "LAB01"
    naming = {
        str(file.relative_to(folder).parent) for file in folder.rglob("*.md") if articles.search(file.read_text())
    }
    assert naming == {"privileged"}


def test_an_edited_document_is_kept_and_its_page_made_of_it(at):
    path = at.work / "out" / "LAB01" / "documents" / "complaint.md"
    own = path.read_text(encoding="utf-8").replace("# Plainte contre X", "# Plainte relue par Zoé")
    path.write_text(own, encoding="utf-8")
    assert respond(at).err.count("complaint.md") == 0, "the draft says nothing new"
    write(at, FIRST.replace(";yes;;", ";yes;;Un export vu dans la presse"))
    done = respond(at)
    assert done.code == 0
    assert "complaint.md" in done.err
    assert path.read_text(encoding="utf-8") == own
    assert path.with_suffix(".new.md").is_file()
    page = pypdf.PdfReader(io.BytesIO(path.with_suffix(".pdf").read_bytes()))
    assert "Plainte relue par Zoé" in page.pages[0].extract_text()
    assert "presse" in text(at, "documents/register-entry.md")
    path.with_suffix(".new.md").unlink()
    again = respond(at)
    assert "complaint.md" not in again.err
    assert not path.with_suffix(".new.md").exists()
    assert path.read_text(encoding="utf-8") == own
    path.unlink()
    assert respond(at).code == 0
    assert "Plainte contre X" in text(at, "documents/complaint.md")


def test_a_notification_says_on_which_versions_it_rests(at):
    said = json.loads(text(at, "notification.json"))
    listed = hashlib.sha256((at.work / "c.csv").read_bytes()).hexdigest()
    assert said["versions"].pop("date")
    assert said["versions"] == {
        "controllers": listed,
        "census.json": None,
        "link-LAB01.json": None,
        "letters.json": None,
    }


def test_a_number_claimed_for_several_controllers_is_said_to_be_of_the_whole_case(at):
    for code in ("LAB01", "LAB02"):
        page = text(at, "notification.md", code)
        assert "entre 100 et 5\u00a0000 (pour le dossier entier" in page


def test_what_changed_since_the_initial_notification_is_told(at):
    write(at)
    assert respond(at).code == 0
    initial = (at.work / "out" / "LAB01" / "notification.json").read_bytes()
    write(at, FIRST.replace(";yes;;", ";yes;2026-01-04 10:00;Un export a circulé"))
    assert respond(at).code == 0
    told = text(at, "notification-complementary.md")
    assert "| Description de la violation | *à compléter* | Un export a circulé |" in told
    assert told.count("| *à compléter* |") == 1
    assert (at.work / "out" / "LAB01" / "notification.json").read_bytes() == initial
    fields = json.loads(text(at, "notification-complementary-edpb.json"))
    assert (fields["field_3"], fields["field_62"]) == ("b", "Un export a circulé")


def test_english_stands_beside_the_french(at):
    assert respond(at, "--language", "en").code == 0
    folder = at.work / "out" / "LAB02" / "documents"
    assert "The first hour" in (folder / "first-hour.en.md").read_text(encoding="utf-8")
    assert (folder / "first-hour.md").is_file()
    assert not (folder / "complaint.en.md").exists()
    refused = respond(at, "--language", "de")
    assert refused.code == 2
    assert "fr" in refused.only_fault


def test_many_controllers_are_written_by_several_processes(tmp_path):
    place = Place(tmp_path / "many")
    lines = "".join(f"LAB{number};Laboratoire {number};75;2026-01-0{number} 16:00\n" for number in range(1, 8))
    (place.work / "c.csv").write_text("code;name;departement;aware\n" + lines, encoding="utf-8")
    assert respond(place, "--new").code == 0
    for number in range(1, 8):
        folder = place.work / "out" / f"LAB{number}"
        assert len(list(folder.rglob("*.pdf"))) == len(list(folder.rglob("*.md"))) == 15
        assert f"0{number}/01/2026 16:00" in text(place, "documents/register-entry.md", f"LAB{number}")


def test_a_decision_stands_in_the_register_and_the_notification(at):
    write(at)
    (at.work / "why.txt").write_text("Un risque élevé pour des patients.", encoding="utf-8")
    taken = ("--controller", "LAB02", "--article", "34", "--outcome", "inform", "--by", "Claire Martin, directrice")
    assert at.run("decide", "--case", "case", *taken, "--reasons", "why.txt").code == 0
    assert respond(at).code == 0
    register = text(at, "documents/register-entry.md", "LAB02")
    assert "les personnes sont informées ; décidé le" in register
    assert "Un risque élevé pour des patients." in register
    assert "le seront, date à préciser" in text(at, "notification.md", "LAB02")
    assert "Claire Martin" not in text(at, "documents/register-entry.md")


def test_a_place_that_cannot_be_written_gets_nothing(at):
    (at.work / "blocked" / "LAB02").mkdir(parents=True)
    (at.work / "blocked" / "LAB02" / "documents").write_text("a file where a folder should be")
    files = ("--case", "case", "--controllers", "c.csv", "--key-file", "key", "--to", "blocked")
    done = at.run("respond", *files)
    assert done.code == 1
    assert "blocked" in done.only_fault
    assert [path.name for path in (at.work / "blocked").rglob("*")] == ["LAB02", "documents"]


@pytest.mark.parametrize(
    ("lines", "word"),
    [
        ("code;name;siren\nA;x;732829320\nB;y;732 829 320\n", "SIREN"),
        ("code;name;aware\nA;x;2999-01-01 10:00\n", "aware"),
        ("code;name;aware\nA;x;31/02/2026\n", "aware"),
        ("code;name\nA;x\nB;\n", "name"),
        ("code;name;origin\nA;x;magie\n", "hacking"),
        ("code;name\nA;x\na;y\n", "code"),
        ("code;nom\nA;x\n", "name"),
    ],
    ids=["one-siren", "future", "no-day", "no-name", "no-choice", "one-code", "column"],
)
def test_a_wrong_controllers_file_changes_nothing(at, lines, word):
    (at.work / "wrong.csv").write_text(lines, encoding="utf-8")
    before = state(at)
    done = at.run("respond", "--case", "case", "--controllers", "wrong.csv", "--key-file", "key", "--to", "out")
    assert (done.code, done.out) == (2, "")
    assert word in done.only_fault
    assert state(at) == before


def state(at):
    """All files of the case and of what was written, with their content."""
    folders = (at.work / "case", at.work / "out")
    return {file: file.read_bytes() for folder in folders for file in folder.rglob("*") if file.is_file()}
