"""census.json: its contract keys, its schema, its reference page, its words."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import jsonschema
import pytest
from report_census import PERSONS, ROWS, census, columns, facts

from etanche.assess.passwords import WEAKNESSES
from etanche.casefile.keys import Way
from etanche.identifiers.password_hash import FAMILIES
from etanche.model import Category, Column, Kind, QuarantineReason, Reason, Role
from etanche.recognise import texts
from etanche.report import Facts, census_document, first_lines, schema, shareable
from etanche.report.reference import reference_page
from etanche.report.speech import Speech
from etanche.words import LANGUAGES, Words, section

REPOSITORY = Path(__file__).resolve().parents[2]
CONTRACT = [
    "lines", "rows", "quarantined", "persons", "columns", "counts", "sexes", "titles", "dates", "departements",
    "roles", "categories", "topics", "severity",
]  # fmt: skip


def test_the_schema_is_one_and_the_document_follows_it() -> None:
    jsonschema.Draft202012Validator.check_schema(schema())
    validator = jsonschema.Draft202012Validator(schema())
    for language in LANGUAGES:
        document = census_document(census(), facts(), Words(language))
        validator.validate(document)
        validator.validate(shareable(document))


def test_the_contract_of_design() -> None:
    document = census_document(census(), facts(), Words("en"))
    assert [key for key in CONTRACT if key not in document] == []
    ledger = document["ledger"]
    assert document["lines"] == ledger["header"] + ledger["row_lines"] + document["quarantined"] + ledger["blank"]
    assert {"name", "kind", "role", "filled", "valid", "confidence", "reason"} <= set(document["columns"][0])
    assert document["counts"]["nir"] == {"rows": 489_838, "valid": 489_102, "distinct": 468_911}
    assert document["departements"]["prescriber"]["56"] == round(0.36 * 489_900)
    assert document["dates"]["sample_date"] == {"min": "2015-01-02", "max": "2020-10-30"}
    assert document["topics"]["hiv"] == {"affirmed": 611, "negated": 1_930}
    assert (document["rows"], document["persons"]) == (ROWS, PERSONS)


def test_the_schema_is_strict() -> None:
    document = census_document(census(), facts(), Words("en"))
    for wrong in ({"extra": 1}, {"rows": -1}, {"rows": "12"}, {"made_at": "yesterday"}, {"sexes": {"F": 1.5}}):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(document | wrong, schema())


def test_every_key_of_the_schema_is_described() -> None:
    def walk(node: dict, way: str) -> list[str]:
        bare = []
        for name, inner in node.get("properties", {}).items():
            if "description" not in inner and "$ref" not in inner and "const" not in inner:
                bare.append(f"{way}.{name}")
            bare += walk(inner, f"{way}.{name}")
        for name, inner in node.get("$defs", {}).items():
            bare += walk(inner, name)
        return bare

    assert walk(schema(), "") == []


def test_the_reference_page_is_the_schema() -> None:
    page = (REPOSITORY / "docs" / "reference" / "census.md").read_text(encoding="utf-8")
    assert page == reference_page(), "rebuild it: python -m etanche.report.reference docs/reference/census.md"


def test_a_reason_without_words_is_given_by_its_code() -> None:
    column = replace(columns()[0], reason=Reason("a_code_of_no_catalogue", (("n", 1),)))
    document = census_document(replace(census(), columns=(column,)), facts(), Words("fr"))
    assert document["columns"][0]["reason"] == "a_code_of_no_catalogue"


def test_values_that_look_alike_once_made_plain_add_up() -> None:
    document = census_document(replace(census(), sexes={"F": 10, "F\x1b[31m": 5, " F": 1}), facts(), Words("fr"))
    assert document["sexes"] == {"F": 16}


def test_kinds_in_a_reason_are_named_in_the_language() -> None:
    column = replace(columns()[0], reason=Reason("header", (("header", "nir"), ("percent", 98))))
    for language, said in (("en", "NIR"), ("fr", "NIR")):
        document = census_document(replace(census(), columns=(column,)), facts(), Words(language))
        assert said in document["columns"][0]["reason"]
        assert document["columns"][0]["reason_params"] == {"header": "nir", "percent": 98}


def test_the_rare_values_of_a_long_list_are_counted_together() -> None:
    titles = {"MME": 900, "M": 800} | {f"NAME {number}": 2 for number in range(500)}
    document = census_document(replace(census(), titles=titles), facts(), Words("fr"))
    assert len(document["titles"]) == 101
    assert document["titles"]["other"] == 2 * 402
    assert sum(document["titles"].values()) == sum(titles.values())


def test_a_time_without_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="UTC"):
        Facts("c", "0", datetime(2026, 1, 1), (), "", {}, "keyring")  # noqa: DTZ001 - the fault under test


def test_what_is_not_stated_says_so() -> None:
    document = census_document(census(), facts(), Words("fr"))
    assert document["acquisition"]["until"] == "not stated"


@pytest.mark.parametrize("name", ["report", "severity"])
def test_both_languages_have_the_same_words(name: str) -> None:
    def flat(node: dict, way: str = "") -> dict[str, set[str]]:
        found: dict[str, set[str]] = {}
        for key, value in node.items():
            if isinstance(value, dict):
                found |= flat(value, f"{way}{key}.")
            else:
                found[way + key] = set(re.findall(r"\{(\w+)\}", value))
        return found

    assert flat(section("fr", name)) == flat(section("en", name))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_code_of_the_model_has_a_name(language: str) -> None:
    words = Words(language)
    for table, codes in (
        ("kind", Kind),
        ("role", Role),
        ("roles", Role),
        ("category", Category),
        ("quarantine", QuarantineReason),
    ):
        assert [code for code in codes if words.find(f"report.{table}.{code.value}") is None] == []
    shown = census()
    assert [code for code in texts.TOPICS if words.find(f"report.topic.{code}") is None] == []
    assert [way for way in Way if words.find(f"report.key.{way.value}") is None] == []
    assert [code for code in shown.topics if words.find(f"report.topic.{code}") is None] == []
    assert [code for code in shown.combinations if words.find(f"report.risk.{code}") is None] == []
    assert [code for code in shown.combinations if words.find(f"report.combination.{code}") is None] == []
    assert [code for code in WEAKNESSES if words.find(f"report.weakness.{code}") is None] == []
    for family in FAMILIES.values():
        assert words.find(f"report.hash.{family.name}")
        assert words.find(f"report.effort.{family.effort}")
    assert [code for code in shown.plausibility if words.find(f"report.plausibility.{code}") is None] == []


def test_french_and_english_figures() -> None:
    french, english = Speech("fr"), Speech("en")
    assert french.number(491_840) == "491\u202f840"
    assert english.number(491_840) == "491,840"
    assert french.percent(1, 3) == "33,3\u202f%"
    assert english.percent(1, 3) == "33.3%"
    assert english.percent(9_999, 10_000) == "> 99.9%"
    assert english.percent(1, 100_000) == "< 0.1%"
    assert (english.percent(0, 5), english.percent(5, 5), english.percent(None, 5)) == ("0%", "100%", "–")
    assert french.date("2021-03-01") == "1er\u00a0mars\u00a02021"
    assert english.date("2021-03") == "March\u00a02021"
    assert french.decimal(0.25) == "0,25"
    assert french.typography("« l'an : 5 % ! »") == "«\u00a0l’an\u00a0: 5\u202f%\u202f!\u00a0»"


def test_first_lines_fit_a_terminal_and_name_the_kinds() -> None:
    lines = first_lines(columns(), facts().sources, Words("en"))
    assert lines[0].startswith("25 kinds recognised in 32 columns: NIR, surname")
    assert "delimited, delimiter ;, CP1252" in lines
    assert max(map(len, lines)) <= 80
    empty = Column(0, "x", Kind.EMPTY, Role.NONE, 1.0, Reason("empty"))
    assert first_lines([empty], [], Words("fr"))[0] == "Aucune nature reconnue\u202f; colonnes\u00a0: 1."
