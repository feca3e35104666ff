"""Columns that are not what they look like, and columns that are what they are in spite of dirt: nobody's data.

Rules, in the order in which they apply:

1. A trap says which kinds would be no mistake (`fair`); the general ones of `HARMLESS_KINDS` never are one.
2. Every trap is drawn with a plain header of its own and without one, by several seeds and numbers of rows.
3. A true column is drawn clean, with one, three and five per cent of dirt, and in the ways in which files spoil it: lost
   leading zeros, blanks and quotes around cells, groups of digits.
"""

# ruff: noqa: E501 - tables of cases read best a line a case

from __future__ import annotations

import base64
import datetime as dt
import json
import random
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

from etanche import lexicon
from etanche.identifiers import celltext
from etanche.identifiers.nir import key
from etanche.model import Kind
from etanche.recognise.content import GENERAL

Fill = Callable[[random.Random, int], str]
"""What a cell holds, by the row's number."""

HARMLESS_KINDS = GENERAL | {Kind.EMPTY, Kind.CONSTANT, Kind.TIMESTAMP, Kind.FILE_NAME, Kind.URL} - {Kind.TOKEN}
"""Kinds that say nothing particular of anybody: claiming one is never a false alarm."""
BUSINESS_KINDS = frozenset({
    Kind.SIREN, Kind.SIRET, Kind.LATITUDE, Kind.LONGITUDE, Kind.DEPARTEMENT, Kind.REGION, Kind.COUNTRY, Kind.BIC,
    Kind.LABORATORY, Kind.TOKEN, Kind.NABM, Kind.LOINC,
})  # fmt: skip
"""Kinds that are wrong where they are not fair, but alarm nobody."""


@dataclass(frozen=True)
class Trap:
    """A column that is none of the kinds it resembles: its plain header, how a row fills it, kinds that are fair."""

    name: str
    header: str
    fill: Fill
    fair: frozenset[Kind] = frozenset()


@dataclass(frozen=True)
class Drawn:
    """A column as a file has it (`header` is empty for none), with the kinds that are right."""

    name: str
    header: str
    cells: tuple[str, ...]
    fair: frozenset[Kind]

    @property
    def rows(self) -> int:
        """Number of rows."""
        return len(self.cells)


def checked_by_luhn(digits: str) -> str:
    """Return the digits with the key that makes them pass."""
    return next(digits + last for last in "0123456789" if celltext.luhn(digits + last))


def ean(digits: str) -> str:
    """Return twelve digits with the key of an EAN-13."""
    total = sum(int(digit) * (1 + 2 * (place % 2)) for place, digit in enumerate(digits))
    return digits + str(-total % 10)


def _digits(count: int, first: str = "123456789") -> Fill:
    return lambda rng, _: rng.choice(first) + "".join(rng.choices("0123456789", k=count - 1))


def _pattern(pattern: str) -> Fill:
    """Return cells of a pattern: `#` a digit, `@` a capital, `~` a small letter, `%` a hexadecimal digit."""
    sets = {
        "#": "0123456789",
        "@": "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
        "~": "abcdefghijklmnopqrstuvwxyz",
        "%": "0123456789abcdef",
    }
    return lambda rng, _: "".join(rng.choice(sets[char]) if char in sets else char for char in pattern)


def _one_of(*words: str) -> Fill:
    return lambda rng, _: rng.choice(words)


def _from(first: int, step: int = 1) -> Fill:
    return lambda _, row: str(first + step * row)


def _between(low: int, high: int, form: str = "") -> Fill:
    return lambda rng, _: format(rng.randrange(low, high), form)


def _decimals(low: float, high: float, places: int, comma: str = ".") -> Fill:
    return lambda rng, _: f"{rng.uniform(low, high):.{places}f}".replace(".", comma)


def _day(first: int, last: int, layout: str) -> Fill:
    start = dt.date(first, 1, 1)
    span = (dt.date(last, 1, 1) - start).days
    return lambda rng, _: (start + dt.timedelta(days=rng.randrange(span))).strftime(layout)


def _sometimes(share: float, fill: Fill) -> Fill:
    return lambda rng, row: fill(rng, row) if rng.random() < share else ""


def _joined(*fills: Fill, by: str = "") -> Fill:
    return lambda rng, row: by.join(fill(rng, row) for fill in fills)


def _sentence(words: str, low: int = 5, high: int = 11) -> Fill:
    known = words.split()
    return lambda rng, _: " ".join(rng.choices(known, k=rng.randrange(low, high)))


def _order_number(rng: random.Random, row: int) -> str:
    """Return an order number made of a digit, a year and month, and a counter: a NIR to whoever looks at it once."""
    return f"1{18 + row // 600}{1 + row // 50 % 12:02}{rng.randrange(100):02}{row:06}"


def _order_with_keys(rng: random.Random, _: int) -> str:
    """Return fifteen digits of which one in four has the key of a NIR by chance."""
    number = f"{rng.choice('12')}{rng.randrange(10**12):012}"
    return number + (f"{key(number):02}" if rng.random() < 0.25 else f"{rng.randrange(1, 98):02}")


def _base64(rng: random.Random, _: int) -> str:
    return base64.b64encode(rng.randbytes(rng.randrange(12, 40))).decode()


def _json_cell(rng: random.Random, row: int) -> str:
    return json.dumps({"id": row, "state": rng.choice(["new", "done"]), "total": rng.randrange(900)})


def _uuid(rng: random.Random, _: int) -> str:
    return str(uuid.UUID(int=rng.getrandbits(128), version=4))


