"""What can be decided, by whom, with which reasons; a decision changed by hand; many of which one is wrong."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from etanche import responding
from etanche.casefile import CaseFolder, KeyOptions
from etanche.config import Config
from etanche.errors import ExitCode, UserError
from etanche.respond import decision, decision_table
from etanche.respond.decision import Asked, decided, law_of_decisions, names_somebody, outcomes
from etanche.responding import deciding

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
CONFIG = Config(keyring=False, now=lambda: NOW)
BY = "Claire Martin, directrice"
CONTROLLERS = "code;name;departement;aware\nLAB01;Tilleuls;75;2026-11-20 16:00\nLAB02;Lagon;974;unknown\n"
PARIS = ZoneInfo("Europe/Paris")


@pytest.fixture
def case(tmp_path):
    (tmp_path / "c.csv").write_text(CONTROLLERS, encoding="utf-8")
    request = responding.RespondRequest(
        case=tmp_path / "case", controllers=tmp_path / "c.csv", new=True, keys=KeyOptions(tmp_path / "key")
    )
    responding.respond_case(request, CONFIG)
    return tmp_path / "case"


def asked(**said):
    return Asked(**{"article": "34", "outcome": "inform", "by": BY, "reasons": "Risque élevé.", **said})


def refused(code, function, *given):
    with pytest.raises(UserError) as caught:
        function(*given)
    assert caught.value.code == code
    return caught.value


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"article": "35"}, "decide_article"),
        ({"article": "33"}, "decide_outcome"),
        ({"outcome": "not_inform"}, "decide_exception"),
        ({"outcome": "not_inform", "exception": "c"}, "decide_exception"),
        ({"outcome": "public_notice", "exception": "a"}, "decide_exception"),
        ({"exception": "a"}, "decide_no_exception"),
        ({"date": "2999-01-01"}, "decide_future"),
        ({"date": "2026-01-01 .. 2026-01-03"}, "decide_date"),
        ({"date": "unknown"}, "decide_date"),
        ({"date": "soon"}, "decide_date"),
        ({"by": "Claire Martin"}, "decide_by"),
        ({"by": " , directrice"}, "decide_by"),
        ({"by": "Claire" * 30 + ", directrice"}, "decide_by"),
        ({"reasons": " \n--\n"}, "decide_reasons_none"),
        ({"reasons": "long " * 20_000}, "decide_reasons_long"),
        ({"reasons": "why\nappeler le 06 12 34 56 78"}, "decide_reasons_name"),
    ],
)
def test_what_is_no_decision(said, code):
    error = refused(code, decided, asked(**said), PARIS, NOW)
    assert error.exit_code is ExitCode.USAGE
    assert "06 12" not in str(error.params)


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("appeler le 06.12.34.56.78 demain", True),
        ("au +33 6 12 34 56 78", True),
        ("1 84 12 76 451 089 46 est connu", True),
        ("184127645108946", True),
        ("écrire à jean.dupont@example.org.", True),
        ("491 840 personnes, 2 personnes le 24/02/2021 à 14:00", False),
        ("articles 33(1), 34(3)(b) ; SIREN 552 100 554", False),
        ("@lab", False),
    ],
)
def test_who_is_named(line, names):
    assert names_somebody(line) is names


def test_each_outcome_of_the_dated_file_has_articles_and_can_be_taken():
    file = law_of_decisions()
    assert {each["code"] for each in file["exception"]} == {"a", "b", "c"}
    for article in decision.ARTICLES:
        for outcome in outcomes(article).values():
            assert all(each.startswith("GDPR ") for each in outcome.articles)
            for exception in outcome.exceptions or (None,):
                taken = decided(asked(article=article, outcome=outcome.code, exception=exception), PARIS, NOW)
                assert taken.exception == (None if exception in {None, "none"} else f"34(3)({exception})")
                assert len(taken.document("LAB01")["articles"]) == len(outcome.articles) + bool(taken.exception)


@pytest.mark.parametrize(
    ("date", "at"),
    [
        (None, "2026-11-23T13:00:00+01:00"),
        ("2026-11-20", "2026-11-20"),
        ("20/11/2026 16h00", "2026-11-20T16:00:00+01:00"),
        ("2026-11-23", "2026-11-23"),
    ],
)
def test_when_it_was_decided(date, at):
    assert decided(asked(date=date), PARIS, NOW).at == at


@pytest.mark.parametrize(
    ("lines", "code", "line"),
    [
        ("LAB01;33;notify;Ann Roy, head;why\nLAB03;33;notify;Ann Roy, head;why\n", "decide_line", 3),
        ("LAB01;33;notify;Ann Roy, head;why\nlab01;33;not_notify;Ann Roy, head;why\n", "decide_twice", None),
        ("LAB01;33;notify;Ann Roy;why\n", "decide_line", 2),
        ("\nLAB01;33;notify;Ann Roy, head;\n", "decide_cell_empty", 3),
        ("LAB01;33;notify\n", "decide_width", 2),
        ("", "decide_none", None),
    ],
)
def test_a_wrong_line_writes_nothing(case, lines, code, line):
    before = (case / "custody.jsonl").read_bytes()
    data = ("controller;article;outcome;by;reasons\n" + lines).encode()
    error = refused(code, deciding.decide_all, case, data, "d.csv", CONFIG)
    assert error.params.get("line") == line
    assert (case / "custody.jsonl").read_bytes() == before


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"controller;article;outcome;by\n", "decide_column_missing"),
        (b"controller;article;outcome;by;reasons;why\n", "decide_column"),
        (b"controller;controller;article;outcome;by;reasons\n", "decide_column"),
        (b"\0\0", "decide_no_table"),
        (b'controller;"article\n', "decide_no_table"),
    ],
)
def test_what_is_no_file_of_decisions(data, code):
    refused(code, decision_table.read, data, "d.csv")


def test_a_decision_changed_by_hand_is_refused(case):
    deciding.decide(case, "LAB01", asked(), CONFIG)
    file = case / "decision-LAB01-34.json"
    file.write_text(file.read_text(encoding="utf-8").replace('"inform"', '"not_inform"'), encoding="utf-8")
    for act in (lambda: deciding.decide(case, "LAB01", asked(outcome="later"), CONFIG),
                lambda: deciding.decisions_of(case, CONFIG)):  # fmt: skip
        assert refused("respond_changed", act).exit_code is ExitCode.REFUSED


def test_who_is_no_controller_of_the_case(case):
    for code in ("LAB1", "Z"):
        known = str(refused("decide_controller", deciding.decide, case, code, asked(), CONFIG).params["known"])
        assert "LAB01" in known.split(", ")


def test_later_goes_on_running(case):
    assert deciding.decide(case, "LAB02", asked(outcome="later"), CONFIG).warnings == ("later_runs",)


def test_a_decision_that_contradicts_what_was_filed_is_told(tmp_path):
    lines = "code;name;aware;cnil_receipt\nLAB01;Tilleuls;2026-11-20;R-1\nLAB02;Lagon;2026-11-20;\n"
    (tmp_path / "c.csv").write_text(lines, encoding="utf-8")
    request = responding.RespondRequest(
        case=tmp_path / "case", controllers=tmp_path / "c.csv", new=True, keys=KeyOptions(tmp_path / "key")
    )
    responding.respond_case(request, CONFIG)
    silent = asked(article="33", outcome="not_notify")
    assert deciding.decide(tmp_path / "case", "LAB01", silent, CONFIG).warnings == ("filed",)
    assert deciding.decide(tmp_path / "case", "LAB02", silent, CONFIG).warnings == ()


def test_a_crash_between_keeping_and_deciding_loses_neither(case, monkeypatch):
    deciding.decide(case, "LAB01", asked(outcome="later"), CONFIG)
    first = (case / "decision-LAB01-34.json").read_bytes()
    write = CaseFolder.write_result

    def cut(self, name, data, private=False):
        if name == "decision-LAB01-34.json":
            raise UserError("case_no_space", ExitCode.FAILED, path=name)
        write(self, name, data, private)

    monkeypatch.setattr(CaseFolder, "write_result", cut)
    refused("case_no_space", deciding.decide, case, "LAB01", asked(), CONFIG)
    monkeypatch.undo()
    assert (case / "decision-LAB01-34.json").read_bytes() == first
    again = deciding.decide(case, "LAB01", asked(), CONFIG).document
    assert (again["number"], again["outcome"]) == (2, "inform")
    assert (case / "decisions" / "LAB01-34-1.json").read_bytes() == first
    with CaseFolder.open(case, CONFIG) as opened:
        assert [each["number"] for each in deciding.history(opened, "LAB01", "34")] == [1, 2]
        assert opened.verify().ok


def test_a_page_that_somebody_completed_stays(case, tmp_path):
    taken = deciding.decide(case, "LAB01", asked(), CONFIG)
    page, _ = deciding.write_pages(case, [taken], tmp_path / "out", CONFIG)
    page.write_text("signed in Lorient", encoding="utf-8")
    deciding.write_pages(case, [taken], tmp_path / "out", CONFIG)
    assert page.read_text(encoding="utf-8") == "signed in Lorient"
