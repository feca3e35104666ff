"""Any table against itself, and two against each other: what is learned from it without a label, and what follows."""

from __future__ import annotations

import random

import numpy as np
import pyarrow as pa
import pytest

from etanche.engines import Engine
from etanche.link.within_any import links_of_two, persons_of_any
from etanche.link.within_fields import EQUAL, LEVELS, Field, Sort, fields_of, levels, normal, side_of_any
from etanche.link.within_fit import RARE, learn, rarity
from etanche.model import Column, Kind, Reason, Role

FIELDS = (
    Field("first", Sort.TEXT),
    Field("family", Sort.TEXT),
    Field("born", Sort.DAY),
    Field("place", Sort.PREFIX),
    Field("card", Sort.NUMBER),
    Field("sex", Sort.CLASS),
)
FIRST = ("ANNE", "BRUNO", "CLAIRE", "DENIS", "ELODIE", "FARID", "GAELLE", "HUGO", "INES", "JULIEN", "KARIM", "LEA")
LETTERS = "ABCDEFGHIKLMNOPRSTUV"


@pytest.fixture(scope="module")
def engine():
    with Engine(1) as opened:
        yield opened


def table(engine, rows, name="rows"):
    cells = {field.name: pa.array([row[place] for row in rows], pa.string()) for place, field in enumerate(FIELDS)}
    put = engine.put(f"{name}_cells", pa.table(cells | {"row": pa.array(range(len(rows)), pa.int64())}))
    return engine.keep(name, put.select("row", **{field.name: normal(put[field.name], field.sort) for field in FIELDS}))


def people(count, seed=1):
    chance = random.Random(seed)
    return [
        (
            chance.choice(FIRST),
            "".join(chance.choices(LETTERS, k=chance.randint(5, 9))),
            f"{chance.randint(1930, 2010)}-{chance.randint(1, 12):02}-{chance.randint(1, 28):02}",
            f"{chance.randint(10000, 95999)}",
            f"{chance.randint(10**7, 10**8 - 1)}",
            chance.choice("FM"),
        )
        for _ in range(count)
    ]


def spoilt(one, chance):
    """Return a row of someone with one cell mistyped and one left out."""
    cells = list(one)
    typed, gone = chance.sample(range(5), 2)
    at = chance.randrange(len(cells[typed]))
    cells[typed] = cells[typed][:at] + chance.choice("0123456789" if typed > 1 else LETTERS) + cells[typed][at + 1 :]
    cells[gone] = None
    return tuple(cells)


def test_persons_of_a_table_that_nobody_described(engine):
    chance = random.Random(2)
    truly = people(300)
    whose = [*range(300), *(chance.randrange(300) for _ in range(300))]
    rows = [truly[one] if place < 300 else spoilt(truly[one], chance) for place, one in enumerate(whose)]
    found = persons_of_any(engine, table(engine, rows), FIELDS, len(rows)).tolist()
    wrong = sum(whose[person] != one for person, one in zip(found, whose, strict=True))
    assert wrong == 0
    assert len(set(found)) <= 303


def test_two_tables_one_row_each(engine):
    chance = random.Random(3)
    truly = people(200, seed=4)
    # The second table has half of the first's people, twice, and others.
    rows = [*truly, *(spoilt(one, chance) for one in truly[:100]), *truly[:100], *people(100, seed=5)]
    one, other = links_of_two(engine, table(engine, rows), FIELDS, 200, len(rows))
    assert len(one) == len(set(one.tolist())) == len(set(other.tolist()))
    assert sorted(one.tolist()) == list(range(100))
    assert {(row, (mate - 200) % 100) for row, mate in zip(one.tolist(), other.tolist(), strict=True)} == {
        (row, row) for row in range(100)
    }


def test_rows_that_share_nothing_or_say_nothing_are_persons_of_their_own(engine):
    nobody = (None,) * len(FIELDS)
    assert persons_of_any(engine, table(engine, [nobody] * 4), FIELDS, 4).tolist() == [0, 1, 2, 3]
    assert persons_of_any(engine, table(engine, []), FIELDS, 0).tolist() == []
    assert [found.tolist() for found in links_of_two(engine, table(engine, people(3)), FIELDS, 0, 3)] == [[], []]


