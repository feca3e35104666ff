"""The page on recognition from Python: every block of its code runs."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "python.md"
BLOCKS = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)


@pytest.mark.parametrize("block", BLOCKS)
def test_a_block_of_code_runs(block: str) -> None:
    exec(compile(block, PAGE.name, "exec"), {})  # noqa: S102 - the project's own page


def test_the_page_has_code() -> None:
    assert len(BLOCKS) >= 4