ENGLISH = "the order was shipped late and customer asked for a refund of this item but nobody called back yet please check with support"
GERMAN = "die Bestellung wurde nicht geliefert und der Kunde hat noch keine Antwort bekommen bitte bei dem Lager nachfragen wegen Rechnung"
FRENCH = "la commande a été livrée en retard et le client demande un avoir sur cet article mais personne ne rappelle merci de vérifier"
STREETS_DE = ("Hauptstraße", "Bahnhofstr.", "Lindenweg", "Am Markt", "Goethestraße", "Schulgasse")
STREETS_EN = ("Main St", "Oak Avenue", "Maple Drive", "Elm Street", "Park Lane", "Church Road", "High Street")
NAMES_DE = (
    "Müller",
    "Schmidt",
    "Schneider",
    "Fischer",
    "Weber",
    "Meyer",
    "Wagner",
    "Becker",
    "Schulz",
    "Hoffmann",
    "Schäfer",
    "Koch",
    "Bauer",
    "Richter",
    "Klein",
    "Wolf",
    "Schröder",
    "Neumann",
    "Schwarz",
    "Zimmermann",
    "Braun",
    "Krüger",
    "Hofmann",
    "Hartmann",
    "Lange",
)
NAMES_EN = (
    "Smith",
    "Johnson",
    "Williams",
    "Brown",
    "Jones",
    "Miller",
    "Davis",
    "Wilson",
    "Anderson",
    "Taylor",
    "Thomas",
    "Moore",
    "Jackson",
    "White",
    "Harris",
    "Clark",
    "Lewis",
    "Walker",
    "Young",
    "King",
    "Wright",
    "Hill",
    "Green",
    "Adams",
    "Baker",
)
CITIES_DE = (
    "Berlin",
    "Hamburg",
    "München",
    "Köln",
    "Frankfurt am Main",
    "Stuttgart",
    "Düsseldorf",
    "Leipzig",
    "Dortmund",
    "Essen",
    "Bremen",
    "Dresden",
    "Hannover",
    "Nürnberg",
)
GOODS = (
    "table en chêne",
    "chaise pliante",
    "lampe de bureau",
    "tapis 2x3",
    "étagère murale",
    "miroir rond",
    "canapé trois places",
    "bureau d'angle",
    "tabouret haut",
    "coussin carré",
    "rideau occultant",
    "vase bleu",
    "cadre photo",
    "horloge murale",
)
TOOLS = (
    "hammer",
    "wrench",
    "screwdriver",
    "drill",
    "saw",
    "pliers",
    "chisel",
    "ladder",
    "clamp",
    "level",
    "sander",
    "router",
    "crowbar",
    "mallet",
)

NAMES = frozenset({Kind.SURNAME, Kind.BIRTH_NAME, Kind.FIRST_NAME, Kind.FULL_NAME})
PLACES = frozenset({Kind.COMMUNE, Kind.BIRTH_PLACE})
PHONES = frozenset({Kind.PHONE})
DAYS = frozenset({Kind.DATE, Kind.SAMPLE_DATE, Kind.VISIT_DATE, Kind.TIMESTAMP})

