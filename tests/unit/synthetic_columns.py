"""A table of 60 columns for tests: headers of a laboratory's software, cells drawn at random, nobody's data."""

# ruff: noqa: E501 - tables of cases read best a line a case

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from etanche import lexicon
from etanche.identifiers.nir import key
from etanche.model import Kind, Role


@dataclass(frozen=True)
class Entry:
    """One column: header, expected verdict, kinds that are no mistake without a header, and how a row fills it."""

    header: str
    kind: Kind
    role: Role
    fill: Callable[[random.Random, dict[str, str]], str]
    also: frozenset[Kind] = frozenset()


@cache
def _some(words: frozenset[str], count: int) -> list[str]:
    return random.Random(1).sample(sorted(words), count)


@cache
def _names(source: str) -> list[str]:
    """Return names that are in one lexicon and not in the other: first names are surnames all too often."""
    surnames, first = lexicon.surnames(), lexicon.first_names()
    if source == "first":
        return [name.capitalize() for name in _some(frozenset(n for n in first if n.isalpha() and len(n) > 3), 900)]
    return list(_some(frozenset(n for n in surnames - first if n.isalpha()), 900))


def _luhn(digits: str) -> str:
    total = sum(sum(divmod(int(digit) * (2 - place % 2), 10)) for place, digit in enumerate(reversed(digits)))
    return digits + str(-total % 10)


def _person(rng: random.Random) -> dict[str, str]:
    year, month, day = rng.randrange(1925, 2020), rng.randrange(1, 13), rng.randrange(1, 29)
    sex = rng.choice("12")
    number = (
        f"{sex}{year % 100:02}{month:02}{rng.randrange(1, 96):02}{rng.randrange(990, 1000)}{rng.randrange(1, 999):03}"
    )
    places = lexicon.communes()
    place = rng.randrange(len(places.name))
    return {
        "nir": f"{number}{key(number):02}", "sex": "MF"[sex == "2"], "born": f"{day:02}/{month:02}/{year}",
        "surname": rng.choice(_names("surname")), "first": rng.choice(_names("first")),
        "postcode": places.postcode[place], "commune": places.name[place], "insee": places.insee[place],
    }  # fmt: skip


def _sometimes(share: float, fill: Callable[[random.Random, dict[str, str]], str]):
    return lambda rng, row: fill(rng, row) if rng.random() < share else ""


def _pick(*words: str):
    return lambda rng, row: rng.choice(words)


def _day(first: int, last: int, tail: str = ""):
    def fill(rng: random.Random, row: dict[str, str]) -> str:
        day = f"{rng.randrange(1, 29):02}/{rng.randrange(1, 13):02}/{rng.randrange(first, last)}"
        return day + (f" {rng.randrange(24):02}:{rng.randrange(60):02}:00" if tail else "")

    return fill


def _digits(pattern: str):
    return lambda rng, row: "".join(str(rng.randrange(10)) if char == "#" else char for char in pattern)


def _of(name: str):
    return lambda rng, row: row[name]


def _surname(rng, row):
    return rng.choice(_names("surname"))


def _first(rng, row):
    return rng.choice(_names("first"))


def _place(name: str):
    return lambda rng, row: _person(rng)[name]


def _street(rng, row):
    return f"{rng.randrange(1, 200)} {rng.choice(['rue', 'avenue', 'impasse', 'chemin'])} {rng.choice(['des Lilas', 'du Port', 'de la Gare', 'des Ajoncs'])}"  # fmt: skip


def _iban(rng, row):
    account = "".join(str(rng.randrange(10)) for _ in range(23))
    return f"FR{98 - int(account + '152700') % 97:02}{account}"


def _medicine(rng, row):
    return rng.choice(["DOLIPRANE 1000", "LEVOTHYROX 75", "KARDEGIC 75", "TAHOR 10", "AMOXICILLINE", "METFORMINE 500", "RAMIPRIL", "INEXIUM 40"])  # fmt: skip


def _comment(rng, row):
    words = ["patient", "diabétique", "sous AVK", "à jeun", "prélèvement difficile", "voir dossier", "traitement arrêté", "à recontrôler", "grossesse en cours"]  # fmt: skip
    return " ".join(rng.sample(words, 3)) + f" {rng.randrange(99)}"


