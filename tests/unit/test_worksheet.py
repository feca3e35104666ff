"""The severity worksheet: ENISA's terms as a person chooses them, the EDPB's examples, the sheet, what is kept."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from etanche import responding
from etanche.assess.severity import band as band_of_assess
from etanche.casefile import KeyOptions
from etanche.config import Config
from etanche.errors import ExitCode, UserError
from etanche.respond import edpb_cases, sheet, worksheet
from etanche.responding import deciding, weighing

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
CONFIG = Config(keyring=False, now=lambda: NOW)
WHO = ("Claire Martin", "directrice")
ALL = {
    "dpc": ("sensitive", "résultats"),
    "ei": ("maximum", "nom complet"),
    "cb": ("confidentiality=0.5,malicious=0.5", "publié"),
}


@pytest.fixture
def case(tmp_path):
    (tmp_path / "c.csv").write_text("code;name;departement\nLAB01;Labo *1*;75\nLAB02;Deux;974\n", encoding="utf-8")
    request = responding.RespondRequest(
        case=tmp_path / "case",
        controllers=tmp_path / "c.csv",
        new=True,
        basis=responding.Basis.RANSOMWARE,
        persons="500-800",
        keys=KeyOptions(tmp_path / "key"),
    )
    responding.respond_case(request, CONFIG)
    return tmp_path / "case"


def weigh(case, stated=None, by="Claire Martin, directrice", **more):
    return weighing.weigh(weighing.Weighing(case, "LAB01", ALL if stated is None else stated, by, **more), CONFIG)


def stated(**chosen):
    return {term: worksheet.Stated(term, said, "why", *WHO) for term, said in chosen.items()}


@pytest.mark.parametrize(
    ("dpc", "ei", "cb", "score", "name"),
    [
        ("sensitive", "maximum", "confidentiality=0.5 malicious=0.5", 5, "very_high"),
        ("simple+2", "1", "confidentiality=.5,malicious=.5", 4, "very_high"),
        ("4", "0.5", "confidentiality=0.5;malicious=0.5", 3, "high"),
        ("simple", "1", "confidentiality=0,25", 1.25, "low"),
        ("sensitive", "negligible", "", 1, "low"),
        ("financial-2", "limited", "availability=0.5", 1, "low"),
        ("behavioural-1", "significant", "integrity=0.25", 1, "low"),
    ],
)
def test_the_vectors_of_the_method(dpc, ei, cb, score, name):
    result = worksheet.filled(None, stated(dpc=dpc, ei=ei, cb=cb))["result"]
    assert (result["score"], result["band"]) == (score, name)


def test_bands_are_those_of_the_census():
    assert all(worksheet.band(score / 4) == band_of_assess(score / 4) for score in range(24))


@pytest.mark.parametrize(
    ("term", "said"),
    [
        ("dpc", "5"), ("dpc", "simple+4"), ("dpc", "sensitive+1"), ("dpc", "financial+2"), ("dpc", "secret"),
        ("ei", "0.3"), ("ei", "full"), ("cb", "malicious=0.25"), ("cb", "luck=0.5"),
        ("cb", "malicious=0.5,malicious=0.5"), ("cb", "0.5"), ("cb", "integrity=nan"),
    ],
)  # fmt: skip
def test_what_cannot_be_chosen(term, said):
    with pytest.raises(UserError) as caught:
        worksheet.read(worksheet.Stated(term, said, "why", *WHO))
    assert caught.value.code == f"severity_{term}"
    assert caught.value.exit_code is ExitCode.USAGE


def test_a_census_gives_what_nobody_states():
    reasons = [{"code": "dpc_sensitive", "params": {"points": 4, "kinds": "health"}},
               {"code": "cb_malicious", "params": {"points": 0.5, "kinds": ""}}]  # fmt: skip
    census = {"dpc": 4, "ei": 1.0, "cb": 0.5, "score": 4.5, "band": "very_high", "reasons": reasons, "flags": []}
    found = worksheet.filled(census, stated(dpc="simple"))
    assert found["result"]["score"] == 1.5
    assert [term["from"] for term in found["terms"]] == ["person", "census", "census"]
    assert found["terms"][0]["census"] == 4
    assert found["terms"][0]["by"] == "Claire Martin"
    assert [each["code"] for each in found["terms"][2]["census_reasons"]] == ["cb_malicious"]


def test_the_eighteen_examples_say_what_the_guidelines_say():
    both = {each.number for each in edpb_cases.examples() if each.authority and each.persons}
    authority = {each.number for each in edpb_cases.examples() if each.authority and not each.persons}
    neither = {each.number for each in edpb_cases.examples() if not each.authority and not each.persons}
    assert both == {3, 4, 5, 7, 11, 12, 14, 17, 18}
    assert authority == {2, 8, 16}
    assert neither == {1, 6, 9, 10, 13, 15}
    words = edpb_cases.file()["word"]
    assert edpb_cases.marks() <= words.keys()
    assert all(each.keys() == {"en", "fr"} for each in words.values())


def test_each_example_is_closest_to_itself():
    for example in edpb_cases.examples():
        first = edpb_cases.closest(example.marks)[0]
        assert first.likeness == 1.0
        assert first.example.marks == example.marks


def test_a_stolen_file_of_a_laboratory_is_like_those_where_persons_are_told():
    own = {"exfiltrated", "malicious", "special", "credentials", "official", "contact", "many"}
    found = edpb_cases.closest(own)
    assert all(each.example.authority and each.example.persons for each in found[:3])
    assert all(set(each.shared) <= own and not set(each.only_there) & own for each in found)


def test_marks_come_from_the_census_and_the_claim():
    census = {
        "columns": [{"kind": "nir", "filled": 3}, {"kind": "password", "filled": 0}, {"kind": "email", "filled": 1}],
        "categories": {"health": 3, "financial": 0},
        "severity": {"reasons": [{"code": "cb_malicious", "params": {}}], "flags": []},
        "persons": 100,
    }
    found = edpb_cases.marks_of(census, None)
    assert found == {"exfiltrated", "malicious", "special", "official", "contact", "few"}
    claim = edpb_cases.marks_of(None, "ransomware", {"least": 500, "most": 800})
    assert claim == {"ransomware", "availability", "malicious", "many"}
    assert "many" not in edpb_cases.marks_of(None, "claim", {"least": 50, "most": 800})


def test_a_worksheet_without_a_file_is_kept_and_stands_beside_the_decision(case, tmp_path):
    done = weigh(case, to=tmp_path / "out")
    assert done.document["result"]["score"] == 5
    assert done.document["number"] == 1
    assert {"ransomware", "many"} <= set(done.document["marks"])
    page, pdf = done.files
    text = page.read_text(encoding="utf-8")
    assert "SE = 4 × 1 + 1 = 5: very high" in text
    assert "The score never replaces the test of articles 33 and 34" in text
    assert "(GDPR 33(1), GDPR 34(1))" in text
    assert "Labo \\*1\\*" in text
    assert pdf.read_bytes().startswith(b"%PDF-")
    asked = deciding.Asked("34", "not_inform", "A. Roy, dpo", "Chiffré.", "none")
    taken = deciding.decide(case, "LAB01", asked, CONFIG)
    assert taken.document["severity"] == {
        "dpc": 4, "ei": 1, "cb": 1.0, "score": 5.0, "band": "very_high", "from": "worksheet",
    }  # fmt: skip
    assert taken.warnings == ("score_high",)
    other = deciding.decide(case, "LAB02", asked, CONFIG)
    assert other.document["severity"] is None


def test_one_term_changed_keeps_the_others_and_the_old_worksheet(case):
    first = weigh(case).document
    second = weigh(case, {"dpc": ("simple+2", "une liste")}, "Paul Roy, dpo").document
    assert second["result"]["score"] == 4
    assert [term["by"] for term in second["terms"]] == ["Paul Roy", "Claire Martin", "Claire Martin"]
    assert second["supersedes"]["file"] == "severities/LAB01-1.json"
    assert json.loads((case / "severities" / "LAB01-1.json").read_text(encoding="utf-8")) == first
    before = (case / "custody.jsonl").read_bytes()
    shown = weigh(case, {}, None, marks=frozenset({"special"})).document
    assert shown["result"] == second["result"]
    assert "special" in shown["marks"]
    assert (case / "custody.jsonl").read_bytes() == before


@pytest.mark.parametrize(
    ("said", "by", "more", "code"),
    [
        ({"dpc": ("4", "x")}, "Claire Martin, directrice", {}, "severity_missing"),
        (ALL, None, {}, "severity_by"),
        (ALL, "Claire Martin", {}, "decide_by"),
        ({**ALL, "dpc": ("4", " ")}, "A, b", {}, "decide_reasons_none"),
        ({**ALL, "dpc": ("4", "voir jean@example.org")}, "A, b", {}, "decide_reasons_name"),
        (ALL, "A, b", {"marks": frozenset({"luck"})}, "severity_mark"),
    ],
)
def test_what_is_refused_leaves_nothing(case, said, by, more, code):
    before = (case / "custody.jsonl").read_bytes()
    with pytest.raises(UserError) as caught:
        weigh(case, said, by, **more)
    assert caught.value.code == code
    assert (case / "custody.jsonl").read_bytes() == before


def test_nothing_is_written_into_the_case(case):
    with pytest.raises(UserError) as caught:
        weigh(case, to=case / "out")
    assert caught.value.exit_code is ExitCode.REFUSED


@pytest.mark.parametrize("language", ["fr", "en"])
def test_every_sheet_says_its_law(language):
    assert sheet.names()
    for name in sheet.names():
        assert sheet.template(name, language).language == language
        assert sheet.sources(name, language) == sheet.sources(name, "fr")
        assert set(sheet.sources(name, language)) <= sheet.known_articles().keys()
    assert {each["mark"] for each in sheet.known_articles().values()} == {"read", "known"}
