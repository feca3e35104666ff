"""Every identifier's expression says of every cell what its Python function says (DuckDB)."""

from __future__ import annotations

import string

import ibis
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from etanche.identifiers import celltext, dates, identifiers, phone, postcode
from etanche.model import Kind

EXAMPLES = [
    "12 mars 1970",
    "1er février 2021",
    "1 FÉVRIER 2021",
    "30 févr. 2021",
    "3 December 1999 12:30",
    "05-aoû-1999",
    "5 août 1899",
    "31 juin 2000",
    "1 jul. 2000",
    "",
    " ",
    "\xa0\u202f ",
    "1 80 05 56 123 456 55",
    "180055612345655",
    "180055612345656",
    "2800556123456",
    "'180055612345655",
    '"1 80 05 56 123 456 55"',
    '="0612345678"',
    "'0612345678 ",
    '"12/05/1980"',
    "'1/5/1980",
    '"12 mars 1970"',
    "'56000",
    '="F"',
    '"a.b@example.org"',
    "'",
    "==",
    "2 80 05 2A 123 456 34",
    "280052b123456",
    "780425612345601",
    "\xa0180055612345655\u202f",
    "180055612345655^1.2.250.1.213.1.4.8",
    "10003456789",
    "10101010106",
    "560000017",
    "2A0000012",
    "732829320",
    "73282932000074",
    "356 000 000 00048",
    "FR14 2004 1010 0505 0001 3M02 606",
    "FR7630006000011234567890189",
    "GB82WEST12345698765432",
    "BNPAFRPPXXX",
    "AGRIFRPP",
    "4111 1111 1111 1111",
    "378282246310005",
    "06 12 34 56 78",
    "+33 6 12 34 56 78",
    "0033297123456",
    "+33 (0)1.99.00.12.34",
    "0812345678",
    "+32 2 555 12 12",
    "612345678",
    "a.b@example.org",
    "A.B@EXAMPLE.ORG ",
    "a..b@example.org",
    "a@b",
    "56000",
    "97400",
    "20090",
    "20200",
    "20310",
    "96000",
    "1200",
    "29/02/2020",
    "29/02/2019",
    "1/2/2019",
    "31/04/1980",
    "01-02-1980",
    "1.2.1980",
    "19800229",
    "29021980",
    "1980-02-29T12:30:00Z",
    "1980-02-29 12:30",
    "12/31/1999",
    "01/02/31",
    "01/02/30",
    "01/02/ 201",
    "2019-1-2 BC",
    "3400930000005",
    "3000015",
    "9000015",
    "E11.9",
    "e119",
    "N02BE01",
    "ALD 8",
    "0552",
    "0552,1104",
    "2345-7",
    "2345-6",
    "A+",
    "o neg",
    "AB Rh +",
    "0 POSITIF",
    "M",
    "2",
    "femme",
    "Sœur",
    "bébé",
    "MME.",
    "192.168.1.1",
    "::1",
    "fe80::1",
    "https://example.org/x",
    "$2y$10$abcdefghijklmnopqrstuv",
    "d41d8cd98f00b204e9800998ecf8427e",
    "123e4567-e89b-12d3-a456-426614174000",
    "2B",
    "976",
    "48.85",
    "-3,36",
    "é",
    "L'HAŸ-LES-ROSES",
]
ALPHABET = string.ascii_letters + string.digits + " .-/@:+()^,$\t\n\xa0\u202féÉœŒç°'"
LAYOUTS = [*dates.DATE_LAYOUTS, "%d/%m/%Y %H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S"]

pairs = list({id(module): (kind, module) for kind, module in identifiers().items()}.values())


def mutate(text: str, places: list[int], chars: str) -> str:
    """Return the text with a few characters replaced, put in or left out."""
    cells = list(text)
    for place, char in zip(places, chars, strict=False):
        at = place % (len(cells) + 1)
        cells[at : at + place % 3] = char
    return "".join(cells)


near = st.builds(
    mutate,
    st.sampled_from(EXAMPLES),
    st.lists(st.integers(0, 60), max_size=3),
    st.text(ALPHABET, min_size=3, max_size=3),
)
digits = st.text(string.digits, max_size=20)
anything = st.text(ALPHABET, max_size=30)
batches = st.lists(st.one_of(near, near, digits, anything, st.sampled_from(EXAMPLES)), min_size=200, max_size=400)


@pytest.fixture(scope="module")
def connection():
    return ibis.duckdb.connect()


def evaluate(connection, cells, build):
    """Return the expressions' values for the cells, None for null."""
    table = connection.create_table("cells", pa.table({"cell": pa.array(cells, pa.string())}), overwrite=True)
    return connection.to_pyarrow(table.select(**build(table.cell))).to_pydict()


def holds(connection, cells):
    """Check every identifier and every helper on the cells."""

    def build(cell):
        asked = {"filled": celltext.filled_expr(cell), "mobile": phone.is_mobile_expr(cell)}
        asked |= {"landline": phone.is_landline_expr(cell)}
        asked |= {"departement": postcode.departement_expr(cell)}
        for kind, identifier in pairs:
            asked[f"valid {kind}"] = identifier.valid_expr(cell)
            asked[f"normal {kind}"] = identifier.normal_expr(cell)
        return asked | {f"iso {layout}": dates.iso_expr(cell, layout) for layout in LAYOUTS}

    found = evaluate(connection, cells, build)
    truth = {
        "filled": celltext.filled,
        "mobile": phone.is_mobile,
        "landline": phone.is_landline,
        "departement": postcode.departement,
    }
    for kind, identifier in pairs:
        truth[f"valid {kind}"] = identifier.valid
        truth[f"normal {kind}"] = identifier.normalise
    for layout in LAYOUTS:
        truth[f"iso {layout}"] = lambda text, layout=layout: dates.iso(text, layout)
    for name, values in found.items():
        for cell, value in zip(cells, values, strict=True):
            expected = truth[name](cell)
            assert value == expected, f"{name} of {cell!r}: engine {value!r}, truth {expected!r}"


def test_examples(connection):
    holds(connection, EXAMPLES)


@settings(max_examples=5, deadline=None, suppress_health_check=list(HealthCheck))
@given(cells=batches)
def test_generated_cells(connection, cells):
    holds(connection, cells)


def test_null_cells_are_never_valid(connection):
    found = evaluate(
        connection, [None, None], lambda cell: {str(kind): module.valid_expr(cell) for kind, module in pairs}
    )
    assert not any(value for values in found.values() for value in values)
    assert evaluate(connection, [None], lambda cell: {"x": celltext.filled_expr(cell)})["x"] == [False]


def test_every_kind_with_a_key_is_found():
    expected = {Kind.NIR, Kind.INS, Kind.RPPS, Kind.FINESS, Kind.SIREN, Kind.SIRET, Kind.IBAN, Kind.CARD, Kind.CIP}
    assert expected <= set(identifiers())
