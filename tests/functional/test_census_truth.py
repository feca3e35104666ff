"""The census against two others who counted: the replica's truth, and a counter here that shares no code with triage.

What is compared, for every layout:

1. `lines`, `rows`, `quarantined`; each column's filled, valid and distinct cells; counts by kind, by kind and role;
   sexes, titles, dates, départements, months, laboratories, NIR against sex and birth date: exactly, three times over
   (census, truth where it has the figure, this counter).
2. Persons and what is counted by person: within 0.5 % of the replica's own persons.
3. Without a header some columns cannot be told (a birth place from a commune, a spouse from another person): their kind
   must then be a more general one, never a wrong one; a column's figures are exact whatever it is called, and a kind's
   wherever the same columns hold it.
"""

import csv
import io
import json
import re
import subprocess
import sys
from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pytest

ROWS = 1_500
ETANCHE = Path(sys.executable).with_name("etanche")


@dataclass(frozen=True)
class Layout:
    seed: int
    delimiter: str
    encoding: str
    header: bool = True
    more: tuple[str, ...] = ()

    @property
    def day(self):
        return self.more[self.more.index("--date-layout") + 1] if "--date-layout" in self.more else "%d/%m/%Y"


LAYOUTS = {
    "model": Layout(2021, ";", "cp1252"),
    "tab-utf8-english": Layout(1, "\t", "utf-8", more=("--columns", "english", "--bom")),
    "semicolon-utf16-snake-shuffled": Layout(2, ";", "utf-16", more=("--columns", "snake", "--shuffle")),
    "tab-cp1252-quoted": Layout(3, "\t", "cp1252", more=("--quoted", "--lf")),
    "comma-utf8-camel-quoted-shuffled": Layout(
        4, ",", "utf-8", more=("--columns", "camel", "--quoted", "--shuffle", "--date-layout", "%Y-%m-%d")
    ),
    "tab-utf16-no-header": Layout(1, "\t", "utf-16", header=False),
    "semicolon-cp1252-no-header-quoted": Layout(2, ";", "cp1252", header=False, more=("--quoted",)),
    "semicolon-utf8-no-header": Layout(3, ";", "utf-8", header=False),
}

GENERAL = {
    "birth_name": {"surname"},
    "birth_place": {"commune"},
    "sample_date": {"date"},
    "visit_date": {"date"},
    "death_date": {"date"},
    "pregnancy": {"boolean", "unknown"},
    "amc": {"identifier", "number"},
    "nabm": {"identifier", "number"},
    "doctor": {"full_name"},
    "identifier": {"unknown"},
    "login": {"unknown"},
    "password": {"unknown"},
}
"""What a column without a name may be taken for, beside what it is: less is said, nothing wrong is."""


@dataclass(frozen=True)
class Outcome:
    layout: Layout
    census: dict
    truth: dict
    rows: list[list[str]]
    lines: int
    person: list[str]
    """The true person of each row."""

    def column(self, legacy):
        index = [one["legacy"] for one in self.truth["columns"]].index(legacy)
        return [row[index] for row in self.rows]


def etanche(*words):
    done = subprocess.run([ETANCHE, *words], capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()[-500:]
    return done.stdout


@pytest.fixture(scope="module", params=list(LAYOUTS))
def outcome(request, tmp_path_factory):
    layout, folder = LAYOUTS[request.param], tmp_path_factory.mktemp(request.param)
    options = ["--delimiter", layout.delimiter, "--encoding", layout.encoding, "--seed", str(layout.seed)]
    options += layout.more if layout.header else (*layout.more, "--no-header")
    etanche("replica", folder / "twin", "--rows", str(ROWS), *options)
    leak = folder / "twin/leak.txt"
    census = json.loads(etanche("triage", leak, "--case", folder / "case", "--json"))
    assert census == json.loads((folder / "case/census.json").read_text())
    text = leak.read_bytes().decode("utf-8-sig" if layout.encoding == "utf-8" else layout.encoding)
    assert "\x00" not in text
    quoting = csv.QUOTE_MINIMAL if "--quoted" in layout.more else csv.QUOTE_NONE
    rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=layout.delimiter, quoting=quoting))
    with (folder / "twin/truth-persons.csv").open() as file:
        person = [row["person"] for row in csv.DictReader(file, delimiter=";")]
    truth = json.loads((folder / "twin/truth.json").read_text())
    return Outcome(layout, census, truth, rows[layout.header :], text.count("\n"), person)


