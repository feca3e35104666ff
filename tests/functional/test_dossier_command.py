"""From a triaged leak to the file for the inspector, as a user types it: nobody of the leak is named on the way."""

from __future__ import annotations

import errno
import json
import os
import stat

import pytest

from etanche.responding import files, filing
from inprocess import Inside

CONTROLLERS = "code;name;departement;aware\nLAB01;Laboratoire des Tilleuls;56;2026-01-02 16:00\nLAB02;Du Lagon;974;\n"
PERSON = 'name = "Jeanne Zqdurand"\naddress = ["12 rue des Zqlilas", "56100 LORIENT"]\n'


def test_from_the_leak_to_the_inspector(case, secrets):
    at = case
    (at.work / "c.csv").write_text(CONTROLLERS, encoding="utf-8")
    (at.work / "why").write_text("Données de santé publiées ; risque élevé.", encoding="utf-8")
    (at.work / "p.toml").write_text(PERSON, encoding="utf-8")
    own = ("--case", "case", "--controller", "LAB01")
    by = ("--by", "Claire Martin, directrice")

    def done(*arguments):
        said = at.run(*arguments)
        assert said.code == 0, said.err
        return said

    done("respond", "--case", "case", "--controllers", "c.csv")
    shown = done(
        "severity", *own, "--cb", "confidentiality=0.5", "--why-cb", "pas de malice connue", *by, "--to", "out"
    )
    assert "number 1" in shown.out
    done("decide", *own, "--article", "33", "--outcome", "notify", "--reasons", "why", *by, "--to", "out")
    assert "20,000,000" in done("exposure", *own, "--to", "out").out
    done("rights", "add", *own, "--kind", "erasure", "--person", "p.toml", "--received", "2026-11-20", "--to", "out")
    refused = ("--outcome", "refused", "--ground", "legal_obligation", "--to", "out")
    drafted = done("--lang", "fr", "rights", "answer", "lab01-0001", "--case", "case", *refused)
    assert "brouillon" in drafted.out
    letters = sorted(file.name for file in (at.work / "out" / "LAB01" / "rights").iterdir())
    assert letters == [f"LAB01-0001-0{n}.{end}" for n in ("1-receipt", "2-erasure") for end in ("md", "pdf")]
    stood = done("rights", "status", "--case", "case", "--to", "out")
    assert "LAB01-0001" in stood.out
    assert done("rights", "close", "LAB01-0001", "--case", "case", "--receipt", "2C 1").out.startswith("Request LAB01")
    assert done("rights", "show", "LAB01-0001", "--case", "case").out.count("Zqdurand") == 1
    manifest = json.loads(done("dossier", *own, "--from", "out", "--to", "filed", "--json").out)
    assert manifest["controller"] == "LAB01"
    assert "unbroken" in done("dossier", "--check", "filed/LAB01-dossier").out
    (at.work / "filed" / "LAB01-dossier" / "index.md").write_text("x", encoding="utf-8")
    wrong = at.run("dossier", "--check", "filed/LAB01-dossier")
    assert (wrong.code, "index.md" in wrong.out) == (1, True)
    assert at.run("dossier", "--case", "case").code == 2
    assert at.run("rights", "answer", "LAB01-0009", "--case", "case", *refused).code == 2
    assert done("custody", "--case", "case").out.startswith("The custody log is whole")

    told = [file for file in (at.work / "filed").rglob("*") if file.is_file()]
    told += [file for file in (at.work / "case").rglob("*") if file.is_file() and "sealed" not in file.parts]
    for file in told:
        data = file.read_bytes()
        assert b"Zqdurand" not in data, file
        assert b"Zqlilas" not in data, file
    # pages are made of these
    written = b"\n".join(file.read_bytes() for file in told if file.suffix in {".md", ".json"})
    assert not secrets.found(written)


@pytest.fixture
def begun(tmp_path):
    """A case without a file, its controllers worked out."""
    at = Inside(tmp_path / "place")
    (at.work / "c.csv").write_text(CONTROLLERS, encoding="utf-8")
    done = at.run("respond", "--new", "--case", "case", "--controllers", "c.csv", "--key-file", "key")
    assert done.code == 0, done.err
    return at


def full(_path, _data):
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_what_fails_leaves_no_folder(begun, monkeypatch):
    own = ("--case", "case", "--controller")
    assert begun.run("dossier", *own, "LAB99", "--to", "new/filed").code == 2
    monkeypatch.setattr(filing, "write_whole", full)
    monkeypatch.setattr(files, "write_whole", full)
    for said in (("dossier", *own, "LAB01"), ("exposure", *own, "LAB01", "--turnover", "10M")):
        done = begun.run("--lang", "fr", *said, "--to", "new/filed")
        assert done.code == 1
        assert ("plus de place" in done.only_fault, ".partial" in done.only_fault) == (True, False)
        assert not (begun.work / "new").exists()
    monkeypatch.undo()
    assert begun.run("dossier", *own, "LAB01", "--to", "new/filed").code == 0
    assert stat.S_IMODE((begun.work / "new").stat().st_mode) == 0o700
    assert [path.name for path in (begun.work / "new" / "filed").iterdir()] == ["LAB01-dossier"]
