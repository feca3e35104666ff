"""Names that lead elsewhere, links in the way, readers that fail, manifests made by others."""

from __future__ import annotations

import json
import os
import zipfile
from pathlib import Path, PurePosixPath

import pytest

from etanche import ingest
from etanche.config import Config
from etanche.errors import UserError
from etanche.extraction import ExtractRequest, Hooks, extract
from etanche.extraction.folder import Folder
from etanche.extraction.layout import UNFINISHED

NAMES = [
    "../../../outside.csv",
    "/etc/cron.d/outside.csv",
    "..\\..\\outside.csv",
    "C:\\outside.csv",
    "a/\u202egpj.csv",
    "a/new\nline.csv",
    "a/\x1b[2Jclear.csv",
    "CON.csv",
    "nul",
    "x" * 240 + ".csv",
    "a/b.csv",
    "A/B.CSV",
    "a/b.csv/c.csv",
    "manifest.json",
    " .csv",
    "....csv",
    "!.csv",
]


@pytest.fixture(autouse=True)
def _umask():
    """An extraction makes new files the user's alone, in the process of the tests as well."""
    mask = os.umask(0o022)
    os.umask(mask)
    yield
    os.umask(mask)


def run(*paths: Path, to: Path, **more):
    return extract(ExtractRequest(paths, to, **more), Config(), Hooks())


def inside(folder: Path) -> list[Path]:
    return [file for file in folder.rglob("*") if not file.is_dir()]


def test_names_in_an_archive_stay_inside(tmp_path):
    with zipfile.ZipFile(tmp_path / "z.zip", "w") as pack:
        for n, name in enumerate(NAMES):
            pack.writestr(zipfile.ZipInfo(name), f"id;nom\n{n};x{n}\n")
    before = set(inside(tmp_path))
    done = run(tmp_path / "z.zip", to=tmp_path / "out")
    assert done.tables == len(NAMES)
    files = [entry["file"] for entry in done.manifest]
    assert len({file.casefold() for file in files}) == len(NAMES)
    assert set(inside(tmp_path)) - before == set(inside(tmp_path / "out"))
    for entry in done.manifest:
        assert all(part.isprintable() and len(part.encode()) < 200 for part in Path(entry["file"]).parts)
        assert (tmp_path / "out" / entry["file"]).read_text().startswith("id,nom\n")


def test_names_on_the_disk(place):
    """Names as any disk may hold them, bytes that are no text included; nothing of them moves the cursor."""
    names = [b"new\nline.csv", b"\xe2\x80\xaegpj.csv", b"\xff\xfe.csv", b"\x1b]0;x\x07.csv", b" .csv", b"-rf.csv"]
    folder = place.work / "in"
    folder.mkdir()
    for n, name in enumerate(names):
        (folder / os.fsdecode(name)).write_text(f"id;nom\n{n};x{n}\n")
        (folder / os.fsdecode(b"bad" + name)).write_bytes(bytes(range(256)) * 10)
    done = place.run("extract", "in", "--to", "out")
    assert done.code == 4
    assert all(char.isprintable() for line in (done.out + done.err).split("\n") for char in line)
    entries = json.loads((place.work / "out" / "manifest.json").read_bytes())
    sources = {os.fsencode(entry["source"].rpartition("/")[2]) for entry in entries}
    assert sources == {*names, *(b"bad" + name for name in names)}
    assert len(inside(place.work / "out")) == 2 * len(names) + 1


def test_a_link_in_the_folder_is_not_followed(tmp_path):
    """Somebody who may write in DIR puts a link where a table's folder would go."""
    (tmp_path / "a.csv").write_text("id;nom\n1;x\n")
    (tmp_path / "elsewhere").mkdir()
    to = tmp_path / "out"
    folder = Folder(to, new=False)
    (to / "leak.csv").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(UserError) as raised:
        folder.create(PurePosixPath("leak.csv/leak.csv"))
    assert raised.value.code == "extract_not_a_folder"
    folder.undo()
    assert list((tmp_path / "elsewhere").iterdir()) == []
    assert [file.name for file in to.iterdir()] == ["leak.csv"]


