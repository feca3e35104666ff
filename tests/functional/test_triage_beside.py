"""A triage whose texts are read by a process of its own says what one says that reads them itself."""

import json

import pytest

from etanche import case, listening
from etanche.config import Config
from etanche.replica import ReplicaOptions, write

ITS_OWN = ("case_id", "made_at", "custody_head")


@pytest.fixture(scope="module")
def leak(tmp_path_factory):
    folder = tmp_path_factory.mktemp("replica")
    write(folder, ReplicaOptions(rows=700))
    return folder / "leak.txt"


def census(leak, folder, resume=False):
    config = Config.from_environment({"ETANCHE_PASSPHRASE": "of the tests"})
    request = case.TriageRequest(paths=() if resume else (leak,), case=folder, resume=resume)
    document = case.triage(request, config, case.Hooks()).document
    return json.dumps({name: value for name, value in document.items() if name not in ITS_OWN}, default=str)


def test_the_census_is_the_same(leak, tmp_path, monkeypatch):
    here = census(leak, tmp_path / "here")
    monkeypatch.setattr(listening, "_WORTH", 1)
    assert census(leak, tmp_path / "there") == here
    assert json.loads(here)["texts"]["distinct"] > 0


def test_the_census_is_the_same_where_the_reader_dies(leak, tmp_path, monkeypatch):
    here = census(leak, tmp_path / "here")
    monkeypatch.setattr(listening, "_WORTH", 1)
    monkeypatch.setattr(listening, "_read_all", lambda *_: 1 // 0)
    assert census(leak, tmp_path / "there") == here
