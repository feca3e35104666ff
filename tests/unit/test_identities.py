"""Identities in free text: one rule, one example; and what is none."""

from __future__ import annotations

import pytest

from etanche.model import Kind
from etanche.recognise.identities import find, find_many
from etanche.recognise.identities.gate import NAME, WAY, may_hold
from etanche.recognise.identities.spelt import spelt
from etanche.recognise.identities.words import WORDS


def said(text: str) -> list[tuple[str, str]]:
    return [(found.kind.value, text[found.start : found.end]) for found in find(text)]


@pytest.mark.parametrize(
    ("text", "kind", "part"),
    [
        ("rappeler Mme DUPONT demain", "surname", "DUPONT"),
        ("mme dupont a appelé", "surname", "dupont"),
        ("MME DUPONT A APPELE", "surname", "DUPONT"),
        ("fille de M. LE GALL", "surname", "LE GALL"),
        ("vu par le Dr Zbigniew Kowalczyk", "first_name", "Zbigniew"),
        ("vu par le Dr Zbigniew Kowalczyk", "surname", "Kowalczyk"),
        ("Pr. J.-P. Aubry (PU-PH)", "first_name", "J.-P."),
        ("née le 14.02.1936 à Brest", "birth_date", "14.02.1936"),
        ("NEE LE 14/02/36", "birth_date", "14/02/36"),
        ("opérée le 3 janvier", "date", "3 janvier"),
        ("depuis mars 2016", "date", "mars 2016"),
        ("née le quinze août mille neuf cent quarante-huit", "birth_date", "quinze août mille neuf cent quarante-huit"),
        ("cure C3 28.09", "date", "28.09"),
        ("le 01sep2018 à 02:21", "date", "01sep2018"),
        ("appendicectomie 1985, puis rien", "date", "1985"),
        ("du 1 2 0 3 1 9 7 0  inclus", "date", "1 2 0 3 1 9 7 0"),
        ("tel 06 39 98 12 34", "mobile", "06 39 98 12 34"),
        ("appeler au 01 9900 1234", "landline", "01 9900 1234"),
        ("+33(0)1 99 00 44 55", "landline", "+33(0)1 99 00 44 55"),
        ("poste 4512", "phone", "4512"),
        ("+32 475 12 34 56", "phone", "+32 475 12 34 56"),
        ("nss 2 62 05 29 019 044 12", "nir", "2 62 05 29 019 044 12"),
        ("1 54 07 2A 004 123 45", "nir", "1 54 07 2A 004 123 45"),
        ("2 9 1 4 1 8 7 6 5 3 2 9 8 9 0", "nir", "2 9 1 4 1 8 7 6 5 3 2 9 8 9 0"),
        ("habite 12 rue des Lilas", "address", "12 rue des Lilas"),
        ("10 impasse du 8 mai 1945 44600 X", "address", "10 impasse du 8 mai 1945"),
        ("14 BD DE LA LIBERTE 59800 LILLE", "commune", "LILLE"),
        ("3 rue Haute, 75679 PARIS CEDEX 14", "commune", "PARIS CEDEX 14"),
        ("résidant à Marseille, 13006", "postcode", "13006"),
        ("écrire à j.lemoine@exemple.org svp", "email", "j.lemoine@exemple.org"),
        ("voir https://exemple.fr/a?b=1.", "url", "https://exemple.fr/a?b=1"),
        ("mdp : Soleil2019", "password", "Soleil2019"),
        ("IPP: 8001234567", "identifier", "8001234567"),
        ("RPPS : 10101234567", "rpps", "10101234567"),
        ("FINESS 350012345", "finess", "350012345"),
        ("IBAN FR7630006000011234567890189", "iban", "FR7630006000011234567890189"),
        ("suivi au CHU de Nantes", "laboratory", "Nantes"),
    ],
)
def test_an_identity_is_found_where_it_stands(text: str, kind: str, part: str) -> None:
    assert (kind, part) in said(text)