TRAPS: tuple[Trap, ...] = (
    # Numbers as long as a NIR.
    Trap("13 digits counting", "num_commande", _from(1_850_312_000_000)),
    Trap("13 digits of a year", "num_commande", _from(2_021_030_100_001)),
    Trap("13 digits at random", "order_no", _digits(13)),
    Trap("13 digits that begin with 1 or 2", "ref_expedition", _digits(13, "12")),
    Trap("13 digits: 1, year, month, counter", "num_bon", _order_number),
    Trap("13 digits: epoch in milliseconds", "ts", _between(1_609_459_200_000, 1_640_995_200_000), frozenset({Kind.TIMESTAMP})),
    Trap("15 digits at random", "tracking", _digits(15)),
    Trap("15 digits that begin with 1 or 2", "tracking_number", _digits(15, "12")),
    Trap("15 digits, a quarter of the keys right by chance", "num_colis", _order_with_keys),
    Trap("15 digits counting", "num_colis", _from(100_000_000_000_001)),
    Trap("15 digits: 2, day, counter", "num_bon", lambda rng, row: f"2{dt.date(2021, 1, 1) + dt.timedelta(row // 9):%y%m%d}{row:08}"),
    Trap("IMEI", "terminal_no", lambda rng, _: checked_by_luhn(f"35{rng.randrange(10**12):012}"), frozenset({Kind.DEVICE})),
    Trap("EAN-13", "ean", lambda rng, _: ean(f"3{rng.randrange(10**11):011}")),
    Trap("EAN-13 of goods abroad", "gtin", lambda rng, _: ean(f"{rng.choice(['400', '871', '690', '210', '125'])}{rng.randrange(10**9):09}")),
    Trap("ISBN", "isbn", lambda rng, _: ean(f"978{rng.randrange(10**9):09}")),
    Trap("numbers of lots of 14 digits", "num_lot", _digits(14)),
    # Numbers as long as others with a key.
    Trap("11 digits that are no RPPS", "no_contrat", _digits(11)),
    Trap("11 digits that begin with 10", "ref_client", _digits(11, "1")),
    Trap("11 digits counting from 10000000000", "ref_client", _from(10_000_000_000)),
    Trap("9 digits at random", "code_interne", _digits(9)),
    Trap("9 digits of a laboratory's own", "code_interne", lambda rng, row: f"{rng.choice(['750', '350', '560', '290'])}{row:06}"),
    Trap("9 digits counting", "id_echantillon", _from(560_000_001)),
    Trap("9 digits of a day and a counter", "id_echantillon", lambda rng, row: f"{210101 + row // 40 % 28}{row % 1000:03}"),
    Trap("8 digits at random", "num_adherent_club", _digits(8)),
    Trap("7 digits at random", "reference", _digits(7)),
    Trap("10 digits at random", "ref_article", _digits(10)),
    Trap("16 digits that are no card", "transaction", _digits(16)),
    Trap("16 digits that begin with 4", "transaction", _digits(16, "4")),
    Trap("16 digits counting", "transaction", _from(4_000_000_000_000_000)),
    Trap("19 digits", "snowflake", _digits(19, "1")),
    Trap("14 digits of a time", "horodate", _day(2019, 2022, "%Y%m%d120000"), DAYS),
    Trap("20 digits", "sscc", _digits(20)),
    # Dates as numbers, numbers as dates.
    Trap("dates as integers", "jour", _day(2018, 2022, "%Y%m%d"), DAYS),
    Trap("days since 1900", "date_excel", _between(43_000, 45_500)),
    Trap("days since 1900 of births", "valeur_n", _between(7_000, 44_000)),
    Trap("epoch in seconds", "epoch", _between(1_500_000_000, 1_700_000_000), frozenset({Kind.TIMESTAMP})),
    Trap("years", "annee", _between(1950, 2022)),
    Trap("year and month", "periode", _day(2010, 2022, "%Y%m")),
    Trap("weeks", "semaine", lambda rng, _: f"{rng.randrange(2015, 2022)}-W{rng.randrange(1, 53):02}"),
    Trap("times", "heure", lambda rng, _: f"{rng.randrange(24):02}:{rng.randrange(60):02}"),
    Trap("durations", "duree", lambda rng, _: f"{rng.randrange(9)}h{rng.randrange(60):02}"),
    Trap("eight digits a few of which are days", "code8", _between(10_000_000, 99_999_999)),
    Trap("two numbers with a slash", "ratio", lambda rng, _: f"{rng.randrange(1, 99)}/{rng.randrange(1, 99)}"),
    # Amounts and quantities.
    Trap("amounts like telephones", "montant_centimes", _digits(10, "123456789")),
    Trap("amounts with leading zeros", "montant_pic9", lambda rng, _: f"{rng.randrange(10**7):010}"),
    Trap("amounts as long as telephones with zeros", "solde_pic", lambda rng, _: f"0{rng.randrange(10**9):09}"),
    Trap("amounts like postcodes", "prix", _between(10_000, 99_000)),
    Trap("amounts in groups", "total_ht", lambda rng, _: f"{rng.randrange(10_000, 9_999_999):,}".replace(",", " ")),
    Trap("amounts in pairs of digits", "code_paires", lambda rng, _: " ".join(f"{rng.randrange(100):02}" for _ in range(4))),
    Trap("amounts in euros", "montant", _decimals(1, 900, 2, ",")),
    Trap("negative amounts", "ecart", _decimals(-90, 90, 2)),
    Trap("percentages", "taux", lambda rng, _: f"{rng.randrange(101)}%"),
    Trap("five digits at random", "quantite", _between(10_000, 99_999)),
    Trap("five digits with leading zeros", "code_agence", lambda rng, _: f"{rng.randrange(99_999):05}"),
    Trap("four digits", "pin_produit", _between(1000, 9999)),
    Trap("numbers 1 to 4", "niveau", _between(1, 5)),
    Trap("numbers 1 and 2", "choix", _one_of("1", "2")),
    Trap("numbers 0, 1, 2", "etat", _one_of("0", "1", "2")),
    Trap("ages", "age", _between(0, 100)),
    Trap("scores", "score", _between(0, 21)),
    Trap("small decimals", "mesure", _decimals(0, 10, 3)),
    Trap("decimals within France's latitudes", "temperature", _decimals(41, 51, 1)),
    Trap("decimals of six places", "poids", _decimals(0, 100, 6)),
    Trap("weights with units", "poids", lambda rng, _: f"{rng.randrange(1, 900)} kg", frozenset({Kind.RESULT})),
    Trap("sizes", "dimension", lambda rng, _: f"{rng.randrange(10, 300)}x{rng.randrange(10, 300)} cm"),
    # Codes.
    Trap("tracking numbers of the post", "suivi", _pattern("6A##########")),
    Trap("tracking numbers abroad", "suivi", _pattern("RR#########FR")),
    Trap("invoice numbers", "facture", lambda rng, row: f"FA{2019 + row // 500}-{row:05}"),
    Trap("invoice numbers with slashes", "facture", lambda rng, row: f"{2021}/{1 + row % 12:02}/{row:04}"),
    Trap("versions", "version", lambda rng, _: f"{rng.randrange(1, 9)}.{rng.randrange(20)}.{rng.randrange(40)}"),
    Trap("versions of four numbers", "build", lambda rng, _: f"{rng.randrange(1, 12)}.{rng.randrange(4)}.{rng.randrange(900, 3000)}.{rng.randrange(400, 900)}"),
    Trap("paragraphs", "article", lambda rng, _: f"{rng.randrange(1, 30)}.{rng.randrange(1, 12)}.{rng.randrange(1, 9)}"),
    Trap("codes of goods like ATC", "code_produit", _pattern("A##@@##")),
    Trap("codes of goods, any letters", "sku", _pattern("@##@@##")),
    Trap("seats", "place", _pattern("@##")),
    Trap("seats of a theatre", "siege", lambda rng, _: f"{rng.choice('ABCDEFGH')}{rng.randrange(1, 60):02}"),
    Trap("pairs of seats", "sieges", lambda rng, _: f"{rng.choice('ABCDEFGH')}{rng.randrange(60):02} {rng.choice('ABCDEFGH')}{rng.randrange(60):02}"),
    Trap("shelves with a dot", "rayon", lambda rng, _: f"{rng.choice('ABCDEFGHJKLMN')}{rng.randrange(10, 99)}.{rng.randrange(10)}"),
    Trap("letter and four digits", "code_court", _pattern("@####")),
    Trap("numbers of lots", "lot", _pattern("L####@")),
    Trap("plates", "plaque", _pattern("@@-###-@@")),
    Trap("plates of old", "plaque", lambda rng, _: f"{rng.randrange(1000, 9999)} {rng.choice('ABCDEFGH')}{rng.choice('ABCDEFGH')} {rng.randrange(1, 95):02}"),
    Trap("flights", "vol", _pattern("AF####")),
    Trap("airports", "aeroport", _pattern("@@@")),
    Trap("words of eight capitals", "code_bourse", _pattern("@@@@@@@@")),
    Trap("codes of eleven capitals", "code_projet", _pattern("@@@@@@@@@@@")),
    Trap("three digits, one", "code_test", _pattern("####-#")),
    Trap("digits with dots", "nomenclature", lambda rng, _: f"{rng.randrange(10, 99)}.{rng.randrange(10, 99)}"),
    Trap("roman numbers", "tome", _one_of("I", "II", "III", "IV", "V", "VI", "VII")),
    Trap("CAS numbers", "cas", lambda rng, _: f"{rng.randrange(50, 9999999)}-{rng.randrange(10, 99)}-{rng.randrange(10)}"),
    # Hexadecimal, base 64 and other noise.
    Trap("short hexadecimal", "objectid", _pattern("%" * 24)),
    Trap("hexadecimal as long as MD5", "etag", _pattern("%" * 32)),
    Trap("hexadecimal as long as SHA-1: commits", "commit", _pattern("%" * 40)),
    Trap("hexadecimal as long as SHA-256", "digest_fichier", _pattern("%" * 64)),
    Trap("UUID", "uuid", _uuid),
    Trap("colours", "couleur_html", _pattern("#%%%%%%")),
    Trap("base 64", "payload", _base64),
    Trap("JSON", "attributs", _json_cell),
    Trap("noise of letters", "champ7", _pattern("~~~~~~~~~")),
    Trap("noise of capitals", "champ8", _pattern("@@@@@@@@@")),
    Trap("noise of both and digits", "champ9", _pattern("@~#@~#@~#@~#")),
    Trap("XML", "fragment", lambda rng, row: f"<l n='{row}'><q>{rng.randrange(9)}</q></l>"),
    Trap("domains", "domaine", lambda rng, row: f"srv{row}.example.org", frozenset({Kind.URL})),
    Trap("hosts", "machine", lambda rng, _: f"PC-{rng.choice(['ACC', 'LAB', 'DIR'])}-{rng.randrange(99):02}", frozenset({Kind.DEVICE})),
    Trap("paths", "chemin", lambda rng, row: f"/srv/data/{row // 100}/{row}"),
    Trap("mentions", "mention", lambda rng, row: f"@{rng.choice(TOOLS)}{row}", frozenset({Kind.LOGIN})),
    # Few values.
    Trap("M and F for something else, with others", "gabarit", _one_of("S", "M", "L", "XL")),
    Trap("morning, evening", "moment", _one_of("M", "S")),
    Trap("F, G and H", "classe", _one_of("F", "G", "H")),
    Trap("marks at school", "note_lettre", _one_of("A+", "A", "B+", "B", "C", "C-", "D", "F")),
    Trap("marks with signs, C and D among them", "notation", _one_of("A+", "A-", "B+", "B-", "C+", "C-", "D+")),
    Trap("ratings of debtors", "rating", _one_of("AAA", "AA+", "AA", "A+", "A", "BBB", "BB", "B")),
    Trap("A, B and C", "categorie", _one_of("A", "B", "C")),
    Trap("A, B and O", "groupe_travail", _one_of("A", "B", "O")),
    Trap("energy classes", "dpe", _one_of("A", "B", "C", "D", "E", "F", "G")),
    Trap("booleans as 1 and 2", "reponse", _one_of("1", "2")),
    Trap("yes and no", "accord", _one_of("oui", "non")),
    Trap("states", "statut", _one_of("ouvert", "clos", "en attente", "annulé")),
    Trap("units", "unite", _one_of("kg", "g", "L", "pièce", "boîte")),
    Trap("currencies", "devise", _one_of("EUR", "USD", "GBP", "CHF")),
    Trap("languages", "langue", _one_of("fr", "en", "de", "es"), frozenset({Kind.COUNTRY})),
    Trap("weekdays", "jour_semaine", _one_of("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")),
    Trap("months", "mois", _one_of("janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre", "décembre")),
    Trap("colours by name", "couleur", _one_of("rouge", "bleu", "vert", "jaune", "noir", "blanc", "gris", "rose", "violet", "orange", "marron", "beige", "doré", "argent")),
    Trap("animals", "animal", _one_of("chat", "chien", "cheval", "lapin", "renard", "loup", "ours", "cerf", "aigle", "faucon", "merle", "pinson", "corbeau", "coq")),
    Trap("fruit", "fruit", _one_of("pomme", "poire", "cerise", "fraise", "banane", "orange", "citron", "prune", "mûre", "figue", "olive", "datte")),
    Trap("trades", "metier", _one_of("boulanger", "boucher", "maçon", "charpentier", "berger", "marchand", "tailleur", "meunier", "potier", "forgeron", "tonnelier", "mercier", "barbier")),
    Trap("goods", "designation", _one_of(*GOODS)),
    Trap("goods with a size", "designation", lambda rng, _: f"{rng.choice(GOODS)} {rng.randrange(10, 90)} cm"),
    Trap("services of a firm", "service", _one_of("comptabilité", "achats", "direction", "accueil", "informatique", "logistique", "paie")),
    # Nothing, or next to it.
    Trap("empty", "reserve1", _one_of("")),
    Trap("blanks", "reserve2", _one_of(" ", "  ", " ")),
    Trap("one value", "application", _one_of("V3")),
    Trap("one number", "exercice", _one_of("2021")),
    Trap("one word", "origine", _one_of("IMPORT")),
    Trap("zeros", "flag3", _one_of("0")),
    Trap("dashes", "vide", _one_of("-")),
    Trap("dots and n/a", "libre", _one_of("N/A", "n/a", ".", "-", "NULL", "?")),
    Trap("almost empty: one number", "spare", _sometimes(0.01, _digits(10))),
    Trap("almost empty: a word", "spare2", _sometimes(0.01, _one_of("ok", "vu", "ras"))),
    Trap("almost empty: a flag", "spare3", _sometimes(0.005, _one_of("X"))),
    # English and German files.
    Trap("SSN of the USA", "ssn_us", _pattern("###-##-####")),
    Trap("telephones of the USA", "day_line", lambda rng, _: f"({rng.randrange(201, 989)}) {rng.randrange(200, 999)}-{rng.randrange(10_000):04}", PHONES),
    Trap("telephones of Germany", "rufnummer", lambda rng, _: f"+49 {rng.choice(['30', '40', '89', '171'])} {rng.randrange(10**6, 10**8)}", PHONES),
    Trap("telephones of Germany, national", "rufnummer", lambda rng, _: f"0{rng.choice(['30', '40', '89', '221'])}/{rng.randrange(10**6, 10**8)}", PHONES),
    Trap("telephones of Great Britain", "contact_line", lambda rng, _: f"+44 20 {rng.randrange(7000, 9000)} {rng.randrange(10_000):04}", PHONES),
    Trap("ZIP of the USA", "zip", lambda rng, _: f"{rng.randrange(501, 99_950):05}", frozenset({Kind.POSTCODE})),
    Trap("ZIP+4", "zip", lambda rng, _: f"{rng.randrange(10_000, 99_950):05}-{rng.randrange(10_000):04}", frozenset({Kind.POSTCODE})),
    Trap("postcodes of Germany", "plz", lambda rng, _: f"{rng.randrange(1067, 99_998):05}", frozenset({Kind.POSTCODE})),
    Trap("postcodes of Great Britain", "post_code", _pattern("@@# #@@"), frozenset({Kind.POSTCODE})),
    Trap("Steuer-ID", "steuer_id", _digits(11)),
    Trap("Versichertennummer", "versicherten_nr", _pattern("@#########"), frozenset({Kind.AMC})),
    Trap("Sozialversicherungsnummer", "sv_nr", _pattern("########@###")),
    Trap("surnames of Germany", "nachname", _one_of(*NAMES_DE), NAMES),
    Trap("surnames of the USA", "last_name", _one_of(*NAMES_EN), NAMES),
    Trap("addresses of Germany", "strasse", lambda rng, _: f"{rng.choice(STREETS_DE)} {rng.randrange(1, 200)}", frozenset({Kind.ADDRESS})),
    Trap("addresses of the USA", "address", lambda rng, _: f"{rng.randrange(1, 9999)} {rng.choice(STREETS_EN)}", frozenset({Kind.ADDRESS})),
    Trap("cities of Germany", "ort", _one_of(*CITIES_DE), PLACES),
    Trap("comments in English", "remarks", _sentence(ENGLISH)),
    Trap("comments in German", "bemerkung", _sentence(GERMAN)),
    Trap("comments on orders in French", "remarque", _sentence(FRENCH)),
    Trap("tools in English", "item", _one_of(*TOOLS)),
    Trap("states of the USA", "state", _one_of("CA", "NY", "TX", "FL", "IL", "PA", "OH", "GA", "NC", "MI", "WA", "OR")),
    Trap("IBAN-like references", "mandat", _pattern("FR##ZZZ######")),
    Trap("VAT numbers", "tva", _pattern("FR###########")),
    Trap("dates in English", "ship_date", _day(2018, 2022, "%m/%d/%Y"), DAYS),
    Trap("dates in German", "datum", _day(2018, 2022, "%d.%m.%Y"), DAYS),
    Trap("dates of shipping", "expedie", _day(2018, 2022, "%d/%m/%Y"), DAYS),
    Trap("temperatures with units", "temp", lambda rng, _: f"{rng.randrange(-10, 40)} °C"),
    Trap("addresses of memory", "adresse_memoire", _pattern("0x%%%%%%%%")),
    Trap("points of a projection", "x_l93", _decimals(100_000, 1_200_000, 2), frozenset({Kind.LATITUDE, Kind.LONGITUDE})),
)  # fmt: skip

