"""The page "Add a format in an hour" run as it stands: its reader put in place, its tests, `extract` with it."""

from __future__ import annotations

import json
import os
import re
import sys
import types
from pathlib import Path

import pytest

from etanche import config
from etanche.config import Config
from etanche.extraction import ExtractRequest, Hooks, extract
from etanche.ingest import bids, readers

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "how-to" / "add-a-format.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```python\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
TESTS = re.findall(r"^def (test_\w+)", BLOCKS[1], re.MULTILINE)


@pytest.fixture(autouse=True)
def _umask():
    """An extraction makes new files the user's alone, in the process of the tests as well."""
    mask = os.umask(0o022)
    os.umask(mask)
    yield
    os.umask(mask)


@pytest.fixture
def installed(tmp_path, monkeypatch):
    """Put the page's reader where readers are looked for, for as long as a test runs."""
    folder = tmp_path / "readers"
    folder.mkdir()
    (folder / "vcard.py").write_text(BLOCKS[0], encoding="utf-8")
    monkeypatch.setattr(readers, "__path__", [*readers.__path__, str(folder)])
    bids.all_readers.cache_clear()
    yield
    bids.all_readers.cache_clear()
    sys.modules.pop(f"{readers.__name__}.vcard", None)


def page_tests():
    module = types.ModuleType("page")
    exec(compile(BLOCKS[1], "add-a-format.md", "exec"), module.__dict__)  # noqa: S102 - the page's own code
    return module


@pytest.mark.parametrize("name", TESTS)
def test_the_tests_of_the_page_hold(installed, tmp_path, name):
    module = page_tests()
    test = getattr(module, name)
    for mark in getattr(test, "pytestmark", []):
        for value in mark.args[1]:
            test(tmp_path, value)
    if not hasattr(test, "pytestmark"):
        test(tmp_path)


def test_extract_reads_the_new_format(installed, tmp_path):
    (tmp_path / "book.vcf").write_bytes(page_tests().BOOK)
    done = extract(ExtractRequest((tmp_path / "book.vcf",), tmp_path / "out"), Config(), Hooks())
    [entry] = json.loads(done.document)
    assert (entry["reader"], entry["rows"], entry["quarantined"]) == ("vcard", 2, 0)
    assert entry["columns"][:2] == ["name", "name_parts"]
    assert "Jeanne Lefèvre" in (tmp_path / "out" / entry["file"]).read_text(encoding="utf-8")


def test_without_it_a_card_is_mere_text(tmp_path):
    """What the page adds is what makes the difference."""
    (tmp_path / "book.vcf").write_bytes(page_tests().BOOK)
    done = extract(ExtractRequest((tmp_path / "book.vcf",), tmp_path / "out"), Config(), Hooks())
    assert {entry["reader"] for entry in done.manifest} != {"vcard"}


def test_every_reader_is_on_the_page_of_formats():
    page = (ROOT / "docs" / "reference" / "formats.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`([a-z0-9_]+)`", page))
    there = {file.stem for file in (ROOT / "src" / "etanche" / "ingest" / "readers").glob("*.py")} - {"__init__"}
    assert there
    assert there <= named


def test_every_limit_is_on_the_page_of_formats():
    page = (ROOT / "docs" / "reference" / "formats.md").read_text(encoding="utf-8")
    limits = set(re.findall(r"`(ETANCHE_LIMIT_\w+)`", config.__doc__))
    assert limits
    assert limits <= set(re.findall(r"`(ETANCHE_LIMIT_\w+)`", page))
