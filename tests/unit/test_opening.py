"""What opening makes of paths: refusals, order, and readers that fail where they should not."""

from __future__ import annotations

import gzip
import shutil
import zipfile
from dataclasses import replace

import pytest

from etanche import ingest
from etanche.errors import ExitCode, UserError
from etanche.ingest import readers
from etanche.ingest.bids import all_readers
from etanche.ingest.folders import in_folder
from etanche.words import Words

SECRET = "SYLVESTRE Aurore"
FAILING = f'''
from etanche.ingest.bids import Bid
NAME = "failing"
def bid(head):
    if head.data.startswith(b"FAIL IN BID"):
        raise LookupError("{SECRET}")
    return Bid(0.99, "magic") if head.data.startswith(b"FAIL") else Bid(0, "")
def tables(entry, limits):
    if entry.head().startswith(b"FAIL SOON"):
        raise KeyError("{SECRET}")
    from etanche.ingest.tables import CellTable, piece_of
    yield CellTable(entry, limits, NAME, names=("a",), pieces=lambda: iter([piece_of([["1"]], first_line=1)]))
    raise {{"FAIL OS": OSError, "FAIL ME": MemoryError}}.get(entry.head(7).decode(), ZeroDivisionError)("{SECRET}")
'''


@pytest.fixture
def failing(tmp_path, monkeypatch):
    """A reader that raises what nobody foresaw: when bidding, before its first table, or after it."""
    folder = tmp_path / "readers"
    folder.mkdir()
    (folder / "failing.py").write_text(FAILING)
    monkeypatch.setattr(readers, "__path__", [*readers.__path__, str(folder)])
    all_readers.cache_clear()
    yield
    monkeypatch.undo()
    all_readers.cache_clear()


FILES = {
    "a.csv": "id;nom\n1;x\n",
    "b.bid": "FAIL IN BID\n",
    "c.soon": "FAIL SOON\n",
    "d.late": "FAIL late\n",
    "e.os": "FAIL OS\n",
    "f.memory": "FAIL ME\n",
    "g.csv": "id;nom\n2;y\n",
}
CODES = {
    "b.bid": ("ingest_reader", "LookupError"),
    "c.soon": ("ingest_reader", "KeyError"),
    "d.late": ("ingest_reader", "ZeroDivisionError"),
    "e.os": ("ingest_unreadable", None),
    "f.memory": ("out_of_memory", None),
}


def written(folder):
    folder.mkdir()
    for name, text in FILES.items():
        (folder / name).write_text(text)
    return folder


def packed(path):
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in FILES.items():
            archive.writestr(name, text)
    return path


@pytest.mark.parametrize("make", [lambda tmp: written(tmp / "in"), lambda tmp: packed(tmp / "in.zip")])
@pytest.mark.usefixtures("failing")
def test_a_reader_that_fails_ends_its_entry_alone(tmp_path, make):
    opening = ingest.open_paths([make(tmp_path)])
    rows = {(table.member or table.path).rpartition("/")[2]: sum(p.rows for p in table.parts()) for table in opening}
    assert rows == {"a.csv": 1, "d.late": 1, "e.os": 1, "f.memory": 1, "g.csv": 1}
    found = {
        (each.member or each.path).rpartition("/")[2]: (each.code, dict(each.params).get("kind"))
        for each in opening.refused
    }
    assert found == CODES
    assert SECRET not in repr(opening.refused)
    for language in ("en", "fr"):
        for each in opening.refused:
            said = Words(language)(f"errors.{each.code}", **dict(each.params))
            assert SECRET not in said


@pytest.mark.parametrize("name", ["b.bid", "c.soon", "d.late"])
@pytest.mark.usefixtures("failing")
def test_alone_it_is_an_error_of_one_line(tmp_path, name):
    with pytest.raises(UserError) as raised:
        list(ingest.open_paths([written(tmp_path / "in") / name]))
    assert (raised.value.code, raised.value.params["kind"]) == CODES[name]
    assert raised.value.exit_code is ExitCode.UNREADABLE
    assert raised.value.__cause__ is None
    assert raised.value.__suppress_context__


class Interrupting:
    """A reader under Ctrl-C."""

    NAME = "interrupting"

    @staticmethod
    def tables(_entry, _limits):
        raise KeyboardInterrupt