# The counter: every check written again, from the standards.


def luhn(digits):
    twice = [int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(digits))]
    return digits.isdigit() and sum(n - 9 if n > 9 else n for n in twice) % 10 == 0


def nir(text):
    if not re.fullmatch(r"[12]\d{4}(\d\d|2[AB])\d{8}", text):
        return False
    number = int(text[:13].replace("2A", "19").replace("2B", "18"))
    return int(text[13:]) == 97 - number % 97


def day(text, layout):
    try:
        return datetime.strptime(text, layout).date().isoformat()  # noqa: DTZ007 - a day has no zone
    except ValueError:
        return None


def iban(text):
    turned = text[4:] + text[:4]
    return bool(re.fullmatch(r"FR\d{25}", text)) and int("".join(str(int(sign, 36)) for sign in turned)) % 97 == 1


PATTERNS = {
    "email": r"[\w.+-]+@[\w-]+(\.[\w-]+)+",
    "postcode": r"\d{5}",
    "insee_commune": r"(\d\d|2[AB])\d{3}",
    "blood_group": r"(A|B|AB|O)[+-]",
    "cim10": r"[A-Z]\d\d(\.?\d{1,2})?",
    "sex": r"[FM]",
}
CHECKS = {
    "nir": nir,
    "iban": iban,
    "rpps": lambda text: len(text) == 11 and luhn(text),
    "finess": lambda text: len(text) == 9 and luhn(text),
    "landline": lambda text: bool(re.fullmatch(r"0[1-59]\d{8}", text)),
    "mobile": lambda text: bool(re.fullmatch(r"0[67]\d{8}", text)),
    **{kind: lambda text, pattern=pattern: bool(re.fullmatch(pattern, text)) for kind, pattern in PATTERNS.items()},
}


def is_valid(kind, text, layout):
    if kind in {"birth_date", "death_date", "sample_date", "visit_date"}:
        return day(text, layout) is not None
    return kind not in CHECKS or CHECKS[kind](text)


def counted(outcome, columns):
    """Count some columns together, as design.md defines `counts`."""
    cells = [[row[at] for row in outcome.rows] for at, _ in columns]
    good = [
        [text != "" and is_valid(kind, text, outcome.layout.day) for text in column]
        for column, (_, kind) in zip(cells, columns, strict=True)
    ]
    return {
        "rows": sum(any(row) for row in zip(*cells, strict=True)),
        "valid": sum(any(row) for row in zip(*good, strict=True)),
        "distinct": len({text for column in cells for text in column if text}),
    }


def by_kind(outcome, role=None):
    """Count the kinds of a role, or of everyone, in the columns that truth.json says hold them."""
    columns = defaultdict(list)
    for at, one in enumerate(outcome.truth["columns"]):
        if role in {None, one["role"]} and one["kind"] != "empty":
            columns[one["kind"]].append((at, one["kind"]))
    return {kind: counted(outcome, members) for kind, members in columns.items()}


def close(figure, truth):
    return abs(figure - truth) <= max(1, 0.005 * truth)


# What is compared.


def test_no_line_is_lost(outcome):
    assert outcome.census["rows"] == len(outcome.rows) == outcome.truth["rows"] == ROWS
    assert outcome.census["lines"] == outcome.lines == outcome.truth["lines"]
    assert outcome.census["quarantined"] == outcome.truth["quarantined"] == 0


