"""Parquet, Arrow and ORC as pyarrow writes them: every type to the letter, cut and corrupted files."""

from __future__ import annotations

import datetime as dt
import decimal
import random
import zipfile
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pytest
from pyarrow import feather, orc
from pyarrow import parquet as pq

from etanche.errors import ExitCode, UserError
from etanche.ingest import open_paths
from etanche.ingest.bids import Head
from etanche.ingest.entries import file_entry
from etanche.ingest.frames import frame_of
from etanche.ingest.limits import DEFAULT, Meter
from etanche.ingest.parsers import parquet as parser
from etanche.ingest.parsers.parquet import column_text
from etanche.ingest.readers import parquet
from etanche.ingest.tables import CellTable, cells_of

DAY = pa.struct([("d", pa.date32()), ("b", pa.binary())])


def read(path: Path) -> tuple[CellTable, list[list[str]]]:
    [table] = parquet.tables(file_entry(path, path.name, Meter(DEFAULT)), DEFAULT)
    rows = [cells for piece in table._pieces() for cells in cells_of(piece, len(table.names))]
    return table, rows


@pytest.mark.parametrize(
    ("values", "kind", "texts"),
    [
        ([1, None, 2**62], pa.int64(), ["1", "", str(2**62)]),
        ([1.5, 1e20, 185057812345678.0, 1e-7], pa.float64(), ["1.5", "1" + "0" * 20, "185057812345678", "0.0000001"]),
        ([0.1, 2.5], pa.float32(), ["0.1", "2.5"]),
        ([dt.date(2021, 2, 14), None], pa.date32(), ["2021-02-14", ""]),
        ([1613315045123456789, 0], pa.timestamp("ns"), ["2021-02-14 15:04:05.123456789", "1970-01-01 00:00:00"]),
        ([1500], pa.timestamp("ms", "Europe/Paris"), ["1970-01-01 00:00:01.5Z"]),
        ([-1], pa.timestamp("s"), ["1969-12-31 23:59:59"]),
        ([2**62], pa.timestamp("s"), [str(2**62)]),
        ([decimal.Decimal("12.50"), decimal.Decimal("-1.00")], pa.decimal128(8, 2), ["12.50", "-1.00"]),
        (["é", b"\xff\x00", b"a\x01"], pa.binary(), ["é", "ff00", "6101"]),
        (["0029", "", None], pa.string(), ["0029", "", ""]),
        ([[1, None], None, []], pa.list_(pa.int8()), ["[1, null]", "", "[]"]),
        ([{"d": dt.date(2021, 2, 14), "b": b"\xff"}], DAY, ['{"d": "2021-02-14", "b": "ff"}']),
        ([True, False, None], pa.bool_(), ["TRUE", "FALSE", ""]),
        ([dt.time(1, 2, 3)], pa.time32("s"), ["01:02:03"]),
        ([None, None], pa.null(), ["", ""]),
    ],
)  # fmt: skip
def test_types(values: list[object], kind: pa.DataType, texts: list[str]) -> None:
    assert list(column_text(pa.array(values, kind))) == texts


def test_dictionaries() -> None:
    assert column_text(pa.array(["Brest", None, "Brest"]).dictionary_encode()) == ["Brest", "", "Brest"]


def people(rows: int = 9000) -> pa.Table:
    return pa.table(
        {
            "nir": pa.array([185057812345678 + k for k in range(rows)]),
            "nom": [f"Nom{k}\nx" if k % 1000 == 0 else f"Nom{k}" for k in range(rows)],
            "cp": [f"{k % 96000:05}" for k in range(rows)],
        }
    )


def write(kind: str, path: Path, table: pa.Table) -> None:
    if kind == "parquet":
        pq.write_table(table, path, row_group_size=2500)
    elif kind == "arrow":
        feather.write_feather(table, path, chunksize=2500)
    elif kind == "stream":
        with pa.ipc.new_stream(path, table.schema) as stream:
            stream.write_table(table, max_chunksize=2500)
    else:
        orc.write_table(table, path)


