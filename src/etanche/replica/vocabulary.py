"""The replica's own small vocabularies (`data/words.toml`), read once."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources
from typing import Any


@cache
def vocabulary(name: str = "words") -> dict[str, Any]:
    """Return one of the data files `words` or `comments` as a mapping."""
    return tomllib.loads((resources.files(__package__) / "data" / f"{name}.toml").read_text(encoding="utf-8"))
