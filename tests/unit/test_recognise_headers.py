"""Headers of hospitals' and laboratories' software: what they say where the cells alone say nothing, and of whom.

Rules, in the order in which they apply:

1. Cells are sparse (one in eight) and in no lexicon, or numbers without their marks: the header has to say it.
2. Whose data it is matters most: a mother's name or an insured parent's NIR taken for the patient's makes wrong links.
3. What only looks like a person's name in the header (of a test, a product, a street) is not one.
"""

# ruff: noqa: E501 - tables of cases read best a line a case

from __future__ import annotations

import random

import pytest
from tests.unit.synthetic_columns import _person

from etanche.model import Kind, Role, Sample
from etanche.recognise import columns
from etanche.recognise.headers import says

ROWS = 240
RNG = random.Random(7)
PEOPLE = [_person(RNG) for _ in range(ROWS)]
RARE = ("KERVILLOC'H", "OZDEMIRALP", "TRAN-VAN-QUYNH", "LE GUELLEUX", "BENHADJAMAR", "ZWYRTEKOV", "QUEMENEURIC")
GIVEN = ("Jehanet", "ORLYSSE", "Maël-Yvon", "Zyneb", "TIFFHANY", "Kaelig")
TESTS = ("GLYCEMIE", "NFS", "CREATININE", "TSH")


def some(cells):
    """Return the cells of which one in eight is filled."""
    return tuple(cell if place % 8 == 0 else "" for place, cell in enumerate(cells))


SURNAMES = some(RNG.choice(RARE) for _ in range(ROWS))
FIRST = some(RNG.choice(GIVEN) for _ in range(ROWS))
FULL = some(f"{RNG.choice(RARE)} {RNG.choice(GIVEN)}" for _ in range(ROWS))
NIRS = some(person["nir"][:13] for person in PEOPLE)
DAYS = some(f"{RNG.randrange(1, 29):02}/{RNG.randrange(1, 13):02}/{RNG.randrange(1995, 2021)}" for _ in range(ROWS))
BORN = tuple(person["born"][6:] + person["born"][3:5] + person["born"][:2] for person in PEOPLE)
PLACES = some(person["commune"] for person in PEOPLE)
POSTCODES = tuple(person["postcode"] for person in PEOPLE)
LINES = some(f"6{RNG.randrange(10**8):08}" for _ in range(ROWS))
MAILS = some(f"u{place}@example.org" for place in range(ROWS))
SEXES = tuple("12"["MF".index(person["sex"])] for person in PEOPLE)


def typed(header, cells):
    """Return the verdict on a column that stands in a table of patients."""
    names = ("num_ligne", "NOM", "PRENOM", header, "remarque")
    table = (
        tuple(map(str, range(ROWS))),
        tuple(person["surname"] for person in PEOPLE),
        tuple(person["first"] for person in PEOPLE),
        cells,
        ("",) * ROWS,
    )
    return columns(Sample(names, True, table))[3]


