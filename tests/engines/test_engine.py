"""The engine takes parts of delimited text, keeps a projection of them, and never says what a row held."""

from dataclasses import dataclass, replace

import ibis
import pyarrow as pa
import pytest

from etanche.engines import VALUES, CountMismatchError, Engine, EngineError
from etanche.model import Dialect


@dataclass(frozen=True)
class Piece:
    data: bytes
    dialect: Dialect
    rows: int
    places: tuple[int, ...] = ()


def piece(*lines, quote="", rows=None):
    text = "".join(line + "\n" for line in lines)
    return Piece(text.encode(), Dialect(";", quote), len(lines) if rows is None else rows)


def everything(table):
    return table.drop("f0")


def test_rows_keep_their_order_and_number_over_parts():
    parts = [piece(*(f"{10 * number + n};x" for n in range(10))) for number in range(7)]
    with Engine() as engine:
        table = engine.load(2, parts, {"facts": everything})["facts"]
        lines = engine.fetch(table.order_by("row")).to_pylist()
    assert [line["row"] for line in lines] == list(range(70))
    assert [line["c0"] for line in lines] == [str(n) for n in range(70)]


def test_a_list_of_values_in_a_projection_moves_no_row():
    """A long `IN` would become a join, and a join gives the rows of small chunks back in an order of its own."""
    known = ["1", "3", "5", "7", "9", "11", "13"]
    sizes, first = [3 * 2048 + 10] * 6, 0
    tables = []
    for size in sizes:
        numbers = range(first, first + size)
        tables.append(pa.table({"c0": [str(n) for n in numbers], "c1": [str(n % 20) for n in numbers]}))
        first += size
    with Engine() as engine:
        rows = engine.put("rows", pa.concat_tables(tables))
        told = engine.fetch(rows.select("c0", odd=rows.c1.isin(known)))
    assert told["c0"].to_pylist() == [str(n) for n in range(first)]
    assert told["odd"].to_pylist() == [str(n % 20) in known for n in range(first)]


def test_cells_stand_where_their_part_says_and_the_others_are_null():
    parts = [replace(piece("a;b", " c ;d"), places=(2, 0)), piece("1;2;3"), replace(piece("x"), places=(1,))]
    with Engine() as engine:
        table = engine.load(3, parts, {"facts": everything})["facts"]
        lines = engine.fetch(table.order_by("row").drop("row")).to_pylist()
    assert [tuple(line.values()) for line in lines] == [
        ("b", None, "a"),
        ("d", None, "c"),
        ("1", "2", "3"),
        (None, "x", None),
    ]


def test_cells_stay_text_and_blank_is_null():
    with Engine() as engine:
        table = engine.load(3, [piece("007;;1e3", "2A004; ;2020-01-01")], {"facts": everything})["facts"]
        lines = engine.fetch(table.order_by("row").drop("row")).to_pylist()
    assert lines == [{"c0": "007", "c1": None, "c2": "1e3"}, {"c0": "2A004", "c1": None, "c2": "2020-01-01"}]


def test_quoted_parts_hold_delimiters_quotes_and_line_breaks():
    with Engine() as engine:
        lines = ('"a;b";"c""d"', 'e;"f\ng"', '"h\ri";"j\r\nk"', '"";"""l"""')
        table = engine.load(2, [piece(*lines, quote='"')], {"facts": everything})["facts"]
        cells = [(line["c0"], line["c1"]) for line in engine.fetch(table.order_by("row")).to_pylist()]
    assert cells == [("a;b", 'c"d'), ("e", "f\ng"), ("h\ri", "j\r\nk"), (None, '"l"')]


def test_literal_quotes_stay_when_the_part_quotes_nothing():
    with Engine() as engine:
        table = engine.load(2, [piece('5" pipe;"open', "it's;x")], {"facts": everything})["facts"]
        assert engine.fetch(table.order_by("row"))["c0"].to_pylist() == ['5" pipe', "it's"]


def test_no_rows_is_an_empty_table():
    with Engine() as engine:
        table = engine.load(2, [], {"facts": everything})["facts"]
        assert engine.fetch(table.aggregate(n=table.count()))["n"].to_pylist() == [0]


def test_another_count_than_the_readers_is_refused():
    with Engine() as engine, pytest.raises(CountMismatchError):
        engine.load(1, [piece("a", "b", rows=3)], {"facts": everything})["facts"]


def test_an_error_never_quotes_a_row():
    secret = "1800556123456"
    with Engine() as engine, pytest.raises(EngineError) as caught:
        engine.load(2, [piece(f"{secret};b;c")], {"facts": everything})["facts"]
    chain = [caught.value, caught.value.__cause__]
    assert all(secret not in str(error) for error in chain)
    assert caught.value.__suppress_context__ or caught.value.__context__ is None


