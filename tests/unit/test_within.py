"""The persons of one table: what joins rows, and what keeps them apart."""

from __future__ import annotations

from collections.abc import Sequence

import ibis
import numpy as np
import pyarrow as pa
import pytest

from etanche import link
from etanche.engines import Engine
from etanche.link.within import persons_within
from etanche.link.within_clusters import CLASH, clusters, groups
from etanche.model import Column, Kind, Reason, Role

KINDS = (Kind.SURNAME, Kind.BIRTH_NAME, Kind.FIRST_NAME, Kind.SEX, Kind.BIRTH_DATE, Kind.NIR, Kind.ADDRESS,
         Kind.POSTCODE, Kind.MOBILE)  # fmt: skip
JEANNE = ("MARTIN", None, "JEANNE", "F", "1961-03-12", "261037511601212", "3 rue des Lilas", "75011", "0612345678")


def persons_of(rows: Sequence[Sequence[str | None]]) -> list[int]:
    """Return the person of each row, by the number of its first row."""
    columns = [
        Column(place, kind.value, kind, Role.PATIENT, 1.0, Reason("header"), "%Y-%m-%d" if place == 4 else "")
        for place, kind in enumerate(KINDS)
    ]
    cells = {f"c{place}": pa.array([row[place] for row in rows], pa.string()) for place in range(len(KINDS))}
    with Engine(1) as engine:
        put = engine.put("cells", pa.table(cells | {"row": pa.array(range(len(rows)), pa.int64())}))
        side = engine.keep("side", link.side(put, columns).mutate(row=ibis.row_number().cast("int64")))
        return persons_within(engine, side, len(rows)).tolist()


def changed(**cells: str | None) -> list[str | None]:
    """Return Jeanne's row with some cells changed."""
    return [cells.get(kind.value, cell) for kind, cell in zip(KINDS, JEANNE, strict=True)]


@pytest.mark.parametrize(
    "other",
    [
        changed(first_name="JEANE", mobile=None),
        changed(surname="DURAND", birth_name="MARTIN", address="9 bd Voltaire", postcode="44000", mobile=None),
        changed(surname="DURAND", nir=None),
        changed(birth_date="1961-12-03"),
        changed(surname="JEANNE", first_name="MARTIN", nir=None),
        changed(nir="261037511601213"),
    ],
    ids=["typo", "married and moved", "married", "day and month", "turned", "nir mistyped"],
)
def test_one_person_over_several_rows(other):
    assert persons_of([JEANNE, other]) == [0, 0]


@pytest.mark.parametrize(
    ("kinds", "cells", "names"),
    [
        ((Kind.SURNAME, Kind.BIRTH_NAME), ("DURAND", "MARTIN"), ("DURAND", "MARTIN")),
        ((Kind.SURNAME, Kind.SURNAME), ("MARTIN", "DURAND"), ("MARTIN", "DURAND")),
        ((Kind.SURNAME, Kind.SURNAME), (None, "DURAND"), ("DURAND", None)),
        ((Kind.SURNAME, Kind.SURNAME, Kind.BIRTH_NAME), ("DURAND", "PETIT", "MARTIN"), ("DURAND", "MARTIN")),
        ((Kind.SURNAME, Kind.SURNAME, Kind.BIRTH_NAME), ("DURAND", "PETIT", None), ("DURAND", "PETIT")),
    ],
)
def test_the_names_of_a_row(kinds, cells, names):
    columns = [Column(place, kind.value, kind, Role.PATIENT, 1.0, Reason("header")) for place, kind in enumerate(kinds)]
    table = pa.table({f"c{place}": pa.array([cell], pa.string()) for place, cell in enumerate(cells)} | {"row": [0]})
    with Engine(1) as engine:
        (row,) = engine.fetch(link.side(engine.put("cells", table), columns)).to_pylist()
    assert (row["name"], row["other"]) == names


@pytest.mark.parametrize(
    "other",
    [
        changed(first_name="LUCIE", birth_date="1990-07-01"),
        changed(first_name="PAUL", sex="M", birth_date="1990-07-01"),
        changed(first_name="LUCIE", nir="261037511601399"),
        changed(birth_date="1983-11-25", nir="283117511601250", address="1 quai Sud", postcode="13002", mobile=None),
        changed(nir="261039924401288", address="1 quai Sud", postcode="13002", mobile="0699999999"),
    ],
    ids=["daughter under her NIR", "son under her NIR", "twin", "homonym", "homonym of the same day"],
)
def test_two_persons(other):
    assert persons_of([JEANNE, other]) == [0, 1]


def test_a_row_between_two_persons_does_not_make_them_one():
    child = changed(first_name="LUCIE", birth_date="1990-07-01", nir=None)
    between = changed(first_name=None, birth_date=None)
    found = persons_of([JEANNE, child, between])
    assert found[0] != found[1]


def test_nobody_is_nobody():
    assert persons_of([[None] * len(KINDS)] * 3) == [0, 1, 2]
    assert persons_of([]) == []


def test_a_chain_of_pairs_is_a_group_and_no_person():
    one, other = np.array([0, 1, 2]), np.array([1, 2, 3])
    assert groups(5, one, other).tolist() == [0, 0, 0, 0, 4]
    # 0-1 and 2-3 agree well, 1-2 hardly, and the ends not at all.
    weights = np.array([9.0, 1.0, 9.0])
    assert clusters(5, one, other, weights, 0.0).tolist() == [0, 0, 2, 2, 4]


def test_who_clashes_is_never_one_however_much_else_agrees():
    pairs = [(row, other) for row in range(4) for other in range(row + 1, 4)]
    weights = np.array([12.0, 12.0, CLASH - 1, 12.0, 12.0, 12.0])
    one, other = np.array(pairs).T
    found = clusters(4, one, other, weights, 0.0)
    assert found[0] != found[3]
    assert clusters(4, one, other, np.maximum(weights, 0), 0.0).tolist() == [0, 0, 0, 0]


def test_one_pair_however_sure_does_not_outweigh_three_that_speak_against():
    # Rows 0 and 1 agree, and 2 and 3; 1 and 2 beyond all doubt, the others of the two not at all.
    pairs = {(0, 1): 30.0, (2, 3): 30.0, (1, 2): 11.0, (0, 2): -9.0, (0, 3): -9.0, (1, 3): -9.0}
    one, other = np.array(list(pairs)).T
    weights = np.array(list(pairs.values()))
    assert clusters(4, one, other, weights, 0.0).tolist() == [0, 0, 2, 2]