@pytest.mark.parametrize(("kind", "cells", "headers"), [
    (Kind.SURNAME, SURNAMES, "NOMUS NOM_US NOMUSAGE NOM_UTIL NOM_MAR NOMFAM p_nom usager_nom NOM_BENEF name.family Patient.name[0].family PID_5_1 pt_last_name nom_courant"),
    (Kind.BIRTH_NAME, SURNAMES, "NOM_NAISS NOMNAISS nom_naiss p_nom_naiss NOMJFILLE NOM_PATRO NOMPATR birth_last_name birthLastName BIRTH_SURNAME birth_family_name previous_last_name extension.birth-family INS_NOM_NAISS NOM_NAI NOM_FILLE nom_de_famille_de_naissance maiden_last_name NOMNAISPAT"),
    (Kind.FIRST_NAME, FIRST, "PRENUS PREN_US PRENUTIL PREM_PRENOM 1er_prenom liste_prenoms listePrenomsNaissance LISTE_PREN autres_prenoms deuxieme_prenom PRN name.given given middle_name PID-5.2 preferred_first_name prenom_usage PRENOM_ETAT_CIVIL PRENPAT"),
    (Kind.FULL_NAME, FULL, "NOM_PREN NOMPREN usager LIB_PATIENT patient_display PID-5 name.text"),
    (Kind.SEX, SEXES, "administrative_gender sexe_naissance birthSex sexe_etat_civil PID_8 SEXEPAT sexe_administratif"),
    (Kind.BIRTH_DATE, BORN, "DTNAIS DAT_NAI DTN DNAISS BEN_NAI_DAT birth_datetime date_heure_naissance birthDateTime DTNAISSPAT PID_7 born_on Né(e)_le p_date_naiss"),
    (Kind.BIRTH_PLACE, PLACES, "VILLENAIS COMMUNE_NAISS COMNAIS city_of_birth LIB_COMMUNE_NAISSANCE LNAISS"),
    (Kind.DEATH_DATE, DAYS, "DATDECES DAT_DECES DDC DTDC DATE_DCD BEN_DCD_DTE deceased patient_death_datetime date_heure_deces mort_le"),
    (Kind.NIR, NIRS, "NUM_SEC_SOC NOSECSOC NIR_INDIVIDU nir_beneficiaire MATRICULE_INS ins_identifiant INSI_MATRICULE NIRPAT"),
    (Kind.POSTCODE, POSTCODES, "CODPOS PAT_CODPOS CPPAT address.postalCode PID_11_5"),
    (Kind.COMMUNE, PLACES, "BURDIS BUR_DIST LIBVILLE NOMVILLE PID_11_3 adresse_ville"),
    (Kind.PHONE, LINES, "TELPOR TELMOB MOB TELFIX TELBUR tel_perso patient.telecom[0].value NUMPORT"),
    (Kind.EMAIL, MAILS, "MAILPAT PAT_MAIL adresse_mel p_email"),
])  # fmt: skip
def test_the_patients(kind, cells, headers):
    lines = {Kind.MOBILE, Kind.LANDLINE, Kind.PHONE}
    wrong = {}
    for header in headers.split():
        found = typed(header, cells)
        if (found.kind is not kind and not {found.kind, kind} <= lines) or found.role is not Role.PATIENT:
            wrong[header] = (found.kind.value, found.role.value)
    assert not wrong


@pytest.mark.parametrize(("role", "cells", "headers"), [
    (Role.INSURED, NIRS, "NIROD NIR_OUVREUR nirOuvreurDesDroits nir_ouvreur_de_droit NIR_ASS ass_nir NIRASS nir_rattachement nir_chef_famille NUMASSURE num_assure MATRICULEASSURE subscriber_ssn nir_parent"),
    (Role.INSURED, SURNAMES, "NOMASS NOM_ASS ASS_NOM nom_souscripteur NOM_CHEF_FAMILLE nom_naissance_assure IN1_16 policy_holder_last_name"),
    (Role.INSURED, BORN, "DATNAIS_ASS ASS_DDN DDNASSURE subscriber_dob date_naissance_assure"),
    (Role.SPOUSE, SURNAMES, "nom_concubin NOMCONJ spouse_last_name NOM_DU_MARI partner_name"),
    (Role.TRUSTED_PERSON, NIRS, "nir_mere NIR_PERE"),
    (Role.TRUSTED_PERSON, SURNAMES, "nom_mere NOMMERE nom_jf_mere mothers_maiden_name motherLastName father_name nom_representant_legal repLegalNom next_of_kin_name nok_name nom_curateur NOM_PERS_CONF legal_guardian_name NK1_2 PID_6 nom_accompagnant"),
    (Role.TRUSTED_PERSON, FIRST, "prenom_mere PRENOMPERE father_first_name"),
    (Role.TRUSTED_PERSON, BORN, "date_naissance_mere mother_dob ddn_pere"),
    (Role.TRUSTED_PERSON, LINES, "tel_mere TEL_PERS_CONF tel_representant_legal next_of_kin_phone nok_phone emergency_contact_number tel_accompagnant"),
    (Role.PRESCRIBER, SURNAMES, "NOMMED MEDTRAIT pcp_name ordering_provider orderingProvider requester requester.display PV1_7 OBR_16 nom_chirurgien nom_sage_femme provider_name prescrit_par LIB_MEDECIN nom_ps"),
    (Role.PRESCRIBER, LINES, "TELMED provider_phone tel_sage_femme"),
    (Role.SAMPLER, SURNAMES, "NOMPREL NOM_PREL preleve_par specimen_collector collected_by"),
    (Role.STAFF, SURNAMES, "valide_par cree_par created_by modified_by validated_by entered_by"),
])  # fmt: skip
def test_whose_it_is(role, cells, headers):
    found = {header: typed(header, cells) for header in headers.split()}
    assert {header: column.role.value for header, column in found.items() if column.role is not role} == {}
    unread = {Kind.UNKNOWN, Kind.IDENTIFIER, Kind.NUMBER, Kind.DATE}
    assert {header for header, column in found.items() if column.kind in unread} == set()


