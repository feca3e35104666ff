"""Cells of the controllers file whose answer is one of a list (`choices.toml`).

>>> choice("origin", "Hameçonnage").code
'phishing'
"""

from __future__ import annotations

import tomllib
import unicodedata
from dataclasses import dataclass
from functools import cache
from importlib import resources


@dataclass(frozen=True, slots=True)
class Choice:
    """One answer of a list."""

    code: str
    fr: str
    en: str
    edpb: str
    """Its letter in the EDPB's template; empty: it has none."""

    def text(self, language: str) -> str:
        """Return it in words."""
        return self.en if language == "en" else self.fr


@cache
def choices(column: str) -> tuple[Choice, ...]:
    """Return what may stand in a column; nothing where it is no list."""
    file = resources.files(__package__) / "choices.toml"
    return tuple(Choice(**each) for each in tomllib.loads(file.read_text(encoding="utf-8")).get(column, ()))


def choice(column: str, cell: str) -> Choice | None:
    """Return the answer that a cell means, by its code or its words in either language; None for no such."""
    asked = _bare(cell)
    return next((each for each in choices(column) if asked in map(_bare, (each.code, each.fr, each.en))), None)


def _bare(text: str) -> str:
    """Return a text without case, accents and apostrophes."""
    apart = unicodedata.normalize("NFD", text.casefold())
    return " ".join(
        "".join(char if char.isalnum() else " " for char in apart if not unicodedata.combining(char)).split()
    )
