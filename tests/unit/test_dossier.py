"""The file for the inspector: what is in it, where its figures are from, what is never taken, how it is checked."""

from __future__ import annotations

import errno
import json
import subprocess
from datetime import UTC, datetime
from hashlib import sha256

import pytest

from etanche import responding
from etanche.casefile import CaseFolder, Entry, Event, KeyOptions
from etanche.casefile import excerpt as excerpts
from etanche.config import Config
from etanche.errors import ExitCode, UserError
from etanche.respond import dossier
from etanche.responding import deciding, exposing, filing
from etanche.responding.showing import may_be_shown, own_result

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
CONFIG = Config(language="fr", keyring=False, now=lambda: NOW)
CENSUS = {
    "lines": 11, "rows": 10, "quarantined": 0, "persons": 9,
    "categories": {"health": 7, "nir": 9}, "roles": {"patient": 9},
    "laboratories": {"LABORATOIRE UN": 6, "LABORATOIRE ZQDEUX": 4},
    "severity": {"dpc": 4, "ei": 1.0, "cb": 1.0, "score": 5.0, "band": "very_high", "reasons": [], "flags": []},
}  # fmt: skip


@pytest.fixture
def case(tmp_path):
    lines = "code;name;aware;cnil_filed;cnil_receipt\nLAB01;Laboratoire Un;2026-11-20 16:00;2026-11-21;R-0001\n"
    (tmp_path / "c.csv").write_text(lines + "LAB02;Laboratoire Zqdeux;2026-11-20;;R-zqtwo\n", encoding="utf-8")
    request = responding.RespondRequest(
        case=tmp_path / "case", controllers=tmp_path / "c.csv", new=True, keys=KeyOptions(tmp_path / "key")
    )
    responding.respond_case(request, CONFIG)
    with CaseFolder.open(tmp_path / "case", CONFIG) as opened:
        opened.write_result("census.json", json.dumps(CENSUS).encode())
        error = {"wrong_expected": 0.3}
        for code, notify in (("LAB01", 5), ("LAB02", 4)):
            linked = {"name": code, "notify": notify, "review": 1, "error": error}
            opened.write_result(f"link-{code}.json", json.dumps(linked).encode())
    for code in ("LAB01", "LAB02"):
        asked = deciding.Asked("33", "notify", "Claire Martin, directrice", f"Motifs de {code}.")
        deciding.decide(tmp_path / "case", code, asked, CONFIG)
    return tmp_path / "case"