@pytest.mark.parametrize(("header", "cells"), [
    ("cp_mutuelle", POSTCODES), ("ville_employeur", PLACES), ("tel_caisse", LINES), ("email_cabinet", MAILS),
])  # fmt: skip
def test_contacts_of_organisations_are_nobodys(header, cells):
    assert typed(header, cells).role is Role.NONE


@pytest.mark.parametrize(
    "header",
    [
        "nom_examen",
        "display_name",
        "preferred_name",
        "test_name",
        "nom_commercial",
        "NOMPROD",
        "NOMEXAM",
        "LIBANA",
        "COMPREL",
        "COMPAT",
        "COMMED",
        "famille_produit",
        "nom_analyse",
    ],
)
def test_names_of_things_are_no_patients_names(header):
    found = typed(header, tuple(RNG.choice(TESTS) for _ in range(ROWS)))
    persons = {Kind.SURNAME, Kind.BIRTH_NAME, Kind.FIRST_NAME, Kind.FULL_NAME}
    assert found.kind not in persons | {Kind.COMMUNE}


@pytest.mark.parametrize(
    "header",
    [
        "date_1ere_visite",
        "first_visit_date",
        "date_creation_patient",
        "date_prevue_naissance",
        "naissance_prevue",
        "date_accouchement_prevue",
        "due_date",
        "date_debut_grossesse",
        "date_certification_ins",
    ],
)
def test_other_days_are_no_birth_dates(header):
    assert typed(header, DAYS).kind is not Kind.BIRTH_DATE


@pytest.mark.parametrize(
    ("header", "kind"), [("lieu_deces", Kind.UNKNOWN), ("birth_year", Kind.NUMBER), ("annee_naissance", Kind.NUMBER)]
)
def test_parts_of_births_and_deaths(header, kind):
    cells = PLACES if kind is Kind.UNKNOWN else tuple(person["born"][-4:] for person in PEOPLE)
    assert typed(header, cells).kind is kind


@pytest.mark.parametrize(
    "header", ["date_prelev", "DATPREL", "date_prel_ide", "date_prel_labo", "date_visite_infirmiere"]
)
def test_the_day_of_a_sample_is_the_patients(header):
    assert typed(header, DAYS).role is Role.PATIENT


@pytest.mark.parametrize(("header", "kind", "role"), [
    ("DOMICILE", None, None), ("adresse_par_defaut", Kind.ADDRESS, None), ("valide", Kind.BOOLEAN, None),
    ("saisi par", Kind.LOGIN, Role.STAFF), ("sage-femme", Kind.DOCTOR, Role.PRESCRIBER),
])  # fmt: skip
def test_says(header, kind, role):
    said = says(header)
    assert (said.kind, said.role) == (kind, role)


@pytest.mark.parametrize("header", ["NOM" * 5000, "DDNNAISPAT" * 3000, "PRENOMSNOM" * 4000 + "X"])
def test_a_hostile_header_is_read_at_once(header):
    assert says(header).kind is None


def _day(rng):
    return f"{rng.randrange(1, 29):02}/{rng.randrange(1, 13):02}/{rng.randrange(2015, 2021)}"


def _other(cell):
    return [_person(RNG)[cell] for _ in range(ROWS)]


