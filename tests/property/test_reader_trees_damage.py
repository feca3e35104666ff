"""JSON, XML and FHIR cut anywhere, and mangled: what was whole before the cut is read; nothing but words is raised.

Budget: 50 cuts of six files, 60 mangled ones by Hypothesis; a few seconds together.
"""

from __future__ import annotations

import json
import random
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from etanche.errors import UserError
from etanche.ingest.bids import Head
from etanche.ingest.entries import file_entry
from etanche.ingest.limits import DEFAULT, Meter
from etanche.ingest.readers import fhir, json_text, xml_text
from etanche.ingest.scan import Piece
from etanche.ingest.tables import cells_of

RECORDS = [
    {"id": f"R{k:04}", "nom": f"LEFÈVRE \"{k}\"", "n": k / 8, "adr": {"cp": "29200", "x": [1, 2]}, "ok": None} for k in range(60)  # noqa: E501
]  # fmt: skip
JSON = [json.dumps(record, ensure_ascii=False) for record in RECORDS]
RESOURCES = [
    json.dumps({"resourceType": "Patient", "id": record["id"], "name": [{"family": record["nom"]}]})
    for record in RECORDS
]
XML = [
    f'<p a="{k}"><id>R{k:04}</id><nom>LEFÈVRE &amp; {k}</nom><adr><cp>29200</cp></adr></p>' for k in range(len(RECORDS))
]
FILES = {
    "array": (json_text, "[", ",\n ", "]", JSON),
    "object": (json_text, '{"meta": {"n": 1}, "patients": [', ", ", '], "fin": 1}', JSON),
    "lines": (json_text, "", "\n", "\n", JSON),
    "bundle": (fhir, '{"resourceType":"Bundle","entry":[{"resource":', '},{"resource":', "}]}", RESOURCES),
    "ndjson": (fhir, "", "\n", "\n", RESOURCES),
    "xml": (xml_text, '<?xml version="1.0"?>\n<r>', "\n", "</r>", XML),
}


def ids(kind: str, data: bytes) -> list[str]:
    """Return the identifiers of the records read, in order; reading raises nothing but `UserError`."""
    reader = FILES[kind][0]
    found: list[str] = []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x"
        path.write_bytes(data)
        entry = file_entry(path, "x", Meter(DEFAULT))
        reader.bid(Head("x", data[: 1 << 16]))
        try:
            for table in reader.tables(entry, DEFAULT):
                rows: list[list[str]] = []
                for part in table.parts():
                    piece = Piece([part.data], part.rows, quoted=part.dialect.quote != "")
                    rows += cells_of(piece, len(table.names)) if part.rows else []
                assert table.ledger.rows == len(rows)
                assert all(len(row) == len(table.names) for row in rows)
                table.sample()
                if "id" in table.names:
                    found += [row[table.names.index("id")] for row in rows]
        except UserError as error:
            assert error.code in {"ingest_no_record", "ingest_empty", "ingest_xml_entities"}  # noqa: PT017
    return found


@pytest.mark.parametrize("kind", sorted(FILES))
def test_cut_anywhere_all_whole_records_before_are_read(kind: str) -> None:
    _, start, between, end, records = FILES[kind]
    data = (start + between.join(records) + end).encode()
    ends = [len((start + between.join(records[:k])).encode()) for k in range(len(records) + 1)]
    rng = random.Random(2021)
    # A lone record in a cut object has no table to itself that tells it from the document: three are asked for.
    for cut in sorted(rng.sample(range(ends[3] + 1, len(data)), 50)):
        whole = max(k for k, place in enumerate(ends) if place <= cut)
        got = ids(kind, data[:cut])
        wanted = [str(record["id"]) for record in RECORDS[:whole]]
        assert got[:whole] == wanted, (kind, cut)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    kind=st.sampled_from(sorted(FILES)),
    edits=st.lists(
        st.tuples(st.integers(0, 10_000), st.integers(0, 6), st.binary(max_size=4) | st.sampled_from([b'"', b"{", b"]", b"\\", b"<", b"&", b"'"])),  # noqa: E501
        min_size=1,
        max_size=6,
    ),
)  # fmt: skip
def test_mangled_text_raises_nothing_but_words(kind: str, edits: list[tuple[int, int, bytes]]) -> None:
    _, start, between, end, records = FILES[kind]
    data = (start + between.join(records[:25]) + end).encode()
    for place, gone, put in edits:
        at = place % len(data)
        data = data[:at] + put + data[at + gone :]
    ids(kind, data)


@settings(max_examples=80, deadline=None)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=8),
        lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=5), inner, max_size=5),
        max_leaves=30,
    )
)
def test_any_tree_is_read(tree: object) -> None:
    ids("array", json.dumps([tree, tree], ensure_ascii=False).encode("utf-8", "surrogatepass"))
