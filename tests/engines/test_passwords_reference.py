"""Passwords, hashes, and what is held by role, against a plain-Python reference on small generated leaks."""

from __future__ import annotations

import doctest
import random
from collections import Counter, defaultdict
from datetime import date

import ibis
import pyarrow as pa
from counting import counted
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from etanche.assess import passwords
from etanche.identifiers import password_hash
from etanche.model import Category, Kind, Role

KINDS = (
    ("number", Kind.NIR, Role.PATIENT),
    ("surname", Kind.SURNAME, Role.PATIENT),
    ("first", Kind.FIRST_NAME, Role.PATIENT),
    ("born", Kind.BIRTH_DATE, Role.PATIENT),
    ("email", Kind.EMAIL, Role.PATIENT),
    ("login", Kind.LOGIN, Role.PATIENT),
    ("password", Kind.PASSWORD, Role.PATIENT),
    ("hash", Kind.PASSWORD_HASH, Role.PATIENT),
    ("doctor", Kind.SURNAME, Role.PRESCRIBER),
    ("rpps", Kind.RPPS, Role.PRESCRIBER),
    ("doctors_email", Kind.EMAIL, Role.PRESCRIBER),
    ("spouse", Kind.SURNAME, Role.SPOUSE),
    ("staff", Kind.LOGIN, Role.STAFF),
)
MD5, SHA1 = "5f4dcc3b5aa765d61d8327deb882cf99", "5baa61e4c9b93f3f0682250b6cf8331b7ee68fd8"
BCRYPT = "$2y$10$.vGA1O9wmRjrwAVXD98HNOgsNpDczlqm3Jq7KnEd1rVAGv3Fykk1a"
VALUES = {
    "surname": ("MARTIN", "Le Gall", "d'Hébert"),
    "first": ("Zoé", "ANNE-MARIE"),
    "email": ("zoe.legall@example.org", "m@example.org", "none"),
    "login": ("zlegall", "ab", "operateur-7"),
    "password": (
        "azerty", "Azerty123!", "12345678", "legall1980", "Zoé020380", "X7!rtu-99qQ", "zoe.legall", "Kq8#vw2Lm",
        "020380aZ!", "operateur7!", "ÉTÉÉTÉÉTÉ", "anne_marie", "Soleil2020!", "ab",
    ),
    "hash": (MD5, MD5.upper(), SHA1, BCRYPT, BCRYPT[:-1] + "b", f"{MD5}:salt", "unknown"),
    "doctor": ("DURAND", "PETIT"),
    "rpps": ("10990000019", "10990000084"),
    "doctors_email": ("dr@example.org",),
    "spouse": ("DUBOIS", "MOREAU"),
    "staff": ("op1", "op2"),
}  # fmt: skip


def weak(row):
    day, month, year = row["born"].split("/")
    names = [row[name] for name in ("surname", "first") if name in row]
    born = f"{year}-{month}-{day}"
    return passwords.weaknesses(row["password"], row.get("login", ""), names, born, row.get("email", ""))


@settings(max_examples=8, deadline=None, phases=[Phase.generate])
@given(seed=st.integers(0, 10**6), filled=st.sampled_from([0.4, 0.9]))
def test_passwords_and_roles_follow_their_rules(seed, filled):
    draw = random.Random(seed)
    rows = [row for number in range(30) for row in visits(draw, number, filled)]
    census = counted(KINDS, rows)
    check_passwords(census, rows)
    check_hashes(census.passwords, rows)
    check_roles(census, rows)


def visits(draw, number, filled):
    """Return two rows of one person, whose NIR and day of birth are nobody else's."""
    born = date(1980, 1 + number % 12, 1 + number % 28)
    sure = {"number": f"2{born:%y%m}56960{number:03}", "born": f"{born:%d/%m/%Y}"}
    words = (*VALUES["password"], f"Zx-{born:%d%m%y}!q", f"Zx-{born:%Y}!q")
    for _ in range(2):
        row = {name: draw.choice(some) for name, some in VALUES.items() if draw.random() < filled}
        yield row | sure | ({"password": draw.choice(words)} if "password" in row else {})


