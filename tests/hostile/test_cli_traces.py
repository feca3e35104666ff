"""Nothing readable stays: not in the case, not at home, not in temporary folders, not in what was printed.

Looked for at once after the command (or its death), before anything starts again: hundreds of values of the leak, in
UTF-8, CP1252 and UTF-16, spelt as JSON and HTML spell them, packed or not.
"""

import gzip
import json
import os
import random
import signal
import subprocess
import sys
import time

import pytest

from commandline import Place

STATED = ("--from", "CERT", "--until", "2099-12-31")
VARYING = ("case_id", "made_at", "custody_head")


def census(text):
    document = json.loads(text)
    return {key: value for key, value in document.items() if key not in VARYING}


def triage(place, leak):
    return place.start("triage", leak, "--case", "case", "--json", *STATED)


def kill_after(place, leak, delay):
    process = triage(place, leak)
    time.sleep(delay)
    os.killpg(process.pid, signal.SIGKILL)
    return place.end(process)


@pytest.fixture(scope="session")
def lasts(leak, tmp_path_factory):
    """Return the seconds that an uninterrupted triage takes here and now."""
    started = time.monotonic()
    place = Place(tmp_path_factory.mktemp("timed"))
    assert place.end(triage(place, leak)).code == 0
    return time.monotonic() - started