def test_every_column_is_what_it_is_or_said_to_be_less(outcome):
    assert len(outcome.census["columns"]) == len(outcome.truth["columns"])
    for found, true in zip(outcome.census["columns"], outcome.truth["columns"], strict=True):
        if outcome.layout.header:
            assert (found["name"], found["kind"], found["role"]) == (true["name"], true["kind"], true["role"])
        else:
            assert found["kind"] in {true["kind"]} | GENERAL.get(true["kind"], set()), true["legacy"]


def test_every_column_is_counted_exactly(outcome):
    for at, (found, true) in enumerate(zip(outcome.census["columns"], outcome.truth["columns"], strict=True)):
        mine = counted(outcome, [(at, true["kind"])])
        assert [true[name] for name in ("filled", "valid", "distinct")] == list(mine.values()), true["legacy"]
        names = ("filled", "valid", "distinct") if found["kind"] == true["kind"] else ("filled", "distinct")
        assert [found[name] for name in names] == [true[name] for name in names], true["legacy"]


def test_every_kind_is_counted_exactly(outcome):
    mine, census = by_kind(outcome), outcome.census["counts"]
    assert {kind: count for kind, count in mine.items() if count["rows"]} == outcome.truth["counts"]
    if outcome.layout.header:
        assert census == mine
        return
    held = [defaultdict(set), defaultdict(set)]
    for columns, by in zip((outcome.census["columns"], outcome.truth["columns"]), held, strict=True):
        for at, one in enumerate(columns):
            by[one["kind"]].add(at)
    same = {kind for kind in mine if held[0][kind] == held[1][kind]}
    # The kinds that no name is needed for: they must be among those compared.
    assert same >= {"nir", "email", "rpps", "finess", "postcode", "birth_date", "blood_group", "iban", "comment", "sex"}
    assert {kind: census[kind] for kind in same} == {kind: mine[kind] for kind in same}


def test_every_kind_of_every_role_is_counted_exactly(outcome):
    roles = {one["role"] for one in outcome.truth["columns"]}
    mine = {role: by_kind(outcome, role) for role in roles}
    assert mine == outcome.truth["counts_by_role"]
    if outcome.layout.header:
        assert outcome.census["counts_by_role"] == mine


def test_rows_are_spread_as_counted(outcome):
    assert outcome.census["sexes"] == Counter(filter(None, outcome.column("SEXE"))) == outcome.truth["sexes"]
    assert outcome.census["titles"] == Counter(filter(None, outcome.column("TITRE"))) == outcome.truth["titles"]
    laboratories = Counter(filter(None, outcome.column("NOM_LABO")))
    assert outcome.census["laboratories"] == laboratories == outcome.truth["laboratories"]
    for role, legacy in (("patient", "CODE_POSTAL"), ("prescriber", "CP_MEDECIN")):
        codes = Counter(postcode[: 3 if postcode[:2] == "97" else 2] for postcode in outcome.column(legacy) if postcode)
        assert "20" not in codes
        assert outcome.census["departements"][role] == codes == outcome.truth["departements"][role]


def test_days_are_bounded_as_counted(outcome):
    legacy = {"birth_date": ("DATE_NAISSANCE", "DATE_NAISSANCE_ASSURE"), "death_date": ("DATE_DECES",)}
    legacy |= {"sample_date": ("DATE_PRELEVEMENT",), "visit_date": ("DERNIERE_VISITE",)}
    for kind, names in legacy.items():
        days = [day(text, outcome.layout.day) for name in names for text in outcome.column(name)]
        days = [one for one in days if one]
        if not days:
            assert kind not in outcome.truth["dates"]
        elif outcome.layout.header:
            bounds = {"min": min(days), "max": max(days)}
            assert outcome.census["dates"][kind] == bounds == outcome.truth["dates"][kind]
    months = Counter(day(text, outcome.layout.day)[:7] for text in outcome.column("DATE_PRELEVEMENT"))
    assert months == outcome.truth["sample_months"]
    assert outcome.census["sample_months"] == (months if outcome.layout.header else {})


