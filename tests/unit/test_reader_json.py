"""JSON in the shapes that leaks have: each becomes the tables that a person would have made of it."""

from __future__ import annotations

import json
import subprocess
import sys
import tracemalloc
from pathlib import Path

import pytest
from tree_tables import Read, read

from etanche.errors import UserError
from etanche.ingest.bids import Head
from etanche.ingest.entries import file_entry
from etanche.ingest.limits import Limits, Meter
from etanche.ingest.readers import json_text
from etanche.ingest.tables import CellTable
from etanche.model import QuarantineReason as Why


def only(tables: dict[str, Read]) -> Read:
    assert len(tables) == 1, list(tables)
    return next(iter(tables.values()))


def test_cells_are_as_written(tmp_path: Path) -> None:
    numbers = ["1.10", "1e5", "-0", "00612", "12345678901234567890123", "0.1000000000000000055", "NaN", "true", "-1E-3"]
    text = "[" + ",\n".join(f'{{"n": {number} , "t":"{number}"}}' for number in numbers) + "]"
    table = only(read(tmp_path, text))
    assert [row["n"] for row in table.rows] == numbers == [row["t"] for row in table.rows]


def test_strings_hold_anything(tmp_path: Path) -> None:
    values = [
        'a "quoted" {brace], 1.10',
        "back\\slash\\",
        '\\"',
        "line\nbreak\r\n",
        "\x1f,;",
        "é€😀",
        "",
        " 12 ",
        "null",
    ]
    table = only(read(tmp_path, json.dumps([{"k": 1, "v": value} for value in values])))
    assert [row["v"] for row in table.rows] == values
    assert table.sampled == len(values)


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ('[["id","nom"],[1,"A"],[2,"B"]]', [{"id": "1", "nom": "A"}, {"id": "2", "nom": "B"}]),
        ('[[1,"A"],[2,"B"]]', [{"column_1": "1", "column_2": "A"}, {"column_1": "2", "column_2": "B"}]),
        ('{"nom":["A","B"],"cp":["01","02"]}', [{"nom": "A", "cp": "01"}, {"nom": "B", "cp": "02"}]),
        ('{"nom":{"0":"A","1":"B"},"cp":{"0":"1","1":"2"}}', [{"nom": "A", "cp": "1"}, {"nom": "B", "cp": "2"}]),
        ('{"a":1}{"a":2}\n{"a":\n3}', [{"a": "1"}, {"a": "2"}, {"a": "3"}]),
        ('[{"a":1},{"a":null}]', [{"a": "1"}, {"a": ""}]),
        ('["x","y"]', [{"value": "x"}, {"value": "y"}]),
        ('cb([{"a":1},{"a":2}]);', [{"a": "1"}, {"a": "2"}]),
        ("var x = [{a:'l\\'eau', /* c */ b: 1.50,},{a:\"q\", b: NumberLong(7)},];", [{"a": "l'eau", "b": "1.50"}, {"a": "q", "b": "7"}]),  # noqa: E501
        ("[{'a': True, 'b': None}, {'a': False, 'b': 'x'}]", [{"a": "true", "b": ""}, {"a": "false", "b": "x"}]),
        ('[{"a":1,"a":2},{"a":3}]', [{"a": "1; 2"}, {"a": "3"}]),
        ('[{"t":["a","b"]},{"t":["c;d","e"]},{"t":[]}]', [{"t": "a; b"}, {"t": '["c;d","e"]'}, {"t": ""}]),
        ('[{"a":"\\ud800x"}]', [{"a": "\\ud800x"}]),
    ],
)  # fmt: skip
def test_shapes(tmp_path: Path, text: str, rows: list[dict[str, str]]) -> None:
    assert only(read(tmp_path, text)).rows == rows


def test_keys_that_are_data_are_a_column(tmp_path: Path) -> None:
    text = json.dumps({f"p{k}": {"nom": f"N{k}", "cp": "29200"} for k in range(5)})
    assert only(read(tmp_path, text)).rows[4] == {"key": "p4", "nom": "N4", "cp": "29200"}


def test_arrays_of_objects_are_tables_by_path(tmp_path: Path) -> None:
    text = '{"total":2,"data":{"patients":[{"id":1,"nom":{"usuel":"A"}},{"id":2}],"labos":[{"nom":"L"}]}}'
    tables = read(tmp_path, text)
    assert set(tables) == {"", "data.patients", "data.labos"}
    assert tables["data.patients"].rows == [{"id": "1", "nom.usuel": "A"}, {"id": "2", "nom.usuel": ""}]