def test_the_search_finds_what_is_there(leak, secrets, tmp_path):
    assert len(secrets.values) > 2_000
    kinds = ("@", "0", "DR ", "9")
    assert all(any(mark in value for value in secrets.values) for mark in kinds)
    assert secrets.found(leak.read_bytes()) > 2_000
    value = secrets.values[len(secrets.values) // 2]
    for data in (value.encode("utf-16"), json.dumps([value]).encode(), b"x" + value.lower().encode("cp1252")):
        assert secrets.found(data) > 0
    place = Place(tmp_path / "account")
    (place.root / "TMPDIR" / "left").write_bytes(gzip.compress(leak.read_bytes()))
    assert len(secrets.places(place.traces())) == 1


def test_after_a_triage(triaged, secrets):
    names = [name for name, _ in triaged.traces()]
    assert any(name.endswith("census.json") for name in names)
    assert any(name.endswith(".age") for name in names)
    assert secrets.places(triaged.traces()) == []


def test_the_rows_are_there_for_who_has_the_key(triaged, secrets):
    """The search would have found them, had they not been encrypted."""
    keys = list(triaged.work.glob("*.key"))
    script = (
        "import sys, pathlib, zstandard, pyrage\n"
        "key = [l for l in open(sys.argv[1]).read().split() if l.startswith('AGE-')][0]\n"
        "data = pathlib.Path(sys.argv[2]).read_bytes()\n"
        "plain = pyrage.decrypt(data, [pyrage.x25519.Identity.from_str(key)])\n"
        "sys.stdout.buffer.write(zstandard.ZstdDecompressor().decompress(plain))\n"
    )
    part = triaged.work / "case" / "sealed" / "rows" / "00001.age"
    rows = subprocess.run([sys.executable, "-c", script, keys[0], part], capture_output=True, check=True).stdout
    assert secrets.found(rows) > 2_000


@pytest.mark.parametrize("command", ["report --shareable", "report --lang fr", "custody", "quarantine --clear"])
def test_after_the_other_commands(case, secrets, command):
    assert case.run(*command.split(), "--case", "case").code == 0
    assert secrets.places(case.traces()) == []


def test_after_a_resume_with_debug(case, secrets):
    assert case.run("--debug", "triage", "--case", "case", "--resume").code == 0
    assert secrets.places(case.traces()) == []


@pytest.mark.parametrize("refused", ["binary", "table", "map", "key"])
def test_after_a_refused_file(place, leak, secrets, refused):
    data = leak.read_bytes()
    aside = place.root.parent
    (aside / "a.txt").write_bytes(b"%PDF-1.7\n" + data if refused == "binary" else data)
    (aside / "map.toml").write_bytes(b"[NO_SUCH]\nkind = 'nir'\n")
    more = {"table": ["--table", "no such"], "map": ["--map", aside / "map.toml"], "key": ["--key-file", leak]}
    done = place.run("--debug", "triage", aside / "a.txt", "--case", "case", *more.get(refused, []))
    assert done.code in {2, 3, 5}
    assert secrets.places(place.traces()) == []
    assert list(place.work.iterdir()) == []


def kill_when(place, leak, reached):
    process = triage(place, leak)
    while process.poll() is None and not reached(place.work / "case"):
        time.sleep(0.002)
    os.killpg(process.pid, signal.SIGKILL)
    return place.end(process)


def logged(event):
    return lambda case: (case / "custody.jsonl").exists() and f'"{event}"' in (case / "custody.jsonl").read_text()


@pytest.mark.parametrize(
    ("reached", "whole"),
    [
        pytest.param(lambda case: (case / "custody.jsonl").exists(), False, id="the case is being made"),
        pytest.param(lambda case: (case / "sealed" / "rows" / "00001.age").exists(), False, id="rows are sealed"),
        pytest.param(logged("rows_sealed"), True, id="rows are whole"),
    ],
)
def test_after_kill_9(place, leak, secrets, triaged, reached, whole):
    assert kill_when(place, leak, reached).code == -signal.SIGKILL
    assert secrets.places(place.traces()) == []
    paths = [] if whole else [leak]
    again = place.run("triage", *paths, "--case", "case", "--json", "--resume", *STATED)
    assert again.code == 0, again.err
    assert census(again.out) == census((triaged.work / "case" / "census.json").read_text())
    assert place.run("custody", "--case", "case").code == 0
    log = [json.loads(line) for line in (place.work / "case" / "custody.jsonl").read_text().splitlines()]
    assert sum(entry["event"] == "input_read" for entry in log) == 1
    assert secrets.places(place.traces()) == []


@pytest.mark.long
def test_after_twenty_kills_at_random_moments(tmp_path, leak, secrets, triaged, lasts):
    chance = random.Random(9)
    killed = 0
    for number in range(20):
        place = Place(tmp_path / str(number))
        done = kill_after(place, leak, chance.uniform(0, 1.1) * lasts)
        killed += done.code == -signal.SIGKILL
        assert secrets.places(place.traces()) == []
        again = place.run("triage", leak, "--case", "case", "--json", "--resume", *STATED)
        assert again.code == 0, again.err
        assert census(again.out) == census((triaged.work / "case" / "census.json").read_text())
        assert secrets.places(place.traces()) == []
    assert killed >= 10


def test_purge_of_the_data_leaves_nothing_of_the_rows(case, secrets):
    before = (case.work / "case" / "census.json").read_bytes()
    assert case.run("purge", "--case", "case", "--data").code == 0
    left = {path.relative_to(case.work).as_posix() for path in case.work.rglob("*") if path.is_file()}
    assert left == {
        f"case/{name}" for name in ("case.json", "census.json", "report.html", "custody.jsonl", "sealed/manifest.json")
    }
    assert json.loads((case.work / "case" / "sealed" / "manifest.json").read_text()) == {}
    assert (case.work / "case" / "census.json").read_bytes() == before
    assert case.run("custody", "--case", "case").code == 0
    assert case.run("report", "--case", "case", "--shareable").code == 0
    for command in (("quarantine", "--clear"), ("triage", "--resume")):
        assert case.run(*command, "--case", "case").code == 5
    assert secrets.places(case.traces()) == []


def test_purge_leaves_the_log_alone(case):
    assert case.run("purge", "--case", "case").code == 0
    assert [path.name for path in case.work.rglob("*")] == ["case", "custody.jsonl"]
    assert '"purged"' in (case.work / "case" / "custody.jsonl").read_text()
