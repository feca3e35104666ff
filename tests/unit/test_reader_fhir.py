"""FHIR: a table for each type of resource, readable columns, and no value of a resource lost."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tree_tables import read

from etanche.ingest.bids import Head, best
from etanche.ingest.parsers.fhircolumns import columns
from etanche.model import Kind
from etanche.recognise.headers import says

INS = "urn:oid:1.2.250.1.213.1.4.8"
PATIENT: dict[str, Any] = {
    "resourceType": "Patient",
    "id": "p1",
    "identifier": [
        {"use": "official", "system": INS, "value": "280022901200312"},
        {"type": {"coding": [{"code": "PI"}]}, "system": "urn:labo", "value": "IPP1"},
        {"system": "urn:autre", "value": "X9"},
    ],
    "name": [
        {"use": "official", "family": "MARTIN", "given": ["Anne", "Marie"]},
        {"use": "usual", "family": "DUPONT", "given": ["Anne", "Lou"], "prefix": ["Mme"]},
    ],
    "telecom": [
        {"system": "phone", "use": "mobile", "value": "0612345678"},
        {"system": "phone", "value": "0298000000"},
        {"system": "phone", "value": "0298000001"},
        {"system": "email", "value": "a@example.fr"},
    ],
    "gender": "female",
    "birthDate": "1980-02-01",
    "deceasedBoolean": False,
    "address": [
        {
            "line": ["12 rue X", "Bât B"],
            "city": "BREST",
            "postalCode": "29200",
            "extension": [{"url": "https://x/insee-code", "valueCoding": {"code": "29019"}}],
        },
        {"city": "QUIMPER", "use": "old"},
    ],
    "contact": [{"name": {"family": "DUPONT", "given": ["Paul"]}, "telecom": [{"system": "phone", "value": "0611"}]}],
    "generalPractitioner": [{"reference": "Practitioner/77", "display": "Dr House"}, {"reference": "Practitioner/78"}],
}
OBSERVATION: dict[str, Any] = {
    "resourceType": "Observation",
    "id": "o1",
    "status": "final",
    "code": {"coding": [{"system": "http://loinc.org", "code": "718-7", "display": "Hémoglobine"}]},
    "subject": {"reference": "Patient/p1"},
    "effectiveDateTime": "2021-02-01",
    "valueQuantity": {"value": 13, "unit": "g/dL"},
    "component": [{"code": {"text": "c"}, "valueString": str(k)} for k in range(7)],
}


def leaves(tree: Any) -> list[str]:
    if isinstance(tree, dict):
        return [leaf for value in tree.values() for leaf in leaves(value)]
    if isinstance(tree, list):
        return [leaf for value in tree for leaf in leaves(value)]
    return [] if tree is None else [str(tree)]


def test_a_patient_is_a_readable_row_and_nothing_is_lost(tmp_path: Path) -> None:
    row = read(tmp_path, json.dumps(PATIENT))["Patient"].rows[0]
    wanted = {
        "id": "p1", "ins": "280022901200312", "ipp": "IPP1", "nom": "DUPONT", "nom_naissance": "MARTIN",
        "prenom": "Anne", "autres_prenoms": "Lou", "civilite": "Mme", "mobile": "0612345678", "telephone": "0298000000",
        "email": "a@example.fr", "sexe": "female", "date_naissance": "1980-02-01", "decede": "false",
        "adresse": "12 rue X; Bât B", "code_postal": "29200", "ville": "BREST", "code_insee": "29019",
        "contact_nom": "DUPONT", "contact_prenom": "Paul", "contact_telephone": "0611",
        "medecin_traitant": "Dr House", "medecin_traitant_id": "77",
    }  # fmt: skip
    assert wanted.items() <= row.items()
    text = "; ".join(row.values())
    gone = [leaf for leaf in leaves({k: v for k, v in PATIENT.items() if k != "deceasedBoolean"}) if leaf not in text]
    # The columns say what is no longer written: the type of the table, of the telephone, of the reference.
    assert set(gone) <= {"Patient", "phone", "email", "mobile", "Practitioner/77", "https://x/insee-code"}


def test_bundles_ndjson_and_lists_give_the_same(tmp_path: Path) -> None:
    entries = [{"fullUrl": f"urn:uuid:{k}", "resource": r} for k, r in enumerate([PATIENT, OBSERVATION, OBSERVATION])]
    bundle = read(tmp_path, json.dumps({"resourceType": "Bundle", "type": "collection", "entry": entries}))
    lines = read(tmp_path, "\n".join(map(json.dumps, [PATIENT, OBSERVATION, OBSERVATION])) + "\n", "x.ndjson")
    listed = read(tmp_path, json.dumps([PATIENT, OBSERVATION, OBSERVATION]))
    assert set(bundle) - {"Bundle"} == set(lines) == set(listed) == {"Patient", "Observation", "Observation.component"}
    assert bundle["Observation"].rows[1]["entry.fullUrl"] == "urn:uuid:2"
    assert lines["Observation"].lines == [2, 3]
    for tables in (bundle, lines, listed):
        assert tables["Observation"].rows[0]["patient_id"] == "p1"
        assert tables["Observation"].rows[0]["loinc"] == "718-7"
        assert tables["Observation"].rows[0]["valeur"] == "13"
        assert [row["valueString"] for row in tables["Observation.component"].rows] == list("0123456") * 2


def test_contained_resources_are_records(tmp_path: Path) -> None:
    inner = {"resourceType": "RelatedPerson", "id": "r", "name": [{"family": "DURAND"}]}
    tables = read(tmp_path, json.dumps([{**OBSERVATION, "contained": [inner]}]))
    assert tables["RelatedPerson"].rows == [{"id": "r", "proche_nom": "DURAND", "contained_in": "Observation/o1"}]


def test_xml_says_the_same(tmp_path: Path) -> None:
    text = (
        '<Bundle xmlns="http://hl7.org/fhir"><type value="collection"/>'
        '<entry><resource><Patient><id value="p1"/><name><family value="DUPONT"/><given value="Anne"/></name>'
        '<birthDate value="1980-01-01"/></Patient></resource></entry>'
        '<entry><resource><Observation><subject><reference value="Patient/p1"/></subject></Observation></resource></entry>'  # noqa: E501
        "</Bundle>"
    )
    tables = read(tmp_path, text, "x.xml")
    assert tables["Patient"].rows == [{"id": "p1", "nom": "DUPONT", "prenom": "Anne", "date_naissance": "1980-01-01"}]
    assert tables["Observation"].rows == [{"patient_id": "p1"}]


def test_a_bundle_larger_than_any_window(tmp_path: Path) -> None:
    entry = json.dumps({"resource": {**PATIENT, "text": {"div": "x" * 4000}}})
    tables = read(tmp_path, '{"resourceType":"Bundle","entry":[' + ",".join([entry] * 2000) + '],"total":2000}')
    assert len(tables["Patient"].rows) == 2000
    assert tables["Bundle"].rows == [{"total": "2000"}]


@pytest.mark.parametrize(
    ("resource", "said"),
    [
        ({"resourceType": "Condition", "code": {"coding": [{"system": "http://hl7.org/fhir/sid/icd-10", "code": "C50"}], "text": "Cancer"}}, {"cim10": "C50", "diagnostic": "Cancer"}),  # noqa: E501
        ({"resourceType": "MedicationRequest", "medicationCodeableConcept": {"text": "PREVISCAN"}, "dosageInstruction": [{"text": "1/j"}], "requester": {"display": "Dr X"}}, {"medicament": "PREVISCAN", "posologie": "1/j", "prescripteur": "Dr X"}),  # noqa: E501
        ({"resourceType": "Coverage", "subscriberId": "12", "beneficiary": {"reference": "Patient/1"}, "payor": [{"display": "CPAM"}]}, {"numero_adherent": "12", "patient_id": "1", "assureur": "CPAM"}),  # noqa: E501
        ({"resourceType": "Practitioner", "name": [{"family": "X"}], "identifier": [{"system": "https://rpps.esante.gouv.fr", "value": "1"}]}, {"praticien_nom": "X", "praticien_rpps": "1"}),  # noqa: E501
        ({"resourceType": "Encounter", "period": {"start": "2021-01-01"}}, {"date_visite": "2021-01-01"}),
        ({"resourceType": "Observation", "subject": {"reference": "urn:uuid:1"}, "valueCodeableConcept": {"text": "Positif"}}, {"patient_id": "urn:uuid:1", "valeur": "Positif"}),  # noqa: E501
        ({"resourceType": "Patient", "name": "odd", "identifier": [None], "telecom": {"value": 1}}, {"name": "odd"}),
    ],
)  # fmt: skip
def test_columns(resource: dict[str, Any], said: dict[str, str]) -> None:
    assert said.items() <= columns(resource).items()


@pytest.mark.parametrize(
    ("column", "kind"),
    [("ins", Kind.INS), ("nom", Kind.SURNAME), ("nom_naissance", Kind.BIRTH_NAME), ("date_naissance", Kind.BIRTH_DATE),
     ("code_insee", Kind.INSEE_COMMUNE), ("mobile", Kind.MOBILE), ("loinc", Kind.LOINC), ("valeur", Kind.RESULT),
     ("medecin_traitant", Kind.DOCTOR), ("medicament", Kind.MEDICINE), ("cim10", Kind.CIM10), ("date_examen", Kind.SAMPLE_DATE)],  # noqa: E501
)  # fmt: skip
def test_recognition_knows_the_names(column: str, kind: Kind) -> None:
    assert says(column).kind is kind


def test_the_best_bid(tmp_path: Path) -> None:
    for data in (json.dumps(PATIENT).encode(), b'<Patient xmlns="http://hl7.org/fhir"><id value="1"/></Patient>'):
        reader = best(Head("x", data))
        assert reader is not None
        assert reader.NAME == "fhir"