def test_short_lists_are_columns_and_long_ones_tables_that_point_back(tmp_path: Path) -> None:
    records = [
        {"id": k, "tel": [{"n": f"{k}a"}, {"n": f"{k}b"}], "visites": [{"d": f"{k}-{v}"} for v in range(k * 3)]}
        for k in range(1, 4)
    ]
    tables = read(tmp_path, json.dumps(records))
    assert tables[""].rows[1] == {"record_no": "2", "id": "2", "tel.1.n": "2a", "tel.2.n": "2b"}
    assert tables["visites"].rows[3:5] == [{"record_no": "2", "d": "2-0"}, {"record_no": "2", "d": "2-1"}]
    assert len(tables["visites"].rows) == 18


def test_databases_exports(tmp_path: Path) -> None:
    mongo = (
        '{"_id":{"$oid":"50f7"},"d":{"$date":{"$numberLong":"1613000000000"}},"n":{"$numberLong":"12345678901234"}}\n'
    )
    assert only(read(tmp_path, mongo * 2)).rows[0] == {
        "_id": "50f7",
        "d": "2021-02-10T23:33:20Z",
        "n": "12345678901234",
    }
    dump = '{"_index":"p","_id":"1","_source":{"nom":"A"}}\n{"_index":"p","_id":"2","_source":{"nom":"B"}}\n'
    assert only(read(tmp_path, dump)).rows[1] == {"_index": "p", "_id": "2", "nom": "B"}
    bulk = '{"index":{"_index":"p","_id":"1"}}\n{"nom":"A"}\n{"index":{"_index":"p","_id":"2"}}\n{"nom":"B"}\n'
    table = only(read(tmp_path, bulk))
    assert [row["_id"] + row["nom"] for row in table.rows] == ["1A", "2B"]
    assert table.lines == [1, 3]


def test_lines_of_several_shapes_are_several_tables(tmp_path: Path) -> None:
    lines = '{"type":"patient","id":1,"nom":"x"}\n\n{"type":"visite","id":2,"date":"d"}\n{oops\n{"type":"patient","id":3,"nom":"y"}\n'  # noqa: E501
    tables = read(tmp_path, lines, "leak.jsonl")
    assert tables["patient"].lines == [1, 5]
    assert tables["visite"].lines == [3]
    aside = [item for table in tables.values() for item in table.aside]
    assert [(item.line, item.raw) for item in aside] == [(4, b"{oops")]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-32", "cp1252"])
def test_encodings(tmp_path: Path, encoding: str) -> None:
    table = only(read(tmp_path, '[{"nom":"Hélène"},{"nom":"Lefèvre"}]'.encode(encoding)))
    assert [row["nom"] for row in table.rows] == ["Hélène", "Lefèvre"]


@pytest.mark.parametrize(
    "broken",
    [
        '{"id":2,"n":"b}',
        '{"id":2,"n":{"x":1}',
        '{"id":2,"n":}',
        '{"id":2,"n":"b"',
        '{"id":2 "n" "b"]',
        '{"id":2,"n":"b"}}',
    ],
)
def test_a_broken_record_does_not_take_others_along(tmp_path: Path, broken: str) -> None:
    good = ['{"id":1,"n":"a"}', *(f'{{"id":{k},"n":"c {k}"}}' for k in range(3, 40))]
    table = only(read(tmp_path, "[" + ",\n ".join([good[0], broken, *good[1:]]) + "]"))
    got = [(row["id"], row["n"]) for row in table.rows]
    assert [row for row in got if row[0] != "2"] == [(str(r["id"]), r["n"]) for r in map(json.loads, good)]
    if ("2", "b") not in got:
        assert [item.reason for item in table.aside] == [Why.UNDECODABLE]
        assert broken.encode() in table.aside[0].raw


def test_more_keys_than_columns_go_to_the_rest(tmp_path: Path) -> None:
    table = only(read(tmp_path, json.dumps([{"id": k, f"k{k}": f"v{k}"} for k in range(1300)])))
    assert len(table.names) <= 1001
    assert "columns_folded" in table.notes
    assert json.loads(table.rows[1290]["rest"]) == {"k1290": "v1290"}


