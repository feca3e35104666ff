"""Persons, roles, combinations and plausibility against a slow reference, written from the rules in the docstrings.

The reference reads rows as lists of cells and joins them by union-find; tables are drawn at random from few values, so
that rows agree, contradict and lack things in every way the rules speak of.
"""

import random
from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from etanche import assess, facts
from etanche.assess import Circumstances
from etanche.engines import Engine
from etanche.listening import Here
from etanche.model import Category, Column, Dialect, Kind, Ledger, Reason, Role, Sample

KINDS = (
    ("nir", Kind.NIR, Role.PATIENT),
    ("surname", Kind.SURNAME, Role.PATIENT),
    ("birth_name", Kind.BIRTH_NAME, Role.PATIENT),
    ("first", Kind.FIRST_NAME, Role.PATIENT),
    ("sex", Kind.SEX, Role.PATIENT),
    ("born", Kind.BIRTH_DATE, Role.PATIENT),
    ("mobile", Kind.MOBILE, Role.PATIENT),
    ("landline", Kind.LANDLINE, Role.PATIENT),
    ("address", Kind.ADDRESS, Role.PATIENT),
    ("postcode", Kind.POSTCODE, Role.PATIENT),
    ("email", Kind.EMAIL, Role.PATIENT),
    ("password", Kind.PASSWORD, Role.PATIENT),
    ("spouse", Kind.SURNAME, Role.SPOUSE),
    ("rpps", Kind.RPPS, Role.PRESCRIBER),
)
VALUES = {
    "nir": ("280035696000172", "179125696100137", "2800356960001", "112075696", "180075696000199"),
    "surname": ("MARTIN", "Martín", "LE GOFF", "LEGOFF", "ANNA"),
    "birth_name": ("MARTIN", "DURAND"),
    "first": ("ANNA", "ANNIE", "LEO", "MARTIN", "Léo"),
    "sex": ("F", "M"),
    "born": ("02/03/1980", "03/02/1980", "01/12/1979", "31/02/1980", "00/00/0000", "5/6/2012", "05/06/2012"),
    "mobile": ("0639980012", "0261910001", "0800000000", "06399"),
    "landline": ("0261910001", "0639980012"),
    "address": ("1 RUE BASSE", "2 RUE HAUTE"),
    "postcode": ("56100", "35000"),
    "email": ("a@example.org", "b@example.org", "b(at)example.org"),
    "password": ("azerty", "Azerty", "soleil"),
    "spouse": ("DURAND", "PETIT"),
    "rpps": ("10990000019", "10990000084"),
}


@dataclass(frozen=True)
class Part:
    data: bytes
    dialect: Dialect
    rows: int
    places: tuple[int, ...] = ()


def tidy(name):
    return name.translate(str.maketrans("íéÉ", "ieE", " -'")).upper() if name else None


def day(text):
    try:
        return datetime.strptime(text, "%d/%m/%Y").date() if text else None  # noqa: DTZ007 - a day has no zone
    except ValueError:
        return None


def number(row):
    """Return the thirteen digits of a NIR; None for what cannot be one."""
    return row["nir"][:13] if len(row.get("nir", "")) > 12 else None


def agreement(row):
    """Return whether the NIR agrees with sex and with birth; None where undecided."""
    digits, born = number(row) or "", day(row.get("born"))
    sex = {"1": "M", "2": "F"}[digits[0]] == row["sex"] if len(digits) == 13 and row.get("sex") else None
    birth = digits[1:5] == f"{born:%y%m}" if len(digits) == 13 and born and "01" <= digits[3:5] <= "12" else None
    return sex, birth


def line(text):
    """Return what somebody is reached by; None for a telephone that stands where none is known."""
    return None if text == "0800000000" else text


