"""Bombs: each is opened in a process whose memory is bounded by the system; it must end by itself, and say what it met.

Limits are lowered so that the tests are quick; `bench/bombs.py` opens the full-sized ones with the limits as they are.
"""

from __future__ import annotations

import gzip
import io
import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import py7zr
import pytest

import handmade_bombs as make
import handmade_quines as quines
from etanche.ingest import Limits, open_paths

MEMORY = 1 << 30
OPEN = """
import json, resource, sys
resource.setrlimit(resource.RLIMIT_AS, ({memory}, {memory}))
from pathlib import Path
from etanche.errors import UserError
from etanche.ingest import Limits, open_paths
limits = Limits(ratio_from=1 << 20, members=300, parser_bytes=1 << 30, nested_bytes=1 << 20)
opening, rows, notes, error = None, 0, set(), ""
try:
    opening = open_paths([Path(sys.argv[1])], limits)
    for table in opening:
        rows += sum(part.rows for part in table.parts())
        ledger = table.ledger
        assert ledger.lines == ledger.header + ledger.row_lines + ledger.quarantined + ledger.blank
        notes |= {{note.code for note in table.notes}}
except UserError as fault:
    error = fault.code
codes = sorted({{item.code for item in opening.refused}}) if opening else []
print(json.dumps([rows, sorted(notes), codes, error, len(opening.refused) if opening else 0]))
"""


def outcome(folder: Path, data: bytes) -> tuple[int, list[str], list[str], str, int]:
    """Open a bomb in a process of its own; it leaves nothing in its folder for temporary files."""
    path, spill = folder / "bombe", folder / "spill"
    path.write_bytes(data)
    spill.mkdir(exist_ok=True)
    command = [sys.executable, "-c", OPEN.format(memory=MEMORY), str(path)]
    environment = {**os.environ, "TMPDIR": str(spill)}
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False, env=environment)
    assert done.returncode == 0, done.stderr[-600:]
    assert not done.stderr
    assert not list(spill.iterdir())
    rows, notes, codes, error, refused = json.loads(done.stdout)
    return rows, notes, codes, error, refused


@pytest.mark.parametrize(
    "name",
    [
        "10 GB of lines in a gzip",
        "10 GB in a bzip2",
        "10 GB in an xz",
        "10 GB in a Zstandard",
        "10 GB of runs in a Zstandard",
        "a zip that says 10 bytes and holds 10 GB",
    ],
)
def test_what_unpacks_to_too_much_stops_and_says_so(tmp_path: Path, name: str) -> None:
    rows, notes, _, error, _ = outcome(tmp_path, make.BOMBS[name](0.01))
    assert rows > 1000
    assert notes == ["limit_ratio"]
    assert not error


def test_zeros_are_no_text(tmp_path: Path) -> None:
    assert outcome(tmp_path, make.BOMBS["10 GB of zeros in a gzip"](0.1))[3] == "ingest_binary"


def test_zips_in_zips(tmp_path: Path) -> None:
    rows, notes, codes, _, refused = outcome(tmp_path, make.nested(megabytes=64))
    assert rows > 1000
    assert notes == ["limit_ratio"]
    assert codes == ["ingest_bomb"]
    assert refused < 20


def test_archives_without_end(tmp_path: Path) -> None:
    assert outcome(tmp_path, make.deep())[3] == "ingest_too_deep"


def test_archives_that_hold_themselves(tmp_path: Path) -> None:
    stream, archive = quines.gzip(), quines.zip_file()
    assert gzip.decompress(stream) == stream
    with zipfile.ZipFile(io.BytesIO(archive)) as held:
        assert held.read(held.namelist()[0]) == archive
    assert outcome(tmp_path, stream)[3] == "ingest_too_deep"
    _, _, codes, error, _ = outcome(tmp_path, archive)
    assert "ingest_too_deep" in {*codes, error}


def test_members_on_the_same_bytes(tmp_path: Path) -> None:
    rows, _, codes, _, _ = outcome(tmp_path, make.overlapping(2000))
    assert rows > 1000
    assert "ingest_member_overlap" in codes
    _, _, codes, _, refused = outcome(tmp_path, make.quoting(100, 30))
    assert "ingest_member_overlap" in codes
    assert refused >= 99


@pytest.mark.parametrize("maker", [make.many_zip, make.many_tar])
def test_more_members_than_can_be(tmp_path: Path, maker: object) -> None:
    rows, _, codes, _, refused = outcome(tmp_path, maker(30_000))  # type: ignore[operator]
    assert rows in {299, 300}  # the tar in its gzip is a member too
    assert codes == ["ingest_too_many"]
    assert refused == 1


@pytest.mark.parametrize("data", [make.xz_dictionary(), make.lzma_dictionary(), make.zstd_window()])
def test_memory_that_no_stream_needs(tmp_path: Path, data: bytes) -> None:
    assert outcome(tmp_path, data)[3] == "ingest_window"


def test_a_7z_that_unpacks_to_too_much(tmp_path: Path) -> None:
    path = tmp_path / "x.7z"
    with py7zr.SevenZipFile(path, "w", filters=[{"id": py7zr.FILTER_LZMA2, "preset": 0}]) as archive:
        archive.writestr(make.LINE * (4 << 20), "a.csv")
        archive.writestr(make.LINE * (4 << 20), "b.csv")
    rows, notes, _, error, _ = outcome(tmp_path, path.read_bytes())
    assert rows > 1000
    assert notes == ["limit_ratio"]
    assert not error


def test_time_runs_out(tmp_path: Path) -> None:
    path = tmp_path / "leak.csv.gz"
    path.write_bytes(make.gzipped(30))
    opening = open_paths([path], Limits(entry_seconds=0))
    (table,) = opening
    assert sum(part.rows for part in table.parts()) > 0
    assert [note.code for note in table.notes] == ["limit_seconds"]
    path = tmp_path / "leak.zip"
    path.write_bytes(make.many_zip(50))
    opening = open_paths([path], Limits(all_seconds=0))
    assert len(list(opening)) < 5
    assert [item.code for item in opening.refused] == ["ingest_too_long"]