@pytest.mark.parametrize("text", ["[" * 100_000, '{"a":' * 100_000, "[" * 50_000 + "]" * 50_000])
def test_deep_nesting_is_refused_in_words(tmp_path: Path, text: str) -> None:
    try:
        tables = read(tmp_path, text)
    except UserError as error:
        assert error.code == "ingest_no_record"  # noqa: PT017 - either end is right
    else:
        assert sum(len(table.rows) for table in tables.values()) <= 1


def test_a_deep_record_among_others(tmp_path: Path) -> None:
    text = '[{"a":1},{"a":' + "[" * 5000 + "]" * 5000 + '},{"a":3}]'
    table = only(read(tmp_path, text))
    assert [row["a"] for row in table.rows] == ["1", "3"]
    assert len(table.aside) == 1


def test_a_row_too_long_is_set_aside(tmp_path: Path) -> None:
    limits = Limits(line_bytes=1000)
    table = only(read(tmp_path, json.dumps([{"a": "x"}, {"a": "y" * 5000}, {"a": "z"}]), limits=limits))
    assert [row["a"] for row in table.rows] == ["x", "z"]
    assert [(item.line, item.reason) for item in table.aside] == [(2, Why.TOO_LONG)]


def test_white_space_around_a_value_of_any_length_is_none_of_it(tmp_path: Path) -> None:
    values = ("1", " " * 300 + "007" + " " * 300, " " * 99 + '"x"')
    table = only(read(tmp_path, "[" + ",".join(f'{{"a":{value}}}' for value in values) + "]"))
    assert [row["a"] for row in table.rows] == ["1", "007", "x"]


def test_a_long_string_takes_memory_of_its_own_size(tmp_path: Path) -> None:
    size = 1 << 20
    path = tmp_path / "x.json"
    path.write_text('[{"a":"' + "x" * size + '","b":1},{"a":"y","b":2}]')
    entry = file_entry(path, "x.json", Meter(Limits()))
    tracemalloc.start()
    try:
        (table,) = json_text.tables(entry, Limits())
        assert isinstance(table, CellTable)
        assert sum(part.rows for part in table.parts()) == 2
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 60 * size


def test_one_line_of_any_size_in_constant_memory(tmp_path: Path) -> None:
    record = json.dumps({"id": 1, "nom": "LEFÈVRE", "visites": [{"d": "2021"}], "x": "y" * 900}, ensure_ascii=False)
    with (tmp_path / "big.json").open("w", encoding="utf-8") as file:
        file.write('{"meta":{"n":1},"patients":[')
        file.writelines(f"{record}," for _ in range(25_000))
        file.write(record + '],"fin":true}')
    program = """
import resource, sys
from pathlib import Path
from etanche.ingest.entries import file_entry
from etanche.ingest.limits import Limits, Meter
from etanche.ingest.readers import json_text
limits = Limits(part_bytes=1 << 20)
entry = file_entry(Path(sys.argv[1]), "big.json", Meter(limits))
base = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
for table in json_text.tables(entry, limits):
    print(table.table or "root", sum(part.rows for part in table.parts()))
print("grown", (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - base) >> 10)
"""
    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path / "big.json")], capture_output=True, text=True, check=True
    )
    told = dict(line.split() for line in done.stdout.splitlines())
    assert (told["root"], told["patients"]) == ("1", "25001")
    # MiB, where the file has 24; a container's window and its marks are what is held.
    assert int(told["grown"]) < 220


@pytest.mark.parametrize(
    ("data", "score"),
    [
        (b'[{"a":1}]', 0.8),
        (b'{"a":1}\n{"a":2}\n', 0.8),
        (b"[INFO] started\n[INFO] stopped\n", 0),
        (b"nom;prenom\nA;B\n", 0),
        (b"{jeton};{mot}\n", 0),
        (b"x = 1\n", 0),
    ],
)
def test_bids(data: bytes, score: float) -> None:
    assert json_text.bid(Head("leak.txt", data)).score == score


@pytest.mark.parametrize("text", [b'[{"a":' + b'"\\' * 30_000, b"[{'a':" + b"'\\" * 30_000, b"[{a:1," + b"/*" * 30_000])
def test_strings_and_comments_that_never_close_end(tmp_path: Path, text: bytes) -> None:
    with pytest.raises(UserError, match="ingest_no_record"):
        read(tmp_path, text)
