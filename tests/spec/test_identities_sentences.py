"""The hand-made sentences of `identities.txt`: how many marks are found, how many findings are right.

The floors lie a little under what was measured: a change that loses more than a few sentences is seen.
"""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def _bench():
    spec = importlib.util.spec_from_file_location("sentences_bench", ROOT / "bench" / "sentences.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    ("group", "floor"),
    [("person", 0.90), ("date", 0.92), ("phone", 0.94), ("nir", 0.97), ("address", 0.85), ("mail", 0.80)],
)
def test_sentences_are_read(group: str, floor: float) -> None:
    bench = _bench()
    sentences = bench.read(Path(__file__).with_name("identities.txt"))
    find = bench.etanche()
    total = bench.score(sentences, [find(one.text) for one in sentences], bench.ETANCHE)
    assert total[group].marks >= 4
    assert total[group].f1 >= floor