MISLEADING: tuple[Trap, ...] = (
    Trap("NIR over amounts", "NIR", _decimals(1, 900, 2, ",")),
    Trap("NIR over letters", "num_secu", _one_of("A", "B", "C", "D", "E")),
    Trap("telephone over words", "telephone", _one_of(*GOODS)),
    Trap("telephone over yes and no", "tel_ok", _one_of("oui", "non")),
    Trap("e-mail over yes and no", "mail_envoye", _one_of("O", "N")),
    Trap("birth date over amounts", "date_naissance", _decimals(1, 900, 2, ",")),
    Trap("blood group over colours", "groupe_sanguin", _one_of("rouge", "bleu", "vert", "jaune")),
    Trap("sex over sizes", "sexe", _one_of("S", "L", "XL", "XXL")),
    Trap("RPPS over words", "rpps", _one_of(*TOOLS)),
    Trap("IBAN over numbers", "iban", _between(1, 90_000)),
    Trap("card over yes and no", "carte_bancaire", _one_of("oui", "non")),
    Trap("postcode over decimals", "cp", _decimals(0, 1, 4)),
    Trap("CIM-10 over sentences", "cim10", _sentence(FRENCH), frozenset({Kind.DISEASE})),
    Trap("ATC over numbers", "atc", _between(1, 900)),
    Trap("IP over words", "ip", _one_of(*GOODS)),
    Trap("surname over numbers", "nom", _between(1, 9000)),
    Trap("first name over decimals", "prenom", _decimals(0, 9, 3)),
    Trap("commune over amounts", "ville", _decimals(1, 900, 2, ",")),
    Trap("hash over words", "hash_mdp", _one_of(*TOOLS), frozenset({Kind.PASSWORD})),
    Trap("title over numbers", "civilite", _between(10, 900)),
    Trap("number of telephones", "nb_telephones", _between(0, 5)),
    Trap("name of a product", "nom_produit", _one_of(*GOODS)),
    Trap("name of a file", "nom_fichier", lambda rng, row: f"scan_{row:05}.pdf"),
    Trap("type of an address", "type_adresse", _one_of("F", "L", "S")),
    Trap("sex of a connector", "genre_connecteur", _one_of("M/F", "F/F", "M/M")),
    Trap("card of loyalty", "carte_fidelite", _digits(13, "2")),
    Trap("numbers of series", "numero_serie", _digits(15, "1")),
    Trap("code of the group", "groupe", _one_of("A", "B", "AB", "C")),
)  # fmt: skip
"""Columns whose header promises what the cells cannot be."""

