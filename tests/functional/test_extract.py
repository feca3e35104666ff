"""`etanche extract` as a user types it: tables, manifest, what stands beside them, exit codes."""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
import json
import zipfile
from pathlib import Path

import pyarrow.parquet as pq
import pytest
import pyzipper

from etanche.extraction.sidecars import unspelt

CONTRACT = {"source", "member", "table", "encoding", "delimiter", "quote", "header", "lines", "rows", "quarantined"}
LINES = [
    "nom;né le;remarque",
    "DUPONT;01/02/1950;vue, revue",
    'MARTIN;1/1/1951;dite "Lulu"',
    "LEFÈVRE;007;",
    "vide;\0;nul",
    "Ünal; espace ;fin",
]


def rows_of(file: Path) -> list[list[str]]:
    data = file.read_bytes()
    assert b"\r" not in data
    return list(csv.reader(io.StringIO(data.decode(), newline=""), strict=True))


def manifest(place, folder: str = "out") -> list[dict]:
    return json.loads((place.work / folder / "manifest.json").read_bytes())


@pytest.fixture
def files(place):
    work = place.work
    (work / "a" / "b").mkdir(parents=True)
    (work / "a" / "leak.csv").write_bytes("\r\n".join([*LINES, ""]).encode("cp1252"))
    (work / "a" / "b" / "short.tsv").write_text("id\tville\n1\tBrest\n2\tQuimper, Finistère\n")
    (work / "plain.csv").write_text('id,mot\n1,"un, deux"\n2,trois\n')
    with zipfile.ZipFile(work / "pack.zip", "w") as pack:
        pack.writestr("inner/patients.csv", "id;nom\n1;A\n2;B\n")
        pack.writestr("inner/deep.csv.gz", gzip.compress(b"x;y\n1;2\n3;4\n"))
    return work


def test_a_file_of_many_habits(place, files):
    done = place.run("extract", "a/leak.csv", "--to", "out")
    assert done.code == 4, done.err
    [entry] = manifest(place)
    assert entry.keys() > CONTRACT | {"file"}
    assert (entry["source"], entry["member"], entry["table"]) == ("a/leak.csv", "", "")
    assert (entry["encoding"], entry["delimiter"], entry["quote"], entry["header"]) == ("cp1252", ";", "", True)
    assert (entry["lines"], entry["rows"], entry["quarantined"]) == (6, 4, 1)
    assert entry["file"] == "a/leak.csv/leak.csv"
    assert entry["sha256"] == hashlib.sha256((files / "a" / "leak.csv").read_bytes()).hexdigest()
    assert entry["bytes"] == (place.work / "out" / entry["file"]).stat().st_size
    wanted = [line.split(";") for line in LINES]
    assert rows_of(place.work / "out" / entry["file"]) == [row for row in wanted if "\0" not in row]
    assert "1 lines could not be read" in done.err
    assert "personal data in clear" in done.err


def test_where_rows_come_from(place, files):
    place.run("extract", "a/leak.csv", "--to", "out")
    [entry] = manifest(place)
    provenance = json.loads((place.work / "out" / entry["provenance_file"]).read_bytes())
    assert provenance["columns"] == ["row", "line", "offset", "rows", "lines"]
    raw = (files / "a" / "leak.csv").read_bytes()
    table = rows_of(place.work / "out" / entry["file"])[1:]
    seen = 0
    for row, line, offset, rows, lines in provenance["runs"]:
        assert row == seen
        assert rows == lines
        seen += rows
        for k in range(rows):
            assert raw.split(b"\r\n")[line - 1 + k].decode("cp1252").split(";") == table[row + k]
        assert raw[offset:].split(b"\r\n")[0].decode("cp1252").split(";") == table[row]
    assert seen == len(table)


def test_what_stands_above_the_rows_is_kept(place):
    above = ["Export du 12/03 par Jeanne", "", "id;né le;nom"]
    rows = [f"{n};0{n}/02/1980;DURAND" for n in range(1, 9)]
    (place.work / "export.csv").write_bytes("\r\n".join([*above, *rows, ""]).encode("cp1252"))
    assert place.run("extract", "export.csv", "--to", "out").code == 0
    told = json.loads((place.work / "out" / "export.csv" / "export.provenance.json").read_bytes())
    assert told["above"] == above
    (entry,) = manifest(place)
    assert (entry["lines"], entry["rows"]) == (11, 8)


def test_what_was_set_aside(place, files):
    broken = b"id;nom\n" + b"".join(b"%d;nom\n" % n for n in range(50)) + b"\\ \xe9 \xe2\x80\xae;\0;\x81\n"
    (files / "broken.csv").write_bytes(broken)
    assert place.run("extract", "broken.csv", "--to", "out").code == 4
    [entry] = manifest(place)
    [header, [line, offset, reason, raw]] = rows_of(place.work / "out" / entry["quarantine_file"])
    assert header == ["line", "offset", "reason", "raw"]
    assert (int(line), reason) == (52, "nul_byte")
    assert unspelt(raw) == broken[int(offset) :].rstrip(b"\n")
    assert raw.isprintable()
    assert entry["reasons"] == {"nul_byte": 1}


