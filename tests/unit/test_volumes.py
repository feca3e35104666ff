"""Parts of one file find one another, and files of their own stay apart; links and special files in folders."""

from __future__ import annotations

import hashlib
import os
import random
import zipfile
from io import BytesIO
from pathlib import Path

import pytest

from etanche.errors import UserError
from etanche.ingest import open_paths

TEXT = ("id;nom;ville\n" + "".join(f"{k};Lefèvre;Orléans\n" for k in range(3000))).encode()


def zipped() -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.csv", TEXT)
        archive.writestr("bruit.bin", random.Random(1).randbytes(4000))
    return out.getvalue()


def split(folder: Path, data: bytes, names: list[str]) -> None:
    size = -(-len(data) // len(names))
    for k, name in enumerate(names):
        (folder / name).write_bytes(data[k * size : (k + 1) * size])


def rows(path: Path | list[Path]) -> dict[str, int]:
    opening = open_paths(path if isinstance(path, list) else [path])
    return {f"{Path(t.path).name}!{t.member}": sum(part.rows for part in t.parts()) for t in opening}


SETS = [
    ["leak.csv.000", "leak.csv.001", "leak.csv.002"],
    ["leak.csv.001", "leak.csv.002", "leak.csv.003"],
    ["leak.csv.aa", "leak.csv.ab", "leak.csv.ac"],
    ["leak.csv.part1", "leak.csv.part2"],
    ["xaa", "xab", "xac"],
    ["x00", "x01"],
    ["LEAK_aaa", "LEAK_aab"],
]


@pytest.mark.parametrize("names", SETS)
@pytest.mark.parametrize("which", ["first", "last", "folder", "all"])
def test_parts_of_a_text_are_one(tmp_path: Path, names: list[str], which: str) -> None:
    split(tmp_path, TEXT, names)
    given = {"first": [tmp_path / names[0]], "last": [tmp_path / names[-1]], "folder": [tmp_path]}
    assert rows(given.get(which) or [tmp_path / name for name in names]) == {f"{names[0]}!": 3000}


@pytest.mark.parametrize(
    "names", [["l.zip.001", "l.zip.002", "l.zip.003"], ["l.zip.aa", "l.zip.ab"], ["l.zip.00", "l.zip.01"]]
)
def test_parts_of_an_archive_are_one(tmp_path: Path, names: list[str]) -> None:
    data = zipped()
    split(tmp_path, data, names)
    assert rows(tmp_path / names[1]) == {f"{names[0]}!a.csv": 3000}
    (table,) = open_paths([tmp_path / names[0]])
    assert table.source.sha256 == hashlib.sha256(data).hexdigest()
    assert table.source.size == len(data)


def test_a_missing_part_is_named(tmp_path: Path) -> None:
    split(tmp_path, zipped(), [f"l.zip.{k:03}" for k in range(1, 6)])
    (tmp_path / "l.zip.003").unlink()
    opening = open_paths([tmp_path])
    list(opening)
    assert [(item.code, dict(item.params).get("missing")) for item in opening.refused][:2] == [
        ("ingest_volume_missing", "l.zip.003")
    ] * 2
    (tmp_path / "l.zip.001").unlink()
    with pytest.raises(UserError) as caught:
        open_paths([tmp_path / "l.zip.002"])
    assert caught.value.params["missing"] == "l.zip.001"
    for name in ("d.z01", "d.z02"):
        (tmp_path / name).write_bytes(b"PK\x07\x08PK\x03\x04 ...")
    with pytest.raises(UserError) as caught:
        open_paths([tmp_path / "d.z01"])
    assert caught.value.params["missing"] == "d.zip"


@pytest.mark.parametrize(
    "contents",
    [
        {"RES.001": TEXT, "RES.002": TEXT},
        {"RES.001": b"MSH|^~\\&|A|1\rPID|1\r", "RES.002": b"MSH|^~\\&|A|2\rPID|2\r"},
        {"RES.001": zipped(), "RES.002": zipped()},
        {"a.gz": b"x;y\n1;2\n", "b.db": b"x;y\n1;2\n", "c.xz": b"x;y\n1;2\n"},
        {"export.2021": TEXT, "export.2022": TEXT},
        {"releve.t01": TEXT, "releve.v25": TEXT},
        {"copie.zip.2021": zipped(), "copie.zip.2022": zipped()},
    ],
)
def test_files_of_their_own_stay_apart(tmp_path: Path, contents: dict[str, bytes]) -> None:
    for name, data in contents.items():
        (tmp_path / name).write_bytes(data)
    opening = open_paths([tmp_path])
    paths = {Path(table.path).name for table in opening} | {Path(item.path).name for item in opening.refused}
    assert paths == set(contents)


def test_links_and_special_files_of_a_folder(tmp_path: Path) -> None:
    outside = tmp_path / "dehors.csv"
    outside.write_bytes(TEXT)
    folder = tmp_path / "fuite"
    (folder / "sous").mkdir(parents=True)
    (folder / "a.csv").write_bytes(TEXT)
    (folder / ".cache.csv").write_bytes(TEXT)
    (folder / ".DS_Store").write_bytes(b"\0\0\0\1Bud1")
    (folder / "dedans.csv").symlink_to(folder / "a.csv")
    (folder / "dehors.csv").symlink_to(outside)
    (folder / "dossier").symlink_to("/")
    (folder / "nulle-part").symlink_to(folder / "rien")
    (folder / "boucle").symlink_to(folder / "boucle")
    (folder / "sous" / "remonte").symlink_to(folder)
    os.mkfifo(folder / "tuyau")
    opening = open_paths([folder])
    assert [Path(table.path).name for table in opening] == [".cache.csv", "a.csv"]
    found = {Path(item.path).name: item.code for item in opening.refused}
    assert found == {
        "dehors.csv": "ingest_link_outside",
        "dossier": "ingest_link_outside",
        "nulle-part": "ingest_not_found",
        "boucle": "ingest_not_found",
        "tuyau": "ingest_not_a_file",
    }
    assert rows(folder / "dehors.csv") == {"dehors.csv!": 3000}