OWN = {cell: [person[cell] for person in PEOPLE] for cell in PEOPLE[0]}
TABLES = {
    "laboratory": [
        ("NODOSS", [f"{RNG.randrange(10**7):07}" for _ in range(ROWS)], Kind.IDENTIFIER, Role.NONE),
        ("DATPREL", [_day(RNG) for _ in range(ROWS)], Kind.SAMPLE_DATE, Role.PATIENT),
        ("NOMPAT", OWN["surname"], Kind.SURNAME, Role.PATIENT),
        ("PRENPAT", OWN["first"], Kind.FIRST_NAME, Role.PATIENT),
        ("NOMJFILLE", some(_other("surname")), Kind.BIRTH_NAME, Role.PATIENT),
        ("DATNAISPAT", OWN["born"], Kind.BIRTH_DATE, Role.PATIENT),
        ("SEXPAT", OWN["sex"], Kind.SEX, Role.PATIENT),
        ("NUMSECU", OWN["nir"], Kind.NIR, Role.PATIENT),
        ("NIRASS", some(_other("nir")), Kind.NIR, Role.INSURED),
        ("NOMASS", some(_other("surname")), Kind.SURNAME, Role.INSURED),
        ("DTNAISASS", some(_other("born")), Kind.BIRTH_DATE, Role.INSURED),
        ("NOMPREL", _other("surname"), Kind.SURNAME, Role.SAMPLER),
        ("NOMMED", _other("surname"), Kind.SURNAME, Role.PRESCRIBER),
        ("CPMED", _other("postcode"), Kind.POSTCODE, Role.PRESCRIBER),
        ("TELMED", [f"0299{RNG.randrange(10**6):06}" for _ in range(ROWS)], Kind.LANDLINE, Role.PRESCRIBER),
        ("CODLABO", [RNG.choice(["LP01", "LL02", "BL03"]) for _ in range(ROWS)], Kind.IDENTIFIER, Role.LABORATORY),
    ],
    "registry": [
        ("nir_individu", OWN["nir"], Kind.NIR, Role.PATIENT),
        ("nir_ouvreur_droits", _other("nir"), Kind.NIR, Role.INSURED),
        ("nom_patronymique", OWN["surname"], Kind.BIRTH_NAME, Role.PATIENT),
        ("nom_marital", some(_other("surname")), Kind.SURNAME, Role.PATIENT),
        ("prenom_usuel", OWN["first"], Kind.FIRST_NAME, Role.PATIENT),
        ("date_naissance", BORN, Kind.BIRTH_DATE, Role.PATIENT),
        ("nom_mere", _other("surname"), Kind.SURNAME, Role.TRUSTED_PERSON),
        ("prenom_mere", _other("first"), Kind.FIRST_NAME, Role.TRUSTED_PERSON),
        ("nom_pere", _other("surname"), Kind.SURNAME, Role.TRUSTED_PERSON),
        ("code_postal", OWN["postcode"], Kind.POSTCODE, Role.PATIENT),
        ("cree_par", _other("surname"), Kind.LOGIN, Role.STAFF),
    ],
    "fhir": [
        ("Patient.name[0].family", OWN["surname"], Kind.SURNAME, Role.PATIENT),
        ("Patient.name[0].given[0]", OWN["first"], Kind.FIRST_NAME, Role.PATIENT),
        ("Patient.birthDate", ["-".join(reversed(day.split("/"))) for day in OWN["born"]], Kind.BIRTH_DATE, Role.PATIENT),
        ("Patient.telecom[0].value", [f"06{RNG.randrange(10**8):08}" for _ in range(ROWS)], Kind.MOBILE, Role.PATIENT),
        ("Patient.contact[0].name.family", some(_other("surname")), Kind.SURNAME, Role.TRUSTED_PERSON),
        ("Patient.contact[0].telecom[0].value", [f"06{RNG.randrange(10**8):08}" for _ in range(ROWS)], Kind.MOBILE, Role.TRUSTED_PERSON),
    ],
}  # fmt: skip


@pytest.mark.parametrize("name", TABLES)
def test_whole_tables(name):
    headers, cells, kinds, roles = zip(*TABLES[name], strict=True)
    found = columns(Sample(headers, True, tuple(map(tuple, cells))))
    expected = {header: (kind.value, role.value) for header, kind, role in zip(headers, kinds, roles, strict=True)}
    assert {column.name: (column.kind.value, column.role.value) for column in found} == expected