def keys(row, held):
    """Yield the keys of a row by the rules of persons/keys.py; `held` are the columns that the file has."""
    digits = number(row)
    surname, other, first = (tidy(row.get(name)) for name in ("surname", "birth_name", "first"))
    when = day(row.get("born"))
    born = (when.year, *sorted((when.month, when.day))) if when else None
    given = first if "first" in held else surname
    start = given[:3] if given and "first" in held else given
    if digits:
        yield from nir_keys(digits, agreement(row), given, start, born, held)
    for family in (surname, other):
        if family and born and "first" not in held and "surname" in held:
            yield "name", family, born
        elif family and first and born:
            yield "name", *sorted((family, first)), born
    phone = line(row.get("mobile") or row.get("landline"))
    if start and born and phone:
        yield "phone", start, born, phone
    if start and born and row.get("address") and row.get("postcode"):
        yield "address", start, born, row["address"], row["postcode"]
    if not digits:
        yield from weak_keys(row, held, surname, first, born)


def nir_keys(digits, agreed, given, start, born, held):
    dependant = False in agreed
    own = agreed[1] is True and not dependant
    if own or not (given or born):
        yield "nir", digits
    if given and not own:
        yield "given", "dependant", digits, given
    if given and not dependant:
        yield "given", "bearer", digits, given
    if born:
        yield "start", digits, start or "", born
    elif "born" not in held and start:
        yield "start", digits, start


def weak_keys(row, held, surname, first, born):
    names = [name for column, name in (("surname", surname), ("first", first)) if column in held]
    contact = line(row.get("email") or row.get("mobile") or row.get("landline") or row.get("address"))
    alone = line(row.get("email") or row.get("mobile"))
    if any(names) and contact and not born:
        yield "contact", *(name or "" for name in names), contact
    elif names and all(names) and "born" not in held:
        yield "only-name", *names
    elif not born and alone and not any(names):
        yield "alone", alone
    elif born and alone and not any(names):
        yield "alone", alone, born


def persons_of(rows, held):
    """Return the number of the first row of each row's person."""
    parent = list(range(len(rows)))

    def root(row):
        while parent[row] != row:
            row = parent[row]
        return row

    def join(places):
        for place in places:
            one, other = sorted((root(places[0]), root(place)))
            parent[other] = one

    holders = defaultdict(list)
    for place, row in enumerate(rows):
        for key in keys(row, held):
            holders[key].append(place)
    # Rows that have the key of the usual name: they tell persons apart.
    whole = {
        place
        for place, row in enumerate(rows)
        if row.get("surname") and day(row.get("born")) and (row.get("first") or "first" not in held)
    }
    late = ("given", "contact", "only-name", "alone")
    for key in holders:
        if key[0] not in late:
            join(holders[key])
    meant = [key for key in holders if key[0] == "given" and len({root(p) for p in holders[key] if p in whole}) <= 4]
    for key in [*meant, *(key for key in holders if key[0] in late[1:])]:
        join(holders[key])
    return [root(row) for row in range(len(rows))]


def counted(held, rows):
    """Return the engine's census of these rows."""
    named = [entry for entry in KINDS if entry[0] in held]
    columns = tuple(
        Column(at, name, kind, role, 1.0, Reason("header"), "%d/%m/%Y" if kind is Kind.BIRTH_DATE else "")
        for at, (name, kind, role) in enumerate(named)
    )
    cells = [[row.get(name) or "" for name, _, _ in named] for row in rows]
    # Twenty filled cells and more: verdicts are final, as a long sample's are.
    sample = Sample(tuple(held), True, tuple(("x",) * 30 for _ in named))
    half = len(cells) // 2
    parts = [
        Part("".join("\t".join(row) + "\n" for row in some).encode(), Dialect("\t"), len(some))
        for some in (cells[:half], cells[half:])
        if some
    ]
    with Engine() as engine:
        topics = {"hiv": Category.HEALTH}
        loaded = facts.load(engine, parts, columns, sample, (), ears=Here(tuple(topics)), topics=topics)
        ledger = Ledger(len(rows), 0, len(rows), 0, len(rows), 0, {})
        when = date(2021, 2, 1)
        return assess.census(
            engine, loaded.counted, loaded.figures, loaded.persons, ledger, Circumstances(), when, when
        )