def test_an_interruption_is_not_a_fault(tmp_path, monkeypatch):
    monkeypatch.setattr("etanche.ingest.opening.best", lambda _head: Interrupting)
    with pytest.raises(KeyboardInterrupt):
        list(ingest.open_paths([written(tmp_path / "in")]))


def test_paths_that_cannot_be_read_are_refused_where_opening_is_not_strict(tmp_path):
    folder = written(tmp_path / "z")
    (tmp_path / "empty.csv").touch()
    (tmp_path / "hollow").mkdir()
    (tmp_path / "last.csv").write_text("id;nom\n9;x\n")
    missing = tmp_path / "missing.csv"
    paths = [folder / "g.csv", missing, tmp_path / "hollow", folder, tmp_path / "empty.csv", tmp_path / "last.csv"]
    with pytest.raises(UserError):
        ingest.open_paths(paths)
    opening = ingest.open_paths(paths, strict=False)
    met = [(opening.given, table.path.rpartition("/")[2]) for table in opening]
    assert met[0] == (folder / "g.csv", "g.csv")
    assert met[-1] == (tmp_path / "last.csv", "last.csv")
    assert {given for given, _ in met[1:-1]} == {folder}
    assert [(each.given, each.code) for each in opening.refused if each.given != folder] == [
        (missing, "ingest_not_found"),
        (tmp_path / "hollow", "ingest_folder_empty"),
        (tmp_path / "empty.csv", "ingest_empty"),
    ]


def test_the_part_after_a_gap_is_named_alone(tmp_path):
    for number in (1, 3):
        (tmp_path / f"x.zip.{number:03}").write_bytes(b"PK\x03\x04" + bytes(200))
    opening = ingest.open_paths([tmp_path / "x.zip.003"], strict=False)
    with pytest.raises(UserError):
        list(opening)
    assert "ingest_volume_missing" in {each.code for each in opening.refused}


def test_nothing_readable_at_all_is_an_error_at_the_end(tmp_path):
    opening = ingest.open_paths([tmp_path / "one", tmp_path / "two"], strict=False)
    with pytest.raises(UserError) as raised:
        list(opening)
    assert raised.value.params["path"] == str(tmp_path / "one")
    assert [each.code for each in opening.refused] == ["ingest_not_found"] * 2


def test_limits_hold_for_all_paths_together(tmp_path):
    for name in ("one", "two"):
        with zipfile.ZipFile(tmp_path / f"{name}.zip", "w") as archive:
            for number in range(3):
                archive.writestr(f"{number}.csv", "id;nom\n1;x\n2;y\n")
    limits = replace(ingest.DEFAULT, members=4)
    opening = ingest.open_paths([tmp_path / "one.zip", tmp_path / "two.zip"], limits, strict=False)
    assert len(list(opening)) == 4
    assert [each.code for each in opening.refused] == ["ingest_too_many"]


def test_a_packed_member_is_named_without_its_folders(tmp_path):
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        archive.writestr("inner/x.csv.gz", gzip.compress(b"id;nom\n1;x\n2;y\n"))
    (table,) = ingest.open_paths([tmp_path / "x.zip"])
    assert table.member == "inner/x.csv.gz!x.csv"


LIST = b"PGDMP\x01\x0e\x00\x04\x08\x03" + bytes(50)


def dumped(folder):
    folder.mkdir()
    (folder / "toc.dat").write_bytes(LIST)
    for name in ("3101.dat", "3102.dat.gz", "blob_16.dat", "blobs.toc", "lisez-moi.txt", "labo.dat"):
        (folder / name).write_bytes(b"1\tx\n")
    return folder


def test_data_of_a_directory_dump_belong_to_its_list(tmp_path, monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda _name: "/usr/bin/pg_restore")
    found = in_folder(dumped(tmp_path / "dump"))
    assert [path.name for path in found.files] == ["labo.dat", "lisez-moi.txt", "toc.dat"]


def test_without_the_program_they_are_files_like_others(tmp_path, monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda _name: None)
    assert len(in_folder(dumped(tmp_path / "dump")).files) == 7


def test_a_list_of_another_program_claims_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda _name: "/usr/bin/pg_restore")
    folder = dumped(tmp_path / "dump")
    (folder / "toc.dat").write_bytes(b"id;nom\n1;x\n")
    assert len(in_folder(folder).files) == 7