def test_folders_archives_and_files_at_once(place, files):
    done = place.run("extract", "a", "pack.zip", "plain.csv", "--to", "out", "--json")
    entries = json.loads(done.out)
    assert entries == manifest(place)
    for entry in entries:  # archives continue the path, and a table without a name is called as what it stands in
        inside = "/".join(filter(None, (entry["source"], *entry["member"].split("!"))))
        assert entry["file"] == f"{inside}/{Path(inside).stem}.csv"
    assert [(e["source"], e["member"].partition("!")[0]) for e in entries] == [
        ("a/b/short.tsv", ""),
        ("a/leak.csv", ""),
        ("pack.zip", "inner/patients.csv"),
        ("pack.zip", "inner/deep.csv.gz"),
        ("plain.csv", ""),
    ]
    assert rows_of(place.work / "out/a/b/short.tsv/short.csv") == [
        ["id", "ville"],
        ["1", "Brest"],
        ["2", "Quimper, Finistère"],
    ]
    plain = next(e for e in entries if e["source"] == "plain.csv")
    assert (plain["delimiter"], plain["quote"]) == (",", '"')
    there = {str(file.relative_to(place.work / "out")) for file in (place.work / "out").rglob("*") if file.is_file()}
    named = {e[key] for e in entries for key in ("file", "provenance_file", "quarantine_file") if e[key]}
    assert there == named | {"manifest.json"}


def test_parquet_holds_the_same_text(place, files):
    assert place.run("extract", "a", "plain.csv", "--to", "csv").code == 4
    assert place.run("extract", "a", "plain.csv", "--to", "pq", "--format", "parquet").code == 4
    for one, other in zip(manifest(place, "csv"), manifest(place, "pq"), strict=True):
        table = pq.read_table(place.work / "pq" / other["file"])
        assert all(str(column.type) == "string" for column in table.columns)
        cells = [list(row) for row in zip(*(column.to_pylist() for column in table.columns), strict=True)]
        assert [table.column_names, *cells] == rows_of(place.work / "csv" / one["file"])


def test_one_column_keeps_its_empty_rows(place):
    (place.work / "one.csv").write_bytes(b'nom\nDUPONT\n""\n"a, b"\nMARTIN\n')
    assert place.run("extract", "one.csv", "--to", "out").code == 0
    [entry] = manifest(place)
    assert (entry["delimiter"], entry["rows"]) == ("", 4)
    assert rows_of(place.work / "out" / entry["file"]) == [["nom"], ["DUPONT"], [""], ["a, b"], ["MARTIN"]]


def test_a_header_alone_is_a_table(place):
    (place.work / "head.csv").write_bytes(b"id;nom;date_naissance\n")
    assert place.run("extract", "head.csv", "--to", "out").code == 0
    [entry] = manifest(place)
    assert rows_of(place.work / "out" / entry["file"]) == [["id", "nom", "date_naissance"]]


def test_what_cannot_be_read_is_told_and_the_rest_goes_on(place, files):
    (files / "a" / "empty.csv").write_bytes(b"")
    (files / "noise.bin").write_bytes(bytes(range(256)) * 40)
    done = place.run("extract", "noise.bin", "a", "nowhere.csv", "--to", "out")
    assert done.code == 4
    failed = {e["source"]: e["error"]["code"] for e in manifest(place) if e["error"]}
    assert failed == {"noise.bin": "ingest_binary", "a/empty.csv": "ingest_empty", "nowhere.csv": "ingest_not_found"}
    assert all(e["file"] is None and e["rows"] == 0 for e in manifest(place) if e["error"])
    for name in failed:
        assert sum(line.startswith(f"{name}: ") for line in done.err.splitlines()) == 1
    assert "2 tables" in done.out


def test_nothing_that_can_be_read(place, files):
    done = place.run("extract", "nowhere.csv", "--to", "new/out")
    assert done.code == 3
    assert "nowhere.csv" in done.only_fault
    (files / "empty.csv").write_bytes(b"")
    many = place.run("extract", *(f"no{n}.csv" for n in range(30)), "empty.csv", "--to", "new/out", "--json")
    assert many.code == 3
    assert len(json.loads(many.out)) == 31
    assert "31" in many.fault
    assert len(many.err.splitlines()) == 22
    assert not (files / "new").exists()


def test_the_same_file_is_read_once(place, files):
    (files / "link.csv").symlink_to("plain.csv")
    for n, data in enumerate((b"id;nom\n1;", b"x\n2;y\n"), 1):
        (files / f"cut.csv.{n:03}").write_bytes(data)
    given = ["plain.csv", "./plain.csv", "link.csv", "a/b/short.tsv", "a", "cut.csv.002", "cut.csv.001"]
    done = place.run("extract", *given, "--to", "out", "--json")
    assert [(e["source"], e["rows"]) for e in json.loads(done.out)] == [
        ("plain.csv", 2),
        ("a/b/short.tsv", 2),
        ("a/leak.csv", 4),
        ("cut.csv.001", 2),
    ]