@pytest.mark.parametrize(
    "text",
    [
        "maladie de Crohn sous Humira",
        "syndrome de Gilbert, score de Glasgow 15/15",
        "pas de grossesse",
        "VIH+ ENCEINTE 12 SA",
        "TTT LEVOTHYROX 75",
        "TA 12/8, FC 75, 5/10 à droite",
        "loi du 4 mars 2002 et décret n°2013-1066 du 3 juin 2013",
        "T4 L 12.3 TSH 2.1 PSA 4,5 ng/mL",
        "1 2 3 4 5 6 7 8 9 10 11 12 13",
        "CIP 3400930000120",
        "rdv lundi 9h",
        "Madame, Monsieur,",
        "Monsieur le Directeur",
        "le petit garçon a été vu",
        "",
        " \n\t",
    ],
)
def test_what_names_nobody_is_nothing(text: str) -> None:
    assert said(text) == []


def test_a_wrong_key_is_found_with_less_confidence() -> None:
    [right] = find("1 80 05 56 123 456 55")
    [wrong] = find("1 80 05 56 123 456 56")
    assert right.kind is wrong.kind is Kind.NIR
    assert right.confidence > wrong.confidence


def test_a_hospital_says_so() -> None:
    [found] = [one for one in find("vu à l'hôpital Tenon") if one.kind is Kind.LABORATORY]
    assert found.code == "hospital"


def test_a_mail_and_an_hl7_segment() -> None:
    assert said("De : Marie Durand <marie.durand@exemple.fr>") == [
        ("first_name", "Marie"),
        ("surname", "Durand"),
        ("email", "marie.durand@exemple.fr"),
    ]
    found = dict(said("PID|1||8001234567^^^CHU||DUPONT^MARIE^^^MME||19700312|F"))
    assert found["surname"] == "DUPONT"
    assert found["first_name"] == "MARIE"
    assert "19700312" in (found.get("date"), found.get("birth_date"))


@pytest.mark.parametrize(
    "text",
    [
        "OID 1.2.250.1.213.1.4.8",
        "^^^ASIP-SANTE-INS-NIR&1.2.250.1.213.1.4.8&ISO^INS",
        "2.16.840.1.113883.2.8.1",
        "matricule INS, urn:oid:2.16.840.1.113883.3.31",
        "1.3.6.1.4.1.19376.1.3.3",
    ],
)
def test_an_object_identifier_is_no_nir(text):
    assert said(text) == []


def test_a_nir_of_2016_is_no_object_identifier() -> None:
    assert said("2.16.05.78.006.084.36") == [("nir", "2.16.05.78.006.084.36")]


def test_runs_of_boxes_are_cut_into_what_they_are() -> None:
    run = "1 4 2 3 8 5 6 8 3 7 8 3 5 3 0 9 0 1 1 9 8 7"
    assert [(run[start:end], what) for start, end, what in spelt(run)] == [
        ("1 4 2 3 8 5 6 8 3 7 8 3 5 3", "nir"),
        ("0 9 0 1 1 9 8 7", "date"),
    ]
    assert list(spelt("9 1 0 2 0 0 0 2 2")) == []


def test_many_texts_are_each_read_for_itself() -> None:
    texts = ["Mme DUPONT", "à jeun", "Mme DUPONT"]
    assert find_many(texts) == [find(text) for text in texts]


def test_the_gate_lets_pass_what_may_hold_something() -> None:
    assert may_hold("a jeun, sous AVK") == 0
    assert may_hold("docteur x") & NAME
    assert may_hold("12 rue X") & WAY


def test_words_know_what_they_are() -> None:
    assert WORDS["Martin"].surname == 4
    assert WORDS["Marie"].first_name == 4
    assert WORDS["glycémie"].ordinary
    assert not WORDS["Dupont"].ordinary
    assert WORDS["Crohn"].family == "X"


@pytest.mark.parametrize(
    "text", ["Mme Sophie MARTIN", "Mme MARTIN Sophie", "vu M. Pierre DENIS ce jour", "DENIS Pierre"]
)
def test_of_two_names_the_one_in_capitals_is_the_surname(text: str) -> None:
    kinds = dict(said(text))
    surname = next(word for word in text.split() if word.isupper() and len(word) > 2)
    first = next(word for word in ("Sophie", "Pierre") if word in text)
    assert {value: kind for kind, value in kinds.items()} == {surname: "surname", first: "first_name"}