CHEESES = (
    "Camembert",
    "Roquefort",
    "Livarot",
    "Munster",
    "Pont-l'Évêque",
    "Cantal",
    "Comté",
    "Maroilles",
    "Neufchâtel",
    "Époisses",
    "Langres",
    "Chaource",
    "Salers",
    "Valençay",
)
DOGS = (
    "Rex",
    "Médor",
    "Rita",
    "Oslo",
    "Pacha",
    "Titus",
    "Nala",
    "Simba",
    "Luna",
    "Max",
    "Ulysse",
    "Vanille",
    "Choupette",
    "Rocky",
    "Lola",
)
CLUBS = (
    "Olympique de Marseille",
    "Stade Rennais",
    "FC Nantes",
    "AS Monaco",
    "RC Lens",
    "OGC Nice",
    "Paris FC",
    "AJ Auxerre",
    "En Avant Guingamp",
    "Stade Brestois",
    "FC Lorient",
    "Le Havre AC",
    "Angers SCO",
)
BOOKS = (
    "Les Misérables",
    "Madame Bovary",
    "Le Rouge et le Noir",
    "Germinal",
    "Nana",
    "Le Père Goriot",
    "Bel-Ami",
    "Candide",
    "La Peste",
    "L'Étranger",
    "Le Cid",
    "Andromaque",
    "Phèdre",
    "Zadig",
)
WARDS = (
    "Cardiologie",
    "Urgences",
    "Pédiatrie",
    "Maternité",
    "Réanimation",
    "Chirurgie",
    "Gériatrie",
    "Radiologie",
    "Pharmacie",
    "Bloc opératoire",
    "Psychiatrie",
    "Oncologie",
)
BRANDS = (
    "Renault",
    "Peugeot",
    "Citroën",
    "Dacia",
    "Bosch",
    "Philips",
    "Michelin",
    "Lacoste",
    "Cartier",
    "Hermès",
    "Chanel",
    "Dior",
    "Vichy",
    "Garnier",
    "Évian",
)
ELEMENTS = ("H", "He", "Li", "Be", "B", "C", "N", "O", "F", "Ne", "Na", "Mg", "Al", "Si")

