"""`etanche review` as a user types it: blind, one key a pair, resumed, by two, on paper; what it does to the list."""

from __future__ import annotations

import csv
import io
import json
import shutil
import signal
from dataclasses import replace

import pyarrow.parquet as pq
import pytest

import registries
from etanche.casefile import CaseFolder, KeyOptions, keys
from etanche.config import Config
from inprocess import Inside

LEAKED = registries.people(90)
STRANGERS = registries.people(300, seed=6)


def mine():
    """Forty who are in the leak, twelve of them with less to tell them by, six of those with a homonym; strangers."""
    known = {one.nir for one in LEAKED}
    found = [*LEAKED[:40], *(one for one in STRANGERS if one.nir not in known)][:140]
    for place in range(12):
        found[place] = replace(found[place], nir="", phone="", address=f"{place} AVENUE NEUVE", postcode="13001")
    others = [replace(one, key=one.key + 1, address=f"{one.key} IMPASSE AUTRE") for one in found[:6]]
    return [*found, *others]


MINE = mine()
KEY = ("--key-file", "key")


@pytest.fixture(scope="module")
def linked(tmp_path_factory):
    place = Inside(tmp_path_factory.mktemp("reviewed"))
    registries.write(place.work / "leak.csv", [registries.LEAK_HEADER, *(one.cells for one in LEAKED)])
    assert place.run("triage", "leak.csv", "--case", "case", *KEY, "--json").code == 0
    registries.write(place.work / "mine.csv", registries.registry(MINE))
    done = place.run("link", "--case", "case", "--registry", "mine.csv", "--own", *KEY, "--to", "linked.parquet")
    assert done.code == 0, done.err
    return place


@pytest.fixture
def at(linked, tmp_path):
    place = Inside(tmp_path / "copy")
    shutil.copytree(linked.work, place.work, dirs_exist_ok=True)
    return place


def review(at, *more):
    return at.run("review", "--case", "case", *KEY, *more)


def stands(at, *more):
    done = review(at, "--json", *more)
    assert done.code == 0, done.err
    return json.loads(done.out)


def unsealed(at, name):
    with CaseFolder.open(at.work / "case", Config()) as case:
        return case.unseal(name, keys.unlock(case, Config(), KeyOptions(at.work / "key")))


def matches(at):
    return {row["registry_key"]: row for row in table(at, "matches/mine")}


def table(at, name):
    return pq.read_table(io.BytesIO(unsealed(at, name))).to_pylist()


def exported(at, *more):
    assert review(at, "--export", "pairs.csv", *more).code == 0
    return list(csv.DictReader((at.work / "pairs.csv").read_text("utf-8-sig").splitlines()))


def given(at, lines, say, *more):
    """Fill in the answers of exported pairs and give them back."""
    with (at.work / "answers.csv").open("w", encoding="utf-8") as stream:
        csv.writer(stream).writerows([["pair", "answer"], *([line["pair"], say(line)] for line in lines)])
    return review(at, "--import", "answers.csv", *more)


def same(line):
    """The truth: the homonyms are others."""
    return "no" if "IMPASSE" in line["address_a"] + line["address_b"] else "yes"


def log(at):
    return [json.loads(line) for line in (at.work / "case" / "custody.jsonl").read_text().splitlines()]


def test_where_it_stands_before_anybody_judged(at):
    said = stands(at)
    linked = {row["registry_key"]: row["decision"] for row in pq.read_table(at.work / "linked.parquet").to_pylist()}
    assert said["decisions"] == {
        "notify": list(linked.values()).count("notify"),
        "review": list(linked.values()).count("review"),
        "no": 0,
    }
    assert said["decisions"]["review"] > 0
    assert said["left"] >= said["sample"]["pairs"] > 0
    assert said["audit"] is None


def test_pairs_on_paper_are_blind(at):
    lines = exported(at)
    assert "weight" not in "".join(lines[0])
    assert len({line["pair"] for line in lines}) == len(lines) == stands(at)["left"]
    # Either side stands first about as often as the other: the registry's addresses are known.
    new = [line for line in lines if "AVENUE NEUVE" in line["address_a"] + line["address_b"]]
    assert {("AVENUE NEUVE" in line["address_a"]) for line in new} == {True, False}
    assert [line["pair"] for line in exported(at)] == [line["pair"] for line in lines]


def test_judging_all_gives_precision_and_recall_and_settles_the_pile(at):
    lines = exported(at)
    done = given(at, lines, same, "--to", "settled.parquet")
    assert done.code == 0, done.err
    said = stands(at)
    assert said["left"] == 0
    assert said["decisions"]["review"] == 0
    assert said["decisions"]["no"] == [same(line) for line in lines].count("no") == 6
    for figure in ("precision", "recall"):
        assert 0 <= said["audit"][figure]["low"] <= said["audit"][figure]["value"] <= said["audit"][figure]["high"] <= 1
    assert said["audit"]["precision"]["value"] > 0.9
    document = json.loads((at.work / "case" / "link-mine.json").read_text())
    assert document["error"]["basis"] == "audit"
    assert document["linked"]["error"]["basis"] == "model"
    assert (document["notify"], document["review"]) == (said["decisions"]["notify"], 0)
    settled = {row["registry_key"]: row for row in pq.read_table(at.work / "settled.parquet").to_pylist()}
    assert settled.keys() == matches(at).keys() == {row["registry_key"] for row in table(at, "addressees/mine")}
    assert {row["decision"] for row in settled.values()} == {"notify"}
    assert all("eye:yes" in row["reason"] for row in settled.values())
    assert pq.read_schema(at.work / "settled.parquet").equals(pq.read_schema(at.work / "linked.parquet"))