def check_passwords(census, rows):
    found = census.passwords
    reasons = defaultdict(set)
    for row in rows:
        if "password" in row:
            reasons[row["number"], row["password"]] |= weak(row)
    owners = defaultdict(set)
    for who, word in reasons:
        owners[word].add(who)
    shared = {word: who for word, who in owners.items() if len(who) > 1}
    assert (found.accounts, found.persons, found.distinct) == (
        len(reasons), len({who for who, _ in reasons}), len(owners),
    )  # fmt: skip
    reused = found.reused
    assert (reused.passwords, reused.accounts) == (len(shared), sum(map(len, shared.values())))
    assert reused.persons == reused.patients == len(set().union(*shared.values()))
    assert reused.most == max(map(len, shared.values()), default=0)
    assert found.weak == Counter(reason for some in reasons.values() for reason in some)
    assert found.weak_accounts == sum(map(bool, reasons.values()))
    weak_persons = {who for (who, _), some in reasons.items() if some}
    assert found.weak_patients == len(weak_persons)
    combined = {name: census.combinations[name].count for name in ("password_weak", "password_reused")
                if name in census.combinations}  # fmt: skip
    expected = {"password_weak": len(weak_persons), "password_reused": reused.patients}
    assert combined == {name: count for name, count in expected.items() if count}


def check_hashes(found, rows):
    accounts = {(row["number"], row["hash"]) for row in rows if "hash" in row}
    by_family = defaultdict(list)
    for _, text in accounts:
        by_family[password_hash.family(text).name].append(text)
    assert set(found.hashes) == set(by_family)
    for name, texts in by_family.items():
        count, family = found.hashes[name], password_hash.FAMILIES[name]
        shared = sum(n for n in Counter(texts).values() if n > 1)
        assert (count.accounts, count.distinct) == (len(texts), len(set(texts)))
        assert count.shared == (0 if family.salted else shared)
        assert (count.salted, count.effort) == (family.salted, family.effort)


def check_roles(census, rows):
    doctors, spouses, staff = defaultdict(set), defaultdict(set), defaultdict(set)
    for row in rows:
        key = row.get("rpps") or row.get("doctor")
        if key:
            doctors[key] |= {name for name in ("doctor", "rpps", "doctors_email") if name in row}
        if "spouse" in row:
            spouses[row["number"], row["spouse"]] |= {"spouse"}
        if "staff" in row:
            staff[row["staff"]] |= {"staff"}
    held = census.categories_by_role
    assert Role.PATIENT not in held
    assert held[Role.PRESCRIBER] == {Category.ORDINARY: len(doctors)}
    assert held[Role.SPOUSE] == {Category.ORDINARY: len(spouses)}
    assert held[Role.STAFF] == {Category.CREDENTIALS: len(staff)}
    reached = sum({"doctor", "doctors_email"} <= names for names in doctors.values())
    share = census.combinations_by_role.get(Role.PRESCRIBER, {}).get("name_contact")
    assert (share.count if share else 0) == reached
    assert not share or share.of == len(doctors)


def test_weaknesses_of_the_examples():
    assert doctest.testmod(passwords) == (0, 1)
    told = {"login": "zlegall", "names": ["Le Gall", "Zoé"], "birth": "1980-03-02", "email": "zoe.l@example.org"}
    assert passwords.weaknesses("Kq8#vw2Lm", **told) == frozenset()
    assert passwords.weaknesses("LEGALL!2022x", **told) == {"name"}
    assert passwords.weaknesses("x-zlegall-77", **told) == {"login", "name"}
    assert passwords.weaknesses("Motdepasse1") == {"common"}
    assert passwords.weaknesses("020380zz!", **told) == {"birth_date"}
    assert passwords.weaknesses("zoel-9988!", **told) == {"name", "email"}
    assert passwords.weaknesses("97") == {"short", "one_class"}


def test_squashed_words_are_those_of_the_engine():
    words = [*VALUES["password"], "Œuf-dur", "", "---"]
    engine = ibis.duckdb.connect()
    table = engine.create_table("words", pa.table({"it": words}))
    value = passwords.squash_expr(table.it).fill_null("")
    assert engine.to_pyarrow(table.select(said=value))["said"].to_pylist() == [passwords.squash(word) for word in words]
