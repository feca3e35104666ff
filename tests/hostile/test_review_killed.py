"""A list that takes another's place, stopped at every write: the older or the newer, whole, and finished when asked."""

from __future__ import annotations

from contextlib import suppress
from functools import partial

import pytest

from etanche.casefile import Acquisition, CaseFolder, Event, KeyOptions, keys
from etanche.casefile.parts import Parts
from etanche.config import Config
from etanche.linking.sealing import RENEWED, finish, replace

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
