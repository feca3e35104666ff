"""Identifiers by the examples of those who publish them (`identifiers.toml`), and beside libraries that know them."""

from __future__ import annotations

import doctest
import importlib
import random
import tomllib
from pathlib import Path

import ibis
import phonenumbers
import pyarrow as pa
import pytest
from phonenumbers import PhoneNumberType as Line
from stdnum import bic, iban, luhn
from stdnum.fr import nir, siren, siret

from etanche.identifiers import atc, cim10, find, ins, nir_place, password_hash, phone_plan
from etanche.model import Kind

EXAMPLES = tomllib.loads(Path(__file__).with_name("identifiers.toml").read_text(encoding="utf-8"))
OVERSEAS = (33, 262, 590, 594, 596, 508)


@pytest.mark.parametrize("entry", EXAMPLES["number"], ids=lambda entry: f"{entry['kind']}: {entry['source'][:30]}")
def test_published_numbers(entry):
    known = find(Kind(entry["kind"]))
    assert known is not None
    for text in entry["valid"]:
        assert (known.fits(text), known.valid(text)) == (True, True), text
    for text in entry["wrong_key"]:
        assert known.valid(text) is False, text
    for text in entry["no"]:
        assert known.fits(text) is False, text


@pytest.mark.parametrize("possible", [True, False])
def test_places_of_birth_by_year(possible):
    for entry in EXAMPLES["place"]:
        for example in entry["possible" if possible else "impossible"]:
            place, year = example.split()
            assert nir_place.possible(place, nir_place.era(int(year))) is possible, example


def test_two_digits_of_a_year_leave_both_centuries_open():
    assert nir_place.possible("20004", nir_place.era_of("05"))
    assert nir_place.possible("2A004", nir_place.era_of("05"))
    assert not nir_place.possible("20004", nir_place.era_of("85"))
    assert not nir_place.possible("97701", nir_place.era_of("98"))


@pytest.mark.parametrize("own", [True, False])
def test_lines_by_date(own):
    for entry in EXAMPLES["phone"]:
        for example in entry["own" if own else "not_own"]:
            number, day, line = example.split(" ")
            assert (phone_plan.line(number), phone_plan.own_on(number, day)) == (line, own), example


@pytest.mark.parametrize(("name", "text"), [item for item in EXAMPLES["hash"][0].items() if item[0] != "source"])
def test_hashes_are_named(name, text):
    assert password_hash.fits(text)
    assert password_hash.family(text).name == name


def test_a_hash_without_salt_is_no_obstacle():
    assert {name for name, entry in password_hash.FAMILIES.items() if entry.effort == "none"} == {
        "md5", "sha1", "sha2", "mysql", "ldap_sha", "other"
    }  # fmt: skip
    assert all(entry.salted for entry in password_hash.FAMILIES.values() if entry.effort != "none")


def test_test_identities_are_told_from_real_ones():
    number = "255081416802538"
    authorities = [ins.authority(f"{number}^1.2.250.1.213.1.4.{last}") for last in (8, 9, 10, 11)]
    assert authorities == ["nir", "nia", "test", "demonstration"]
    assert ins.authority(number) == ""


def test_classifications_know_their_chapters():
    assert all(map(cim10.listed, ["E11.9", "B20", "F32.1", "U07.1", "O80", "Z33", "c50.9"]))
    assert not any(map(cim10.listed, ["B93", "E99.1", "F56", "X07.0", "U50", ""]))
    assert all(map(atc.listed, ["N02BE01", "A10BA02", "J05AE", "l01x"]))
    assert not any(map(atc.listed, ["N09AA01", "A17AA01", "C06AB", "B04AA"]))


def agreeing(numbers, ours, theirs):
    return [number for number in numbers if ours(number) != theirs(number)]


