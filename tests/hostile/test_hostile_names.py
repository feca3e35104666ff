"""Names that want out of the working folder, or that some system cannot bear: each becomes a path that stays inside."""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path, PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from etanche.ingest.names import safe_path, unique

DEVICES = {"con", "prn", "aux", "nul", *(f"com{k}" for k in range(10)), *(f"lpt{k}" for k in range(10))}


def is_safe(path: PurePosixPath) -> None:
    text = str(path)
    assert not path.is_absolute()
    assert len(text.encode()) <= 180
    assert text == unicodedata.normalize("NFC", text)
    for part in path.parts:
        assert part not in {"", ".", ".."}
        assert len(part.encode()) <= 130
        assert not re.search(r'[<>:"|?*\\\x00-\x1f\x7f\u202a-\u202e\u2066-\u2069\u200b-\u200f\ufeff]', part)
        assert part == part.strip()
        assert not part.endswith(".")
        assert part.partition(".")[0].rstrip().lower() not in DEVICES


@pytest.mark.parametrize(
    ("shown", "member", "expected"),
    [
        ("leak.csv", "", "leak.csv"),
        ("in/leak.zip", "labo/été.csv", "in/leak.zip/labo/été.csv"),
        ("leak.zip", "a.tar!b/c.csv", "leak.zip/a.tar/b/c.csv"),
        ("leak.zip", "../../../etc/cron.d/x", "leak.zip/etc/cron.d/x"),
        ("leak.zip", "/etc/passwd", "leak.zip/etc/passwd"),
        ("leak.zip", "..\\..\\Windows\\win.ini", "leak.zip/Windows/win.ini"),
        ("C:\\dumps\\leak.zip", "D:\\x.csv", "dumps/leak.zip/x.csv"),
        ("leak.zip", "CON", "leak.zip/_CON"),
        ("leak.zip", "nul.csv", "leak.zip/_nul.csv"),
        ("leak.zip", "com1 .txt", "leak.zip/_com1 .txt"),
        ("leak.zip", "a\nb\x07.csv", "leak.zip/a_b_.csv"),
        ("leak.zip", "gnp.\u202evsc", "leak.zip/gnp._vsc"),
        ("leak.zip", "e\u0301te\u0301.csv", "leak.zip/été.csv"),
        ("leak.zip", "\udce9t\udce9.csv", "leak.zip/_t_.csv"),
        ("leak.zip", "name. . .", "leak.zip/name"),
        ("leak.zip", "...", "leak.zip"),
        ("", "", "unnamed"),
        ("leak.zip", "a:b*c?.csv", "leak.zip/a_b_c_.csv"),
    ],
)
def test_worked_examples(shown: str, member: str, expected: str) -> None:
    path = safe_path(shown, member)
    assert str(path) == expected
    is_safe(path)


def test_very_long_names_stay_apart_and_keep_their_suffix() -> None:
    paths = [safe_path("leak.zip", "x" * 5000 + str(k) + ".csv") for k in range(3)]
    paths += [safe_path("leak.zip", "/".join(["dossier"] * 400) + f"/{k}.csv") for k in range(3)]
    for path in paths:
        is_safe(path)
        assert path.suffix == ".csv"
        assert path.parts[0] == "leak.zip"
    assert len(set(paths)) == len(paths)


def test_the_same_source_gives_the_same_path() -> None:
    assert safe_path("a" * 300, "b" * 300) == safe_path("a" * 300, "b" * 300)


def test_duplicates_and_names_that_differ_only_in_case() -> None:
    names = ["a.csv", "A.CSV", "a.csv", "b", "b/c.csv", "é.csv", "e\u0301.csv", "d/x", "D", "a~2.csv"]
    found = unique(PurePosixPath(name) for name in names)
    assert [str(path) for path in found[:5]] == ["a.csv", "A~2.CSV", "a~3.csv", "b", "b~d/c.csv"]
    folded = [unicodedata.normalize("NFC", str(path)).casefold() for path in found]
    assert len(set(folded)) == len(folded)


@given(st.text(max_size=300), st.text(max_size=300))
def test_any_name_is_safe(shown: str, member: str) -> None:
    is_safe(safe_path(shown, member))


@given(st.lists(st.text("aAbBéÉ/.~2", min_size=1, max_size=6), max_size=20))
def test_any_names_can_all_be_written(names: list[str]) -> None:
    found = unique(safe_path(name, "") for name in names)
    files = {str(path).casefold() for path in found}
    assert len(files) == len(names)
    for path in found:
        is_safe(path)
        assert not any(str(parent).casefold() in files for parent in path.parents)


def test_they_can_be_written(tmp_path: Path) -> None:
    sources = ["../a", "a", "A", "CON", "x" * 999, "\udcff", "a/b", "\u202e"]
    for path in unique(safe_path("leak.zip", source) for source in sources):
        target = tmp_path / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text("x")
        assert target.resolve().is_relative_to(tmp_path.resolve())
    assert sum(1 for path in tmp_path.rglob("*") if path.is_file()) == len(sources)