UNSEEN: tuple[Trap, ...] = (
    Trap("passports", "piece", _pattern("##@@#####")),
    Trap("driving licences", "permis", _digits(12)),
    Trap("VIN", "vin", _pattern("VF1@@@#@@########")),
    Trap("Spanish DNI", "dni", _pattern("########@")),
    Trap("codice fiscale", "codice", _pattern("@@@@@@##@##@###@")),
    Trap("Belgian national numbers", "rijksregister", lambda rng, _: f"{rng.randrange(100):02}.{rng.randrange(1, 13):02}.{rng.randrange(1, 29):02}-{rng.randrange(1000):03}.{rng.randrange(100):02}"),
    Trap("Belgian national numbers, bare", "rrn", lambda rng, _: f"{rng.randrange(100):02}{rng.randrange(1, 13):02}{rng.randrange(1, 29):02}{rng.randrange(10**5):05}"),
    Trap("Swiss AHV", "ahv", lambda rng, _: ean(f"756{rng.randrange(10**9):09}")),
    Trap("NINO", "nino", _pattern("@@######@")),
    Trap("BSN", "bsn", _digits(9)),
    Trap("PESEL", "pesel", lambda rng, _: f"{rng.randrange(100):02}{rng.randrange(1, 13):02}{rng.randrange(1, 29):02}{rng.randrange(10**5):05}"),
    Trap("CPF", "cpf", _pattern("###.###.###-##")),
    Trap("INE of students", "ine", _pattern("##########@")),
    Trap("ORCID", "orcid", _pattern("0000-000#-####-####")),
    Trap("ISSN", "issn", _pattern("####-####")),
    Trap("DOI", "doi", lambda rng, _: f"10.{rng.randrange(1000, 9999)}/j.{rng.randrange(10**6)}"),
    Trap("ISIN", "isin", _pattern("FR##########")),
    Trap("LEI", "lei", _pattern("969500@@@@@@@@@@####")),
    Trap("masked cards", "moyen", lambda rng, _: f"4970 **** **** {rng.randrange(10_000):04}", frozenset({Kind.CARD})),
    Trap("licence keys", "cle_licence", _pattern("@@@@@-@@@@@-#####-@@@@@")),
    Trap("GTIN-14", "gtin14", _digits(14, "1")),
    Trap("samples: day and counter, ten digits", "etiquette", lambda rng, _: f"{rng.randrange(1, 29):02}{rng.randrange(1, 13):02}21{rng.randrange(10**4):04}"),
    Trap("customers with leading zeros", "compte_client", lambda rng, _: f"{rng.randrange(10**6):010}"),
    Trap("times of four digits", "hhmm", lambda rng, _: f"{rng.randrange(24):02}{rng.randrange(60):02}"),
    Trap("times of six digits", "hhmmss", lambda rng, _: f"{rng.randrange(24):02}{rng.randrange(60):02}{rng.randrange(60):02}"),
    Trap("days without a year", "jour_mois", lambda rng, _: f"{rng.randrange(1, 29):02}.{rng.randrange(1, 13):02}"),
    Trap("quarters", "trimestre", lambda rng, _: f"T{rng.randrange(1, 5)} {rng.randrange(2015, 2022)}"),
    Trap("levels of a language", "niveau_langue", _one_of("A1", "A2", "B1", "B2", "C1", "C2")),
    Trap("vitamins", "vitamine", _one_of("A", "B1", "B6", "B9", "B12", "C", "D3", "E", "K1")),
    Trap("rooms", "salle", lambda rng, _: f"{rng.choice('ABC')}{rng.randrange(100, 420)}"),
    Trap("floors", "etage_bat", _one_of("RDC", "R+1", "R+2", "R+3", "SS")),
    Trap("squares of a map", "carreau", lambda rng, _: f"{rng.choice('ABCDEFGHIJ')}{rng.randrange(1, 20)}"),
    Trap("scores of matches", "resultat_match", lambda rng, _: f"{rng.randrange(5)}-{rng.randrange(5)}"),
    Trap("draws of a lottery", "tirage", lambda rng, _: " ".join(str(number) for number in sorted(rng.sample(range(1, 50), 5)))),
    Trap("chess", "coup", lambda rng, _: f"{rng.choice('NBRQK')}{rng.choice('abcdefgh')}{rng.randrange(1, 9)}"),
    Trap("DNA", "sequence", lambda rng, _: "".join(rng.choices("ACGT", k=24))),
    Trap("chemical elements", "element", _one_of(*ELEMENTS)),
    Trap("genotypes", "allele", _one_of("AA", "AB", "BB", "AO", "OO", "BO")),
    Trap("cheeses, most of them communes", "fromage", _one_of(*CHEESES)),
    Trap("dogs", "animal_nom", _one_of(*DOGS)),
    Trap("clubs", "club", _one_of(*CLUBS)),
    Trap("books", "titre_livre", _one_of(*BOOKS)),
    Trap("wards", "unite_fonctionnelle", _one_of(*WARDS)),
    Trap("brands", "marque", _one_of(*BRANDS)),
    Trap("colours in capitals", "teinte", _one_of("ROUGE", "BLEU", "VERT", "JAUNE", "NOIR", "BLANC", "GRIS", "ROSE", "VIOLET", "ORANGE", "MARRON", "BEIGE", "BRUN")),
    Trap("versions of four small numbers", "firmware", lambda rng, _: f"{rng.randrange(1, 4)}.{rng.randrange(10)}.{rng.randrange(10)}.{rng.randrange(60)}"),
    Trap("hosts with an at sign", "source_log", lambda rng, row: f"root@srv{row % 7}"),
    Trap("lines of a log", "log", lambda rng, row: f"2021-02-{1 + row % 28:02} 12:00:{row % 60:02} INFO job {row} done"),
    Trap("SQL", "requete", lambda rng, row: f"SET n={row}; COMMIT"),
    Trap("HTML", "html", lambda rng, row: f"<td class='n'>{rng.randrange(900)}</td>"),
    Trap("lists in a cell", "tags", lambda rng, _: ",".join(rng.sample(TOOLS, 3))),
    Trap("lists of numbers in a cell", "ids", lambda rng, _: ";".join(str(rng.randrange(10**6)) for _ in range(3))),
    Trap("key and value", "options", lambda rng, _: f"color={rng.choice(TOOLS)};qty={rng.randrange(9)}"),
    Trap("telephones of France of an institution", "standard_unique", _one_of("0299000000", "0297000000")),
    Trap("coordinates in degrees", "position", lambda rng, _: f"{rng.randrange(41, 51)}°{rng.randrange(60):02}'{rng.randrange(60):02}\"N", frozenset({Kind.LATITUDE})),
    Trap("areas with units", "superficie", lambda rng, _: f"{rng.randrange(10, 500)} m2", frozenset({Kind.RESULT})),
    Trap("prices with a unit", "prix_kg", lambda rng, _: f"{rng.randrange(1, 40)},{rng.randrange(100):02} €/kg", frozenset({Kind.RESULT})),
    Trap("fractions", "proportion", lambda rng, _: f"{rng.randrange(1, 9)}/8"),
    Trap("signed numbers", "delta", lambda rng, _: f"{rng.choice('+-')}{rng.randrange(900)}"),
    Trap("scientific notation", "flux", lambda rng, _: f"{rng.uniform(1, 9):.3f}E-0{rng.randrange(1, 9)}"),
)  # fmt: skip
"""Traps thought of after the doubts were written, and scored before anything was changed for them."""