@pytest.mark.parametrize("kind", ["parquet", "arrow", "stream", "orc"])
def test_whole_files(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "leak.bin"
    write(kind, path, people())
    assert parquet.kind_of(path.read_bytes()[:64]) == kind
    table, rows = read(path)
    assert table.names == ("nir", "nom", "cp")
    assert rows == [[str(a), b, c] for a, b, c in zip(*people().to_pydict().values(), strict=True)]
    list(table.parts())
    assert (table.ledger.lines, table.ledger.rows) == (9000, 9000)


def test_an_empty_table_is_a_table(tmp_path: Path) -> None:
    pq.write_table(people(0), tmp_path / "e.parquet")
    assert read(tmp_path / "e.parquet")[1] == []


def test_bids() -> None:
    assert parquet.bid(Head("x", b"PAR1")).score == pytest.approx(0.9)
    assert parquet.bid(Head("notes.txt", b"ORCHESTRE;1\n")).score == 0
    assert parquet.bid(Head("x", b"nom;ville\n")).score == 0


@pytest.mark.parametrize("kind", ["arrow", "stream"])
def test_arrow_cut_at_fifty_places(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "leak.bin"
    write(kind, path, people(2000).combine_chunks())
    data = path.read_bytes()
    everything = list(parser.rows(path, {"kind": kind}))
    assert everything[-1][0] == {"whole": True, "read": 2000}
    sizes = []
    for cut in sorted(random.Random(2).sample(range(8, len(data)), 50)):
        path.write_bytes(data[:cut])
        try:
            sizes.append(list(parser.rows(path, {"kind": kind}))[-1][0]["read"])
        except parser.RefusalError:
            sizes.append(0)
    assert sizes == sorted(sizes)
    assert set(sizes) <= {0, 2000}


def test_arrow_cut_between_batches(tmp_path: Path) -> None:
    path = tmp_path / "leak.bin"
    write("stream", path, people())
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2])
    table, rows = read(path)
    assert 2500 <= len(rows) < 9000
    assert dict(next(note for note in table.notes if note.code == "table_damaged").params) == {"rows": len(rows)}


@pytest.mark.parametrize("kind", ["parquet", "orc"])
def test_what_lost_its_end_is_refused(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "leak.bin"
    write(kind, path, people(100))
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(UserError) as caught:
        read(path)
    assert (caught.value.code, caught.value.exit_code) == ("ingest_table_file_damaged", ExitCode.UNREADABLE)


@pytest.mark.parametrize("kind", ["parquet", "arrow", "orc"])
def test_bytes_turned(tmp_path: Path, kind: str) -> None:
    """Three files each: pyarrow may do what it likes in the sandbox, the reader says one line."""
    out = tmp_path / "whole"
    write(kind, out, people(300))
    rnd = random.Random(11)
    for k in range(3):
        data = bytearray(out.read_bytes())
        for _ in range(1 + 4 * k):
            data[rnd.randrange(8, len(data))] = rnd.randrange(256)
        path = tmp_path / f"leak{k}"
        path.write_bytes(data)
        try:
            _, rows = read(path)
        except UserError:
            continue
        assert len(rows) <= 300 or kind != "parquet"


def test_a_packed_member_too_large_for_memory_is_spilled(tmp_path: Path) -> None:
    pq.write_table(people(500), tmp_path / "p.parquet")
    with zipfile.ZipFile(tmp_path / "z.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(tmp_path / "p.parquet", "p.parquet")
    [table] = open_paths([tmp_path / "z.zip"], replace(DEFAULT, nested_bytes=100, held_bytes=100))
    assert sum(part.rows for part in table.parts()) == 500
    assert (table.member, table.source.reader) == ("p.parquet", "parquet")


def test_a_batch_joined_by_arrow_is_what_cells_one_by_one_make() -> None:
    plain = {"a": ["é", None, "x y"], "n": [1, None, -3], "b": [True, None, False], "f": [0.1, 1e20, None]}
    for odd in ('a"b', "a\nb", "a\rb", "a\x1fb", "a\0b", "ok"):
        batch = pa.record_batch(plain | {"odd": ["", odd, None]})
        for part in (batch, batch.slice(1, 2), batch.slice(2)):
            cells = list(zip(*[column_text(column) for column in part.columns], strict=True))
            assert parser._frame(part, 7) == frame_of(cells, 7), odd
    assert parser._joined(batch) is not None


def test_a_batch_of_what_is_no_text_is_read(tmp_path: Path) -> None:
    broken = pa.Array.from_buffers(pa.string(), 1, [None, pa.py_buffer(b"\0\0\0\0\2\0\0\0"), pa.py_buffer(b"\xff\xfe")])
    pq.write_table(pa.table({"a": broken, "b": [1]}), tmp_path / "b.parquet")
    assert read(tmp_path / "b.parquet")[1] == [["fffe", "1"]]


def test_the_sample_of_groups_is_spread_over_them(tmp_path: Path) -> None:
    pq.write_table(pa.table({"n": range(20_000)}), tmp_path / "g.parquet", row_group_size=1000)
    table, rows = read(tmp_path / "g.parquet")
    sampled = [int(number) for number in table.sample().columns[0]]
    assert len(rows) == 20_000
    assert sampled == sorted(set(sampled))
    assert sampled[0] == 0
    assert len({number // 1000 for number in sampled}) == 8
    assert max(sampled) > 19_000


def test_wide_batches_come_in_several_frames(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parser, "_BATCH_BYTES", 1000)
    pq.write_table(pa.table({"t": ["x" * 300] * 50}), tmp_path / "w.parquet")
    frames = [
        header["rows"] for header, _ in parser.rows(tmp_path / "w.parquet", {"kind": "parquet"}) if "rows" in header
    ]
    assert sum(frames) == 50
    assert max(frames) <= 4