@pytest.fixture
def documents(tmp_path):
    folder = tmp_path / "out" / "LAB01"
    for name in ("notification.md", "documents/register-entry.md", "privileged/exposure.md", "documents/complaint.md"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(f"of {name}", encoding="utf-8")
    return folder


def filed(case, documents=None, code="LAB01", config=CONFIG):
    return filing.file_of(case, code, case.parent / "filed", documents and documents.parent, config)


def refused(code, act):
    with pytest.raises(UserError) as caught:
        act()
    assert caught.value.code == code
    return caught.value


def test_every_figure_is_that_of_its_key_in_a_result_whose_hash_is_in_the_log(case, documents):
    done = filed(case, documents)
    told = json.loads((done.folder / "figures.json").read_bytes())["figures"]
    results = {"census.json": CENSUS, "link-LAB01.json": json.loads((case / "link-LAB01.json").read_bytes())}
    logged = json.loads((done.folder / "custody.json").read_bytes())["log"]
    hashes = {entry["params"]["name"]: entry["params"]["sha256"] for entry in logged
              if entry.get("event") == "result_written"}  # fmt: skip
    for figure in told:
        value = results[figure["file"]]
        for step in figure["key"]:
            value = value[step]
        assert value == figure["value"]
        assert figure["sha256"] == sha256((case / figure["file"]).read_bytes()).hexdigest() == hashes[figure["file"]]
    keys = {tuple(figure["key"]): figure["of"] for figure in told}
    assert keys["laboratories", "LABORATOIRE UN"] == "controller"
    assert keys["notify",] == "controller"
    assert keys["categories", "health"] == "whole_file"
    assert ("laboratories", "LABORATOIRE ZQDEUX") not in keys


def test_what_is_in_it_and_what_is_missing(case, documents):
    done = filed(case, documents)
    names = {each["name"] for each in done.manifest["files"]}
    assert {"decisions/33-1.json", "decisions/33-1.pdf", "deadlines.json", "custody.json", "index.pdf"} <= names
    assert {"documents/notification.md", "documents/register-entry.md"} <= names
    assert done.missing == ("decision_34", "signature")
    text = (done.folder / "index.md").read_text(encoding="utf-8")
    assert "R-0001" in text
    assert "la décision de l'article 34" in text
    assert done.manifest["custody_head"] in text
    assert "[à compléter : lieu, date, nom, qualité et signature]" in (done.folder / "decisions/33-1.md").read_text()
    whole = b"".join(file.read_bytes() for file in done.folder.rglob("*") if file.suffix != ".pdf" and file.is_file())
    assert b"zqtwo" not in whole.lower()
    assert b"zqdeux" not in whole.lower()
    listed = subprocess.run(["sha256sum", "-c", "SHA256SUMS"], cwd=done.folder, capture_output=True, check=False)  # noqa: S607
    assert listed.returncode == 0, listed.stderr
    with CaseFolder.open(case, CONFIG) as opened:
        logged = opened.summary.done[-1]
    assert logged["event"] == "handed_over"
    assert filed(case, code="lab02").missing == ("decision_34", "signature", "notification", "register")


def test_a_signed_decision_is_taken_along(case, documents):
    asked = deciding.Asked("33", "notify", "Claire Martin, directrice", "Motifs de LAB01.")
    taken = deciding.decide(case, "LAB01", asked, CONFIG)
    assert not taken.written
    page, pdf = deciding.write_pages(case, [taken], documents.parent, CONFIG)
    assert page == documents / "decisions" / "33-1.md"
    (documents / "decisions" / "33-1.signed.pdf").write_bytes(pdf.read_bytes() + b"signed")
    (documents / "decisions" / "34-1.signed.pdf").write_bytes(b"of no decision")
    done = filed(case, documents)
    assert (done.folder / "decisions" / "33-1.signed.pdf").read_bytes().endswith(b"signed")
    assert not (done.folder / "decisions" / "34-1.signed.pdf").exists()
    assert "signature" not in done.missing
    refused("respond_within_case", lambda: deciding.write_pages(case, [taken], case / "out", CONFIG))


def test_neither_what_is_privileged_nor_a_link_is_taken(case, documents):
    exposing.expose(case, "LAB01", "1M", documents.parent, CONFIG)
    (documents / "documents" / "press-notice.md").symlink_to(documents / "privileged" / "exposure.md")
    done = filed(case, documents)
    names = {each["name"] for each in done.manifest["files"]}
    assert "documents/press-notice.md" not in names
    assert "documents/complaint.md" not in names
    whole = b"".join(file.read_bytes() for file in done.folder.rglob("*") if file.is_file())
    assert b"privileged" not in whole
    assert b"exposure" not in whole
    assert not any("privileged" in name for name in dossier.names())


def test_a_folder_of_documents_that_is_a_link_into_privileged_is_not_followed(case, documents):
    for file in (documents / "documents").iterdir():
        file.unlink()
    (documents / "documents").rmdir()
    (documents / "privileged" / "register-entry.md").write_text("secret", encoding="utf-8")
    (documents / "documents").symlink_to(documents / "privileged")
    assert not [each for each in filed(case, documents).manifest["files"] if "register-entry" in each["name"]]


def test_a_controller_whose_folder_is_anothers_is_refused(case, documents):
    (documents / "documents.json").write_text('{"code": "LAB02"}', encoding="utf-8")
    assert refused("dossier_mixed", lambda: filed(case, documents)).exit_code is ExitCode.REFUSED
    (documents.parent / "LAB02").symlink_to(documents)
    refused("dossier_documents", lambda: filed(case, documents, "LAB02"))
    assert not list((case.parent / "filed").glob("*"))


def test_it_is_never_written_over_nor_into_the_case(case, documents):
    done = filed(case, documents)
    before = (done.folder / "index.md").read_bytes()
    refused("dossier_there", lambda: filed(case))
    assert (done.folder / "index.md").read_bytes() == before
    inside = refused("respond_within_case", lambda: filing.file_of(case, "LAB01", case / "x", None, CONFIG))
    assert inside.exit_code is ExitCode.REFUSED


def test_one_for_each_controller_or_none(case):
    to = case.parent / "filed"
    done = filing.file_all(case, to, None, CONFIG)
    assert [each.folder.name for each in done] == ["LAB01-dossier", "LAB02-dossier"]
    assert b"LAB02" not in (to / "LAB01-dossier" / "custody.json").read_bytes()
    before = (case / "custody.jsonl").read_bytes()
    refused("dossier_there", lambda: filing.file_all(case, to, None, CONFIG))
    assert (case / "custody.jsonl").read_bytes() == before


def test_nothing_half_made_stays(case, monkeypatch):
    def full(path, data):
        if path.name == "SHA256SUMS":
            raise OSError(errno.ENOSPC, "full")
        path.write_bytes(data)

    monkeypatch.setattr(filing, "write_whole", full)
    refused("respond_cannot_write", lambda: filed(case))
    assert not (case.parent / "filed").exists()


def test_a_folder_that_was_changed_is_told(case, documents):
    folder = filed(case, documents).folder
    assert filing.check(folder)[0] == ()
    held = (folder / "figures.json").read_bytes()
    (folder / "figures.json").write_bytes(held.replace(b'"value": 10', b'"value": 11'))
    (folder / "more.txt").write_text("x")
    (folder / "index.pdf").unlink()
    assert filing.check(folder)[0] == ("figures.json", "index.pdf", "more.txt")


def test_a_custody_excerpt_that_was_rewritten_is_told_although_the_manifest_fits(case, documents):
    folder = filed(case, documents).folder
    told = json.loads((folder / "custody.json").read_bytes())
    next(entry for entry in told["log"] if entry.get("event") == "decided")["params"]["outcome"] = "not_notify"
    data = json.dumps(told).encode()
    (folder / "custody.json").write_bytes(data)
    manifest = json.loads((folder / "manifest.json").read_bytes())
    next(each for each in manifest["files"] if each["name"] == "custody.json")["sha256"] = sha256(data).hexdigest()
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    assert filing.check(folder)[0] == ("custody.json",)
    refused("dossier_none", lambda: filing.check(folder / "decisions"))


def test_an_excerpt_holds_together_whatever_is_withheld(case):
    log = (case / "custody.jsonl").read_bytes().splitlines()
    for shown in (lambda entry: True, lambda entry: False, lambda entry: entry.seq % 3 == 0):
        told = excerpts.excerpt(case, shown)
        assert excerpts.sound(told)
        assert told["entries"] == len(log)
        assert told["withheld"] == sum(not shown(Entry(**json.loads(line))) for line in log)
        assert not excerpts.sound({**told, "log": told["log"][:-1]})
        assert not excerpts.sound({**told, "log": [*told["log"][1:], told["log"][0]]})
        assert not excerpts.sound({**told, "head": "0" * 64})


def entry(event, **params):
    return Entry(1, "", event, "", "", params, "", "")


@pytest.mark.parametrize(
    ("event", "params", "shown"),
    [
        (Event.CREATED, {"case": "x"}, True),
        (Event.DECIDED, {"controller": "LAB"}, True),
        (Event.DECIDED, {"controller": "LAB-2"}, False),
        (Event.EXPOSURE_SHOWN, {"controller": "LAB"}, False),
        (Event.COMMAND, {"command": "link", "name": "LAB", "controller": "LAB", "signed_by": "x"}, False),
        (Event.COMMAND, {"command": "triage", "files": 1}, True),
        (Event.RESPONDED, {"changed": "", "controllers": 2}, True),
        (Event.RESPONDED, {"changed": "LAB LAB-2", "controllers": 2}, False),
        (Event.LINKED, {"name": "LAB", "notify": 1}, True),
        (Event.LINKED, {"name": "LAB-2", "notify": 1}, False),
        (Event.SHOWN, {"what": "request", "number": "LAB-0001"}, True),
        (Event.SHOWN, {"what": "request", "number": "LAB-2-0001"}, False),
        (Event.SHOWN, {"what": "quarantine", "clear": 1}, False),
        (Event.INPUT_READ, {"what": "registry", "name": "LAB-2", "sha256": "x", "size": 1}, False),
        (Event.INPUT_READ, {"what": "controllers", "sha256": "x", "size": 1}, True),
        (Event.INPUT_READ, {"path": "leak.txt", "member": "", "sha256": "x", "size": 1}, True),
        ("a_later_event", {}, False),
    ],
)
def test_which_entries_a_controller_may_show(event, params, shown):
    assert may_be_shown(entry(event, **params), "LAB") is shown


@pytest.mark.parametrize(
    ("name", "own"),
    [
        ("census.json", True),
        ("decision-LAB-33.json", True),
        ("decision-LAB-33-1-33.json", False),
        ("decisions/LAB-33-1.json", True),
        ("decisions/LAB-33-1-34-1.json", False),
        ("severities/LAB-2.json", True),
        ("severities/LAB-2-1.json", False),
        ("respond/LAB/deadlines.json", True),
        ("respond/LAB-2/deadlines.json", False),
        ("link-LAB-2.json", False),
    ],
)
def test_whose_a_result_is(name, own):
    """A code may be the beginning of another: "LAB-33-1" has no result that "LAB" may show."""
    assert own_result(name, "LAB") is own
