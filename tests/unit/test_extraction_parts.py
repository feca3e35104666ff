"""The parts of an extraction by themselves: where tables go, how cells are written, what stands beside them."""

from __future__ import annotations

import csv
import io
import json
import os
import zipfile
from pathlib import PurePosixPath

import pytest

from etanche.config import Config
from etanche.extraction import ExtractRequest, Hooks, extract
from etanche.extraction.layout import Layout
from etanche.extraction.rfc4180 import blocks, comma_separated, header_line
from etanche.extraction.sidecars import Provenance, spelt, unspelt
from etanche.ingest import Run
from etanche.model import Dialect


@pytest.fixture(autouse=True)
def _umask():
    """An extraction makes new files the user's alone, in the process of the tests as well."""
    mask = os.umask(0o022)
    os.umask(mask)
    yield
    os.umask(mask)


def placed(*sources, suffix="csv"):
    layout = Layout()
    return [str(layout.place(*source, suffix).table) for source in sources]


def test_the_path_of_the_source_is_kept():
    assert placed(("a/b/leak.csv", "", ""), ("book.xlsx", "", "Feuil 1"), ("z.zip", "d/x.csv", "")) == [
        "a/b/leak.csv/leak.csv",
        "book.xlsx/Feuil 1.csv",
        "z.zip/d/x.csv/x.csv",
    ]


@pytest.mark.parametrize(
    "source",
    ["/etc/passwd", "../../x", "..", "/", "a/../../b", "C:\\x", "\x1b[2J\n\u202ecsv", "x" * 4000, "a/" * 500, "\udcff"],
)
@pytest.mark.parametrize("table", ["", "..", "../../x", "/abs", "t" * 3000, "a/b", "\u202e\n", "con", "."])
def test_nothing_leads_outside(source, table):
    place = Layout().place(source, "", table, "csv")
    for path in place.all():
        assert not path.is_absolute()
        assert not {"..", ".", ""} & set(path.parts)
        assert all(part.isprintable() and len(part.encode()) <= 255 for part in path.parts)
        assert len(str(path).encode()) < 500


def test_no_two_things_meet():
    sources = [
        ("a.csv", "", ""),
        ("A.CSV", "", ""),
        ("/a.csv", "", ""),
        ("../a.csv", "", ""),
        ("manifest.json", "", ""),
        ("manifest.json.etanche-unfinished", "", ""),
        ("z.zip", "x.csv", ""),
        ("z.zip", "x.csv/x.csv", ""),
        ("z.zip", "x.csv/x.csv/x.csv", ""),
        *(("b.sql", "", name) for name in ("t", "T", "t", "t~2", "t.quarantine", "t.provenance")),
        ("b.sql", "t.csv/u", "t"),
    ]
    layout = Layout()
    files = [path for source in sources for path in layout.place(*source, "csv").all()]
    files += [PurePosixPath("manifest.json")]
    folded = {str(path).casefold() for path in files}
    assert len(folded) == len(files)
    folders = {str(parent).casefold() for path in files for parent in path.parents}
    assert not folded & folders


def test_many_of_one_name_are_quick():
    assert len(set(placed(*[("x.zip", "", "t")] * 5000))) == 5000
    assert len(set(placed(*[("/" * n + "x.csv", "", "") for n in range(3000)]))) == 3000


def written(data: bytes, dialect: Dialect, columns: int) -> list[list[str]]:
    text = b"".join(comma_separated(data, dialect, columns)).decode()
    return list(csv.reader(io.StringIO(text, newline=""), strict=True))


@pytest.mark.parametrize(
    ("data", "dialect", "columns", "rows"),
    [
        (b'a;b,c;"d\n', Dialect(";"), 3, [["a", "b,c", '"d']]),
        (b"a,b\n,\n", Dialect(","), 2, [["a", "b"], ["", ""]]),
        (b'a,"b\nc"\n', Dialect(",", '"'), 2, [["a", "b\nc"]]),
        (b'"a;,""b";x,y\n', Dialect(";", '"'), 2, [['a;,"b', "x,y"]]),
        (b"\n\nx\n", Dialect("\x1f"), 1, [[""], [""], ["x"]]),
        (b'"\n\n"\n\n', Dialect("\x1f", '"'), 1, [["\n\n"], [""]]),
        (b"a\rb;c\n", Dialect(";"), 2, [["a\rb", "c"]]),
        (b"\xed\xa0\xbd\xed\xb8\x80;\xed\xa0\xbd;\xed\x95\x9c\n", Dialect(";"), 3, [["😀", "\\ud83d", "한"]]),
    ],
)
def test_rows_as_commas(data, dialect, columns, rows):
    assert written(data, dialect, columns) == rows


def test_blocks_never_cut_a_record():
    data = b'1,"x\n' + b"y\n" * 1000 + b'"\n' + b"2,z\n" * 1000
    cut = list(blocks(data, quoted=True, size=100))
    assert b"".join(cut) == data
    assert len(cut) > 10
    assert all(block.count(b'"') % 2 == 0 and block.endswith(b"\n") for block in cut)


def test_names_are_quoted_where_they_must():
    assert header_line(["a,b", 'c"', "d"]) == b'"a,b","c""",d\n'


@pytest.mark.parametrize("raw", [bytes(range(256)), b"\\x41\\\\", "é\u202e\U000e0001\x85".encode(), b"\xed\xa0\xbd"])
def test_raw_bytes_are_spelt_without_loss(raw):
    assert unspelt(spelt(raw)) == raw
    assert spelt(raw).isprintable()


def test_runs_that_follow_one_another_are_one():
    text = Provenance({"source": "x"})
    said = text.head
    said += text.add([Run(0, 2, 10, 3, True, 3)], 3)
    said += text.add([Run(0, 5, 90, 2, True, 2), Run(2, 7, 99, 1, False, 4), Run(3, 11, 120, 1, True, 1)], 4)
    said += text.end()
    assert json.loads(said) == {
        "source": "x",
        "columns": ["row", "line", "offset", "rows", "lines"],
        "runs": [[0, 2, 10, 5, 5], [5, 7, 99, 1, 4], [6, 11, 120, 1, 1]],
    }


def test_progress_goes_up_to_all_bytes(tmp_path):
    """Bytes of all files together; what archives unpack to is added as it becomes known."""
    for name in ("a.csv", "b.csv"):
        (tmp_path / name).write_text("id;nom\n" + "1;x\n" * 50)
    with zipfile.ZipFile(tmp_path / "c.zip", "w", zipfile.ZIP_DEFLATED) as pack:
        pack.writestr("large.csv", "id;nom\n" + "1;x\n" * 5000)
    said = []
    paths = tuple(tmp_path / name for name in ("a.csv", "b.csv", "c.zip"))
    extract(ExtractRequest(paths, tmp_path / "out"), Config(), Hooks(lambda done, total: said.append((done, total))))
    assert said
    assert [done for done, _ in said] == sorted(done for done, _ in said)
    assert all(0 <= done <= total for done, total in said)
    assert said[-1][0] == said[-1][1]
