"""The words of documents, by language: a dated file (`forms/terms.LANGUAGE.toml`), the same keys in each."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any

from etanche.words import section


@cache
def terms(language: str) -> Mapping[str, Any]:
    """Return the words of a language; `label` names the columns of the controllers file too."""
    file = resources.files(__package__) / "forms" / f"terms.{language}.toml"
    said = tomllib.loads(file.read_text(encoding="utf-8"))
    return {**said, "label": {**section(language, "respond")["column"], **said["label"]}}