def test_nothing_is_written_and_nothing_is_fetched():
    with Engine() as engine:
        settings = engine._connection.sql(
            "SELECT name, value FROM duckdb_settings() WHERE name IN "
            "('temp_directory', 'autoinstall_known_extensions', 'autoload_known_extensions')"
        ).fetchall()
    assert dict(settings) == {
        "temp_directory": "",
        "autoinstall_known_extensions": "false",
        "autoload_known_extensions": "false",
    }


def test_a_projection_is_all_that_stays():
    with Engine() as engine:
        table = engine.load(2, [piece("a;b")], {"facts": lambda rows: rows.select(h=rows.c0.hash())})["facts"]
        assert set(table.columns) == {"row", "h"}
        kept = engine.keep("other", table.select(n=table.row + ibis.literal(1)))
        assert engine.fetch(kept)["n"].to_pylist() == [1]


@pytest.mark.parametrize("blank", [" ", "\t", "\u00a0", "\u202f", "\ufeff"])
@pytest.mark.parametrize("layout", ["{0}a;b", "a{0};b", "a;{0}b", "a;b{0}"])
def test_blanks_at_the_edge_of_any_cell_go(blank, layout):
    with Engine() as engine:
        table = engine.load(2, [piece("x;y", layout.format(blank), "x;y")], {"facts": everything})["facts"]
        lines = engine.fetch(table.order_by("row").drop("row")).to_pylist()
    assert lines[1] == {"c0": "a", "c1": "b"}


def test_blanks_inside_a_cell_stay():
    with Engine() as engine:
        table = engine.load(2, [piece("a b;c\u00a0d")], {"facts": everything})["facts"]
        assert engine.fetch(table.drop("row")).to_pylist() == [{"c0": "a b", "c1": "c\u00a0d"}]


def test_a_row_as_long_as_ingest_lets_pass():
    long = "x" * 1_999_990
    with Engine() as engine:
        table = engine.load(2, [piece("a;b", f"{long};c", "d;e")], {"facts": everything})["facts"]
        lines = engine.fetch(table.order_by("row").select(n=table.c0.length(), c1=table.c1)).to_pylist()
    assert lines == [{"n": 1, "c1": "b"}, {"n": len(long), "c1": "c"}, {"n": 1, "c1": "e"}]


@pytest.mark.parametrize("quote", ["", '"'])
def test_a_longer_row_than_a_block_of_the_reader(quote):
    long = "x" * 3_900_000
    with Engine() as engine:
        table = engine.load(2, [piece("a;b", f"{quote}{long}{quote};c", "d;e", quote=quote)], {"facts": everything})
        lines = engine.fetch(table["facts"].order_by("row").select(n=ibis._.c0.length(), c1=ibis._.c1)).to_pylist()
    assert lines == [{"n": 1, "c1": "b"}, {"n": len(long), "c1": "c"}, {"n": 1, "c1": "e"}]


@pytest.mark.parametrize(("wide", "masks"), [(1, 1), (8, 1), (62, 1), (63, 2), (124, 2), (125, 3)])
def test_masks_tell_which_cells_are_filled(wide, masks):
    filled = [{n for n in range(wide) if (n * 7 + row) % 3} | {0} for row in range(50)]
    parts = [piece(*(";".join("x" if n in some else "" for n in range(wide)) for some in filled))]
    with Engine() as engine:
        table = engine.load(wide, parts, {"facts": lambda rows: rows.select(*(f"f{n}" for n in range(masks)))})["facts"]
        lines = engine.fetch(table.order_by("row")).to_pylist()
    told = [{62 * n + bit for n in range(masks) for bit in range(62) if line[f"f{n}"] >> bit & 1} for line in lines]
    assert told == filled


def test_masks_see_cells_as_they_are_trimmed_and_placed():
    parts = [replace(piece("a; ", " ;b"), places=(2, 0))]
    with Engine() as engine:
        table = engine.load(3, parts, {"facts": lambda rows: rows.select("f0")})["facts"]
        assert engine.fetch(table.order_by("row"))["f0"].to_pylist() == [0b100, 0b001]


def test_values_of_listed_columns_are_counted_by_part():
    parts = [piece("a;1;", "a ;2;", " ;1;z"), piece('"a";3;', quote='"')]
    with Engine() as engine:
        left = engine.load(3, parts, {"facts": everything}, listed={0, 2})
        lines = engine.fetch(left[VALUES].order_by("row")).to_pylist()
    assert [(line["col"], line["value"], line["n"]) for line in lines] == [(0, "a", 2), (2, "z", 1), (0, "a", 1)]


def test_no_rows_have_no_values():
    with Engine() as engine:
        left = engine.load(3, [], {"facts": everything}, listed={0, 2})
        assert engine.fetch(left[VALUES]).num_rows == 0


def test_empty_cells_of_a_single_column_are_rows():
    with Engine() as engine:
        table = engine.load(1, [piece("a", "", '""', "b", quote='"')], {"facts": everything})["facts"]
        assert engine.fetch(table.order_by("row"))["c0"].to_pylist() == ["a", None, None, "b"]
