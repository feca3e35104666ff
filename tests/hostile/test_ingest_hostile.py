"""Files that lie, explode, end too soon or are no files: one clear error, or what can be read."""

from __future__ import annotations

import gzip
import io
import os
import random
import zipfile
import zlib
from pathlib import Path

import pyarrow as pa
import pytest

from etanche.errors import ExitCode, UserError
from etanche.ingest import Limits, TextTable, open_paths
from etanche.ingest.bids import all_readers
from etanche.ingest.parsers.jsonmarks import marks
from etanche.linking.cutting import cut
from etanche.linking.search import _Left
from etanche.model import QuarantineReason as Why
from etanche.rows import StoredPart
from etanche.words import LANGUAGES, Words

TEXT = ("id;nom;ville\n" + "".join(f"{k};Lefèvre;Orléans\n" for k in range(5000))).encode("cp1252")


def tables(path: Path, limits: Limits | None = None) -> list[TextTable]:
    return list(open_paths([path], limits or Limits()))


def rows_of(table: TextTable) -> int:
    return sum(part.rows for part in table.parts())


def zipped(members: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return out.getvalue()


def refusal(path: Path, data: bytes | None) -> UserError:
    if data is not None:
        path.write_bytes(data)
    with pytest.raises(UserError) as caught:
        list(open_paths([path]))
    error = caught.value
    assert error.exit_code is ExitCode.UNREADABLE
    for language in LANGUAGES:
        sentence = Words(language)(f"errors.{error.code}", **error.params)
        assert "\n" not in sentence
        assert len(sentence) > 20
    return error


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "ingest_empty"),
        (b"\n\n\r\n  \n", "ingest_no_columns"),
        (random.Random(1).randbytes(5000), "ingest_binary"),
        (bytes(3000), "ingest_binary"),
        (b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n", "ingest_pdf_damaged"),
        (b"SQLite format 3\0" + bytes(100), "ingest_sqlite"),
        (zipped({"[Content_Types].xml": b"<Types/>", "xl/workbook.xml": b"<x/>"}), "ingest_workbook_empty"),
        (b"\x1f\x8b\x08", "ingest_member_damaged"),
        (gzip.compress(b""), "ingest_empty"),
        (zipped({}), "ingest_archive_empty"),
        (zipped({"a.pdf": b"%PDF-1.4 ..."}), "ingest_pdf_damaged"),
        (b"PK\x03\x04", "ingest_archive_empty"),
    ],
)
def test_what_cannot_be_read_is_said_in_one_line(tmp_path: Path, data: bytes, code: str) -> None:
    assert refusal(tmp_path / "leak.bin", data).code == code


def test_paths_that_are_no_files(tmp_path: Path) -> None:
    assert refusal(tmp_path / "none", None).code == "ingest_not_found"
    assert refusal(tmp_path, None).code == "ingest_folder_empty"
    os.mkfifo(tmp_path / "fifo")
    assert refusal(tmp_path / "fifo", None).code == "ingest_not_a_file"
    assert refusal(Path("/dev/null"), None).code == "ingest_not_a_file"