def test_keys_agree_with_python_stdnum():
    draw = random.Random(20)
    digits = [str(draw.randrange(10**8, 10**9)) for _ in range(3_000)]
    assert agreeing(digits, find(Kind.SIREN).valid, siren.is_valid) == []
    long = [f"{number}{draw.randrange(10**5):05}" for number in digits]
    assert agreeing(long, find(Kind.SIRET).valid, siret.is_valid) == []
    rpps = [f"1{draw.randrange(10**10):010}" for _ in range(3_000)]
    assert agreeing(rpps, find(Kind.RPPS).valid, luhn.is_valid) == []
    births = [
        f"{draw.choice('12')}{draw.randrange(100):02}{draw.randrange(1, 13):02}"
        f"{draw.choice(['2A', '2B', '01', '75', '99'])}"
        f"{draw.randrange(1, 990):03}{draw.randrange(1, 999):03}{draw.randrange(1, 98):02}"
        for _ in range(3_000)
    ]
    births += [f"{birth[:13]}{nir.calc_check_digits(birth[:13])}" for birth in births]
    assert agreeing(births, find(Kind.NIR).valid, nir.is_valid) == []


def test_banks_agree_with_python_stdnum():
    draw = random.Random(21)
    accounts = [f"FR{draw.randrange(100):02}{draw.randrange(10**23):023}" for _ in range(2_000)]
    accounts += [iban.compact(f"FR{98 - int(account[4:] + '152700') % 97:02}{account[4:]}") for account in accounts]
    theirs = [iban.is_valid(number, check_country=False) for number in accounts]
    assert [find(Kind.IBAN).valid(number) for number in accounts] == theirs
    banks = ["DEUTDEFF", "AGRIFRPPXXX", "NEDSZAJJ", "AGRIFRP", "AGRI1RPP", "BNPAFRPP1"]
    assert agreeing(banks, find(Kind.BIC).valid, bic.is_valid) == []


def test_lines_agree_with_phonenumbers():
    """Ours is a plan of ranges, theirs of blocks: what they call valid is of the same line here."""
    draw = random.Random(22)
    lines = {Line.FIXED_LINE: "landline", Line.MOBILE: "mobile", Line.VOIP: "box"}
    seen = 0
    for _ in range(4_000):
        number = draw.randrange(10**8, 10**9)
        parsed = [phonenumbers.PhoneNumber(country_code=code, national_number=number) for code in OVERSEAS]
        theirs = next((phonenumbers.number_type(each) for each in parsed if phonenumbers.is_valid_number(each)), None)
        ours = phone_plan.line(f"0{number}")
        if theirs is not None and ours not in {"platform", "fiction"}:
            seen += 1
            assert ours == lines.get(theirs, "service"), str(number)[:4]
    assert seen > 3_000


def test_expressions_say_what_the_functions_say():
    hashes = [*EXAMPLES["hash"][0].values(), "nothing", " 5f4dcc3b5aa765d61d8327deb882cf99 "]
    numbers = [f"255081416802538^1.2.250.1.213.1.4.{last}" for last in (8, 9, 10, 11)] + ["255081416802538", ""]
    years = list(range(1900, 2030))
    engine = ibis.duckdb.connect()

    def asked(values, build):
        table = engine.create_table("asked", pa.table({"it": pa.array(values)}), overwrite=True)
        return engine.to_pyarrow(table.select(it=table.it, said=build(table.it)))["said"].to_pylist()

    assert asked(hashes, password_hash.family_expr) == [password_hash.family(text).name for text in hashes]
    assert asked(numbers, ins.authority_expr) == [ins.authority(text) for text in numbers]
    assert asked(years, nir_place.era_expr) == [nir_place.era(year) for year in years]
    two = [f"{year:02}" for year in range(100)]
    assert asked(two, nir_place.era_of_expr) == [nir_place.era_of(text) for text in two]


@pytest.mark.parametrize("name", ["atc", "cim10", "ins", "nir_place", "password_hash", "phone_plan", "_chapters"])
def test_examples_in_the_modules(name):
    result = doctest.testmod(importlib.import_module(f"etanche.identifiers.{name}"))
    assert result.attempted
    assert not result.failed
