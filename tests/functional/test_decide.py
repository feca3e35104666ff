"""`etanche decide` as a user types it: one decision, a new one, many by a file, and what is refused."""

from __future__ import annotations

import json
from hashlib import sha256

import pytest

from commandline import Place

CONTROLLERS = (
    "code;name;departement;aware;aware_reason\n"
    "LAB01;Laboratoire des Tilleuls;75;2026-01-02 16:00;journal\n"
    "LAB02;Laboratoire du Lagon;974;unknown;\n"
)
BY = "Claire Martin, directrice"
WHY = "Données de santé de 58 personnes, publiées ; risque élevé.\n"


@pytest.fixture
def at(tmp_path):
    place = Place(tmp_path / "place")
    (place.work / "c.csv").write_text(CONTROLLERS, encoding="utf-8")
    (place.work / "why").write_text(WHY, encoding="utf-8")
    done = place.run("respond", "--new", "--case", "case", "--controllers", "c.csv", "--key-file", "key")
    assert done.code == 0, done.err
    return place


def decide(at, article="34", outcome="inform", *more, controller="LAB01", by=BY, reasons="why"):
    return at.run(
        "decide", "--case", "case", "--controller", controller, "--article", article, "--outcome", outcome,
        "--by", by, "--reasons", reasons, *more,
    )  # fmt: skip


def held(at, name="decision-LAB01-34.json"):
    return json.loads((at.work / "case" / name).read_text(encoding="utf-8"))


def log(at):
    return [json.loads(line) for line in (at.work / "case" / "custody.jsonl").read_text().splitlines()]


def test_a_decision_in_a_case_without_a_file(at):
    done = decide(at, controller="lab01")
    assert done.code == 0, done.err
    said = held(at)
    assert (said["code"], said["article"], said["outcome"], said["exception"]) == ("LAB01", "34", "inform", None)
    assert (said["by"], said["role"], said["reasons"]) == ("Claire Martin", "directrice", WHY.strip())
    assert (said["severity"], said["census_sha256"], said["supersedes"]) == (None, None, None)
    assert said["law"]["reviewed"] is None
    (entry,) = [each["params"] for each in log(at) if each["event"] == "decided"]
    assert entry["decided_by"] == BY
    assert entry["sha256"] == sha256((at.work / "case" / "decision-LAB01-34.json").read_bytes()).hexdigest()
    assert at.run("custody", "--case", "case").code == 0


def test_a_place_that_cannot_be_written_is_told_before_anything_is_decided(at):
    (at.work / "file").write_text("")
    done = decide(at, "34", "inform", "--to", "file/out")
    assert done.code == 1
    assert "--to" in done.fault
    assert decide(at, "34", "inform", "--to", "case/out").code == 5
    assert not [each for each in log(at) if each["event"] == "decided"]


def test_a_page_that_cannot_be_written_leaves_the_decision_and_says_so(at):
    (at.work / "out").mkdir()
    (at.work / "out" / "LAB01").write_text("")
    done = decide(at, "34", "inform", "--to", "out")
    assert done.code == 1
    assert "stands" in done.fault
    assert held(at)["outcome"] == "inform"


def test_a_new_decision_keeps_the_old_one(at):
    assert decide(at, "34", "later").code == 0
    first = (at.work / "case" / "decision-LAB01-34.json").read_bytes()
    done = decide(at)
    assert "takes the place of decision 1" in done.out
    said = held(at)
    assert said["number"] == 2
    assert said["supersedes"] == {
        "number": 1, "sha256": sha256(first).hexdigest(), "file": "decisions/LAB01-34-1.json",
    }  # fmt: skip
    assert (at.work / "case" / "decisions" / "LAB01-34-1.json").read_bytes() == first
    before = log(at)
    assert "was decided before" in decide(at).out
    assert log(at) == before


def test_the_score_of_the_census_stands_beside(case):
    (case.work / "c.csv").write_text(CONTROLLERS, encoding="utf-8")
    (case.work / "why").write_text(WHY, encoding="utf-8")
    assert case.run("respond", "--case", "case", "--controllers", "c.csv").code == 0
    done = decide(case, "34", "not_inform", "--exception", "none")
    assert done.code == 0
    assert "the reasons must answer it" in done.err
    census = (case.work / "case" / "census.json").read_bytes()
    said = held(case)
    assert said["census_sha256"] == sha256(census).hexdigest()
    assert said["severity"]["score"] == json.loads(census)["severity"]["score"]
    assert said["severity"]["from"] == "census"


def test_many_by_a_file_and_what_stands(at):
    (at.work / "d.csv").write_bytes(
        "controller;article;outcome;by;reasons;exception;date\n"
        "LAB01;33;notify;Claire Martin, directrice;Fuite avérée;;2026-01-04\n"
        'LAB02;34;public_notice;"Paul Roy, gérant";"Personnes\ninconnues";;\n'.encode("cp1252")
    )
    done = at.run("decide", "--case", "case", "--all", "d.csv", "--json")
    assert done.code == 0, done.err
    first, second = json.loads(done.out)
    assert first["at"] == "2026-01-04"
    assert second["exception"] == "34(3)(c)"
    assert second["articles"] == ["GDPR 34(1)", "GDPR 34(3)(c)"]
    assert second["reasons"] == "Personnes\ninconnues"
    shown = at.run("--lang", "fr", "decide", "--case", "case")
    assert "public_notice" not in shown.out
    assert "2026-01-04" in shown.out
    assert json.loads(at.run("decide", "--case", "case", "--json").out) == [first, second]


def test_a_wrong_line_is_named_with_what_is_wrong(at):
    (at.work / "d.csv").write_text("controller;article;outcome;by;reasons\nLAB01;33;notify;Ann Roy;why\n", "utf-8")
    before = log(at)
    done = at.run("decide", "--case", "case", "--all", "d.csv")
    assert (done.code, done.out) == (2, "")
    assert "line 2: nothing was written down, because of this line. --by does not say" in done.only_fault
    assert log(at) == before
    done = decide(at, controller="LAB1")
    assert (done.code, done.out) == (2, "")
    assert "the codes are LAB01, LAB02" in done.only_fault