P, N, D = Role.PATIENT, Role.NONE, Role.PRESCRIBER
NAMES = frozenset({Kind.SURNAME, Kind.BIRTH_NAME, Kind.FULL_NAME})
TABLE: tuple[Entry, ...] = (
    Entry("NUM_DOSSIER", Kind.IDENTIFIER, N, _digits("D########")),
    Entry("NUM_SECU", Kind.NIR, P, _of("nir")),
    Entry("CIVILITE", Kind.TITLE, P, _pick("M.", "Mme", "Mlle", "Enfant", "Bébé")),
    Entry("NOM", Kind.SURNAME, P, _of("surname")),
    Entry("NOM_JF", Kind.BIRTH_NAME, P, _sometimes(0.4, lambda rng, row: row["surname"] if rng.random() < 0.5 else _surname(rng, row)), NAMES),
    Entry("PRENOM", Kind.FIRST_NAME, P, _of("first")),
    Entry("SEXE", Kind.SEX, P, _of("sex")),
    Entry("DDN", Kind.BIRTH_DATE, P, _of("born")),
    Entry("LIEU_NAISSANCE", Kind.BIRTH_PLACE, P, _place("commune"), frozenset({Kind.COMMUNE})),
    Entry("DATE_DECES", Kind.DEATH_DATE, P, _sometimes(0.05, _day(2016, 2021))),
    Entry("ADRESSE", Kind.ADDRESS, P, _street),
    Entry("CP", Kind.POSTCODE, P, _of("postcode")),
    Entry("VILLE", Kind.COMMUNE, P, _of("commune")),
    Entry("CODE_INSEE", Kind.INSEE_COMMUNE, P, _of("insee")),
    Entry("PAYS", Kind.COUNTRY, P, _pick("FRANCE", "FRANCE", "BELGIQUE")),
    Entry("TEL_FIXE", Kind.LANDLINE, P, _sometimes(0.6, _digits("02 99 00 ## ##"))),
    Entry("PORTABLE", Kind.MOBILE, P, _sometimes(0.4, _digits("063998####"))),
    Entry("MEL", Kind.EMAIL, P, _sometimes(0.2, lambda rng, row: f"{row['surname'].lower()}{rng.randrange(99)}@example.org")),
    Entry("NOM_CONJOINT", Kind.SURNAME, Role.SPOUSE, _sometimes(0.2, _surname)),
    Entry("PRENOM_CONJOINT", Kind.FIRST_NAME, Role.SPOUSE, _sometimes(0.2, _first)),
    Entry("NOM_ASSURE", Kind.SURNAME, Role.INSURED, _sometimes(0.3, _surname)),
    Entry("NIR_ASSURE", Kind.NIR, Role.INSURED, _sometimes(0.3, _place("nir"))),
    Entry("PERSONNE_CONFIANCE", Kind.FULL_NAME, Role.TRUSTED_PERSON, _sometimes(0.2, lambda rng, row: f"{_surname(rng, row)} {_first(rng, row)}")),
    Entry("NOM_MEDECIN", Kind.SURNAME, D, _surname),
    Entry("PRENOM_MEDECIN", Kind.FIRST_NAME, D, _first),
    Entry("RPPS", Kind.RPPS, D, lambda rng, row: _luhn(f"10{rng.randrange(10**8):08}")),
    Entry("CP_MEDECIN", Kind.POSTCODE, D, _place("postcode")),
    Entry("VILLE_MEDECIN", Kind.COMMUNE, D, _place("commune")),
    Entry("TEL_MEDECIN", Kind.LANDLINE, D, _digits("02.97.00.##.##")),
    Entry("PRELEVEUR", Kind.DOCTOR, Role.SAMPLER, lambda rng, row: f"Dr {_surname(rng, row)}"),
    Entry("LABORATOIRE", Kind.LABORATORY, Role.LABORATORY, _pick("LABORATOIRE DU PORT", "LBM DES LILAS", "BIOLITTORAL", "LABO CENTRAL")),
    Entry("FINESS_LABO", Kind.FINESS, Role.LABORATORY, lambda rng, row: _luhn(f"560{rng.randrange(4):05}"), frozenset({Kind.SIREN})),
    Entry("MUTUELLE", Kind.INSURER, P, _sometimes(0.6, _pick("MGEN", "HARMONIE MUTUELLE", "MUTUELLE GENERALE", "AXA"))),
    Entry("NUM_MUTUELLE", Kind.AMC, P, _sometimes(0.6, _pick("99994100", "99994544", "99994766"))),
    Entry("GROUPE_SANGUIN", Kind.BLOOD_GROUP, P, _sometimes(0.3, _pick("A+", "O+", "O-", "AB+", "B-"))),
    Entry("GROSSESSE", Kind.PREGNANCY, P, _sometimes(0.1, _pick("O", "N"))),
    Entry("ALD", Kind.ALD, P, _sometimes(0.1, _pick("ALD 8", "ALD 30", "ALD 7"))),
    Entry("CIM10", Kind.CIM10, P, _sometimes(0.3, lambda rng, row: f"{rng.choice('ABCDEFGHIJKLMN')}{rng.randrange(10, 99)}.{rng.randrange(10)}")),
    Entry("TRAITEMENT", Kind.MEDICINE, P, _sometimes(0.5, _medicine)),
    Entry("CODE_ATC", Kind.ATC, P, _sometimes(0.5, _pick("N02BE01", "H03AA01", "B01AC06", "C10AA05"))),
    Entry("CODE_NABM", Kind.NABM, P, _digits("0###")),
    Entry("RESULTAT", Kind.RESULT, P, lambda rng, row: f"{rng.randrange(1, 300)},{rng.randrange(9)} mg/L"),
    Entry("IBAN", Kind.IBAN, P, _sometimes(0.1, _iban)),
    Entry("MONTANT", Kind.AMOUNT, N, lambda rng, row: f"{rng.randrange(500)},{rng.randrange(100):02}"),
    Entry("LOGIN", Kind.LOGIN, P, _sometimes(0.3, lambda rng, row: f"{row['surname'].lower()}{rng.randrange(999)}")),
    Entry("MDP", Kind.PASSWORD, P, _sometimes(0.3, _digits("Soleil####!"))),
    Entry("DATE_PRELEVEMENT", Kind.SAMPLE_DATE, P, _day(2015, 2021)),
    Entry("DERNIERE_VISITE", Kind.VISIT_DATE, P, _day(2015, 2021)),
    Entry("DATE_CREATION", Kind.TIMESTAMP, N, _day(2015, 2021, "time")),
    Entry("COMMENTAIRE1", Kind.COMMENT, P, _sometimes(0.4, _comment)),
    Entry("COMMENTAIRE2", Kind.COMMENT, P, _sometimes(0.1, _comment)),
    Entry("OPERATEUR", Kind.LOGIN, Role.STAFF, _pick("secr1", "secr2", "admin", "tech4")),
    Entry("FICHIER_SOURCE", Kind.FILE_NAME, N, _pick("EXPORT_2019.TXT", "export 2020.csv")),
    Entry("VERSION", Kind.CONSTANT, N, _pick("3.2")),
    Entry("ACTIF", Kind.BOOLEAN, N, _pick("O", "N")),
    Entry("RESERVE", Kind.EMPTY, N, _pick("")),
    Entry("ADRESSE_IP", Kind.IP, P, _digits("192.0.2.1#")),
    Entry("SITE_WEB", Kind.URL, Role.LABORATORY, _pick("https://labo.example.org", "https://www.example.org/rdv")),
    Entry("HASH_MDP", Kind.PASSWORD_HASH, P, _digits("$2y$10$abcdefghijklmnopqrstuv######")),
    Entry("SIRET", Kind.SIRET, N, lambda rng, row: _luhn(f"{rng.randrange(10**12, 10**13)}")),
)  # fmt: skip


@cache
def cells_of(rows: int) -> tuple[tuple[str, ...], ...]:
    """Return the cells of the table, by column."""
    rng = random.Random(2021)
    people = [_person(rng) for _ in range(rows)]
    return tuple(tuple(entry.fill(rng, person) for person in people) for entry in TABLE)
