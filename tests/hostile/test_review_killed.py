"""A list that takes another's place, stopped at every write: the older or the newer, whole, and finished when asked."""

from __future__ import annotations

import json
import shutil
from contextlib import suppress
from functools import partial

import pytest

import registries
from etanche.casefile import Acquisition, CaseFolder, Event, KeyOptions, keys
from etanche.casefile.parts import Parts
from etanche.config import Config
from etanche.linking.lists import ADDRESSEES, MATCHES, PAIRS, SAMPLE
from etanche.renewal import RENEWED, finish, replace
from inprocess import Inside

OLD = {"matches": b"old", "addressees": b"old too", "labels": b"judged"}
NEW = {"matches": b"new", "addressees": b"new too", "dropped/matches": b"off"}


class StoppedError(Exception):
    """A kill, as the program would never see it."""


def opened(path, key):
    case = CaseFolder.open(path, Config(keyring=False))
    identity = keys.unlock(case, Config(keyring=False), KeyOptions(key))
    return case, lambda name: case.unseal(name, identity)


@pytest.fixture
def made(tmp_path):
    config, options = Config(keyring=False), KeyOptions(tmp_path / "key")
    with CaseFolder.create(tmp_path / "case", keys.choose(config, options), config, Acquisition(how="claim")) as case:
        for folder, data in OLD.items():
            case.seal(f"{folder}/lab", data)
        case.commit(Event.LINKED, frozenset(), name="lab", notify=1, review=0)
        case.write_result("link-lab.json", b"{}\n")
    return tmp_path


def stopping(monkeypatch, at):
    """Stop at the write of that number, before it is done."""
    count = 0

    def watched(real):
        def act(*args, **kwargs):
            nonlocal count
            count += 1
            if count == at:
                raise StoppedError
            return real(*args, **kwargs)

        return act

    writes = ((CaseFolder, "seal"), (CaseFolder, "commit"), (CaseFolder, "write_result"), (Parts, "remove"))
    for owner, name in writes:
        monkeypatch.setattr(owner, name, watched(getattr(owner, name)))
    return lambda: count


def renewal(case, unseal):
    commit = partial(case.commit, Event.SETTLED, frozenset(), name="lab", labels=1)
    replace(case, unseal, "lab", NEW, b'{"n": 1}\n', commit)


@pytest.mark.parametrize("at", range(1, 40))
def test_stopped_anywhere_it_is_one_list_or_the_other(made, monkeypatch, at):
    with monkeypatch.context() as patched:
        counted = stopping(patched, at)
        case, unseal = opened(made / "case", made / "key")
        with suppress(StoppedError), case:
            renewal(case, unseal)
            assert counted() < at
    case, unseal = opened(made / "case", made / "key")
    with case:
        finish(case, unseal, "lab")
        found = {name: unseal(name) for name in case.sealed()}
        assert found["labels/lab"] == b"judged"
        assert not [name for name in found if name.startswith(RENEWED)]
        settled = found["matches/lab"] == b"new"
        said = NEW if settled else OLD
        parts = {folder: "dropped/lab/matches" if "/" in folder else f"{folder}/lab" for folder in said}
        assert {folder: found.get(part) for folder, part in parts.items()} == said
        assert (case.path / "link-lab.json").read_bytes() == (b'{"n": 1}\n' if settled else b"{}\n")


LEAKED = registries.people(40)
KEY = ("--key-file", "key")
FIRST = str(LEAKED[0].key)
READERS = {
    "letters": ("letters", "--case", "case", "--controllers", "controllers.csv", "--json", *KEY),
    "handover": ("handover", "--case", "case", "--name", "LAB01", "--to", "out", "--json", *KEY),
    "why": ("link", "--case", "case", "--why", FIRST, "--name", "LAB01", "--json", *KEY),
    "export": ("link", "--case", "case", "--export", "out", "--json", *KEY),
}


@pytest.fixture(scope="module")
def linked(tmp_path_factory):
    """A leak of forty with one linked registry, and what each command says of it."""
    place = Inside(tmp_path_factory.mktemp("linked"))
    registries.write(place.work / "leak.csv", [registries.LEAK_HEADER, *(one.cells for one in LEAKED)])
    registries.write(place.work / "LAB01.csv", registries.registry([*LEAKED[:20], *registries.people(30, seed=7)]))
    (place.work / "controllers.csv").write_text("code,name\nLAB01,Laboratoire un\n")
    assert place.run("triage", "leak.csv", "--case", "case", *KEY, "--json").code == 0
    assert place.run("link", "--case", "case", "--registry", "LAB01.csv", "--own", *KEY).code == 0
    return place


@pytest.mark.parametrize("asked", READERS)
@pytest.mark.parametrize("killed", ["before the older parts went", "before the newer had their names", "midway"])
def test_whoever_reads_a_list_finishes_its_renewal_first(linked, tmp_path, monkeypatch, asked, killed):
    places = []
    for name in ("whole", "cut"):
        place = Inside(tmp_path / name)
        shutil.copytree(linked.work, place.work, dirs_exist_ok=True)
        places.append(place)
    cut = places[1]
    case, unseal = opened(cut.work / "case", cut.work / "key")
    with monkeypatch.context() as patched, suppress(StoppedError), case:
        parts = {folder.rstrip("/"): unseal(f"{folder}LAB01") for folder in (MATCHES, ADDRESSEES, PAIRS, SAMPLE)}
        result = (case.path / "link-LAB01.json").read_bytes()
        # Of the writes of a renewal: five are sealed beside, counted, the older leave, four take their names.
        stopping(
            patched, {"before the older parts went": 8, "before the newer had their names": 10, "midway": 12}[killed]
        )
        replace(case, unseal, "LAB01", parts, result, partial(case.commit, Event.LINKED, frozenset(), name="LAB01"))
    case, _ = opened(cut.work / "case", cut.work / "key")
    with case:
        assert case.sealed(RENEWED)
        assert ("addressees/LAB01" in case.sealed()) is (killed == "before the older parts went")
    said = [place.run(*READERS[asked]) for place in places]
    assert said[0].code == said[1].code == 0, said[1].err
    told = [json.loads(each.out) for each in said]
    for each in told:
        # A key that is made is another each time.
        each.pop("recipient", None)
        each.pop("key_made", None)
    assert told[0] == told[1]
    case, _ = opened(cut.work / "case", cut.work / "key")
    with case:
        assert not case.sealed(RENEWED)