def test_a_folder_that_holds_something(place, files):
    assert place.run("extract", "plain.csv", "--to", "out").code == 0
    again = place.run("extract", "a", "--to", "out")
    assert (again.code, "--new" in again.only_fault) == (5, True)
    assert place.run("extract", "a", "--to", "out", "--new").code == 4
    assert {e["source"] for e in manifest(place)} == {"a/leak.csv", "a/b/short.tsv"}
    assert not (place.work / "out" / "plain.csv").exists()
    (place.work / "out" / "notes.txt").write_text("mine")
    assert place.run("extract", "a", "--to", "out", "--new").code == 5
    assert (place.work / "out" / "notes.txt").read_text() == "mine"
    assert (place.work / "out" / "a/leak.csv/leak.csv").exists()


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("--to", "out"), 2),
        (("plain.csv",), 2),
        (("plain.csv", "--to", "out", "--format", "xml"), 2),
        (("plain.csv", "--to", "out", "--password-file", "nowhere"), 2),
        (("plain.csv", "--to", "plain.csv"), 5),
        (("a", "--to", "a/out"), 5),
        (("a/leak.csv", "--to", "a"), 5),
    ],
)
def test_what_cannot_be_meant(place, files, arguments, code):
    done = place.run("extract", *arguments)
    assert done.code == code, done.err
    assert done.only_fault
    assert not (files / "out").exists()
    assert not (files / "a" / "out").exists()


def test_in_french(place, files):
    done = place.run("--lang", "fr", "extract", "a", "--to", "out")
    assert "données personnelles en clair" in done.err
    assert "manifest.json dit d'où vient" in done.out


def test_private_and_nothing_else(place, leak, secrets):
    """The tables are the user's own; what else the command says or leaves names nobody."""
    done = place.run("extract", leak, "--to", "out")
    assert done.code in {0, 4}
    out = place.work / "out"
    assert all(file.stat().st_mode & 0o077 == 0 for file in [out, *out.rglob("*")])
    tables = [out / entry["file"] for entry in manifest(place)]
    assert secrets.places(place.traces()) == [str(table) for table in tables]


def test_passwords_are_tried_and_never_told(place):
    """One a line, as any editor leaves them; the rest of the archive is read without."""
    work = place.work
    for name, password in {"a.csv": b"motdepasse-1", "b.csv": "été 2021".encode()}.items():
        with pyzipper.AESZipFile(work / f"{name}.zip", "w", encryption=pyzipper.WZ_AES) as pack:
            pack.setpassword(password)
            pack.writestr(name, f"id;nom\n1;{name}\n")
    (work / "words.txt").write_bytes("\ufefffaux\r\n\r\nété 2021\r\nmotdepasse-1".encode())
    locked = place.run("extract", "a.csv.zip", "b.csv.zip", "--to", "locked")
    assert locked.code == 3
    assert "2" in locked.fault
    done = place.run("extract", "a.csv.zip", "b.csv.zip", "--to", "out", "--password-file", "words.txt")
    assert done.code == 0, done.err
    assert [entry["rows"] for entry in manifest(place)] == [1, 1]
    left = b"".join(file.read_bytes() for file in (work / "out").rglob("*") if file.is_file())
    for password in ("motdepasse-1", "été 2021", "faux"):
        assert password.encode() not in left
        assert password not in done.out + done.err + locked.err


def test_limits_are_those_of_the_configuration(place):
    with zipfile.ZipFile(place.work / "many.zip", "w") as pack:
        for n in range(5):
            pack.writestr(f"{n}.csv", f"id;nom\n{n};x\n")
    done = place.run("extract", "many.zip", "--to", "out", env={"ETANCHE_LIMIT_MEMBERS": "3"})
    assert done.code == 4
    assert [entry["error"] and entry["error"]["code"] for entry in manifest(place)] == [
        None,
        None,
        None,
        "ingest_too_many",
    ]
    slip = place.run("extract", "many.zip", "--to", "out2", env={"ETANCHE_LIMIT_MEMBERS": "many"})
    assert slip.code == 2


def test_on_a_terminal(place, files):
    """A bar for whoever looks, then the same lines as ever."""
    lines = b"id;nom\n" + b"".join(b"%d;nom %d\n" % (n, n) for n in range(300_000))
    (files / "large.csv").write_bytes(lines)
    done = place.on_terminal("extract", "large.csv", "a", "pack.zip", "--to", "out")
    assert done.code == 4
    assert "Reading the rows" in done.out
    assert "5 tables with" in done.out
    assert len(manifest(place)) == 5