SIZES = (1500, 400, 60)


def traps(seed: int = 41, known: tuple[Trap, ...] = TRAPS) -> Iterator[Drawn]:
    """Yield every trap with its header and without, at several sizes and alone; misleading headers with theirs only."""
    for number, trap in enumerate(known):
        for header in (trap.header, ""):
            for size in SIZES[:: 2 if header else 1]:
                yield _drawn(trap, header, size, seed + number)
    for number, trap in enumerate(MISLEADING if known is TRAPS else ()):
        for size in SIZES[:2]:
            yield _drawn(trap, trap.header, size, seed + 1000 + number)
    for number, trap in enumerate(known):
        yield _drawn(trap, "", 1, seed + 2000 + number)


def _drawn(trap: Trap, header: str, size: int, seed: int) -> Drawn:
    rng = random.Random(f"{seed}:{size}:{header}")
    return Drawn(trap.name, header, tuple(trap.fill(rng, row) for row in range(size)), trap.fair)


# --- columns that are what they are ------------------------------------------------------------------------------


@dataclass(frozen=True)
class Genuine:
    """A column of a kind: the header of a laboratory's software, and how a row fills it."""

    kind: Kind
    header: str
    fill: Fill
    numeric: bool = False
    """Whether a spreadsheet would take it for a number and drop its leading zeros."""
    fair: frozenset[Kind] = frozenset()


@cache
def _communes() -> tuple[tuple[str, str, str], ...]:
    known = lexicon.communes()
    return tuple(zip(known.postcode, known.name, known.insee, strict=True))


@cache
def _frequent(which: str) -> tuple[list[str], list[int]]:
    """Return names with their births: what a French file holds, the frequent ones often."""
    if which == "surname":
        table = lexicon.surname_frequencies()
        return list(table.names), [int(total) for total in table.counts.sum(axis=1, dtype=int)]
    names: dict[str, int] = {}
    for sex in ("F", "M"):
        first = lexicon.first_name_frequencies(sex)
        for name, total in zip(first.names, first.counts.sum(axis=1, dtype=int), strict=True):
            names[name] = names.get(name, 0) + int(total)
    return list(names), list(names.values())


def surname(rng: random.Random, _: int = 0) -> str:
    """Return a surname as often as France bears it."""
    return (
        rng.choices(*_frequent("surname"))[0] if rng.random() < 0.02 else _drawn_names("surname")[rng.randrange(4000)]
    )


def first_name(rng: random.Random, _: int = 0) -> str:
    """Return a first name as often as France gives it."""
    return _drawn_names("first")[rng.randrange(4000)]


@cache
def _drawn_names(which: str) -> list[str]:
    names, weights = _frequent(which)
    return random.Random(7).choices(names, weights, k=4000)


def nir_of(rng: random.Random, year: int, month: int, sex: str, keyed: bool = True) -> str:
    """Return a NIR, its place and rank drawn at random."""
    number = (
        f"{sex}{year % 100:02}{month:02}{rng.randrange(1, 96):02}{rng.randrange(1, 600):03}{rng.randrange(1, 999):03}"
    )
    return number + f"{key(number):02}" if keyed else number


def _nir(keyed: bool = True, grouped: bool = False) -> Fill:
    def fill(rng: random.Random, _: int) -> str:
        number = nir_of(rng, rng.randrange(1925, 2021), rng.randrange(1, 13), rng.choice("12"), keyed)
        cuts = (0, 1, 3, 5, 7, 10, 13, 15)
        return " ".join(number[a:b] for a, b in pairwise(cuts)) if grouped else number

    return fill


def _iban(rng: random.Random, _: int) -> str:
    account = f"{rng.randrange(10**22):023}"
    return f"FR{98 - int(account + '152700') % 97:02}{account}"


def _mail(rng: random.Random, row: int) -> str:
    return f"{first_name(rng).lower().replace(' ', '-')}.{row}@{rng.choice(['example.org', 'mail.example.fr', 'example.com'])}".encode(
        "ascii", "ignore"
    ).decode()


def _commune(place: int) -> Fill:
    return lambda rng, _: rng.choice(_communes())[place]


def _street(rng: random.Random, _: int = 0) -> str:
    return f"{rng.randrange(1, 120)} {rng.choice(['rue', 'RUE', 'avenue', 'bd', 'impasse', 'allée', 'chemin', 'place'])} {rng.choice(['des Lilas', 'de la Gare', 'Victor Hugo', 'du Port', 'Jean Moulin', 'des Ajoncs', 'du Général Leclerc'])}"


def _phone(first: str, grouped: str = "") -> Fill:
    return lambda rng, _: grouped.join([f"0{rng.choice(first)}", *(f"{rng.randrange(100):02}" for _ in range(4))])


