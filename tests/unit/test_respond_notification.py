"""The draft of a notification: what is answered, what stays blank, what the EDPB's schema allows."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import jsonschema
import pytest

from etanche.respond import Facts, answers, columns, edpb, facts_of, markdown, read, stated, unanswered
from etanche.respond.letters.recipients import Who
from etanche.respond.notification import form
from etanche.respond.terms import terms

SCHEMA = Path(__file__).resolve().parents[3] / "shared" / "data" / "edpb" / "edpb.schema.json"
NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
CENSUS = {
    "columns": [{"kind": "nir"}, {"kind": "surname"}, {"kind": "password"}, {"kind": "iban"}],
    "categories": {"health": 12, "genetic": 0},
    "roles": {"patient": 12, "spouse": 3, "prescriber": 0},
    "laboratories": {"LABORATOIRE DES TILLEULS": 742, "LABORATOIRE DU LAGON": 55, "X2": 8},
    "minors": 2,
}


def controller(header="", cells=""):
    data = f"code;name{header}\nLAB01;Laboratoire des Tilleuls{cells}".encode()
    return read(data, "c.csv", NOW)[0]


def by_code(given):
    return {each.code: each.text for each in given}


def test_facts_are_of_its_own_laboratories():
    facts = facts_of(CENSUS, controller(";laboratory_codes", ";x2 x9"))
    assert facts.records == (750, 750)
    assert facts.families == ("civil", "nir", "credentials", "financial", "health")
    assert facts.roles == ("patient", "spouse", "minors")
    assert facts_of({**CENSUS, "laboratories": {"LABORATOIRE DU LAGON": 55}}, controller()).records is None


def test_rows_that_are_stated_stand_where_nothing_was_counted():
    one = controller(";rows", ";500-800")
    facts = stated(Facts(), one)
    assert (facts.records, facts.records_from) == ((500, 800), "controllers.csv: rows")
    assert by_code(answers(one, facts, "CNIL", late=False))["records"] == "entre 500 et 800"
    counted = facts_of(CENSUS, one)
    assert stated(counted, one) is counted


def test_nothing_is_invented():
    """With a code and a name alone, every question but these is a blank, and each blank is listed."""
    given = answers(controller(), Facts(), "CNIL", late=False)
    assert {code for code, text in by_code(given).items() if text is not None} == {"type", "name"}
    page = markdown(given, "Tilleuls", "CNIL").split("## Ce qui manque")[1]
    assert page.count("\n- ") == len(given) - 2


def test_answers_come_from_the_line_and_the_case():
    one = controller(";sector;aware;processor;siren", ";private;2026-11-20;Editeur *x*;732829320")
    facts = Facts(file_seen=True, families=("nir",), roles=("patient",), records=(742, 742), persons=(600, 640))
    said = by_code(answers(one, facts, "CNIL", late=True))
    assert said["sector"] == "privé"
    assert said["aware"] == "20/11/2026 (heure inconnue)"
    assert said["persons"] == "entre 600 et 640"
    assert said["records"] == "742"
    assert said["families"].startswith("NIR (constaté dans le fichier entier")
    assert "delay_reason" in said
    assert "Editeur \\*x\\*" in markdown(answers(one, facts, "CNIL", late=True), "x", "CNIL")


COUNTED = {"persons": (567, 567), "persons_scope": "registry", "linked_rows": 862, "linked_rows_from": "link: rows"}
WHO = {"patient": 526, "parents": 40, "other": 55, "prescriber": 24}


def test_whom_a_number_counts_is_said_with_it():
    facts = replace(facts_of(CENSUS, controller()), **COUNTED)
    said = by_code(answers(controller(), facts, "CNIL", late=False))
    assert said["persons"].startswith("567 (patients de votre registre")
    assert "645" not in said["persons"]
    assert said["records"].startswith("742 (lignes au nom de votre laboratoire)")
    assert said["records"].endswith("862 lignes des personnes de votre registre (link: rows)")
    assert edpb(controller(), facts, late=False)["field_68"] == 567
    lettered = replace(facts, recipients=WHO, recipients_from="letters.json: LAB01.who")
    told = by_code(answers(controller(), lettered, "CNIL", late=False))["persons"]
    assert told.startswith(said["persons"])
    assert all(text in told for text in ("tous rôles : 645", "526 patients", "24 prescripteurs", "letters.json"))
    # The template's one number would be of patients alone.
    assert "field_68" not in edpb(controller(), lettered, late=False)


def test_a_number_of_the_whole_case_is_not_a_controllers_own():
    facts = Facts(persons=(100, 100), persons_scope="case")
    assert "dossier entier" in by_code(answers(controller(), facts, "CNIL", late=False))["persons"]
    assert "field_68" not in edpb(controller(), facts, late=False)


@pytest.mark.parametrize("language", ["fr", "en"])
def test_every_role_of_a_letter_has_its_words(language):
    assert {who.value for who in Who} <= terms(language)["scope"].keys()


def test_every_question_has_an_article_and_a_source_that_there_is():
    known = {column.name for column in columns()}
    questions = [each for section in form("CNIL")["section"] for each in section["question"]]
    assert len({each["code"] for each in questions}) == len(questions) > 25
    for each in questions:
        way, _, what = each["source"].partition(":")
        assert each["article"]
        assert way in {"cell", "choice", "moment", "fact", "person"}
        assert way in {"fact", "person"} or set(what.split(",")) <= known


FULL = {
    "siren": "732829320", "address": "1 rue X", "sector": "public", "activity": "8690B", "dpo_name": "A", "dpo_email":
    "a@b.example.org", "processor": "Editeur", "aware": "2026-11-20 10:00", "breach_start": "2026-11-01", "breach_end":
    "2026-11-02", "found_how": "presse", "delay_reason": "attente", "persons_filed": "2026-11-22",
    "complaint_filed": "2026-11-22", "health_agency_filed": "2026-11-22",
}  # fmt: skip


CELLS = pytest.mark.parametrize(
    "cells", [{}, FULL, {"aware": "unknown", "sector": "?"}], ids=["bare", "full", "unknown"]
)
FACTS = pytest.mark.parametrize(
    "facts",
    [
        Facts(),
        facts_of(CENSUS, controller()),
        Facts(persons=(7, 7)),
        Facts(persons=(1, 9), decisions={"34": {"outcome": "not_inform", "exception": "34(3)(b)", "reasons": "x"}}),
    ],
)


def fields_of(cells, facts, late):
    one = controller("".join(f";{name}" for name in cells), "".join(f";{cell}" for cell in cells.values()))
    return edpb(one, facts, late)


@CELLS
@FACTS
def test_each_field_is_filled_or_listed(cells, facts):
    fields = fields_of(cells, facts, late=True)
    blank = unanswered(fields)
    for need in ("mandatory", "conditional"):
        numbered = {f"field_{number}" for number in form("edpb")[need]}
        assert set(blank[need]) == numbered - fields.keys()
    assert {"field_21", "field_89", "field_92"} <= set(blank["mandatory"])
    assert not set(blank["mandatory"]) & set(blank["conditional"])
    assert ("field_68" in fields) == (facts.persons == (7, 7))


def test_what_was_seen_in_the_whole_file_is_marked():
    fields = fields_of({}, facts_of(CENSUS, controller()), late=False)
    for name, first in (("field_66", "patients"), ("field_71", "état civil")):
        assert fields[name].startswith(first)
        assert fields[name].endswith(form("CNIL")["whole_file"])
    assert not {"field_66", "field_71"} & fields_of({}, Facts(), late=False).keys()


INFORM = {"outcome": "inform", "exception": None, "reasons": "risque élevé"}
BARE = {"outcome": "not_inform", "exception": None, "reasons": "chiffré"}
EXCEPTION = {"outcome": "public_notice", "exception": "34(3)(c)", "reasons": "adresses inconnues"}


@pytest.mark.parametrize(
    ("taken", "told", "fields"),
    [
        ({"34": INFORM}, "le seront, date à préciser", {"field_89": "a", "field_97": "b", "field_90": "risque élevé"}),
        ({"34": BARE}, "ne le seront pas", {"field_89": "b", "field_97": "d"}),
        ({"34": EXCEPTION}, "par une communication publique", {"field_89": "a", "field_97": "e", "field_100": "c"}),
        ({"33": {"outcome": "not_notify", "reasons": "aucun risque"}, "34": {}}, None, {"field_89": "c"}),
        ({}, None, {}),
    ],
)
def test_what_was_decided_is_told(taken, told, fields):
    facts = Facts(decisions=taken)
    assert by_code(answers(controller(), facts, "CNIL", late=False))["persons_told"] == told
    found = edpb(controller(), facts, late=False)
    assert {name: found.get(name) for name in ("field_89", "field_97", "field_100")} == {
        name: fields.get(name) for name in ("field_89", "field_97", "field_100")
    }
    assert fields.items() <= found.items()


if SCHEMA.is_file():  # not a skip: the schema is another's, and no part of the project

    @CELLS
    @FACTS
    @pytest.mark.parametrize("late", [True, False])
    def test_the_edpb_template_holds_what_its_schema_allows(cells, facts, late):
        schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
        fields = fields_of(cells, facts, late)
        jsonschema.validate(fields, {**schema, "required": []}, format_checker=jsonschema.FormatChecker())
        assert fields.keys() <= schema["properties"].keys()

    def test_the_numbers_of_the_fields_are_those_of_the_schema():
        schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
        kept = {need: [f"field_{number}" for number in form("edpb")[need]] for need in ("mandatory", "conditional")}
        assert kept["mandatory"] == schema["required"]
        under = [name for name, field in schema["properties"].items() if "x-required-if" in field]
        assert kept["conditional"] == under
