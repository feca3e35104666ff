"""A column's own check over all rows: filled, valid, normal."""

from __future__ import annotations

import ibis
import pyarrow as pa
import pytest

from etanche.identifiers import find
from etanche.model import Column, Kind, Reason, Role
from etanche.recognise import cell_checks, mask


@pytest.fixture(scope="module")
def connection():
    return ibis.duckdb.connect()


def checked(connection, kind, cells, layout=""):
    """Return filled, valid and normal of each cell."""
    column = Column(0, "c", kind, Role.PATIENT, 1.0, Reason("header"), layout)
    table = connection.create_table("cells", pa.table({"cell": pa.array(cells, pa.string())}), overwrite=True)
    checks = cell_checks(column, table.cell)
    found = connection.to_pyarrow(table.select(f=checks.filled, v=checks.valid, n=checks.normal)).to_pydict()
    return list(zip(found["f"], found["v"], found["n"], strict=True))


def test_names_are_valid_where_filled_and_counted_in_capitals(connection):
    found = checked(connection, Kind.SURNAME, [" Le Goff\xa0", "LE GOFF", "\u202f ", "", None])
    assert [(f, bool(v)) for f, v, _ in found] == [
        (True, True),
        (True, True),
        (False, False),
        (False, False),
        (False, False),
    ]
    assert found[0][2] == found[1][2] == "LE GOFF"


def test_nirs_of_two_spellings_are_one(connection):
    found = checked(connection, Kind.NIR, ["1 80 05 56 123 456 55", "180055612345655", "180055612345656"])
    assert [v for _, v, _ in found] == [True, True, False]
    assert found[0][2] == found[1][2]


def test_dates_are_checked_in_their_layout(connection):
    found = checked(connection, Kind.BIRTH_DATE, ["29/02/2020", "29/02/2019", "1980-01-01", ""], "%d/%m/%Y")
    assert [v for _, v, _ in found] == [True, False, False, False]


@pytest.mark.parametrize("kind", list(Kind))
def test_every_kind_has_its_check(connection, kind):
    found = checked(connection, kind, ["x", "", None])
    assert [f for f, _, _ in found] == [True, False, False]
    assert not found[1][1]
    assert not found[2][1]


@pytest.mark.parametrize("kind", list(Kind))
def test_masks_identify_nobody(kind):
    for text in ("Jeanne-Marie LE GOFF", "180055612345655", "jeanne.legoff@example.org", "motdepasse1980"):
        masked = mask(kind, text)
        assert text not in masked
        assert sum(char.isalnum() for char in masked) <= 3


def test_a_kind_without_a_check_shares_its_expression(connection):
    table = connection.create_table("one", pa.table({"cell": ["x"]}), overwrite=True)
    checks = cell_checks(Column(0, "c", Kind.COMMENT, Role.PATIENT, 1.0, Reason("header")), table.cell)
    assert checks.valid is checks.filled
    assert find(Kind.COMMENT) is None