ATC = (
    "N02BE01",
    "H03AA01",
    "B01AC06",
    "C10AA05",
    "A10BA02",
    "C09AA05",
    "A02BC05",
    "J01CA04",
    "N05BA12",
    "R03AC02",
    "M01AE01",
    "B01AA03",
    "L04AB02",
    "G03AA07",
    "J05AR20",
    "N06AB03",
    "C07AB07",
    "S01ED01",
    "V03AB15",
    "D07AC01",
    "P01BA02",
)
CIM10 = (
    "E11.9",
    "I10",
    "C50.9",
    "J45.0",
    "F32.1",
    "B20",
    "Z34.9",
    "K35.8",
    "N18.5",
    "M54.5",
    "G40.9",
    "I21.0",
    "O80",
    "E78.0",
    "F10.2",
    "H25.9",
    "L40.0",
    "D50.9",
    "A09",
    "B18.2",
    "C34.1",
    "R07.4",
    "S72.0",
    "T78.4",
    "Z51.1",
    "I48.9",
    "J18.9",
    "N39.0",
    "K21.0",
    "E66.0",
    "F20.0",
    "G20",
    "M17.1",
    "E03.9",
)
LINES = frozenset({Kind.LANDLINE, Kind.MOBILE, Kind.PHONE})
GENUINE: tuple[Genuine, ...] = (
    Genuine(Kind.NIR, "num_secu", _nir()),
    Genuine(Kind.NIR, "nir", _nir(grouped=True)),
    Genuine(Kind.NIR, "nir13", _nir(keyed=False)),
    Genuine(Kind.RPPS, "rpps", lambda rng, _: checked_by_luhn(f"10{rng.randrange(10**8):08}")),
    Genuine(Kind.FINESS, "finess", lambda rng, _: checked_by_luhn(f"{rng.choice(['75', '35', '29', '56', '01', '06'])}0{rng.randrange(10**5):05}"), True),
    Genuine(Kind.SIRET, "siret", lambda rng, _: checked_by_luhn(checked_by_luhn(f"{rng.randrange(3 * 10**7, 9 * 10**7)}") + f"{rng.randrange(40):04}")),
    Genuine(Kind.IBAN, "iban", _iban),
    Genuine(Kind.CARD, "num_carte", lambda rng, _: checked_by_luhn(f"4{rng.randrange(10**14):014}")),
    Genuine(Kind.EMAIL, "mel", _mail),
    Genuine(Kind.MOBILE, "portable", _phone("67"), True, LINES),
    Genuine(Kind.MOBILE, "mobile", _phone("67", " "), False, LINES),
    Genuine(Kind.LANDLINE, "tel_fixe", _phone("12345", "."), False, LINES),
    Genuine(Kind.LANDLINE, "tel_dom", _phone("12345"), True, LINES),
    Genuine(Kind.BIRTH_DATE, "ddn", _day(1925, 2021, "%d/%m/%Y")),
    Genuine(Kind.BIRTH_DATE, "date_naissance", _day(1925, 2021, "%Y%m%d")),
    Genuine(Kind.SAMPLE_DATE, "date_prelevement", _day(2015, 2021, "%Y-%m-%d"), False, frozenset({Kind.DATE})),
    Genuine(Kind.SEX, "sexe", _one_of("M", "F")),
    Genuine(Kind.TITLE, "civilite", _one_of("M.", "Mme", "Mlle")),
    Genuine(Kind.SURNAME, "nom", surname, False, frozenset({Kind.BIRTH_NAME})),
    Genuine(Kind.FIRST_NAME, "prenom", first_name),
    Genuine(Kind.ADDRESS, "adresse", _street),
    Genuine(Kind.POSTCODE, "cp", _commune(0), True),
    Genuine(Kind.COMMUNE, "ville", _commune(1), False, frozenset({Kind.BIRTH_PLACE})),
    Genuine(Kind.INSEE_COMMUNE, "code_insee", _commune(2), True),
    Genuine(Kind.BLOOD_GROUP, "groupe_sanguin", _one_of("A+", "O+", "O-", "AB+", "B-", "A-")),
    Genuine(Kind.ATC, "atc", _one_of(*ATC)),
    Genuine(Kind.CIM10, "cim10", _one_of(*CIM10)),
    Genuine(Kind.CIP, "cip", lambda rng, _: ean(f"34009{rng.choice('2345')}{rng.randrange(10**6):06}")),
    Genuine(Kind.PASSWORD_HASH, "mdp_hash", _pattern("$2y$10$@~#@~#@~#@~#@~#@~#@~#@~#@~#@~#")),
    Genuine(Kind.IP, "ip_client", lambda rng, _: f"{rng.randrange(1, 223)}.{rng.randrange(256)}.{rng.randrange(256)}.{rng.randrange(1, 255)}"),
)  # fmt: skip

DIRT = ("?", "inconnu", "NC", "X", "à vérifier", "0", "-", "néant", "voir dossier", "00/00/0000", "#N/A", "TEST")
SHARES = (0.0, 0.01, 0.03, 0.05)


def _plain(text: str) -> str:
    return text


SPOILT: tuple[tuple[str, Callable[[str], str]], ...] = (
    ("as it is", _plain),
    ("blanks around", lambda text: f"  {text} \xa0"),
    ("quotes around", lambda text: f'"{text}"'),
    ("an apostrophe before", lambda text: f"'{text}"),
)


def genuine_columns(seed: int = 91, *, header: bool = True, size: int = 800) -> Iterator[tuple[str, float, Drawn]]:
    """Yield every true column in every state of dirt and spoiling: how it is spoilt, the share of dirt, the column."""
    for number, entry in enumerate(GENUINE):
        ways = list(SPOILT)
        if entry.numeric:
            ways += [("leading zeros lost", lambda text: text.lstrip("0"))]
        for way, spoil in ways:
            for share in SHARES:
                rng = random.Random(f"{seed}:{number}:{way}:{share}")
                cells = tuple(
                    rng.choice(DIRT) if rng.random() < share else spoil(entry.fill(rng, row)) for row in range(size)
                )
                yield (
                    way,
                    share,
                    Drawn(entry.kind.value, entry.header if header else "", cells, entry.fair | {entry.kind}),
                )