@pytest.mark.parametrize("name", ["../victim.txt", "/{root}/victim.txt", "link/victim.txt", "sub/../../victim.txt"])
@pytest.mark.parametrize("where", ["manifest.json", f"manifest.json{UNFINISHED}"])
def test_a_manifest_that_names_what_is_not_its_own(tmp_path, name, where):
    """`--new` on a folder from elsewhere removes nothing outside of it, and nothing through a link."""
    name = name.format(root=tmp_path)
    (tmp_path / "victim.txt").write_text("mine")
    (tmp_path / "a.csv").write_text("id;nom\n1;x\n")
    to = tmp_path / "out"
    to.mkdir()
    (to / "link").symlink_to(tmp_path)
    entry = {"file": name, "provenance_file": "link", "quarantine_file": None}
    text = json.dumps([entry]) if where == "manifest.json" else f'{json.dumps(name)}\n"link"\n'
    (to / where).write_text(text)
    assert run(tmp_path / "a.csv", to=to, new=True).tables == 1
    assert (tmp_path / "victim.txt").read_text() == "mine"


@pytest.mark.parametrize(
    "text", ["", "{}", "[1]", "[null]", '[{"file": 1}]', "[" * 100_000, "\xff", '{"a": [1]}', "nonsense"]
)
def test_a_manifest_of_another_program(tmp_path, text):
    (tmp_path / "a.csv").write_text("id;nom\n1;x\n")
    to = tmp_path / "out"
    to.mkdir()
    (to / "manifest.json").write_text(text, encoding="latin-1")
    (to / "site.js").write_text("mine")
    for new in (False, True):
        with pytest.raises(UserError) as raised:
            run(tmp_path / "a.csv", to=to, new=new)
        assert raised.value.code in {"extract_not_empty", "extract_exists"}
    assert (to / "manifest.json").read_text(encoding="latin-1") == text
    assert (to / "site.js").read_text() == "mine"


class Failing:
    """A table of which nothing, or only the beginning, can be read."""

    def __init__(self, table, error, after):
        self._table, self._error, self._after = table, error, after

    def __getattr__(self, name):
        return getattr(self._table, name)

    def parts(self, progress=None):
        for number, part in enumerate(self._table.parts(progress)):
            if number == self._after:
                break
            yield part
        raise self._error


SECRET = "SYLVESTRE Aurore"
ERRORS = [
    (UserError("ingest_unpack_first", path="x"), "ingest_unpack_first"),
    (ValueError(SECRET), "ingest_reader"),
    (RecursionError(SECRET), "ingest_reader"),
    (MemoryError(SECRET), "out_of_memory"),
    (OSError(5, SECRET), "ingest_unreadable"),
]


@pytest.mark.parametrize(("error", "code"), ERRORS)
@pytest.mark.parametrize("after", [0, 1])
def test_a_reader_that_fails_fails_alone(tmp_path, monkeypatch, error, code, after):
    (tmp_path / "a.csv").write_text("id;nom\n1;x\n")
    (tmp_path / "b.csv").write_text("id;nom\n1;y\n")
    opened = ingest.open_paths

    class Opening:
        def __init__(self, paths, **more):
            self._inner = opened(paths, **more)

        def __getattr__(self, name):
            return getattr(self._inner, name)

        def __iter__(self):
            return self

        def __next__(self):
            table = next(self._inner)
            return Failing(table, error, after) if table.path.endswith("a.csv") else table

    monkeypatch.setattr(ingest, "open_paths", Opening)
    done = run(tmp_path / "a.csv", tmp_path / "b.csv", to=tmp_path / "out")
    first, second = done.manifest
    assert done.exit_code == 4
    assert (first["error"]["code"], first["complete"], first["rows"]) == (code, False, after)
    assert (first["file"] is None) is (after == 0)
    assert second["error"] is None
    assert SECRET not in json.dumps(done.manifest)
    assert not list((tmp_path / "out").rglob(f"*{UNFINISHED}"))
    named = {entry["file"] for entry in done.manifest if entry["file"]}
    assert {
        str(file.relative_to(tmp_path / "out")) for file in (tmp_path / "out").rglob("*.csv") if file.is_file()
    } == named


def test_the_folder_and_what_is_read_lie_apart(tmp_path):
    source = tmp_path / "in"
    source.mkdir()
    (source / "a.csv").write_text("id;nom\n1;x\n")
    (tmp_path / "way").symlink_to(source)
    before = inside(tmp_path)
    for paths, to in [
        ((source,), source / "out"),
        ((source,), tmp_path / "way" / "out"),
        ((source,), source),
        ((tmp_path,), source / "out"),
        ((source / "a.csv",), source),
        ((tmp_path / "way" / "a.csv",), tmp_path),
    ]:
        with pytest.raises(UserError) as raised:
            run(*paths, to=to)
        assert raised.value.exit_code == 5
    assert inside(tmp_path) == before
    assert not (source / "out").exists()
