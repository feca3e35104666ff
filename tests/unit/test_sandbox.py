"""Parsers that misbehave: each is one error after the frames that came, within bounds, and leaves nothing behind."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from etanche.errors import ExitCode, UserError
from etanche.ingest import sandbox
from etanche.ingest.frames import MOST_BODY, SEPARATOR, frame_of, packed
from etanche.ingest.limits import DEFAULT
from etanche.ingest.tables import DELIMITER, cells_of, piece_of
from etanche.model import QuarantineReason

LIMITS = replace(DEFAULT, parser_bytes=512 << 20, parser_seconds=20, parser_silence=20)


@pytest.fixture
def parsers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Put the misbehaving parsers of this folder among étanche's own, for the children of one test."""
    child = sandbox._CHILD
    here = Path(__file__).parent / "sandbox_parsers"
    starter = tmp_path / "child.py"
    starter.write_text(
        f"import sys, runpy\n"
        f"sys.argv = [{str(child)!r}]\n"
        f"sys.path.insert(0, {str(child.parents[2])!r})\n"
        f"import importlib.machinery, importlib.util\n"
        f"class Finder:\n"
        f"    def find_spec(self, name, path=None, target=None):\n"
        f"        if name == 'etanche.ingest.parsers.naughty':\n"
        f"            return importlib.util.spec_from_file_location(name, {str(here / 'naughty.py')!r})\n"
        f"sys.meta_path.insert(0, Finder())\n"
        f"runpy.run_path({str(child)!r}, run_name='__main__')\n"
    )
    monkeypatch.setattr(sandbox, "_CHILD", starter)
    yield
    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "leak.bin"
    path.write_bytes(b"0123456789")
    return path


def collect(task: str, path: Path, limits=LIMITS, **params: object) -> tuple[list, UserError | None]:
    got: list = []
    try:
        for frame in sandbox.run(f"naughty:{task}", path, params, limits, shown="leak.bin"):
            got.append(frame)  # noqa: PERF402 - what came before the error counts
    except UserError as error:
        return got, error
    return got, None


def test_frames_of_a_file_and_its_neighbour(parsers: None, file: Path, tmp_path: Path) -> None:
    beside = tmp_path / "leak.memo"
    beside.write_bytes(b"memo")
    got, error = collect("echo", file, memo=beside, word="é\udc80")
    assert error is None
    assert got == [({"word": "é\udc80", "size": 10}, b"0123456789"), ({"memo": True}, b"memo")]


@pytest.mark.parametrize(
    ("task", "why"),
    [
        ("swells", {"MemoryError"}),
        ("spins", {"SIGXCPU", "SIGKILL"}),
        ("sleeps", {"1 s"}),
        ("aborts", {"SIGABRT"}),
        ("leaves", {"exit 7"}),
        ("garbage", {"protocol"}),
        ("giant", {"protocol"}),
        ("half", {"exit 0"}),
        ("raises", {"ValueError"}),
        ("forks", {"exit 0"}),
        ("writes", {"OSError"}),
    ],
)
def test_misbehaviour_is_one_error_after_the_frames(parsers: None, file: Path, task: str, why: set[str]) -> None:
    limits = replace(LIMITS, parser_seconds=1, parser_silence=1 if task == "sleeps" else 20)
    before = time.monotonic()
    got, error = collect(task, file, limits)
    assert got == [({"n": 1}, b"first")]
    assert error is not None
    assert (error.code, error.exit_code) == ("ingest_parser_stopped", ExitCode.UNREADABLE)
    assert error.params["path"] == "leak.bin"
    assert error.params["why"] in why
    assert time.monotonic() - before < 60  # bounded, not timed: far from any limit above


def test_a_refusal_keeps_its_code(parsers: None, file: Path) -> None:
    got, error = collect("refuses", file)
    assert got == []
    assert error is not None
    assert (error.code, error.params) == ("ingest_format", {"path": "leak.bin", "format": "X"})


def test_closing_early_kills_the_child(parsers: None, file: Path) -> None:
    frames = sandbox.run("naughty:pid", file, {}, LIMITS)
    header, _ = next(frames)
    frames.close()
    with pytest.raises(ProcessLookupError):
        os.kill(header["pid"], 0)


def test_prints_of_libraries_do_not_disturb(parsers: None, file: Path) -> None:
    assert collect("prints", file) == ([({"n": 1}, b"first")], None)


def test_nothing_of_the_parent_reaches_the_child(parsers: None, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ETANCHE_SECRET", "x")
    got, error = collect("surroundings", file, password="s3cret")
    assert error is None
    [(header, _)] = got
    assert "ETANCHE_SECRET" not in header["environment"]
    assert "s3cret" not in json.dumps([header["environment"], header["arguments"]])
    assert header["open"] <= 8
    assert not header["heavy"]


@pytest.mark.parametrize(
    "task", ["os:abort", "../naughty:echo", "naughty", "naughty:_hidden", "naughty:echo:x", "__main__:main"]
)
def test_only_parsers_can_be_named(parsers: None, file: Path, task: str) -> None:
    with pytest.raises(UserError):
        list(sandbox.run(task, file, {}, LIMITS))


def test_missing_file(tmp_path: Path) -> None:
    with pytest.raises(UserError) as caught:
        list(sandbox.run("naughty:echo", tmp_path / "none", {}, LIMITS))
    assert caught.value.code == "ingest_not_found"


@pytest.mark.parametrize(
    "rows",
    [
        [["a", "b"], ["c", ""]],
        [['a"x', "b\nc"], ["c\r", "d"]],
        [["a\x1fb", "c"], ["\0d", "e"]],
        [["é\udc80", "œ"]],
        [],
    ],
)
def test_frames_are_pieces(rows: list[list[str]]) -> None:
    assert SEPARATOR == DELIMITER
    [piece] = sandbox.pieces([frame_of(rows, 5, blank=2)])
    expected = piece_of(rows, first_line=5, blank=2)
    assert piece == expected
    assert cells_of(piece, 2) == [[cell.replace("\0", "") for cell in row] for row in rows]


def test_quarantined_rows_travel_at_the_end_of_the_body() -> None:
    header, body = frame_of([["a"]], 1, quarantined=[[2, 9, "cut", 3], [3, 12, "too_many_cells", 2]], lines=[1])
    [piece] = sandbox.pieces([(header, body + b"xyzuv"), ({"other": 1}, b"")])
    assert [(q.line, q.offset, q.reason, q.raw) for q in piece.quarantined] == [
        (2, 9, QuarantineReason.CUT, b"xyz"),
        (3, 12, QuarantineReason.TOO_MANY_CELLS, b"uv"),
    ]
    assert cells_of(piece, 1) == [["a"]]


def test_a_body_is_never_larger_than_the_reader_takes() -> None:
    assert len(packed({"n": 1}, b"x")[0]) < MOST_BODY
