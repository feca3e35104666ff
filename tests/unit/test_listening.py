"""Texts are read beside the engine: a process of its own tells the same as this one, and nothing is left of it."""

import os
import signal
import sys

import pytest

from etanche import listening
from etanche.errors import UserError
from etanche.model import Column, Held, Kind, Reason, Role

TOPICS = ("hiv", "pregnancy", "cancer")
TEXTS = [
    "VIH positif",
    "rappeler au 06 12 34 56 78",
    "enceinte 12 SA - VIH neg",
    "",
    "rien de particulier",
    "VIH positif",
]
PACKED = Column(3, "infos", Kind.FULL_NAME, Role.PATIENT, 1.0, Reason("packed"), also=(Held(Kind.EMAIL, 0.9),))
CELLS = ["DUPONT MARIE marie.dupont@example.org", "LEROY PAUL 0612345678"]

forks = pytest.mark.skipif(sys.platform != "linux", reason="only Linux forks safely")


@pytest.fixture
def large(tmp_path, monkeypatch):
    monkeypatch.setattr(listening, "_WORTH", 1)
    path = tmp_path / "leak.csv"
    path.write_bytes(b"x" * 10)
    return path


def tell(ears):
    ears.hear(TEXTS[:3])
    ears.hear(TEXTS[2:])
    ears.hear(CELLS, PACKED)
    return ears.told()


def test_a_process_of_its_own_tells_the_same(large):
    here = tell(listening.Here(TOPICS))
    with listening.ears([large], TOPICS, 2) as ears:
        assert isinstance(ears, listening.Here) is (sys.platform != "linux")
        there = tell(ears)
    assert there == here
    assert here.texts == len(set(TEXTS)) + len(CELLS)
    assert here.speaking[0] == "VIH positif"
    assert list(here.masks[:3]) == [1, 0, 1]
    assert Kind.EMAIL in here.values


def test_folders_count_by_what_lies_in_them(large, monkeypatch):
    monkeypatch.setattr(listening, "_WORTH", 20)
    assert not listening._large([large.parent])
    (large.parent / "more").mkdir()
    (large.parent / "more" / "rest.csv").write_bytes(b"x" * 10)
    assert listening._large([large.parent])
    assert not listening._large([large.parent / "nowhere"])


def test_nothing_is_forked_for_little_or_for_one_processor(large, monkeypatch):
    with listening.ears([large], TOPICS, 1) as ears:
        assert isinstance(ears, listening.Here)
    monkeypatch.setattr(listening, "_WORTH", 1 << 20)
    with listening.ears([large], TOPICS, 2) as ears:
        assert isinstance(ears, listening.Here)


@forks
def test_a_reader_that_died_tells_nothing(large):
    with listening.ears([large], TOPICS, 2) as ears:
        os.kill(ears._process, signal.SIGKILL)
        assert tell(ears) is None


@forks
def test_no_process_is_left_behind_whatever_happens(large):
    begun = []

    def fail():
        with listening.ears([large], TOPICS, 2) as ears:
            begun.append(ears._process)
            ears.hear([f"enceinte depuis {number} semaines" for number in range(50_000)])
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    with pytest.raises(ProcessLookupError):
        os.kill(begun[0], 0)


def test_a_dictionary_that_cannot_be_used_is_said_by_this_process(large, monkeypatch, tmp_path):
    wrong = tmp_path / "own.toml"
    wrong.write_text("[[topics", encoding="utf-8")
    monkeypatch.setattr(listening.lexicon.own, "topic_files", lambda: (wrong,))
    with listening.ears([large], TOPICS, 2) as ears:
        assert tell(ears) is None
    with pytest.raises(UserError):
        tell(listening.Here(TOPICS))
