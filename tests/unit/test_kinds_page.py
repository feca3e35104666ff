"""The page of kinds names every kind and every role."""

from __future__ import annotations

import re
from pathlib import Path

from etanche.model import Kind, Role

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "kinds.md"


def test_every_kind_has_its_line():
    table = [line for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("| `")]
    named = {name for line in table for name in re.findall(r"`([a-z0-9_]+)`", line.split("|")[1])}
    assert named == set(Kind)


def test_every_role_is_named():
    text = PAGE.read_text(encoding="utf-8").partition("## The roles")[2].partition("##")[0]
    assert set(Role) <= set(re.findall(r"`([a-z_]+)`", text))
