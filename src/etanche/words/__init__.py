"""The words that people read, kept out of the core: one TOML file per language and section.

The core returns codes and parameters; `Words("fr")("errors.not_found", path="x")` turns them into a sentence.
A section is a file `words/<language>/<section>.toml`; adding one changes nothing here.  Placeholders are
`{name}`, filled by `str.format`; a missing code is a `KeyError`, and a test holds both languages to the same codes.
"""

from __future__ import annotations

import os
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

LANGUAGES = ("en", "fr")


@cache
def section(language: str, name: str) -> dict[str, Any]:
    """Return the section `name` of a language as a mapping (nested tables stay nested)."""
    file = resources.files(__package__) / language / f"{name}.toml"
    return tomllib.loads(file.read_text(encoding="utf-8"))


@dataclass(frozen=True, slots=True)
class Words:
    """The catalogue of one language ("en" or "fr")."""

    language: str

    def find(self, code: str) -> str | None:
        """Return the unfilled sentence of `section.key[.key…]`, None where there is none."""
        name, *path = code.split(".")
        entry: Any = section(self.language, name)
        for key in path:
            entry = entry.get(key) if isinstance(entry, dict) else None
        return entry if isinstance(entry, str) else None

    def __call__(self, code: str, **params: object) -> str:
        """Return the sentence for `section.key[.key…]`, its placeholders filled from `params`.

        Raises `KeyError` when the catalogue has no such code.
        """
        sentence = self.find(code)
        if sentence is None:
            raise KeyError(code)
        return sentence.format(**params)


def language_of_environment(environ: dict[str, str] | os._Environ[str]) -> str:
    """Return "fr" when the POSIX locale variables ask for French, else "en" (LC_ALL, LC_MESSAGES, LANG)."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        value = environ.get(name, "")
        if value:
            return "fr" if value.lower().startswith("fr") else "en"
    return "en"