@pytest.mark.parametrize("lacking", [(), ("birth_name", "rpps"), ("born",), ("first",), ("surname", "first"), ("nir",)])
@settings(max_examples=3, deadline=None, phases=[Phase.generate])
@given(seed=st.integers(0, 10**6), filled=st.sampled_from([0.3, 0.6, 0.9]))
def test_persons_roles_and_combinations_follow_the_rules(lacking, seed, filled):
    draw = random.Random(seed)
    held = [name for name, _, _ in KINDS if name not in lacking]
    rows = [{name: draw.choice(VALUES[name]) for name in held if draw.random() < filled} for _ in range(40)]
    rows = [row or {held[0]: VALUES[held[0]][0]} for row in rows]
    census = counted(held, rows)
    label = persons_of(rows, held)
    held_by = defaultdict(set)
    for row, who in zip(rows, label, strict=True):
        held_by[who] |= set(row)
    patient = {name for name, _, role in KINDS if role is Role.PATIENT}
    patients = {who for who, names in held_by.items() if names & patient}
    assert census.persons == len(patients)

    def holding(*groups):
        return sum(all(held_by[who] & set(group.split()) for group in groups) for who in patients)

    combinations = {
        "nir_birth_date_address": holding("nir", "born", "address"),
        "identity_full": holding("surname birth_name", "born", "address"),
        "password_email": holding("password", "email"),
    }
    found = {name: census.combinations[name].count for name in combinations if name in census.combinations}
    assert found == {name: count for name, count in combinations.items() if count}
    owners = defaultdict(set)
    for row, who in zip(rows, label, strict=True):
        owners[row.get("password")].add(who)
    reused = set().union(*(who for word, who in owners.items() if word and len(who) > 1))
    share = census.combinations.get("password_reused")
    assert (share.count if share else 0) == len(reused)
    spouses = {(who, row["spouse"]) for row, who in zip(rows, label, strict=True) if "spouse" in row}
    assert census.roles.get(Role.SPOUSE, 0) == len(spouses)
    assert census.roles.get(Role.PRESCRIBER, 0) == len({row["rpps"] for row in rows if "rpps" in row})
    assert census.categories.get(Category.NIR, 0) == holding("nir")
    assert census.categories.get(Category.CREDENTIALS, 0) == holding("password")
    check_plausibility(census, rows)
    check_counts(census, rows)
    check_ages(census, rows, label, patients)


def check_plausibility(census, rows):
    for name, said in (
        ("nir_sex", [agreement(row)[0] for row in rows]),
        ("nir_birth_date", [agreement(row)[1] for row in rows]),
    ):
        decided = [one for one in said if one is not None]
        share = census.plausibility.get(name)
        assert (share.count, share.of) == (sum(decided), len(decided)) if share else not decided


def check_counts(census, rows):
    """Landline and mobile by the number, whatever the column; rows with any, with a valid one, distinct values."""
    by_kind = defaultdict(lambda: [set(), set(), set()])
    for number, row in enumerate(rows):
        for name in ("mobile", "landline"):
            if text := row.get(name):
                french = len(text) == 10 and text[1] in "12345967"
                kind = ("mobile" if text[1] in "67" else "landline") if french else name
                for at, value in enumerate((number, number if french else None, text)):
                    by_kind[kind][at].add(value)
    for kind, sets in by_kind.items():
        count = census.counts[Kind(kind)]
        assert (count.rows, count.valid, count.distinct) == tuple(len(one - {None}) for one in sets)


def check_ages(census, rows, label, patients):
    births = defaultdict(list)
    for row, who in zip(rows, label, strict=True):
        if who in patients and (when := day(row.get("born"))):
            births[who].append(when)
    ages = [2021 - when.year - ((when.month, when.day) > (2, 1)) for when in (min(days) for days in births.values())]
    assert census.minors == sum(age < 18 for age in ages)
    assert census.age_bands.get("unknown", 0) == len(patients) - len(ages)
