"""Which documents of a controller an inspector gets: a dated list, and nothing besides (`dossier.toml`)."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources
from typing import Any


@cache
def file() -> dict[str, Any]:
    """Return the dated file."""
    return tomllib.loads((resources.files(__package__) / "dossier.toml").read_text(encoding="utf-8"))


def names() -> tuple[str, ...]:
    """Return the names of the documents in a controller's folder, without language and ending."""
    return tuple(each["name"] for each in file()["document"])