def test_no_permission(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "leak.csv"
    path.write_bytes(TEXT)

    def refuse(*_args: object, **_named: object) -> None:
        raise PermissionError

    monkeypatch.setattr(Path, "open", refuse)
    assert refusal(path, None).code == "ingest_no_permission"


def test_archives_in_archives(tmp_path: Path) -> None:
    inner = zipped({"b/leak.csv": TEXT, "stored.csv.gz": gzip.compress(TEXT)}, zipfile.ZIP_BZIP2)
    data = zipped({"inner.zip": inner, "leak.csv": TEXT, "note.pdf": b"%PDF-1.4", "empty.txt": b""}, zipfile.ZIP_STORED)
    path = tmp_path / "leak.zip.gz"
    path.write_bytes(gzip.compress(data))
    for limits in (Limits(), Limits(nested_bytes=100)):
        opening = open_paths([path], limits)
        found = {table.member: rows_of(table) for table in opening}
        assert found == {
            "leak.zip!inner.zip!b/leak.csv": 5000,
            "leak.zip!inner.zip!stored.csv.gz!stored.csv": 5000,
            "leak.zip!leak.csv": 5000,
        }
        assert [(item.member, item.code) for item in opening.refused] == [("leak.zip!note.pdf", "ingest_pdf_damaged")]


def test_source_and_hash(tmp_path: Path) -> None:
    path = tmp_path / "leak.zip"
    path.write_bytes(zipped({"leak.csv": TEXT}))
    (table,) = tables(path)
    source = table.source
    assert (source.member, source.reader, source.encoding, source.header) == ("leak.csv", "delimited", "cp1252", True)
    assert source.sha256 == __import__("hashlib").sha256(path.read_bytes()).hexdigest()


def test_folder(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.csv").write_bytes(TEXT)
    (tmp_path / "b.csv").write_bytes(TEXT)
    (tmp_path / "c.pdf").write_bytes(b"%PDF-1.4")
    opening = open_paths([tmp_path])
    assert [table.path for table in opening] == [f"{tmp_path.name}/b.csv", f"{tmp_path.name}/in/a.csv"]
    assert [item.code for item in opening.refused] == ["ingest_pdf_damaged"]


@pytest.mark.parametrize("keep", [0.3, 0.9, 0.999])
def test_truncated_gzip_is_read_as_far_as_it_goes(tmp_path: Path, keep: float) -> None:
    packed = gzip.compress(random.Random(2).randbytes(3000).hex().encode() + b"\n" + TEXT)
    path = tmp_path / "leak.csv.gz"
    path.write_bytes(packed[: int(len(packed) * keep)])
    (table,) = tables(path)
    rows_of(table)
    unpacked = zlib.decompressobj(31).decompress(path.read_bytes())
    assert table.ledger.lines == unpacked.count(b"\n") + (not unpacked.endswith(b"\n"))
    assert "truncated" in {note.code for note in table.notes}


def test_damaged_gzip_keeps_what_came_before(tmp_path: Path) -> None:
    rng = random.Random(4)
    text = b"id;cle;ville\n" + b"".join(b"%d;%s;Brest\n" % (k, rng.randbytes(8).hex().encode()) for k in range(40_000))
    packed = bytearray(gzip.compress(text))
    packed[len(packed) // 2 : len(packed) // 2 + 400] = bytes(400)
    path = tmp_path / "leak.csv.gz"
    path.write_bytes(packed)
    (table,) = tables(path)
    assert rows_of(table) > 15_000
    assert {"damaged", "truncated"} & {note.code for note in table.notes}


def test_a_wrong_checksum_loses_nothing(tmp_path: Path) -> None:
    path = tmp_path / "leak"
    packed = bytearray(gzip.compress(TEXT))
    packed[-6] ^= 1
    path.write_bytes(packed)
    (table,) = tables(path)
    assert (rows_of(table), [note.code for note in table.notes]) == (5000, ["damaged"])
    for method in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        packed = bytearray(zipped({"a.csv": TEXT}, method))
        packed[packed.index(b"PK\x01\x02") + 16] ^= 1
        path.write_bytes(packed)
        (table,) = tables(path)
        assert (rows_of(table), [note.code for note in table.notes]) == (5000, ["checksum"])


def test_several_gzip_members_are_one_text(tmp_path: Path) -> None:
    path = tmp_path / "leak.csv.gz"
    path.write_bytes(gzip.compress(TEXT) + gzip.compress(b"9;Dupont;Brest\n") + bytes(600))
    (table,) = tables(path)
    assert rows_of(table) == 5001
    assert table.notes == ()


def test_zip_without_its_directory(tmp_path: Path) -> None:
    data = zipped({"a.csv": TEXT, "b.csv": TEXT})
    path = tmp_path / "leak.zip"
    path.write_bytes(data[: data.index(b"PK\x01\x02")])
    found = tables(path)
    assert [(table.member, rows_of(table)) for table in found] == [("a.csv", 5000), ("b.csv", 5000)]
    assert {note.code for table in found for note in table.notes} == {"archive_damaged"}


def test_encrypted_members_are_named(tmp_path: Path) -> None:
    data = bytearray(zipped({"a.csv": TEXT, "b.csv": TEXT}))
    data[data.index(b"PK\x03\x04") + 6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1
    path = tmp_path / "leak.zip"
    path.write_bytes(data)
    opening = open_paths([path])
    assert [table.member for table in opening] == ["b.csv"]
    assert [(item.member, item.code) for item in opening.refused] == [("a.csv", "ingest_member_encrypted")]


@pytest.mark.parametrize("pack", [gzip.compress, lambda data: zipped({"leak.csv": data})])
def test_bombs_stop(tmp_path: Path, pack: object) -> None:
    path = tmp_path / "bomb"
    path.write_bytes(pack(b"id;nom\n" + b"0;0\n" * 2_000_000))  # type: ignore[operator]
    (table,) = tables(path, Limits(ratio=20, ratio_from=1 << 20))
    rows = rows_of(table)
    assert 0 < rows < 1_000_000
    assert [note.code for note in table.notes] == ["limit_ratio"]
    (table,) = tables(path, Limits(total_bytes=3 << 20))
    assert 0 < rows_of(table) < 1_500_000
    assert [note.code for note in table.notes] == ["limit_total"]


def test_archives_too_deep_or_too_many(tmp_path: Path) -> None:
    data = TEXT
    for _ in range(4):
        data = gzip.compress(data)
    path = tmp_path / "leak"
    path.write_bytes(data)
    with pytest.raises(UserError) as caught:
        tables(path, Limits(depth=3))
    assert caught.value.code == "ingest_too_deep"
    path.write_bytes(zipped({f"{k}.csv": TEXT for k in range(5)}))
    opening = open_paths([path], Limits(members=2))
    assert len(list(opening)) == 2
    assert {item.code for item in opening.refused} == {"ingest_too_many"}


@pytest.mark.parametrize("encoding", ["cp1252", "utf-16-le"])
def test_a_line_without_end_is_bounded(tmp_path: Path, encoding: str) -> None:
    text = "id;nom;ville\n1;Lefèvre;Orléans\n" * 5 + "2;" + "x" * 900_000 + ";y\n3;Dupont;Brest\n" + "z" * 900_000
    path = tmp_path / "leak.csv"
    path.write_bytes(text.encode(encoding))
    (table,) = tables(path, Limits(line_bytes=10_000, raw_bytes=5_000, block_bytes=4_096))
    asides = [aside for part in table.parts() for aside in part.quarantined]
    assert [aside.reason for aside in asides][-2:] == [Why.TOO_LONG, Why.CUT]
    assert all(len(aside.raw) <= 5_000 for aside in asides)
    assert table.ledger.lines == 13
    offset = asides[-2].offset
    assert path.read_bytes()[offset:].startswith(asides[-2].raw)


@pytest.mark.parametrize("pattern", [b'"', b'";"', b'"a;', b'\\"', b'a;"\n"', b" "])
def test_quotes_without_end_take_no_time(tmp_path: Path, pattern: bytes) -> None:
    path = tmp_path / "leak.csv"
    path.write_bytes(TEXT + pattern * (600_000 // len(pattern)) + b"\n" + TEXT)
    (table,) = tables(path)
    rows = rows_of(table)
    assert rows >= 10_000
    assert table.ledger.lines == path.read_bytes().count(b"\n")


def test_cut_last_line(tmp_path: Path) -> None:
    path = tmp_path / "leak.csv"
    path.write_bytes(TEXT + b"5000;Dup")
    (table,) = tables(path)
    rows_of(table)
    assert table.ledger.reasons == {Why.CUT: 1}
    path.write_bytes(TEXT + b"5000;Dupont;Brest")
    (table,) = tables(path)
    assert rows_of(table) == 5001


def test_ledger_is_not_told_before_the_end(tmp_path: Path) -> None:
    path = tmp_path / "leak.csv"
    path.write_bytes(TEXT)
    (table,) = tables(path)
    with pytest.raises(RuntimeError):
        _ = table.ledger


def test_nothing_of_a_cell_shows_in_a_repr(tmp_path: Path) -> None:
    path = tmp_path / "leak.csv"
    path.write_bytes(TEXT + b"Lef\xe8vre seul\n")
    (table,) = tables(path)
    (part,) = table.parts()
    assert "Lef" not in repr(part) + repr(table) + repr(part.quarantined) + repr(table.sample(5))
    stored = StoredPart(part.data, part.dialect, part.rows, 0, ())
    (piece, *_) = cut([stored], len(part.data) // 2)
    left = _Left([], persons=[pa.table({"name": ["Lefèvre"]})], cells=[pa.table({"c0": ["Lefèvre"]})])
    assert "vre" not in repr(stored) + repr(piece) + repr(left) + repr(marks(b'{"name": "Lefevre"}'))


def test_progress_reaches_the_whole(tmp_path: Path) -> None:
    for data in (TEXT, gzip.compress(TEXT), zipped({"a.csv": TEXT})):
        path = tmp_path / "leak"
        path.write_bytes(data)
        (table,) = tables(path)
        told: list[tuple[int, int]] = []
        list(table.parts(lambda done, total, told=told: told.append((done, total))))
        assert told[-1][0] == told[-1][1] > 0
        assert told == sorted(told)


def test_every_reader_keeps_to_the_interface() -> None:
    names = [reader.NAME for reader in all_readers()]
    assert names == sorted(set(names))
    assert {"delimited", "gzip", "zip", "refuser"} <= set(names)