def test_who_is_judged_not_to_be_the_one_is_taken_off_and_what_is_taken_back_returns(at):
    lines = exported(at)
    [wrong] = [line for line in lines if same(line) == "yes"][:1]
    assert given(at, [wrong], lambda line: "no").code == 0
    before = {row["registry_key"] for row in pq.read_table(at.work / "linked.parquet").to_pylist()}
    assert len(before - matches(at).keys()) == 1
    assert given(at, [wrong], lambda line: "yes").code == 0
    assert matches(at).keys() == before
    linked = {row["registry_key"]: row for row in pq.read_table(at.work / "linked.parquet").to_pylist()}
    for key, row in matches(at).items():
        assert row["rows"] == linked[key]["rows"]
        assert row["weight"] == linked[key]["weight"]


def test_on_the_terminal_one_key_a_pair_is_sealed_at_once_and_undone(at):
    total = stands(at)["left"]
    answers = [("Pair 1 of", "y"), ("Pair 2 of", "n"), ("Pair 3 of", "u"), ("Pair 2 of", "?"), ("Pair 3 of", "q")]
    done = at.on_terminal("review", "--case", "case", *KEY, answers=answers)
    assert done.code == 0, done.out
    said = stands(at)
    assert said["left"] == total - 2
    assert said["reviewers"] == {"tester": {"yes": 1, "no": 0, "unsure": 1}}
    assert [entry["event"] for entry in log(at)].count("labelled") == 4
    assert done.out.count("Pair 2 of") == 2


def test_a_killed_session_goes_on_where_it_was(at):
    import os
    import pty
    import select

    total = stands(at)["left"]
    child, terminal = pty.fork()
    if child == 0:
        os.chdir(at.work)
        os.execve(place_of(), ["etanche", "review", "--case", "case", *KEY], at.environment({"TERM": "xterm"}))  # noqa: S606
    seen, asked = b"", 1
    while asked <= 4 and select.select([terminal], [], [], 30)[0]:
        seen += os.read(terminal, 65536)
        if f"Pair {asked} of".encode() in seen and b"leave" in seen[seen.index(f"Pair {asked} of".encode()) :]:
            if asked < 4:
                os.write(terminal, b"y")
            asked += 1
    os.kill(child, signal.SIGKILL)
    os.close(terminal)
    os.waitpid(child, 0)
    assert asked == 5, seen.decode()
    said = stands(at)
    assert said["reviewers"] == {"tester": {"yes": 3, "no": 0, "unsure": 0}}
    assert said["left"] == total - 3
    assert at.run("custody", "--case", "case").code == 0


def place_of():
    from commandline import ETANCHE

    return ETANCHE


def test_two_reviewers_agree_or_settle(at):
    lines = exported(at, "--reviewer", "anne")
    assert given(at, lines, same, "--reviewer", "anne").code == 0
    second = exported(at, "--reviewer", "bruno")
    sample = stands(at)["sample"]["pairs"]
    assert len(second) == sample, "the second judges the sample, and sees nothing of the first"
    assert all(not line["answer"] for line in second)
    other = second[0]["pair"]
    turned = {"yes": "no", "no": "yes"}
    said = lambda line: turned[same(line)] if line["pair"] == other else same(line)  # noqa: E731
    assert given(at, second, said, "--reviewer", "bruno").code == 0
    stood = stands(at)
    assert stood["agreement"]["pairs"] == sample
    assert stood["agreement"]["contested"] == 1
    assert 0 < stood["agreement"]["kappa"] < 1
    assert stood["audit"] is None
    contested = [row for row in matches(at).values() if row["decision"] == "review"]
    assert len(contested) == 1
    [line] = exported(at, "--settle", "--reviewer", "chief")
    assert line["pair"] == other
    assert given(at, [line], same, "--settle", "--reviewer", "chief").code == 0
    assert stands(at)["agreement"]["contested"] == 0
    assert stands(at)["audit"] is not None


def test_linking_again_would_lose_what_was_judged(at):
    lines = exported(at)
    assert given(at, lines[:5], same).code == 0
    again = ("link", "--case", "case", "--registry", "mine.csv", "--own", *KEY)
    done = at.run(*again)
    assert done.code == 5
    assert "--again" in done.fault
    assert at.run(*again, "--again").code == 0
    assert stands(at)["reviewers"] == {}


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (None, 3),
        (b"\xff\xfe\x00", 3),
        (b"who,what\n1,yes\n", 2),
        (b"pair,answer\n1,perhaps\n", 2),
        (b"pair,answer\nx,yes\n", 2),
        (b"pair,answer\n99999,yes\n", 2),
        (b"", 2),
    ],
)
def test_a_wrong_file_of_answers_takes_nothing(at, content, code):
    if content is not None:
        (at.work / "answers.csv").write_bytes(content)
    done = review(at, "--import", "answers.csv")
    assert done.code == code
    assert done.fault
    assert stands(at)["reviewers"] == {}


def test_what_is_refused(at):
    assert "--export" in review(at).only_fault
    assert review(at, "--labels", "3").code == 2
    assert review(at, "--name", "other", "--json").code == 3
    done = review(at, "--export", "case/pairs.csv")
    assert done.code == 5
    assert not (at.work / "case" / "pairs.csv").exists()
    assert at.run("purge", "--case", "case", "--data").code == 0
    assert review(at, "--json").code == 5


def test_nobody_is_named_in_log_or_results(at):
    lines = exported(at)
    assert given(at, lines, same).code == 0
    for file in (at.work / "case").rglob("*"):
        if file.is_file() and "sealed" not in file.parts:
            text = file.read_text(errors="replace")
            assert not any(one.nir[:13] in text or one.address in text for one in [*LEAKED, *MINE] if one.nir)