@pytest.mark.parametrize(
    ("place", "one", "other", "level"),
    [
        (0, "Anne-Marie", "ANNE MARIE", "equal"),
        (0, "Léonie", "LEONI", "very_close"),
        (0, "L", "LEONIE", "initial"),
        (0, "MARIE", "ROSEMARIE", "part"),
        (0, "ANNE", "BRUNO", "differs"),
        (2, "1861-12-77", "1861-12-27", "one_off"),
        (2, "1961-12-03", "1961-03-12", "turned"),
        (2, "1961-12-03", "1961-05-21", "same_year"),
        (2, "1961-12-03", "1925-12-03", "two_off"),
        (3, "TQ13 8DF", "tq138hu", "all_but_two"),
        (3, "75011", "75100", "all_but_three"),
        (3, "75011", "69003", "differs"),
        (4, "06 12 34", "061235", "one_off"),
        (5, "F", "M", "differs"),
        (5, "F", None, "missing"),
    ],
)
def test_levels(engine, place, one, other, level):
    field = FIELDS[place]
    cells = engine.put("pair", pa.table({"a": pa.array([one], pa.string()), "b": pa.array([other], pa.string())}))
    pair = cells.select(**{field.name: normal(cells.a, field.sort), f"r_{field.name}": normal(cells.b, field.sort)})
    number = engine.fetch(levels(pair, [field]))[f"l_{field.name}"][0].as_py()
    assert LEVELS[field.sort][number] == level


def test_what_is_learned_is_what_made_the_pairs():
    rng = np.random.default_rng(0)
    shared = (False, True, False, True, False, True)
    fields = [Field(str(number), Sort.CLASS, each) for number, each in enumerate(shared)]
    own, kin, chance = (
        np.array([0.9, 0.8, 0.95, 0.7, 0.9, 0.9]),
        np.array([0.02, 0.95, 0.05, 0.9, 0.01, 0.6]),
        np.array([0.02, 0.1, 0.05, 0.01, 0.01, 0.1]),
    )
    kind = rng.choice(3, 300_000, p=(0.1, 0.05, 0.85))

    def drawn(equal):
        return np.where(rng.random(equal.shape) < equal, EQUAL, EQUAL + 1).astype(np.int8)

    compared = drawn(np.stack([own, kin, chance])[kind])
    learned = learn(fields, compared, drawn(np.tile(chance, (500_000, 1))), len(compared))
    assert learned.shares == pytest.approx((0.1, 0.05, 0.85), abs=0.005)
    for place, bits in enumerate(learned.bits):
        assert 2 ** bits[:, EQUAL] == pytest.approx([own[place], kin[place], chance[place]], abs=0.02)
        assert bits[:, 0].tolist() == [0, 0, 0]
    same = learned.weigh(compared, np.zeros(len(compared))) > 0
    assert (same == (kind == 0)).mean() > 0.997


def test_a_rare_value_says_more_than_a_frequent_one():
    bits = rarity(np.array([1, 8, 512, 0]), 1024, 8 / 1024)
    assert bits.tolist() == [3.0, 0.0, -RARE, 0.0]


def test_fields_are_those_of_the_patient():
    columns = [
        Column(0, "nom", Kind.SURNAME, Role.PATIENT, 1.0, Reason("header"), ""),
        Column(1, "medecin", Kind.SURNAME, Role.PRESCRIBER, 1.0, Reason("header"), ""),
        Column(2, "naissance", Kind.BIRTH_DATE, Role.PATIENT, 1.0, Reason("header"), "%d/%m/%Y"),
        Column(3, "resultat", Kind.RESULT, Role.PATIENT, 1.0, Reason("header"), ""),
    ]
    assert [(field.name, field.sort) for field in fields_of(columns)] == [
        ("f_surname", Sort.TEXT),
        ("f_birth_date", Sort.DAY),
    ]


def test_a_day_that_is_none_stays_as_it_is_written(engine):
    columns = [Column(0, "naissance", Kind.BIRTH_DATE, Role.PATIENT, 1.0, Reason("header"), "%d/%m/%Y")]
    cells = engine.put("days", pa.table({"c0": ["03/12/1961", "77/12/1961"], "row": [0, 1]}))
    made = engine.fetch(side_of_any(cells, columns))["f_birth_date"].to_pylist()
    assert made == ["1961-12-03", "77/12/1961"]