def test_a_nir_is_held_against_sex_and_birth(outcome):
    numbers = outcome.column("NUM_SECU")
    sexes = [({"1": "M", "2": "F"}[number[0]], sex) for number, sex in zip(numbers, outcome.column("SEXE"), strict=True)
             if len(number) >= 13 and sex]  # fmt: skip
    days = [day(text, outcome.layout.day) for text in outcome.column("DATE_NAISSANCE")]
    births = [(number[1:5], born[2:4] + born[5:7]) for number, born in zip(numbers, days, strict=True)
              if len(number) >= 13 and born]  # fmt: skip
    found = outcome.census["plausibility"]
    for name, pairs in (("nir_sex", sexes), ("nir_birth_date", births)):
        agreeing = sum(one == other for one, other in pairs)
        assert found[name] == {"count": agreeing, "of": len(pairs), "unit": "rows"}


def test_persons_are_those_of_the_replica(outcome):
    census, truth = outcome.census, outcome.truth
    assert len(set(outcome.person)) == truth["persons"]
    assert census["roles"]["patient"] == census["persons"]
    assert close(census["persons"], truth["persons"])
    assert sum(census["age_bands"].values()) == census["persons"]
    if not outcome.layout.header:
        return
    for name in ("ordinary", "nir", "health", "credentials", "financial"):
        assert close(census["categories"].get(name, 0), truth["categories"][name]), name
    for band, persons in truth["age_bands"].items():
        assert abs(census["age_bands"].get(band, 0) - persons) <= 2 + 0.01 * persons, band


def holders(outcome, *names):
    """Return the true persons with a filled cell in all of these columns, over all their rows."""
    sets = [{who for who, text in zip(outcome.person, outcome.column(name), strict=True) if text} for name in names]
    return set.intersection(*sets)


def test_combinations_are_those_of_the_replicas_persons(outcome):
    if not outcome.layout.header:
        return
    census = outcome.census["combinations"]
    for name, columns in {
        "identity_full": ("NOM", "DATE_NAISSANCE", "ADRESSE"),
        "nir_birth_date_address": ("NUM_SECU", "DATE_NAISSANCE", "ADRESSE"),
        "password_email": ("MOT_DE_PASSE", "EMAIL"),
        "iban_identity": ("IBAN", "NOM"),
    }.items():
        assert census[name]["of"] == outcome.census["persons"]
        assert abs(census[name]["count"] - len(holders(outcome, *columns))) <= 3 + 0.006 * ROWS, name
    owners = defaultdict(set)
    for who, text in zip(outcome.person, outcome.column("MOT_DE_PASSE"), strict=True):
        owners[text].add(who)
    reusing = set().union(*(who for text, who in owners.items() if text and len(who) > 1))
    assert close(census.get("password_reused", {"count": 0})["count"], len(reusing))


def test_everyone_else_is_told_apart(outcome):
    if not outcome.layout.header:
        return
    roles, truth = outcome.census["roles"], outcome.truth["roles"]
    insured = zip(*map(outcome.column, ("NOM_ASSURE", "PRENOM_ASSURE", "DATE_NAISSANCE_ASSURE")), strict=True)
    exact = {
        "prescriber": len(set(filter(None, outcome.column("RPPS_MEDECIN")))),
        "sampler": len(set(filter(None, outcome.column("PRELEVEUR")))),
        "staff": len(set(filter(None, outcome.column("OPERATEUR")))),
        "insured": len({who for who in insured if all(who)}),
    }
    assert {role: roles[role] for role in exact} == exact == {role: truth[role] for role in exact}
    for role, name in (("spouse", "NOM_CONJOINT"), ("trusted_person", "PERSONNE_CONFIANCE")):
        assert close(roles[role], len(holders(outcome, name)))
        assert truth[role] == len(holders(outcome, name))
